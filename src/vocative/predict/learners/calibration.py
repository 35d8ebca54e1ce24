"""Turning log odds into probabilities that keep what they promise, fitted where the outcome was not learnt from.

Platt's line is always there; where there is enough data, beta calibration (Kull, Silva Filho and Flach, 2017, "Beta
calibration") and isotonic regression compete with it, and win only if they do better on people they were not fitted
to. All are pulled towards no change as by some observations, so few data hardly move anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from vocative.predict.history.event_history import Floats
from vocative.predict.learners.logistic import log_loss

Calibration: TypeAlias = dict[str, Any]
"""Numbers by which log odds are put right; JSON."""

_Form: TypeAlias = Callable[[Floats, Floats, float], Calibration]

NEUTRAL: Calibration = {"kind": "platt", "shift": 0.0, "slope": 1.0}
"""No change."""

PULL = 20.0
"""Of calibrations, in observations, where nothing speaks for another."""
_BETA_FROM = 2_000
_ISOTONIC_FROM = 20_000
_FOLDS = 5
_KNOTS = 50
_EDGE = 1e-6
_LEAST_SLOPE = 0.05
# What a finer form has to gain a row before the plainer one is left, in nats.
_GAIN = 2e-4


def calibrate(score: Floats, came: Floats, pull: float = PULL) -> Calibration:
    """The calibration of log odds by what happened.

    Args:
        score: Log odds foreseen.
        came: 0 or 1.
        pull: How strongly no change is preferred, in observations.
    """
    rarer = min(float(came.sum()), float(len(came) - came.sum()))
    forms: list[_Form] = [_platt]
    if rarer >= _BETA_FROM / 10 and len(came) >= _BETA_FROM:
        forms.append(_beta)
    if rarer >= _ISOTONIC_FROM / 20 and len(came) >= _ISOTONIC_FROM:
        forms.append(_isotonic)
    best: _Form = _platt
    least = np.inf
    for form in forms if len(forms) > 1 else ():
        if (loss := _across(form, score, came, pull)) < least - _GAIN:
            best, least = form, loss
    return best(score, came, pull)


def calibrated(score: Floats, by: Calibration) -> Floats:
    """Log odds put right; they never fall as the score rises."""
    if by["kind"] == "platt":
        return np.asarray(by["shift"] + by["slope"] * score, np.float64)
    if by["kind"] == "beta":
        return np.asarray(_beta_columns(score) @ np.array([by["shift"], by["up"], by["down"]]), np.float64)
    return np.asarray(np.interp(score, by["score"], by["odds"]), np.float64)


def slope_at(score: Floats, by: Calibration) -> Floats:
    """How much the log odds that were put right change with the score: what is added to one is added to the other."""
    step = 0.05
    return (calibrated(score + step, by) - calibrated(score - step, by)) / (2.0 * step)


def shift(score: Floats, came: Floats) -> float:
    """What has to be added to log odds so that as many are foreseen as came, pulled towards nothing."""
    from scipy.special import expit

    found = 0.0
    for _ in range(25):
        chance = expit(score + found)
        step = float((came - chance).sum() - found) / float((chance * (1.0 - chance)).sum() + 1.0)
        found += float(np.clip(step, -2.0, 2.0))
        if abs(step) < 1e-9:
            break
    return found


def _across(form: _Form, score: Floats, came: Floats, pull: float) -> float:
    """Mean log loss on rows that the form was not fitted to."""
    from scipy.special import expit

    fold = np.arange(len(came)) % _FOLDS
    lost = 0.0
    for mine in range(_FOLDS):
        out = fold == mine
        by = form(score[~out], came[~out], pull)
        lost += float(log_loss(expit(calibrated(score[out], by)), came[out]).sum())
    return lost / len(came)


def _platt(score: Floats, came: Floats, pull: float) -> Calibration:
    """Platt (1999): a shift and a slope."""
    shift, slope = pulled(np.stack([np.ones(len(score)), score], axis=1), came, np.array([0.0, 1.0]), pull)
    return {"kind": "platt", "shift": round(float(shift), 9), "slope": round(max(float(slope), _LEAST_SLOPE), 9)}


def _beta(score: Floats, came: Floats, pull: float) -> Calibration:
    """A shift, and a slope for each end: probabilities near 0 and near 1 may be off in different ways."""
    shift, up, down = pulled(_beta_columns(score), came, np.array([0.0, 1.0, 1.0]), pull)
    if min(up, down) < _LEAST_SLOPE:
        return _platt(score, came, pull)
    return {"kind": "beta", "shift": round(float(shift), 9), "up": round(float(up), 9), "down": round(float(down), 9)}


def _beta_columns(score: Floats) -> Floats:
    """Ones, log p, and −log(1 − p): with both slopes 1 their sum is the score."""
    return np.stack([np.ones(len(score)), -np.logaddexp(0.0, -score), np.logaddexp(0.0, score)], axis=1)


def _isotonic(score: Floats, came: Floats, pull: float) -> Calibration:
    """Steps that never fall, each with some observations of no change mixed in, joined by lines."""
    from scipy.optimize import isotonic_regression
    from scipy.special import expit, logit

    order = np.argsort(score, kind="stable")
    parts = np.array_split(order, _KNOTS)
    middle = np.array([score[part].mean() for part in parts])
    size = np.array([len(part) for part in parts], np.float64)
    seen = np.array([came[part].sum() for part in parts])
    rate = (seen + pull / _KNOTS * expit(middle)) / (size + pull / _KNOTS)
    rising = np.asarray(isotonic_regression(rate, weights=size).x, np.float64)
    odds = logit(np.clip(rising, _EDGE, 1.0 - _EDGE))
    middle = np.maximum.accumulate(middle + 1e-9 * np.arange(len(middle)))
    return {
        "kind": "isotonic",
        "score": [round(float(one), 9) for one in middle],
        "odds": [round(float(one), 9) for one in odds],
    }


def pulled(columns: Floats, came: Floats, towards: Floats, pull: float) -> Floats:
    """Weights of a logistic regression pulled towards given ones, as by `pull` squared units of each column."""
    from scipy.special import expit

    weights = towards.astype(np.float64).copy()
    for _ in range(25):
        chance = expit(columns @ weights)
        slopes = columns.T @ (came - chance) - pull * (weights - towards)
        curve = (columns.T * (chance * (1.0 - chance))) @ columns + pull * np.eye(len(weights))
        step = np.linalg.solve(curve, slopes)
        weights = weights + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-8:
            break
    return np.asarray(weights, np.float64)
