"""How strongly weights are pulled towards 0: as strongly as the data itself speaks for it (its evidence).

The strength of a ridge is the precision of a normal prior on the weights. Strengths are weighed by how probable the
data is under each (MacKay, 1992, "Bayesian Interpolation"; for other likelihoods than the normal by Laplace's method).
So nothing is held back for choosing one, and it costs a few solutions of a small system.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import Flags, Floats

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
    if not pulled.any():
        inverse = np.linalg.inv(curve + np.diag(held))
        return Pulled(np.asarray(inverse @ towards, np.float64), np.asarray(inverse, np.float64), 1.0)
    strengths = np.array(STRENGTHS) * float(np.mean(np.diag(curve)[pulled]))
    left, basis, curves, size = _split(curve, held, pulled)
    # In this basis every strength is a number that is added: one system is solved for all of them.
    along = basis.T @ towards
    shrunk = 1.0 / (curves + strengths[:, None])
    rest = towards @ left @ towards
    told = 0.5 * (rest + shrunk @ along**2) + 0.5 * (np.log(strengths[:, None] * shrunk).sum(axis=1) - size)
    chance = np.exp(told - told.max())
    chance /= chance.sum()
    found = left @ towards + (shrunk * along) @ basis.T
    mean = np.asarray(chance @ found, np.float64)
    apart = found - mean
    covariance = left + (basis * (chance @ shrunk)) @ basis.T + (apart.T * chance) @ apart
    return Pulled(mean, np.asarray(covariance, np.float64), float(strengths[int(np.argmax(told))]))


def _split(curve: Floats, held: Floats, pulled: Flags) -> tuple[Floats, Floats, Floats, float]:
    """What the inverse of the curvature with a pull of any strength is made of.

    It is `left` + `basis` · diag(1 / (`curves` + strength)) · `basis`ᵀ, by the inverse of a block matrix and the
    eigenvectors of its Schur complement.

    Returns:
        `left`, `basis`, `curves`, and the logarithm of the determinant of the block of weights that are not pulled.
    """
    free, wide = ~pulled, len(curve)
    own = curve[np.ix_(free, free)] + np.diag(held[free])
    across = np.linalg.solve(own, curve[np.ix_(free, pulled)])
    curves, vectors = np.linalg.eigh(curve[np.ix_(pulled, pulled)] - curve[np.ix_(pulled, free)] @ across)
    left, basis = np.zeros((wide, wide)), np.zeros((wide, int(pulled.sum())))
    left[np.ix_(free, free)] = np.linalg.inv(own)
    basis[free], basis[pulled] = -across @ vectors, vectors
    return left, basis, np.asarray(np.maximum(curves, 0.0), np.float64), float(np.linalg.slogdet(own)[1])


@dataclass(frozen=True, slots=True)
class LeastSquaresSums:
    """What least squares needs of rows; sums of different rows add up."""

    gram: Floats
    cross: Floats
    square: float
    count: int

    def less(self, other: LeastSquaresSums) -> LeastSquaresSums:
        """The sums without those of some of the rows."""
        return LeastSquaresSums(
            self.gram - other.gram, self.cross - other.cross, self.square - other.square, self.count - other.count
        )


def sums_of(design: Floats, target: Floats, gram: Floats | None = None) -> LeastSquaresSums:
    """The sums of rows; `gram` is that of the design where it is known already."""
    known = design.T @ design if gram is None else gram
    return LeastSquaresSums(known, design.T @ target, float(target @ target), len(target))


def pulled_line(sums: LeastSquaresSums) -> Pulled:
    """Least squares with all weights but the first pulled; noise is of one size everywhere.

    Args:
        sums: Of a design (its first column ones, the others of about mean 0 and variance 1) and a target.
    """
    wide = len(sums.cross)
    free = np.linalg.solve(sums.gram + np.diag(np.full(wide, FREE)), sums.cross)
    left = max(sums.square - float(sums.cross @ free), 0.0) / max(sums.count - wide, 1)
    scale = max(float(np.sqrt(left)), 1e-9)
    # In units of its noise, so that a pull means the same for every target.
    found = best_pull(np.zeros(wide), sums.cross / scale, sums.gram, np.full(wide, FREE), np.arange(wide) > 0)
    return Pulled(found.weights * scale, found.covariance * scale**2, found.strength)
