"""Few numbers for each person and thing whose products come near to who has what: a truncated singular decomposition.

PureSVD (Cremonesi et al., 2010, "Performance of recommender algorithms on top-N recommendation tasks"): what somebody
has is projected on the main directions of all that people have, and back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vocative.predict.items.affinity_vectors import Dense

if TYPE_CHECKING:
    from scipy import sparse

FACTORS = 48


def directions(profiles: sparse.csr_matrix, inner: Dense, factors: int = FACTORS) -> Dense:
    """Main directions (things × factors) of people's profiles (people × things), each of length one.

    `inner` holds the inner products of the profiles (people × people).
    """
    from scipy.linalg import eigh
    from scipy.sparse.linalg import eigsh

    people = profiles.shape[0]
    factors = min(factors, people, profiles.shape[1])
    if not factors or not inner.any():
        return np.zeros((profiles.shape[1], 0), np.float32)
    alike = inner.astype(np.float64)
    # Lanczos needs more rows than directions; it starts from the same place every time.
    few = factors >= people - 1
    value, vector = eigh(alike) if few else eigsh(alike, factors, v0=np.ones(people))
    kept = value > 1e-9 * max(float(value.max()), 1e-30)
    turned = vector[:, kept] / np.sqrt(value[kept])
    return np.asarray(profiles.T @ turned, np.float32)


def projected(profiles: sparse.csr_matrix, directions: Dense) -> Dense:
    """Scores (people × things): profiles as the directions know them."""
    return np.asarray((profiles @ directions) @ directions.T, np.float32)
