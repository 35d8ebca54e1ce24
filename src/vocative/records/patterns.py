"""Found patterns: who does something more often than others, as plain figures that were proved on the past."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

Deed = Literal["act", "away", "more", "open", "click", "reply", "redeem", "return"]
"""What people may do: the act that matters, stay away from it, spend more, answer a message, redeem, send back."""


class Clause(Struct, frozen=True, kw_only=True):
    """One readable condition about a person."""

    what: Literal["feature", "likes", "said"]
    """A feature of the profile, a category they take more of than others, or one they said they like."""
    name: str
    """Name of the feature or of the category."""
    at_least: float | None = None
    """Lower bound of a feature, included."""
    below: float | None = None
    """Upper bound of a feature, not included."""


class Goal(Struct, frozen=True, kw_only=True):
    """What people then do, and within how many days."""

    deed: Deed
    days: int
    channel: str = ""
    """The channel of a message that is answered."""


class Pattern(Struct, frozen=True, kw_only=True):
    """Who does something more often than others: an association, never a cause.

    One condition was tested on all people and corrected for all that were tested; the figures of two together are of
    people who played no part in finding them.
    """

    clauses: list[Clause]
    """All of them hold."""
    goal: Goal
    people: int
    """Different people of whom the clauses held in the proof."""
    rate: float
    """Share of them who did it."""
    others: float
    """Share of everybody else who did it."""
    low: float
    high: float
    """Interval of `rate - others`, widened for having been picked out of many."""
    alike: float
    """Share of others who did it, of those who come as recently and as often."""
    p: float
    """Chance of one like it anywhere among all that were tested if nothing of it were true (Holm)."""
    today: int
    """People of whom the clauses hold at the moment of the search."""


class Patterns(Struct, frozen=True, kw_only=True):
    """What a search of the past has found."""

    moment: int
    """The search used only what was known before it, µs UTC."""
    found: list[Pattern] = field(default_factory=list)
    """At most ten, the surest first."""
    looked_at: int = 0
    """Combinations of conditions and goals that were looked at."""
    tested: int = 0
    """The ones that were put to the test that decides."""
    people: int = 0
    """People in that test."""
    why: str = ""
    """Why nothing could be looked for, and what would be needed; empty where something was."""
