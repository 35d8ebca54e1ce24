"""Plants small faults in a copy of the code, one after the other, and asks whether the tests notice.

    python scripts/mutate.py src/vocative/segment --sample 40 --seed 1 --at-least 0.9

A mutant is killed when a test fails, and survives when all pass: then a test is missing, or the change changes nothing.
For each, only those tests run that pass through the changed lines. The tree itself is never touched: everything happens
in a copy that is removed at the end. Exit code 1 where fewer were killed than `--at-least`; 2 where the tests fail
without any fault, or nothing can be planted.
"""

from __future__ import annotations

import argparse
import compileall
import os
import py_compile
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[1]
PACKAGE = Path("src", "vocative")
_COPIED = ("src", "tests", "scripts", "benchmarks", "docs", "recipes", "pyproject.toml", "Makefile", "README.md")
_NO_FAULT, _BY_TIME = 0, -1


@dataclass(frozen=True, slots=True)
class Watched:
    """Which tests pass through which lines: of each file, line → tests, and all its tests."""

    by_line: dict[Path, dict[int, set[str]]]

    def tests(self, mutant: Mutant) -> list[str]:
        """The tests that can notice a fault; all of the file where it stands outside of functions (a constant)."""
        lines = self.by_line.get(mutant.path, {})
        chosen = mutant.lines or lines
        return sorted(set().union(*(lines.get(line, set()) for line in chosen)))


def main() -> int:
    """Plant, ask, and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="+", type=Path, help="folders or files of the package")
    parser.add_argument("--sample", type=int, default=40, help="how many faults (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of faults (default: %(default)s)")
    parser.add_argument("--at-least", type=float, default=0.9, help="share to be killed (default: %(default)s)")
    parser.add_argument("--tests", nargs="+", default=[], help="default: of the stage, or that name the folder")
    parser.add_argument("--sql", action="store_true", help="only faults in SQL")
    options = parser.parse_args()
    folders = [path.resolve().relative_to(ROOT) for path in options.folder]
    tests = options.tests or belonging(folders)
    faults = chosen(folders, options.sample, options.seed, sql=options.sql)
    if not faults:
        print("nothing can be planted there", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = copied(Path(folder))
        watched = watch(copy, folders, tests)
        return 2 if watched is None else report(copy, faults, watched, options.at_least)


def belonging(folders: Sequence[Path]) -> list[str]:
    """The tests of a stage, the examples in the folders themselves, and the test files that name a module of them."""
    stages = {Path("tests", path.relative_to(PACKAGE).parts[0]) for path in folders}
    found = [str(path) for path in (*sorted(stages), *folders) if (ROOT / path).exists()]
    names = [".".join(path.relative_to("src").with_suffix("").parts) for path in folders]
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        path, text = file.relative_to(ROOT), file.read_text(encoding="utf-8")
        if not stages & set(path.parents) and any(re.search(rf"\b{re.escape(name)}\b", text) for name in names):
            found.append(str(path))
    return found


def chosen(folders: Sequence[Path], sample: int, seed: int, *, sql: bool) -> list[Mutant]:
    """Faults drawn from all that can be planted in these folders."""
    files = [file for path in folders for file in (sorted(path.rglob("*.py")) if (ROOT / path).is_dir() else [path])]
    every = [one for file in files for one in mutants_of(file, (ROOT / file).read_text(encoding="utf-8"))]
    every = [one for one in every if not sql or one.sql]
    drawn = random.Random(seed).sample(every, min(sample, len(every)))
    return sorted(drawn, key=lambda one: (one.path, one.start))


def copied(folder: Path) -> Path:
    """A copy of the tree whose byte code is checked by content, so that no fault hides behind that of another."""
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, folder / name)
    by_content = py_compile.PycInvalidationMode.CHECKED_HASH
    for name in ("src", "tests"):
        compileall.compile_dir(folder / name, quiet=2, invalidation_mode=by_content)
    return folder


def watch(copy: Path, folders: Sequence[Path], tests: Sequence[str]) -> Watched | None:
    """Run the tests once without a fault, and note what each passes through; None where one fails."""
    sources = [f"--cov={copy / path}" for path in folders]
    run = ["-m", "not slow", *sources, "--cov-context=test", "--cov-report=", *tests]
    if pytest(copy, run, None, loud=True) != _NO_FAULT:
        print("the tests fail without any fault", file=sys.stderr)
        return None
    data = CoverageData(str(copy / ".coverage"))
    data.read()
    found: dict[Path, dict[int, set[str]]] = {}
    for name in data.measured_files():
        lines: dict[int, set[str]] = defaultdict(set)
        for line, contexts in data.contexts_by_lineno(name).items():
            # Without the values of parameters: what a test is called with may be no name.
            lines[line] = {one.rpartition("|")[0].partition("[")[0] for one in contexts if "|" in one}
        found[Path(name).relative_to(copy)] = lines
    return Watched(found)


def report(copy: Path, faults: Sequence[Mutant], watched: Watched, at_least: float) -> int:
    """Ask of each fault whether it is noticed; 1 if of too few."""
    began, killed = time.monotonic(), 0
    for number, fault in enumerate(faults, 1):
        tests = watched.tests(fault)
        noticed = bool(tests) and is_killed(copy, fault, tests)
        killed += noticed
        word = "killed  " if noticed else "SURVIVED" if tests else "UNTESTED"
        print(f"{number:4}/{len(faults)} {word} {fault}", flush=True)
    share = killed / len(faults)
    print(f"{killed} of {len(faults)} killed ({share:.0%}) in {time.monotonic() - began:.0f} s")
    return int(share < at_least)


def is_killed(copy: Path, fault: Mutant, tests: Sequence[str]) -> bool:
    """Whether a test fails, or runs on for ever, with the fault planted in the copy."""
    path = copy / fault.path
    text = path.read_text(encoding="utf-8")
    path.write_text(fault.planted(text), encoding="utf-8")
    try:
        return pytest(copy, ["-x", *tests], 900.0) != _NO_FAULT
    finally:
        path.write_text(text, encoding="utf-8")


def pytest(copy: Path, arguments: Sequence[str], seconds: float | None, *, loud: bool = False) -> int:
    """The exit code of pytest in the copy."""
    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, timeout=seconds, check=False, capture_output=True, text=True
        )
    except subprocess.TimeoutExpired:
        return _BY_TIME
    if loud and done.returncode != _NO_FAULT:
        print(done.stdout[-3000:], done.stderr[-1000:], file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
