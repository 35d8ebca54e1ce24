"""The ledger in one SQLite file, with locks that other processes respect."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from vocative.errors import LockTimeoutError
from vocative.records.ledger_tables import LEDGER_TABLES
from vocative.records.schema import ColumnType, Row, Table, Value
from vocative.store.protocols import OnConflict, Where

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
_VERBS: dict[OnConflict, str] = {"error": "INSERT", "ignore": "INSERT OR IGNORE", "replace": "INSERT OR REPLACE"}
# SQLite allows 32,766 parameters in one statement; longer lists are asked for in pieces.
_MEMBERS_AT_ONCE = 20_000


class SQLiteLedger:
    """One connection per thread; `synchronous=FULL`, so what is committed survives a power cut."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        with self._connection() as connection:
            for table in LEDGER_TABLES:
                connection.executescript(_create(table))

    @contextmanager
    def transaction(self) -> Iterator[SQLiteTransaction]:
        """All or nothing; a second writer waits for up to a minute."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield SQLiteTransaction(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    @contextmanager
    def lock(self, name: str, *, timeout: float = 60.0) -> Iterator[None]:
        """Hold a named lock across processes; the operating system frees it if the holder is killed.

        Raises:
            LockTimeoutError: another process held it for longer than `timeout` seconds.
        """
        folder = self._path.parent / "locks"
        folder.mkdir(exist_ok=True)
        held = FileLock(str(folder / f"{name}.lock"), timeout=timeout)
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

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=60.0, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")
            self._local.connection = connection
            self._opened.append(connection)
        return connection


class SQLiteTransaction:
    """The verbs of one transaction, over declared tables only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def insert(self, table: Table, rows: Iterable[Row], *, on_conflict: OnConflict = "error") -> int:
        """Insert rows and return how many were written."""
        columns = table.column_names
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" for _ in columns)
        before = self._connection.total_changes
        self._connection.executemany(
            f'{_VERBS[on_conflict]} INTO "{table.name}" ({names}) VALUES ({marks})',
            ([row.get(name) for name in columns] for row in rows),
        )
        return self._connection.total_changes - before

    def select(self, table: Table, where: Where | None = None, order_by: Sequence[str] = ()) -> list[dict[str, Value]]:
        """Rows that meet all conditions."""
        columns = table.column_names
        names = ", ".join(f'"{_declared(table, name)}"' for name in columns)
        order = ", ".join(f'"{_declared(table, name)}"' for name in order_by)
        found: list[dict[str, Value]] = []
        for condition, values in _conditions(table, where or {}):
            statement = f'SELECT {names} FROM "{table.name}"{condition}'  # noqa: S608 - declared names
            if order:
                statement += f" ORDER BY {order}"
            found.extend(dict(zip(columns, row, strict=True)) for row in self._connection.execute(statement, values))
        return found

    def update(self, table: Table, changes: Row, where: Where) -> int:
        """Change rows that meet all conditions and return how many."""
        sets = ", ".join(f'"{_declared(table, name)}" = ?' for name in changes)
        return self._change(f'UPDATE "{table.name}" SET {sets}', list(changes.values()), table, where)  # noqa: S608

    def delete(self, table: Table, where: Where) -> int:
        """Delete rows that meet all conditions and return how many."""
        return self._change(f'DELETE FROM "{table.name}"', [], table, where)  # noqa: S608 - declared name

    def _change(self, statement: str, values: list[Value], table: Table, where: Where) -> int:
        changed = 0
        for condition, more in _conditions(table, where):
            changed += self._connection.execute(statement + condition, [*values, *more]).rowcount
        return changed


def _create(table: Table) -> str:
    columns = ", ".join(
        f'"{column.name}" {_SQL_TYPES[column.type]}{"" if column.optional else " NOT NULL"}' for column in table.columns
    )
    key = ", ".join(f'"{name}"' for name in table.key)
    indexes = "".join(
        f'CREATE INDEX IF NOT EXISTS "{table.name}_{subject}" ON "{table.name}" ("{subject}");'
        for subject in table.subjects
    )
    return f'CREATE TABLE IF NOT EXISTS "{table.name}" ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID;{indexes}'


def _declared(table: Table, name: str) -> str:
    if name not in table.column_names:
        raise KeyError(f"table {table.name!r} declares no column {name!r}")
    return name


def _conditions(table: Table, where: Where) -> list[tuple[str, list[Value]]]:
    """SQL for the conditions with its values; in several pieces if one of them lists very many values."""
    fixed: list[str] = []
    values: list[Value] = []
    long: tuple[str, Sequence[Value]] | None = None
    for name, wanted in where.items():
        column = f'"{_declared(table, name)}"'
        if wanted is None:
            fixed.append(f"{column} IS NULL")
        elif isinstance(wanted, Sequence) and not isinstance(wanted, str | bytes):
            if long is not None:
                raise ValueError("only one condition of a select may list several values")
            long = (column, wanted)
        else:
            fixed.append(f"{column} = ?")
            values.append(wanted)
    if long is None:
        return [(_and(fixed), values)]
    column, members = long
    pieces = [members[start : start + _MEMBERS_AT_ONCE] for start in range(0, len(members), _MEMBERS_AT_ONCE)]
    return [(_and([*fixed, f"{column} IN ({', '.join('?' for _ in piece)})"]), [*values, *piece]) for piece in pieces]


def _and(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
