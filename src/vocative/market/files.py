"""The files a shop would export: what happened, who the people are, what they permitted; never what is hidden.

The columns are those the import takes without a mapping. A file holds what has happened since the last one of its kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from vocative.market.catalogue import CATEGORIES, REST_SHARE
from vocative.market.clock import FIRST_DAY, HOUR_S, Clock, clock_of, iso, midnight
from vocative.market.hearing import Heard
from vocative.market.nature import (
    CHANNELS,
    COUNTRIES,
    EMAIL,
    FLAGGED,
    HOUR_WITHIN,
    LANGUAGES,
    LEVELS,
    WEEK,
    ZONES,
    Flags,
    Floats,
    Integers,
)
from vocative.market.people import NO, YES, People
from vocative.market.seasons import day_of
from vocative.market.shopping import WEIGHT, Trips
from vocative.market.world import Day, Market, World

Columns = dict[str, list[str]]
KINDS = ("items", "people", "permissions", "offers", "events")
"""Kinds of files in the order in which they have to be imported."""
_NAMES = (("Anna", "James", "Emma", "Peter", "Laura", "Martin"), ("Anna", "Piotr", "Maria", "Tomasz", "Ewa", "Marek"))
_GENDERS = ("female", "male")
_WORDS = ("Please stop, these are too many messages.", "I never asked for this.", "Why do you keep writing to me?")
_TEXTS = {
    "marketing": "May we send you news and offers?",
    "personalization": "May we use what you buy for reminders, discounts that fit you, and your month in numbers?",
}


def person_id(place: int) -> str:
    """How the shop calls a person.

    >>> person_id(7)
    'P000007'
    """
    return f"P{place:06d}"


def person_of(identifier: str) -> int:
    """The person the shop calls so."""
    return int(identifier[1:])


def offer_id(week: int, level: float) -> str:
    """How the shop calls the coupon of a size in a week.

    >>> offer_id(3, 0.05)
    'W3-05'
    """
    return f"W{week}-{round(level * 100):02d}"


def discount_of(offer: str) -> float:
    """The size of a coupon as a share of a basket."""
    return int(offer.rpartition("-")[2]) / 100


def trip_hours(random: np.random.Generator, people: People, who: Integers) -> Floats:
    """The local hour at which each of these shops or looks around."""
    return np.clip(people.hour[who] + HOUR_WITHIN * random.normal(size=len(who)), 6.0, 23.8)


@dataclass(slots=True)
class Books:
    """What the shop writes down, until it is exported."""

    market: Market
    clock: Clock
    folder: Path
    until: int = FIRST_DAY - 1
    """The last day whose new people and items were written into a file."""
    waiting: dict[str, list[pa.Table]] = field(default_factory=dict)
    files: int = 0

    def watch(self, world: World, day: Day) -> None:
        """Write down a day."""
        random = np.random.default_rng([self.market.seed, 4, day.day - FIRST_DAY])
        self._sales(random, day.day, day.trips)
        self._visits(random, day.day, world.state.active & (self.market.people.joined <= day.day))
        for turn, heard in enumerate(day.heard):
            self._mail(random, day.day, heard, turn)

    def export(self, until: int) -> Iterator[tuple[str, Path]]:
        """Write what is not exported yet, as of the morning of a day; yields kind and path in order of import."""
        self.look_around(until)
        for kind in KINDS:
            if self.waiting.get(kind):
                self.files += 1
                yield kind, self.write(kind, f"{self.files:05d}_{kind}.csv")

    def look_around(self, until: int) -> None:
        """Note who and what is new, and this week's offers, as of the morning of a day."""
        self._people(until)
        self._items(until)
        self.until = until - 1
        if until % WEEK == 0:
            self._offers(until // WEEK)

    def write(self, kind: str, name: str) -> Path:
        """Write what waits of a kind into a file of the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        write_csv(path, self.waiting.pop(kind, []))
        return path

    def _add(self, kind: str, columns: Mapping[str, Sequence[str]]) -> None:
        if len(next(iter(columns.values()))):
            table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
            self.waiting.setdefault(kind, []).append(table)

    def _sales(self, random: np.random.Generator, day: int, trips: Trips) -> None:
        people, count = self.market.people, len(trips.who)
        hour = trip_hours(random, people, trips.who)
        at = self.clock.utc(people.zone[trips.who], np.full(count, day), (hour * HOUR_S).astype(np.int64))
        lines = np.column_stack([trips.shelves, np.ones(count, np.bool_)])
        weight = lines * np.append(WEIGHT, REST_SHARE)
        share = weight / weight.sum(axis=1, keepdims=True)
        trip, category = np.nonzero(lines)
        item = self._item(random, trips.who[trip], category, day)
        worth = (trips.value[trip] * share[trip, category]).astype(np.float64)
        coupon = (trips.off[trip] * share[trip, category]).astype(np.float64)
        usual = worth * people.thrifty[trips.who[trip]] * random.uniform(0.4, 1.6, len(trip))
        pieces = np.maximum(np.round(worth / self.market.catalogue.price[item]), 1).astype(np.int64)
        orders = np.array([f"O{day - FIRST_DAY:03d}{person_id(who)}" for who in trips.who.tolist()], np.object_)
        order = orders[trip]
        self._add(
            "events",
            _events(
                [f"{one}-{place}" for one, place in zip(order, category.tolist(), strict=True)],
                at[trip], "purchase", trips.who[trip], order_id=order.tolist(), item_id=self._ids(item),
                quantity=[str(one) for one in pieces.tolist()], amount=_money(worth - coupon),
                discount=_money(coupon + usual), coupon=_money(coupon),
            ),
        )  # fmt: skip
        used = np.flatnonzero(trips.off > 0)
        self._add(
            "events",
            _events([f"{orders[one]}-C" for one in used.tolist()], at[used], "coupon_used", trips.who[used],
                    offer_id=[offer_id(since // WEEK, level) for since, level in
                              zip(trips.coupon_from[used].tolist(), trips.coupon[used].tolist(), strict=True)]),
        )  # fmt: skip
        looks = np.flatnonzero(random.random(len(trip)) < 0.12)
        self._views(
            day, "B", trips.who[trip[looks]], item[looks], at[trip[looks]] - random.integers(60, 5400, len(looks))
        )

    def _visits(self, random: np.random.Generator, day: int, about: Flags) -> None:
        """Looking around without buying."""
        people = self.market.people
        who = np.flatnonzero(about & (random.random(len(people)) < people.browses))
        category = np.argmax(people.taste[who] * random.exponential(1.0, (len(who), len(CATEGORIES))), axis=1)
        item = self._item(random, who, category, day)
        hour = trip_hours(random, people, who)
        self._views(
            day,
            "V",
            who,
            item,
            self.clock.utc(people.zone[who], np.full(len(who), day), (hour * HOUR_S).astype(np.int64)),
        )

    def _views(self, day: int, mark: str, who: Integers, item: Integers, at: Integers) -> None:
        ids = [
            f"{mark}{day - FIRST_DAY:03d}{person_id(one)}{what}" for one, what in zip(who.tolist(), item, strict=True)
        ]
        self._add("events", _events(ids, at, "view", who, item_id=self._ids(item)))

    def _mail(self, random: np.random.Generator, day: int, heard: Heard, turn: int) -> None:
        """What the mail program reports: sent, opened, clicked, by people and by machines, and what people answered."""
        people, sent = self.market.people, heard.sent
        who, count = sent.who, len(heard.sent)
        at = self.clock.utc(people.zone[who], sent.day, sent.hour * HOUR_S + random.integers(0, 300, count))
        end = self.clock.utc(people.zone[who], sent.day, np.full(count, 86_390))
        later = np.minimum(at + 60 + random.exponential(7_000, count).astype(np.int64), end - 60)
        mail = sent.channel == EMAIL
        parts = (
            ("sent", np.ones(count, np.bool_), at, False),
            ("open", heard.looked & mail & ~people.proxied[who], later, False),
            ("open", people.proxied[who] & mail, at + 3, True),
            ("click", heard.clicked, later + 20, False),
            ("click", people.scanned[who] & mail, at + 2, True),
        )
        for action, happened, when, machine in parts:
            rows = np.flatnonzero(happened)
            flagged = machine & (random.random(len(rows)) < FLAGGED)
            names = np.where(flagged, f"mail_{action}_by_machine", f"mail_{action}")
            ids = [f"M{day - FIRST_DAY:03d}{turn}{action}{int(machine)}{person_id(one)}" for one in who[rows].tolist()]
            channels = [CHANNELS[one] for one in sent.channel[rows].tolist()]
            self._add("events", _events(ids, when[rows], names.tolist(), who[rows], channel=channels))
        self._answers(day, heard, later + 40, turn)

    def _answers(self, day: int, heard: Heard, at: Integers, turn: int) -> None:
        who = heard.sent.who
        loud = np.flatnonzero(heard.complained)
        ids = [f"K{day - FIRST_DAY:03d}{turn}{person_id(one)}" for one in who[loud].tolist()]
        words = [_WORDS[one % len(_WORDS)] for one in who[loud].tolist()]
        self._add("events", _events(ids, at[loud], "complaint", who[loud], text=words, cost=["3.00"] * len(loud)))
        gone = np.flatnonzero(heard.left)
        channels = ["*" if angry else CHANNELS[channel] for angry, channel in
                    zip(heard.complained[gone].tolist(), heard.sent.channel[gone].tolist(), strict=True)]  # fmt: skip
        self._add("permissions", _permissions(who[gone], "marketing", channels, ["no"] * len(gone), at[gone]))
        for answered, status in ((heard.agreed, "yes"), (heard.refused, "no")):
            rows = np.flatnonzero(answered)
            said = ["*"] * len(rows), [status] * len(rows)
            self._add("permissions", _permissions(who[rows], "personalization", *said, at[rows]))
            ids = [f"A{day - FIRST_DAY:03d}{turn}{person_id(one)}" for one in who[rows].tolist()]
            self._add("events", _events(ids, at[rows], "mail_answered", who[rows], channel=["email"] * len(rows)))

    def _people(self, until: int) -> None:
        """Who has joined since the last export, with the answers they gave then."""
        people = self.market.people
        new = np.flatnonzero((people.joined < until) & (people.joined > self.until))
        at = np.full(len(new), 0) + self.clock.utc(people.zone[new], people.joined[new], np.full(len(new), 60))
        homes = np.where(people.partner[new] >= 0, np.minimum(new, people.partner[new]), new)
        language = people.language[new].tolist()
        gender = (homes + new) % 2
        self._add("people", {
            "user_id": [person_id(one) for one in new.tolist()],
            "email": [f"{person_id(one).lower()}@example.com" for one in new.tolist()],
            "phone": [f"+3712{one:07d}" if people.phone[one] else "" for one in new.tolist()],
            "first_name": [_NAMES[tongue][one % 6 // 2 * 2 + sex] for one, tongue, sex in
                           zip(new.tolist(), language, gender.tolist(), strict=True)],
            "gender": [_GENDERS[one] for one in gender.tolist()],
            "language": [LANGUAGES[one] for one in language],
            "timezone": [ZONES[zone] if told else "" for zone, told in
                         zip(people.zone[new].tolist(), people.zone_told[new].tolist(), strict=True)],
            "country": [COUNTRIES[one] for one in people.zone[new].tolist()],
            "timestamp": iso(at),
            "home": [f"H{one:06d}" for one in homes.tolist()],
        })  # fmt: skip
        for purpose, channel, answers in (
            *(("marketing", name, people.marketing[new, place]) for place, name in enumerate(CHANNELS)),
            ("personalization", "*", people.personalization[new]),
        ):
            for answer, status in ((YES, "yes"), (NO, "no")):
                rows = np.flatnonzero(answers == answer)
                said = [channel] * len(rows), [status] * len(rows)
                self._add("permissions", _permissions(new[rows], purpose, *said, at[rows]))

    def _items(self, until: int) -> None:
        shelf = self.market.catalogue
        new = np.flatnonzero((shelf.released < until) & (shelf.released > self.until))
        names = shelf.categories()
        self._add("items", {
            "item_id": self._ids(new),
            "name": [shelf.names[one] for one in new.tolist()],
            "category": [names[one] for one in shelf.category[new].tolist()],
            "brand": [shelf.brands[one] for one in new.tolist()],
            "price": _money(shelf.price[new]),
            "margin": [f"{one:.4f}" for one in shelf.margin[new].tolist()],
            "stock": [str(one) for one in shelf.stock[new].tolist()],
            "timestamp": [f"{day_of(day).isoformat()}T00:00:00Z" for day in shelf.released[new].tolist()],
        })  # fmt: skip

    def _offers(self, week: int) -> None:
        """Coupons of every size, good for the whole basket in this week."""
        start, end = iso(np.array([midnight(week * WEEK), midnight((week + 1) * WEEK) - 1]))
        levels = [float(level) for level in LEVELS if level > 0]
        self._add("offers", {
            "offer_id": [offer_id(week, level) for level in levels],
            "name": [f"{round(level * 100)} % off your next basket" for level in levels],
            "code": [f"BASKET{round(level * 100):02d}" for level in levels],
            "discount": [str(round(level * 100)) for level in levels],
            "unit": ["percent"] * len(levels),
            "starts_at": [start] * len(levels),
            "ends_at": [end] * len(levels),
            "timestamp": [start] * len(levels),
        })  # fmt: skip

    def _item(self, random: np.random.Generator, who: Integers, category: Integers, day: int) -> Integers:
        """An item of each category: mostly the person's own, never one that is not sold yet."""
        shelf, people = self.market.catalogue, self.market.people
        own = people.favourite[who, category]
        pick = np.where(random.random(len(who)) < 0.7, own, random.integers(0, 4, len(who)))
        item = shelf.starts[category] + pick
        return np.where(shelf.released[item] <= day, item, shelf.starts[category])

    def _ids(self, item: Integers) -> list[str]:
        return [self.market.catalogue.ids[one] for one in item.tolist()]


def books_of(market: Market, folder: Path) -> Books:
    """Empty books of a market whose files go to a folder."""
    return Books(market, clock_of(market.weeks), folder)


def generated(kind: str) -> str:
    """The name of the file with all rows of a kind.

    >>> generated("events")
    'generated_events.csv'
    """
    return f"generated_{kind}.csv"


def write_csv(path: Path, parts: Sequence[pa.Table]) -> None:
    """Write columns of text, part by part; a column that a part has not is empty there."""
    names = list(dict.fromkeys(name for part in parts for name in part.column_names))
    schema = pa.schema([(name, pa.string()) for name in names])
    with pa_csv.CSVWriter(path, schema) as writer:
        for part in parts:
            empty = pa.nulls(part.num_rows, pa.string())
            columns = [part[name] if name in part.column_names else empty for name in names]
            writer.write(pa.table(columns, schema=schema))


def _events(ids: list[str], at: Integers, event: str | list[str], who: Integers, **columns: list[str]) -> Columns:
    names = [event] * len(ids) if isinstance(event, str) else event
    people = [person_id(one) for one in who.tolist()]
    return {"message_id": ids, "timestamp": iso(at), "event": names, "user_id": people, **columns}


def _permissions(who: Integers, purpose: str, channels: list[str], statuses: list[str], at: Integers) -> Columns:
    return {
        "user_id": [person_id(one) for one in who.tolist()],
        "purpose": [purpose] * len(who),
        "channel": channels,
        "status": statuses,
        "at": iso(at),
        "source": ["simulated"] * len(who),
        "text": [_TEXTS[purpose]] * len(who),
    }


def _money(amounts: Floats) -> list[str]:
    return [f"{amount:.2f}" for amount in np.asarray(amounts).tolist()]
