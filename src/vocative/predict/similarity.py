"""Which things belong together: how much else people have tells that somebody will want a thing.

EASE (Steck, 2019, "Embarrassingly shallow autoencoders for sparse data") learns a weight for every pair of things in
one closed step. Here it is solved through people instead of things: with X people × things and K = (XXᵀ + λI)⁻¹, the
inverse of XᵀX + λI is (I − XᵀKX) / λ, so that a person x scores x − (x − xXᵀKX) / (1 − q) with q_j = x_jᵀ K x_j for
column j. The result is the same, and the cost depends on the number of people who support it, of which there are at
most a few thousand, and not on the number of things.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from vocative.predict.past import Floats, Integers

_RIDGE = 100.0
_MOST_SUPPORTERS = 3000
_BLOCK = 512


class Similarity:
    """Scores of things for people from what everybody has; `taste` holds people × things, not negative."""

    def __init__(self, taste: sparse.csr_matrix) -> None:
        self._taste = taste.astype(np.float32)
        step = max(1, -(-taste.shape[0] // _MOST_SUPPORTERS))
        self._support = self._taste[::step]
        own = (self._support @ self._support.T).toarray().astype(np.float64)
        own[np.diag_indices_from(own)] += _RIDGE
        self._inverse = np.linalg.inv(own).astype(np.float32)
        spread = self._inverse @ self._support
        # Where everybody supports, what others say about everybody is known already.
        self._spread = spread if step == 1 else None
        self._alone = np.maximum(1.0 - np.asarray(self._support.multiply(spread).sum(axis=0)).ravel(), 1e-6)

    def blocks(self) -> Iterator[tuple[Integers, Floats]]:
        """Rows of people and their scores (people × things), some hundred people at a time.

        A thing is never a reason for itself: what somebody has is scored by all the rest they have.
        """
        for start in range(0, self._taste.shape[0], _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, self._taste.shape[0]))
            mine = self._taste[rows]
            dense = mine.toarray()
            if self._spread is not None:
                rest = _RIDGE * self._spread[rows]
            else:
                weight = (mine @ self._support.T).toarray() @ self._inverse
                rest = dense - weight @ self._support
            dense -= rest / self._alone
            yield rows, dense
