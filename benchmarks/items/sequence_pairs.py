"""All pairs of things that somebody had one after the other, with several counts, and what follows for each thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from vocative.predict.history.event_history import Floats, Integers, find
from vocative.predict.history.sequences import Sequences
from vocative.predict.items.transitions import Shape, Transitions, pairs_of

_DIMENSIONS = 48
_STEPS = 5
_SMALL = 1e-9
_PRIOR = 3.0
_RELAXATIONS = 15
_ROUNDING = np.float32


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of things (`key` is first × items + second, ascending) with columns of one more row, which is zero.

    `forward` and `backward` are decayed counts of the second after and before the first, `next` counts it directly
    after, `count` in any order, `cosine` is that over the root of both popularities, `weight` what transitions give.
    Of each item there are `popular` (how often it was had), `total` (all its decayed counts), `ending` (how often it
    was somebody's last), `epoch` (its place in the common order of things: who has one thing usually has those with a
    larger number later), and `vectors` (items × dimensions, of length 1: things with the same companions are alike).
    """

    transitions: Transitions
    key: Integers
    forward: Floats
    backward: Floats
    next: Floats
    count: Floats
    cosine: Floats
    weight: Floats
    popular: Floats
    total: Floats
    ending: Floats
    epoch: Floats
    vectors: Floats
    items: int

    def at(self, first: Integers, second: Integers) -> Integers:
        """Rows of the pairs; that of a pair nobody had is the last one, which is zero."""
        place, there = find(self.key, first * self.items + second)
        return np.where(there, place, len(self.key))


def count_pairs(sequences: Sequences, shape: Shape, rng: np.random.Generator) -> Pairs:
    """Count the pairs of everybody; the generator draws where the search for vectors starts."""
    size, item = sequences.items, sequences.item
    keys, columns = [np.zeros(0, np.int64)], [np.zeros((0, 3), _ROUNDING)]
    for first, second, gap in pairs_of(sequences, shape.window):
        one = np.zeros((len(first), 3), _ROUNDING)
        one[:, 0], one[:, 2] = shape.gap_decay ** (gap - 1), gap == 1
        # The column in the middle is the other order.
        other = np.zeros_like(one)
        other[:, 1] = one[:, 0]
        keys += [item[first] * size + item[second], item[second] * size + item[first]]
        columns += [one, other]
    every, value = np.concatenate(keys), np.concatenate(columns)
    order = np.argsort(every, kind="stable")
    every = every[order]
    starts = np.flatnonzero(np.diff(every, prepend=-1))
    key = every[starts]
    forward, backward, following = (_summed(value[order, place], starts) for place in range(3))
    count = _short(np.append(np.diff(np.append(starts, len(every))), 0))
    row, column = key // size, key % size
    popular = sequences.popularity()
    cosine = _short(np.append(count[:-1] / np.sqrt(popular[row] * popular[column]), 0.0))
    total = np.bincount(row, (forward + backward)[:-1], size).astype(np.float64)
    transitions = Transitions.learn(sequences, shape)
    weight = np.maximum(total, 1.0)[row] ** -shape.source * np.maximum(popular, 1.0)[column] ** -shape.target
    ends = np.searchsorted(row, np.arange(size + 1))
    last = sequences.back() == 0
    ending = np.bincount(item[last], minlength=size) + _PRIOR * sequences.people / max(len(sequences), 1)

    def matrix(of: Floats) -> sparse.csr_matrix:
        return sparse.csr_matrix((of[:-1], column, ends), shape=(size, size))

    return Pairs(
        transitions=transitions,
        key=key,
        forward=forward,
        backward=backward,
        next=following,
        count=count,
        cosine=cosine,
        weight=_short(np.append((forward + shape.backward * backward)[:-1] * weight, 0.0)),
        popular=popular,
        total=total,
        ending=ending / (popular + _PRIOR),
        epoch=_epochs(matrix(forward), matrix(backward)),
        vectors=_vectors(matrix(cosine), rng),
        items=size,
    )


def _summed(value: Floats, starts: Integers) -> Floats:
    sums = np.add.reduceat(value, starts) if len(starts) else np.zeros(0)
    return _short(np.append(sums, 0.0))


def _short(value: npt.NDArray[Any]) -> Floats:
    """In half the memory: counts need no more digits."""
    short: npt.NDArray[Any] = value.astype(_ROUNDING)
    return short


def _epochs(forward: sparse.csr_matrix, backward: sparse.csr_matrix) -> Floats:
    """Numbers of which the later of a pair is larger by one, as nearly as some rounds of relaxation make them.

    Least squares on the differences of pairs (HodgeRank; Jiang et al., 2011, "Statistical ranking and combinatorial
    Hodge theory"), with one pseudo-pair that pulls each number to zero.
    """
    both = (forward + backward).tocsr()
    pull = np.asarray((backward - forward).sum(axis=1)).ravel()
    weight = np.asarray(both.sum(axis=1)).ravel() + 1.0
    epoch = np.zeros(both.shape[0])
    for _ in range(_RELAXATIONS):
        epoch = (both @ epoch + pull) / weight
    return epoch


def _vectors(cosine: sparse.csr_matrix, rng: np.random.Generator) -> Floats:
    """The leading directions of the matrix by subspace iteration (Halko et al., 2011), one vector for each thing."""
    found = rng.normal(size=(cosine.shape[0], min(_DIMENSIONS, cosine.shape[0]))).astype(_ROUNDING)
    for _ in range(_STEPS):
        found, _ = np.linalg.qr(cosine @ found)
    found = cosine @ found
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), _SMALL), _ROUNDING)
