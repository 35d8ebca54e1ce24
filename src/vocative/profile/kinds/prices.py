"""Price level: whether a person picks the dear or the cheap things of a category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vocative.facts.grain import Grain
from vocative.facts.items import DESCRIBED
from vocative.facts.scope import Scope
from vocative.profile.feature import Feature
from vocative.profile.history import History

PRICES = Grain(
    "prices",
    lambda _: (
        """SELECT category, sum(year_price) / sum(year_units) AS price
FROM described WHERE category IS NOT NULL GROUP BY category HAVING sum(year_price) > 0"""
    ),
    (DESCRIBED,),
)
"""`category` → mean price of a unit before discounts in the last year, over everybody who may be profiled."""

PRICED = Grain(
    "priced",
    lambda _: (
        """SELECT described.who, described.year_price, described.year_units * prices.price AS usual_price
FROM described JOIN prices ON prices.category = described.category"""
    ),
    (DESCRIBED, PRICES),
)
"""One row per person and item of a category with a price: what it cost, and what as much of the category costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLevel(Feature):
    """Prices before discounts in the last year, over what as many units of the same categories cost on average."""

    grain: ClassVar[Grain] = PRICED

    def sql(self, scope: Scope) -> str:  # noqa: ARG002 - the grain holds the window
        """See `Feature.sql`."""
        return "sum(year_price) / nullif(sum(usual_price), 0.0)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        paid = usual = 0.0
        for item in history.bought:
            category = history.described(item.item).category
            price = None if category is None else history.reference.prices.get(category)
            if price is not None:
                paid += item.year_price
                usual += item.year_units * price
        return paid / usual if usual else None
