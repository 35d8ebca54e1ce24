"""Trend features: the newest window against the window of the same length before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vocative.facts.grain import Grain
from vocative.facts.scope import Scope
from vocative.facts.slots import SLOTS
from vocative.profile.feature import Feature
from vocative.profile.history import History
from vocative.profile.kinds.terms import Term, sum_read, sum_sql


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend(Feature):
    """(recent - earlier) / (recent + earlier) of `terms`, in -1 to 1; none if nothing happened in either window."""

    grain: ClassVar[Grain] = SLOTS

    terms: tuple[Term, ...]
    days: int

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        middle = scope.start(self.days)
        recent = sum_sql(self.terms, scope, middle)
        earlier = sum_sql(self.terms, scope, scope.start(2 * self.days), middle)
        return f"({recent} - {earlier}) / nullif({recent} + {earlier}, 0.0)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        middle = history.scope.start(self.days)
        recent = sum_read(self.terms, history, middle)
        earlier = sum_read(self.terms, history, history.scope.start(2 * self.days), middle)
        return (recent - earlier) / (recent + earlier) if recent + earlier else None
