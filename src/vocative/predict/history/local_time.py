"""When people come, by their own clock: the first visit after a moment, and what is known of visits before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.facts.scope import CODES, VISIT_ROLES
from vocative.predict.history.event_history import EventHistory, Flags, Integers
from vocative.stats.calendars import transitions

SECOND_US = 1_000_000
HOURS, WEEKDAYS = 24, 7
_MONDAY = 3
"""Days are counted from a Thursday; three more make Monday the first of the week."""


@dataclass(frozen=True, slots=True)
class LocalVisits:
    """Hours in which people came, once each, ordered by person and time: local hour and weekday, and local day."""

    who: Integers
    us: Integers
    hour: Integers
    day: Integers

    @property
    def weekday(self) -> Integers:
        """Monday is 0."""
        return (self.day + _MONDAY) % WEEKDAYS


def visits_before(past: EventHistory, moment: int) -> LocalVisits:
    """Visits that had happened and were known before the moment."""
    acts = past.before(moment, *_roles(past))
    return _local(past, moment, acts.who, acts.us)


def first_visits(past: EventHistory, moment: int, days: float, by: int) -> LocalVisits:
    """The first visit of each person from the moment on, within some days, as known by another moment."""
    acts = past.during(moment, days, by, *_roles(past))
    fresh: Flags = np.ones(len(acts), bool)
    fresh[1:] = acts.who[1:] != acts.who[:-1]
    return _local(past, moment, acts.who[fresh], acts.us[fresh])


def local_now(past: EventHistory, moment: int, who: Integers) -> tuple[Integers, Integers]:
    """The local day and hour of people at the moment."""
    seconds = local_seconds(past, moment, who, np.full(len(who), moment))
    return seconds // 86_400, seconds // 3_600 % HOURS


def _local(past: EventHistory, moment: int, who: Integers, us: Integers) -> LocalVisits:
    seconds = local_seconds(past, moment, who, us)
    hours = seconds // 3_600
    fresh: Flags = np.ones(len(who), bool)
    fresh[1:] = (who[1:] != who[:-1]) | (hours[1:] != hours[:-1])
    return LocalVisits(who[fresh], us[fresh], hours[fresh] % HOURS, hours[fresh] // HOURS)


def local_seconds(past: EventHistory, moment: int, who: Integers, us: Integers) -> Integers:
    """Seconds since 1970 on the clock of each person's zone, as the zone was known at the moment."""
    place, names = past.zones(moment)
    zone, seconds = place[who], us // SECOND_US
    found = seconds.copy()
    if not len(seconds):
        return found
    start, end = int(seconds.min()), int(seconds.max()) + 1
    for number, name in enumerate(names):
        mine = zone == number
        if not mine.any():
            continue
        changes = transitions(name, start, end)
        begins = np.array([begin for begin, _, _ in changes])
        offsets = np.array([offset for _, _, offset in changes])
        found[mine] += offsets[np.searchsorted(begins, seconds[mine], side="right") - 1]
    return found


def _roles(past: EventHistory) -> list[int]:
    """Purchases where there are any: their hour is known best; else everything that makes up a visit."""
    visits = [CODES[role] for role in VISIT_ROLES]
    return [past.main] if past.main == CODES["purchase"] or past.main not in visits else visits
