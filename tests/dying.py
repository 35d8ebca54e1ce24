"""Runs a module and ends it by SIGKILL after so many steps of its work, so that no clock decides where.

`python -m tests.dying STEPS MODULE ARGUMENTS…`; a step is a call of a function of ours, or one that it makes of
compiled code (a query, a commit, a write). At an odd step the process ends before the call; at an even one as soon as
it lets go of the interpreter, which is mostly in the middle of a query or a write. With 0 steps the module runs to its
end, and the file named by `STEPS_OF` holds how many it took. Importing does not count.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
from _thread import start_new_thread
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[1]
_COUNT_TO = "STEPS_OF"


class _Steps:
    """Counts the steps of this process and ends it at one of them."""

    def __init__(self, last: int) -> None:
        self.taken = 0
        self._last = last
        self._ours: dict[object, bool] = {}

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event not in ("call", "c_call"):
            return
        code = frame.f_code
        ours = self._ours.get(code)
        if ours is None:
            name = str(frame.f_globals.get("__name__"))
            # The bodies of modules and classes are what an import runs.
            ours = self._ours[code] = name.startswith("vocative.") and bool(code.co_flags & CO_OPTIMIZED)
        if ours:
            self.taken += 1
            if self.taken == self._last:
                self._end()

    def _end(self) -> None:
        if self._last % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        else:
            # A plain thread, which nobody waits for: `Thread.start` would let it come first.
            start_new_thread(os.kill, (os.getpid(), signal.SIGKILL))


def steps_of(module: str, arguments: list[str], count_to: Path) -> int:
    """Run it to its end; how many steps it took.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    subprocess.run(
        [sys.executable, "-m", "tests.dying", "0", module, *arguments],
        cwd=ROOT, env={**os.environ, _COUNT_TO: str(count_to)}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return int(count_to.read_text(encoding="ascii"))


def dies_at(step: int, module: str, arguments: list[str]) -> bool:
    """Run it until that step; whether it was killed there, rather than done before.

    Raises:
        AssertionError: it failed by itself.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.dying", str(step), module, *arguments],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def main() -> None:
    """Count, and run the module as if it had been started by itself."""
    steps = _Steps(int(sys.argv[1]))
    module, sys.argv = sys.argv[2], sys.argv[2:]
    sys.setprofile(steps)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        sys.setprofile(None)
        if _COUNT_TO in os.environ:
            Path(os.environ[_COUNT_TO]).write_text(str(steps.taken), encoding="ascii")


if __name__ == "__main__":
    main()
