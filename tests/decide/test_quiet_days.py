"""Quiet weekdays, holidays and channels of their own: in every zone, at both changes of the clock, minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decide.builders import HOUR_US, campaign
from vocative.decide.eligibility.send_time import (
    NEVER_QUIET,
    Quiet,
    Whereabouts,
    free_moment,
    hand_over_moment,
    quiet_for,
    whereabouts,
)
from vocative.records.caps import ChannelQuiet, QuietHours
from vocative.records.settings import Business
from vocative.stats.calendars import (
    local_date,
    local_datetime,
    next_local_day,
    transitions,
    zone_names,
    zones_of_country,
)
from vocative.stats.holidays import is_holiday, knows_holidays

ZONES = sorted(zone_names())
JANUARY = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
YEAR_S = 365 * 86_400
MINUTE_US = 60_000_000
CLOCK = st.builds(time, st.integers(0, 23), st.integers(0, 59)).map(lambda clock: clock.strftime("%H:%M"))
SHOP = Business(name="Shop", timezone="Europe/Riga", country="LV")


def is_quiet(moment: int, where: Whereabouts, quiet: Quiet) -> bool:
    """The definition, spelled out."""
    for zone in where.zones:
        wall = local_datetime(moment, zone)
        clock = wall.strftime("%H:%M")
        start, end = quiet.start, quiet.end
        night = start != end and (start <= clock < end if start < end else clock >= start or clock < end)
        holiday = quiet.holidays and is_holiday(wall.date(), where.country)
        if night or holiday or wall.weekday() in quiet.days:
            return True
    return False


@pytest.mark.parametrize("zone", ZONES)
def test_no_zone_lets_a_message_into_a_sunday_or_a_night_at_a_change_of_the_clock(zone: str) -> None:
    quiet = Quiet("20:00", "08:00", frozenset({6}), holidays=False)
    where = Whereabouts((zone,), "")
    jumps = [begin for begin, _, _ in transitions(zone, JANUARY, JANUARY + YEAR_S)][1:] or [JANUARY + 3 * 86_400]
    for jump in jumps:
        for hours in range(-49, 50, 7):
            now = (jump + hours * 3_600) * 1_000_000 + 17
            moment = free_moment(now, where, quiet)
            assert moment is not None
            assert now <= moment <= now + 2 * 24 * HOUR_US
            assert not is_quiet(moment, where, quiet)


@settings(max_examples=120, deadline=None)
@given(
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=3),
    country=st.sampled_from(["LV", "US", "JP", "CN", "IL", ""]),
    start=CLOCK,
    end=CLOCK | st.just("equal"),
    days=st.frozensets(st.integers(0, 6), max_size=3),
    holidays=st.booleans(),
    second=st.integers(JANUARY, JANUARY + YEAR_S).map(lambda second: second // 900 * 900),
)
def test_the_moment_found_is_the_first_that_is_free(
    zones: list[str], country: str, start: str, end: str, days: frozenset[int], holidays: bool, second: int
) -> None:
    quiet = Quiet(start, start if end == "equal" else end, days, holidays)
    where, now = Whereabouts(tuple(zones), country), second * 1_000_000
    found = free_moment(now, where, quiet)
    until = now + 5 * 24 * HOUR_US if found is None else min(found, now + 5 * 24 * HOUR_US)
    assert all(is_quiet(moment, where, quiet) for moment in range(now, until, 11 * MINUTE_US))
    if found is not None:
        assert found >= now
        assert not is_quiet(found, where, quiet)
        assert found == now or is_quiet(found - 1, where, quiet)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ZONES), st.integers(JANUARY, JANUARY + YEAR_S))
def test_the_next_local_day_is_the_first_instant_of_another_date(zone: str, second: int) -> None:
    moment = second * 1_000_000 + 3
    found = next_local_day(moment, zone)
    assert local_date(found, zone) != local_date(moment, zone)
    assert local_date(found - 1, zone) == local_date(moment, zone)


def at(day: int, hour: int, *, month: int = 1) -> int:
    return int(datetime(2026, month, day, hour, tzinfo=UTC).timestamp()) * 1_000_000


def test_a_sunday_and_a_holiday_wait_for_the_wished_hour_of_the_next_free_day() -> None:
    quiet = QuietHours(start="20:00", end="08:00", days=["sunday"], holidays=True)
    rules = quiet_for(quiet, "email", "marketing")
    riga = whereabouts("Europe/Riga", "LV", quiet, SHOP)
    sunday = hand_over_moment(campaign(send_hour=10, valid_hours=72), rules, riga, at(4, 9))
    assert sunday == at(5, 8), "ten on Monday, Riga being two hours ahead"
    states = whereabouts("America/New_York", "US", quiet, SHOP)
    fourth = hand_over_moment(campaign(send_hour=10, valid_hours=72), rules, states, at(3, 15, month=7))
    assert fourth == at(6, 14, month=7), "the day off for the Fourth, the Fourth itself and a Sunday"
    assert hand_over_moment(campaign(send_hour=10, valid_hours=24), rules, riga, at(4, 0)) is None


def test_a_channel_and_a_class_may_have_rules_of_their_own() -> None:
    quiet = QuietHours(
        start="20:00", end="08:00", days=["sunday"], service=False,
        channels={"email": ChannelQuiet(start="00:00", end="00:00", days=[]), "sms": ChannelQuiet(service=True)},
    )  # fmt: skip
    assert quiet_for(quiet, "email", "marketing") == NEVER_QUIET
    assert quiet_for(quiet, "sms", "marketing") == Quiet("20:00", "08:00", frozenset({6}), holidays=False)
    assert quiet_for(quiet, "sms", "service") == quiet_for(quiet, "sms", "marketing")
    assert quiet_for(quiet, "push", "service") == NEVER_QUIET


def test_an_unknown_zone_takes_the_strictest_of_what_is_known() -> None:
    quiet = QuietHours(unknown_zones=["Asia/Tokyo"])
    assert whereabouts("Asia/Seoul", "US", quiet, SHOP) == Whereabouts(("Asia/Seoul",), "US")
    states = whereabouts(None, "US", quiet, SHOP)
    assert set(states.zones) == set(zones_of_country("US"))
    assert {"America/New_York", "Pacific/Honolulu"} <= set(states.zones)
    assert whereabouts(None, None, quiet, SHOP) == Whereabouts(("Asia/Tokyo",), "LV")
    assert whereabouts(None, "", QuietHours(), SHOP) == Whereabouts(("Europe/Riga",), "LV")
    alone = Business(name="Shop", timezone="Asia/Tbilisi")
    assert whereabouts(None, None, QuietHours(), alone) == Whereabouts(("Asia/Tbilisi",), "")
    western = Business(name="Shop", timezone="America/Los_Angeles", country="US")
    assert whereabouts(None, None, QuietHours(), western).zones[0] == "America/Los_Angeles"
    noon_in_new_york = at(5, 17)
    night = quiet_for(QuietHours(), "email", "marketing")
    assert free_moment(noon_in_new_york, states, night) == at(5, 18), "eight in Honolulu and Adak"


def test_every_country_of_the_zone_table_has_zones_that_exist() -> None:
    assert zones_of_country("LV") == ("Europe/Riga",)
    assert zones_of_country("XX") == ()
    assert all(zone in ZONES for country in ("US", "RU", "BR", "AU", "AQ") for zone in zones_of_country(country))


def test_holidays_are_those_of_the_country_and_of_nobody_unknown() -> None:
    assert is_holiday(date(2026, 6, 24), "LV")
    assert not is_holiday(date(2026, 6, 25), "LV")
    assert not is_holiday(date(2026, 12, 25), "XX")
    assert knows_holidays("US")
    assert not knows_holidays("")
