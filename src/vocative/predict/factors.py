"""Few numbers for each person and thing whose products come near to who has what: a truncated singular decomposition.

PureSVD (Cremonesi et al., 2010, "Performance of recommender algorithms on top-N recommendation tasks"): what somebody
has is projected on the main directions of all that people have, and back.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import eigh

from vocative.predict.taste import Dense

FACTORS = 48


def directions(profiles: sparse.csr_matrix, factors: int = FACTORS) -> Dense:
    """Main directions (things × factors) of people's profiles (people × things), each of length one."""
    people = profiles.shape[0]
    factors = min(factors, people, profiles.shape[1])
    if not factors:
        return np.zeros((profiles.shape[1], 0), np.float32)
    alike = (profiles @ profiles.T).toarray().astype(np.float64)
    value, vector = eigh(alike, subset_by_index=(people - factors, people - 1))
    kept = value > 1e-9 * max(float(value.max()), 1e-30)
    turned = vector[:, kept] / np.sqrt(value[kept])
    return np.asarray(profiles.T @ turned, np.float32)


def projected(profiles: sparse.csr_matrix, directions: Dense) -> Dense:
    """Scores (people × things): profiles as the directions know them."""
    return np.asarray((profiles @ directions) @ directions.T, np.float32)
