"""Skipped tests are counted loudly, and fail the run where they are forbidden."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_TESTS = """
import pytest

def test_that_runs(): pass

@pytest.mark.skip(reason="something is missing")
def test_that_is_skipped(): pass
"""


def run(folder: Path, forbid: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments, str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "VOCATIVE"))}
    environment["VOCATIVE_FORBID_SKIPS"] = forbid
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_skips_are_loud_or_forbidden(workers: str, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(_TESTS, encoding="utf-8")
    allowed = run(tmp_path, "", "-n", workers)
    assert allowed.returncode == 0
    assert "1 TESTS SKIPPED: see the reasons" in allowed.stdout
    forbidden = run(tmp_path, "1", "-n", workers)
    assert forbidden.returncode == 1
    assert "1 TESTS SKIPPED, AND SKIPS ARE FORBIDDEN HERE" in forbidden.stdout
    for done in (allowed, forbidden):
        assert "1 passed, 1 skipped" in done.stdout.strip().splitlines()[-1]


def test_nothing_is_said_without_skips(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text("def test_that_runs(): pass\n", encoding="utf-8")
    done = run(tmp_path, "1", "-n", "0")
    assert done.returncode == 0
    assert "SKIPPED" not in done.stdout
