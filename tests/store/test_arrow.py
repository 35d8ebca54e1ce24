"""Rows as Arrow tables: what a ledger returns becomes what is declared."""

from __future__ import annotations

from vocative.records.schema import Column, Retention, Table
from vocative.store.arrow import rows_to_arrow

TABLE = Table(
    name="told",
    store="ledger",
    columns=(Column("name", "text", "a name"), Column("sells", "flag", "a flag", optional=True)),
    key=("name",),
    subjects=(),
    purpose="a table with a flag",
    retention=Retention(1, "for a day", since="name"),
)


def test_a_flag_that_a_ledger_keeps_as_a_number_is_a_flag_again() -> None:
    rows = rows_to_arrow(
        TABLE, [{"name": "a", "sells": 1}, {"name": "b", "sells": False}, {"name": "c", "sells": None}]
    )
    assert rows["sells"].to_pylist() == [True, False, None]
