"""Intervals that hold: errors of the past, made comparable by their usual size at each level of the prediction.

Split conformal prediction with a learnt scale (Lei et al., 2018, "Distribution-Free Predictive Inference for
Regression"): the errors are those at the newest moment whose outcome is complete, of what was learnt before it.
"""

from __future__ import annotations

import numpy as np

from vocative.predict.history.event_history import Floats
from vocative.predict.learners.logistic import least_squares
from vocative.predict.predictor import Parameters

_TAIL = 0.05
_RIDGE = 1.0
_LEAST = 1e-6


def learn_interval(value: Floats, came: Floats, tail: float = _TAIL) -> Parameters:
    """What a 90 % interval needs to know.

    Args:
        value: What had been predicted, not negative.
        came: What then came.
        tail: Share of the errors that is cut off on either side.
    """
    if not len(value):
        return {"size": [0.0, 0.0, 0.0, _LEAST], "edges": [0.0, 0.0]}
    error = np.abs(came - value)
    size = least_squares(_levels(value), error, _RIDGE)
    least = max(float(np.quantile(error, 0.1)), _LEAST)
    content: Parameters = {"size": [*(float(f"{one:.9g}") for one in size), float(f"{least:.9g}")]}
    low, high = np.quantile((came - value) / _usual(content, value), (tail, 1.0 - tail))
    return {**content, "edges": [float(f"{min(low, 0.0):.9g}"), float(f"{max(high, 0.0):.9g}")]}


def interval(content: Parameters, value: Floats) -> tuple[Floats, Floats]:
    """The low and the high edge around predictions; none is below 0."""
    usual = _usual(content, value)
    low, high = content["edges"]
    return np.maximum(value + low * usual, 0.0), np.maximum(value + high * usual, 0.0)


def _levels(value: Floats) -> Floats:
    return np.stack([np.ones(len(value)), np.sqrt(value), value], axis=1)


def _usual(content: Parameters, value: Floats) -> Floats:
    """The usual size of an error at each level of the prediction, not below the least that was seen."""
    *size, least = content["size"]
    return np.asarray(np.maximum(_levels(value) @ np.array(size), least), np.float64)
