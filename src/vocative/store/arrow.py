"""Declared tables as Arrow schemas, and rows as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from vocative.records.schema import Cell, Column, ColumnType, Table

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "moment": pa.timestamp("us", tz="UTC"),
    "day": pa.date32(),
    "json": pa.string(),
    "numbers": pa.map_(pa.string(), pa.float64()),
}


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a declared table."""
    return pa.schema(
        [pa.field(column.name, ARROW_TYPES[column.type], nullable=column.optional) for column in table.columns]
    )


def rows_to_arrow(table: Table, rows: Iterable[Mapping[str, Cell]]) -> pa.Table:
    """Build the Arrow table of rows given as mappings; moments are microseconds since 1970 in UTC.

    A flag may be given as 0 or 1: a ledger without a type of its own for it returns it so.
    """
    rows = list(rows)
    arrays = [_array(column, [row.get(column.name) for row in rows]) for column in table.columns]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table))


def _array(column: Column, values: list[Cell]) -> pa.Array[Any]:
    given = [None if value is None else bool(value) for value in values] if column.type == "flag" else values
    return pa.array(given, type=ARROW_TYPES[column.type])
