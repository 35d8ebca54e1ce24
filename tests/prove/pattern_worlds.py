"""Businesses where nothing goes with anything but how often people come, or one thing that was planted does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tests.decide.builders import DAY_US, HOUR_US
from tests.decide.builders import settings as make_settings
from vocative.facts.sources import Sources
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.records.schema import Table
from vocative.records.settings import Settings
from vocative.store.arrow import arrow_schema

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FIRST_DAY = 20_000
DAYS = 280
NOW = (FIRST_DAY + DAYS) * DAY_US + 8 * HOUR_US
TASTES = ("bread", "coffee", "fish", "milk", "pasta", "tea")

SETTINGS: Settings = make_settings(
    events={"purchase": ["purchase"], "view": ["view"], "sent": ["sent"], "open": ["open"]},
    proving={"origins": 4, "step_days": 28, "least_people": 40},
)


@dataclass(frozen=True)
class Planted:
    """What evening people do more often than others, whatever else they are like."""

    buys_after: float = 0.0
    """Their chance of a purchase on top of their own rhythm within two days of each moment that is looked at."""


@dataclass(frozen=True)
class _Acts:
    who: Integers
    us: Integers


def world(seed: int, people: int = 600, planted: Planted | None = None) -> Sources:
    """Purchases, views, messages and answers of so many people, by their own rates, hours and tastes, all unrelated."""
    random = np.random.default_rng(seed)
    planted = planted or Planted()
    evening = random.random(people) < 0.3
    part = np.where(evening, 18, random.choice([6, 12], people))
    bought = _acts(random, random.gamma(1.5, 0.04, people) * DAYS, part)
    seen = _acts(random, random.gamma(1.0, 0.1, people) * DAYS, part)
    sent = _Acts(np.repeat(np.arange(people), DAYS // 10), np.tile(_at(np.arange(0, DAYS, 10), 9), people))
    chance = random.beta(2.0, 5.0, people)
    answered = random.random(len(sent.who)) < chance[sent.who]
    opened = _Acts(sent.who[answered], sent.us[answered] + HOUR_US)
    if planted.buys_after:
        extra = [
            (np.flatnonzero(evening & (random.random(people) < planted.buys_after)), DAYS - 28 * step)
            for step in range(1, 7)
        ]
        who = np.concatenate([one for one, _ in extra])
        us = np.concatenate([_at(np.full(len(one), day + 1), 19) for one, day in extra])
        bought = _Acts(np.concatenate([bought.who, who]), np.concatenate([bought.us, us]))
    return _sources(random, people, {"purchase": bought, "view": seen, "sent": sent, "open": opened})


def _at(day: Integers, hour: Integers | int) -> Integers:
    return np.asarray((FIRST_DAY + day) * DAY_US + hour * HOUR_US, np.int64)


def _acts(random: np.random.Generator, mean: Floats, part: Integers) -> _Acts:
    count = random.poisson(mean)
    who = np.repeat(np.arange(len(count)), count)
    day = random.integers(0, DAYS, len(who))
    hour = part[who] + random.integers(0, 6, len(who))
    return _Acts(who, _at(day, hour) + random.integers(0, HOUR_US, len(who)))


def _sources(random: np.random.Generator, people: int, acts: dict[str, _Acts]) -> Sources:
    taste = random.dirichlet(np.full(len(TASTES), 0.7), people)
    basket = random.gamma(4.0, 5.0, people)
    parts = []
    for event, mine in acts.items():
        count = len(mine.who)
        with_item = event in ("purchase", "view")
        drawn = (taste.cumsum(axis=1)[mine.who] < random.random(count)[:, None]).sum(axis=1)
        item = np.minimum(drawn, len(TASTES) - 1) * 5 + random.integers(0, 5, count)
        moment = pa.array(mine.us, pa.timestamp("us", tz="UTC"))
        columns: dict[str, Any] = {
            "message_id": [f"{event}{number}" for number in range(count)],
            "timestamp": moment,
            "known_at": moment,
            "event": [event] * count,
            "user_id": [f"p{one:05}" for one in mine.who],
            "not_me": [False] * count,
            "doubts": [""] * count,
            "source": ["invented"] * count,
        }
        if with_item:
            columns["item_id"] = [f"i{one:02}" for one in item]
        if event == "purchase":
            columns |= {"amount": basket[mine.who] * random.gamma(5.0, 0.2, count), "quantity": np.ones(count)}
        if event in ("sent", "open"):
            columns["channel"] = ["email"] * count
        parts.append(_table(EVENTS, columns, count))
    return Sources(
        events=pa.concat_tables(parts),
        people=arrow_schema(PEOPLE).empty_table(),
        items=_catalogue(),
        identity=pa.table({"alias": pa.array([], pa.string()), "person_id": pa.array([], pa.string())}),
        allowed=pa.table({"person_id": pa.array([f"p{one:05}" for one in range(people)])}),
    )


def _catalogue() -> pa.Table:
    count = len(TASTES) * 5
    names = [f"i{one:02}" for one in range(count)]
    always = pa.array([0] * count, pa.timestamp("us", tz="UTC"))
    items: dict[str, Any] = {
        "version_id": names, "item_id": names, "category": [TASTES[one // 5] for one in range(count)],
        "timestamp": always, "known_at": always, "doubts": [""] * count, "source": ["invented"] * count,
    }  # fmt: skip
    return _table(ITEMS, items, count)


def _table(declared: Table, columns: dict[str, Any], count: int) -> pa.Table:
    schema = arrow_schema(declared)
    arrays = [
        pa.array(columns[one.name], one.type) if one.name in columns else pa.nulls(count, one.type) for one in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
