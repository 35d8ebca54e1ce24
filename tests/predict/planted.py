"""Small businesses with a planted truth: who buys what on which day is known, so predictions can be right or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tests.decide.builders import DAY_US, HOUR_US
from tests.decide.builders import settings as make_settings
from vocative.facts.sources import Sources
from vocative.predict.registry import STANDARD
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.records.schema import Value
from vocative.store.arrow import rows_to_arrow

SETTINGS = make_settings(
    events={"purchase": ["purchase"]},
    proving={"origins": 4, "step_days": 28, "least_people": 40},
)
FIRST_DAY = 20_000
TODAY = 340
NOW = (FIRST_DAY + TODAY) * DAY_US + 8 * HOUR_US
LEARNT = [
    name
    for name, module in STANDARD.items()
    if module.kind != "effect" and name not in ("reacts", "reacts_when", "click_to_open")
]
"""Modules that learn from what people do alone; effects need people treated by lot, reactions need messages."""
CATEGORIES = ["Bread", "Milk", "Tea"]


class Bought(NamedTuple):
    person: str
    item: str
    day: int
    """Days since the first day."""
    hour: int = 12
    amount: float = 10.0
    learnt_after: int = 0
    """Hours between the purchase and the moment the business knew of it."""


def sources(bought: Sequence[Bought], allowed: Iterable[str], late_catalogue: bool = False) -> Sources:
    """The tables of a business; with `late_catalogue` there are versions that become known only after `NOW`."""
    events: list[dict[str, Value]] = []
    for number, one in enumerate(bought):
        at = (FIRST_DAY + one.day) * DAY_US + one.hour * HOUR_US
        events.append(
            {
                "message_id": f"e{number}",
                "timestamp": at,
                "known_at": at + one.learnt_after * HOUR_US,
                "event": "purchase",
                "user_id": one.person,
                "order_id": f"{one.person} {one.day}",
                "item_id": one.item,
                "quantity": 1.0,
                "amount": one.amount,
                "not_me": False,
                "doubts": "",
                "source": "test",
            }
        )
    items: list[dict[str, Value]] = []
    for name in sorted({one.item for one in bought}):
        version: dict[str, Value] = {
            "version_id": name, "timestamp": 0, "known_at": 0, "item_id": name,
            "category": CATEGORIES[sum(map(ord, name)) % 3], "doubts": "", "source": "test",
        }  # fmt: skip
        items.append(version)
        if late_catalogue:
            items.append({**version, "version_id": f"{name} later", "known_at": NOW, "category": "Other"})
    people: list[dict[str, Value]] = []
    if late_catalogue:
        people = [
            {
                "version_id": f"{person} later", "timestamp": 0, "known_at": NOW, "user_id": person,
                "timezone": "Asia/Tokyo", "doubts": "", "source": "test",
            }
            for person in sorted({one.person for one in bought})
        ]  # fmt: skip
    return Sources(
        events=rows_to_arrow(EVENTS, events),
        people=rows_to_arrow(PEOPLE, people),
        items=rows_to_arrow(ITEMS, items),
        identity=pa.table({"alias": pa.array([], pa.string()), "person_id": pa.array([], pa.string())}),
        allowed=pa.table({"person_id": pa.array(list(allowed), pa.string())}),
    )


def names(count: int) -> list[str]:
    """People."""
    return [f"p{number:03}" for number in range(count)]


@lru_cache
def habits(count: int = 120, seed: int = 5) -> list[Bought]:
    """People with habits: a pace, a favourite hour, favourite items, and a day from which some stay away for good."""
    random = np.random.default_rng(seed)
    found = []
    for person in names(count):
        pace, hour = random.choice([4, 9, 20]), int(random.integers(7, 22))
        stops = TODAY if random.random() < 0.5 else int(random.integers(60, TODAY))
        favourites = random.choice(40, size=6, replace=False)
        money = float(random.choice([5.0, 20.0, 60.0]))
        day = int(random.integers(0, pace))
        while day < stops:
            taken = random.choice(favourites, size=2, replace=False)
            extra = random.integers(0, 40, size=1)
            for item in {*taken.tolist(), *extra.tolist()}:
                shift = int(random.integers(-1, 2))
                found.append(Bought(person, f"i{item:02}", day, (hour + shift) % 24, money * random.uniform(0.8, 1.2)))
            day += max(1, int(random.normal(pace, pace / 5)))
    return found


@lru_cache
def noise(count: int = 120, seed: int = 5) -> list[Bought]:
    """People who are all alike: on any day anybody buys anything by lot."""
    random = np.random.default_rng(seed)
    found = []
    for person in names(count):
        for day in range(TODAY):
            if random.random() < 0.03:
                item, hour = random.integers(0, 40), random.integers(0, 24)
                found.append(Bought(person, f"i{item:02}", day, int(hour), float(random.uniform(5, 15))))
    return found
