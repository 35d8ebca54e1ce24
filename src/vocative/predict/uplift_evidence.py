"""How strongly weights are pulled towards 0: as strongly as the data itself speaks for it (its evidence).

The strength of a ridge is the precision of a normal prior on the weights. Strengths are weighed by how probable the
data is under each (MacKay, 1992, "Bayesian Interpolation"; for other likelihoods than the normal by Laplace's method).
So nothing is held back for choosing one, and it costs a few solutions of a small system.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.past import Flags, Floats

STRENGTHS: tuple[float, ...] = tuple(float(one) for one in np.geomspace(1e-3, 3.0, 13))
"""Strengths that are compared: 1 pulls a weight as strongly as the data holds it."""
FREE = 1e-3
"""The pull on weights that are left alone; it only keeps systems solvable."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """Weights and their covariance, over all strengths by how probable each is; `strength` is the most probable."""

    weights: Floats
    covariance: Floats
    strength: float


def best_pull(weights: Floats, slope: Floats, curve: Floats, held: Floats, pulled: Flags) -> Pulled:
    """Weights over all strengths of the pull, by a quadratic picture of the log likelihood.

    Args:
        weights: Where the picture was taken.
        slope: Derivative of the log likelihood there.
        curve: Its curvature there, as a positive matrix.
        held: Pull on weights whose pull is not chosen.
        pulled: Which weights share the pull that is chosen.
    """
    towards = slope + curve @ weights
    told, found, spread = [], [], []
    strengths = np.array(STRENGTHS) * float(np.mean(np.diag(curve)[pulled])) if pulled.any() else np.ones(1)
    for strength in strengths:
        whole = curve + np.diag(np.where(pulled, strength, held))
        inverse = np.linalg.inv(whole)
        found.append(inverse @ towards)
        spread.append(inverse)
        size = float(np.linalg.slogdet(whole)[1])
        told.append(0.5 * float(towards @ found[-1]) + 0.5 * (int(pulled.sum()) * np.log(strength) - size))
    chance = np.exp(np.array(told) - max(told))
    chance /= chance.sum()
    mean = np.asarray(chance @ np.array(found), np.float64)
    apart = np.array(found) - mean
    covariance = np.tensordot(chance, np.array(spread), 1) + (apart.T * chance) @ apart
    return Pulled(mean, np.asarray(covariance, np.float64), float(strengths[int(np.argmax(told))]))


def pulled_line(design: Floats, target: Floats) -> Pulled:
    """Least squares with all weights but the first pulled by the best strength; noise is of one size everywhere.

    Args:
        design: Rows × columns, the first of ones, the others of about mean 0 and variance 1.
        target: One number for each row.
    """
    scale = max(_noise(design, target), 1e-9)
    gram, cross = design.T @ design, design.T @ target / scale
    wide = design.shape[1]
    found = best_pull(np.zeros(wide), cross, gram, np.full(wide, FREE), np.arange(wide) > 0)
    return Pulled(found.weights * scale, found.covariance * scale**2, found.strength)


def _noise(design: Floats, target: Floats) -> float:
    """What columns do not tell of the target, as a standard deviation."""
    wide = design.shape[1]
    cross = design.T @ target
    free = np.linalg.solve(design.T @ design + np.diag(np.full(wide, FREE)), cross)
    left = float(target @ target - cross @ free)
    return float(np.sqrt(max(left, 0.0) / max(len(target) - wide, 1)))
