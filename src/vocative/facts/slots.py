"""Slots: what a person did in each quarter hour, added up per role. Windows, decay and recency read them."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import accumulate

from msgspec import Struct, field

from vocative.facts.facts import ACTS, Fact
from vocative.facts.grain import Grain
from vocative.facts.scope import CODES, MEASURES, ROLES, Measure, Scope, measures_of
from vocative.records.settings import Role

_PLACES: dict[Measure, int] = {measure: place for place, measure in enumerate(MEASURES)}


def column(role: Role, measure: Measure) -> str:
    """The column of the grain that holds a measure of a role."""
    return f"{role}_{measure}"


def _slots(scope: Scope) -> str:
    sums = [
        f"sum(CASE WHEN role = {CODES[role]} THEN {measure} ELSE 0 END) AS {column(role, measure)}"
        for role in ROLES
        if role in scope.roles
        for measure in measures_of(role)
    ]
    return f"SELECT {', '.join(['who', 'slot', *sums])} FROM acts GROUP BY who, slot"


SLOTS = Grain("slots", _slots, (ACTS,))
"""One row per person and slot with anything in it."""


class SlotState(Struct):
    """Live: role code → slot → sums in the order of `MEASURES`."""

    sums: dict[int, dict[int, list[float]]] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        """Count one fact."""
        slots = self.sums.get(fact.role)
        if slots is None:
            slots = self.sums[fact.role] = {}
        row = slots.get(fact.slot)
        if row is None:
            slots[fact.slot] = [1.0, fact.units, fact.money, fact.discount, fact.seconds]
            return
        row[0] += 1.0
        row[1] += fact.units
        row[2] += fact.money
        row[3] += fact.discount
        row[4] += fact.seconds

    def forget(self, before: int) -> None:
        """Drop slots older than the history that is read."""
        for role, slots in self.sums.items():
            self.sums[role] = {slot: row for slot, row in slots.items() if slot >= before}


class SlotView:
    """The slots of one role at one moment, ready for window sums."""

    def __init__(self, rows: dict[int, list[float]], scope: Scope) -> None:
        horizon = scope.horizon
        self.slots = sorted(slot for slot in rows if slot >= horizon)
        self._rows = rows

    def values(self, measure: Measure) -> list[float]:
        """One measure of each slot, in the order of `slots`."""
        place = _PLACES[measure]
        return [self._rows[slot][place] for slot in self.slots]

    @cached_property
    def _running(self) -> dict[Measure, list[float]]:
        return {measure: [0.0, *accumulate(self.values(measure))] for measure in MEASURES}

    def total(self, measure: Measure, start: int, end: int | None = None) -> float:
        """The sum of a measure over slots from `start` (to before `end`, if given)."""
        running = self._running[measure]
        upper = len(self.slots) if end is None else bisect_left(self.slots, end)
        return running[upper] - running[min(bisect_left(self.slots, start), upper)]
