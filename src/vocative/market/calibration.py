"""How close the market comes to real purchases: gaps, trips, spending, hours, weekdays and what is bought again.

A log is a row for each person and day with a trip. Both sides are counted by the same code; two distributions are told
apart by the largest distance between their cumulative shares (Kolmogorov and Smirnov), 0 for equal and 1 for disjoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vocative.market.catalogue import CATEGORIES
from vocative.market.draws import draw_day
from vocative.market.files import trip_hours
from vocative.market.messages import none
from vocative.market.nature import HISTORY_WEEKS, WEEK, Flags, Floats, Integers
from vocative.market.world import Market, days_of, newborn

YEAR = 364
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
AGAIN = (7, 28)
_EARLY = 60
"""People count for their trips of a year if the first lies within so many days of its begin."""


@dataclass(frozen=True, slots=True)
class Log:
    """Trips as columns of one length, by person and day, over `YEAR` days."""

    who: Integers
    day: Integers
    value: Floats
    hour: Floats
    """Local hour with its fraction; whole hours where the source has no more."""
    shelves: Flags
    """Trips × categories."""


def lived_log(market: Market, random: np.random.Generator) -> Log:
    """A year of a market in which nothing is ever said."""
    world, parts = newborn(market), []
    for week in range(-HISTORY_WEEKS, YEAR // WEEK - HISTORY_WEEKS):
        for day in days_of(week):
            trips = world.live(day, draw_day(market.seed, day, len(market.people)), none()).trips
            hour = trip_hours(random, market.people, trips.who)
            parts.append((trips.who, np.full(len(trips.who), day), trips.value, hour, trips.shelves))
    who, day_, value, hour_, shelves = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((day_, who))
    return Log(who[order], day_[order] + HISTORY_WEEKS * WEEK, value[order], hour_[order], shelves[order])


def compared(ours: Log, theirs: Log) -> Iterator[dict[str, object]]:
    """A row for each marginal: what it is, its distance, and both sides."""
    for what, of in (
        ("days between two trips", gaps),
        ("days with a trip in a year", yearly),
        ("spent on a day with a trip", lambda log: log.value),
        ("hour of the day", lambda log: np.floor(log.hour)),
        ("weekday", lambda log: log.day % WEEK),
    ):
        mine, real = (np.asarray(of(log), np.float64) for log in (ours, theirs))
        yield {
            "what": what,
            "distance": round(distance(mine, real), 4),
            "market": _shown(mine),
            "real": _shown(real),
        }
    for days in AGAIN:
        yield _share(f"another trip within {days} days", *(_again(log.who, log.day, days) for log in (ours, theirs)))
    for place, category in enumerate(CATEGORIES):
        rows = [np.flatnonzero(log.shelves[:, place]) for log in (ours, theirs)]
        both = list(zip((ours, theirs), rows, strict=True))
        yield _share(f"{category.name}: share of trips", *(len(one) / len(log.who) for log, one in both))
        again = (_again(log.who[one], log.day[one], AGAIN[-1]) for log, one in both)
        yield _share(f"{category.name}: bought again within {AGAIN[-1]} days", *again)


def gaps(log: Log) -> Integers:
    """Days between two trips of one person."""
    found: Integers = np.diff(log.day)[np.diff(log.who) == 0]
    return found


def yearly(log: Log) -> Integers:
    """Days with a trip of each person who was there early in the year."""
    who, first, count = np.unique(log.who, return_index=True, return_counts=True)
    found: Integers = count[log.day[first] < _EARLY]
    assert len(who) == len(count)
    return found


def distance(one: Floats, other: Floats) -> float:
    """The largest distance between two cumulative shares.

    >>> distance(np.array([1.0, 2.0]), np.array([1.0, 3.0]))
    0.5
    """
    points = np.unique(np.concatenate([one, other]))
    shares = [np.searchsorted(np.sort(values), points, side="right") / len(values) for values in (one, other)]
    return float(np.abs(shares[0] - shares[1]).max())


def _again(who: Integers, day: Integers, days: int) -> float:
    """Share of trips after which the same person makes another within some days, of those with enough days left."""
    if not len(who):
        return 0.0
    gap = np.append(np.where(np.diff(who) == 0, np.diff(day), YEAR), YEAR)
    return float((gap[day < YEAR - days] <= days).mean())


def _share(what: str, ours: float, theirs: float) -> dict[str, object]:
    gap = round(abs(ours - theirs), 4)
    return {"what": what, "distance": gap, "market": round(ours, 4), "real": round(theirs, 4)}


def _shown(values: Floats) -> list[float]:
    return [round(float(one), 2) for one in np.quantile(values, QUANTILES)]
