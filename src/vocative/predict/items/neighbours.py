"""What people with the same things have: neighbours by the cosine of weighted baskets.

As in nearest neighbours over personal frequencies (Hu et al., 2020, "Modeling personalized item frequency information
for next-basket recommendation", TIFU-KNN), with the weight of a neighbour falling by a power of the likeness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vocative.predict.items.affinity_vectors import Dense

if TYPE_CHECKING:
    from scipy import sparse

MOST = 150
_POWER = 4.0
_TINY = 1e-9


def rarity(having: sparse.csr_matrix) -> Dense:
    """The weight of each thing: the logarithm of one over the share of people who have it."""
    count = np.asarray((having > 0).sum(axis=0), np.float64).ravel()
    return np.asarray(np.log(max(having.shape[0], 1) / np.maximum(count, 1.0)), np.float32)


def profiles(having: sparse.csr_matrix, weight: Dense) -> sparse.csr_matrix:
    """What people have, rare things weighing more, each row of length one."""
    from scipy import sparse

    weighted = having @ sparse.diags_array(weight)
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1), np.float64).ravel())
    return sparse.csr_matrix(sparse.diags_array((1.0 / np.maximum(length, _TINY)).astype(np.float32)) @ weighted)


def neighbours(inner: Dense, most: int = MOST) -> sparse.csr_matrix:
    """People × people: the shares of each person's nearest neighbours, adding up to one; nobody is their own.

    Args:
        inner: Inner products of profiles: who is asked about × who may be a neighbour.
        most: How many neighbours each has.
    """
    from scipy import sparse

    # Somebody who is exactly like oneself is oneself.
    alike = np.where(inner > 1.0 - 1e-5, 0.0, inner)
    most = min(most, alike.shape[1])
    if not most:
        return sparse.csr_matrix(alike.shape, dtype=np.float32)
    nearest = np.argpartition(-alike, most - 1, axis=1)[:, :most]
    share = np.take_along_axis(alike, nearest, axis=1) ** _POWER
    share /= share.sum(axis=1, keepdims=True) + _TINY
    rows = np.repeat(np.arange(alike.shape[0]), most)
    return sparse.csr_matrix((share.ravel().astype(np.float32), (rows, nearest.ravel())), shape=alike.shape)
