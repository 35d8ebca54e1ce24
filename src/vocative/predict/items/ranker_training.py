"""Learning to order candidates: two sets of boosted trees, each on one half of the people.

The ranker asks of every candidate whether the person has it within the horizon, of known and new ones alike, so one
score orders both. Of candidates that did not come true a part is kept, which counts for the rest. The value is the
mean of both halves; how far they lie apart tells how sure it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import EventHistory, Flags, Floats, Integers, find, unique
from vocative.predict.history.person_items import Numbers
from vocative.predict.items.first_guess import guess, guessed
from vocative.predict.items.ranking_features import Wants
from vocative.predict.learners.trees import Trees, grow
from vocative.predict.predictor import Parameters

_ENOUGH = 50_000
_MOST_LEFT_OUT = 8
_HALVES = 2
_ROUNDS = 100
_ROWS_A_ROUND, _FEWEST_ROUNDS = 400, 20
_OPTIONS = {
    "objective": "binary",
    "num_leaves": 24,
    "learning_rate": 0.09,
    "lambda_l2": 20.0,
    "feature_fraction": 0.35,
    "max_bin": 127,
}
_SMALLEST_LEAF, _LARGEST_LEAF, _LEAVES_AT_LEAST = 20, 100, 400
_BINS = 10
_LEAST_SPREAD = 0.02
_ROWS_OF_SPREAD = 40_000
_TINY = 1e-4


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Candidates that are learnt from: their people and keys (person and item as one number) and signs.

    `kept` are those of the part that is taken whatever comes true: one in `one_in`.
    """

    who: Integers
    keys: Integers
    signs: Numbers
    kept: Flags
    one_in: int


def rows_of(
    blocks: Iterable[Wants], people: int, width: int, came: Integers, order: Integers
) -> tuple[TrainingRows, tuple[str, ...]]:
    """The candidates to learn from, one in some and all that came true (keys, ascending); and the names of signs.

    They are taken in turn, by person and the `order` of items, so that the choice depends on nothing that comes later.
    """
    names: tuple[str, ...] = ()
    who, keys, signs, kept = [], [], [], []
    one_in = 0
    for wants in blocks:
        names = wants.names
        # Of all blocks the first tells how many there are of a person.
        one_in = one_in or _one_in(wants, people)
        turn = np.lexsort((order[wants.item], wants.who))
        key = (wants.who * width + wants.item)[turn]
        taken = np.arange(len(turn)) % one_in == 0
        chosen = np.flatnonzero(taken | find(came, key)[1])
        who.append(wants.who[turn][chosen])
        keys.append(key[chosen])
        signs.append(wants.signs[turn[chosen]])
        kept.append(taken[chosen])
    if not names:
        none = np.zeros(0, np.int64)
        return TrainingRows(none, none, np.zeros((0, 0), np.float32), np.zeros(0, bool), 1), names
    return TrainingRows(
        np.concatenate(who), np.concatenate(keys), np.vstack(signs), np.concatenate(kept), one_in
    ), names


def _one_in(wants: Wants, people: int) -> int:
    """One in how many candidates is learnt from, so that there are enough of all people together."""
    expected = len(wants.who) / max(len(np.unique(wants.who)), 1) * people
    return int(np.clip(expected / _ENOUGH, 1, _MOST_LEFT_OUT))


def learn(
    parts: Sequence[tuple[TrainingRows, Integers]], names: Sequence[str], worth: Sequence[Floats] | None = None
) -> Parameters:
    """What is learnt from candidates of some moments.

    Args:
        parts: Candidates of each moment and the keys that came true within the horizon, ascending.
        names: Names of the signs.
        worth: Of each moment how much each key that came true counts; None: all the same.
    """
    if not parts:
        return {"signs": list(names), "trees": [], "base": _TINY}
    signs, truths, counts, people, stands = [], [], [], [], []
    for number, (rows, came) in enumerate(parts):
        place, truth = find(came, rows.keys)
        told = 1.0 if worth is None or not len(came) else worth[number][place]
        counted = rows.kept | truth
        signs.append(rows.signs[counted])
        truths.append(truth[counted].astype(np.float64))
        counts.append(np.where(truth, told, float(rows.one_in))[counted])
        people.append(rows.who[counted])
        stands.append(np.full(int(counted.sum()), float(rows.one_in)))
    matrix, truth, one_in = np.vstack(signs), np.concatenate(truths), np.concatenate(stands)
    count, half = np.concatenate(counts), np.unique(np.concatenate(people), return_inverse=True)[1] % _HALVES
    if truth.min(initial=1.0) == truth.max(initial=0.0):
        # Nothing came true, or all did: there is nothing to tell apart.
        return {
            "signs": list(names),
            "trees": [],
            "base": float(np.clip(truth.mean() if len(truth) else 0.0, _TINY, 0.5)),
        }
    drawn = np.arange(len(truth)) if worth is None else _drawn(truth, count)
    first = guess(names, matrix[drawn], truth[drawn], one_in[drawn])
    offset = guessed(first, names, matrix)
    options = {
        **_OPTIONS,
        "min_data_in_leaf": int(np.clip(len(truth) / _LEAVES_AT_LEAST, _SMALLEST_LEAF, _LARGEST_LEAF)),
    }
    rounds = int(np.clip(len(truth) / _ROWS_A_ROUND, _FEWEST_ROUNDS, _ROUNDS))
    trees = []
    for one in range(_HALVES):
        mine = half == one
        trees.append(grow(matrix[mine], truth[mine], rounds, options, weight=count[mine], offset=offset[mine]))
    some = slice(None, None, max(1, len(truth) // _ROWS_OF_SPREAD))
    wide = matrix[some].astype(np.float64)
    raw = offset[some] + np.stack([one.score(wide) for one in trees])
    edges, spread = _spreads(raw)
    return {
        "signs": list(names),
        "first": first,
        "trees": [one.text for one in trees],
        "edges": [round(float(one), 4) for one in edges],
        "spread": [round(float(one), 4) for one in spread],
    }


def _drawn(truth: Flags, count: Floats) -> Integers:
    """Places of rows for what cannot weigh them: those that came true as often as they count, the others once."""
    true = np.flatnonzero(truth)
    upto = np.cumsum(count[true])
    often = np.searchsorted(upto, np.arange(round(upto[-1])) + 0.5)
    return np.concatenate([true[np.minimum(often, len(true) - 1)], np.flatnonzero(truth == 0)])


def scores(content: Parameters, signs: Numbers) -> tuple[Floats, Floats]:
    """Log odds of candidates, and their standard error."""
    texts = content["trees"]
    if not texts:
        base = float(content["base"])
        return np.full(len(signs), np.log(base / (1.0 - base))), np.full(len(signs), 1.0)
    wide = signs.astype(np.float64)
    found = np.mean(np.stack([Trees(text).score(wide) for text in texts]), axis=0)
    found += guessed(content["first"], content["signs"], signs)
    spread = np.array(content["spread"])
    return found, spread[np.searchsorted(np.array(content["edges"]), found)]


def _spreads(raw: Floats) -> tuple[Floats, Floats]:
    """Tenths of the score, and in each the standard error of the mean of both halves."""
    mean, apart = raw.mean(axis=0), raw[0] - raw[-1]
    edges = np.quantile(mean, np.linspace(0.0, 1.0, _BINS + 1)[1:-1])
    tenth = np.searchsorted(edges, mean)
    square = np.bincount(tenth, apart**2, _BINS) / np.maximum(np.bincount(tenth, minlength=_BINS), 1)
    # Half the distance of two halves is the error of their mean.
    return edges, np.maximum(np.sqrt(square) / 2.0, _LEAST_SPREAD)


def came_true(past: EventHistory, moment: int, horizon_days: float, by: int, width: int) -> Integers:
    """Keys (person and item as one number) of what was had within the horizon, as far as known by another moment."""
    lines = past.lines_during(moment, horizon_days, by)
    return unique(lines.who * width + lines.item)
