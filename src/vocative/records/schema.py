"""How a table is declared: its columns, whose data it holds, what for, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "integer", "number", "flag", "moment", "day", "json", "numbers"]
"""Column types. `moment` is a UTC instant in microseconds, `json` is text holding one JSON value,
`numbers` (lake only) maps names to numbers."""

Value = str | int | float | bool | bytes | None
"""What one cell of a ledger row can hold; moments are integers: microseconds since 1970 in UTC."""

Row = Mapping[str, Value]

Cell = Value | list[tuple[str, float]]
"""What one cell of a row of the lake can hold; names and numbers are given as pairs."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name`, `type`, what it means, and whether it may be empty."""

    name: str
    type: ColumnType
    meaning: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Retention:
    """How long rows are kept: `days` after the moment in column `since`; `days=None` means until erased.

    A run deletes what is older. Where a table of the lake names a `since`, the business may choose other days.
    `why` is the reason that stands in the register of processing.
    """

    days: int | None
    why: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a store.

    `key` identifies a row. `subjects` are the columns that hold a person's identifier: export and erasure follow them;
    an empty tuple says that no row belongs to a person, and `purpose` then has to make plain why the table exists.
    """

    name: str
    store: Literal["lake", "ledger"]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    subjects: tuple[str, ...]
    purpose: str
    retention: Retention

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)
