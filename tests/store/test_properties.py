"""The embedded inbox and ledger behave like a few lines of plain Python, whatever is asked of them in any order."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.store import drivers
from vocative.records.ledger_tables import RUNS
from vocative.records.schema import Value
from vocative.store.protocols import Accepted, Where

IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=2)


class InboxMachine(RuleBasedStateMachine):
    """An inbox beside a dictionary of everything ever accepted and a list of what waits."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._inbox = drivers.inbox(Path(self._folder.name))
        self._known: set[str] = set()
        self._waiting: list[Accepted] = []
        self._position = 0
        self._taken: list[Accepted] = []

    @rule(events=st.lists(st.tuples(IDS, st.binary(max_size=3), st.integers(0, 2**60)), max_size=4))
    def put(self, events: list[tuple[str, bytes, int]]) -> None:
        new = 0
        for event in (Accepted(*values) for values in events):
            if event.message_id not in self._known:
                self._known.add(event.message_id)
                self._waiting.append(event)
                new += 1
        assert self._inbox.put([Accepted(*values) for values in events]) == new

    @rule(limit=st.integers(1, 5))
    def take(self, limit: int) -> None:
        self._taken, self._position = self._inbox.take(limit)
        assert self._taken == self._waiting[:limit]

    @rule()
    def forget(self) -> None:
        self._inbox.forget(self._position)
        self._waiting = [event for event in self._waiting if event not in self._taken]

    @rule()
    def reopen(self) -> None:
        self._inbox.close()
        self._inbox = drivers.inbox(Path(self._folder.name))

    @invariant()
    def holds_what_waits(self) -> None:
        assert self._inbox.take(10**6)[0] == self._waiting

    def teardown(self) -> None:
        self._inbox.close()
        self._folder.cleanup()


InboxMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestInbox = InboxMachine.TestCase

STAGES = st.sampled_from(["a", "b", "A", "", "ü", "'; --"])
MOMENTS = st.integers(-2, 2)
RESULTS = st.sampled_from([None, "", "x", "{}"])
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "stage": STAGES | st.lists(STAGES, max_size=4) | st.tuples(STAGES, STAGES),
        "moment": MOMENTS | st.lists(MOMENTS, max_size=4),
        "result": RESULTS | st.lists(RESULTS, max_size=4),
    },
)


def meets(row: dict[str, Value], where: Where) -> bool:
    for name, wanted in where.items():
        several = isinstance(wanted, Sequence) and not isinstance(wanted, str | bytes)
        if row[name] not in (wanted if several and isinstance(wanted, Sequence) else [wanted]):
            return False
    return True


@settings(max_examples=60, deadline=None)
@given(
    rows=st.dictionaries(STAGES, st.tuples(MOMENTS, RESULTS), max_size=6),
    where=CONDITIONS,
    change=st.tuples(MOMENTS, RESULTS),
    order=st.permutations(["moment", "stage"]),
)
def test_the_ledger_chooses_rows_as_python_would(
    rows: dict[str, tuple[int, str | None]], where: Where, change: tuple[int, str | None], order: list[str]
) -> None:
    model: list[dict[str, Value]] = [
        {"run_id": "r", "stage": stage, "moment": moment, "state": "started", "result": result}
        for stage, (moment, result) in rows.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        ledger = drivers.ledger(Path(folder))
        with ledger.transaction() as transaction:
            assert transaction.insert(RUNS, model) == len(model)
            chosen = [row for row in model if meets(row, where)]
            expected = sorted(
                chosen, key=lambda row: [str(row[name]) if name == "stage" else row[name] for name in order]
            )
            assert transaction.select(RUNS, where, order_by=order) == expected
            assert transaction.update(RUNS, {"moment": change[0], "result": change[1]}, where) == len(chosen)
            for row in chosen:
                row.update(moment=change[0], result=change[1])
            assert sorted(map(str, transaction.select(RUNS))) == sorted(map(str, model))
            left = [row for row in model if not meets(row, where)]
            assert transaction.delete(RUNS, where) == len(model) - len(left)
            assert sorted(map(str, transaction.select(RUNS))) == sorted(map(str, left))
        ledger.close()
