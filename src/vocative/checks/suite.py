"""What all suites share: running checks, saying what a store owes, and children that can be killed."""

from __future__ import annotations

import multiprocessing
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TypeVar

from vocative.errors import VocativeError

S = TypeVar("S")
Make = Callable[[], S]
Check = Callable[[Make[S]], None]

# A server that forks children: it has the heavy modules loaded but no threads of theirs, so that a child starts
# within milliseconds and safely. A plain fork of this process would inherit locks held by foreign threads.
_CONTEXT = multiprocessing.get_context("forkserver")
_PRELOAD = ["vocative.checks.inbox", "vocative.checks.lake", "vocative.checks.ledger", "deltalake", "pandas"]
"""Modules loaded before children are forked, where they are installed; pyarrow loads pandas on first use."""


def require(held: bool, text: str) -> None:
    """Raise an AssertionError with the text unless the promise held; works under `python -O` too."""
    if not held:
        raise AssertionError(text)


def same(found: object, expected: object, what: str) -> None:
    """Raise an AssertionError that shows both values unless they are equal."""
    require(found == expected, f"{what}: expected {expected!r:.400}, found {found!r:.400}")


def run_checks(checks: Sequence[Check[S]], make: Make[S]) -> None:
    """Run every check, even after one has failed.

    Raises:
        AssertionError: some promise was broken; the text names each of them and what was found.
    """
    broken: list[str] = []
    for check in checks:
        try:
            check(make)
        except (AssertionError, VocativeError, OSError) as error:
            promise = (check.__doc__ or "").strip().splitlines()
            broken.append(f"{check.__name__} ({promise[0] if promise else ''}): {type(error).__name__}: {error}")
    if broken:
        raise AssertionError(f"{len(broken)} of {len(checks)} promises are broken:\n" + "\n".join(broken))


def fresh(name: str) -> str:
    """A name that no earlier run against the same store can have used."""
    return f"{name}_{secrets.token_hex(4)}"


class Child:
    """A process that tells through a pipe what it has done, and can be killed at any instant."""

    def __init__(self, target: Callable[..., None], *arguments: object) -> None:
        _CONTEXT.set_forkserver_preload(_PRELOAD)
        self._read, write = _CONTEXT.Pipe(duplex=False)
        self._process: BaseProcess = _CONTEXT.Process(target=target, args=(write, *arguments), daemon=True)
        self._process.start()
        write.close()

    def hear(self) -> object:
        """The next thing the child says; waits for it.

        Raises:
            EOFError: the child has ended.
        """
        return self._read.recv()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self._process.kill()

    def kill_after(self, seconds: float) -> list[object]:
        """Let it work for a while, kill it, and return what it has said in the meantime.

        Raises:
            AssertionError: it failed by itself before it was killed.
        """
        time.sleep(seconds)
        self.kill()
        said = self.rest()
        require((self.exit_code or 0) <= 0, "a process failed before it was killed; its error is on stderr")
        return said

    def rest(self) -> list[object]:
        """Everything the child has said that was not heard yet; waits until it has ended."""
        said: list[object] = []
        try:
            while True:
                said.append(self._read.recv())
        except (EOFError, OSError):
            # A message that was cut off by the kill was never said.
            self._process.join()
            self._read.close()
        return said

    @property
    def exit_code(self) -> int | None:
        """0 after a normal end, minus the signal's number after a kill, None while it runs."""
        return self._process.exitcode


def together(target: Callable[..., None], arguments: Sequence[tuple[object, ...]]) -> list[list[object]]:
    """Run one child per tuple of arguments at the same time; return what each of them said.

    Each child says "ready" first and starts its work when all of them are: see `starting`.
    """
    gate_read, gate_write = _CONTEXT.Pipe(duplex=False)
    children = [Child(target, gate_read, *mine) for mine in arguments]
    for child in children:
        child.hear()
    gate_read.close()
    gate_write.close()
    said = [child.rest() for child in children]
    failed = [child.exit_code for child in children if child.exit_code]
    require(not failed, f"{len(failed)} of {len(children)} processes failed; their errors are on stderr")
    return said


@contextmanager
def starting(say: Connection, gate: Connection) -> Iterator[None]:
    """In a child of `together`: wait until all children are ready, then do the work."""
    say.send("ready")
    # Nothing is ever sent: the end of the pipe is the starting signal.
    gate.poll(60)
    yield
    say.close()
