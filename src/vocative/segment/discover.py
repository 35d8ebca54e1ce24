"""Micro-segments: narrow groups of people who are alike in habits and tastes, found in the data.

People are described by comparable scores and placed on the main axes on which they differ. The ends of the axes are
the first centres; each person belongs to the nearest. In data with sharp clusters the centres are then moved into
them (Lloyd, *IEEE Transactions on Information Theory* 28, 1982). Whether that helps, and how many groups the data
bears, is decided by how well groups are found again: the people are halved, groups are found in each half, everybody
is assigned by both, and the two divisions are compared. Nothing depends on identifiers or on the order of people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from msgspec import Struct

from vocative.segment.axes import main_axes
from vocative.segment.describing import Description, describe, described
from vocative.segment.population import Floats, Integers, Population
from vocative.segment.stability import adjusted_rand

_SPLITS = 4
_ONE_SIDED = 0.6
# Of divisions that say about as much, the one that is found again best.
_AS_MUCH = 0.94
_LEAST_AGREEMENT = 0.25
_LLOYD_STEPS = 50
_MOST_COMPARED = 20_000
_ALIKE = 1e-9


class Discovered(Struct, frozen=True, kw_only=True):
    """Micro-segments that were found: all that is needed to assign people to them, nothing of one person."""

    description: Description
    axes: list[list[float]]
    """A row for each habit and taste, a column for each axis."""
    centres: list[list[float]]
    """A row for each segment."""
    moved: bool
    """Whether the centres were moved into clusters."""
    found_again: float
    """Agreement (adjusted Rand) of the divisions that two halves of the people give."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to divide people: how many axes, and whether centres are moved."""

    axes: int
    moved: bool


def discover(
    everybody: Population,
    words: set[str],
    *,
    most: int,
    minimum: int,
    seed: int,
    like: Discovered | None = None,
) -> Discovered | None:
    """Find micro-segments.

    Args:
        everybody: Those among whom to look.
        words: Categories that may be named; no other plays a part.
        most: The most segments to look for.
        minimum: The least number of people in one.
        seed: Of the halving.
        like: Micro-segments of another moment: people are divided in as many ways as there, found in this data alone.

    Returns:
        None where there are too few people for two segments, or no groups that two halves of them agree on.
    """
    count = len(everybody.people)
    if count < 2 * minimum:
        return None
    description = describe(everybody, words)
    scores = described(description, everybody)
    if scores.shape[1] < 2:
        return None
    sample = _sample(scores, seed)
    share = len(sample) / count
    ways = _ways(scores.shape[1], most) if like is None else [_way_of(like, scores.shape[1])]
    tried = {way: _found_again(sample, way, minimum * share, seed) for way in ways}
    most_said = max(said for _, said in tried.values())
    good = {way: again for way, (again, said) in tried.items() if said >= _AS_MUCH * most_said}
    way, again = max(good.items(), key=lambda one: one[1])
    if like is None and again < _LEAST_AGREEMENT:
        return None
    axes = main_axes(scores, way.axes)
    places = scores @ axes
    centres = _without_small(places, _centres(places, moved=way.moved), minimum)
    return Discovered(
        description=description,
        axes=axes.tolist(),
        centres=centres.tolist(),
        moved=way.moved,
        found_again=again,
    )


def assign(found: Discovered, everybody: Population, minimum: int) -> Integers:
    """The segment of each person, counted from 0; one that would be too small is left out, its people join another."""
    places = described(found.description, everybody) @ np.array(found.axes)
    return _nearest_kept(places, np.array(found.centres), minimum)


def _way_of(found: Discovered, columns: int) -> _Way:
    return _Way(min(len(found.axes[0]), columns), found.moved)


def _ways(columns: int, most: int) -> Iterator[_Way]:
    for axes in range(1, min(most // 2, columns) + 1):
        yield _Way(axes, moved=False)
        yield _Way(axes, moved=True)


def _sample(scores: Floats, seed: int) -> Floats:
    """At most so many people as it takes to compare ways, in an order that only their scores decide."""
    ordered = scores[np.lexsort(np.round(scores, 9).T)]
    if len(ordered) <= _MOST_COMPARED:
        return ordered
    kept = np.random.default_rng(seed).choice(len(ordered), _MOST_COMPARED, replace=False)
    return ordered[np.sort(kept)]


def _found_again(scores: Floats, way: _Way, minimum: float, seed: int) -> tuple[float, float]:
    """How far two halves of the people agree, from 0 to 1, and that times how much the division says (in nats)."""
    random = np.random.default_rng(seed)
    agreements, said = [], []
    for _ in range(_SPLITS):
        order = random.permutation(len(scores))
        halves = order[: len(order) // 2], order[len(order) // 2 :]
        labels = []
        for half in halves:
            axes = main_axes(scores[half], way.axes)
            centres = _without_small(scores[half] @ axes, _centres(scores[half] @ axes, moved=way.moved), minimum / 2)
            labels.append([str(label) for label in _nearest(scores @ axes, centres)])
        agreements.append(adjusted_rand(*labels))
        said.append(agreements[-1] * (_entropy(labels[0]) + _entropy(labels[1])) / 2)
    return float(np.mean(agreements)), float(np.mean(said))


def _entropy(labels: list[str]) -> float:
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return float(-(shares * np.log(shares)).sum())


def _centres(places: Floats, *, moved: bool) -> Floats:
    skew = (places**3).mean(axis=0) / np.maximum(places.std(axis=0), _ALIKE) ** 3
    ends = np.eye(places.shape[1])
    both = np.vstack([ends, -ends[skew < _ONE_SIDED]])
    # An axis with one long tail has a group at that end only; whoever is at no end is in the middle.
    ends = both if len(both) == 2 * len(ends) else np.vstack([both, np.zeros(len(ends))])
    if not moved:
        return ends
    centres = ends
    for _ in range(_LLOYD_STEPS):
        nearest = _nearest(places, centres)
        sizes = np.bincount(nearest, minlength=len(centres))
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, places)
        fresh = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)
        if np.abs(fresh - centres).max() < _ALIKE:
            break
        centres = fresh
    return centres


def _nearest(places: Floats, centres: Floats) -> Integers:
    return np.asarray(((centres**2).sum(axis=1) - 2 * places @ centres.T).argmin(axis=1), dtype=np.int64)


def _without_small(places: Floats, centres: Floats, minimum: float) -> Floats:
    kept = np.unique(_nearest_kept(places, centres, minimum))
    return centres[kept]


def _nearest_kept(places: Floats, centres: Floats, minimum: float) -> Integers:
    """The nearest centre of each person, where centres with too few people are given up, the smallest first."""
    kept = np.arange(len(centres))
    while True:
        labels = _nearest(places, centres[kept])
        sizes = np.bincount(labels, minlength=len(kept))
        if len(kept) == 1 or sizes.min() >= minimum:
            return np.asarray(kept[labels], dtype=np.int64)
        kept = np.delete(kept, int(sizes.argmin()))
