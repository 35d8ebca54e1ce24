"""Runs the property tests on examples that nobody has drawn before, round after round, until one fails.

A test that says itself how many examples it wants draws as many in each round; the others draw a thousand. The seed of
each round is printed, and what fails is printed with the command that repeats it. Exit code 1 where something failed.
"""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_NO_TESTS = 5
"""The exit code of pytest where nothing was selected."""


def main() -> int:
    """Run the rounds; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", default=["tests"], help="files or folders (default: all tests)")
    parser.add_argument("--rounds", type=int, default=10, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="of the first round; the next have the numbers after it")
    options = parser.parse_args()
    first = secrets.randbelow(2**31) if options.seed is None else options.seed
    for seed in range(first, first + options.rounds):
        print(f"round {seed - first + 1} of {options.rounds}: seed {seed}", flush=True)
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "-m", "hypothesis"]
        command += ["--hypothesis-profile=new", f"--hypothesis-seed={seed}", *options.tests]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code:
            return 2 if code == _NO_TESTS else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
