"""Whether what was sent was allowed, recomputed from the log alone: it shares no code with the product.

The rules of the invented business are stated here a second time, as numbers. A message is against a cap if, with all
that had been sent by then to the same person under any of their names, it was one too many in some window that ends
with it. Local days are those of the place where the person was known to be when a message left.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

MONTH, WEEK = 30, 7
HOUR = 3_600_000_000
_QUIET = {"email": (20 * 60, 8 * 60, {6}), "sms": (18 * 60 + 30, 9 * 60 + 15, {5, 6})}
_HOME, _HOME_COUNTRY = "Europe/Riga", "LV"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Person(NamedTuple):
    """One name in the files of the business; an empty zone or country is unknown, without a wish they never said."""

    name: str
    zone: str
    country: str
    wish: int | None


class Sent(NamedTuple):
    """One line of the log: what left for whom and when (µs UTC)."""

    name: str
    campaign: str
    kind: str
    channel: str
    at: int
    cost: float


@dataclass
class Truth:
    """What happened in the world, with its moments (µs UTC)."""

    people: dict[str, Person]
    permissions: dict[str, list[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(list))
    """Name → (moment, yes or no)."""
    merges: list[tuple[int, str, str]] = field(default_factory=list)
    """(moment, name, the name it was found to be), in the order of moments."""


def violations(truth: Truth, log: Iterable[Sent], budgets: dict[str, float]) -> Counter[str]:
    """How many messages broke which rule; every rule has its line, most of them zero."""
    found = Counter(dict.fromkeys(("caps", "quiet_hours", "budget", "permission", "told_once"), 0))
    spent: defaultdict[tuple[date, str], float] = defaultdict(float)
    people = dict(truth.people)
    group: dict[str, list[str]] = {name: [name] for name in people}
    owner = {name: name for name in truth.people}
    past: defaultdict[str, list[tuple[Sent, date]]] = defaultdict(list)
    merges = iter([*truth.merges, (2**62, "", "")])
    upcoming = next(merges)
    for one in sorted(log, key=lambda one: one.at):
        while upcoming[0] <= one.at:
            people[upcoming[2]] = both(people[upcoming[1]], people[upcoming[2]])
            _merge(group, owner, past, upcoming[1], upcoming[2])
            upcoming = next(merges)
        me = people[owner[one.name]]
        day = _local(one.at, _zones(me)[0] if me.zone else _HOME).date()
        mine = past[me.name]
        found["caps"] += _too_many(one, day, mine, me.wish)
        found["told_once"] += one.campaign == "launch" and any(old.campaign == "launch" for old, _ in mine)
        found["quiet_hours"] += _is_quiet(one, me)
        found["permission"] += one.kind == "marketing" and not _allowed(truth, group[me.name], one.at)
        home = _local(one.at, _HOME).date()
        spent[home, one.channel] += one.cost
        found["budget"] += spent[home, one.channel] > budgets[one.channel] + 1e-6
        mine.append((one, day))
    return found


def both(other: Person, one: Person) -> Person:
    """One person found under two names: what the second name does not tell, the other does."""
    wish = other.wish if one.wish is None else one.wish
    return Person(one.name, one.zone or other.zone, one.country or other.country, wish)


def _merge(
    group: dict[str, list[str]], owner: dict[str, str], past: dict[str, list[tuple[Sent, date]]], a: str, b: str
) -> None:
    for name in group[a]:
        owner[name] = b
    group[b] = group[b] + group.pop(a)
    past[b] = sorted([*past[b], *past.pop(a, [])])


def _too_many(one: Sent, day: date, past: Sequence[tuple[Sent, date]], wish: int | None) -> bool:
    if one.kind == "service":
        return sum(old.kind == "service" and old.at > one.at - 72 * HOUR for old, _ in past) + 1 > 2
    days = [then for old, then in past if old.kind == "marketing"]

    def lately(length: int) -> int:
        return sum(day - timedelta(days=length) < then <= day for then in days) + 1

    texts = sum(old.channel == "sms" and old.kind == "marketing" and old.at > one.at - 100 * HOUR for old, _ in past)
    most = 5 if wish is None else min(5, wish)
    return lately(1) > 1 or lately(WEEK) > 2 or lately(MONTH) > most or (one.channel == "sms" and texts + 1 > 1)


def _is_quiet(one: Sent, me: Person) -> bool:
    start, end, weekdays = _QUIET[one.channel]
    for zone in _zones(me):
        clock = _local(one.at, zone)
        minute = clock.hour * 60 + clock.minute
        if minute >= start or minute < end or clock.weekday() in weekdays:
            return True
        if clock.date() in _off(me.country or _HOME_COUNTRY, clock.year):
            return True
    return False


def _allowed(truth: Truth, names: Iterable[str], at: int) -> bool:
    said = sorted(record for name in names for record in truth.permissions[name])
    place = bisect_right(said, (at, True))
    return place > 0 and said[place - 1][1]


def _local(at: int, zone: str) -> datetime:
    return (_EPOCH + timedelta(microseconds=at)).astimezone(_info(zone))


_INFO: dict[str, ZoneInfo] = {}
_OFF: dict[tuple[str, int], set[date]] = {}
_BY_COUNTRY: dict[str, list[str]] = {}


def _info(zone: str) -> ZoneInfo:
    if zone not in _INFO:
        with (files("tzdata") / "zoneinfo" / zone).open("rb") as data:
            _INFO[zone] = ZoneInfo.from_file(data)
    return _INFO[zone]


def _off(country: str, year: int) -> set[date]:
    if (country, year) not in _OFF:
        _OFF[country, year] = set(holidays.country_holidays(country, years=year))
    return _OFF[country, year]


def _zones(me: Person) -> list[str]:
    """Where somebody may be: where they say, anywhere in their country, or else where the business is at home."""
    if me.zone:
        return [me.zone]
    if not _BY_COUNTRY:
        for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                country, _, zone = line.split("\t")[:3]
                _BY_COUNTRY.setdefault(country, []).append(zone)
    return _BY_COUNTRY[me.country or _HOME_COUNTRY]
