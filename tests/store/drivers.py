"""The embedded drivers, found as a workspace finds them: by entry point. Each opens the same place on every call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vocative.store.context import StoreContext
from vocative.store.protocols import Engine, Inbox, Lake, Ledger, Stores
from vocative.store.registry import open_engine, open_inbox, open_lake, open_ledger


def inbox(folder: Path) -> Inbox:
    return open_inbox("sqlite", StoreContext("test", folder))


def ledger(folder: Path) -> Ledger:
    return open_ledger("sqlite", StoreContext("test", folder))


def lake(folder: Path) -> Lake:
    return open_lake("delta", StoreContext("test", folder, lock=ledger(folder).lock))


def engine(folder: Path, memory: str = "200MB") -> Engine:
    return open_engine("duckdb", StoreContext("test", folder, {"memory": memory, "threads": 2}))


def stores(folder: Path, memory: str = "200MB") -> Stores:
    """All four below one folder."""
    kept = ledger(folder)
    return Stores(
        inbox=inbox(folder),
        lake=open_lake("delta", StoreContext("test", folder, lock=kept.lock)),
        ledger=kept,
        engine=engine(folder / "spill", memory),
    )


@contextmanager
def no_lock(name: str) -> Iterator[None]:
    yield


def unlocked_lake(folder: Path) -> Lake:
    """A lake whose writers do not know of each other, as a foreign tool's would not."""
    return open_lake("delta", StoreContext("test", folder, lock=no_lock))
