"""The lowest point of a parabola inside a box: a small convex quadratic program with bounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_ROUNDS = 60
_SWEEPS = 2
_CLOSE = 1e-10


def lowest_in_box(
    bend: npt.NDArray[np.float64],
    slope: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Where `slope @ x + x @ bend @ x / 2` is lowest with `low <= x <= high`, begun at 0.

    Sweeps over single numbers find which of them stand at their bounds; then the rest is solved at once as far as
    the box reaches, and so on (gradient projection with subspace steps: Moré & Toraldo, 1991, "On the solution of
    large quadratic programming problems with bound constraints"). Each step goes down, so the result is never above 0.

    Args:
        bend: Symmetric and positive definite, n × n.
        slope: n numbers.
        low: Bounds, not above 0.
        high: Bounds, not below 0.
    """
    x = np.zeros(len(slope))
    diagonal = np.diag(bend)
    for _ in range(_ROUNDS):
        for _ in range(_SWEEPS):
            for place in range(len(x)):
                step = (slope[place] + bend[place] @ x) / diagonal[place]
                x[place] = min(max(x[place] - step, low[place]), high[place])
        free = np.flatnonzero((x > low) & (x < high))
        if not len(free):
            break
        rest = slope[free] + bend[free] @ x
        way = -np.linalg.solve(bend[np.ix_(free, free)], rest)
        # Divided only where a bound is nearer than the step: by a step of next to nothing it would overflow.
        wall, reach = np.where(way > 0, high[free] - x[free], x[free] - low[free]), np.abs(way)
        part = float(np.divide(wall, reach, out=np.ones(len(free)), where=wall < reach).min())
        x[free] = np.clip(x[free] + part * way, low[free], high[free])
        force = slope + bend @ x
        force = np.where(x <= low, np.minimum(force, 0.0), np.where(x >= high, np.maximum(force, 0.0), force))
        if float(np.abs(force).max()) <= _CLOSE * max(float(np.abs(slope).max()), 1e-300):
            break
    return x
