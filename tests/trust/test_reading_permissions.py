"""Permission records are read under the person they belong to, however long the chain of identifiers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store import drivers
from vocative.collect.identity.identity import identity_table
from vocative.records.ledger_tables import IDENTITIES, PERMISSIONS
from vocative.records.schema import Value
from vocative.store.permissions import owners_of, read_permissions
from vocative.store.protocols import Ledger

PEOPLE = ["a", "b", "c", "d", "e"]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    opened = drivers.ledger(Path(tmp_path_factory.mktemp("ledger")))
    yield opened
    opened.close()


def fill(ledger: Ledger, links: dict[str, str], undone: frozenset[str] = frozenset()) -> None:
    """One permission record for each of the people, and links from identifiers to people."""
    link_rows: list[dict[str, Value]] = [
        {
            "link_id": alias,
            "alias": alias if ":" in alias else f"user:{alias}",
            "person_id": person,
            "at": 1,
            "source": "test",
            "undone_at": 2 if alias in undone else None,
        }
        for alias, person in links.items()
    ]
    records: list[dict[str, Value]] = [
        {
            "permission_id": person,
            "user_id": person,
            "purpose": "marketing",
            "channel": "*",
            "status": "yes",
            "basis": "consent",
            "at": 1,
            "known_at": 1,
            "source": person,
        }
        for person in PEOPLE
    ]
    with ledger.transaction() as transaction:
        transaction.delete(IDENTITIES, {})
        transaction.delete(PERMISSIONS, {})
        transaction.insert(IDENTITIES, link_rows)
        transaction.insert(PERMISSIONS, records)


def read(ledger: Ledger, people: list[str] | None = None) -> dict[str, str]:
    """Whose record it was → under whom it was read."""
    with ledger.transaction() as transaction:
        return {record.source: record.user_id for record in read_permissions(transaction, people)}


def test_records_follow_a_chain_to_its_end(ledger: Ledger) -> None:
    fill(ledger, {"a": "b", "b": "c", "anonymous:a": "e", "email:x": "d"})
    assert read(ledger) == {"a": "c", "b": "c", "c": "c", "d": "d", "e": "e"}
    for asked in ("a", "b", "c"):
        assert read(ledger, [asked]) == {"a": "c", "b": "c", "c": "c"}
    assert read(ledger, ["d"]) == {"d": "d"}
    assert read(ledger, ["nobody"]) == {}
    assert read(ledger, []) == {}


def test_an_undone_link_parts_people_again(ledger: Ledger) -> None:
    fill(ledger, {"a": "b", "b": "c"}, frozenset({"b"}))
    assert read(ledger) == {"a": "b", "b": "b", "c": "c", "d": "d", "e": "e"}
    assert read(ledger, ["c"]) == {"c": "c"}


LINKS = st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), max_size=4).filter(
    lambda links: all(alias < person for alias, person in links.items())
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINKS, st.sets(st.sampled_from(PEOPLE), min_size=1))
def test_some_people_are_read_as_all_people_are(ledger: Ledger, links: dict[str, str], asked: set[str]) -> None:
    fill(ledger, links)
    everybody = read(ledger)
    groups = {everybody[person] for person in asked}
    assert read(ledger, sorted(asked)) == {one: owner for one, owner in everybody.items() if owner in groups}
    linked = dict(zip(*(column.to_pylist() for column in identity_table(ledger).columns), strict=True))
    assert {alias.removeprefix("user:"): person for alias, person in linked.items()} == {
        one: owner for one, owner in everybody.items() if one != owner
    }
    with ledger.transaction() as transaction:
        assert owners_of(transaction) == {one: owner for one, owner in everybody.items() if one != owner}
