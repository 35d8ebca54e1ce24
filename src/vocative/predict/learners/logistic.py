"""Linear models with a ridge: numbers made comparable, logistic regression by Newton's method, least squares.

Skewed numbers enter by the logarithm of one plus their size (with their sign); a number that is missing enters as the
average, with a flag of its own where that is common. The ridge leaves the intercept alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vocative.predict.history.event_history import Floats

_SKEWED = 2.0
_OFTEN_MISSING = 0.02
_STEPS = 30
_SMALL = 1e-9


@dataclass(frozen=True, slots=True)
class Encoding:
    """How named numbers become columns: which are logged, their mean and scale, and which get a flag when missing."""

    names: tuple[str, ...]
    logged: tuple[bool, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    flagged: tuple[str, ...]

    def columns(self, names: tuple[str, ...], values: Floats) -> Floats:
        """The design of rows of named numbers: ones, the numbers, the flags."""
        place = {name: number for number, name in enumerate(names)}
        raw = values[:, [place[name] for name in self.names]]
        flags = np.isnan(values[:, [place[name] for name in self.flagged]]).astype(np.float64)
        logged = np.array(self.logged, bool)
        raw[:, logged] = signed_log(raw[:, logged])
        numbers = (raw - np.array(self.mean)) / np.array(self.scale)
        # What is far outside anything learnt from is drawn to its edge.
        numbers = np.clip(np.nan_to_num(numbers, nan=0.0), -6.0, 6.0)
        return np.hstack([np.ones((len(values), 1)), numbers, flags])

    def labels(self) -> tuple[str, ...]:
        """What each column of the design but the first speaks of."""
        return (*self.names, *self.flagged)


def signed_log(values: Floats) -> Floats:
    """Logarithm of one plus the size, with the sign."""
    return np.sign(values) * np.log1p(np.abs(values))


def learn_encoding(names: tuple[str, ...], values: Floats) -> Encoding:
    """Choose the encoding of named numbers (rows × names, NaN for none); what never varies is left out."""
    missing = np.isnan(values).mean(axis=0) if len(values) else np.ones(len(names))
    kept, logged, means, scales, flagged = [], [], [], [], []
    for place, name in enumerate(names):
        found = values[:, place]
        found = found[~np.isnan(found)]
        if not len(found):
            continue
        skewed = bool(np.abs(found).max() > _SKEWED)
        found = signed_log(found) if skewed else found
        scale = float(found.std())
        if scale > _SMALL:
            kept.append(name)
            logged.append(skewed)
            means.append(round(float(found.mean()), 9))
            scales.append(round(max(scale, _SMALL), 9))
        if _OFTEN_MISSING <= missing[place] <= 1.0 - _OFTEN_MISSING:
            flagged.append(name)
    return Encoding(tuple(kept), tuple(logged), tuple(means), tuple(scales), tuple(flagged))


def logistic(design: Floats, happened: Floats, ridge: float, start: Floats | None = None) -> tuple[Floats, Floats]:
    """Weights of a logistic regression with a ridge, and their covariance at the optimum.

    Args:
        design: Rows × columns, the first of ones.
        happened: 0 or 1 of each row.
        ridge: Strength of the pull of every weight but the first towards 0, in observations.
        start: Weights to start from.
    """
    from scipy.special import expit

    penalty = np.full(design.shape[1], ridge)
    penalty[0] = _SMALL
    weights: Floats = np.zeros(design.shape[1])
    rate = (happened.sum() + 0.5) / (len(happened) + 1.0)
    weights[0] = np.log(rate / (1.0 - rate))
    weights = weights if start is None else start
    loss = _penalised(design, happened, weights, penalty)
    curve = _curvature(design, weights, penalty)
    for _ in range(_STEPS):
        slope = design.T @ (happened - expit(design @ weights)) - penalty * weights
        step = np.asarray(np.linalg.solve(curve, slope), np.float64)
        size = 1.0
        while (lost := _penalised(design, happened, weights + size * step, penalty)) > loss and size > 1e-4:
            size /= 2.0
        weights = weights + size * step
        curve = _curvature(design, weights, penalty)
        if loss - lost < 1e-6 * max(1.0, abs(loss)):
            break
        loss = lost
    return weights, np.asarray(np.linalg.inv(curve), np.float64)


def least_squares(design: Floats, target: Floats, ridge: float) -> Floats:
    """Weights of a least-squares regression with a ridge on all but the first."""
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = _SMALL
    return np.asarray(np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ target), np.float64)


def log_loss(probability: Floats, happened: Floats) -> Floats:
    """Surprise of each row in nats; a probability is kept away from 0 and 1 by a millionth."""
    safe = np.clip(probability, 1e-6, 1.0 - 1e-6)
    loss: Floats = -(happened * np.log(safe) + (1.0 - happened) * np.log(1.0 - safe))
    return loss


def packed(encoding: Encoding) -> dict[str, Any]:
    """An encoding as plain lists."""
    return {
        "names": list(encoding.names),
        "logged": list(encoding.logged),
        "mean": list(encoding.mean),
        "scale": list(encoding.scale),
        "flagged": list(encoding.flagged),
    }


def unpacked(content: dict[str, Any]) -> Encoding:
    """The encoding in plain lists."""
    return Encoding(**{name: tuple(values) for name, values in content.items()})


def rounded(values: Floats) -> list[Any]:
    """Numbers as plain lists with nine digits, the same on every machine."""
    found = np.array([float(f"{value:.9g}") for value in values.ravel()]).reshape(values.shape)
    return list(found.tolist())


def _penalised(design: Floats, happened: Floats, weights: Floats, penalty: Floats) -> float:
    score = design @ weights
    return float(np.logaddexp(0.0, score).sum() - happened @ score + 0.5 * (penalty * weights**2).sum())


def _curvature(design: Floats, weights: Floats, penalty: Floats) -> Floats:
    from scipy.special import expit

    chance = expit(design @ weights)
    # A matrix times its own transpose is symmetric, and numpy works out one half only.
    halves = design * np.sqrt(chance * (1.0 - chance))[:, None]
    found: Floats = halves.T @ halves + np.diag(penalty)
    return found
