"""Writes what the engine knows into files others can read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from vocative.desk.atomic_file import whole_file
from vocative.errors import ImportFileError
from vocative.records.exports import EXPORTS
from vocative.records.schema import Table
from vocative.store.arrow import rows_to_arrow
from vocative.store.protocols import Relation
from vocative.workspace.opening import Workspace

_SINCE = {
    "quarantine": "known_at",
    "events": "timestamp",
    "people": "timestamp",
    "items": "timestamp",
    "offers": "timestamp",
    "receipts": "queued_at",
    "assignments": "assigned_at",
}
# A cell that starts with one of these is run as a formula by spreadsheet programs.
_FORMULA = r"^[=+\-@\t\r]"


def export_table(workspace: Workspace, what: str, out: Path, *, since: int | None = None) -> int:
    """Write a table to a file whose ending says the format; return the number of rows.

    Text cells that a spreadsheet program would run as a formula get an apostrophe in front, in CSV only.

    Raises:
        ImportFileError: the ending is unknown.
        WorkspaceError: the file cannot be written.
    """
    writers = {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl}
    write = writers.get(out.suffix)
    if write is None:
        raise ImportFileError(f"unknown ending {out.suffix!r}", where=str(out), remedy="use .parquet, .csv or .jsonl")
    table = EXPORTS[what]
    column = _SINCE.get(what, "moment")
    condition = f"WHERE {column} >= make_timestamptz($since)" if since is not None else ""
    rows = workspace.stores.engine.stream(
        f"SELECT {_columns(table, out.suffix)} FROM exported {condition}",
        {"exported": _relation(workspace, table, None if since is None else (column, since))},
        {"since": since} if since is not None else None,
    )
    with rows as reader, whole_file(out) as half:
        return write(reader, half)


def _relation(workspace: Workspace, table: Table, since: tuple[str, int] | None) -> Relation:
    if table.store == "lake":
        return workspace.stores.lake.scan(table)
    with workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(table, since=since)
    return rows_to_arrow(table, rows)


def _columns(table: Table, ending: str) -> str:
    parts = []
    for column in table.columns:
        name = f'"{column.name}"'
        if ending != ".parquet" and column.type == "numbers":
            parts.append(f"CAST(to_json({name}) AS VARCHAR) AS {name}")
        elif ending == ".csv" and column.type in ("text", "json"):
            parts.append(
                f"CASE WHEN regexp_matches({name}, '{_FORMULA}') THEN '''' || {name} ELSE {name} END AS {name}"
            )
        else:
            parts.append(name)
    return ", ".join(parts)


def _parquet(reader: pa.RecordBatchReader, path: Path) -> int:
    rows = 0
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _csv(reader: pa.RecordBatchReader, path: Path) -> int:
    rows = 0
    with pa_csv.CSVWriter(path, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _jsonl(reader: pa.RecordBatchReader, path: Path) -> int:
    rows = 0
    with path.open("wb") as file:
        for row in _rows(reader):
            file.write(msgspec.json.encode(row) + b"\n")
            rows += 1
    return rows


def _rows(reader: pa.RecordBatchReader) -> Iterator[dict[str, object]]:
    for batch in reader:
        yield from batch.to_pylist()
