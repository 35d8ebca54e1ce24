"""DuckDB, in memory, over files of the lake and Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from vocative.errors import StoreError
from vocative.records.schema import ColumnType, Value
from vocative.store.protocols import Relation, Scan

_SQL_TYPES: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "moment": "TIMESTAMPTZ",
    "day": "DATE",
    "json": "VARCHAR",
    "numbers": "MAP(VARCHAR, DOUBLE)",
}


class DuckDBEngine:
    """Opens an in-memory database for each query: nothing is kept, so nothing can be lost or go stale.

    `memory` is DuckDB's own notation (`"1GB"`); what does not fit is spilled to `spill`.
    """

    def __init__(self, spill: Path, *, memory: str = "1GB", threads: int | None = None) -> None:
        self._spill = spill
        self._memory = memory
        self._threads = threads

    def query(
        self, sql: str, relations: Mapping[str, Relation], parameters: Mapping[str, Value] | None = None
    ) -> pa.Table:
        """Run one statement over the named relations and return the whole result."""
        with self.stream(sql, relations, parameters) as reader:
            return reader.read_all()

    @contextmanager
    def stream(
        self, sql: str, relations: Mapping[str, Relation], parameters: Mapping[str, Value] | None = None
    ) -> Iterator[pa.RecordBatchReader]:
        """Like `query`, in batches, for results that should not be in memory at once."""
        connection = self._connect()
        try:
            for name, relation in relations.items():
                self._bind(connection, name, relation)
            result = connection.sql(sql, params=dict(parameters) if parameters else None)
            yield result.to_arrow_reader(100_000)
        except duckdb.Error as error:
            raise StoreError(f"the engine could not answer: {error}") from error
        finally:
            connection.close()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        self._spill.mkdir(parents=True, exist_ok=True)
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": self._memory,
            "temp_directory": str(self._spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
        if self._threads is not None:
            config["threads"] = self._threads
        connection = duckdb.connect(":memory:", config=config)
        connection.execute("SET TimeZone = 'UTC'")
        # A query of more than two seconds would draw its own bar on the caller's standard output.
        connection.execute("SET enable_progress_bar = false")
        return connection

    @staticmethod
    def _bind(connection: duckdb.DuckDBPyConnection, name: str, relation: Relation) -> None:
        if not isinstance(relation, Scan):
            connection.register(name, relation)
            return
        if not relation.files:
            connection.register(name, relation.schema.empty_table())
            return
        # A column added after a file was written is missing there: the declared list fills it with nulls.
        files = ", ".join("'" + file.replace("'", "''") + "'" for file in relation.files)
        source = f"read_parquet([{files}], union_by_name=true)"
        known = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        columns = ", ".join(
            f'"{column.name}"' if column.name in known else f'NULL::{_SQL_TYPES[column.type]} AS "{column.name}"'
            for column in relation.table.columns
        )
        connection.execute(f'CREATE VIEW "{name}" AS SELECT {columns} FROM {source}')
