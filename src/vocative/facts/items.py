"""Items: which things a person bought, since when, and what the catalogue says about them."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import pyarrow as pa
from msgspec import Struct, field

from vocative.facts.attribution import usable
from vocative.facts.facts import FACTS, Fact
from vocative.facts.grain import Grain, select
from vocative.facts.scope import CODES, FIXED, Scope, moment_literal
from vocative.facts.sources import Sources
from vocative.store.protocols import Engine

_PURCHASE = CODES["purchase"]
YEAR_DAYS = 365
"""The window of what is compared between items and categories."""


ITEM_FIELDS = ("name", "category", "brand", "attributes", "price")


def item_versions(scope: Scope) -> str:
    """The query of the grain `item_versions`."""
    moment = moment_literal(scope.moment)
    fields = ", ".join(f"{usable(name)} AS {name}" for name in (*ITEM_FIELDS, "stock"))
    return f"""SELECT item_id AS item, epoch_us(timestamp) AS us, epoch_us(known_at) AS known, version_id, {fields}
FROM items WHERE timestamp < {moment} AND known_at < {moment}
  AND (doubts = '' OR NOT contains(',' || doubts, ',row:'))"""


def _catalogue(scope: Scope) -> str:
    newest = ", ".join(f"max(CASE WHEN version = {name}_at THEN {name} END) AS {name}" for name in ITEM_FIELDS)
    told = ", ".join(
        f"max(CASE WHEN {name} IS NOT NULL THEN version END) OVER (PARTITION BY item) AS {name}_at"
        for name in ITEM_FIELDS
    )
    return f"""SELECT item, {newest}, max(CASE WHEN version = versions THEN stock END) AS stock, min(since) AS since
FROM (
  SELECT *, {told} FROM (
    SELECT item, {", ".join(ITEM_FIELDS)}, stock, greatest(us, known) AS since,
      row_number() OVER (PARTITION BY item ORDER BY us, known, version_id) AS version,
      count(*) OVER (PARTITION BY item) AS versions
    FROM item_versions WHERE us < {scope.moment} AND item_versions.known < {scope.moment}
  ) AS numbered
) AS dated
GROUP BY item"""


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


ITEM_VERSIONS = Grain("item_versions", item_versions)
"""Every version of items known before the moment; a field in doubt is NULL."""
CATALOGUE = Grain("catalogue", _catalogue, (ITEM_VERSIONS,))
"""`item` → of each field the newest value that was known before the moment and is not in doubt.

A version that leaves a field out does not take it back, as a feed of prices leaves out the names. Only `stock` is what
the newest version says: a shop that stops counting leaves it out. `since` is when the item was first known (µs UTC).
"""
BOUGHT = Grain("bought", _bought, (FACTS,))
"""One row per person and item ever bought: first and last slot, and the lines, units and price before discounts of
the last year (the latter two only of lines with a quantity)."""
DESCRIBED = Grain("described", _described, (BOUGHT, CATALOGUE))
"""`bought` with the item's category and brand."""


def names_of(engine: Engine, sources: Sources, scope: Scope, items: Collection[str] | None) -> dict[str, str]:
    """The names of items, or of all (None), as customers knew them at the moment; one without a name is missing."""
    if items is not None and not items:
        return {}
    asked = pa.table({"item": pa.array(sorted(items or ()), pa.string())})
    some = "" if items is None else "SEMI JOIN asked ON asked.item = catalogue.item "
    query = f"SELECT item, name FROM catalogue {some}WHERE name IS NOT NULL"
    found = engine.query(select([CATALOGUE], scope, query), {**sources.relations(), "asked": asked})
    return {str(row["item"]): str(row["name"]) for row in found.to_pylist()}


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
