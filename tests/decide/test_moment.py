"""When a message goes: never inside quiet hours, in every zone, across midnight and where the clock jumps."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.decide.builders import HOUR_US, campaign
from vocative.decide.eligibility.send_time import Whereabouts, free_moment, hand_over_moment, quiet_for, whereabouts
from vocative.records.caps import QuietHours
from vocative.records.settings import Business, Campaign
from vocative.stats.calendars import local_datetime, local_hour, transitions, zone_names


def moment_of(what: Campaign, quiet: QuietHours, zone: str | None, business_zone: str, now: int) -> int | None:
    """When the campaign reaches somebody in the zone, or somewhere."""
    where = whereabouts(zone, None, quiet, Business(name="Shop", timezone=business_zone))
    return hand_over_moment(what, quiet_for(quiet, what.channel, what.message_class), where, now)


ZONES = sorted(zone_names())
MINUTE_US = 60_000_000
CLOCK = st.builds(time, st.integers(0, 23), st.integers(0, 59)).map(lambda clock: clock.strftime("%H:%M"))
JANUARY = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
YEAR_S = 365 * 86_400


def is_quiet(moment: int, zone: str, quiet: QuietHours) -> bool:
    """The definition, spelled out minute by minute."""
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    clock = local_datetime(moment, zone).time()
    if start == end:
        return False
    return start <= clock < end if start < end else clock >= start or clock < end


@pytest.mark.parametrize("zone", ZONES)
def test_no_zone_and_no_day_of_a_jump_lets_a_message_into_quiet_hours(zone: str) -> None:
    quiet = QuietHours(start="20:00", end="08:00")
    jumps = [begin for begin, _, _ in transitions(zone, JANUARY, JANUARY + YEAR_S)][1:] or [JANUARY]
    for jump in jumps:
        for hours in range(-26, 27, 2):
            now = (jump + hours * 3_600) * 1_000_000 + 17
            for hour in (0, 2, 10, 22):
                chosen = campaign(send_hour=hour, valid_hours=72)
                moment = moment_of(chosen, quiet, zone, "UTC", now)
                assert moment is not None
                assert moment >= now
                assert not is_quiet(moment, zone, quiet)


@settings(max_examples=300)
@given(
    zone=st.sampled_from(ZONES),
    start=CLOCK,
    end=CLOCK,
    second=st.integers(JANUARY, JANUARY + YEAR_S),
    hour=st.integers(0, 23),
    valid=st.integers(1, 96),
)
@example(zone="America/New_York", start="01:30", end="02:30", second=1_772_953_200, hour=2, valid=48)
@example(zone="Australia/Lord_Howe", start="22:00", end="02:15", second=1_775_314_800, hour=1, valid=48)
def test_the_moment_is_outside_quiet_hours_and_within_its_validity(
    zone: str, start: str, end: str, second: int, hour: int, valid: int
) -> None:
    quiet, now = QuietHours(start=start, end=end), second * 1_000_000
    moment = moment_of(campaign(send_hour=hour, valid_hours=valid), quiet, zone, "UTC", now)
    if moment is None:
        return
    assert now <= moment < now + valid * HOUR_US
    assert not is_quiet(moment, zone, quiet)


@settings(max_examples=150)
@given(
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=4),
    start=CLOCK,
    end=CLOCK,
    second=st.integers(JANUARY, JANUARY + YEAR_S).map(lambda second: second // 900 * 900),
)
def test_somebody_of_unknown_zone_is_reached_when_it_is_day_everywhere(
    zones: list[str], start: str, end: str, second: int
) -> None:
    quiet, now = QuietHours(start=start, end=end), second * 1_000_000
    found = free_moment(now, Whereabouts(tuple(zones), ""), quiet_for(quiet, "email", "marketing"))
    minutes = (now + minute * MINUTE_US for minute in range(26 * 60))
    first = next((moment for moment in minutes if not any(is_quiet(moment, zone, quiet) for zone in zones)), None)
    if first is not None:
        assert found == first
    elif found is not None:
        assert found >= now + 26 * 60 * MINUTE_US
        assert not any(is_quiet(found, zone, quiet) for zone in zones)


def at(hour: int, minute: int = 0, *, day: int = 5) -> int:
    return int(datetime(2026, 1, day, hour, minute, tzinfo=UTC).timestamp()) * 1_000_000


def shown(moment: int | None) -> str:
    assert moment is not None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)).strftime("%d %H:%M")


NIGHT = QuietHours(start="20:00", end="08:00")


@pytest.mark.parametrize(
    ("now", "hour", "quiet", "expected"),
    [
        (at(6), 10, NIGHT, "05 10:00"),
        (at(11), 10, NIGHT, "05 11:00"),
        (at(23), 10, NIGHT, "06 10:00"),
        (at(0, 30), 0, NIGHT, "05 08:00"),
        (at(21), 22, NIGHT, "06 08:00"),
        (at(9), 22, NIGHT, "06 08:00"),
        (at(19, 59), 10, NIGHT, "05 19:59"),
        (at(20), 10, NIGHT, "06 10:00"),
        (at(3), 3, QuietHours(start="00:00", end="00:00"), "05 03:00"),
        (at(12, 30), 9, QuietHours(start="12:00", end="14:00"), "05 14:00"),
    ],
)
def test_the_wished_hour_yields_to_quiet_hours(now: int, hour: int, quiet: QuietHours, expected: str) -> None:
    assert shown(moment_of(campaign(send_hour=hour), quiet, "UTC", "UTC", now)) == expected


def test_a_moment_beyond_its_validity_is_none() -> None:
    day = campaign(send_hour=10, valid_hours=4)
    assert moment_of(day, NIGHT, "UTC", "UTC", at(6)) is None, "at 10:00 sharp it has expired"
    assert shown(moment_of(day, NIGHT, "UTC", "UTC", at(6, 1))) == "05 10:00"


def test_an_unknown_zone_means_the_zones_declared_or_the_business() -> None:
    everywhere = QuietHours(start="20:00", end="08:00", unknown_zones=["Europe/Lisbon", "Asia/Tbilisi"])
    moment = moment_of(campaign(send_hour=0), everywhere, None, "Asia/Tokyo", at(1))
    assert shown(moment) == "05 08:00"
    assert moment is not None
    assert local_hour(moment, "Asia/Tbilisi") == 12
    at_home = moment_of(campaign(send_hour=0), NIGHT, None, "Asia/Tokyo", at(1))
    assert shown(at_home) == "05 01:00", "ten in the morning in Tokyo"


def test_zones_that_never_share_a_day_get_nothing() -> None:
    apart = QuietHours(start="20:00", end="08:00", unknown_zones=["UTC", "Etc/GMT-12"])
    assert moment_of(campaign(valid_hours=720), apart, None, "UTC", at(1)) is None
