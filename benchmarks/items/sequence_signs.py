"""What speaks for each candidate of a sequence: its transitions from the last things, its place, its neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from benchmarks.items.sequence_pairs import Pairs
from vocative.predict.history.event_history import Floats, Integers
from vocative.predict.history.sequences import Sequences
from vocative.predict.items.transitions import Candidates

_LAST = (0, 1, 2)
_DEPTH = 8
_NEAR, _FAR = 0.5, 0.9
_MOST_BUYERS = 500
_SMALL = 1e-9
_CELLS = 8_000_000
_ROWS = 200_000

_OF_ITEM = ("forward", "backward", "cosine", "weight", "next", "step")
_SUMMED = ("forward_near", "forward", "backward_near", "cosine_far", "cosine", "connected", "rooted")
SIGNS = (
    *("score", "place", "score_to_best", "share"),
    *(f"{name}_{back}" for back in _LAST for name in _OF_ITEM),
    *("last_popular", "last_total"),
    *_SUMMED,
    *("step_mean", "popular", "total", "ending", "length", "last_step", "step_before"),
    *("neighbours_near", "neighbours_near_to_best", "neighbours_far", "neighbours_far_to_best"),
    *("alike_last", "alike_all"),
)
"""What the columns of `describe` are."""


def describe(sequences: Sequences, pairs: Pairs, found: Candidates) -> Floats:
    """The signs of candidates (rows × `SIGNS`), all from the sequences, which must not hold what is to be foretold."""
    best = _best(found.who, found.score, sequences.people)
    columns: dict[str, Floats] = {
        "score": found.score,
        "place": found.place.astype(np.float32),
        "score_to_best": found.score / best,
        "share": found.score / np.maximum(found.total, _SMALL),
        **_from_history(sequences, pairs, found),
        **_of_places(sequences, pairs, found),
        **_by_neighbours(sequences, pairs, found),
        **_by_vectors(sequences, pairs, found),
    }
    values = np.empty((len(found.who), len(SIGNS)), np.float32)
    for place, name in enumerate(SIGNS):
        values[:, place] = columns[name]
    return np.asarray(values)


def _from_history(sequences: Sequences, pairs: Pairs, found: Candidates) -> dict[str, Floats]:
    """Counts of the pairs that a candidate makes with each of the last things, and their sums."""
    rows = len(found.who)
    columns = {f"{name}_{back}": _zeros(rows) for back in _LAST for name in _OF_ITEM}
    columns |= {name: _zeros(rows) for name in _SUMMED}
    for back in range(_DEPTH):
        thing = sequences.latest(back)[found.who]
        there = np.flatnonzero(thing >= 0)
        if not len(there):
            break
        thing, item = thing[there], found.item[there]
        at = pairs.at(thing, item)
        met = at < len(pairs.key)
        if back in _LAST:
            columns[f"step_{back}"][:] = np.nan
            columns[f"step_{back}"][there] = pairs.epoch[item] - pairs.epoch[thing]
        # Most pairs were never seen: what is left are a few rows.
        there, at, thing = there[met], at[met], thing[met]
        forward, backward, cosine = pairs.forward[at], pairs.backward[at], pairs.cosine[at]
        if back in _LAST:
            told = (forward, backward, cosine, pairs.weight[at], pairs.next[at])
            for name, value in zip(_OF_ITEM, told, strict=False):
                columns[f"{name}_{back}"][there] = value
        columns["forward_near"][there] += _NEAR**back * forward
        columns["forward"][there] += forward
        columns["backward_near"][there] += _NEAR**back * backward
        columns["cosine_far"][there] += _FAR**back * cosine
        columns["cosine"][there] += cosine
        columns["connected"][there] += 1.0
        columns["rooted"][there] += pairs.count[at] / np.sqrt(np.maximum(pairs.total[thing], 1.0))
    return columns


def _of_places(sequences: Sequences, pairs: Pairs, found: Candidates) -> dict[str, Floats]:
    """What is known of the candidate, of the person, and of where both stand in the common order of things."""
    lengths = sequences.lengths()
    mean = np.bincount(sequences.who, pairs.epoch[sequences.item], sequences.people) / np.maximum(lengths, 1)
    last = [sequences.latest(back) for back in range(3)]
    epoch = [np.where(one >= 0, pairs.epoch[one], np.nan) for one in last]
    return {
        "last_popular": pairs.popular[last[0]][found.who],
        "last_total": pairs.total[last[0]][found.who],
        "step_mean": pairs.epoch[found.item] - mean[found.who],
        "popular": pairs.popular[found.item],
        "total": pairs.total[found.item],
        "ending": pairs.ending[found.item],
        "length": lengths[found.who].astype(np.float64),
        "last_step": (epoch[0] - epoch[1])[found.who],
        "step_before": (epoch[1] - epoch[2])[found.who],
    }


def _by_neighbours(sequences: Sequences, pairs: Pairs, found: Candidates) -> dict[str, Floats]:
    """What people had who had the same things; who shares two things counts four times who shares one."""
    had = sequences.matrix()
    rare = np.log(max(sequences.people, 1) / np.maximum(pairs.popular, 1.0))
    holders = _holders(had)
    short = 1.0 / np.sqrt(np.maximum(sequences.lengths(), 1))
    columns: dict[str, Floats] = {}
    for name, decay in (("near", _NEAR), ("far", _FAR)):
        history = sequences.matrix(decay)
        history.data *= rare[history.indices].astype(np.float32)
        value = _zeros(len(found.who))
        block = max(_CELLS // max(sequences.items, 1), 1)
        for start in range(0, sequences.people, block):
            rows = slice(*np.searchsorted(found.who, [start, start + block]).tolist())
            if rows.start == rows.stop:
                continue
            asked = np.unique(found.who[rows])
            alike = (history[asked] @ holders).tocsr()
            alike.data = (alike.data * short[alike.indices]) ** 2
            # Nobody is a neighbour of themselves.
            alike.data[np.repeat(asked, np.diff(alike.indptr)) == alike.indices] = 0.0
            scored = (alike @ had).toarray()
            value[rows] = scored[np.searchsorted(asked, found.who[rows]), found.item[rows]]
        columns[f"neighbours_{name}"] = value
        columns[f"neighbours_{name}_to_best"] = value / _best(found.who, value, sequences.people)
    return columns


def _holders(had: sparse.csr_matrix) -> sparse.csr_matrix:
    """Items × people who had them; of very popular items every so many people, for they tell least."""
    holders = had.T.tocsr()
    sizes = np.diff(holders.indptr)
    row = np.repeat(np.arange(len(sizes)), sizes)
    step = np.maximum(-(-sizes // _MOST_BUYERS), 1)[row]
    kept = (np.arange(len(row)) - holders.indptr[row]) % step == 0
    return sparse.csr_matrix((holders.data[kept], (row[kept], holders.indices[kept])), shape=holders.shape)


def _by_vectors(sequences: Sequences, pairs: Pairs, found: Candidates) -> dict[str, Floats]:
    """How alike a candidate is to the last thing, and to all of the person's."""
    last = pairs.vectors[sequences.latest()]
    every = np.asarray(sequences.matrix(_FAR) @ pairs.vectors)
    every /= np.maximum(np.linalg.norm(every, axis=1, keepdims=True), _SMALL)
    columns = {"alike_last": _zeros(len(found.who)), "alike_all": _zeros(len(found.who))}
    for start in range(0, len(found.who), _ROWS):
        rows = slice(start, start + _ROWS)
        mine = pairs.vectors[found.item[rows]]
        columns["alike_last"][rows] = np.einsum("ij,ij->i", last[found.who[rows]], mine)
        columns["alike_all"][rows] = np.einsum("ij,ij->i", every[found.who[rows]], mine)
    return columns


def _zeros(rows: int) -> Floats:
    """In half the memory: trees need no more digits."""
    zeros: npt.NDArray[Any] = np.zeros(rows, np.float32)
    return zeros


def _best(who: Integers, value: Floats, people: int) -> Floats:
    """For each row the highest value of its person, never zero."""
    highest = np.full(people, _SMALL)
    np.maximum.at(highest, who, value)
    return highest[who]
