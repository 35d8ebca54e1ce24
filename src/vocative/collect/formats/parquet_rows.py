"""Parquet files as raw batches, with the types the file gives its columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vocative.collect.formats.raw import BATCH_ROWS, RawColumn, RawFile, raw_schema
from vocative.errors import ImportFileError


def read_parquet(path: Path) -> RawFile:
    """Open a Parquet file.

    Raises:
        ImportFileError: the file is truncated, damaged or no Parquet file; also later, while its batches are read.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema, total = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error
    columns = tuple(
        RawColumn(field.name, f"c{position}", _plain_type(field.type)) for position, field in enumerate(schema)
    )
    return RawFile(columns, tuple(schema.names), lambda: _batches(path, columns), total)


def _batches(path: Path, columns: tuple[RawColumn, ...]) -> Iterator[pa.RecordBatch]:
    schema = raw_schema(columns)
    row = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
                nothing = pa.nulls(batch.num_rows, pa.string())
                numbers = pa.array(range(row, row + batch.num_rows), pa.int64())
                row += batch.num_rows
                data = [
                    array if array.type == column.type else array.cast(column.type, safe=False)
                    for array, column in zip(batch.columns, columns, strict=True)
                ]
                yield pa.RecordBatch.from_arrays([numbers, nothing, nothing, nothing, *data], schema=schema)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """The type an engine reads without loss: text for anything textual, microseconds for moments."""
    types = pa.types
    if types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if types.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC" if kind.tz else None)
    if types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind):
        return pa.string()
    if types.is_decimal(kind) or types.is_float16(kind) or types.is_float32(kind):
        return pa.float64()
    if types.is_date64(kind):
        return pa.date32()
    if types.is_integer(kind):
        return pa.int64()
    return kind


def _damaged(path: Path, error: Exception) -> ImportFileError:
    return ImportFileError(
        f"the Parquet file is truncated or damaged ({str(error).splitlines()[0]})",
        where=str(path),
        remedy="export or copy it again",
    )
