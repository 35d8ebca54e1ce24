"""When a message may be handed over: the wished hour, outside quiet hours, in the person's own zone."""

from __future__ import annotations

from vocative.records.settings import Campaign, QuietHours
from vocative.stats.calendars import local_hour, next_local_time, outside_quiet_hours

_HOUR_US = 3_600_000_000
# Whatever is free in all zones within two days is reached after at most two quiet nights of each of them.
_NIGHTS = 2


def hand_over_moment(
    campaign: Campaign, quiet: QuietHours, zone: str | None, business_zone: str, now: int
) -> int | None:
    """The earliest moment (µs UTC) for the campaign's message, or None if its `valid_hours` are over by then.

    A person whose zone is unknown is reached only while it is outside quiet hours in every zone they may live in.
    """
    zones = [zone] if zone else (quiet.unknown_zones or [business_zone])
    moment = outside_all(_wished_hour(campaign.send_hour, zones[0], now), zones, quiet)
    if moment is not None and local_hour(moment, zones[0]) < campaign.send_hour:
        # Quiet hours moved it to the next morning: wait for the wished hour of that day, unless that is quiet too.
        wished = next_local_time(moment, zones[0], campaign.send_hour, 0)
        moment = wished if outside_all(wished, zones, quiet) == wished else moment
    if moment is None or moment >= now + campaign.valid_hours * _HOUR_US:
        return None
    return moment


def outside_all(moment: int, zones: list[str], quiet: QuietHours) -> int | None:
    """The earliest moment not before `moment` that is outside quiet hours in all zones; None if there is none."""
    for _ in range(len(zones) * _NIGHTS + 1):
        moved = moment
        for zone in zones:
            moved = outside_quiet_hours(moved, zone, quiet.start, quiet.end)
        if moved == moment:
            return moment
        moment = moved
    return None


def _wished_hour(hour: int, zone: str, now: int) -> int:
    """Today's wished hour if it is still to come, else now."""
    return now if local_hour(now, zone) >= hour else next_local_time(now, zone, hour, 0)


def is_quiet_hour(hour: int, quiet: QuietHours) -> bool:
    """Whether a local hour begins inside the quiet hours.

    >>> is_quiet_hour(23, QuietHours()), is_quiet_hour(8, QuietHours())
    (True, False)
    >>> is_quiet_hour(3, QuietHours(start="01:00", end="05:00"))
    True
    """
    start, end = quiet.start, quiet.end
    at = f"{hour:02d}:00"
    return start <= at < end if start <= end else at >= start or at < end
