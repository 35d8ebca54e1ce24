"""A first guess of what a person will want: a logistic regression on the plainest signs, from which trees start.

Where there is much to learn from, trees correct it; where there is little, it carries the ranking.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vocative.predict.history.event_history import Flags, Floats
from vocative.predict.history.person_items import Numbers
from vocative.predict.learners.logistic import logistic, rounded
from vocative.predict.predictor import Parameters

PLAIN = (
    "had_168d", "had_56d", "had_21d", "times", "days_since", "late", "popular_month", "had_again", "comes_back",
    "taken_up", "lasting", "ever", "share_56d", "different_month", "visits_56d", "category: liked",
)  # fmt: skip
_RIDGE = 10.0
_SMALL = 0.01
_EDGE = 6.0
_LEAST_SPREAD = 1e-6


def guess(names: Sequence[str], signs: Numbers, truth: Flags, one_in: Floats) -> Parameters:
    """What is learnt: mean, scale and weight of each column.

    Args:
        names: Names of the signs.
        signs: Rows × names.
        truth: Whether each row came true.
        one_in: For how many rows each row that did not come true stands.
    """
    raw = _columns(names, signs)
    mean, scale = raw.mean(axis=0), raw.std(axis=0)
    # A sign that is the same for all candidates says nothing.
    scale = np.where(scale > _LEAST_SPREAD, scale, 1.0)
    weights, _ = logistic(_design(raw, mean, scale), truth.astype(np.float64), _RIDGE)
    # Leaving out rows that did not come true shifts all log odds by the same amount, and nothing else.
    weights[0] -= float(np.log(one_in.mean()))
    return {"mean": rounded(mean), "scale": rounded(scale), "weights": rounded(weights)}


def guessed(content: Parameters, names: Sequence[str], signs: Numbers) -> Floats:
    """Log odds of rows by what was learnt."""
    design = _design(_columns(names, signs), np.array(content["mean"]), np.array(content["scale"]))
    return np.asarray(design @ np.array(content["weights"]), np.float64)


def _columns(names: Sequence[str], signs: Numbers) -> Floats:
    """The plain signs in logarithms, where they are missing 0; known things have columns of their own."""
    place = {name: number for number, name in enumerate(names)}
    missing = np.zeros(len(signs), np.float32)
    raw = np.stack([np.nan_to_num(signs[:, place[name]] if name in place else missing) for name in PLAIN], axis=1)
    raw = raw.astype(np.float64)
    known = raw[:, PLAIN.index("times")] > 0
    late = np.clip(np.log(raw[:, PLAIN.index("late")] + _SMALL), -3.0, 3.0)
    logs = np.sign(raw) * np.log(np.abs(raw) / _SMALL + 1.0)
    once = raw[:, PLAIN.index("times")] == 1
    activity = np.log1p(raw[:, PLAIN.index("visits_56d")])
    own = [known, np.where(known, late, 0.0), np.where(known, late**2, 0.0), once, known * activity]
    return np.hstack([logs, np.stack(own, axis=1)])


def _design(raw: Floats, mean: Floats, scale: Floats) -> Floats:
    return np.hstack([np.ones((len(raw), 1)), np.clip((raw - mean) / scale, -_EDGE, _EDGE)])
