"""Decayed features: everything counts, and counts half as much with each half-life that has passed."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import ClassVar

from vocative.facts.grain import Grain
from vocative.facts.scope import SLOTS_PER_DAY, Measure, Scope, scale_of
from vocative.facts.slots import SLOTS, column
from vocative.profile.feature import Feature
from vocative.profile.history import History
from vocative.records.settings import Role


def rate_per_slot(half_life_days: float) -> float:
    """By which exponent a weight falls per slot."""
    return log(2.0) / (half_life_days * SLOTS_PER_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decayed(Feature):
    """The sum of a measure of a role, each slot weighted by 2 to the power of -(age / half-life)."""

    grain: ClassVar[Grain] = SLOTS

    role: Role
    measure: Measure = "lines"
    half_life_days: float
    empty: float | None = 0.0

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        rate = rate_per_slot(self.half_life_days)
        return (
            f"sum({column(self.role, self.measure)} * exp((slot - {scope.now}) * {rate!r})) / {scale_of(self.measure)}"
        )

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        slots = history.slots(self.role)
        rate, now = rate_per_slot(self.half_life_days), history.scope.now
        weighted = (
            value * exp((slot - now) * rate)
            for slot, value in zip(slots.slots, slots.values(self.measure), strict=True)
        )
        return sum(weighted) / scale_of(self.measure)
