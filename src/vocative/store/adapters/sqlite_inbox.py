"""The inbox in one SQLite file: durable before it answers, many callers to one disk flush."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from vocative.errors import StoreError
from vocative.store.context import StoreContext
from vocative.store.private import FILE, private_file, private_folder
from vocative.store.protocols import Accepted
from vocative.store.read_only import can_be_written, open_to_read
from vocative.store.scrubbing import scrub

_SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    known_at INTEGER NOT NULL,
    body BLOB
);
CREATE INDEX IF NOT EXISTS waiting ON inbox (position) WHERE body IS NOT NULL;
"""
# What SQLite or its Python driver raise for a value they cannot store, or for a disk that refuses.
_REFUSALS = (sqlite3.Error, OverflowError, UnicodeError)


@dataclass(slots=True)
class _Waiting:
    events: Sequence[Accepted]
    accepted: int = 0
    done: bool = False
    error: BaseException | None = None


class SQLiteInbox:
    """Group commit: callers queue up, whoever gets the connection writes for all of them in one transaction.

    With `synchronous=FULL` a commit is one flush of the disk, about 700 a second on a common machine;
    the lever is to share it.
    """

    @classmethod
    def open(cls, context: StoreContext) -> SQLiteInbox:
        """SQLite in the workspace's folder; nothing to set up."""
        context.only("sqlite")
        return cls(context.folder / "inbox.sqlite")

    def __init__(self, path: Path) -> None:
        self._queue: list[_Waiting] = []
        self._queue_lock = threading.Lock()
        self._commit_lock = threading.Lock()
        try:
            if not can_be_written(path):
                self._connection = open_to_read(path)
                return
            private_folder(path.parent)
            # Two processes that switch a new file to WAL at once would refuse each other without waiting.
            with FileLock(path.with_name(path.name + ".opening"), mode=FILE):
                # SQLite gives the files beside it the same rights.
                private_file(path)
                self._connection = _open(path)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the inbox {path} cannot be opened: {error}") from error

    def put(self, events: Sequence[Accepted]) -> int:
        """Make the events durable and return how many were new; an id already present changes nothing.

        Raises:
            StoreError: an event has no id or body, or the disk refused; none of these events was accepted then.
        """
        mine = _Waiting(events)
        with self._queue_lock:
            self._queue.append(mine)
        with self._commit_lock:
            if not mine.done:
                with self._queue_lock:
                    group, self._queue = self._queue, []
                self._commit(group)
        if isinstance(mine.error, _REFUSALS):
            raise StoreError(f"the inbox did not accept {len(events)} events: {mine.error}") from mine.error
        if mine.error is not None:
            raise mine.error
        return mine.accepted

    def take(self, limit: int, *, after: int = 0) -> tuple[list[Accepted], int]:
        """Return up to `limit` of the oldest events behind a position, and the position behind the last of them.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._commit_lock, _refusals("the inbox cannot be read"):
            rows = self._connection.execute(
                "SELECT position, message_id, body, known_at FROM inbox "
                "WHERE body IS NOT NULL AND position > ? ORDER BY position LIMIT ?",
                (after, limit),
            ).fetchall()
        return [Accepted(row[1], row[2], row[3]) for row in rows], rows[-1][0] if rows else after

    def forget(self, position: int) -> None:
        """Drop the bodies up to `position`, once they are in the lake; their ids stay known.

        Raises:
            StoreError: the disk refused.
        """
        with self._commit_lock, _refusals("the inbox could not forget what is in the lake"):
            self._connection.execute(
                "UPDATE inbox SET body = NULL WHERE position <= ? AND body IS NOT NULL", (position,)
            )

    def erase(self, message_ids: Sequence[str]) -> int:
        """Delete events with their ids, from every file; return how many were known, waiting or forgotten.

        Raises:
            StoreError: the disk refused, or another process kept on reading for a minute.
        """
        with self._commit_lock, _refusals("the inbox could not erase"):
            erased = self._connection.execute(
                "DELETE FROM inbox WHERE message_id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(message_ids)),),
            ).rowcount
            scrub(self._connection)
        return erased

    def close(self) -> None:
        """Close the connection; nothing accepted is lost."""
        self._connection.close()

    def _commit(self, group: list[_Waiting]) -> None:
        try:
            self._write(group)
        except _REFUSALS:
            # One caller's fault must not cost the others: each writes for itself.
            for waiting in group:
                try:
                    self._write([waiting])
                except BaseException as error:
                    waiting.error = error
        except BaseException as error:
            for waiting in group:
                waiting.error = error
        finally:
            for waiting in group:
                waiting.done = True

    def _write(self, group: list[_Waiting]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for waiting in group:
                before = self._connection.total_changes
                self._connection.executemany(
                    "INSERT INTO inbox (message_id, known_at, body) VALUES (?, ?, ?) "
                    "ON CONFLICT (message_id) DO NOTHING",
                    ((event.message_id, event.known_at, _body(event)) for event in waiting.events),
                )
                waiting.accepted = self._connection.total_changes - before
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


@contextmanager
def _refusals(what: str) -> Iterator[None]:
    try:
        yield
    except _REFUSALS as error:
        raise StoreError(f"{what}: {error}") from error


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60.0, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    connection.executescript(_SCHEMA)
    return connection


def _body(event: Accepted) -> bytes:
    # A missing body would look like a forgotten one, and the event would be lost without a word.
    if not isinstance(event.body, bytes):
        raise sqlite3.IntegrityError(f"event {event.message_id!r} has no body")
    return event.body
