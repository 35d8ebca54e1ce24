"""Testing a pattern on the past: does it add to what recency and frequency expect?

A score test in a logistic regression. Rows of one person are summed before they are squared, since they are not
independent (Liang and Zeger, *Biometrika* 73, 1986); the tail is that of a gamma distribution of the same skewness,
since what is rare is not normal (Hall, *JRSS B* 54, 1992).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import Flags, Floats, Integers
from vocative.predict.patterns.mining import MOST_SHARE, Candidate, Trial, members, worth_telling

LEVEL = 0.025
"""The chance that, where there is nothing to find, anything is told at all."""
NEWER_LEVEL = 0.05
"""What is told has to hold at the newer moments alone by this chance."""

_STRATA = 10
_LEAST_CAME = 5
_STRAIGHT = 1e-3
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class PatternTest:
    """What a test says about a candidate."""

    candidate: Candidate
    people: int
    rate: float = 0.0
    others: float = 0.0
    spread: float = 0.0
    """Standard error of `rate - others`."""
    alike: float = 0.0
    strength: float = 0.0
    p: float = 1.0
    enough: bool = False
    """Whether there were people enough to test it."""
    worth: bool = False
    """Whether it is large enough in effect, and holds at the newer moments, to be told."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Rows to test on, with what all tests on them share."""

    trial: Trial
    person: Integers
    """A number for each row's person, without gaps."""
    weight: Floats
    """Variance of each row by what was expected."""
    inverse: Floats
    """Of the information in the design."""
    stratum: Integers
    """Rows of one number are alike in what was expected of them."""

    @classmethod
    def of(cls, trial: Trial) -> Proof:
        """Prepare a trial for testing."""
        weight = trial.chance * (1.0 - trial.chance)
        curve = trial.design.T @ (trial.design * weight[:, None]) + _TINY * np.eye(trial.design.shape[1])
        edges = np.quantile(trial.chance, np.linspace(0, 1, _STRATA + 1)[1:-1])
        person = np.unique(trial.who, return_inverse=True)[1]
        inverse = np.asarray(np.linalg.inv(curve), np.float64)
        return cls(trial, person, weight, inverse, np.searchsorted(edges, trial.chance))


def put_to_test(whole: Proof, late: Proof, candidate: Candidate, least: int) -> PatternTest:
    """Test a candidate.

    Args:
        whole: Rows at all moments.
        late: Rows at the newer moments.
        candidate: What is tested.
        least: Different people it has to hold of, and not to hold of.
    """
    trial = whole.trial
    mine, came = members(trial.holds, candidate.parts), trial.came
    inside, outside = _different(whole.person[mine]), _different(whole.person[~mine])
    few = min(came[mine].sum(), mine.sum() - came[mine].sum()) < _LEAST_CAME
    recent = members(late.trial.holds, candidate.parts)
    if min(inside, outside) < least or few or not recent.any() or mine.mean() > MOST_SHARE:
        return PatternTest(candidate=candidate, people=inside)
    rate, others = float(came[mine].mean()), float(came[~mine].mean())
    strength, p = score(whole, mine)
    if p > LEVEL or rate <= others:
        return PatternTest(candidate=candidate, people=inside, strength=strength, p=p, enough=True)
    alike = _alike(whole, mine)
    single = max(_over(trial, members(trial.holds, [part])) for part in candidate.parts)
    adds = len(candidate.parts) == 1 or _over(trial, mine) > single
    return PatternTest(
        candidate=candidate,
        people=inside,
        rate=rate,
        others=others,
        spread=_spread(whole.person, mine, came),
        alike=alike,
        strength=strength,
        p=p,
        enough=True,
        worth=adds and worth_telling(rate, alike) and score(late, recent)[1] <= NEWER_LEVEL,
    )


def _over(trial: Trial, mine: Flags) -> float:
    return float((trial.came[mine] - trial.chance[mine]).mean()) if mine.any() else 0.0


def _alike(proof: Proof, mine: Flags) -> float:
    """The rate of others who are alike in what was expected of them, weighted as those of the pattern are."""
    chance, came, stratum = proof.trial.chance, proof.trial.came, proof.stratum
    inside, outside = (np.bincount(stratum[one], minlength=_STRATA) for one in (mine, ~mine))
    happened = np.bincount(stratum[~mine], came[~mine], _STRATA)
    usual = np.bincount(stratum, chance, _STRATA) / np.maximum(inside + outside, 1)
    rate = np.where(outside > 0, happened / np.maximum(outside, 1), usual)
    return float((inside * rate).sum() / inside.sum())


def score(proof: Proof, mine: Flags) -> tuple[float, float]:
    """How far the pattern is above what recency and frequency expect: in standard deviations, and its chance."""
    trial, weight = proof.trial, proof.weight
    rest = mine - trial.design @ (proof.inverse @ (trial.design.T @ (weight * mine)))
    by_person = np.bincount(proof.person, rest * (trial.came - trial.chance))
    model = max(float((weight * rest**2).sum()), _TINY)
    spread = max(float((by_person**2).sum()), model)
    third = float((weight * (1.0 - 2.0 * trial.chance) * rest**3).sum())
    # Rows of one person count for less than as many people would, which makes the tail longer as well.
    skew = third / model**1.5 * np.sqrt(spread / model)
    strength = float(by_person.sum() / np.sqrt(spread))
    return strength, tail(strength, float(skew))


def tail(strength: float, skew: float) -> float:
    """The chance of as much or more, of a sum with mean 0, deviation 1 and a skewness (Pearson's type III).

    >>> round(tail(2.0, 0.0), 4), round(tail(2.0, 0.5), 4)
    (0.0228, 0.0344)
    """
    from scipy.special import gammaincc, ndtr

    # With a tail that is short on this side the normal one errs on the safe side.
    if skew < _STRAIGHT:
        return float(ndtr(-strength))
    shape = 4.0 / skew**2
    return float(gammaincc(shape, max(shape + strength * np.sqrt(shape), 0.0)))


def _spread(person: Integers, mine: Flags, came: Floats) -> float:
    """Standard error of the difference of two rates, with rows of one person taken together."""
    weight = np.where(mine, 1.0 / mine.sum(), -1.0 / (~mine).sum())
    off = weight * (came - np.where(mine, came[mine].mean(), came[~mine].mean()))
    return float(np.sqrt((np.bincount(person, off) ** 2).sum()))


def _different(person: Integers) -> int:
    return int(np.count_nonzero(np.bincount(person))) if len(person) else 0
