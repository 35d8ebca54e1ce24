"""Session features: how often a person comes by, how long they stay and how much they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from vocative.facts.grain import Grain
from vocative.facts.scope import Scope
from vocative.facts.visits import VISITS
from vocative.profile.feature import Feature
from vocative.profile.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCount(Feature):
    """The number of visits begun in the last `days`."""

    grain: ClassVar[Grain] = VISITS

    days: int
    empty: float | None = 0.0

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        return f"sum(CASE WHEN slot >= {scope.start(self.days)} THEN 1.0 ELSE 0.0 END)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        start = history.scope.start(self.days)
        return float(sum(visit.slot >= start for visit in history.visits))


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSize(Feature):
    """Mean or longest length (`minutes`), or mean or largest number of `acts`, of the visits of the last `days`."""

    grain: ClassVar[Grain] = VISITS

    value: Literal["minutes", "acts"]
    aggregate: Literal["mean", "max"]
    days: int

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        function = "avg" if self.aggregate == "mean" else "max"
        return f"{function}(CASE WHEN slot >= {scope.start(self.days)} THEN {self.value} END)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        start = history.scope.start(self.days)
        recent = [visit for visit in history.visits if visit.slot >= start]
        if not recent:
            return None
        values = [visit.minutes if self.value == "minutes" else visit.acts for visit in recent]
        return max(values) if self.aggregate == "max" else sum(values) / len(values)
