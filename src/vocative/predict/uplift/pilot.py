"""How many people an experiment needs, so that an effect which matters would show.

Two shares are compared by the normal approximation, each with its own variance (Fleiss, Levin & Paik, 2003, chapter 4,
pool them, which asks for hardly more people): a two-sided test at 5 % that finds the effect in 80 % of experiments;
with several treatments the 5 % are divided among them (Bonferroni).

For whom it works better is a harder question. The difference between the effects on two halves has four times the
variance of the effect on all, since each half is half as large and two are subtracted. So a difference as large as the
effect itself needs 4 times the people, and one half as large, as differences usually are, 16 times
(Gelman, 2018, "You need 16 times the sample size to estimate an interaction than to estimate a main effect").
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventHistory

POWER, LEVEL = 0.8, 0.05
_HALF_AS_LARGE = 0.5
SMALLEST = 0.1
"""The smallest effect that matters, as a share of those who do it (or of those who do not, if they are fewer)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """People an experiment needs in all arms together: for the effect, and for whom it differs by half of it."""

    effect: float
    people: int
    for_differences: int


def pilot(base: float, effect: float, share_without: float, treatments: int = 1) -> Pilot:
    """People an experiment needs.

    Args:
        base: Share of people who do it untreated, between 0 and 1.
        effect: The smallest change of that share that matters, not 0.
        share_without: Share of people left untreated by lot; the treatments share the others equally.
        treatments: How many treatments are compared with none.

    Raises:
        ValueError: No number of people shows this: a share lies outside 0 … 1 or the effect is 0.

    >>> pilot(0.10, 0.02, 0.5)
    Pilot(effect=0.02, people=7677, for_differences=122820)
    """
    from scipy.special import ndtri

    if effect == 0 or not (0 <= base <= 1 and 0 < base + effect < 1 and 0 < share_without < 1 and treatments > 0):
        raise ValueError(f"a share of {base} that changes by {effect}, with {share_without} untreated, shows nothing")
    wide = float(ndtri(1 - LEVEL / 2 / treatments) + ndtri(POWER))
    noise = _noise(base, base + effect, share_without, treatments)
    people = wide**2 * noise / effect**2
    return Pilot(effect=effect, people=ceil(people), for_differences=ceil(4 * people / _HALF_AS_LARGE**2))


def smallest_to_show(base: float, people: int, share_without: float, treatments: int = 1) -> float:
    """The smallest change of a share that so many people would show, as in `pilot`; at the base's own spread."""
    from scipy.special import ndtri

    wide = float(ndtri(1 - LEVEL / 2 / treatments) + ndtri(POWER))
    return float(wide * (_noise(base, base, share_without, treatments) / max(people, 1)) ** 0.5)


def smallest_that_matters(base: float) -> float:
    """A tenth of those who do it, or of those who do not if they are fewer; one in a thousand at least."""
    return max(SMALLEST * min(base, 1.0 - base), 0.001)


def needed_pilot(past: EventHistory, days: int) -> str:
    """The pilot that would show an effect which matters within so many days, in a sentence without its full stop."""
    start = past.now - days * DAY_US
    people = past.present(start)
    share = past.settings.control.share
    acted = np.isin(people, past.during(start, days, past.now, past.main).who)
    if not len(people) or not 0 < acted.mean() < 1 or not 0 < share < 1:
        return "people who act and people who do not, and a share of them left in peace by lot (`control.share`)"
    base = float(acted.mean())
    matters = smallest_that_matters(base)
    wanted = pilot(base, -matters if base + matters >= 1 else matters, share)
    told = (
        f"a pilot of {wanted.people:,} people for {ceil(days / 7) + 1} weeks, {share:.0%} of them left in peace by "
        f"lot: it would show an effect of {matters:.1%} points where {base:.0%} act within {days} days "
        f"(two-sided 5 %, power 80 %); to tell on whom it is larger by half takes {wanted.for_differences:,}"
    )
    if wanted.people <= len(past.people):
        return told
    least = smallest_to_show(base, len(past.people), share)
    return f"{told}; the {len(past.people):,} people there are would show {least:.1%} points"


def _noise(without: float, with_it: float, share_without: float, treatments: int) -> float:
    share_with = (1.0 - share_without) / treatments
    return with_it * (1 - with_it) / share_with + without * (1 - without) / share_without
