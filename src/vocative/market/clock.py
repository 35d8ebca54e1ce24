"""Local days and seconds of the market's zones as moments in UTC, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from vocative.market.nature import HISTORY_WEEKS, WEEK, ZONES, Integers
from vocative.market.seasons import day_of
from vocative.stats.calendars import local_datetime

DAY_S, HOUR_S = 86_400, 3_600
_NOON_S = 43_200
FIRST_DAY = -HISTORY_WEEKS * WEEK


@dataclass(frozen=True, slots=True)
class Clock:
    """Offsets of each zone from UTC on each day, in seconds; the clocks change at night, when nothing is said."""

    offsets: Integers

    def utc(self, zone: Integers, day: Integers, second: Integers) -> Integers:
        """Seconds since 1970 of a second of a local day."""
        place = np.clip(day - FIRST_DAY, 0, self.offsets.shape[1] - 1)
        found: Integers = midnight(0) + np.asarray(day, np.int64) * DAY_S + second - self.offsets[zone, place]
        return found

    def local(self, zone: Integers, utc: Integers) -> tuple[Integers, Integers]:
        """The local day and second of moments."""
        place = np.clip((utc - midnight(FIRST_DAY)) // DAY_S, 0, self.offsets.shape[1] - 1)
        wall = utc - midnight(0) + self.offsets[zone, place]
        return wall // DAY_S, wall % DAY_S


def midnight(day: int) -> int:
    """Midnight in UTC of a day, seconds since 1970."""
    return int(datetime.combine(day_of(day), datetime.min.time(), UTC).timestamp())


def clock_of(weeks: int) -> Clock:
    """The clock of a market that lasts so many weeks."""
    days = range(FIRST_DAY, (weeks + 2) * WEEK)
    return Clock(np.array([[_offset(zone, midnight(day) + _NOON_S) for day in days] for zone in ZONES], np.int64))


def iso(utc: Integers) -> list[str]:
    """Seconds since 1970 as ISO texts in UTC.

    >>> iso(np.array([0]))
    ['1970-01-01T00:00:00Z']
    """
    return [f"{text}Z" for text in np.datetime_as_string(np.asarray(utc).astype("datetime64[s]")).tolist()]


def _offset(zone: str, utc: int) -> int:
    shift = local_datetime(utc * 1_000_000, zone).utcoffset()
    return 0 if shift is None else round(shift.total_seconds())
