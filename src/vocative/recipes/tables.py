"""Generated data as files, the way a business exports it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.csv as pa_csv

Columns = Mapping[str, Sequence[str]]
"""Name of a column → its values as the file shows them, all of one length."""


def write_csv(path: Path, columns: Columns, *, delimiter: str = ",") -> None:
    """Write columns of text."""
    table = pa.table({name: pa.array(list(values), pa.string()) for name, values in columns.items()})
    pa_csv.write_csv(table, path, pa_csv.WriteOptions(delimiter=delimiter))


def write_lines(path: Path, rows: Iterable[Mapping[str, object]], broken: Sequence[str] = ()) -> None:
    """Write JSON lines, and behind them lines that are none."""
    text = msgspec.json.Encoder().encode_lines(rows)
    path.write_bytes(text + "".join(f"{line}\n" for line in broken).encode())


def with_rows(columns: Columns, rows: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """The columns with a few more rows; what a row does not name is empty."""
    extra = list(rows)
    return {name: [*values, *(row.get(name, "") for row in extra)] for name, values in columns.items()}
