"""Every table is declared in full, so that export, erasure and the register of processing cannot miss one."""

from __future__ import annotations

from itertools import chain
from typing import get_args

import pytest

from vocative.records.lake_tables import LAKE_TABLES
from vocative.records.ledger_tables import LEDGER_TABLES
from vocative.records.schema import Column, ColumnType, Retention, Table
from vocative.store.arrow import arrow_schema

TABLES = (*LAKE_TABLES, *LEDGER_TABLES)
_PERSON = ("user_id", "person_id", "anonymous_id", "alias", "address", "email", "phone")
"""Columns that hold an identifier of a person wherever they stand."""
_REACHED_BY_USER_ID = {"people": {"email", "phone"}}
"""Identifiers that need not be subjects, because every row of the table holds another one that is never empty."""


def faults(table: Table) -> list[str]:
    """What is missing in the declaration of a table."""
    names = table.column_names
    types = {column.name: column.type for column in table.columns}
    found = [f"column {column.name} has no meaning" for column in table.columns if not column.meaning.strip()]
    found += [f"column {column.name} has an unknown type" for column in table.columns if not known(table, column)]
    found += [f"key column {name} is not declared" for name in table.key if name not in names]
    found += [f"key column {column.name} may be empty" for column in table.columns if optional_key(table, column)]
    found += [f"subject column {name} is not declared" for name in table.subjects if name not in names]
    hidden = (
        {name for name in _PERSON if name in names} - set(table.subjects) - _REACHED_BY_USER_ID.get(table.name, set())
    )
    found += [f"column {name} holds a person's identifier but is no subject" for name in sorted(hidden)]
    if not table.key:
        found.append("there is no key")
    if not table.subjects and "no data of people" not in table.purpose:
        found.append("there are no subjects, and the purpose does not say that it holds no data of people")
    if len(table.purpose.split()) < 4:
        found.append("there is no purpose")
    if len(table.retention.why.split()) < 3:
        found.append("the retention has no reason")
    if table.retention.days is not None and types.get(table.retention.since) != "moment":
        found.append("the retention does not count from a declared moment")
    if table.retention.days is not None and table.retention.days <= 0:
        found.append("the retention is not positive")
    if len(set(names)) != len(names):
        found.append("a column is declared twice")
    return found


def known(table: Table, column: Column) -> bool:
    return column.type in get_args(ColumnType) and (table.store == "lake" or column.type != "numbers")


def optional_key(table: Table, column: Column) -> bool:
    return column.name in table.key and column.optional


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_every_table_is_declared_in_full(table: Table) -> None:
    assert faults(table) == []


def test_names_are_unique_and_stores_are_right() -> None:
    names = [table.name for table in TABLES]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name == name.lower() for name in names)
    assert {table.store for table in LAKE_TABLES} == {"lake"}
    assert {table.store for table in LEDGER_TABLES} == {"ledger"}


def test_no_table_is_left_out_of_the_lists() -> None:
    from vocative.records import lake_tables, ledger_tables

    declared = {
        id(value)
        for value in chain(vars(lake_tables).values(), vars(ledger_tables).values())
        if isinstance(value, Table)
    }
    assert declared == {id(table) for table in TABLES}


def test_every_lake_table_has_an_arrow_schema() -> None:
    for table in LAKE_TABLES:
        assert tuple(arrow_schema(table).names) == table.column_names


GOOD = Table(
    name="good",
    store="ledger",
    columns=(
        Column("thing_id", "text", "identifies the thing"),
        Column("person_id", "text", "the person"),
        Column("at", "moment", "when it was"),
    ),
    key=("thing_id",),
    subjects=("person_id",),
    purpose="to show what is missing",
    retention=Retention(10, "as long as needed", since="at"),
)


def with_(**changes: object) -> Table:
    values: dict[str, object] = {name: getattr(GOOD, name) for name in GOOD.__dataclass_fields__}
    return Table(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (with_(columns=(*GOOD.columns, Column("x", "text", ""))), "column x has no meaning"),
        (with_(columns=(*GOOD.columns, Column("x", "numbers", "some numbers"))), "column x has an unknown type"),
        (with_(columns=(*GOOD.columns, Column("email", "text", "an address"))), "email holds a person's identifier"),
        (with_(columns=(*GOOD.columns, Column("at", "moment", "again, when"))), "declared twice"),
        (with_(key=("nothing",)), "key column nothing is not declared"),
        (with_(key=()), "there is no key"),
        (with_(subjects=("nobody",)), "subject column nobody is not declared"),
        (with_(subjects=()), "there are no subjects"),
        (with_(purpose=""), "there is no purpose"),
        (with_(retention=Retention(10, "", since="at")), "the retention has no reason"),
        (with_(retention=Retention(10, "as long as needed")), "does not count from a declared moment"),
        (
            with_(retention=Retention(10, "as long as needed", since="person_id")),
            "does not count from a declared moment",
        ),
        (with_(retention=Retention(0, "as long as needed", since="at")), "is not positive"),
    ],
)
def test_an_incomplete_declaration_is_noticed(table: Table, fault: str) -> None:
    assert faults(GOOD) == []
    assert any(fault in found for found in faults(table))
