"""What the stores in SQLite share: making sure that deleted rows are gone from every file."""

from __future__ import annotations

import sqlite3


def scrub(connection: sqlite3.Connection) -> None:
    """Write the file anew without its free pages, and empty the write-ahead log.

    Pages are zeroed as rows are deleted (`secure_delete`), but copies of them stay in the log, and in pages that were
    freed before; a new file has neither.

    Raises:
        sqlite3.Error: the connection is in a transaction, or another process kept on reading until the timeout.
    """
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("another process is reading; end it and try again")
