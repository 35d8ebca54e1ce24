"""Lists that name addresses where the person should stand: whom they speak about, in whatever order files come."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from tests.collect.conftest import NOW, load, rows
from vocative.records.lake_tables import EVENTS
from vocative.records.ledger_tables import PERMISSIONS
from vocative.store.permissions import read_permissions
from vocative.store.protocols import Stores
from vocative.trust.permission import verdicts

PEOPLE = "user_id,email\nK1,Carl@Example.com\nK2,dora@example.com\nK3,dora@example.com\nK4,anna@example.com\n"
LIST = """user_id,status,at
carl@example.com,no,2024-02-01
Dora@example.com,no,2024-02-01
anna@example.com,yes,2024-02-01
"""
OWN = "user_id,status,at\nK1,yes,2024-01-01\nK2,yes,2024-01-01\nK3,yes,2024-01-01\n"


def said(stores: Stores) -> dict[str, str]:
    """What each person has said about marketing."""
    with stores.ledger.transaction() as transaction:
        found = verdicts(read_permissions(transaction), NOW)
    return {person: verdict.on("marketing", "email") for person, verdict in found.items() if "@" not in person}


@pytest.mark.parametrize("order", list(permutations(["people", "list", "own"])))
def test_a_refusal_reaches_everybody_with_the_address_in_any_order(
    stores: Stores, tmp_path: Path, order: tuple[str, ...]
) -> None:
    texts = {"people": PEOPLE, "list": LIST, "own": OWN}
    for name in order:
        account = load(stores, tmp_path / f"{name}.csv", texts[name], "people" if name == "people" else "permissions")
        assert account.accepted == account.read
    assert said(stores) == {"K1": "no", "K2": "no", "K3": "no", "K4": "yes"}
    before = said(stores)
    for name in order:
        load(stores, tmp_path / "again.csv", texts[name] + "\n", "people" if name == "people" else "permissions")
    assert said(stores) == before


def test_a_consent_of_a_shared_address_is_nobodys(stores: Stores, tmp_path: Path) -> None:
    text = "user_id,status,at\ndora@example.com,yes,2024-02-01\n"
    load(stores, tmp_path / "before.csv", text, "permissions")
    load(stores, tmp_path / "people.csv", PEOPLE, "people")
    load(stores, tmp_path / "after.csv", text.replace("2024-02", "2024-03"), "permissions")
    assert said(stores) == {}


def test_an_address_is_one_person_however_it_is_written(stores: Stores, tmp_path: Path) -> None:
    head = "timestamp,event,user_id\n"
    load(stores, tmp_path / "a.csv", f"{head}2024-05-01,buy,BERT@Example.com\n2024-05-02,buy,Bert77\n")
    load(stores, tmp_path / "p.csv", "user_id,status\nbert@example.com,no\n", "permissions")
    assert [row["user_id"] for row in rows(stores, EVENTS, "timestamp")] == ["bert@example.com", "Bert77"]
    with stores.ledger.transaction() as transaction:
        assert [row["user_id"] for row in transaction.select(PERMISSIONS)] == ["bert@example.com"]
    known = "user_id,email\nBert@example.com,Bert@example.com\nK9,bert@example.com\n"
    load(stores, tmp_path / "people.csv", known, "people")
    assert said(stores) == {"K9": "no"}
