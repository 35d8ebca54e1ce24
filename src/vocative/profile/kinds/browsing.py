"""Browsing: days on which a person looked around and bought nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vocative.facts.grain import Grain
from vocative.facts.local import LOCAL
from vocative.facts.scope import Scope
from vocative.profile.feature import Feature
from vocative.profile.history import History

DAYS = Grain(
    "local_days",
    lambda _: (
        """SELECT who, max(slot) AS last_slot, max(bought) AS bought, max(viewed) AS viewed
FROM local_slots GROUP BY who, day"""
    ),
    (LOCAL,),
)
"""One row per person and local day with an act in the last year: its last slot, and what was done (0 or 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowseDays(Feature):
    """The number of local days of the last `days` on which something was looked at and nothing bought.

    Whoever buys looks first, so views say how often somebody buys as much as whether they look around.
    """

    grain: ClassVar[Grain] = DAYS

    days: int
    empty: float | None = 0.0

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        start = scope.start(self.days)
        return f"sum(CASE WHEN last_slot >= {start} AND viewed = 1 AND bought = 0 THEN 1.0 ELSE 0.0 END)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        start = history.scope.start(self.days)
        lately = {local.day for local in history.local if local.slot >= start}
        bought = {local.day for local in history.local if local.bought}
        viewed = {local.day for local in history.local if local.viewed}
        return float(len((lately & viewed) - bought))
