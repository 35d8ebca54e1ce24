"""What the line asks of its stores. Drivers are found by entry point; `vocative.checks` tests them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

import pyarrow as pa

from vocative.records.schema import Row, Table, Value
from vocative.trust.secret_key import NO_KEY, SecretKey

Where = Mapping[str, Value | Sequence[Value]]
"""Conditions joined by *and*: a column equals the value, or is one of the sequence's values."""

OnConflict = Literal["error", "ignore", "replace"]


@dataclass(frozen=True, slots=True)
class Scan:
    """One consistent version of a lake table, as the files an engine can read.

    An empty `files` is an empty table; `schema` holds its columns in either case.
    """

    table: Table
    version: int
    files: tuple[str, ...]
    schema: pa.Schema


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Staged:
    """The result of a query, kept by the engine that made it for its own later queries; gone when nobody holds this."""

    name: str
    schema: pa.Schema


Relation = Scan | Staged | pa.Table | pa.RecordBatchReader


@dataclass(frozen=True, slots=True)
class Accepted:
    """One event as the inbox took it: its id and its bytes (one JSON object)."""

    message_id: str
    body: bytes
    known_at: int


class Inbox(Protocol):
    """Events just accepted. What `put` has returned from is on disk, whatever happens next."""

    def put(self, events: Sequence[Accepted]) -> int:
        """Make the events durable and return how many were new; an id already present changes nothing."""
        ...

    def take(self, limit: int, *, after: int = 0) -> tuple[list[Accepted], int]:
        """Return up to `limit` of the oldest events behind a position, and the position behind the last of them."""
        ...

    def forget(self, position: int) -> None:
        """Drop the bodies up to `position`, once they are in the lake; their ids stay known."""
        ...

    def erase(self, message_ids: Sequence[str]) -> int:
        """Delete events with their ids, from every file; return how many were known, waiting or forgotten.

        What earlier calls deleted is gone from every file afterwards too, even if one of them was killed.
        """
        ...

    def close(self) -> None:
        """Release what is held; nothing accepted is lost."""
        ...


class Lake(Protocol):
    """Tables that grow, in open Parquet, with atomic commits."""

    def append(self, table: Table, data: pa.Table | pa.RecordBatchReader, *, token: str) -> bool:
        """Append in one commit; return False and change nothing if `token` was used on this table before."""
        ...

    def committed(self, table: Table, token: str) -> bool:
        """Whether an append with this token has been committed."""
        ...

    def scan(self, table: Table) -> Scan:
        """The newest version of the table, as files."""
        ...

    def erase(self, table: Table, where: Mapping[str, Sequence[str]]) -> int:
        """Delete every row whose column holds one of the given texts, from all versions; return how many."""
        ...

    def expire(self, table: Table, column: str, before: int) -> int:
        """Delete every row whose moment in a column lies before one (µs UTC); return how many. Rows without one stay.

        What was scanned before may still be read for a while; the old files go with a later call.
        """
        ...

    def compact(self, table: Table) -> int:
        """Merge small files; return how many were merged. What was scanned before may still be read for a while."""
        ...


class Engine(Protocol):
    """Runs queries over relations; it never holds the only copy of anything."""

    def query(
        self, sql: str, relations: Mapping[str, Relation], parameters: Mapping[str, Value] | None = None
    ) -> pa.Table:
        """Run one statement over the named relations and return the whole result."""
        ...

    def stream(
        self, sql: str, relations: Mapping[str, Relation], parameters: Mapping[str, Value] | None = None
    ) -> AbstractContextManager[pa.RecordBatchReader]:
        """Like `query`, in batches, for results that should not be in memory at once."""
        ...

    def stage(self, sql: str, relations: Mapping[str, Relation]) -> Staged:
        """Run one statement and keep its result, out of memory, as a relation for later queries of this engine.

        Nobody else may read it, and it is gone when nobody holds it any more.
        """
        ...


class Transaction(Protocol):
    """Verbs inside one ledger transaction."""

    def insert(self, table: Table, rows: Iterable[Row], *, on_conflict: OnConflict = "error") -> int:
        """Insert rows and return how many were written."""
        ...

    def select(
        self,
        table: Table,
        where: Where | None = None,
        order_by: Sequence[str] = (),
        *,
        since: tuple[str, int] | None = None,
        columns: Sequence[str] = (),
    ) -> list[dict[str, Value]]:
        """Rows that meet all conditions; `since` is a column and the least value it may have, no `columns` are all."""
        ...

    def count(self, table: Table, by: str) -> dict[Value, int]:
        """How many rows there are for each value of a column."""
        ...

    def update(self, table: Table, changes: Row, where: Where) -> int:
        """Change rows that meet all conditions and return how many: the way to compare and set."""
        ...

    def delete(self, table: Table, where: Where, *, before: tuple[str, int] | None = None) -> int:
        """Delete rows that meet all conditions and return how many; `before` is a column and what it has to be less of.

        A row without a value there is not before anything.
        """
        ...


class Ledger(Protocol):
    """Tables that need transactions, and the locks that order writers."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """All or nothing; a second writer waits."""
        ...

    def lock(self, name: str, *, timeout: float = 60.0) -> AbstractContextManager[None]:
        """Hold a named lock that no other process holds; it is free again if its holder is killed."""
        ...

    def scrub(self) -> None:
        """Leave no trace of deleted or changed rows in any file; outside a transaction only."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """The four stores of one workspace, handed to whatever needs them.

    `key` is the workspace's secret: by it the identifiers of erased people are recognised when they come again.
    """

    inbox: Inbox
    lake: Lake
    ledger: Ledger
    engine: Engine
    key: SecretKey = NO_KEY
