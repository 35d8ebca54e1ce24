"""Variety: over how many categories or brands a person's purchases are spread, and how evenly."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass
from functools import partial
from math import log
from typing import ClassVar, Literal

from vocative.facts.grain import Grain
from vocative.facts.items import DESCRIBED
from vocative.facts.scope import Scope
from vocative.profile.feature import Feature
from vocative.profile.history import History, ItemFacts


def _grouped(attribute: str, _: Scope) -> str:
    return f"""SELECT who, {attribute}, max(last_slot) AS last_slot, sum(year_lines) AS year_lines
FROM described WHERE {attribute} IS NOT NULL GROUP BY who, {attribute}"""


CATEGORIES = Grain("categories", partial(_grouped, "category"), (DESCRIBED,))
"""One row per person and category bought: when last, and the lines of the last year."""
BRANDS = Grain("brands", partial(_grouped, "brand"), (DESCRIBED,))
"""One row per person and brand bought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variety(Feature):
    """How a person's purchases are spread over the values of an attribute.

    `count` is the number of values bought in the last `days`; over the last year, `top` is the share of lines of the
    commonest value and `entropy` is Shannon's entropy of the lines, in nats.
    """

    aggregate: Literal["count", "top", "entropy"]
    days: int = 365

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        total = "nullif(sum(year_lines), 0.0)"
        match self.aggregate:
            case "count":
                return f"sum(CASE WHEN last_slot >= {scope.start(self.days)} THEN 1.0 ELSE 0.0 END)"
            case "top":
                return f"max(year_lines) / {total}"
            case "entropy":
                return f"ln({total}) - sum(year_lines * ln(greatest(year_lines, 1.0))) / {total}"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        named = [
            (value, item) for item in history.bought if (value := self.value(history.described(item.item))) is not None
        ]
        if self.aggregate == "count":
            start = history.scope.start(self.days)
            return float(len({value for value, item in named if item.last >= start}))
        lines: Counter[str] = Counter()
        for value, item in named:
            lines[value] += int(item.year_lines)
        total = lines.total()
        if not total:
            return None
        if self.aggregate == "top":
            return max(lines.values()) / total
        return log(total) - sum(number * log(max(number, 1)) for number in lines.values()) / total

    @abstractmethod
    def value(self, item: ItemFacts) -> str | None:
        """The attribute of an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryVariety(Variety):
    """Over categories."""

    grain: ClassVar[Grain] = CATEGORIES

    def value(self, item: ItemFacts) -> str | None:
        """The category."""
        return item.category


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandVariety(Variety):
    """Over brands."""

    grain: ClassVar[Grain] = BRANDS

    def value(self, item: ItemFacts) -> str | None:
        """The brand."""
        return item.brand
