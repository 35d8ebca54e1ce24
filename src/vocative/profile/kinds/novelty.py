"""Novelty: how many different items a person buys, how many of them for the first time, how many again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vocative.facts.grain import Grain
from vocative.facts.items import BOUGHT
from vocative.facts.scope import Scope
from vocative.profile.feature import Feature
from vocative.profile.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCount(Feature):
    """The number of different items bought in the last `days`."""

    grain: ClassVar[Grain] = BOUGHT

    days: int
    empty: float | None = 0.0

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        return _since("last_slot", scope.start(self.days))

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        start = history.scope.start(self.days)
        return float(sum(item.last >= start for item in history.bought))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoveltyShare(Feature):
    """The share of the items of the last `days` that the person had never bought before them."""

    grain: ClassVar[Grain] = BOUGHT

    days: int

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        start = scope.start(self.days)
        return f"{_since('first_slot', start)} / nullif({_since('last_slot', start)}, 0.0)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        start = history.scope.start(self.days)
        recent = sum(item.last >= start for item in history.bought)
        return sum(item.first >= start for item in history.bought) / recent if recent else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatShare(Feature):
    """The share of the items of the last year that the person bought on more than one line."""

    grain: ClassVar[Grain] = BOUGHT

    def sql(self, scope: Scope) -> str:  # noqa: ARG002 - the grain holds the window
        """See `Feature.sql`."""
        return (
            "sum(CASE WHEN year_lines > 1 THEN 1.0 ELSE 0.0 END)"
            " / nullif(sum(CASE WHEN year_lines > 0 THEN 1.0 ELSE 0.0 END), 0.0)"
        )

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        bought = sum(item.year_lines > 0 for item in history.bought)
        return sum(item.year_lines > 1 for item in history.bought) / bought if bought else None


def _since(column: str, start: int) -> str:
    return f"sum(CASE WHEN {column} >= {start} THEN 1.0 ELSE 0.0 END)"
