"""Refused rows, taken through a mended mapping."""

from __future__ import annotations

from pathlib import Path

from tests.collect.conftest import NOW, load, rows, shop
from vocative.collect.commit.redrive import redrive
from vocative.records.lake_tables import EVENTS, PEOPLE, QUARANTINE
from vocative.records.settings import ImportMapping, Rule
from vocative.store.protocols import Stores

COLUMNS = {"timestamp": "when", "event": "what", "user_id": "who", "amount": "sum"}
FILE = """when,what,who,sum,shop
2024-05-01,buy,p1,1.5,A
2024-05-02,buy,p2,2.5x,A
2024-05-03,buy,p3
2024-05-04,buy,,7y,B
"""
FIRST = ImportMapping(kind="events", columns=dict(COLUMNS))
MENDED = ImportMapping(kind="events", columns={**COLUMNS, "amount": Rule(column="sum", values={"2.5x": "2.5"})})


def test_mended_rows_leave_the_quarantine(stores: Stores, tmp_path: Path) -> None:
    account = load(stores, tmp_path / "a.csv", FILE, mapping=FIRST)
    assert (account.accepted, account.rejected) == (1, 3)
    again = redrive(stores, shop(), kind="events", mapping=MENDED, now=NOW)
    assert (again.read, again.accepted, again.merged, again.rejected) == (3, 1, 0, 2)
    assert [(row["user_id"], row["amount"]) for row in rows(stores, EVENTS, "timestamp")] == [("p1", 1.5), ("p2", 2.5)]
    assert rows(stores, EVENTS, "timestamp")[1]["properties"] == '{"shop":"A"}'
    assert [row["row"] for row in rows(stores, QUARANTINE, "row")] == [4, 5]


def test_redriving_twice_changes_nothing(stores: Stores, tmp_path: Path) -> None:
    load(stores, tmp_path / "a.csv", FILE, mapping=FIRST)
    redrive(stores, shop(), kind="events", mapping=MENDED, now=NOW)
    before = rows(stores, EVENTS, "message_id"), rows(stores, QUARANTINE, "row")
    again = redrive(stores, shop(), kind="events", mapping=MENDED, now=NOW + 1)
    assert (again.accepted, again.merged, again.rejected) == (0, 0, 2)
    assert (rows(stores, EVENTS, "message_id"), rows(stores, QUARANTINE, "row")) == before


def test_a_row_with_missing_fields_cannot_be_mended_by_a_mapping(stores: Stores, tmp_path: Path) -> None:
    load(stores, tmp_path / "a.csv", "timestamp,event,user_id,amount\n2024-05-01,buy,p1\n")
    assert redrive(stores, shop(), kind="events", mapping=None, now=NOW).rejected == 1
    assert rows(stores, EVENTS, "1") == []


def test_a_future_event_is_taken_when_it_is_due(stores: Stores, tmp_path: Path) -> None:
    account = load(stores, tmp_path / "a.csv", "timestamp,event,user_id\n2025-06-01T00:00:00Z,book,p1\n")
    assert account.rejected == 1
    assert "future" in rows(stores, QUARANTINE, "row")[0]["reason"]
    assert redrive(stores, shop(), kind="events", mapping=None, now=NOW).rejected == 1
    assert redrive(stores, shop(), kind="events", mapping=None, now=NOW + 200 * 86_400_000_000).accepted == 1
    assert rows(stores, QUARANTINE, "row") == []


def test_only_the_named_import_and_kind_are_touched(stores: Stores, tmp_path: Path) -> None:
    text = "timestamp,event,user_id\n2025-06-01T00:00:00Z,book,p1\n"
    one = load(stores, tmp_path / "a.csv", text)
    two = load(stores, tmp_path / "b.csv", text + "\nshort\n")
    later = NOW + 200 * 86_400_000_000
    assert redrive(stores, shop(), kind="people", mapping=None, now=later).read == 0
    account = redrive(stores, shop(), kind="events", mapping=None, now=later, import_id=one.import_id)
    assert (account.read, account.accepted) == (1, 1)
    left = rows(stores, QUARANTINE, "row")
    assert [(row["import_id"], row["row"]) for row in left] == [(two.import_id, 2), (two.import_id, 4)]
    account = redrive(stores, shop(), kind="events", mapping=None, now=later + 1)
    assert (account.read, account.merged, account.rejected) == (2, 1, 1)
    assert [row["row"] for row in rows(stores, QUARANTINE, "row")] == [4]


def test_people_are_redriven_too(stores: Stores, tmp_path: Path) -> None:
    load(stores, tmp_path / "p.csv", "user_id,birth_date\np1,31.31.1990\n", "people")
    mapping = ImportMapping(
        kind="people",
        columns={"user_id": "user_id", "birth_date": Rule(column="birth_date", values={"31.31.1990": "31.03.1990"})},
    )
    assert redrive(stores, shop(), kind="people", mapping=mapping, now=NOW).accepted == 1
    assert str(rows(stores, PEOPLE, "1")[0]["birth_date"]) == "1990-03-31"
