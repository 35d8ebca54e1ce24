"""The inbox in one SQLite file: durable before it answers, many callers to one disk flush."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vocative.store.protocols import Accepted

_SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    known_at INTEGER NOT NULL,
    body BLOB
)
"""


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

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=60.0, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA secure_delete=ON")
        self._connection.execute(_SCHEMA)
        self._queue: list[_Waiting] = []
        self._queue_lock = threading.Lock()
        self._commit_lock = threading.Lock()

    def put(self, events: Sequence[Accepted]) -> int:
        """Make the events durable and return how many were new; an id already present changes nothing."""
        mine = _Waiting(events)
        with self._queue_lock:
            self._queue.append(mine)
        with self._commit_lock:
            if not mine.done:
                with self._queue_lock:
                    group, self._queue = self._queue, []
                self._commit(group)
        if mine.error is not None:
            raise mine.error
        return mine.accepted

    def take(self, limit: int) -> tuple[list[Accepted], int]:
        """Return up to `limit` of the oldest events and the position behind the last of them."""
        with self._commit_lock:
            rows = self._connection.execute(
                "SELECT position, message_id, body, known_at FROM inbox WHERE body IS NOT NULL ORDER BY position LIMIT ?",
                (limit,),
            ).fetchall()
        return [Accepted(row[1], row[2], row[3]) for row in rows], rows[-1][0] if rows else 0

    def forget(self, position: int) -> None:
        """Drop the bodies up to `position`, once they are in the lake; their ids stay known."""
        with self._commit_lock:
            self._connection.execute(
                "UPDATE inbox SET body = NULL WHERE position <= ? AND body IS NOT NULL", (position,)
            )

    def close(self) -> None:
        """Close the connection; nothing accepted is lost."""
        self._connection.close()

    def _commit(self, group: list[_Waiting]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for waiting in group:
                before = self._connection.total_changes
                self._connection.executemany(
                    "INSERT OR IGNORE INTO inbox (message_id, known_at, body) VALUES (?, ?, ?)",
                    ((event.message_id, event.known_at, event.body) for event in waiting.events),
                )
                waiting.accepted = self._connection.total_changes - before
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            for waiting in group:
                waiting.error = error
        finally:
            for waiting in group:
                waiting.done = True
