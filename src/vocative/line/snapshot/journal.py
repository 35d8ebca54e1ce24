"""Which stages of which run are done, so that a run that was cut off is taken up where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import msgspec

from vocative.line.snapshot.clock import WHOLE_RUN
from vocative.records.ledger_tables import RUNS
from vocative.records.schema import Row
from vocative.stats.hashing import stable_id
from vocative.store.protocols import Ledger

Result = dict[str, object]

UNDOING, UNDONE = "undoing", "undone"
"""States of a run that is being taken back, and of one that was: it left nothing, and stays on record."""


class Journal:
    """The stages of the run at one moment. A stage that is done is not done again; its result is on record."""

    def __init__(self, ledger: Ledger, now: int) -> None:
        self._ledger = ledger
        self._now = now
        # Each run has a name of its own, since what was once written under a name is not written under it again.
        undone = _times_undone(ledger, now)
        self.run_id = stable_id("run", str(now), *([str(undone)] if undone else []))
        self.seconds: dict[str, float] = {}

    def once(self, stage: str, work: Callable[[], Result]) -> Result:
        """Do the stage, unless it is done already; return what it reported.

        Every write of a stage has to be idempotent: a stage that was cut off is done again from its beginning.
        """
        if (done := self.result(stage)) is not None:
            return done
        self.note(stage, "started", None)
        start = perf_counter()
        result = work()
        if stage:
            self.seconds[stage] = round(perf_counter() - start, 3)
        self.note(stage, "done", result)
        return result

    def result(self, stage: str) -> Result | None:
        """What a stage reported, or None while it is not done."""
        with self._ledger.transaction() as transaction:
            rows = transaction.select(RUNS, {"run_id": self.run_id, "stage": stage, "state": "done"})
        return msgspec.json.decode(str(rows[0]["result"]), type=Result) if rows else None

    def note(self, stage: str, state: str, result: Result | None) -> None:
        """Write down in which state a stage is, and what it reported."""
        row: Row = {
            "run_id": self.run_id,
            "stage": stage,
            "moment": self._now,
            "state": state,
            "result": None if result is None else msgspec.json.encode(result).decode(),
        }
        with self._ledger.transaction() as transaction:
            transaction.insert(RUNS, [row], on_conflict="replace")


def _times_undone(ledger: Ledger, now: int) -> int:
    """How many runs at this moment were taken back."""
    with ledger.transaction() as transaction:
        return len(transaction.select(RUNS, {"stage": WHOLE_RUN, "moment": now, "state": [UNDOING, UNDONE]}))
