"""The lake as Delta tables on local disk, by delta-rs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import unquote, urlparse

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake

from vocative.records.schema import Table
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Scan

Lock = Callable[[str], AbstractContextManager[None]]

_FORMAT = WriterProperties(compression="ZSTD", compression_level=1)
# A log entry is small, so a checkpoint every fifty commits keeps opening fast without rewriting the state each time.
_CHECKPOINT_EVERY = "50"


class DeltaLake:
    """One folder with one Delta table per declared table.

    `lock` orders appends, deletes and compaction per table across processes: two appenders are safe
    beside each other in Delta, a deleter beside them is not.
    """

    def __init__(self, root: Path, lock: Lock) -> None:
        self._root = root
        self._lock = lock

    def append(self, table: Table, data: pa.Table | pa.RecordBatchReader, *, token: str) -> bool:
        """Append in one commit; return False and change nothing if `token` was used on this table before."""
        with self._lock(f"lake.{table.name}"):
            if self.committed(table, token):
                return False
            path = self._path(table)
            write_deltalake(
                str(path),
                data,
                mode="append",
                schema_mode="merge" if DeltaTable.is_deltatable(str(path)) else None,
                configuration=self._configuration(table),
                writer_properties=_FORMAT,
                commit_properties=CommitProperties(app_transactions=[Transaction(token, 1)]),
            )
        return True

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
        """
        opened = self._open(table)
        if opened is None:
            return 0
        erased = 0
        with self._lock(f"lake.{table.name}"):
            for column, values in where.items():
                source = pa.table({"erased": pa.array(sorted(set(values)), pa.string())})
                result = (
                    opened.merge(source, predicate=f"t.{column} = s.erased", source_alias="s", target_alias="t")
                    .when_matched_delete()
                    .execute()
                )
                erased += int(result["num_target_rows_deleted"])
            if erased:
                self._purge(opened)
        return erased

    def compact(self, table: Table) -> int:
        """Merge small files; return how many files were merged."""
        opened = self._open(table)
        if opened is None:
            return 0
        with self._lock(f"lake.{table.name}"):
            result = opened.optimize.compact(writer_properties=_FORMAT)
            opened.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
        return int(result["numFilesRemoved"])

    def drop(self, table: Table) -> None:
        """Remove the whole table from disk."""
        with self._lock(f"lake.{table.name}"):
            shutil.rmtree(self._path(table), ignore_errors=True)

    def _purge(self, opened: DeltaTable) -> None:
        opened.optimize.compact(writer_properties=_FORMAT)
        opened.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
        opened.create_checkpoint()
        opened.cleanup_metadata()

    def _path(self, table: Table) -> Path:
        return self._root / table.name

    def _open(self, table: Table) -> DeltaTable | None:
        path = str(self._path(table))
        return DeltaTable(path) if DeltaTable.is_deltatable(path) else None

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


def _local_path(uri: str) -> str:
    parsed = urlparse(uri)
    return unquote(parsed.path) if parsed.scheme == "file" else uri
