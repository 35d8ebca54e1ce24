"""Property tests draw the same examples for everybody; where new ones are asked for, a failure can be repeated."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).parents[2]
_TESTS = """
import os
from hypothesis import given, strategies as st

@given(st.integers(0, 10**9))
def test_drawn(number):
    with open(os.environ["DRAWN"], "a") as file:
        file.write(f"{number}\\n")
    assert number < 5 * 10**8 or "FAILS" not in os.environ
"""


def drawn(folder: Path, *arguments: str, **environment: str) -> tuple[list[str], subprocess.CompletedProcess[str]]:
    """The numbers that one run draws, and the run."""
    path = folder / "drawn"
    path.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments],
        cwd=folder, env={**os.environ, "DRAWN": str(path), **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return path.read_text(encoding="utf-8").split(), done


def test_everybody_draws_the_same_and_who_asks_draws_anew(tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_one.py").write_text(_TESTS, encoding="utf-8")
    same, again = drawn(tmp_path, "."), drawn(tmp_path, ".", CI="true")
    assert (same[0], same[1].returncode) == (again[0], 0)
    fuzz = ("--hypothesis-profile=new", ".")
    first, second = (drawn(tmp_path, *fuzz, f"--hypothesis-seed={seed}", CI="true")[0] for seed in (1, 2))
    assert len(set(first) - set(second)) > len(set(same[0]))


def test_a_failure_says_how_to_repeat_it(tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_one.py").write_text(_TESTS, encoding="utf-8")
    failed, done = drawn(tmp_path, "--hypothesis-profile=new", "--hypothesis-seed=7", ".", FAILS="1")
    assert done.returncode == 1
    (line,) = re.findall(r"^\.venv/bin/python -m pytest (.*)$", done.stdout, re.MULTILINE)
    shutil.rmtree(tmp_path / ".hypothesis")
    repeated, done = drawn(tmp_path, *shlex.split(line), FAILS="1")
    assert (repeated, done.returncode) == (failed, 1)


def test_no_clock_judges_an_example() -> None:
    assert settings().deadline is None
