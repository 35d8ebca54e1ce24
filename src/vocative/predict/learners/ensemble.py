"""The two kinds of learners that are blended: a logistic regression with a ridge, and boosted trees.

Both read rows of named columns: numbers with NaN for none, and things, whose numbers are places among named levels.
What each has learnt is JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from vocative.predict.history.event_history import Flags, Floats
from vocative.predict.learners import trees
from vocative.predict.learners.logistic import learn_encoding, logistic, packed, rounded, unpacked
from vocative.predict.predictor import Parameters

MemberKind = Literal["linear", "trees"]

_RARE = 20
_MOST_LINEAR = 60_000
_MOST_TREES = 200_000
_MANY_ROWS = 50_000
_OPTIONS: Mapping[str, object] = {
    "objective": "binary",
    "learning_rate": 0.06,
    "max_bin": 63,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows × named columns, as they were at one moment; `levels`: column of things → names of its numbers."""

    names: tuple[str, ...]
    values: Floats
    levels: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    def chosen(self, rows: Flags | slice) -> Sample:
        """Some of the rows."""
        return Sample(self.names, self.values[rows], self.levels)


def stacked(samples: Sequence[Sample]) -> Sample:
    """The rows of samples with the same columns, one below the other."""
    return Sample(samples[0].names, np.vstack([one.values for one in samples]), samples[0].levels)


def learn(kind: MemberKind, sample: Sample, came: Floats, strength: float) -> Parameters:
    """Learn from rows what happened (0 or 1).

    Args:
        kind: Of the learner.
        sample: Rows to learn from; of very many every second, third … is taken.
        came: What happened to each.
        strength: Of the ridge, in observations; or how many trees.

    Returns:
        What is kept, but for the `covariance` of a linear member, which is still an array: most are thrown away.
    """
    if kind == "linear":
        return learn_lines(sample, came, [strength])[0]
    sample, came = _some(sample, came, _MOST_TREES)
    return _learn_trees(sample, came, int(strength))


def learn_lines(sample: Sample, came: Floats, ridges: Sequence[float]) -> list[Parameters]:
    """A linear member for each strength of the ridge, as `learn` gives it; the rows are encoded once for all."""
    sample, came = _some(sample, came, _MOST_LINEAR)
    numbers = tuple(name for name in sample.names if name not in sample.levels)
    shared: Parameters = {
        "kind": "linear",
        "encoding": packed(learn_encoding(numbers, _pick(sample, numbers))),
        "things": {name: _frequent(sample, name) for name in sample.names if name in sample.levels},
    }
    design, found = _design(shared, sample), []
    for ridge in ridges:
        weights, covariance = logistic(design, came, ridge)
        found.append({**shared, "ridge": ridge, "weights": rounded(weights), "covariance": covariance})
    return found


def score(member: Parameters, sample: Sample, rounds: int | None = None) -> Floats:
    """Log odds of each row; of trees, those of the first `rounds`."""
    if member["kind"] == "linear":
        return score_lines([member], sample)[0]
    return trees.Trees(member["text"]).score(_columns(member, sample), rounds=rounds)


def score_lines(members: Sequence[Parameters], sample: Sample) -> list[Floats]:
    """Log odds of each row by linear members that were learnt together."""
    design = _design(members[0], sample) if members else np.zeros((0, 0))
    return [np.asarray(design @ np.array(one["weights"]), np.float64) for one in members]


def score_rounds(member: Parameters, sample: Sample, rounds: Sequence[int]) -> list[Floats]:
    """Log odds of each row by the first trees of a member, for several numbers of them, ascending."""
    return trees.Trees(member["text"]).score_each(_columns(member, sample), rounds)


def parts(member: Parameters, sample: Sample) -> tuple[list[str], Floats]:
    """Names of columns, and what each adds to the log odds of each row (rows × names) against the average row."""
    if member["kind"] == "linear":
        return _labels(member), _design(member, sample)[:, 1:] * np.array(member["weights"])[1:]
    names = list(member["columns"])
    return names, trees.Trees(member["text"]).parts(_columns(member, sample))[:, :-1]


def spread(member: Parameters, sample: Sample) -> Floats:
    """Standard deviation of the log odds of each row, as a linear member knows its own; 0 of trees."""
    if "covariance" not in member:
        return np.zeros(len(sample))
    design = _design(member, sample)
    variance = np.einsum("ij,ij->i", design @ np.array(member["covariance"]), design)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)), np.float64)


def without_covariance(member: Parameters) -> Parameters:
    """The member, smaller."""
    return {name: value for name, value in member.items() if name != "covariance"}


def _some(sample: Sample, came: Floats, most: int) -> tuple[Sample, Floats]:
    """Of very many rows every second, third … one."""
    every = slice(None, None, -(-len(sample) // most) or 1)
    return sample.chosen(every), came[every]


def _learn_trees(sample: Sample, came: Floats, rounds: int) -> Parameters:
    many = len(sample) > _MANY_ROWS
    options = {
        **_OPTIONS,
        "num_leaves": 24 if many else 8,
        "min_data_in_leaf": 200 if many else int(np.clip(len(sample) // 100, 20, 60)),
    }
    things = [place for place, name in enumerate(sample.names) if name in sample.levels]
    grown = trees.grow(sample.values, came, rounds, options, categorical=things)
    return {"kind": "trees", "columns": list(sample.names), "rounds": rounds, "text": grown.text}


def _frequent(sample: Sample, name: str) -> list[str]:
    """The levels of a thing that are common enough to have a weight of their own, in their order."""
    column = _pick(sample, (name,))[:, 0]
    count = np.bincount(column[~np.isnan(column)].astype(np.int64), minlength=len(sample.levels[name]))
    return [level for level, seen in zip(sample.levels[name], count, strict=False) if seen >= _RARE]


def _design(member: Parameters, sample: Sample) -> Floats:
    encoding = unpacked(member["encoding"])
    things: dict[str, list[str]] = member["things"]
    if not things:
        return encoding.columns(sample.names, sample.values)
    found = [encoding.columns(sample.names, sample.values)]
    for name, kept in things.items():
        place = {level: number for number, level in enumerate(sample.levels[name])}
        column = _pick(sample, (name,))
        found.append((column == np.array([place.get(level, -1) for level in kept])).astype(np.float64))
    return np.hstack(found)


def _labels(member: Parameters) -> list[str]:
    things: dict[str, list[str]] = member["things"]
    return [*unpacked(member["encoding"]).labels(), *(name for name, kept in things.items() for _ in kept)]


def _columns(member: Parameters, sample: Sample) -> Floats:
    return _pick(sample, member["columns"])


def _pick(sample: Sample, names: Sequence[str]) -> Floats:
    place: dict[str, Any] = {name: number for number, name in enumerate(sample.names)}
    return np.asarray(sample.values[:, [place[name] for name in names]], np.float64)
