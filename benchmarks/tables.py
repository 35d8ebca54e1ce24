"""Rows of figures as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

Row = dict[str, object]


def show(console: Console, rows: Sequence[Row]) -> None:
    """One table for each kind of row, since kinds have different columns."""
    for columns in dict.fromkeys(tuple(row) for row in rows):
        table = Table(*columns, box=None)
        for row in rows:
            if tuple(row) == columns:
                table.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in row.values()))
        console.print(table)
