"""Rows as a program or a notebook takes them: an Arrow table that becomes a data frame where one is wanted."""

from __future__ import annotations

from html import escape
from importlib import import_module
from typing import Any

import pyarrow as pa

from vocative.errors import MissingExtraError

_SHOWN = 10


class Rows:
    """Rows of one table of a workspace, in memory.

    Anything that understands Arrow takes them as they are: `pyarrow.table(rows)`, `polars.DataFrame(rows)`,
    `duckdb.arrow(rows.to_arrow())`.
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._table.column_names)

    def to_arrow(self) -> pa.Table:
        """The rows as a `pyarrow.Table`; nothing is copied."""
        return self._table

    def to_dicts(self) -> list[dict[str, Any]]:
        """Each row as a dict of plain values; moments are aware datetimes."""
        rows: list[dict[str, Any]] = self._table.to_pylist()
        return rows

    def to_pandas(self) -> Any:  # noqa: ANN401 - pandas need not be installed
        """The rows as a `pandas.DataFrame`.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        _needed("pandas")
        return self._table.to_pandas()

    def to_polars(self) -> Any:  # noqa: ANN401 - polars need not be installed
        """The rows as a `polars.DataFrame`.

        Raises:
            MissingExtraError: polars is not installed.
        """
        return _needed("polars").from_arrow(self._table)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        stream: object = self._table.__arrow_c_stream__(requested_schema)  # type: ignore[no-untyped-call]
        return stream

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __repr__(self) -> str:
        return f"<{len(self):,} rows of {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        """The first rows as a table, for notebooks."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        rows = self._table.slice(0, _SHOWN).to_pylist()
        body = "".join(f"<tr>{''.join(f'<td>{escape(_cell(one))}</td>' for one in row.values())}</tr>" for row in rows)
        more = f"<p>{len(self):,} rows, {_SHOWN} shown</p>" if len(self) > _SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _needed(package: str) -> Any:  # noqa: ANN401 - a module
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingExtraError(
            f"{package} is not installed", remedy=f"install it (pip install {package}), or use to_arrow()"
        ) from error
