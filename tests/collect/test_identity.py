"""Links between identifiers: declared, undone, and never made by a shared device."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collect.conftest import load, open_stores
from vocative.collect.identity.identity import Declared, declare_same, identity_table, link, link_devices, undo
from vocative.errors import IdentityError
from vocative.records.ledger_tables import IDENTITIES
from vocative.store.protocols import Ledger, Stores


def table(ledger: Ledger) -> dict[str, str]:
    """The links that hold."""
    return {row["alias"]: row["person_id"] for row in identity_table(ledger).to_pylist()}


def test_events_declare_devices(stores: Stores, tmp_path: Path) -> None:
    text = (
        "timestamp,event,user_id,anonymous_id\n2024-05-01,view,,d1\n2024-05-02,view,p1,d1\n"
        "2024-05-02,view,p1,d2\n2024-05-03,view,p2,d2\n2024-05-03,view,p2,d3\n"
    )
    load(stores, tmp_path / "a.csv", text)
    assert table(stores.ledger) == {"anonymous:d1": "p1", "anonymous:d3": "p2"}
    with stores.ledger.transaction() as transaction:
        shared = transaction.select(IDENTITIES, {"alias": "anonymous:d2"})
    assert len(shared) == 2
    assert all(row["undone_at"] is not None and "several people" in str(row["source"]) for row in shared)
    load(stores, tmp_path / "b.csv", text + "2024-05-04,view,p1,d2\n2024-05-05,view,p3,d3\n")
    assert table(stores.ledger) == {"anonymous:d1": "p1"}


def test_an_undone_link_stays_undone(stores: Stores) -> None:
    link_id = link(stores.ledger, alias="anonymous:d", person_id="p1", known_people=(), at=1, source="form")
    undo(stores.ledger, link_id, 5)
    undo(stores.ledger, link_id, 9)
    link_devices(stores.ledger, [Declared("d", "p1", 1)], "again")
    assert table(stores.ledger) == {}
    link_devices(stores.ledger, [Declared("d", "p2", 7)], "again")
    assert table(stores.ledger) == {"anonymous:d": "p2"}
    with stores.ledger.transaction() as transaction:
        assert transaction.select(IDENTITIES, {"link_id": link_id})[0]["undone_at"] == 5
    with pytest.raises(IdentityError):
        undo(stores.ledger, "nothing", 1)


def test_two_known_people_become_one_only_by_declaration(stores: Stores) -> None:
    ledger = stores.ledger
    with pytest.raises(IdentityError):
        link(ledger, alias="user:p1", person_id="p2", known_people={"p1", "p2"}, at=1, source="x")
    with pytest.raises(IdentityError):
        link(ledger, alias="p1", person_id="p2", known_people=(), at=1, source="x")
    link(ledger, alias="user:old", person_id="p2", known_people=lambda name: name == "p2", at=1, source="x")
    link(ledger, alias="email:A@x.lv", person_id="p1", known_people=(), at=1, source="x")
    with pytest.raises(IdentityError):
        link(ledger, alias="email:a@X.lv", person_id="p2", known_people=(), at=1, source="x")
    declared = declare_same(ledger, user_id="p2", person_id="p1", at=3, source="shop")
    assert table(ledger) == {"email:a@x.lv": "p1", "user:old": "p1", "user:p2": "p1"}
    with pytest.raises(IdentityError):
        declare_same(ledger, user_id="p1", person_id="p2", at=3, source="shop")
    with pytest.raises(IdentityError):
        declare_same(ledger, user_id="p2", person_id="p3", at=3, source="shop")
    undo(ledger, declared, 4)
    assert table(ledger) == {"email:a@x.lv": "p1", "user:old": "p2"}


def test_alias_events_declare_people_to_be_one(stores: Stores, tmp_path: Path) -> None:
    text = (
        "timestamp,event,user_id,previous_id\n2024-05-01,alias,p1,old\n2024-05-02,Alias,old,p1\n"
        "2024-05-02,alias,p3,old\n2024-05-02,view,p4,old\n2024-05-02,alias,p4,\n"
    )
    account = load(stores, tmp_path / "a.csv", text)
    assert account.accepted == 5
    assert table(stores.ledger)["user:old"] == "p1"
    assert "user:p1" not in table(stores.ledger)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["p", "q", "r"]), st.integers(1, 9)), max_size=12))
@settings(max_examples=30, deadline=None)
def test_links_do_not_depend_on_order_or_repetition(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str, int]]
) -> None:
    found = []
    for declared in (pairs, pairs[::-1], pairs * 2):
        stores = open_stores(tmp_path_factory.mktemp("ledger"))
        for device, person, at in declared:
            link_devices(stores.ledger, [Declared(device, person, at)], "x")
        found.append(table(stores.ledger))
        stores.ledger.close()
        stores.inbox.close()
    assert found[0] == found[1] == found[2]
    users: dict[str, set[str]] = {}
    for device, person, _ in pairs:
        users.setdefault(f"anonymous:{device}", set()).add(person)
    assert found[0] == {alias: next(iter(people)) for alias, people in users.items() if len(people) == 1}


def test_the_ledger_tells_when(stores: Stores) -> None:
    link_devices(stores.ledger, [Declared("d", "p1", 10), Declared("d", "p1", 4)], "x")
    with stores.ledger.transaction() as transaction:
        (row,) = transaction.select(IDENTITIES)
    assert (row["at"], row["undone_at"]) == (4, None)
