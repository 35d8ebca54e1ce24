"""The effect of a treatment on each person: four ways to learn it, one is chosen, and it is trusted as far as it holds.

Every way predicts the effect on people it has not learnt from (cross-fitting). The simplest is taken unless a later one
comes closer to the unbiased guesses of the effects by more than noise. What it tells about differences between people
is then drawn towards the mean effect: by the slope with which those guesses follow it, less what the slope may owe to
chance; a slope that is not told from 0 leaves everybody with the mean effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from vocative.predict import uplift_dr, uplift_s, uplift_t, uplift_trees, uplift_x
from vocative.predict.linear import rounded
from vocative.predict.past import Floats, Integers
from vocative.predict.trees import Trees
from vocative.predict.uplift_outcomes import Arms
from vocative.predict.uplift_trial import Randomised, folds

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
class Effect:
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


def learn_effect(trial: Randomised, random: np.random.Generator, *, trees: bool = False) -> Effect:
    """Learn the effect of a treatment.

    Args:
        trial: Whom it was given by lot.
        random: Draws the folds.
        trees: Whether boosted trees are tried too; they find what is not linear, and take some ten times longer.
    """
    fold = folds(len(trial), random)
    whole = {"s": uplift_s.learn(trial), "t": uplift_t.learn(trial)}
    seen, scores = _left_out(trial, fold, whole, trees=trees)
    mean, error = float(scores.mean()), float(scores.std() / np.sqrt(len(scores)))
    centred = {way: _centred(found, fold) for way, found in seen.items()}
    gains = {way: _gain(found, scores - mean) for way, found in centred.items()}
    way = _simplest(centred, scores - mean)
    steep, steep_error = _slope(centred[way], scores - mean)
    slope = 0.0 if steep <= 0 else min(1.0, steep) * max(0.0, 1.0 - (steep_error / steep) ** 2)
    learnt, certainty = _final(way, trial, whole, scores)
    return Effect(
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
    trial: Randomised, fold: Integers, whole: dict[str, Arms], *, trees: bool
) -> tuple[dict[str, Floats], Floats]:
    """Of each way the effects on people it has not learnt from; and the unbiased guesses."""
    people = len(trial)
    with_it, without = np.zeros(people), np.zeros(people)
    seen = {way: np.zeros(people) for way in ("s", "t", "x", "dr", *(["trees"] if trees else []))}
    for number in np.unique(fold):
        mine = fold == number
        others = trial.where(~mine)
        s, t = uplift_s.learn(others, whole["s"]), uplift_t.learn(others, whole["t"])
        with_it[mine], without[mine] = s.outcomes(trial.design[mine])
        seen["s"][mine] = with_it[mine] - without[mine]
        seen["t"][mine] = uplift_s.effect(t, trial.design[mine])
        seen["x"][mine] = trial.design[mine] @ uplift_x.learn(others, *t.outcomes(others.design))
    scores = trial.scores(with_it, without)
    for number in np.unique(fold):
        mine = fold == number
        # Guesses of the others rest on outcomes of these too, but the chance of the treatment is known: the weight of
        # what was expected has mean 0, so nothing of it is learnt.
        seen["dr"][mine] = trial.design[mine] @ uplift_dr.learn(trial.design[~mine], scores[~mine]).weights
        if trees:
            seen["trees"][mine] = uplift_trees.learn(trial.design[~mine], scores[~mine]).score(trial.design[mine])
    return seen, scores


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
    way: str, trial: Randomised, whole: dict[str, Arms], scores: Floats
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the chosen way learns from everybody, as plain numbers, and how sure it is."""
    line = uplift_dr.learn(trial.design, scores)
    certainty = {"covariance": rounded(line.covariance)}
    if way in whole:
        arms = whole[way]
        learnt = {"treated": rounded(arms.treated), "others": rounded(arms.others), "binary": arms.binary}
        return learnt, {"covariance": rounded(arms.covariance), "arms": True}
    if way == "x":
        return {"weights": rounded(uplift_x.learn(trial, *whole["t"].outcomes(trial.design)))}, certainty
    if way == "dr":
        return {"weights": rounded(line.weights)}, certainty
    return {"trees": uplift_trees.learn(trial.design, scores).text}, certainty


def _apply(way: str, learnt: dict[str, Any], design: Floats) -> Floats:
    if way in ("s", "t"):
        return uplift_s.effect(_arms(learnt), design)
    if way == "trees":
        return Trees(learnt["trees"]).score(design)
    return np.asarray(design @ np.array(learnt["weights"]), np.float64)


def _arms(learnt: dict[str, Any]) -> Arms:
    return Arms(np.array(learnt["treated"]), np.array(learnt["others"]), learnt["binary"], 0.0)


def _errors(effect: Effect, design: Floats) -> Floats:
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
