"""Who still buys and who said no, months after they were first contacted or left in peace by lot.

Money of a month says nothing of what contacts cost in the long run: people who leave, and people who say stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from vocative.stats.shares import Estimate, difference, share_of

HORIZONS = (90, 180)
"""Days after the first lot at which is looked."""
STILL_DAYS = 90
"""Whoever bought within so many days before the horizon still buys."""
_DAY_US = 86_400_000_000


class StayingLot(NamedTuple):
    """A person whose first contact was drawn by lot."""

    person: str
    contacted: bool
    """Whether the lot said to contact them; the others are the control group."""
    moment: int
    """When, µs UTC."""
    chance: float
    """With which probability the lot fell as it did."""


class Stayed(NamedTuple):
    """One outcome at one horizon; `effect` is what contacts changed: contacted less control, None without either."""

    days: int
    people: int
    """Whose lot is that long ago."""
    contacted: Estimate | None
    control: Estimate | None
    effect: Estimate | None


class Staying(NamedTuple):
    """Shares of people with 95 % intervals, one entry for each horizon that anybody has reached."""

    still_buy: list[Stayed]
    said_no: list[Stayed]


def staying(
    lots: Sequence[StayingLot],
    bought: Mapping[str, Sequence[int]] | None,
    refused: Mapping[str, Sequence[int]],
    now: int,
) -> Staying:
    """Compare people who were contacted by lot with those who were not, as far as was known at `now` (µs UTC).

    Each counts with one over their chance, so that arms of unequal chances stand for the same people. What happened
    before a lot, and after a horizon, does not count.

    Args:
        lots: First lots, each person once.
        bought: Person → moments (µs UTC) of their purchases (or the act that matters); only people who are in it are
            looked at for buying. None: nothing is known of it.
        refused: Person → moments of each permission they withdrew.
        now: The moment, µs UTC.
    """
    still, no = [], []
    for days in HORIZONS:
        reached = [one for one in lots if one.chance > 0 and one.moment + days * _DAY_US <= now]
        if not reached:
            continue
        known = [one for one in reached if bought is not None and one.person in bought]
        if known and bought is not None:
            still.append(_compared(days, known, [_within(bought[one.person], one.moment, days) for one in known]))
        said = [_within(refused.get(one.person, ()), one.moment, days, since=days) for one in reached]
        no.append(_compared(days, reached, said))
    return Staying(still, no)


def _within(moments: Iterable[int], lot: int, days: int, since: int = STILL_DAYS) -> bool:
    """Whether anything happened in the `since` days before the horizon, and after the lot."""
    end = lot + days * _DAY_US
    return any(max(lot, end - since * _DAY_US) < moment <= end for moment in moments)


def _compared(days: int, lots: Sequence[StayingLot], happened: Sequence[bool]) -> Stayed:
    contacted, control = (_share(lots, happened, contacted=arm) for arm in (True, False))
    effect = difference(contacted, control) if contacted is not None and control is not None else None
    return Stayed(days, len(lots), contacted, control, effect)


def _share(lots: Sequence[StayingLot], happened: Sequence[bool], *, contacted: bool) -> Estimate | None:
    mine = [(one, yes) for one, yes in zip(lots, happened, strict=True) if one.contacted is contacted]
    return share_of([yes for _, yes in mine], [1 / one.chance for one, _ in mine])
