"""How long work tells how far it is, without knowing who shows it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called now and then by long work."""

    def __call__(self, done: int, total: int | None, what: str) -> None:
        """`done` units of `total` (None when unknown) of the work named `what`."""
        ...


def no_progress(done: int, total: int | None, what: str) -> None:
    """Show nothing."""
