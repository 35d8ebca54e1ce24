"""Window features: sums over the last days, and ratios of two such sums."""

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
class WindowSum(Feature):
    """The sum of `terms` over the last `days`."""

    grain: ClassVar[Grain] = SLOTS

    terms: tuple[Term, ...]
    days: int
    empty: float | None = 0.0

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        return sum_sql(self.terms, scope, scope.start(self.days))

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        return sum_read(self.terms, history, history.scope.start(self.days))


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRatio(Feature):
    """The sum of the terms `above` over that of the terms `below`, over the last `days`; none if `below` is zero.

    The terms below must not subtract anything, or the ratio could be of two remainders.
    """

    grain: ClassVar[Grain] = SLOTS

    above: tuple[Term, ...]
    below: tuple[Term, ...]
    days: int

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        start = scope.start(self.days)
        return f"{sum_sql(self.above, scope, start)} / nullif({sum_sql(self.below, scope, start)}, 0.0)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        start = history.scope.start(self.days)
        below = sum_read(self.below, history, start)
        return sum_read(self.above, history, start) / below if below else None
