"""The account of a file is drawn up in a folder beside the stores, as Parquet, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vocative.collect.formats.raw import CONTENT, ROW, RawFile
from vocative.collect.mapping.canonical import MOMENTS, Reading, is_textual
from vocative.collect.mapping.mapping import TABLES
from vocative.collect.mapping.moments import Order, evidence_sql, order_of, pattern_order
from vocative.collect.mapping.values import text_sql
from vocative.errors import MappingError
from vocative.records.lake_tables import QUARANTINE
from vocative.records.progress import Progress
from vocative.records.schema import Column, ColumnType, Retention, Table
from vocative.records.settings import Kind
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Engine, Scan

_KEPT_SHORT = Retention(0, "removed when the import ends", since=ROW)


def parquet_scan(name: str, path: Path) -> Scan:
    """A staged Parquet file as a relation, with whatever columns it has."""
    schema = pq.read_schema(path)
    columns = tuple(Column(field.name, _column_type(field.type), "staged", optional=True) for field in schema)
    table = Table(name, "lake", columns, (ROW,), (), "staging", _KEPT_SHORT)
    return Scan(table, version=0, files=(str(path),), schema=schema)


def _column_type(kind: pa.DataType) -> ColumnType:
    if pa.types.is_integer(kind):
        return "integer"
    return "number" if pa.types.is_floating(kind) else "text"


@contextmanager
def writing(path: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """A Parquet file that is written batch by batch."""
    with pq.ParquetWriter(path, schema, compression="lz4", use_dictionary=False, write_statistics=False) as writer:
        yield writer


def stage_raw(raw: RawFile, path: Path, progress: Progress) -> int:
    """Write the raw rows as they are and return how many there are."""
    read = 0
    with writing(path, raw.schema) as writer:
        for batch in raw.batches():
            writer.write_batch(batch)
            read += batch.num_rows
            progress(read, raw.total, "reading")
    return read


def find_orders(engine: Engine, raw: Scan, reading: Reading) -> dict[str, Order]:
    """Which of day and month comes first in each column of dates, told from all its values.

    Raises:
        MappingError: no value of a column tells it.
    """
    fitted = reading.fitted
    stated = pattern_order(fitted.mapping.timestamp_format)
    targets = [name for name in (*MOMENTS[fitted.kind], "birth_date") if is_textual(fitted, name)]
    orders: dict[str, Order] = dict.fromkeys(targets, stated)
    asked = {} if stated else {name: fitted.rules[name].column for name in targets if fitted.rules[name].column}
    if not asked:
        return orders
    counts = [count for column in asked.values() for count in evidence_sql(f"({text_sql(fitted.fields[column])})")]
    named = ", ".join(f"{count} AS count{position}" for position, count in enumerate(counts))
    row = engine.query(f"SELECT {named} FROM raw", {"raw": raw}).to_pylist()[0]
    for position, (target, column) in enumerate(asked.items()):
        order = order_of(*(int(row[f"count{3 * position + step}"]) for step in range(3)))
        if order is None:
            raise MappingError(
                f"in the column {column!r} nothing tells whether the day or the month comes first",
                where=reading.file,
                remedy='state it in the mapping: timestamp_format = "%d/%m/%Y" (or "%m/%d/%Y")',
            )
        orders[target] = order
    return orders


def good_schema(kind: Kind) -> pa.Schema:
    """The columns of good rows: those of the table, the row's number and whether the file gave id or time itself."""
    fields: list[pa.Field[Any]] = [pa.field(ROW, pa.int64()), pa.field("_stated", pa.bool_())]
    fields += [field.with_nullable(True) for field in list(arrow_schema(TABLES[kind]))]
    return pa.schema(fields)


def stage_rows(
    engine: Engine, sql: str, raw: Scan, reading: Reading, paths: Mapping[str, Path], import_id: str, progress: Progress
) -> int:
    """Understand every raw row by `sql`: good ones go to `paths["good"]`, refused ones to `paths["bad"]`.

    The refused are written in the shape of the quarantine. Returns how many were refused.
    """
    kind = reading.fitted.kind
    good, bad = good_schema(kind), arrow_schema(QUARANTINE)
    done = refused = 0
    with (
        writing(paths["good"], good) as good_file,
        writing(paths["bad"], bad) as bad_file,
        engine.stream(sql, {"raw": raw}) as reader,
    ):
        for batch in reader:
            done += batch.num_rows
            is_bad = pc.is_valid(batch["_fault"])
            wrong = batch.filter(is_bad)
            if wrong.num_rows:
                refused += wrong.num_rows
                bad_file.write_batch(_quarantined(wrong, reading, import_id))
                batch = batch.filter(pc.invert(is_bad))
            if batch.num_rows:
                good_file.write_batch(batch.select(good.names).cast(good))
            progress(done, None, "checking")
    return refused


def _quarantined(batch: pa.RecordBatch, reading: Reading, import_id: str) -> pa.RecordBatch:
    fault = pc.split_pattern(batch["_fault"], "|", max_splits=1)
    column, reason = pc.list_element(fault, 0), pc.list_element(fault, 1)
    count = batch.num_rows
    nothing = pa.nulls(count, pa.string())
    values = {
        "import_id": pa.array([import_id] * count),
        "kind": pa.array([reading.fitted.kind] * count),
        "file": pa.array([reading.file] * count),
        "row": batch[ROW],
        "column": pc.if_else(pc.equal(column, pa.scalar("")), nothing, column),
        "reason": reason,
        "content": batch[CONTENT],
        "user_id": batch["user_id"] if "user_id" in batch.schema.names else nothing,
        "known_at": pa.array([reading.now] * count, pa.timestamp("us", tz="UTC")),
    }
    schema = arrow_schema(QUARANTINE)
    return pa.RecordBatch.from_arrays(
        [values[name].cast(schema.field(name).type) for name in schema.names], schema=schema
    )
