"""Local time: zones, days, hours and quiet hours, from one edition of the zone data on every machine.

Moments are microseconds since 1970 in UTC; zones are IANA names. The rules come from the installed `tzdata`
package, never from the machine, so a replay gives the same local times everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import pyarrow as pa

from vocative.errors import SettingsError

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
_DAY_S = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A jump this long leaves out a calendar day (Samoa, 2011); a daily hour does not happen on a day that never was.
_LOST_DAY_S = 12 * 3_600

_COLUMNS: dict[str, pa.DataType] = {
    "zone": pa.string(),
    "from_s": pa.int64(),
    "to_s": pa.int64(),
    "offset_s": pa.int64(),
}

Transition = tuple[int, int, int]
"""`(from_s, to_s, offset_s)`: local time is UTC plus `offset_s` seconds from `from_s` until before `to_s`."""


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """All IANA zones that are known."""
    return frozenset((files("tzdata") / "zones").read_text(encoding="ascii").split())


def zone_or_none(name: str | None) -> str | None:
    """The name if it is a known IANA zone, else None.

    >>> zone_or_none("Europe/Riga"), zone_or_none("Europe/Rigga")
    ('Europe/Riga', None)
    """
    return name if name in zone_names() else None


@lru_cache(maxsize=512)
def zones_of_country(country: str) -> tuple[str, ...]:
    """The zones of a country (ISO 3166-1 alpha-2), as the tz database lists them; none for an unknown one.

    >>> zones_of_country("LV"), zones_of_country("PT"), zones_of_country("")
    (('Europe/Riga',), ('Europe/Lisbon', 'Atlantic/Madeira', 'Atlantic/Azores'), ())
    """
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return tuple(row[2] for row in rows if row[0] == country)


def local_datetime(moment: int, zone: str) -> datetime:
    """The wall clock in the zone at a moment.

    Raises:
        SettingsError: there is no zone of that name.
    """
    return (_EPOCH + timedelta(microseconds=moment)).astimezone(_zone(zone))


def local_date(moment: int, zone: str) -> date:
    """The calendar day in the zone at a moment.

    >>> local_date(1_767_222_000_000_000, "Europe/Riga")
    datetime.date(2026, 1, 1)
    """
    return local_datetime(moment, zone).date()


def local_hour(moment: int, zone: str) -> int:
    """The hour of the wall clock in the zone, 0 to 23."""
    return local_datetime(moment, zone).hour


def next_local_time(moment: int, zone: str, hour: int, minute: int) -> int:
    """The earliest moment not before `moment` at which the zone's wall clock shows `hour:minute`.

    Where the clock jumps over that time it is the first instant after the jump; where the clock shows it twice
    it is the first of the two.

    Raises:
        SettingsError: there is no zone of that name.
    """
    wall = time(hour, minute)
    for day in _days_around(moment, zone):
        found = _instants(day, wall, zone)
        if found and found[0] >= moment:
            return found[0]
    raise AssertionError("a time of day comes every day")  # pragma: no cover


def outside_quiet_hours(moment: int, zone: str, start: str, end: str) -> int:
    """The earliest moment not before `moment` at which the wall clock is outside quiet hours.

    Args:
        moment: where to begin.
        zone: IANA zone.
        start: first quiet minute of the day, `HH:MM`.
        end: first minute after it, `HH:MM`; before `start` it lies on the next day, equal to it there are none.

    Raises:
        SettingsError: there is no zone of that name.
    """
    first, last = time.fromisoformat(start), time.fromisoformat(end)
    if first == last or not _is_quiet(moment, zone, first, last):
        return moment
    second = moment // SECOND_US
    changes = [begin * SECOND_US for begin, _, _ in transitions(zone, second, second + 3 * _DAY_S)]
    ends = [instant for day in _days_around(moment, zone) for instant in _instants(day, last, zone)]
    return min(
        instant for instant in (*changes, *ends) if instant >= moment and not _is_quiet(instant, zone, first, last)
    )


def next_local_day(moment: int, zone: str) -> int:
    """The earliest moment after `moment` at which the zone's calendar shows another day.

    Raises:
        SettingsError: there is no zone of that name.
    """
    today, second = local_date(moment, zone), moment // SECOND_US
    changes = [begin * SECOND_US for begin, _, _ in transitions(zone, second, second + 3 * _DAY_S)]
    begins = [instant for day in _days_around(moment, zone) for instant in _instants(day, time(), zone)]
    return min(instant for instant in (*changes, *begins) if instant > moment and local_date(instant, zone) != today)


def transitions(zone: str, start_s: int, end_s: int) -> list[Transition]:
    """The zone's offsets from UTC over `[start_s, end_s)` (seconds since 1970), without gaps.

    Raises:
        SettingsError: there is no zone of that name.
    """
    found: list[Transition] = []
    first, last = (_EPOCH + timedelta(seconds=start_s)).year, (_EPOCH + timedelta(seconds=end_s)).year
    for year in range(first, last + 1):
        for begin, stop, offset in _year(zone, year):
            begin, stop = max(begin, start_s), min(stop, end_s)
            if begin >= stop:
                continue
            if found and found[-1][2] == offset:
                found[-1] = (found[-1][0], stop, offset)
            else:
                found.append((begin, stop, offset))
    return found


def transition_table(zones: Iterable[str], start_s: int, end_s: int) -> pa.Table:
    """The offsets of several zones as a table for queries; unknown names are left out.

    Returns:
        Columns `zone` (text), `from_s`, `to_s`, `offset_s` (int64, seconds).
    """
    rows = [
        (zone, *transition)
        for zone in sorted(set(zones) & zone_names())
        for transition in transitions(zone, start_s, end_s)
    ]
    return pa.Table.from_pylist([dict(zip(_COLUMNS, row, strict=True)) for row in rows], schema=pa.schema(_COLUMNS))


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    if zone_or_none(name) is None:
        raise SettingsError(f"there is no time zone {name!r}", remedy="write an IANA name, such as Europe/Riga")
    with (files("tzdata") / "zoneinfo" / name).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = (_EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


@lru_cache(maxsize=8192)
def _year(name: str, year: int) -> tuple[Transition, ...]:
    """Offsets over one UTC year, found by looking at every day and halving the days on which they change."""
    zone = _zone(name)
    begin = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp())
    found: list[Transition] = []
    start, offset = begin, _offset(zone, begin)
    for probe in range(begin + _DAY_S, end + 1, _DAY_S):
        later = _offset(zone, probe)
        if later != offset:
            change = _change(zone, probe - _DAY_S, probe)
            found.append((start, change, offset))
            start, offset = change, later
    if start < end:
        found.append((start, end, offset))
    return tuple(found)


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """The first second after `low` (up to `high`) with the offset of `high`."""
    target = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == target:
            high = middle
        else:
            low = middle
    return high


def _days_around(moment: int, zone: str) -> Iterator[date]:
    day = local_date(moment, zone)
    return (day + timedelta(days=shift) for shift in range(-1, 4))


def _instants(day: date, wall: time, zone: str) -> list[int]:
    """When the wall clock shows a time on a day: once, twice, or, in a jump, the first instant after it."""
    info = _zone(zone)
    early = _moment(datetime.combine(day, wall, tzinfo=info))
    late = _moment(datetime.combine(day, wall, tzinfo=info).replace(fold=1))
    if early <= late:
        return [early] if early == late else [early, late]
    if (early - late) // SECOND_US >= _LOST_DAY_S:
        return []
    return [_change(info, late // SECOND_US, early // SECOND_US) * SECOND_US]


def _moment(wall: datetime) -> int:
    return round((wall - _EPOCH) / timedelta(microseconds=1))


def _is_quiet(moment: int, zone: str, start: time, end: time) -> bool:
    clock = local_datetime(moment, zone).time()
    return start <= clock < end if start < end else clock >= start or clock < end
