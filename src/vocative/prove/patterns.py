"""Proving patterns on the past: what goes with what beyond recency and frequency, corrected for all that is looked at.

Every single condition is tested for every goal, on all people, and corrected for all these tests. Pairs of conditions
are far too many for that: they are searched for on half of the people at older moments, and the few strongest are
tested on the other half and corrected for their number. What is told has to hold at the newer moments alone, too.

The test is a score test: does adding the pattern to a logistic regression on recency and frequency improve it? Rows of
one person are summed before they are squared, since they are not independent (Liang and Zeger, *Biometrika* 73, 1986);
the tail is that of a gamma distribution of the same skewness, since what is rare is not normal (Hall, *JRSS B* 54,
1992). Over all tests the chance of a single false pattern is held below 2.5 % (Holm, *Scandinavian Journal of
Statistics* 6, 1979). Intervals are widened for the selection (Benjamini and Yekutieli, *JASA* 100, 2005).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincc, ndtr, ndtri

from vocative.predict.module import LEAST_HISTORY_DAYS
from vocative.predict.past import DAY_US, Flags, Floats, Integers, Past
from vocative.predict.patterns import (
    MOST_SHARE,
    Candidate,
    Trial,
    implied,
    kin_of,
    members,
    overlap,
    search,
    trial_of,
    worth_telling,
)
from vocative.predict.patterns_clauses import Measured, holds, learn_clauses
from vocative.predict.patterns_goals import ANSWERS, asked_about, came_true, goals, standing
from vocative.records.patterns import Clause, Goal, Pattern, Patterns

LEVEL = 0.025
"""The chance that, where there is nothing to find, anything is told at all."""
NEWER_LEVEL = 0.05
"""What is told has to hold at the newer moments alone by this chance."""
MOST = 10
"""Patterns that are told at most."""
MOMENTS = 6
"""Moments of the past that are looked at, `proving.step_days` apart."""

_INTERVAL = 0.05
_MOST_PEOPLE = 10_000
_STRATA = 10
_STRAIGHT = 1e-3
_TINY = 1e-9
_ALIKE = 0.5
_LEAST_CAME = 5
_FEWEST_MOMENTS = 2
_MOST_OF_KIN = 2
TOPICS: Mapping[str, str] = {
    **dict.fromkeys(ANSWERS, "messages"),
    "redeem": "offers",
    "return": "returns",
}
"""What people do → what features are about that restate it."""
MAIN_TOPICS: Mapping[str, str] = {"purchase": "buying", "use": "using", "view": "looking"}
"""Role of the act that matters → what features are about that restate it."""


@dataclass(frozen=True, slots=True)
class Tested:
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


def find_patterns(
    past: Past,
    measured: Sequence[Measured],
    tastes: Sequence[str],
    main_topic: str,
    random: np.random.Generator,
) -> Patterns:
    """Search the past for patterns and prove them.

    Args:
        past: All that is known at `past.now`.
        measured: Features that have words.
        tastes: Categories that may be named of people.
        main_topic: What features restate the act that matters (`buying`, `using`, `looking`).
        random: Draws the half of the people that is searched.
    """
    step = past.settings.proving.step_days
    moments = [past.now - round(step * place * DAY_US) for place in range(1, MOMENTS + 1)]
    moments = [one for one in moments if one - past.first >= LEAST_HISTORY_DAYS * DAY_US]
    if why := _missing(past, moments):
        return Patterns(moment=past.now, why=why)
    clauses = learn_clauses(past, moments[-1], measured, tastes)
    desk = _Desk(past, clauses, {one: holds(past, one, clauses, past.features(one).who) for one in moments})
    order, kin = random.permutation(len(past.people))[:_MOST_PEOPLE], kin_of(clauses)
    half = np.isin(np.arange(len(past.people)), order[: len(order) // 2])
    rest = np.isin(np.arange(len(past.people)), order[len(order) // 2 :])
    least = past.settings.segmenting.minimum_size
    topics = {one.name: one.about for one in measured}
    singles: list[Tested] = []
    pairs: list[Tested] = []
    looked_at, people = 0, 0
    for goal in goals(past):
        older, newer = split(moments, goal.days, past.now)
        if not older:
            continue
        usable = np.array([topics.get(one.name) not in (main_topic, TOPICS.get(goal.deed, "")) for one in clauses])
        whole, late = (Proof.of(desk.trial(goal, span, half | rest)) for span in (newer + older, newer))
        alone = [Candidate(goal, (int(place),)) for place in np.flatnonzero(usable)]
        singles += [test(whole, late, one, least) for one in alone]
        found, count = search(desk.trial(goal, older, half), usable, kin, least * len(older))
        if found:
            others = [Proof.of(desk.trial(goal, span, rest)) for span in (newer + older, newer)]
            pairs += [test(others[0], others[1], one, least) for one in found]
        looked_at += len(alone) + count
        people = max(people, len(np.unique(whole.trial.who)))
    today = holds(past, past.now, clauses, past.features(past.now).who)
    tested = [one for one in singles if one.enough] + pairs
    shown = chosen(singles, pairs, today, kin)
    return Patterns(
        moment=past.now,
        found=list(_told(shown, len(tested), clauses, today)),
        looked_at=looked_at,
        tested=len(tested),
        people=people,
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """What trials are made of, read once."""

    past: Past
    clauses: Sequence[Clause]
    met: Mapping[int, Flags]
    """Moment → of whom each clause holds, in the order of the feature rows."""

    def trial(self, goal: Goal, moments: Sequence[int], among: Flags) -> Trial:
        """Rows of one goal at some moments, of the people among whom is looked."""
        who, met, came, stood = [], [], [], []
        for moment in moments:
            rows = asked_about(self.past, moment, goal)
            rows = rows[among[rows]]
            who.append(rows)
            met.append(self.met[moment][np.searchsorted(self.past.features(moment).who, rows)])
            came.append(came_true(self.past, moment, goal, rows))
            stood.append(standing(self.past, moment, goal, rows))
        return trial_of(goal, np.concatenate(who), np.vstack(met), np.concatenate(came), stood)


def split(moments: Sequence[int], days: int, now: int) -> tuple[list[int], list[int]]:
    """Older moments to search at and newer ones to test at; what follows the older is over before the newer begin.

    Args:
        moments: The newest first, µs UTC.
        days: How far ahead is looked.
        now: By when everything has to have happened.
    """
    span = days * DAY_US
    complete = [moment for moment in moments if moment + span <= now]
    for most in range(len(complete) // 2, 0, -1):
        newer = complete[:most]
        older = [moment for moment in complete[most:] if moment + span <= newer[-1]]
        if older:
            return older, newer
    return [], []


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


def test(whole: Proof, late: Proof, candidate: Candidate, least: int) -> Tested:
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
        return Tested(candidate=candidate, people=inside)
    rate, others = float(came[mine].mean()), float(came[~mine].mean())
    strength, p = _score(whole, mine)
    if p > LEVEL or rate <= others:
        return Tested(candidate=candidate, people=inside, strength=strength, p=p, enough=True)
    alike = _alike(whole, mine)
    single = max(_over(trial, members(trial.holds, [part])) for part in candidate.parts)
    adds = len(candidate.parts) == 1 or _over(trial, mine) > single
    return Tested(
        candidate=candidate,
        people=inside,
        rate=rate,
        others=others,
        spread=_spread(whole.person, mine, came),
        alike=alike,
        strength=strength,
        p=p,
        enough=True,
        worth=adds and worth_telling(rate, alike) and _score(late, recent)[1] <= NEWER_LEVEL,
    )


def holm(chances: Sequence[float]) -> Floats:
    """Chances of error of each test, corrected for all of them (Holm).

    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    raw = np.asarray(chances, np.float64)
    order = np.argsort(raw, kind="stable")
    stepped = np.maximum.accumulate(raw[order] * np.arange(len(raw), 0, -1))
    found = np.empty(len(raw))
    found[order] = np.minimum(stepped, 1.0)
    return found


def chosen(
    singles: Sequence[Tested], pairs: Sequence[Tested], today: Flags, kin: Integers
) -> list[tuple[Tested, float]]:
    """Those that are proven, worth telling and different from each other, the surest first, with corrected chances.

    Half of the allowed error goes to single conditions, half to pairs.
    """
    tried = [
        (one, 2.0 * float(p))
        for group in ([one for one in singles if one.enough], pairs)
        for one, p in zip(group, holm([one.p for one in group]), strict=True)
    ]
    proven = [(one, p) for one, p in tried if one.worth and p <= LEVEL]
    kept: list[tuple[Tested, float]] = []
    for one, p in sorted(proven, key=lambda found: (found[1], -found[0].strength)):
        if not any(_repeats(one, other, today, kin) for other, _ in kept) and _fresh(one, kept, kin):
            kept.append((one, p))
    return kept[:MOST]


def _missing(past: Past, moments: Sequence[int]) -> str:
    if past.main < 0:
        return "no event has the role purchase, use or view: name the events in `[events]`"
    step = past.settings.proving.step_days
    if len(moments) < _FEWEST_MOMENTS:
        have, need = (past.now - past.first) / DAY_US, step * _FEWEST_MOMENTS + LEAST_HISTORY_DAYS
        return f"{have:.0f} days of history; {need:.0f} are needed to look for patterns and to prove them"
    least = 4 * past.settings.segmenting.minimum_size
    if (people := len(past.features(moments[-1]).who)) < least:
        ago = step * len(moments)
        return f"{people:,} people had a profile {ago} days ago; {least:,} are needed to look for patterns"
    return ""


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


def _score(proof: Proof, mine: Flags) -> tuple[float, float]:
    """How far the pattern is above what recency and frequency expect: in standard deviations, and its chance."""
    trial, weight = proof.trial, proof.weight
    rest = mine - trial.design @ (proof.inverse @ (trial.design.T @ (weight * mine)))
    score = np.bincount(proof.person, rest * (trial.came - trial.chance))
    model = max(float((weight * rest**2).sum()), _TINY)
    spread = max(float((score**2).sum()), model)
    third = float((weight * (1.0 - 2.0 * trial.chance) * rest**3).sum())
    # Rows of one person count for less than as many people would, which makes the tail longer as well.
    skew = third / model**1.5 * np.sqrt(spread / model)
    strength = float(score.sum() / np.sqrt(spread))
    return strength, tail(strength, float(skew))


def tail(strength: float, skew: float) -> float:
    """The chance of as much or more, of a sum with mean 0, deviation 1 and a skewness (Pearson's type III).

    >>> round(tail(2.0, 0.0), 4), round(tail(2.0, 0.5), 4)
    (0.0228, 0.0342)
    """
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


def _family(goal: Goal) -> str:
    return "acting" if goal.deed in ("act", "away", "more") else f"{TOPICS[goal.deed]}:{goal.channel}"


def _repeats(one: Tested, other: Tested, today: Flags, kin: Integers) -> bool:
    """Whether one says nearly what another says: about much the same people, or the same and more besides."""
    first, second = one.candidate, other.candidate
    if _family(first.goal) != _family(second.goal):
        return False
    if {int(kin[part]) for part in first.parts} == {int(kin[part]) for part in second.parts}:
        return True
    nested = implied(first.parts, second.parts) or implied(second.parts, first.parts)
    return nested or overlap(members(today, first.parts), members(today, second.parts)) >= _ALIKE


def _fresh(one: Tested, kept: Sequence[tuple[Tested, float]], kin: Integers) -> bool:
    """Whether none of its conditions has been told too often already."""
    told = [int(kin[part]) for other, _ in kept for part in other.candidate.parts]
    return all(told.count(int(kin[part])) < _MOST_OF_KIN for part in one.candidate.parts)


def _told(
    shown: Sequence[tuple[Tested, float]], tested: int, clauses: Sequence[Clause], today: Flags
) -> Iterator[Pattern]:
    far = -float(ndtri(_INTERVAL * len(shown) / max(tested, 1) / 2.0)) if shown else 0.0
    for one, p in shown:
        more, spread = one.rate - one.others, far * one.spread
        yield Pattern(
            clauses=[clauses[part] for part in one.candidate.parts],
            goal=one.candidate.goal,
            people=one.people,
            rate=one.rate,
            others=one.others,
            low=more - spread,
            high=more + spread,
            alike=one.alike,
            p=p,
            today=int(members(today, one.candidate.parts).sum()),
        )
