"""Rows of erased people stay out, whatever way they come, and nothing of them is kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collect.conftest import NOW, load, open_stores, rows, shop
from vocative.collect.commit.files import import_file
from vocative.collect.commit.redrive import redrive
from vocative.collect.live import accept, drain
from vocative.records.lake_tables import EVENTS, ITEMS, OFFERS, PEOPLE, QUARANTINE
from vocative.records.ledger_tables import ERASURES, PERMISSIONS
from vocative.records.settings import ImportMapping
from vocative.store.protocols import Stores
from vocative.trust.erasure import ERASED, mark_of
from vocative.trust.secret_key import SecretKey

HEADER = "message_id,timestamp,event,user_id,anonymous_id\n"


def mark(stores: Stores, aliases: Iterable[str], lifted_at: int | None = None) -> None:
    with stores.ledger.transaction() as transaction:
        transaction.insert(
            ERASURES,
            [
                {"mark": mark_of(alias, stores.key), "receipt_id": "r", "at": NOW, "lifted_at": lifted_at}
                for alias in aliases
            ],
            on_conflict="replace",
        )


def test_events_of_a_person_or_of_their_device_are_refused_without_content(stores: Stores, tmp_path: Path) -> None:
    mark(stores, ["user:zz-erased", "anonymous:zz-device"])
    text = HEADER + (
        "a,2024-11-01,view,zz-erased,\nb,2024-11-01,view,,zz-device\nc,2024-11-01,view,p1,zz-device\n"
        "d,2024-11-01,view,p2,\ne,some day,view,zz-erased,\nf,some day,view,p2,\ng,2024-11-01,,x,zz-device\n"
    )
    account = load(stores, tmp_path / "a.csv", text)
    assert (account.accepted, account.rejected) == (2, 5)
    assert [row["user_id"] for row in rows(stores, EVENTS, "message_id")] == ["p1", "p2"]
    refused = {row["row"]: row for row in rows(stores, QUARANTINE, "row")}
    assert [number for number, row in refused.items() if row["reason"] == ERASED] == [2, 3, 6, 8]
    assert {(refused[number]["content"], refused[number]["user_id"]) for number in (2, 3, 6, 8)} == {("{}", None)}
    assert "some day" in refused[7]["content"]
    assert import_file(stores, shop(), tmp_path / "a.csv", kind="events", mapping=None, now=NOW + 1).repeated


def test_people_and_permissions_are_known_by_address_too(stores: Stores, tmp_path: Path) -> None:
    mark(stores, ["user:zz", "email:zz@example.com", "phone:37126557781"])
    text = (
        "user_id,email,phone\nzz,,\nnew,ZZ@example.com,\nother,o@example.com,+371 26557781\nthird,,+371 2655-7781\n"
        "zz@example.com,,\n"
    )
    assert load(stores, tmp_path / "a.csv", text, "people").accepted == 1
    assert [row["user_id"] for row in rows(stores, PEOPLE, "user_id")] == ["other"]
    text = "user_id,purpose,status\nzz,marketing,yes\nZZ@example.com,marketing,yes\np1,marketing,yes\n"
    account = load(stores, tmp_path / "b.csv", text, "permissions")
    assert (account.accepted, account.rejected) == (1, 2)
    with stores.ledger.transaction() as transaction:
        assert [row["user_id"] for row in transaction.select(PERMISSIONS)] == ["p1"]


def test_data_that_holds_no_people_is_not_looked_at(stores: Stores, tmp_path: Path) -> None:
    mark(stores, ["user:x1"])
    assert load(stores, tmp_path / "a.csv", "item_id,name\nx1,Milk\n", "items").accepted == 1
    assert load(stores, tmp_path / "b.csv", "offer_id,item_id\nx1,x1\n", "offers").accepted == 1
    assert rows(stores, ITEMS, "1")[0]["item_id"] == rows(stores, OFFERS, "1")[0]["item_id"] == "x1"


def test_a_lifted_mark_or_one_of_another_key_keeps_nobody_out(stores: Stores, tmp_path: Path) -> None:
    mark(stores, ["user:p1"], lifted_at=NOW)
    with stores.ledger.transaction() as transaction:
        transaction.insert(ERASURES, [{"mark": mark_of("user:p1", SecretKey(b"other")), "receipt_id": "r", "at": NOW}])
    assert load(stores, tmp_path / "a.csv", HEADER + "a,2024-11-01,view,p1,\n").accepted == 1


def test_live_events_are_dropped_with_their_ids(stores: Stores) -> None:
    mark(stores, ["user:zz-erased"])
    events = [{"message_id": f"{user}-1", "event": "view", "user_id": user} for user in ("zz-erased", "p1")]
    accept(stores.inbox, events, NOW)
    account = drain(stores, shop(), NOW)
    assert (account.read, account.accepted, account.rejected) == (2, 1, 1)
    assert [row["content"] for row in rows(stores, QUARANTINE, "row")] == ["{}"]
    # The id was not kept: the same event is new to the inbox, and is refused again, each time with a row.
    assert accept(stores.inbox, events, NOW)[:2] == (1, 1)
    assert drain(stores, shop(), NOW).rejected == 1
    assert stores.inbox.erase(["zz-erased-1"]) == 0


def test_a_row_that_turns_out_to_be_an_erased_persons_loses_its_content(stores: Stores, tmp_path: Path) -> None:
    text = "when,what,who,color\nsome day,view,k1,red\nsome day,view,k2,blue\n"
    columns = {"timestamp": "when", "event": "what"}
    load(stores, tmp_path / "a.csv", text, "events", ImportMapping(kind="events", columns=dict(columns)))
    mark(stores, ["user:k1"])
    mended = ImportMapping(kind="events", columns={**columns, "user_id": "who"}, timestamp_format="some day")
    account = redrive(stores, shop(), kind="events", mapping=mended, now=NOW)
    assert (account.read, account.rejected) == (2, 2)
    kept = rows(stores, QUARANTINE, "content")
    assert len(kept) == 2
    assert [("k1" in row["content"], "k2" in row["content"]) for row in kept] == [(False, True), (False, False)]
    again = redrive(stores, shop(), kind="events", mapping=mended, now=NOW + 1)
    assert again.read <= 2


people = st.lists(st.sampled_from(["a", "b", "c", "d@example.com", ""]), min_size=1, max_size=12)
erased_people = st.sets(st.sampled_from(["a", "b", "c", "d@example.com"]))


@settings(max_examples=15, deadline=None)
@given(people, erased_people, st.booleans())
def test_exactly_the_rows_of_the_erased_are_kept_out(
    tmp_path_factory: pytest.TempPathFactory, users: list[str], erased: set[str], again: bool
) -> None:
    folder = tmp_path_factory.mktemp("erased")
    stores = open_stores(folder / "data")
    text = HEADER + "".join(f"m{number},2024-11-01,view,{user},x\n" for number, user in enumerate(users))
    before = load(stores, folder / "before.csv", text).accepted if again else 0
    mark(stores, [f"user:{user}" for user in erased])
    account = load(stores, folder / "a.csv", text + "last,2024-11-02,view,somebody,\n")
    out = sum(user in erased for user in users)
    assert account.rejected == out
    assert account.merged == (before - out if again else 0)
    assert len(rows(stores, QUARANTINE, "row")) == out
    kept = {row["user_id"] for row in rows(stores, EVENTS, "message_id")}
    assert again or kept == {*(user or None for user in users if user not in erased), "somebody"}
    stores.inbox.close()
    stores.ledger.close()
