"""DuckDB, in memory, over files of the lake and Arrow tables."""

from __future__ import annotations

import shutil
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import duckdb
import pyarrow as pa
from filelock import FileLock, Timeout

from vocative.errors import StoreError
from vocative.records.schema import ColumnType, Value
from vocative.store.context import StoreContext
from vocative.store.private import FILE, private_folder
from vocative.store.protocols import Relation, Scan, Staged
from vocative.store.read_only import can_be_written

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
_MOST_KNOWN = 256


class DuckDBEngine:
    """One in-memory database, and for each query a connection of its own: no query sees what another was given.

    Nothing is kept between queries but which columns files have: nothing can be lost or go stale. `memory` is DuckDB's
    own notation (`"1GB"`) and holds for all queries together; what does not fit is spilled to a folder of its own below
    `spill`.
    """

    @classmethod
    def open(cls, context: StoreContext) -> DuckDBEngine:
        """DuckDB in memory; what does not fit is spilled into the workspace's folder. Options: `memory`, `threads`."""
        context.only("duckdb", "memory", "threads")
        threads = context.options.get("threads")
        return cls(
            context.folder / "scratch",
            memory=str(context.options.get("memory", "1GB")),
            threads=None if threads is None else int(threads),
        )

    def __init__(self, spill: Path, *, memory: str = "1GB", threads: int | None = None) -> None:
        self._spill = spill
        self._memory = memory
        self._threads = threads
        self._database: duckdb.DuckDBPyConnection | None = None
        self._opening = threading.Lock()
        # Files of a lake never change, and a run asks about the same ones a hundred times.
        self._columns: dict[tuple[str, ...], frozenset[str]] = {}
        self._folder: Path | None = None

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

    def stage(self, sql: str, relations: Mapping[str, Relation]) -> Staged:
        """Run one statement and keep its result in a Parquet file below `spill`, until nobody holds it any more."""
        connection = self._connect()
        try:
            for name, relation in relations.items():
                self._bind(connection, name, relation)
            path = self._own_folder() / f"staged-{uuid4().hex}.parquet"
            connection.execute(f"COPY ({sql}) TO {_quoted(path)} (FORMAT parquet, COMPRESSION lz4_raw)")
            # Its folder is closed to others already; who copies the file out finds it closed too.
            path.chmod(FILE)
            schema = connection.sql(f"SELECT * FROM read_parquet({_quoted(path)}) LIMIT 0").to_arrow_table().schema
        except duckdb.Error as error:
            raise StoreError(f"the engine could not answer: {error}") from error
        finally:
            connection.close()
        staged = Staged(str(path), schema)
        weakref.finalize(staged, path.unlink, missing_ok=True)
        return staged

    def _connect(self) -> duckdb.DuckDBPyConnection:
        with self._opening:
            if self._database is None:
                self._database = self._open()
            connection = self._database.cursor()
        # Only what is temporary can be created, and that ends with the connection.
        connection.execute("SET search_path = 'temp.main'")
        connection.execute("SET TimeZone = 'UTC'")
        # A query of more than two seconds would draw its own bar on the caller's standard output.
        connection.execute("SET enable_progress_bar = false")
        return connection

    def _open(self) -> duckdb.DuckDBPyConnection:
        spill = self._spill
        if not can_be_written(spill / "engine"):
            # What does not fit into memory goes to the machine's own place for such files, for this user alone.
            spill = Path(mkdtemp(prefix="vocative-"))
            weakref.finalize(self, shutil.rmtree, spill, ignore_errors=True)
        folder, held = _spill_folder(spill)
        self._folder = folder
        weakref.finalize(self, _remove, folder, held)
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": self._memory,
            "temp_directory": str(folder),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
            # Pages of files would stay in memory after their rows were erased from the lake.
            "enable_external_file_cache": False,
        }
        if self._threads is not None:
            config["threads"] = self._threads
        return duckdb.connect(":memory:", config=config)

    def _own_folder(self) -> Path:
        """The folder of this database, which goes with it."""
        if self._folder is None:
            raise StoreError("the engine is not open")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder

    def _bind(self, connection: duckdb.DuckDBPyConnection, name: str, relation: Relation) -> None:
        if isinstance(relation, Staged):
            connection.execute(f'CREATE TEMP VIEW "{name}" AS SELECT * FROM read_parquet({_quoted(relation.name)})')
            return
        if not isinstance(relation, Scan):
            connection.register(name, relation)
            return
        if not relation.files:
            connection.register(name, relation.schema.empty_table())
            return
        # A column added after a file was written is missing there: the declared list fills it with nulls.
        files = ", ".join(_quoted(file) for file in relation.files)
        source = f"read_parquet([{files}], union_by_name=true)"
        known = self._columns.get(relation.files)
        if known is None:
            described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
            if len(self._columns) >= _MOST_KNOWN:
                self._columns.clear()
            known = self._columns[relation.files] = frozenset(row[0] for row in described)
        columns = ", ".join(
            f'"{column.name}"' if column.name in known else f'NULL::{_SQL_TYPES[column.type]} AS "{column.name}"'
            for column in relation.table.columns
        )
        connection.execute(f'CREATE TEMP VIEW "{name}" AS SELECT {columns} FROM {source}')


def _quoted(path: Path | str) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _spill_folder(spill: Path) -> tuple[Path, FileLock]:
    """A folder for this database alone; what killed processes have spilled and left behind is removed first.

    Two databases that spill into one folder would overwrite each other's files.
    """
    private_folder(spill)
    for left in spill.glob("engine-*.lock"):
        held = FileLock(left, timeout=0)
        try:
            held.acquire()
        except Timeout:
            continue
        _remove(left.with_suffix(""), held)
    folder = spill / f"engine-{uuid4().hex}"
    held = FileLock(folder.with_suffix(".lock"), mode=FILE)
    held.acquire()
    return folder, held


def _remove(folder: Path, held: FileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    Path(held.lock_file).unlink(missing_ok=True)
    held.release()
