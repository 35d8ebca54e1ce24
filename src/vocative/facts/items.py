"""Items: which things a person bought, since when, and what the catalogue says about them."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct, field

from vocative.facts.facts import FACTS, Fact
from vocative.facts.grain import Grain
from vocative.facts.scope import CODES, FIXED, Scope, moment_literal

_PURCHASE = CODES["purchase"]
YEAR_DAYS = 365
"""The window of what is compared between items and categories."""


def _catalogue(scope: Scope) -> str:
    moment = moment_literal(scope.moment)

    def usable(column: str) -> str:
        return f"CASE WHEN NOT contains(',' || doubts, ',{column}:') THEN {column} END AS {column}"

    return f"""SELECT item_id AS item, category, brand, attributes
FROM (
  SELECT item_id, {usable("category")}, {usable("brand")}, {usable("attributes")},
    row_number() OVER (PARTITION BY item_id ORDER BY timestamp DESC, known_at DESC, version_id DESC) AS age
  FROM items WHERE timestamp < {moment} AND known_at < {moment} AND NOT contains(',' || doubts, ',row:')
) AS versions
WHERE age = 1"""


def _bought(scope: Scope) -> str:
    inside = f"slot >= {scope.start(YEAR_DAYS)}"
    return f"""SELECT who, item, min(slot) AS first_slot, max(slot) AS last_slot,
  sum(CASE WHEN {inside} THEN 1.0 ELSE 0.0 END) AS year_lines,
  sum(CASE WHEN {inside} AND units > 0 THEN units ELSE 0.0 END) / {FIXED!r} AS year_units,
  sum(CASE WHEN {inside} AND units > 0 THEN money + discount ELSE 0.0 END) / {FIXED!r} AS year_price
FROM facts WHERE role = {_PURCHASE} AND item IS NOT NULL GROUP BY who, item"""


def _described(_: Scope) -> str:
    return """SELECT bought.*, catalogue.category, catalogue.brand
FROM bought LEFT JOIN catalogue ON catalogue.item = bought.item"""


CATALOGUE = Grain("catalogue", _catalogue)
"""`item` → what its newest version known before the moment says."""
BOUGHT = Grain("bought", _bought, (FACTS,))
"""One row per person and item ever bought: first and last slot, and the lines, units and price before discounts of
the last year (the latter two only of lines with a quantity)."""
DESCRIBED = Grain("described", _described, (BOUGHT, CATALOGUE))
"""`bought` with the item's category and brand."""


class Bought(NamedTuple):
    """The columns of the grain `bought`, for one item."""

    item: str
    first: int
    last: int
    year_lines: float
    year_units: float
    year_price: float


class ItemState(Struct):
    """Live: item → slot → lines, units and price of lines with a quantity (the latter two in ten-thousandths)."""

    items: dict[str, dict[int, list[float]]] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        """Count one fact."""
        if fact.role != _PURCHASE or fact.item is None:
            return
        slots = self.items.get(fact.item)
        if slots is None:
            slots = self.items[fact.item] = {}
        price = fact.money + fact.discount if fact.units else 0.0
        row = slots.get(fact.slot)
        if row is None:
            slots[fact.slot] = [1.0, fact.units, price]
            return
        row[0] += 1.0
        row[1] += fact.units
        row[2] += price

    def forget(self, before: int) -> None:
        """Drop what is older than the history that is read."""
        kept = {
            item: {slot: row for slot, row in slots.items() if slot >= before} for item, slots in self.items.items()
        }
        self.items = {item: slots for item, slots in kept.items() if slots}

    def view(self, scope: Scope) -> list[Bought]:
        """The items bought within the history that is read."""
        horizon, start = scope.horizon, scope.start(YEAR_DAYS)
        found = []
        for item, slots in self.items.items():
            inside = [slot for slot in slots if slot >= horizon]
            if not inside:
                continue
            year = [slots[slot] for slot in inside if slot >= start]
            lines, units, price = (sum(row[place] for row in year) for place in range(3))
            found.append(Bought(item, min(inside), max(inside), lines, units / FIXED, price / FIXED))
        return found
