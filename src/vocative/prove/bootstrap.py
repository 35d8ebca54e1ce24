"""Drawing people again, with replacement, to see how far a figure is from chance.

Whole people are drawn, with all their rows at all moments: rows of one person are not independent. Every way to predict
is judged on the same drawn people, so differences between ways are paired.

A difference gets the outer of two intervals: the middle 95 % of draws, and the studentised one, in which each draw is
measured in its own standard error (bootstrap-t; Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter
12). Where few rare events decide, the first alone is beaten by pure chance more often than it says, and so is BCa.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vocative.predict.history.event_history import Floats, Integers
from vocative.prove.measures import Measure

DRAWS = 1000
_MOST_DRAWN = 2000
"""More people than these are drawn in so many groups by lot: sums of groups vary as those of people do."""
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Judged:
    """All measures of all ways at one moment: `who` is the person of each row; way → measures."""

    who: Integers
    ways: Mapping[str, Sequence[Measure]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One figure averaged over moments: its value, and its value among the people of each draw.

    `parts` is how much each person (or group of people) moves the figure, times their number; `times` (draws × people)
    how often each was drawn. Without them a difference has no standard error.
    """

    value: float
    draws: Floats
    parts: Floats = field(default_factory=lambda: np.zeros(0))
    times: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    def interval(self, tests: int = 1) -> tuple[float, float]:
        """The middle 95 % of draws; the best of several `tests` lies within it 95 times in 100 too (Bonferroni)."""
        return _middle(self.draws, tests)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two figures, its 95 % interval and its standard error."""

    value: float
    low: float
    high: float
    error: float


def bootstrap(
    origins: Sequence[Judged], random: np.random.Generator, draws: int = DRAWS
) -> dict[tuple[str, str], Drawn]:
    """Figures of every way and measure, each the mean over moments.

    Args:
        origins: The same ways and measures at each moment.
        random: Draws the people.
        draws: How often.

    Returns:
        (way, name of the measure) → value and draws.
    """
    people = np.unique(np.concatenate([one.who for one in origins]))
    seat, seats = np.arange(len(people)), len(people)
    if seats > _MOST_DRAWN:
        seat, seats = random.permutation(seats) % _MOST_DRAWN, _MOST_DRAWN
    times = random.multinomial(seats, np.full(seats, 1.0 / seats), size=draws).astype(np.float64)
    figures: dict[tuple[str, str], list[tuple[float, Floats, Floats]]] = {}
    for one in origins:
        place = seat[np.searchsorted(people, one.who)]
        for way, measures in one.ways.items():
            for measure in measures:
                found = _figure(measure, _by_person(measure.columns, place, seats), times)
                figures.setdefault((way, measure.name), []).append(found)
    return {
        key: Drawn(
            float(np.mean([value for value, _, _ in found])),
            np.mean([drawn for _, drawn, _ in found], axis=0),
            np.mean([parts for _, _, parts in found], axis=0),
            times,
        )
        for key, found in figures.items()
    }


def difference(first: Drawn, second: Drawn) -> Difference:
    """First minus second, both from one call of `bootstrap`."""
    value, drawn = first.value - second.value, first.draws - second.draws
    low, high = _middle(drawn)
    error, worth = _studentised(first, second)
    if len(worth):
        least, most = np.quantile(worth, (0.025, 0.975))
        low, high = min(low, value - float(most) * error), max(high, value - float(least) * error)
    return Difference(value, float(low), float(high), float(error))


def differences(pairs: Sequence[tuple[Drawn, Drawn]]) -> list[Difference]:
    """Of each pair first minus second, with intervals that all hold together 95 times in 100.

    The largest of all studentised differences of a draw says how far the widest of them strays by chance (max-t;
    Romano & Wolf, 2005, "Stepwise multiple testing as formalized data snooping"). So the best and the worst of several
    can be named. All figures are from one call of `bootstrap`, and no interval is narrower than that of `difference`.
    """
    alone = [difference(first, second) for first, second in pairs]
    worths = [np.abs(worth) for first, second in pairs if len(worth := _studentised(first, second)[1])]
    if not worths:
        return alone
    reach = float(np.quantile(np.max(worths, axis=0), 0.95))
    return [
        Difference(
            value=one.value,
            low=min(one.low, one.value - reach * one.error),
            high=max(one.high, one.value + reach * one.error),
            error=one.error,
        )
        for one in alone
    ]


def _studentised(first: Drawn, second: Drawn) -> tuple[float, Floats]:
    """The standard error of first minus second, and how far each draw strays in its own; no draws where none can be."""
    value, drawn, parts = first.value - second.value, first.draws - second.draws, first.parts - second.parts
    people = len(parts)
    error = float(np.std(parts)) / np.sqrt(max(people - 1, 1)) if people else float(np.std(drawn))
    if not people or error <= _NOTHING * (abs(value) + _NOTHING):
        return error, np.zeros(0)
    mean = first.times @ parts / people
    spread = np.maximum(first.times @ parts**2 / people - mean**2, 0.0)
    errors = np.sqrt(spread / max(people - 1, 1))
    # A draw without any of the rare events that decide has next to no spread of its own.
    return error, (drawn - value) / np.maximum(errors, 0.01 * error)


def _figure(measure: Measure, sums: Floats, times: Floats) -> tuple[float, Floats, Floats]:
    """The figure, what it is in each draw, and the parts of each person: by leaving each out (jackknife)."""
    whole = sums.sum(axis=0, keepdims=True)
    value = float(measure.combine(whole)[0])
    parts = np.zeros(len(sums))
    if len(sums) > 1:
        parts = (len(sums) - 1) * (value - measure.combine(whole - sums))
    return value, measure.combine(times @ sums), parts


def _by_person(columns: Floats, place: Integers, people: int) -> Floats:
    found = np.zeros((people, columns.shape[1]))
    for number in range(columns.shape[1]):
        found[:, number] = np.bincount(place, columns[:, number], people)
    return found


def _middle(draws: Floats, tests: int = 1) -> tuple[float, float]:
    low, high = np.quantile(draws, (0.025 / tests, 1.0 - 0.025 / tests))
    return float(low), float(high)
