"""Basket features: how many orders a person made, and how large they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import ClassVar, Literal

from vocative.facts.grain import Grain
from vocative.facts.orders import ORDERS, Order
from vocative.facts.scope import Scope
from vocative.profile.feature import Feature
from vocative.profile.history import History

_AGGREGATES = {"mean": "avg", "median": "median", "deviation": "stddev_pop", "max": "max"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCount(Feature):
    """The number of orders begun in the last `days`."""

    grain: ClassVar[Grain] = ORDERS

    days: int
    empty: float | None = 0.0

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        return f"sum(CASE WHEN slot >= {scope.start(self.days)} THEN 1.0 ELSE 0.0 END)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        start = history.scope.start(self.days)
        return float(sum(order.slot >= start for order in history.orders))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSize(Feature):
    """An aggregate of the size of the orders begun in the last `days`; `deviation` is the standard deviation."""

    grain: ClassVar[Grain] = ORDERS

    value: Literal["lines", "units", "money"]
    aggregate: Literal["mean", "median", "deviation", "max"]
    days: int

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        start = scope.start(self.days)
        return f"{_AGGREGATES[self.aggregate]}(CASE WHEN slot >= {start} THEN {self.value} END)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        start = history.scope.start(self.days)
        values = [self._size(order) for order in history.orders if order.slot >= start]
        if not values:
            return None
        match self.aggregate:
            case "max":
                return max(values)
            case "median":
                return median(values)
            case "mean":
                return sum(values) / len(values)
            case "deviation":
                mean = sum(values) / len(values)
                return sqrt(sum((value - mean) ** 2 for value in values) / len(values))

    def _size(self, order: Order) -> float:
        match self.value:
            case "lines":
                return order.lines
            case "units":
                return order.units
            case "money":
                return order.money


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTrend(Feature):
    """(recent - earlier) / (recent + earlier) of the number of orders in two windows of `days`, one after the other."""

    grain: ClassVar[Grain] = ORDERS

    days: int

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        middle, start = scope.start(self.days), scope.start(2 * self.days)
        change = f"sum(CASE WHEN slot >= {middle} THEN 1.0 WHEN slot >= {start} THEN -1.0 ELSE 0.0 END)"
        return f"{change} / nullif(sum(CASE WHEN slot >= {start} THEN 1.0 ELSE 0.0 END), 0.0)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        middle, start = history.scope.start(self.days), history.scope.start(2 * self.days)
        both = sum(order.slot >= start for order in history.orders)
        recent = sum(order.slot >= middle for order in history.orders)
        return (2 * recent - both) / both if both else None
