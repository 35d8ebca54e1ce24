"""Rows as they stand in a file, before anything is understood: what every reader of a format hands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa

ROW = "_row"
BROKEN = "_broken"
CONTENT = "_content"
REST = "_rest"
UNREADABLE = "_unreadable"
"""Stands in the content of a row whose fields cannot be told apart: no mapping mends it, only a new file."""
BATCH_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One column of a file: its own name, the name under which queries see it, and how the source typed it."""

    name: str
    field: str
    type: pa.DataType


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file as batches of rows.

    Each batch has the columns `_row` (line or row number), `_broken` (why the row cannot be read, or null), `_content`
    (the row as one JSON object, where only the reader can tell it), `_rest` (JSON object of columns without a field of
    their own, or null) and then one column per `columns`. `names` are all names seen, for messages.
    """

    columns: tuple[RawColumn, ...]
    names: tuple[str, ...]
    batches: Callable[[], Iterator[pa.RecordBatch]]
    total: int | None = None

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the batches."""
        return raw_schema(self.columns)


def raw_schema(columns: Sequence[RawColumn]) -> pa.Schema:
    """The Arrow schema of raw batches with these columns."""
    fields: list[pa.Field[Any]] = [
        pa.field(ROW, pa.int64()),
        pa.field(BROKEN, pa.string()),
        pa.field(CONTENT, pa.string()),
        pa.field(REST, pa.string()),
    ]
    return pa.schema(fields + [pa.field(column.field, column.type) for column in columns])


def text_columns(names: Sequence[str]) -> tuple[RawColumn, ...]:
    """Text columns for names; an empty name becomes `column_N`, a repeated one gets a number.

    >>> [column.name for column in text_columns(["id", "", "id"])]
    ['id', 'column_2', 'id_2']
    """
    taken: dict[str, int] = {}
    columns = []
    for position, raw_name in enumerate(names):
        name = raw_name.strip() or f"column_{position + 1}"
        while name in taken:
            taken[name] += 1
            name = f"{name}_{taken[name]}"
        taken[name] = 1
        columns.append(RawColumn(name, f"c{position}", pa.string()))
    return tuple(columns)


def broken_batch(schema: pa.Schema, rows: Sequence[tuple[int, str, str]]) -> pa.RecordBatch:
    """A batch of rows that cannot be read, each as (number, reason, content)."""
    arrays = [
        pa.array([row[0] for row in rows], pa.int64()),
        pa.array([row[1] for row in rows], pa.string()),
        pa.array([row[2] for row in rows], pa.string()),
        *(pa.nulls(len(rows), field.type) for field in list(schema)[3:]),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def json_text(value: object) -> str:
    """One JSON value as text with sorted keys; bytes that were no text are written as escapes, so nothing is lost."""
    return msgspec.json.encode(_clean(value), order="deterministic").decode()


def _clean(value: object) -> object:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value
