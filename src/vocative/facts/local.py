"""Local slots: when a person is active by their own clock. Rhythm and regularity read them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from vocative.facts.grain import Grain
from vocative.facts.people import HOMES
from vocative.facts.scope import ACTIVE_ROLES, SLOT_S, SLOTS_PER_DAY, SLOTS_PER_HOUR, Scope
from vocative.facts.slots import SLOTS, column
from vocative.records.settings import Role
from vocative.stats.calendars import transitions

WINDOW_DAYS = 365
"""Habits are read from the last year."""

_MONDAY = 3
"""Days are counted from a Thursday; three more make Monday the first of the week."""


def _local(scope: Scope) -> str:
    done = [_any(scope, role) for role in ACTIVE_ROLES if role in scope.roles]
    bought, viewed = (_any(scope, role) for role in ("purchase", "view"))
    return f"""SELECT who, slot, bought, viewed, local // {SLOTS_PER_DAY} AS day,
  (local // {SLOTS_PER_DAY} + {_MONDAY}) % 7 AS weekday,
  (local // {SLOTS_PER_HOUR}) % 24 AS hour
FROM (
  SELECT slots.who, slots.slot, CASE WHEN {bought} THEN 1 ELSE 0 END AS bought,
    CASE WHEN {viewed} THEN 1 ELSE 0 END AS viewed,
    (slots.slot * {SLOT_S} + offsets.offset_s) // {SLOT_S} AS local
  FROM slots JOIN homes ON homes.who = slots.who
  JOIN offsets ON offsets.zone = homes.zone
    AND slots.slot * {SLOT_S} >= offsets.from_s AND slots.slot * {SLOT_S} < offsets.to_s
  WHERE slots.slot >= {scope.start(WINDOW_DAYS)} AND ({" OR ".join(done) or "FALSE"})
) AS moved"""


def _any(scope: Scope, role: Role) -> str:
    return f"{column(role, 'lines')} > 0" if role in scope.roles else "FALSE"


LOCAL = Grain("local_slots", _local, (SLOTS, HOMES))
"""One row per person and active slot of the last year: `slot`, `bought` and `viewed` (0 or 1), local `day` since 1970,
`weekday` (Monday is 0) and `hour`."""


class LocalSlot(NamedTuple):
    """The columns of the grain, for one slot."""

    slot: int
    day: int
    weekday: int
    hour: int
    bought: bool
    viewed: bool


def local_slots(active: Iterable[int], bought: set[int], viewed: set[int], zone: str, scope: Scope) -> list[LocalSlot]:
    """The same rows for one person in a zone, oldest first."""
    start = scope.start(WINDOW_DAYS)
    recent = sorted(slot for slot in active if slot >= start)
    if not recent:
        return []
    offsets = transitions(zone, recent[0] * SLOT_S, (scope.now + 1) * SLOT_S)
    starts = [begin for begin, _, _ in offsets]
    found = []
    for slot in recent:
        second = slot * SLOT_S
        local = (second + offsets[bisect_right(starts, second) - 1][2]) // SLOT_S
        day = local // SLOTS_PER_DAY
        weekday, hour = (day + _MONDAY) % 7, local // SLOTS_PER_HOUR % 24
        found.append(LocalSlot(slot, day, weekday, hour, slot in bought, slot in viewed))
    return found
