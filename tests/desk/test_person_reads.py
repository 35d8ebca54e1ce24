"""What is shown of one person does not read the others: fifty people or five hundred, the same rows are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pyarrow as pa
import pytest

from tests.line.shop import FIRST, import_all, prepare
from vocative.collect.identity.identity import declare_same, identity_table
from vocative.collect.identity.not_me import mark, visibility
from vocative.desk.person.forecasts import foreseen
from vocative.desk.person.subject_access import card_of, why_of
from vocative.line.running import run
from vocative.line.snapshot.clock import to_micros
from vocative.line.snapshot.preferences import wish_of_person
from vocative.line.snapshot.relationships import relationship_of
from vocative.records.ledger_tables import REFUSED_ADDRESSES
from vocative.records.schema import Table, Value
from vocative.store.protocols import Engine, Ledger, Relation, Scan, Stores, Transaction, Where
from vocative.workspace.opening import Workspace

DAYS, FEW, MANY = 20, 50, 500
_SEGMENTS = 5
THEN = to_micros(FIRST + timedelta(days=DAYS, hours=8))
SHOWN: dict[str, Callable[[Workspace], object]] = {
    "card": lambda workspace: card_of(workspace, "p0", THEN + 1),
    "forecasts": lambda workspace: foreseen(workspace, "p0", THEN + 1),
    "relationship": lambda workspace: relationship_of(workspace, "p0", THEN + 1),
    "wish": lambda workspace: wish_of_person(workspace, "p0", THEN + 1),
    "why": lambda workspace: why_of(workspace, "p0", THEN + 1),
}


class CountingTransaction:
    """A transaction that notes how many rows it gave."""

    def __init__(self, inner: Transaction, rows: Counter[str]) -> None:
        self._inner, self._rows = inner, rows

    def select(
        self,
        table: Table,
        where: Where | None = None,
        order_by: Sequence[str] = (),
        *,
        since: tuple[str, int] | None = None,
        columns: Sequence[str] = (),
    ) -> list[dict[str, Value]]:
        found = self._inner.select(table, where, order_by, since=since, columns=columns)
        self._rows[f"ledger {table.name}"] += len(found)
        return found


class CountingLedger:
    """A ledger that notes how many rows it gave."""

    def __init__(self, inner: Ledger, rows: Counter[str]) -> None:
        self._inner, self._rows = inner, rows

    @contextmanager
    def transaction(self) -> Iterator[CountingTransaction]:
        with self._inner.transaction() as transaction:
            yield CountingTransaction(transaction, self._rows)


class CountingEngine:
    """An engine that notes how many rows it was handed beside the lake, and how many it gave."""

    def __init__(self, inner: Engine, rows: Counter[str]) -> None:
        self._inner, self._rows = inner, rows

    def query(
        self, sql: str, relations: Mapping[str, Relation], parameters: Mapping[str, Value] | None = None
    ) -> pa.Table:
        for name, relation in relations.items():
            if not isinstance(relation, Scan):
                self._rows[f"handed {name}"] += cast("pa.Table", relation).num_rows
        found = self._inner.query(sql, relations, parameters)
        self._rows["answered"] += found.num_rows
        return found


def counted(workspace: Workspace, show: Callable[[Workspace], object]) -> Counter[str]:
    rows: Counter[str] = Counter()
    ledger, engine = CountingLedger(workspace.stores.ledger, rows), CountingEngine(workspace.stores.engine, rows)
    stores: Stores = replace(workspace.stores, ledger=cast("Ledger", ledger), engine=cast("Engine", engine))
    show(replace(workspace, stores=stores))
    return rows


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Workspace]]:
    opened: dict[int, Workspace] = {}
    for people in (FEW, MANY):
        root = tmp_path_factory.mktemp("reads") / str(people)
        prepare(root, days=DAYS, people=people)
        import_all(root)
        opened[people] = Workspace.open(root)
        # Links and marks of others, a tenth of them each.
        for person in range(1, people, 10):
            ledger = opened[people].stores.ledger
            declare_same(ledger, user_id=f"q{person}", person_id=f"p{person}", at=THEN - 1, source="test")
            mark(ledger, {f"m{person}": f"user:p{person}"}, THEN - 1, "test")
            with ledger.transaction() as transaction:
                gone = {"channel": "email", "address": f"gone{person}@example.com", "person_id": f"p{person}"}
                transaction.insert(REFUSED_ADDRESSES, [{**gone, "at": THEN - 1, "answer": "5.1.1"}])
        run(opened[people], THEN)
    yield opened
    for workspace in opened.values():
        workspace.close()


@pytest.mark.parametrize("what", sorted(SHOWN))
def test_as_much_is_read_of_fifty_people_as_of_five_hundred(shops: dict[int, Workspace], what: str) -> None:
    few, many = (counted(shops[people], SHOWN[what]) for people in (FEW, MANY))
    assert sum(few.values()) > 0
    # Among more people there are more segments, and one person belongs to some of them.
    assert 0 < many.pop("answered") <= few.pop("answered") + _SEGMENTS
    assert few == many


def test_the_counting_sees_what_is_read_of_everybody(shops: dict[int, Workspace]) -> None:
    few, many = (counted(shops[people], lambda shop: identity_table(shop.stores.ledger)) for people in (FEW, MANY))
    assert many["ledger identities"] > 5 * few["ledger identities"] > 0


def test_the_card_is_the_one_that_is_worked_out_of_everybody(shops: dict[int, Workspace]) -> None:
    kept, anew = (card_of(shops[FEW], "p0", moment) for moment in (THEN, THEN + 1))
    assert kept.features == anew.features != {}
    mark(shops[FEW].stores.ledger, {"p0-mine": "user:p0"}, THEN, "test")
    worked_out = card_of(shops[FEW], "p0", THEN + 1)
    assert worked_out.features == pytest.approx(kept.features)
    assert [one.value for one in worked_out.affinities] == [one.value for one in kept.affinities]
    assert [one.affinity for one in worked_out.affinities] == pytest.approx([one.affinity for one in kept.affinities])


def test_links_of_some_are_those_of_everybody_that_concern_them(shops: dict[int, Workspace]) -> None:
    ledger = shops[FEW].stores.ledger
    declare_same(ledger, user_id="r", person_id="q11", at=THEN, source="test")
    everybody = {row["alias"]: row["person_id"] for row in identity_table(ledger).to_pylist()}
    for among in (["p11"], ["q11"], ["r"]):
        mine = {row["alias"]: row["person_id"] for row in identity_table(ledger, among).to_pylist()}
        assert mine == {"user:q11": "p11", "user:r": "p11"} == {name: everybody[name] for name in mine}
    assert identity_table(ledger, ["p0"]).num_rows == 0


def test_marks_of_some_identifiers_are_read_alone(shops: dict[int, Workspace]) -> None:
    ledger = shops[FEW].stores.ledger
    mine = visibility(ledger, ["user:p1", "user:p21"])["message_id"].to_pylist()
    assert set(mine) == {"m1", "m21"}
    assert visibility(ledger, []).num_rows == 0
