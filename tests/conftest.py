"""Skipped tests are loud, and where everything is installed they are forbidden."""

from __future__ import annotations

import os
import shutil

import pytest

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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    count = _skipped(config)
    if not count:
        return
    if os.environ.get(_FORBID) == "1":
        terminalreporter.write_sep("!", f"{count} TESTS SKIPPED, AND SKIPS ARE FORBIDDEN HERE", red=True, bold=True)
    else:
        terminalreporter.write_sep("!", f"{count} TESTS SKIPPED: see the reasons above", yellow=True, bold=True)
