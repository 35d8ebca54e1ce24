"""What follows what: things of one basket and things of the same person's next basket (a Markov chain of first order).

Rendle et al., 2010, "Factorizing personalized Markov chains for next-basket recommendation" call it the shared chain;
here it is counted, not factorised, and set against how often a thing is had at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventArrays, distinct
from vocative.predict.items.affinity_vectors import Columns, Dense, mixed

if TYPE_CHECKING:
    from scipy import sparse

_PRIOR = 20.0
_MOST_BASKETS = 40_000
_MOST_THINGS = 3_000


def transitions(lines: EventArrays, columns: Columns) -> sparse.csr_matrix:
    """Things × things: how much more often than anyway the second is in the next basket of who had the first.

    Args:
        lines: Of the people that are learnt from, ordered by person and moment.
        columns: The things; of many, the first steps between the most frequent ones are counted.
    """
    from scipy import sparse

    size = len(columns.things)
    column = columns.place[lines.item]
    often = np.bincount(column[column >= 0], minlength=size)
    counted = np.zeros(size + 1, bool)
    counted[np.argsort(-often, kind="stable")[:_MOST_THINGS]] = True
    # The last place stands for things that have no column.
    inside = counted[column] & (column >= 0)
    if not inside.any():
        none = np.zeros(0, np.int64)
        return sparse.csr_matrix((np.zeros(0, np.float32), (none, none)), shape=(size, size))
    start = int(lines.us.min() // DAY_US)
    wide = int(lines.us.max() // DAY_US) - start + 1
    basket, thing = distinct(lines.who[inside] * wide + lines.us[inside] // DAY_US - start, column[inside])
    fresh = np.concatenate([[True], basket[1:] != basket[:-1]])
    number, person = np.cumsum(fresh) - 1, basket[fresh] // wide
    baskets = sparse.csr_matrix((np.ones(len(thing), np.float32), (number, thing)), shape=(len(person), size))
    follows = np.flatnonzero(person[1:] == person[:-1])
    follows = follows[:: max(1, -(-len(follows) // _MOST_BASKETS))]
    before, after = baskets[follows], baskets[follows + 1]
    together = (before.T @ after).tocsr()
    count = np.asarray(before.sum(axis=0)).ravel()
    anyway = np.asarray(after.mean(axis=0)).ravel()
    scale = sparse.diags_array((1.0 / (count + _PRIOR)).astype(np.float32))
    chance = sparse.csr_matrix(scale @ together)
    row = np.repeat(np.arange(size), np.diff(chance.indptr))
    # Drawn to what happens anyway where little is counted; only what happens more often than anyway is kept.
    chance.data -= (count[row] / (count[row] + _PRIOR)) * anyway[chance.indices]
    chance.data = np.maximum(chance.data, 0.0).astype(np.float32)
    chance.eliminate_zeros()
    return chance


def follow_ups(recent: sparse.csr_matrix, chain: sparse.csr_matrix) -> Dense:
    """Scores (people × things) of what follows what people had lately (people × things, decayed)."""
    return mixed(recent, chain)
