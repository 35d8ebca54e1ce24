"""How often a run reads what it rests on: everything once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pyarrow as pa
import pytest

from tests.line.shop import NOW, import_all, prepare
from vocative.line.running import run
from vocative.records.schema import Row, Table, Value
from vocative.stats.calendars import DAY_US
from vocative.store.protocols import Engine, Ledger, Relation, Scan, Staged, Transaction, Where
from vocative.workspace.opening import Workspace


class CountingEngine:
    """Counts how many queries read the files of a table."""

    def __init__(self, real: Engine, read: Counter[str]) -> None:
        self._real = real
        self._read = read

    def query(
        self, sql: str, relations: Mapping[str, Relation], parameters: Mapping[str, Value] | None = None
    ) -> pa.Table:
        self._count(sql, relations)
        return self._real.query(sql, relations, parameters)

    def stream(
        self, sql: str, relations: Mapping[str, Relation], parameters: Mapping[str, Value] | None = None
    ) -> AbstractContextManager[pa.RecordBatchReader]:
        self._count(sql, relations)
        return self._real.stream(sql, relations, parameters)

    def stage(self, sql: str, relations: Mapping[str, Relation]) -> Staged:
        self._count(sql, relations)
        return self._real.stage(sql, relations)

    def _count(self, sql: str, relations: Mapping[str, Relation]) -> None:
        scans = {name: one.table.name for name, one in relations.items() if isinstance(one, Scan)}
        self._read.update(table for name, table in scans.items() if re.search(rf"(FROM|JOIN) {name}\b", sql))


class CountingTransaction:
    """Counts how often a table is selected from."""

    def __init__(self, real: Transaction, read: Counter[str]) -> None:
        self._real = real
        self._read = read

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def select(
        self,
        table: Table,
        where: Where | None = None,
        order_by: Sequence[str] = (),
        *,
        since: tuple[str, int] | None = None,
        columns: Sequence[str] = (),
    ) -> Sequence[Row]:
        self._read[table.name] += 1
        return self._real.select(table, where, order_by, since=since, columns=columns)


class CountingLedger:
    """Counts how often its tables are selected from."""

    def __init__(self, real: Ledger, read: Counter[str]) -> None:
        self._real = real
        self._read = read

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    @contextmanager
    def transaction(self) -> Iterator[CountingTransaction]:
        with self._real.transaction() as transaction:
            yield CountingTransaction(transaction, self._read)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Counter[str]]]:
    root = tmp_path_factory.mktemp("shop")
    prepare(root, days=60, people=20)
    import_all(root)
    read: Counter[str] = Counter()
    with Workspace.open(root) as workspace:
        stores = workspace.stores
        engine, ledger = CountingEngine(stores.engine, read), CountingLedger(stores.ledger, read)
        yield replace(workspace, stores=replace(stores, engine=engine, ledger=ledger)), read  # type: ignore[arg-type]


def test_a_run_reads_events_people_and_items_once_and_standings_once(
    counted: tuple[Workspace, Counter[str]],
) -> None:
    workspace, read = counted
    run(workspace, NOW)
    read.clear()
    run(workspace, NOW + DAY_US)
    # Once for the run; and before the hand-over anew, of the people written to and the items of their offers.
    assert {name: read[name] for name in ("events", "people", "items", "model_standings")} == {
        "events": 2,
        "people": 2,
        "items": 2,
        "model_standings": 1,
    }


def test_a_dry_run_reads_everything_once(counted: tuple[Workspace, Counter[str]]) -> None:
    workspace, read = counted
    read.clear()
    run(workspace, NOW + 2 * DAY_US, dry_run=True)
    assert {name: read[name] for name in ("events", "people", "items", "model_standings")} == {
        "events": 1,
        "people": 1,
        "items": 1,
        "model_standings": 1,
    }
