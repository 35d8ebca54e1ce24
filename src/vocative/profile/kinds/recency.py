"""Recency and tenure: days since the last or the first time, in steps of a quarter hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vocative.facts.grain import Grain
from vocative.facts.scope import SLOTS_PER_DAY, Scope
from vocative.facts.slots import SLOTS, column
from vocative.profile.feature import Feature
from vocative.profile.history import History
from vocative.records.settings import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysSince(Feature):
    """Days since the person last (or, with `first`, first) did any of `acts`, within the history that is read."""

    grain: ClassVar[Grain] = SLOTS

    acts: tuple[Role, ...]
    first: bool = False

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        done = " OR ".join(f"{column(role, 'lines')} > 0" for role in self.acts if role in scope.roles)
        edge = "min" if self.first else "max"
        return f"({scope.now} - {edge}(CASE WHEN {done or 'FALSE'} THEN slot END)) / {float(SLOTS_PER_DAY)!r}"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        edge = 0 if self.first else -1
        seen = [
            slots.slots[edge]
            for role in self.acts
            if role in history.scope.roles and (slots := history.slots(role)).slots
        ]
        if not seen:
            return None
        return (history.scope.now - (min(seen) if self.first else max(seen))) / SLOTS_PER_DAY
