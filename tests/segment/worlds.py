"""Invented people with known groups among them, as the tables that segmenting reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vocative.records.lake_tables import AFFINITIES, FEATURES, PREDICTIONS
from vocative.segment.population import Population, population
from vocative.store.arrow import arrow_schema

CATEGORIES = ("COFFEE", "TEA", "BREAD", "MILK", "CHEESE", "BABY FOODS")
WORDS = {"COFFEE": "coffee", "TEA": "tea", "BREAD": "bread", "MILK": "milk", "CHEESE": "cheese"}
"""Baby food has no words: it may never be named."""

_MEANS = {
    "active_morning_share": (0.3, 0.08),
    "active_evening_share": (0.25, 0.08),
    "active_weekend_share": (0.3, 0.08),
    "gap_days_mean": (9.0, 2.0),
    "order_money_mean": (30.0, 6.0),
    "discount_share_365d": (0.15, 0.04),
    "price_level_365d": (1.0, 0.1),
}
_UNITS = 200.0


@dataclass(frozen=True)
class Group:
    """People who differ from the others: feature → deviations away, category → times the usual share."""

    name: str
    size: int
    habits: dict[str, float]
    tastes: dict[str, float]


EVENING = Group("evening", 120, {"active_evening_share": 4.0}, {"COFFEE": 6.0})
WEEKEND = Group("weekend", 120, {"active_weekend_share": 4.0, "order_money_mean": 4.0}, {"BREAD": 6.0})
OFFERS = Group("offers", 120, {"discount_share_365d": 4.0, "gap_days_mean": -3.0}, {"MILK": 6.0})
PLANTED = (EVENING, WEEKEND, OFFERS)


@dataclass(frozen=True)
class World:
    """Tables, and which group each person was made for."""

    features: pa.Table
    affinities: pa.Table
    truth: dict[str, str]

    def population(self) -> Population:
        """The people as segmenting sees them."""
        return population(self.features, self.affinities)


def world(groups: tuple[Group, ...] = PLANTED, *, seed: int = 1, prefix: str = "p") -> World:
    """People of the given groups in mixed order."""
    random = np.random.default_rng(seed)
    members = [group for group in groups for _ in range(group.size)]
    order = random.permutation(len(members))
    people = [f"{prefix}{place:05d}" for place in range(len(members))]
    rows: list[dict[str, object]] = []
    likings: list[dict[str, object]] = []
    for person, place in zip(people, order, strict=True):
        group = members[place]
        values = {name: float(random.normal(mean + group.habits.get(name, 0.0) * spread, spread))
                  for name, (mean, spread) in _MEANS.items()}  # fmt: skip
        rows.append(
            {"run_id": "r", "moment": 0, "person_id": person, "features": list({**values, "orders_365d": 40.0}.items())}
        )
        shares = np.array([group.tastes.get(name, 1.0) for name in CATEGORIES]) * random.gamma(
            20, 1 / 20, len(CATEGORIES)
        )
        likings.extend(_likings(person, shares / shares.sum()))
    return World(
        pa.Table.from_pylist(rows, schema=arrow_schema(FEATURES)),
        pa.Table.from_pylist(likings, schema=arrow_schema(AFFINITIES)),
        {person: members[place].name for person, place in zip(people, order, strict=True)},
    )


def renamed(tables: World, prefix: str) -> World:
    """The same people in another order under other names."""
    names = {person: f"{prefix}{stable:05d}" for stable, person in enumerate(sorted(tables.truth, reverse=True))}

    def renaming(table: pa.Table) -> pa.Table:
        column = pa.array([names[str(person)] for person in table["person_id"].to_pylist()], pa.string())
        changed = table.set_column(table.schema.get_field_index("person_id"), "person_id", column)
        return changed.take(pa.array(list(reversed(range(changed.num_rows)))))

    return World(
        renaming(tables.features),
        renaming(tables.affinities),
        {names[person]: group for person, group in tables.truth.items()},
    )


def people(features: list[dict[str, float]], affinities: list[dict[str, float]] | None = None) -> Population:
    """People `p0`, `p1` … with the given features and affinities."""
    rows = [{"run_id": "r", "moment": 0, "person_id": f"p{place:03d}", "features": list(one.items())}
            for place, one in enumerate(features)]  # fmt: skip
    likings = [
        {"run_id": "r", "moment": 0, "person_id": f"p{place:03d}", "attribute": key.partition(":")[0],
         "value": key.partition(":")[2], "affinity": value, "share": 0.1, "support": 5.0}
        for place, one in enumerate(affinities or [])
        for key, value in one.items()
    ]  # fmt: skip
    return population(
        pa.Table.from_pylist(rows, schema=arrow_schema(FEATURES)),
        pa.Table.from_pylist(likings, schema=arrow_schema(AFFINITIES)),
        arrow_schema(PREDICTIONS).empty_table(),
    )


def _likings(person: str, shares: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[dict[str, object]]:
    return [
        {"run_id": "r", "moment": 0, "person_id": person, "attribute": "category", "value": name,
         "affinity": float(np.log(share * len(CATEGORIES))), "share": float(share), "support": float(share * _UNITS)}
        for name, share in zip(CATEGORIES, shares, strict=True)
    ]  # fmt: skip
