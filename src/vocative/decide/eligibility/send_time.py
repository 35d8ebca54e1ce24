"""When a message may be handed over: the wished hour, outside what is quiet, where the person is."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from vocative.records.caps import ChannelQuiet, QuietHours
from vocative.records.settings import Business, Campaign
from vocative.stats.calendars import (
    local_date,
    local_hour,
    next_local_day,
    next_local_time,
    outside_quiet_hours,
    zones_of_country,
)
from vocative.stats.holidays import is_holiday

_HOUR_US = 3_600_000_000
# Whatever is free in all zones comes within two nights of each, and a fortnight of quiet days of all of them.
_NIGHTS = 2
_QUIET_DAYS = 15
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Quiet(NamedTuple):
    """What is quiet for the messages of one class over one channel."""

    start: str
    end: str
    days: frozenset[int]
    """Weekdays, Monday is 0."""
    holidays: bool


class Whereabouts(NamedTuple):
    """Where somebody is, as far as it is known."""

    zones: tuple[str, ...]
    """IANA zones they may live in; the clock of the first is the one a wished hour is told by."""
    country: str
    """ISO 3166-1 alpha-2 code of the country whose holidays they keep; empty: nobody knows."""


NEVER_QUIET = Quiet("00:00", "00:00", frozenset(), holidays=False)


def quiet_for(quiet: QuietHours, channel: str, message_class: str) -> Quiet:
    """What is quiet for messages of a class over a channel."""
    own = quiet.channels.get(channel) or ChannelQuiet()
    holds = quiet.service if own.service is None else own.service
    if message_class == "service" and not holds:
        return NEVER_QUIET
    days = quiet.days if own.days is None else own.days
    return Quiet(
        quiet.start if own.start is None else own.start,
        quiet.end if own.end is None else own.end,
        frozenset(_WEEK.index(day) for day in days),
        quiet.holidays if own.holidays is None else own.holidays,
    )


def whereabouts(zone: str | None, country: str | None, quiet: QuietHours, business: Business) -> Whereabouts:
    """Where a person is: their zone, else all zones of their country, else all they may live in by the settings.

    Of the zones of a country the business's own stands first, so that a wished hour is told by it.
    """
    keeps = country or business.country
    if zone:
        return Whereabouts((zone,), keeps)
    found = zones_of_country(country) if country else ()
    found = found or tuple(quiet.unknown_zones) or zones_of_country(business.country) or (business.timezone,)
    return Whereabouts(tuple(sorted(found, key=lambda one: one != business.timezone)), keeps)


def hand_over_moment(campaign: Campaign, quiet: Quiet, where: Whereabouts, now: int) -> int | None:
    """The earliest moment (µs UTC) for the campaign's message, or None if its `valid_hours` are over by then.

    A person whose zone is unknown is reached only while nothing is quiet in every zone they may live in.
    """
    moment = _first_moment(campaign.send_hour, quiet, where, now)
    if moment is None or moment >= now + campaign.valid_hours * _HOUR_US:
        return None
    return moment


# Most people of a run ask for the same hour in the same zones.
@lru_cache(maxsize=16_384)
def _first_moment(hour: int, quiet: Quiet, where: Whereabouts, now: int) -> int | None:
    zone = where.zones[0]
    moment = free_moment(_wished_hour(hour, zone, now), where, quiet)
    if moment is not None and local_hour(moment, zone) < hour:
        # What is quiet moved it to a next morning: wait for the wished hour of that day, unless that is quiet too.
        wished = next_local_time(moment, zone, hour, 0)
        moment = wished if free_moment(wished, where, quiet) == wished else moment
    return moment


@lru_cache(maxsize=16_384)
def free_moment(moment: int, where: Whereabouts, quiet: Quiet) -> int | None:
    """The earliest moment not before `moment` at which nothing is quiet in any of the zones; None if there is none."""
    for _ in range(len(where.zones) * (_NIGHTS + _QUIET_DAYS * (bool(quiet.days) or quiet.holidays)) + 1):
        moved = moment
        for zone in where.zones:
            moved = _after_quiet_day(outside_quiet_hours(moved, zone, quiet.start, quiet.end), zone, where, quiet)
        if moved == moment:
            return moment
        moment = moved
    return None


def is_quiet_hour(hour: int, quiet: Quiet) -> bool:
    """Whether a local hour begins inside the quiet hours.

    >>> night = Quiet("20:00", "08:00", frozenset(), holidays=False)
    >>> is_quiet_hour(23, night), is_quiet_hour(8, night), is_quiet_hour(8, NEVER_QUIET)
    (True, False, False)
    """
    start, end = quiet.start, quiet.end
    at = f"{hour:02d}:00"
    return start <= at < end if start <= end else at >= start or at < end


def _after_quiet_day(moment: int, zone: str, where: Whereabouts, quiet: Quiet) -> int:
    """The same moment, or where its day is quiet the beginning of the next."""
    if not quiet.days and not quiet.holidays:
        return moment
    day = local_date(moment, zone)
    if day.weekday() in quiet.days or (quiet.holidays and is_holiday(day, where.country)):
        return next_local_day(moment, zone)
    return moment


def _wished_hour(hour: int, zone: str, now: int) -> int:
    """Today's wished hour if it is still to come, else now."""
    return now if local_hour(now, zone) >= hour else next_local_time(now, zone, hour, 0)
