"""The main ways in which people differ, turned until each is about few things.

Principal axes of the scores, rotated by varimax (Kaiser, *Psychometrika* 23, 1958): in data without sharp clusters the
principal axes alone, and centres found by chance, turn with every new sample, while the rotated axes stay where single
habits and tastes lie. All of it is the linear algebra of one small matrix, so it is fast and leaves nothing to chance.
"""

from __future__ import annotations

import numpy as np

from vocative.segment.population import Floats

_STEPS = 100
_CLOSE = 1e-7


def main_axes(scores: Floats, count: int) -> Floats:
    """Directions in which people differ most, as columns; `scores @ axes` has variances that fall.

    Args:
        scores: A row for each person, a column for each habit or taste; columns have mean 0.
        count: How many axes.
    """
    values, vectors = np.linalg.eigh(scores.T @ scores / max(len(scores), 1))
    best = np.argsort(-values, kind="stable")[:count]
    values, vectors = np.maximum(values[best], _CLOSE), vectors[:, best]
    rotation = _varimax(vectors * np.sqrt(values))
    axes = vectors / np.sqrt(values) @ rotation
    # Each axis weighs what it explains; its positive end is the one with the longer tail.
    explained = (((vectors * np.sqrt(values)) @ rotation) ** 2).sum(axis=0)
    axes = axes * np.sqrt(explained / explained.sum() * len(explained))
    skew = ((scores @ axes) ** 3).mean(axis=0)
    axes = axes * np.where(skew < 0, -1.0, 1.0)
    return np.asarray(axes[:, np.argsort(-explained, kind="stable")], dtype=np.float64)


def _varimax(loadings: Floats) -> Floats:
    """The rotation that makes squared loadings as uneven as possible."""
    rows, count = loadings.shape
    rotation, reached = np.eye(count), 0.0
    for _ in range(_STEPS):
        turned = loadings @ rotation
        left, singular, right = np.linalg.svd(
            loadings.T @ (turned**3 - turned * (turned**2).sum(axis=0) / rows), full_matrices=False
        )
        rotation = left @ right
        if singular.sum() < reached * (1 + _CLOSE):
            break
        reached = float(singular.sum())
    return rotation
