"""Drawing people again, with replacement, to see how far a figure is from chance.

Whole people are drawn, with all their rows at all moments: rows of one person are not independent. Every way to predict
is judged on the same drawn people, so differences between ways are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vocative.predict.past import Floats, Integers
from vocative.prove.measures import Measure

DRAWS = 1000
_MOST_CELLS = 20_000_000


@dataclass(frozen=True, slots=True)
class Judged:
    """All measures of all ways at one moment: `who` is the person of each row; way → measures."""

    who: Integers
    ways: Mapping[str, Sequence[Measure]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One figure averaged over moments: its value, and its value among the people of each draw."""

    value: float
    draws: Floats

    def interval(self) -> tuple[float, float]:
        """The middle 95 % of draws."""
        return _middle(self.draws)


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
    blocks: list[tuple[str, Measure, Floats]] = []
    for one in origins:
        place = np.searchsorted(people, one.who)
        for way, measures in one.ways.items():
            blocks += [(way, measure, _by_person(measure.columns, place, len(people))) for measure in measures]
    sums = np.hstack([block for _, _, block in blocks])
    drawn = _draw(sums, random, draws)
    whole = sums.sum(axis=0, keepdims=True)
    figures: dict[tuple[str, str], list[tuple[Floats, Floats]]] = {}
    start = 0
    for way, measure, block in blocks:
        end = start + block.shape[1]
        found = (measure.combine(whole[:, start:end]), measure.combine(drawn[:, start:end]))
        figures.setdefault((way, measure.name), []).append(found)
        start = end
    return {
        key: Drawn(float(np.mean([value[0] for value, _ in found])), np.mean([draw for _, draw in found], axis=0))
        for key, found in figures.items()
    }


def difference(first: Drawn, second: Drawn) -> tuple[float, float, float]:
    """First minus second: the difference, and the middle 95 % of it over draws."""
    return (first.value - second.value, *_middle(first.draws - second.draws))


def _by_person(columns: Floats, place: Integers, people: int) -> Floats:
    found = np.zeros((people, columns.shape[1]))
    for number in range(columns.shape[1]):
        found[:, number] = np.bincount(place, columns[:, number], people)
    return found


def _draw(sums: Floats, random: np.random.Generator, draws: int) -> Floats:
    people = len(sums)
    at_once = max(1, min(draws, _MOST_CELLS // max(people, 1)))
    parts, chances = [], np.full(people, 1.0 / people)
    for start in range(0, draws, at_once):
        times = random.multinomial(people, chances, size=min(at_once, draws - start))
        parts.append(times.astype(np.float64) @ sums)
    return np.vstack(parts)


def _middle(draws: Floats) -> tuple[float, float]:
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)
