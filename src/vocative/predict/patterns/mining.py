"""Looking for pairs of conditions: of which people does something happen more often than either condition explains.

Everything is counted by products of matrices: with the conditions as columns of zeros and ones, `holds.T @ (r * holds)`
gives the sum of `r` over the people of every pair at once. What is summed is not what happened but how much more often
it happened than a logistic regression on recency and frequency expects, so that a pattern says something beyond them.
What is found here is only a candidate; other people have to prove it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from vocative.predict.history.event_history import Flags, Floats, Integers
from vocative.predict.learners.logistic import logistic
from vocative.records.patterns import Clause, Goal

LEAST_TIMES = 1.2
LEAST_POINTS = 0.05
"""A pattern is worth telling if it happens so many times as often as expected, or by so much more …"""
LEAST_TIMES_POINTS = 0.01
"""… and in the first case by so much more at least."""
MOST_SHARE = 0.7
"""What holds of more people than this is no pattern but everybody."""

_RIDGE = 1.0
_LEAST_STRENGTH = 2.5
_LEAST_GAIN = 2.0
_ALIKE = 0.5
_KEPT = 3
_KEPT_OF_KIN = 2
_TRIED = 400
_LEAST_CAME = 10


@dataclass(frozen=True, slots=True)
class PatternTrial:
    """Rows about one goal: a person at a moment; `who` may stand in several rows."""

    goal: Goal
    who: Integers
    holds: Flags
    """Rows × clauses."""
    came: Floats
    """0 or 1."""
    design: Floats
    """What is expected anyway rests on these columns, the first of ones."""
    chance: Floats
    """What is expected by them alone."""


@dataclass(frozen=True, slots=True)
class PatternCandidate:
    """A combination of clauses (by their places) that goes with a goal."""

    goal: Goal
    parts: tuple[int, ...]
    strength: float = 0.0
    """How far above what was expected in the search, in standard deviations; at most as far as in truth."""


def design_of(standing: Sequence[Floats]) -> Floats:
    """The columns what is expected rests on, from everybody's standing at each moment: ones, moments, numbers.

    Numbers enter as they are and squared, each made comparable.
    """
    numbers = np.vstack(standing)
    scale = numbers.std(axis=0)
    numbers = (numbers[:, scale > 0] - numbers[:, scale > 0].mean(axis=0)) / scale[scale > 0]
    curved = numbers**2
    moment = np.repeat(np.arange(len(standing)), [len(one) for one in standing])
    later = (moment[:, None] == np.arange(1, len(standing))).astype(np.float64)
    return np.hstack([np.ones((len(numbers), 1)), later, numbers, np.clip(curved - curved.mean(axis=0), -6.0, 6.0)])


def trial_of(goal: Goal, who: Integers, holds: Flags, came: Floats, standing: Sequence[Floats]) -> PatternTrial:
    """A trial with what is expected by everybody's standing at each moment alone (a logistic regression)."""
    design = design_of(standing)
    return PatternTrial(goal, who, holds, came, design, _expected(design, came))


def trial_with(trial: PatternTrial, columns: Floats) -> PatternTrial:
    """A trial in which what is expected rests on some columns more."""
    design = np.hstack([trial.design, columns])
    return replace(trial, design=design, chance=_expected(design, trial.came))


def _expected(design: Floats, came: Floats) -> Floats:
    from scipy.special import expit

    weights, _ = logistic(design, came, _RIDGE)
    return np.asarray(expit(design @ weights), np.float64)


def worth_telling(rate: float, usual: float) -> bool:
    """Whether a rate is enough above the usual one to matter to anybody.

    >>> worth_telling(0.40, 0.36), worth_telling(0.40, 0.34), worth_telling(0.012, 0.008)
    (False, True, False)
    """
    more = rate - usual
    return more >= LEAST_POINTS or (more >= LEAST_TIMES_POINTS and rate >= LEAST_TIMES * usual)


def search(trial: PatternTrial, usable: Flags, kin: Integers, least: int) -> tuple[list[PatternCandidate], int]:
    """The strongest pairs for one goal.

    Args:
        trial: Older moments of one part of the people.
        usable: Which clauses say something else than the goal itself.
        kin: A number for each clause; clauses of one number say nearly the same and are not joined.
        least: Rows a candidate needs at least.

    Returns:
        At most three candidates, and how many combinations were looked at.
    """
    if not usable.any() or min(trial.came.sum(), len(trial.came) - trial.came.sum()) < _LEAST_CAME:
        return [], 0
    place = np.flatnonzero(usable)
    holds, chance = trial.holds[:, place].astype(np.float32), trial.chance
    rows = holds.T @ holds
    over = _sums(holds, trial.came - chance)
    spread = _sums(holds, chance * (1.0 - chance))
    likely = _sums(holds, chance)
    inside = np.triu((rows >= least) & (rows <= MOST_SHARE * len(holds)), 1)
    inside &= kin[place][:, None] != kin[place][None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = np.where(inside, over / np.sqrt(spread), 0.0)
        more, times = over / rows, (over + likely) / likely
    told = (more >= LEAST_POINTS) | ((times >= LEAST_TIMES) & (more >= LEAST_TIMES_POINTS))
    strong = inside & told & (strength >= _LEAST_STRENGTH) & _gains(over, spread)
    first, second = np.nonzero(strong)
    order = np.lexsort((second, first, -strength[first, second]))[:_TRIED]
    found = [
        PatternCandidate(trial.goal, (int(place[first[one]]), int(place[second[one]])), float(value))
        for one, value in zip(order, strength[first[order], second[order]], strict=True)
    ]
    return _different(found, trial.holds, kin), int(inside.sum())


def members(holds: Flags, parts: Sequence[int]) -> Flags:
    """Rows in which all parts hold."""
    return np.asarray(holds[:, list(parts)].all(axis=1), np.bool_)


def overlap(one: Flags, other: Flags) -> float:
    """Those in both over those in either (Jaccard)."""
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 0.0


def kin_of(clauses: Sequence[Clause]) -> Integers:
    """A number for each clause; the same for features that differ in their window or bounds alone."""
    stems = [f"{one.what}:{one.name.rsplit('_', 1)[0] if one.what == 'feature' else one.name}" for one in clauses]
    number = {stem: place for place, stem in enumerate(dict.fromkeys(stems))}
    return np.array([number[stem] for stem in stems], np.int64)


def _sums(holds: np.ndarray[tuple[int, ...], np.dtype[np.float32]], value: Floats) -> Floats:
    return np.asarray(holds.T @ (holds * value[:, None].astype(np.float32)), np.float64)


def _gains(over: Floats, spread: Floats) -> Flags:
    """Whether each condition of a pair adds to the other."""
    found = np.ones(over.shape, bool)
    alone_over, alone_spread = np.diag(over), np.diag(spread)
    for over_one, spread_one in ((alone_over[:, None], alone_spread[:, None]), (alone_over, alone_spread)):
        with np.errstate(divide="ignore", invalid="ignore"):
            rest = np.maximum(spread_one - spread, 1e-9)
            step = over / spread - (over_one - over) / rest
            found &= np.nan_to_num(step / np.sqrt(1.0 / spread + 1.0 / rest)) >= _LEAST_GAIN
    return found


def _different(found: Sequence[PatternCandidate], holds: Flags, kin: Integers) -> list[PatternCandidate]:
    """The strongest that are not nearly about the same people, and not all about one condition."""
    kept: list[tuple[PatternCandidate, Flags]] = []
    for one in found:
        mine, families = members(holds, one.parts), {int(kin[part]) for part in one.parts}
        if any(overlap(mine, other) >= _ALIKE for _, other in kept):
            continue
        often = [sum(family in {int(kin[part]) for part in other.parts} for other, _ in kept) for family in families]
        if max(often) < _KEPT_OF_KIN:
            kept.append((one, mine))
        if len(kept) == _KEPT:
            break
    return [one for one, _ in kept]


def implied(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether one combination holds more conditions than another and all of that one's."""
    return any(set(part) == set(other) for size in range(1, len(one) + 1) for part in combinations(one, size))
