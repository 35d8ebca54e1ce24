"""Regularity: the pauses between a person's days of purchase, and whether the next is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import median
from typing import ClassVar, Literal

from vocative.facts.grain import Grain
from vocative.facts.local import LOCAL
from vocative.facts.scope import SLOTS_PER_DAY, Scope
from vocative.profile.feature import Feature
from vocative.profile.history import History

GAPS = Grain(
    "gaps",
    lambda _: (
        """SELECT who, last_slot, day - lag(day) OVER (PARTITION BY who ORDER BY day) AS gap
FROM (SELECT who, day, max(slot) AS last_slot FROM local_slots WHERE bought = 1 GROUP BY who, day) AS days"""
    ),
    (LOCAL,),
)
"""One row per person and local day of purchase in the last year: its last slot, and the days since the one before."""

_MEAN = "avg(gap)"
# Whole numbers up to the root, so that equal gaps have a deviation of exactly nothing.
_SPREAD = "sqrt(count(gap) * sum(gap * gap) - sum(gap) * sum(gap))"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseDays(Feature):
    """The number of local days with a purchase in the last year."""

    grain: ClassVar[Grain] = GAPS

    empty: float | None = 0.0

    def sql(self, scope: Scope) -> str:  # noqa: ARG002 - the grain holds the window
        """See `Feature.sql`."""
        return "count(*)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        return float(len(_days(history)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Feature):
    """An aggregate of the days between one day of purchase and the next.

    `variation` is the standard deviation over the mean; `overdue` is the time since the last purchase over the mean.
    """

    grain: ClassVar[Grain] = GAPS

    aggregate: Literal["mean", "median", "deviation", "variation", "overdue"]

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        match self.aggregate:
            case "mean":
                return _MEAN
            case "median":
                return "median(gap)"
            case "deviation":
                return f"{_SPREAD} / nullif(count(gap), 0)"
            case "variation":
                return f"{_SPREAD} / nullif(sum(gap), 0)"
            case "overdue":
                return f"({scope.now} - max(last_slot)) / {float(SLOTS_PER_DAY)!r} / nullif({_MEAN}, 0)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        days = _days(history)
        gaps = [later - earlier for earlier, later in pairwise(sorted(days))]
        if not gaps:
            return None
        mean = sum(gaps) / len(gaps)
        deviation = sqrt(len(gaps) * sum(gap * gap for gap in gaps) - sum(gaps) ** 2) / len(gaps)
        match self.aggregate:
            case "mean":
                return mean
            case "median":
                return float(median(gaps))
            case "deviation":
                return deviation
            case "variation":
                return deviation / mean
            case "overdue":
                return (history.scope.now - max(days.values())) / SLOTS_PER_DAY / mean


def _days(history: History) -> dict[int, int]:
    return {local.day: local.slot for local in history.local if local.bought}
