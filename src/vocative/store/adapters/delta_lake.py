"""The lake as Delta tables on local disk, by delta-rs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlparse

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from vocative.errors import StoreError, VocativeError
from vocative.records.schema import Table
from vocative.store.arrow import arrow_schema
from vocative.store.context import Lock, StoreContext
from vocative.store.private import close_to_others
from vocative.store.protocols import Scan

T = TypeVar("T")

_FORMAT = WriterProperties(compression="ZSTD", compression_level=1)
# A log entry is small, so a checkpoint every fifty commits keeps opening fast without rewriting the state each time.
_CHECKPOINT_EVERY = "50"
# A foreign appender (Spark, another tool) does not know our lock; what it overtakes is done again this often.
_ATTEMPTS = 20
# Whoever scanned a table before its files were merged may read them for so long; an erasure takes them at once.
_READABLE_HOURS = 24
_MOMENT = """arrow_cast({}, 'Timestamp(Microsecond, Some("UTC"))')"""


class DeltaLake:
    """One folder with one Delta table per declared table.

    `lock` orders appends, deletes and compaction per table across processes. Two appenders are safe beside each other
    in Delta; beside a deleter they are not, and cleaning up would take the files of an append that is under way.
    A foreign tool that knows no lock may therefore read these tables at any time and append while nothing is erased
    or compacted; a commit that it overtook is done again.
    """

    @classmethod
    def open(cls, context: StoreContext) -> DeltaLake:
        """Delta tables in the workspace's folder; nothing to set up.

        Raises:
            StoreError: No ledger was opened whose lock it could take.
        """
        context.only("delta")
        if context.lock is None:
            raise StoreError("the lake needs the lock of a ledger")
        return cls(context.folder / "lake", context.lock)

    def __init__(self, root: Path, lock: Lock) -> None:
        self._root = root
        self._lock = lock

    def append(self, table: Table, data: pa.Table | pa.RecordBatchReader, *, token: str) -> bool:
        """Append in one commit; return False and change nothing if `token` was used on this table before.

        Raises:
            StoreError: the data does not fit the table, or the disk refused it; nothing has changed then.
        """

        def attempt() -> bool:
            opened = self._open(table)
            if opened is not None and opened.transaction_version(token) is not None:
                return False
            before = self._files(table)
            write_deltalake(
                str(self._path(table)) if opened is None else opened,
                data,
                mode="append",
                schema_mode=None if opened is None else "merge",
                configuration=self._configuration(table),
                writer_properties=_FORMAT,
                commit_properties=CommitProperties(app_transactions=[Transaction(token, 1)]),
            )
            self._flush(table, before)
            return True

        # A reader can be read only once, so only a whole table can be written again after a conflict.
        attempts = _ATTEMPTS if isinstance(data, pa.Table) else 1
        with self._lock(f"lake.{table.name}"):
            return _again(table, attempt, attempts)

    def committed(self, table: Table, token: str) -> bool:
        """Whether an append with this token has been committed."""
        opened = self._open(table)
        return opened is not None and opened.transaction_version(token) is not None

    def scan(self, table: Table) -> Scan:
        """The newest version of the table, as files."""
        opened = self._open(table)
        if opened is None:
            return Scan(table, version=-1, files=(), schema=arrow_schema(table))
        files = tuple(_local_path(uri) for uri in opened.file_uris())
        return Scan(table, version=opened.version(), files=files, schema=arrow_schema(table))

    def erase(self, table: Table, where: Mapping[str, Sequence[str]]) -> int:
        """Delete every row whose column holds one of the given texts, from all versions; return how many.

        A merge is used because its predicate does not name the values in the log, as `delete` would.
        Old files are removed even if no row is left to delete: an earlier call may have been killed in between.

        Raises:
            StoreError: a column is not declared, or other writers kept getting in between.
        """
        unknown = set(where) - set(table.column_names)
        if unknown:
            raise StoreError(f"table {table.name!r} declares no column {', '.join(sorted(unknown))}")
        with self._lock(f"lake.{table.name}"):
            if self._open(table) is None:
                return 0
            erased = sum(
                _again(table, lambda column=column, values=values: self._delete(table, column, values))  # type: ignore[misc]
                for column, values in where.items()
            )
            _again(table, lambda: self._purge(table))
        return erased

    def expire(self, table: Table, column: str, before: int) -> int:
        """Delete every row whose moment in `column` lies before `before` (µs UTC); return how many.

        Files that hold such rows only are dropped, others written anew. The log tells the moment, which names nobody.
        Old files stay readable for a day, so those of an earlier call are removed even if no row is left to delete.

        Raises:
            StoreError: the column is not declared, or other writers kept getting in between.
        """
        if column not in table.column_names:
            raise StoreError(f"table {table.name!r} declares no column {column}")
        with self._lock(f"lake.{table.name}"):
            return _again(table, lambda: self._expire(table, column, before))

    def compact(self, table: Table) -> int:
        """Merge small files; return how many files were merged."""
        with self._lock(f"lake.{table.name}"):
            return _again(table, lambda: self._merge_files(table, _READABLE_HOURS))

    def _delete(self, table: Table, column: str, values: Sequence[str]) -> int:
        opened = self._open(table)
        # A column declared after the last append is not in the table yet, so nobody can be found in it.
        if opened is None or not values or column not in {field.name for field in opened.schema().fields}:
            return 0
        before = self._files(table)
        source = pa.table({"erased": pa.array(sorted(set(values)), pa.string())})
        result = (
            opened.merge(
                source,
                predicate=f't."{column}" = s.erased',
                source_alias="s",
                target_alias="t",
                writer_properties=_FORMAT,
            )
            .when_matched_delete()
            .execute()
        )
        self._flush(table, before)
        return int(result["num_target_rows_deleted"])

    def _expire(self, table: Table, column: str, before: int) -> int:
        opened = self._open(table)
        if opened is None or column not in {field.name for field in opened.schema().fields}:
            return 0
        written = self._files(table)
        result = opened.delete(f'"{column}" < {_MOMENT.format(before)}', writer_properties=_FORMAT)
        self._flush(table, written)
        self._remove_old_files(table, opened, _READABLE_HOURS)
        return int(result["num_deleted_rows"] or 0)

    def _merge_files(self, table: Table, readable_hours: int) -> int:
        opened = self._open(table)
        if opened is None:
            return 0
        before = self._files(table)
        result = opened.optimize.compact(writer_properties=_FORMAT)
        # The old files go only when a power cut cannot take the new ones any more.
        self._flush(table, before)
        self._remove_old_files(table, opened, readable_hours)
        return int(result["numFilesRemoved"])

    def _purge(self, table: Table) -> None:
        """Leave nothing but the newest version: no old file, no old log entry."""
        self._merge_files(table, 0)
        opened = self._open(table)
        if opened is not None:
            before = self._files(table)
            opened.create_checkpoint()
            self._flush(table, before)
            opened.cleanup_metadata()

    def _remove_old_files(self, table: Table, opened: DeltaTable, readable_hours: int) -> None:
        opened.vacuum(retention_hours=readable_hours, enforce_retention_duration=False, dry_run=False, full=True)
        # That it was done stands in the log too.
        for entry in (self._path(table) / "_delta_log").iterdir():
            close_to_others(entry)

    def _files(self, table: Table) -> set[Path]:
        path = self._path(table)
        return {file for folder in (path, path / "_delta_log") if folder.is_dir() for file in folder.iterdir()}

    def _flush(self, table: Table, before: set[Path]) -> None:
        """Push new files from the system's memory to the disk, which delta-rs leaves to chance."""
        path = self._path(table)
        # delta-rs makes folders and files as open as the process allows.
        for made in (self._root, path, path / "_delta_log", path / "_delta_log" / "_last_checkpoint"):
            close_to_others(made)
        for new in self._files(table) - before:
            # A writer that knows no lock may have had a temporary file here, which is gone by now.
            with suppress(FileNotFoundError):
                _sync(new)
                close_to_others(new)
        for folder in (path / "_delta_log", path, self._root):
            _sync(folder)

    def _path(self, table: Table) -> Path:
        return self._root / table.name

    def _open(self, table: Table) -> DeltaTable | None:
        path = str(self._path(table))
        for left in reversed(range(_ATTEMPTS)):
            try:
                return DeltaTable(path) if DeltaTable.is_deltatable(path) else None
            except (DeltaError, OSError) as error:
                # Readers take no lock, so a log entry they are about to read may just have been cleaned up.
                if not left:
                    raise StoreError(
                        f"the lake table {table.name!r} in {path} cannot be opened: {_first_line(error)}"
                    ) from error
        raise AssertionError("unreachable: the last attempt returns or raises")

    @staticmethod
    def _configuration(table: Table) -> dict[str, str | None]:
        subjects = {*table.subjects, "address", "email", "phone", "first_name"}
        counted = [
            column.name
            for column in table.columns
            if column.name not in subjects and column.type in ("moment", "integer", "number")
        ]
        return {
            "delta.dataSkippingStatsColumns": ",".join(counted),
            "delta.checkpointInterval": _CHECKPOINT_EVERY,
            "delta.logRetentionDuration": "interval 0 seconds",
        }


def _again(table: Table, attempt: Callable[[], T], attempts: int = _ATTEMPTS) -> T:
    """Do it, and do it again when another writer got in between."""
    for left in reversed(range(attempts)):
        try:
            return attempt()
        except CommitFailedError as error:
            if not left:
                raise StoreError(
                    f"other writers kept overtaking this one on the lake table {table.name!r}: {_first_line(error)}"
                ) from error
        except VocativeError:
            raise
        except Exception as error:
            # delta-rs raises bare exceptions too, for example for a value that cannot be cast.
            raise StoreError(f"the lake table {table.name!r} refused: {_first_line(error)}") from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def _first_line(error: Exception) -> str:
    """The message without the native stack that delta-rs appends."""
    return str(error).partition("\n")[0]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _local_path(uri: str) -> str:
    parsed = urlparse(uri)
    return unquote(parsed.path) if parsed.scheme == "file" else uri
