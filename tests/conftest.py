"""How all tests run: which examples are drawn, what is said of skipped tests and of failures found by chance.

Property tests draw the same examples for everybody, and no clock judges them: a test that is green is green on every
machine. `make fuzz` draws new ones.
"""

from __future__ import annotations

import os
import shlex
import shutil

import pytest
from hypothesis import HealthCheck, settings

# Two workers share two processors: threads of linear algebra that wait in a loop would take the other's (twice the work
# for the same figures). It is read when numpy is first imported, by processes that tests start too.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_BUSY = (HealthCheck.too_slow,)
"""What fails where the machine is busy, rather than where something is wrong."""

settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=_BUSY)
settings.register_profile(
    "new", max_examples=1_000, derandomize=False, deadline=None, suppress_health_check=_BUSY, print_blob=True
)
settings.load_profile("same")

_FORBID = "VOCATIVE_FORBID_SKIPS"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shutil.which("chromium") is None:
        missing = pytest.mark.skip(reason="Chromium is not installed (apt install chromium)")
        for item in items:
            if item.get_closest_marker("needs_browser"):
                item.add_marker(missing)


def _skipped(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", ())) if reporter is not None else 0


# First of all, so that pytest's own closing line, which comes last, knows the exit code.
@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and os.environ.get(_FORBID) == "1" and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _say_how_to_repeat(terminalreporter: pytest.TerminalReporter, seed: str) -> None:
    failed = [report.nodeid for report in terminalreporter.stats.get("failed", ())]
    if failed:
        terminalreporter.write_sep("!", "how to repeat what failed", red=True, bold=True)
    for one in failed:
        terminalreporter.write_line(
            f".venv/bin/python -m pytest --hypothesis-profile=new --hypothesis-seed={seed} {shlex.quote(one)}"
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    seed = config.getoption("--hypothesis-seed", default=None)
    if seed is not None:
        _say_how_to_repeat(terminalreporter, str(seed))
    count = _skipped(config)
    if not count:
        return
    if os.environ.get(_FORBID) == "1":
        terminalreporter.write_sep("!", f"{count} TESTS SKIPPED, AND SKIPS ARE FORBIDDEN HERE", red=True, bold=True)
    else:
        terminalreporter.write_sep("!", f"{count} TESTS SKIPPED: see the reasons above", yellow=True, bold=True)
