"""Knowing is not saying: what may be told to the person it is about, and how exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from vocative.records.relationship import State

Pause = Literal["every_few_days", "weekly", "two_weekly", "monthly", "now_and_then"]
Said = Literal["name", "origin", "numbers", "habit"]
"""What a text may tell: their first name, which purchase something follows from, counts of what they did, and how often
they do something, as people think of it."""

_PAUSES: tuple[tuple[float, Pause], ...] = (
    (4.5, "every_few_days"),
    (10, "weekly"),
    (18, "two_weekly"),
    (45, "monthly"),
)
_SAYABLE: Mapping[State, frozenset[Said]] = {
    "strained": frozenset(),
    "stranger": frozenset({"name"}),
    "acquainted": frozenset({"name", "origin", "numbers"}),
    "regular": frozenset({"name", "origin", "numbers", "habit"}),
    "close": frozenset({"name", "origin", "numbers", "habit"}),
}


def may_say(what: Said, state: State) -> bool:
    """Whether a text may tell this to somebody whose relationship to the business is such.

    Whoever hardly knows the business is startled by how much it remembers; whoever is displeased with it takes a
    familiar tone amiss. How often somebody does something takes longest to be known without watching.

    >>> may_say("habit", "regular"), may_say("habit", "stranger"), may_say("name", "strained")
    (True, False, False)
    """
    return what in _SAYABLE[state]


def rough_pause(days: float, state: State = "regular") -> Pause:
    """A span of days as people think of it, never a number that shows how closely somebody counts.

    Whoever may not be told their habit hears the roughest word there is. The words stand in each language's phrases.

    >>> rough_pause(3), rough_pause(7.2), rough_pause(13), rough_pause(29), rough_pause(80)
    ('every_few_days', 'weekly', 'two_weekly', 'monthly', 'now_and_then')
    >>> rough_pause(7.2, "acquainted")
    'now_and_then'
    """
    if not may_say("habit", state):
        return "now_and_then"
    return next((pause for limit, pause in _PAUSES if days < limit), "now_and_then")
