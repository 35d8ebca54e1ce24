"""When generated people do things: days of the week, hours of their own clock, and the same moments in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from vocative.stats.calendars import local_datetime

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DAY_S = 86_400
_HOUR_SPREAD = 1.8
_NOON_S = 43_200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of generated data; day 0 is `first`, and every zone's offset (seconds) is known for each of them."""

    first: date
    days: int
    zones: tuple[str, ...]
    offsets: Integers

    def utc(self, zone: Integers, day: Integers, second: Integers) -> Integers:
        """Local moments (place of the zone, day, second of the day) as seconds since 1970 in UTC."""
        start = (datetime.combine(self.first, datetime.min.time(), UTC) - _EPOCH).days * DAY_S
        place = np.clip(day, 0, self.days - 1)
        return np.asarray(start + day * DAY_S + second - self.offsets[zone, place], np.int64)

    def weekday(self, day: Integers) -> Integers:
        """Day of the week; Monday is 0."""
        return np.asarray((day + self.first.weekday()) % 7, np.int64)

    def in_zone(self, utc: Integers, zone: str) -> Integers:
        """Moments in UTC as seconds of the wall clock in a zone, counted as if it were UTC."""
        place = np.clip((utc - self.utc_start) // DAY_S, 0, self.days - 1)
        return np.asarray(utc + self.offsets[self.zones.index(zone), place], np.int64)

    @property
    def utc_start(self) -> int:
        """Midnight of day 0 in UTC, seconds since 1970."""
        return (datetime.combine(self.first, datetime.min.time(), UTC) - _EPOCH).days * DAY_S


def calendar(until: date, days: int, zones: Sequence[str]) -> Calendar:
    """The calendar of the last `days` days up to `until`."""
    first = until - timedelta(days=days - 1)
    start = (datetime.combine(first, datetime.min.time(), UTC) - _EPOCH).days * DAY_S
    offsets = [[_offset(zone, start + day * DAY_S + _NOON_S) for day in range(days)] for zone in zones]
    return Calendar(first, days, tuple(zones), np.array(offsets, np.int64))


def seconds_of_day(random: np.random.Generator, peak: Floats) -> Integers:
    """A second of the local day around each peak hour, between six in the morning and midnight."""
    hour = np.clip(peak + random.normal(0.0, _HOUR_SPREAD, len(peak)), 6.0, 23.95)
    return np.asarray(hour * 3_600, np.int64)


def iso(utc: Integers) -> list[str]:
    """Seconds since 1970 as ISO texts in UTC."""
    return [f"{text}Z" for text in np.datetime_as_string(utc.astype("datetime64[s]")).tolist()]


def dotted(wall: Integers) -> list[str]:
    """Seconds of a wall clock as `31.12.2026 14:05`."""
    texts = np.datetime_as_string(wall.astype("datetime64[s]")).tolist()
    return [f"{one[8:10]}.{one[5:7]}.{one[:4]} {one[11:16]}" for one in texts]


def _offset(zone: str, utc: int) -> int:
    shift = local_datetime(utc * 1_000_000, zone).utcoffset()
    return 0 if shift is None else round(shift.total_seconds())
