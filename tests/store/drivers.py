"""The embedded drivers, found as a workspace finds them: by entry point. Each opens the same place on every call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from vocative.store.protocols import Engine, Inbox, Lake, Ledger
from vocative.store.registry import load_driver


def inbox(folder: Path) -> Inbox:
    driver = load_driver("inbox", "sqlite")
    assert callable(driver)
    return cast("Inbox", driver(folder / "inbox.db"))


def ledger(folder: Path) -> Ledger:
    driver = load_driver("ledger", "sqlite")
    assert callable(driver)
    return cast("Ledger", driver(folder / "ledger.db"))


def lake(folder: Path) -> Lake:
    driver = load_driver("lake", "delta")
    assert callable(driver)
    return cast("Lake", driver(folder / "lake", ledger(folder).lock))


def engine(folder: Path) -> Engine:
    driver = load_driver("engine", "duckdb")
    assert callable(driver)
    return cast("Engine", driver(folder / "spill", memory="200MB", threads=2))


@contextmanager
def no_lock(name: str) -> Iterator[None]:
    yield


def unlocked_lake(folder: Path) -> Lake:
    """A lake whose writers do not know of each other, as a foreign tool's would not."""
    driver = load_driver("lake", "delta")
    assert callable(driver)
    return cast("Lake", driver(folder / "lake", no_lock))
