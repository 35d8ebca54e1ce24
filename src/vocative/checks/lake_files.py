"""Looks into the files of a lake as a stranger with the disk in hands would: decoded, and byte by byte."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vocative.checks.suite import fresh
from vocative.records.schema import Column, Retention, Row, Table
from vocative.store.arrow import rows_to_arrow
from vocative.store.protocols import Lake

_COLUMNS = (
    Column("row", "integer", "number of the row; named like a keyword on purpose"),
    Column("moment", "moment", "when"),
    Column("user_id", "text", "the person", optional=True),
    Column("anonymous_id", "text", "the person's device", optional=True),
    Column("amount", "number", "money", optional=True),
    Column("numbers", "numbers", "names and numbers", optional=True),
)


def declare(name: str, *more: Column) -> Table:
    """A table of people's rows that no earlier run can have used, with further columns if given."""
    return Table(
        name=fresh(name),
        store="lake",
        columns=(*_COLUMNS, *more),
        key=("row",),
        subjects=("user_id", "anonymous_id"),
        purpose="a conformance check",
        retention=Retention(None, "the check ends soon"),
    )


def extend(table: Table, *more: Column) -> Table:
    """The same table with further columns, as a later release would declare it."""
    return Table(
        table.name, table.store, (*table.columns, *more), table.key, table.subjects, table.purpose, table.retention
    )


def person(number: int) -> str:
    """An identifier that can be searched for byte by byte."""
    return f"subject-{number:05}-zq"


def build(table: Table, numbers: Iterable[int], *, people: int = 1_000_000) -> pa.Table:
    """Rows of the given numbers; row n belongs to person n modulo `people`."""
    return rows_to_arrow(table, (_row(number, number % people) for number in numbers))


def _row(number: int, owner: int) -> Row:
    return {"row": number, "moment": number, "user_id": person(owner), "amount": number / 4}


def append(lake: Lake, table: Table, data: pa.Table | pa.RecordBatchReader, token: str) -> bool:
    """Append, with the token in its place."""
    return lake.append(table, data, token=token)


def read(lake: Lake, table: Table) -> pa.Table:
    """All rows of the newest version, straight from its files, with missing columns as nulls, in order of `row`."""
    scan = lake.scan(table)
    schema = pa.schema([field.with_nullable(True) for field in scan.schema])
    parts = [schema.empty_table()]
    for file in scan.files:
        part = pq.read_table(file, partitioning=None)
        columns = [
            part[field.name].cast(field.type) if field.name in part.column_names else pa.nulls(len(part), field.type)
            for field in schema
        ]
        parts.append(pa.Table.from_arrays(columns, schema=schema))
    return pa.concat_tables(parts).sort_by("row")


def row_numbers(lake: Lake, table: Table) -> list[int]:
    """The numbers of all rows, in order; a row that stands there twice is there twice."""
    return [number for number in read(lake, table)["row"].to_pylist() if isinstance(number, int)]


def folder_of(lake: Lake, table: Table) -> Path | None:
    """The folder of the table, or None if it is not on a local disk or empty."""
    files = lake.scan(table).files
    return Path(files[0]).parent if files and Path(files[0]).is_absolute() else None


def holding(folder: Path, text: str) -> list[str]:
    """Names of all files below `folder` in which the text stands: raw, unpacked, or in a decoded Parquet file."""
    wanted = text.encode()
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(wanted in seen for seen in _views(path))
    )


def _views(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes()
    yield path.name.encode()
    yield raw
    if raw.startswith(b"\x1f\x8b"):
        yield gzip.decompress(raw)
    if raw.startswith(b"PAR1"):
        with pq.ParquetFile(path) as file:
            yield repr(file.read().to_pydict()).encode()
            yield repr(file.metadata.to_dict()).encode()
