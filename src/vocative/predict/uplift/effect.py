"""The effect of a treatment on each person: four ways to learn it, one is chosen, and it is trusted as far as it holds.

Every way predicts the effect on people it has not learnt from (cross-fitting). The simplest is taken unless a later one
comes closer to the unbiased guesses of the effects by more than noise. What it tells about differences between people
is then drawn towards the mean effect: by the slope with which those guesses follow it, less what the slope may owe to
chance; a slope that is not told from 0 leaves everybody with the mean effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from vocative.predict.history.event_history import Floats, Integers
from vocative.predict.learners.logistic import rounded
from vocative.predict.learners.trees import Trees
from vocative.predict.uplift import dr_learner, forest, s_learner, t_learner, x_learner
from vocative.predict.uplift.evidence import LeastSquaresSums, sums_of
from vocative.predict.uplift.outcomes import ArmRows
from vocative.predict.uplift.trial import FOLDS, Randomised

EDGE = 1.645
"""Half the width of a 90 % interval, in standard errors."""
_CLEARLY = 1.645
QUANTILES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """People with about the same predicted effect: the mean predicted, and the mean found among people left out."""

    predicted: float
    found: float
    error: float
    """Standard error of `found`."""
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntEffect:
    """What was learnt about the effect of one treatment against none.

    Attributes:
        way: `s`, `t`, `x`, `dr` or `trees`.
        mean: The mean effect, doubly robust, and its standard error `error`.
        slope: How far differences between people are believed, 0 … 1; `steep` is what was found, `steep_error` its
            standard error.
        centre: Mean of what the way itself foresees among the people learnt from.
        quantiles: By predicted effect, the lowest first.
        gains: Way → how much closer it comes to the guesses than the mean effect does, and the standard error.
    """

    way: str
    mean: float
    error: float
    slope: float
    steep: float
    steep_error: float
    centre: float
    people: int
    quantiles: list[Quantile]
    gains: dict[str, tuple[float, float]]
    learnt: dict[str, Any]
    certainty: dict[str, Any]

    def on(self, design: Floats) -> tuple[Floats, Floats]:
        """The effect on each row, and the standard error of it."""
        raw = _apply(self.way, self.learnt, design)
        apart = raw - self.centre
        # Differences that are not believed are not denied either: they widen the interval.
        return self.mean + self.slope * apart, np.hypot(_errors(self, design), (1.0 - self.slope) * apart)


def learn_effect(trial: Randomised, random: np.random.Generator, *, trees: bool = False) -> LearntEffect:
    """Learn the effect of a treatment.

    Args:
        trial: Whom it was given by lot.
        random: Draws the folds.
        trees: Whether boosted trees are tried too; they find what is not linear, and take some ten times longer.
    """
    # People by lot, so that a part of the rows is a fold and need not be copied.
    trial = trial.where(random.permutation(len(trial)))
    edges = np.linspace(0, len(trial), FOLDS + 1).astype(np.int64)
    parts = [slice(int(first), int(last)) for first, last in pairwise(edges)]
    fold = np.repeat(np.arange(FOLDS), np.diff(edges))
    whole = {"s": s_learner.learn(trial), "t": t_learner.learn(trial)}
    seen, scores = _left_out(trial, parts, whole, trees=trees)
    mean, error = float(scores.mean()), float(scores.std() / np.sqrt(len(scores)))
    centred = {way: _centred(found, fold) for way, found in seen.items()}
    gains = {way: _gain(found, scores - mean) for way, found in centred.items()}
    way = _simplest(centred, scores - mean)
    steep, steep_error = _slope(centred[way], scores - mean)
    slope = 0.0 if steep <= 0 else min(1.0, steep) * max(0.0, 1.0 - (steep_error / steep) ** 2)
    learnt, certainty = _final(way, trial, whole, scores)
    return LearntEffect(
        way=way,
        mean=mean,
        error=error,
        slope=slope,
        steep=steep,
        steep_error=steep_error,
        centre=float(_apply(way, learnt, trial.design).mean()),
        people=len(trial),
        quantiles=quantiles(mean + slope * centred[way], scores),
        gains=gains,
        learnt=learnt,
        certainty=certainty,
    )


def quantiles(predicted: Floats, scores: Floats, count: int = QUANTILES) -> list[Quantile]:
    """Predicted effects beside unbiased guesses, in groups of about equally many people, the lowest first."""
    order = np.argsort(predicted, kind="stable")
    return [
        Quantile(
            predicted=float(predicted[mine].mean()),
            found=float(scores[mine].mean()),
            error=float(scores[mine].std() / np.sqrt(len(mine))),
            people=len(mine),
        )
        for mine in np.array_split(order, count)
        if len(mine) > 1
    ]


def _left_out(
    trial: Randomised, parts: Sequence[slice], whole: dict[str, ArmRows], *, trees: bool
) -> tuple[dict[str, Floats], Floats]:
    """Of each way the effects on people it has not learnt from; and the unbiased guesses."""
    people, design = len(trial), trial.design
    with_it, without = np.zeros(people), np.zeros(people)
    seen = {way: np.zeros(people) for way in ("s", "t", "x", "dr", *(["trees"] if trees else []))}
    grams = [_grams(trial, part) for part in parts]
    s_ways = s_learner.learn_without(trial, parts, whole["s"])
    t_ways = t_learner.learn_without(trial, parts, whole["t"])
    for part, s, t in zip(parts, s_ways, t_ways, strict=True):
        with_it[part], without[part] = s.outcomes(design[part])
        seen["s"][part] = with_it[part] - without[part]
        seen["t"][part] = s_learner.effect(t, design[part])
        seen["x"][part] = design[part] @ _crossed(trial, t, grams, part)
    scores = trial.scores(with_it, without)
    sums = [sums_of(design[part], scores[part], one + other) for part, (one, other) in zip(parts, grams, strict=True)]
    everybody = sums_of(design, scores, _total([one.gram for one in sums]))
    for part, mine in zip(parts, sums, strict=True):
        # Guesses of the others rest on outcomes of these too, but the chance of the treatment is known: the weight of
        # what was expected has mean 0, so nothing of it is learnt.
        seen["dr"][part] = design[part] @ dr_learner.learn(everybody.less(mine)).weights
        if trees:
            others = np.ones(people, bool)
            others[part] = False
            seen["trees"][part] = forest.learn(design[others], scores[others]).score(design[part])
    return seen, scores


def _grams(trial: Randomised, part: slice) -> tuple[Floats, Floats]:
    """Gram matrices of the treated and of the others of a part."""
    design, mine = trial.design[part], trial.treated[part]
    one = design[mine]
    treated = one.T @ one
    return treated, design.T @ design - treated


def _crossed(
    trial: Randomised, expected: ArmRows, grams: Sequence[tuple[Floats, Floats]], left_out: slice | None
) -> Floats:
    """Weights of the X-learner, from all people but those who are left out."""
    with_it, without = expected.outcomes(trial.design)
    counted = np.ones(len(trial), bool)
    if left_out is not None:
        counted[left_out] = False
    sums = []
    for place, target in enumerate((trial.outcome - without, with_it - trial.outcome)):
        mine = counted & (trial.treated if place == 0 else ~trial.treated)
        gram = _total([one[place] for one in grams])
        if left_out is not None:
            gram = gram - _grams(trial, left_out)[place]
        values = np.where(mine, target, 0.0)
        sums.append(LeastSquaresSums(gram, trial.design.T @ values, float(values @ values), int(mine.sum())))
    return x_learner.learn(sums[0], sums[1], float(trial.chance[counted].mean()))


def _total(matrices: Sequence[Floats]) -> Floats:
    return np.asarray(np.sum(matrices, axis=0), np.float64)


def _centred(found: Floats, fold: Integers) -> Floats:
    """Effects less the mean of their fold: the level of a fold is an estimate of its own."""
    means = np.bincount(fold, found) / np.bincount(fold)
    return np.asarray(found - means[fold], np.float64)


def _gain(found: Floats, off: Floats) -> tuple[float, float]:
    won = off**2 - (off - found) ** 2
    return float(won.mean()), float(won.std() / np.sqrt(len(won)))


def _simplest(centred: dict[str, Floats], off: Floats) -> str:
    """The first way, unless a later one is closer to the guesses by more than noise."""
    chosen = next(iter(centred))
    for way, found in centred.items():
        won = (off - centred[chosen]) ** 2 - (off - found) ** 2
        if won.mean() > _CLEARLY * won.std() / np.sqrt(len(won)):
            chosen = way
    return chosen


def _slope(found: Floats, off: Floats) -> tuple[float, float]:
    """Slope of the guesses along the predicted effects, and its standard error (any noise)."""
    spread = float(found @ found)
    if spread <= 1e-18 * len(found):
        return 0.0, 1.0
    slope = float(found @ off) / spread
    return slope, float(np.sqrt(np.sum((found * (off - slope * found)) ** 2))) / spread


def _final(
    way: str, trial: Randomised, whole: dict[str, ArmRows], scores: Floats
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the chosen way learns from everybody, as plain numbers, and how sure it is."""
    line = dr_learner.learn(sums_of(trial.design, scores))
    certainty = {"covariance": rounded(line.covariance)}
    if way in whole:
        arms = whole[way]
        learnt = {"treated": rounded(arms.treated), "others": rounded(arms.others), "binary": arms.binary}
        return learnt, {"covariance": rounded(arms.covariance), "arms": True}
    if way == "x":
        grams = [_grams(trial, slice(0, len(trial)))]
        return {"weights": rounded(_crossed(trial, whole["t"], grams, None))}, certainty
    if way == "dr":
        return {"weights": rounded(line.weights)}, certainty
    return {"trees": forest.learn(trial.design, scores).text}, certainty


def _apply(way: str, learnt: dict[str, Any], design: Floats) -> Floats:
    if way in ("s", "t"):
        return s_learner.effect(_arms(learnt), design)
    if way == "trees":
        return Trees(learnt["trees"]).score(design)
    return np.asarray(design @ np.array(learnt["weights"]), np.float64)


def _arms(learnt: dict[str, Any]) -> ArmRows:
    return ArmRows(np.array(learnt["treated"]), np.array(learnt["others"]), learnt["binary"], 0.0)


def _errors(effect: LearntEffect, design: Floats) -> Floats:
    from scipy.special import expit

    covariance = np.array(effect.certainty["covariance"])
    if not effect.certainty.get("arms"):
        return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", design, covariance, design, optimize=True)), np.float64)
    arms = _arms(effect.learnt)
    with_it, without = design @ arms.treated, design @ arms.others
    if arms.binary:
        first, second = (expit(one) * expit(-one) for one in (with_it, without))
    else:
        first, second = np.ones(len(design)), np.ones(len(design))
    slopes = np.hstack([design * first[:, None], -design * second[:, None]])
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", slopes, covariance, slopes, optimize=True)), np.float64)
