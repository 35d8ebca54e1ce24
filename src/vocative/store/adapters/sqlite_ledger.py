"""The ledger in one SQLite file, with locks that other processes respect."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from vocative.errors import LockTimeoutError, StoreError
from vocative.records.ledger_tables import LEDGER_TABLES
from vocative.records.schema import ColumnType, Row, Table, Value
from vocative.store.context import StoreContext
from vocative.store.private import FILE, private_file, private_folder
from vocative.store.protocols import OnConflict, Where
from vocative.store.read_only import REMEDY, can_be_written, open_to_read
from vocative.store.scrubbing import scrub

_SQL_TYPES: dict[ColumnType, str] = {
    "text": "TEXT",
    "integer": "INTEGER",
    "number": "REAL",
    "flag": "INTEGER",
    "moment": "INTEGER",
    "day": "TEXT",
    "json": "TEXT",
    "numbers": "TEXT",
}
# SQLite allows 32,766 parameters in one statement; a longer list travels as one JSON array.
_MOST_PARAMETERS = 1_000
# What SQLite or its Python driver raise for a value they cannot store, or for a disk that refuses.
_REFUSALS = (sqlite3.Error, OverflowError, UnicodeError)


class SQLiteLedger:
    """One connection per thread; `synchronous=FULL`, so what is committed survives a power cut.

    Where the folder cannot be written, everything can be read and nothing changed.
    """

    @classmethod
    def open(cls, context: StoreContext) -> SQLiteLedger:
        """SQLite in the workspace's folder; nothing to set up."""
        context.only("sqlite")
        return cls(context.folder / "ledger.sqlite")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._read_only = not can_be_written(path)
        try:
            if self._read_only:
                self._connection()
                return
            private_folder(path.parent)
            # Two processes that switch a new file to WAL at once would refuse each other without waiting.
            with FileLock(path.with_name(path.name + ".opening"), mode=FILE):
                # SQLite gives the files beside it the same rights.
                private_file(path)
                connection = self._connection()
                for table in LEDGER_TABLES:
                    connection.executescript(_create(table))
                    _add_columns(connection, table)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the ledger {path} cannot be opened: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[SQLiteTransaction]:
        """All or nothing; a second writer waits for up to a minute.

        Raises:
            StoreError: this thread is in a transaction already, or the disk refused; nothing has changed then.
        """
        connection = self._connection()
        if connection.in_transaction:
            raise StoreError("a transaction cannot be opened inside another one of the same thread")
        with _refusals("the ledger is busy or out of reach"):
            connection.execute("BEGIN" if self._read_only else "BEGIN IMMEDIATE")
        try:
            yield SQLiteTransaction(connection)
            with _refusals("the ledger could not commit"):
                connection.execute("COMMIT")
        except BaseException:
            _roll_back(connection)
            raise

    @contextmanager
    def lock(self, name: str, *, timeout: float = 60.0) -> Iterator[None]:
        """Hold a named lock across processes; the operating system frees it if the holder is killed.

        Raises:
            LockTimeoutError: another process held it for longer than `timeout` seconds.
        """
        if self._read_only:
            raise StoreError(f"the workspace in {self._path.parent.parent} is read-only: {REMEDY}")
        folder = self._path.parent / "locks"
        private_folder(folder)
        held = FileLock(folder / f"{quote(name, safe='')}.lock", timeout=timeout, mode=FILE)
        try:
            held.acquire()
        except Timeout as error:
            raise LockTimeoutError(
                f"another process has held the lock {name!r} for more than {timeout:g} s; "
                "wait for it to end, or stop it"
            ) from error
        try:
            yield
        finally:
            held.release()

    def scrub(self) -> None:
        """Leave no trace of deleted or changed rows in any file; outside a transaction only.

        Raises:
            StoreError: this thread is in a transaction, or another process kept on reading for a minute.
        """
        with _refusals("the ledger could not clean its files"):
            scrub(self._connection())

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = open_to_read(self._path) if self._read_only else _open_to_write(self._path)
            self._local.connection = connection
            self._opened.append(connection)
        return connection


def _open_to_write(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60.0, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    return connection


class SQLiteTransaction:
    """The verbs of one transaction, over declared tables only.

    A column that is not declared, a missing required value or a value that cannot be stored is a StoreError.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def insert(self, table: Table, rows: Iterable[Row], *, on_conflict: OnConflict = "error") -> int:
        """Insert rows and return how many were written; rows of the same key meet `on_conflict`."""
        columns = table.column_names
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" for _ in columns)
        before = self._connection.total_changes
        with _refusals(f"ledger table {table.name!r} refused a row"):
            self._connection.executemany(
                f'INSERT INTO "{table.name}" ({names}) VALUES ({marks}){_conflict(table, on_conflict)}',
                (_values(table, row) for row in rows),
            )
        return self._connection.total_changes - before

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
        columns = columns or table.column_names
        names = ", ".join(_declared(table, name) for name in columns)
        condition, values = _conditions(table, where or {})
        if since is not None:
            condition, values = _compared(table, condition, values, ">=", since)
        statement = f'SELECT {names} FROM "{table.name}"{condition}'
        if order_by:
            statement += f" ORDER BY {', '.join(_declared(table, name) for name in order_by)}"
        with _refusals(f"ledger table {table.name!r} refused a question"):
            found = self._connection.execute(statement, values).fetchall()
        return [dict(zip(columns, row, strict=True)) for row in found]

    def count(self, table: Table, by: str) -> dict[Value, int]:
        """How many rows there are for each value of a column."""
        column = _declared(table, by)
        with _refusals(f"ledger table {table.name!r} refused a question"):
            found = self._connection.execute(f'SELECT {column}, count(*) FROM "{table.name}" GROUP BY 1').fetchall()
        return dict(found)

    def update(self, table: Table, changes: Row, where: Where) -> int:
        """Change rows that meet all conditions and return how many."""
        sets = ", ".join(f"{_declared(table, name)} = ?" for name in changes)
        return self._change(f'UPDATE "{table.name}" SET {sets}', list(changes.values()), table, where)

    def delete(self, table: Table, where: Where, *, before: tuple[str, int] | None = None) -> int:
        """Delete rows that meet all conditions and return how many; see `Transaction.delete`."""
        return self._change(f'DELETE FROM "{table.name}"', [], table, where, before)

    def _change(
        self,
        statement: str,
        values: list[Value],
        table: Table,
        where: Where,
        before: tuple[str, int] | None = None,
    ) -> int:
        condition, more = _conditions(table, where)
        if before is not None:
            condition, more = _compared(table, condition, more, "<", before)
        with _refusals(f"ledger table {table.name!r} refused a change"):
            return self._connection.execute(statement + condition, [*values, *more]).rowcount


def _roll_back(connection: sqlite3.Connection) -> None:
    # A failed commit may have ended the transaction already.
    if connection.in_transaction:
        connection.execute("ROLLBACK")


@contextmanager
def _refusals(what: str) -> Iterator[None]:
    try:
        yield
    except _REFUSALS as error:
        raise StoreError(f"{what}: {error}") from error


def _column(table: Table, name: str) -> str:
    column = next(column for column in table.columns if column.name == name)
    return f'"{name}" {_SQL_TYPES[column.type]}{"" if column.optional else " NOT NULL"}'


def _create(table: Table) -> str:
    columns = ", ".join(_column(table, name) for name in table.column_names)
    key = ", ".join(f'"{name}"' for name in table.key)
    return f'CREATE TABLE IF NOT EXISTS "{table.name}" ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID;'


def _add_columns(connection: sqlite3.Connection, table: Table) -> None:
    """Give a file that was written before a column was declared that column, as the lake does."""
    present = {row[1] for row in connection.execute(f'PRAGMA table_info("{table.name}")')}
    for name in table.column_names:
        if name not in present:
            connection.execute(f'ALTER TABLE "{table.name}" ADD COLUMN {_column(table, name)}')
    for subject in table.subjects:
        connection.execute(f'CREATE INDEX IF NOT EXISTS "{table.name}_{subject}" ON "{table.name}" ("{subject}")')


def _conflict(table: Table, on_conflict: OnConflict) -> str:
    # `INSERT OR IGNORE` would also swallow a row that lacks a required value.
    if on_conflict == "error":
        return ""
    key = ", ".join(f'"{name}"' for name in table.key)
    rest = [name for name in table.column_names if name not in table.key]
    if on_conflict == "ignore" or not rest:
        return f" ON CONFLICT ({key}) DO NOTHING"
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
    return f" ON CONFLICT ({key}) DO UPDATE SET {sets}"


def _values(table: Table, row: Row) -> list[Value]:
    for name in row.keys() - set(table.column_names):
        _declared(table, name)
    return [row.get(name) for name in table.column_names]


def _declared(table: Table, name: str) -> str:
    if name not in table.column_names:
        raise StoreError(f"ledger table {table.name!r} declares no column {name!r}")
    return f'"{name}"'


def _conditions(table: Table, where: Where) -> tuple[str, list[Value]]:
    conditions: list[str] = []
    values: list[Value] = []
    for name, wanted in where.items():
        column = _declared(table, name)
        if wanted is None:
            conditions.append(f"{column} IS NULL")
        elif isinstance(wanted, Sequence) and not isinstance(wanted, str | bytes):
            members = [member for member in wanted if member is not None]
            marks, more = _list(members)
            empty = f" OR {column} IS NULL" if len(members) < len(wanted) else ""
            conditions.append(f"({column} IN ({marks}){empty})")
            values += more
        else:
            conditions.append(f"{column} = ?")
            values.append(wanted)
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values


def _compared(
    table: Table, condition: str, values: list[Value], sign: str, limit: tuple[str, int]
) -> tuple[str, list[Value]]:
    column, value = limit
    return f"{condition}{' AND' if condition else ' WHERE'} {_declared(table, column)} {sign} ?", [*values, value]


def _list(members: Sequence[Value]) -> tuple[str, list[Value]]:
    if len(members) <= _MOST_PARAMETERS:
        return ", ".join("?" for _ in members), list(members)
    if not all(isinstance(member, str | int) for member in members):
        raise StoreError(f"a condition that lists more than {_MOST_PARAMETERS:,} values takes texts and integers only")
    return "SELECT value FROM json_each(?)", [json.dumps(members)]
