"""Local time in all zones, on days when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vocative.errors import SettingsError
from vocative.stats import calendars

MINUTE = 60_000_000
DAY = calendars.DAY_US
ZONES = sorted(calendars.zone_names())
START = int(datetime(1975, 1, 1, tzinfo=UTC).timestamp())
END = int(datetime(2040, 1, 1, tzinfo=UTC).timestamp())


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


@st.composite
def zone_and_moment(draw: st.DrawFn) -> tuple[str, int]:
    """A zone and a moment, mostly close to a change of its clocks."""
    zone = draw(st.sampled_from(ZONES))
    near = draw(st.booleans())
    moment = draw(st.integers(START, END)) * 1_000_000
    second = moment // 1_000_000
    changes = [start for start, _, _ in calendars.transitions(zone, second, second + 400 * 86_400)][1:]
    if changes and near:
        moment = draw(st.sampled_from(changes)) * 1_000_000 + draw(st.integers(-2 * DAY, 2 * DAY))
    return zone, moment


@given(zone_and_moment())
@example(("Asia/Ulaanbaatar", 252_460_799 * 1_000_000))  # clocks were changed on the last day of a year
def test_transitions_give_the_offset_of_the_zone_data(case: tuple[str, int]) -> None:
    zone, moment = case
    second = moment // 1_000_000
    rows = calendars.transitions(zone, second - 40 * 86_400, second + 40 * 86_400)
    assert rows[0][0] == second - 40 * 86_400
    assert rows[-1][1] == second + 40 * 86_400
    assert all(left[1] == right[0] for left, right in pairwise(rows))
    offset = next(row[2] for row in rows if row[0] <= second < row[1])
    assert timedelta(seconds=offset) == calendars.local_datetime(moment, zone).utcoffset()


def test_every_offset_since_1980_is_whole_quarter_hours() -> None:
    table = calendars.transition_table(
        ZONES, int(datetime(1980, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    )
    assert [row for row in table.to_pylist() if row["offset_s"] % 900] == []
    assert table.num_rows > len(ZONES)


@given(zone_and_moment(), st.integers(0, 23), st.integers(0, 59))
def test_next_local_time_is_the_next_one(case: tuple[str, int], hour: int, minute: int) -> None:
    zone, moment = case
    found = calendars.next_local_time(moment, zone, hour, minute)
    assert moment <= found <= moment + 3 * DAY
    wall = calendars.local_datetime(found, zone)
    shown = wall.time() == time(hour, minute)
    before = calendars.local_datetime(found - 1, zone)
    jumped = wall.utcoffset() != before.utcoffset()
    assert shown or jumped
    if jumped and not shown:
        # The clock went past the wished time in this very instant.
        wished = datetime.combine(before.date(), time(hour, minute))
        days = (wished, wished + timedelta(days=1))
        assert any(before.replace(tzinfo=None) < day < wall.replace(tzinfo=None) for day in days)


@settings(max_examples=60)
@given(
    zone_and_moment(),
    st.times().map(lambda t: t.strftime("%H:%M")),
    st.times().map(lambda t: t.strftime("%H:%M")),
)
def test_outside_quiet_hours_is_the_earliest_moment_outside(case: tuple[str, int], start: str, end: str) -> None:
    zone, moment = case
    found = calendars.outside_quiet_hours(moment, zone, start, end)

    def quiet(instant: int) -> bool:
        clock = calendars.local_datetime(instant, zone).strftime("%H:%M")
        if start == end:
            return False
        return start <= clock < end if start < end else clock >= start or clock < end

    assert found >= moment
    assert not quiet(found)
    assert all(quiet(instant) for instant in range(moment, found, 7 * MINUTE))
    if found > moment:
        assert quiet(found - 1)
    assert calendars.outside_quiet_hours(found, zone, start, end) == found


@pytest.mark.parametrize(
    ("zone", "moment", "hour", "minute", "expected"),
    [
        ("Europe/Riga", "2026-03-29T00:00+02:00", 3, 30, "2026-03-29T04:00+03:00"),  # jumped over
        ("Europe/Riga", "2026-10-25T00:00+03:00", 3, 30, "2026-10-25T03:30+03:00"),  # twice: the first
        ("Europe/Riga", "2026-10-25T03:45+03:00", 3, 30, "2026-10-26T03:30+02:00"),  # the first is over
        ("Pacific/Apia", "2011-12-29T12:00-10:00", 10, 0, "2011-12-31T10:00+14:00"),  # a day that never was
        ("America/Nuuk", "2026-03-28T12:00-02:00", 23, 30, "2026-03-29T00:00-01:00"),  # a jump across midnight
        ("UTC", "2026-01-01T10:00+00:00", 10, 0, "2026-01-01T10:00+00:00"),  # now is soon enough
    ],
)
def test_clock_changes(zone: str, moment: str, hour: int, minute: int, expected: str) -> None:
    assert calendars.next_local_time(at(moment), zone, hour, minute) == at(expected)


@pytest.mark.parametrize(
    ("moment", "start", "end", "expected"),
    [
        ("2026-01-05T23:07+02:00", "20:00", "08:00", "2026-01-06T08:00+02:00"),
        ("2026-01-05T07:59+02:00", "20:00", "08:00", "2026-01-05T08:00+02:00"),
        ("2026-01-05T08:00+02:00", "20:00", "08:00", "2026-01-05T08:00+02:00"),
        ("2026-01-05T13:00+02:00", "12:00", "14:00", "2026-01-05T14:00+02:00"),
        ("2026-01-05T03:00+02:00", "00:00", "00:00", "2026-01-05T03:00+02:00"),
        ("2026-10-25T03:40+02:00", "20:00", "03:50", "2026-10-25T03:50+02:00"),  # within the repeated hour
        ("2026-10-25T03:45+03:00", "03:30", "08:00", "2026-10-25T03:00+02:00"),  # the clock goes back out of it
    ],
)
def test_quiet_hours(moment: str, start: str, end: str, expected: str) -> None:
    assert calendars.outside_quiet_hours(at(moment), "Europe/Riga", start, end) == at(expected)


def test_local_date_and_hour() -> None:
    assert calendars.local_date(at("2026-01-01T00:30+02:00"), "Europe/Riga") == date(2026, 1, 1)
    assert calendars.local_hour(at("2026-07-01T00:30+03:00"), "Europe/Riga") == 0


def test_an_unknown_zone_is_the_users_mistake() -> None:
    assert calendars.zone_or_none("Mars/Olympus") is None
    assert calendars.zone_or_none(None) is None
    assert calendars.zone_or_none("Europe/Kyiv") == "Europe/Kyiv"
    with pytest.raises(SettingsError, match="Mars/Olympus"):
        calendars.local_hour(0, "Mars/Olympus")
    assert calendars.transition_table(["Mars/Olympus"], 0, 1).num_rows == 0
