"""What people have next, told by what others had after the same things.

A pair of things counts for each person who had one after the other, the less the more lay between them; the other
order counts less. Somebody's candidates are what follows their things, of which the last weigh most. This is a
first-order Markov chain with a window (as in Rendle et al., 2010, "Factorizing personalized Markov chains", without
the factors) and the decays of neighbourhood methods for sessions (Ludewig & Jannach, 2018, "Evaluation of
session-based recommendation algorithms").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vocative.predict.history.event_history import Floats, Integers, find, unique
from vocative.predict.history.sequences import Sequences

if TYPE_CHECKING:
    from scipy import sparse

_MOST_LATEST = 8
_MOST_FOLLOWERS = 200
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Shape:
    """How pairs of things are weighed; the defaults did best on two public shops, with what came last held back.

    `window` is how many steps may lie between two things of a pair, `gap_decay` what each of them takes away,
    `backward` the weight of the other order. What a thing gives is divided by its total weight to the power `source`,
    what it gets by its popularity to the power `target`. `history_decay` is taken by each step that a thing lies back.
    """

    window: int = 20
    gap_decay: float = 0.85
    backward: float = 0.25
    source: float = 0.2
    target: float = 0.05
    history_decay: float = 0.6


DEFAULT = Shape()


@dataclass(frozen=True, slots=True)
class Candidates:
    """Things that people may have next, as columns of one length, ordered by person and place.

    `score` means something within a person only; `place` counts from 0, the highest score first. `total` is the sum
    of the scores of everything, also of what is not among the candidates.
    """

    who: Integers
    item: Integers
    score: Floats
    place: Integers
    total: Floats


@dataclass(frozen=True, slots=True)
class Transitions:
    """How much each thing tells of another that comes later (items × items)."""

    weights: sparse.csr_matrix
    shape: Shape

    @classmethod
    def learn(cls, sequences: Sequences, shape: Shape = DEFAULT) -> Transitions:
        """Learn from what everybody had."""
        from scipy import sparse

        size = (sequences.items, sequences.items)
        parts = list(pairs_of(sequences, shape.window))
        if not parts:
            return cls(_nothing(sequences.items), shape)
        earlier = np.concatenate([sequences.item[first] for first, _, _ in parts])
        later = np.concatenate([sequences.item[second] for _, second, _ in parts])
        value = np.concatenate([np.full(len(first), shape.gap_decay ** (gap - 1)) for first, _, gap in parts])
        forward = sparse.csr_matrix((value.astype(np.float32), (earlier, later)), shape=size)
        backward = forward.T.tocsr()
        given = np.asarray(forward.sum(axis=1)).ravel() + np.asarray(backward.sum(axis=1)).ravel()
        weights = (forward + shape.backward * backward).tocsr()
        popular = np.maximum(sequences.popularity(), 1.0) ** -shape.target
        weights.data *= np.repeat(np.maximum(given, 1.0) ** -shape.source, np.diff(weights.indptr)).astype(np.float32)
        weights.data *= popular[weights.indices].astype(np.float32)
        return cls(_strongest(weights), shape)

    def candidates(
        self, sequences: Sequences, most: int, people: Integers | None = None, *, again: bool = False
    ) -> Candidates:
        """What people may have next.

        Args:
            sequences: What they had, of the same items.
            most: How many candidates a person has at most; who has had nothing that leads anywhere has none.
            people: Numbers of the people asked about, ascending; by default everybody.
            again: Whether what a person had before may be a candidate.
        """
        people = np.arange(sequences.people) if people is None else people
        history = sequences.matrix(self.shape.history_decay, _MOST_LATEST)
        seen = None if again else sequences
        found = [
            _best(people[start : start + _BLOCK], history, self.weights, seen, most)
            for start in range(0, len(people), _BLOCK)
        ]
        if not found:
            none = np.zeros(0, np.int64)
            return Candidates(none, none, np.zeros(0), none, np.zeros(0))
        return Candidates(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _nothing(items: int) -> sparse.csr_matrix:
    from scipy import sparse

    return sparse.csr_matrix((np.zeros(0, np.float32), (np.zeros(0, np.int64),) * 2), shape=(items, items))


def _strongest(weights: sparse.csr_matrix) -> sparse.csr_matrix:
    """The strongest weights of each row: nearly all the work is with the tails of the most popular things."""
    from scipy import sparse

    ends = weights.indptr
    kept = np.ones(len(weights.data), bool)
    for row in np.flatnonzero(np.diff(ends) > _MOST_FOLLOWERS).tolist():
        mine = slice(int(ends[row]), int(ends[row + 1]))
        cut = mine.stop - mine.start - _MOST_FOLLOWERS
        kept[mine.start + weights.data[mine].argpartition(cut)[:cut]] = False
    before = np.concatenate([[0], np.cumsum(kept)])
    return sparse.csr_matrix((weights.data[kept], weights.indices[kept], before[ends]), shape=weights.shape)


def pairs_of(sequences: Sequences, window: int) -> Iterator[tuple[Integers, Integers, int]]:
    """Places of the rows of all pairs of one person, earlier and later, for each number of steps from 1 to `window`."""
    for gap in range(1, window + 1):
        first = np.flatnonzero(sequences.who[gap:] == sequences.who[:-gap])
        if not len(first):
            return
        yield first, first + gap, gap


def _best(
    people: Integers, history: sparse.csr_matrix, weights: sparse.csr_matrix, seen: Sequences | None, most: int
) -> tuple[Integers, Integers, Floats, Integers, Floats]:
    """The columns of the candidates of some people."""
    scored = (history[people] @ weights).tocsr()
    value, ends = scored.data, scored.indptr.tolist()
    # What was seen is sorted out afterwards, where there is less of it.
    spare = np.zeros(len(people), np.int64) if seen is None else seen.lengths()[people]
    kept: list[Integers] = []
    for one, extra in enumerate(spare.tolist()):
        start, end = ends[one], ends[one + 1]
        cut = end - start - most - extra
        kept.append(np.arange(start, end) if cut <= 0 else start + value[start:end].argpartition(cut)[cut:])
    at = np.concatenate(kept)
    row = np.repeat(np.arange(len(people)), [len(one) for one in kept])
    item = scored.indices[at].astype(np.int64)
    if seen is not None:
        had = unique(seen.who * seen.items + seen.item)
        new = ~find(had, people[row] * seen.items + item)[1]
        at, row, item = at[new], row[new], item[new]
    order = np.lexsort((item, -value[at], row))
    at, row, item = at[order], row[order], item[order]
    sizes = np.bincount(row, minlength=len(people))
    place = np.arange(len(at)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    total = np.asarray(scored.sum(axis=1), np.float64).ravel()
    first = place < most
    row = row[first]
    return people[row], item[first], value[at[first]].astype(np.float64), place[first], total[row]
