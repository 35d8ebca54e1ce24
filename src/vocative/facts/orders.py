"""Orders: what was bought together. Features of baskets read them."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct, field

from vocative.facts.facts import ACTS, Fact
from vocative.facts.grain import Grain
from vocative.facts.scope import CODES, FIXED, Scope

_PURCHASE = CODES["purchase"]


def _orders(_: Scope) -> str:
    return f"""SELECT who, order_key, min(slot) AS slot, sum(lines) AS lines,
  sum(units) / {FIXED!r} AS units, sum(money) / {FIXED!r} AS money
FROM acts WHERE role = {_PURCHASE} GROUP BY who, order_key"""


ORDERS = Grain("orders", _orders, (ACTS,))
"""One row per person and order: the slot of its first line, and its totals before any return.

A purchase without an order identifier belongs to the order of its quarter hour.
"""


class Order(NamedTuple):
    """One order: first slot, lines, units and money."""

    slot: int
    lines: float
    units: float
    money: float


class OrderState(Struct):
    """Live: order → slot → lines, units and money (the latter two in ten-thousandths)."""

    orders: dict[str, dict[int, list[float]]] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        """Count one fact."""
        if fact.role != _PURCHASE:
            return
        slots = self.orders.get(fact.order)
        if slots is None:
            slots = self.orders[fact.order] = {}
        row = slots.get(fact.slot)
        if row is None:
            slots[fact.slot] = [1.0, fact.units, fact.money]
            return
        row[0] += 1.0
        row[1] += fact.units
        row[2] += fact.money

    def forget(self, before: int) -> None:
        """Drop what is older than the history that is read."""
        kept = {
            order: {slot: row for slot, row in slots.items() if slot >= before} for order, slots in self.orders.items()
        }
        self.orders = {order: slots for order, slots in kept.items() if slots}

    def view(self, scope: Scope) -> list[Order]:
        """The orders within the history that is read, in no order."""
        horizon = scope.horizon
        found = []
        for slots in self.orders.values():
            rows = [(slot, row) for slot, row in slots.items() if slot >= horizon]
            if rows:
                lines, units, money = (sum(row[place] for _, row in rows) for place in range(3))
                found.append(Order(min(slot for slot, _ in rows), lines, units / FIXED, money / FIXED))
        return found
