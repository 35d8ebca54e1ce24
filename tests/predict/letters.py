"""Businesses that write to people, with a planted truth: who looks at messages, over which channel and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tests.decide.builders import DAY_US, HOUR_US
from tests.decide.builders import settings as make_settings
from tests.predict.planted import FIRST_DAY, NOW, TODAY, names
from vocative.facts.sources import Sources
from vocative.predict.history.event_history import Flags, Floats, Integers
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.store.arrow import arrow_schema

SECOND_US = 1_000_000
HOURS = (8, 12, 16, 19)
CHANNELS = ("email", "sms")
SETTINGS = make_settings(
    events={
        "purchase": ["purchase"],
        "sent": ["sent"],
        "open": ["opened"],
        "click": ["clicked"],
        "reply": ["answered"],
    },
    proving={"origins": 4, "step_days": 28, "least_people": 40},
)


@dataclass(frozen=True, slots=True)
class Readers:
    """The truth: people × channels × `HOURS`, the chance that they look at a message; and whose mail machines open."""

    looks: Floats
    machine: Flags


def mornings_and_evenings(people: int, random: np.random.Generator) -> Readers:
    """Half of the people look in the morning, half in the evening; some prefer one channel, some the other."""
    level = random.choice([0.06, 0.5], (people, len(CHANNELS)))
    early = np.arange(people) % 2 == 0
    factor = np.where(early[:, None], [1.8, 0.9, 0.4, 0.3], [0.3, 0.4, 0.9, 1.8])
    return Readers(np.minimum(level[:, :, None] * factor[:, None, :], 0.95), np.arange(people) % 5 == 0)


def all_alike(people: int) -> Readers:
    """Everybody looks at one message in four, whenever it comes."""
    return Readers(np.full((people, len(CHANNELS), len(HOURS)), 0.25), np.zeros(people, bool))


def written_to(readers: Readers, random: np.random.Generator, every: int = 3, *, machines: bool = True) -> Sources:
    """Messages every few days over a channel and at an hour by lot, what came of them, and now and then a purchase.

    Who looks at a message opens it a while later; a machine does so within seconds, and clicks every link at once.
    """
    people = len(readers.machine)
    who = np.tile(np.arange(people), TODAY // every)
    day = np.repeat(np.arange(0, TODAY - every + 1, every), people)[: len(who)]
    channel, hour = random.integers(len(CHANNELS), size=len(who)), random.integers(len(HOURS), size=len(who))
    at = (FIRST_DAY + day) * DAY_US + np.array(HOURS)[hour] * HOUR_US
    looks = random.random(len(who)) < readers.looks[who, channel, hour]
    later = at + (120 + random.exponential(1800, len(who)).astype(np.int64)) * SECOND_US
    scanned = readers.machine[who] & machines & (channel == 0)
    parts = [
        events("sent", who, at, channel),
        # A text message tells nobody that it was read; but one in two who look at it answers.
        events("opened", who[looks & (channel == 0)], later[looks & (channel == 0)], channel[looks & (channel == 0)]),
        events("answered", *_some(looks & (random.random(len(who)) < 0.5), who, later + SECOND_US, channel)),
        events("opened", *_some(scanned, who, at + 3 * SECOND_US, channel)),
        *(
            events("clicked", *_some(scanned, who, at + (70 + link) * SECOND_US, channel), f"link {link}")
            for link in range(3)
        ),
    ]
    bought = np.repeat(np.arange(people), TODAY // 20)
    moments = (FIRST_DAY + random.integers(0, TODAY, len(bought))) * DAY_US + 12 * HOUR_US
    parts.append(events("purchase", bought, moments))
    return sources(parts, names(people))


def sources(parts: Sequence[pa.Table], allowed: Sequence[str]) -> Sources:
    """The tables of a business of which events are all that is known."""
    none = pa.table({"alias": pa.array([], pa.string()), "person_id": pa.array([], pa.string())})
    return Sources(
        events=pa.concat_tables(parts),
        people=arrow_schema(PEOPLE).empty_table(),
        items=arrow_schema(ITEMS).empty_table(),
        identity=none,
        allowed=pa.table({"person_id": pa.array(allowed, pa.string())}),
    )


def _some(chosen: Flags, who: Integers, us: Integers, channel: Integers) -> tuple[Integers, Integers, Integers]:
    return who[chosen], us[chosen], channel[chosen]


def events(name: str, who: Integers, us: Integers, channel: Integers | None = None, mark: str = "") -> pa.Table:
    """Events of a name, of so many people at so many moments (µs UTC); `channel` holds places in `CHANNELS`."""
    kept = us < NOW
    who, us, channel = who[kept], us[kept], None if channel is None else channel[kept]
    schema = arrow_schema(EVENTS)
    ids = [f"{name} {mark} {one} {at}" for one, at in zip(who.tolist(), us.tolist(), strict=True)]
    given: dict[str, Any] = {
        "message_id": ids,
        "timestamp": us,
        "known_at": us,
        "event": [name] * len(who),
        "user_id": [f"p{one:03}" for one in who.tolist()],
        "channel": [None] * len(who) if channel is None else [CHANNELS[one] for one in channel.tolist()],
        "amount": [10.0] * len(who),
        "not_me": [False] * len(who),
        "doubts": [""] * len(who),
        "source": ["test"] * len(who),
    }
    columns = [pa.array(given.get(one.name, [None] * len(who)), one.type) for one in schema]
    return pa.Table.from_arrays(columns, schema=schema)
