"""Which things belong together: how much else people have tells that somebody will want a thing.

EASE (Steck, 2019, "Embarrassingly shallow autoencoders for sparse data") learns a weight for every pair of things in
one closed step. Here it is solved through people instead of things: with X people × things and K = (XXᵀ + λI)⁻¹, the
inverse of XᵀX + λI is (I − XᵀKX) / λ, so that a person x scores x − (x − xXᵀKX) / (1 − q) with q_j = x_jᵀ K x_j for
column j. The result is the same, and the cost depends on the number of people who support it, of which there are at
most a few thousand, and not on the number of things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vocative.predict.history.event_history import Floats, Integers
from vocative.predict.items.affinity_vectors import Dense, products

if TYPE_CHECKING:
    from scipy import sparse


class Similarity:
    """Scores of things for people from what everybody has.

    Args:
        support: People × things (not negative) that are learnt from.
        ridge: λ; the larger, the more people something must rest on.
    """

    def __init__(self, support: sparse.csr_matrix, ridge: float) -> None:
        self._support = support
        self._across = support.T.tocsr()
        own = products(support, support).astype(np.float64)
        own[np.diag_indices_from(own)] += ridge
        self._inverse = _inverse(own)
        self._ridge = ridge
        spread = self._spread(self._inverse)
        alone = 1.0 - np.asarray(support.multiply(spread).sum(axis=0), np.float64).ravel()
        self._alone = np.maximum(alone, 1e-6).astype(np.float32)
        # What everybody's having says about those who are learnt from is known already.
        self._rest: Dense = ridge * spread / self._alone

    def score(self, taste: sparse.csr_matrix, rows: Integers | None = None) -> Dense:
        """Scores (people × things) of anybody; with `rows`, of those who are learnt from, by their places.

        A thing is never a reason for itself: what somebody has is scored by all the rest they have.
        """
        dense = taste.toarray()
        if rows is not None:
            return np.asarray(dense - self._rest[rows], np.float32)
        weight = products(taste, self._support) @ self._inverse
        return np.asarray(dense - (dense - self._spread(weight)) / self._alone, np.float32)

    def _spread(self, weight: Dense) -> Dense:
        return np.asarray((self._across @ weight.T).T, np.float32)


def _inverse(own: Floats) -> Dense:
    """The inverse of a symmetric, positive definite matrix, by Cholesky."""
    from scipy.linalg.lapack import dpotrf, dpotri

    if not len(own):
        return own.astype(np.float32)
    root, failed = dpotrf(own.T, lower=1, overwrite_a=1)
    found, failed_too = dpotri(root, lower=1, overwrite_c=1)
    if failed or failed_too:
        raise ArithmeticError("people's likeness plus a ridge is not positive definite: taste holds no numbers")
    lower = np.tril(found)
    return np.asarray(lower + np.tril(found, -1).T, np.float32)
