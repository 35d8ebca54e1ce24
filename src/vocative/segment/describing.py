"""People as comparable numbers: habits by rank, tastes by how far a share differs from everybody's.

Every number becomes a normal score of its rank, so that neither units nor extremes count. Shares that rest on few
orders are drawn towards everybody's. What is unknown lies in the middle. Habits and tastes weigh the same: each block
is divided by its largest singular value (multiple factor analysis, Escofier and Pagès, 1994).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from msgspec import Struct

from vocative.segment.population import Floats, Population
from vocative.segment.vocabulary import ALL, HABITS, STEADIED

EVIDENCE = "orders_365d"
TASTE = "category"

_BORROWED_ORDERS = 10.0
_BORROWED_UNITS = 20.0
_MOST_TASTES = 40
_LEAST_KNOWN = 0.5
_MOST_THE_SAME = 0.6
_LEAST_TASTED = 0.1
_LEAST_SPREAD = 1e-9
_FAR = 3.0
_PROBABILITIES = np.linspace(0.025, 0.975, 20)


class HabitTrait(Struct, frozen=True, kw_only=True):
    """How one feature becomes a score."""

    name: str
    mean: float
    knots: list[float]
    """Values at rising ranks."""
    scores: list[float]
    """Their normal scores."""


class Taste(Struct, frozen=True, kw_only=True):
    """How the liking of one category becomes a score."""

    key: str
    share: float
    """Its share in what everybody has."""
    mean: float
    deviation: float


class Description(Struct, frozen=True, kw_only=True):
    """How people are described; holds figures about everybody, nothing of one person."""

    habits: list[HabitTrait]
    tastes: list[Taste]
    habit_weight: float
    taste_weight: float


def describe(everybody: Population, words: set[str], names: Iterable[str] = tuple(HABITS)) -> Description:
    """Learn how to describe people.

    Args:
        everybody: Those who are described.
        words: Categories that may be named; no other plays a part.
        names: Features that describe them.
    """
    habits = [habit for name in names if (habit := _habit(everybody, name)) is not None]
    tastes = _tastes(everybody, words)
    raw = Description(habits=habits, tastes=tastes, habit_weight=1.0, taste_weight=1.0)
    scores = described(raw, everybody)
    return Description(
        habits=habits,
        tastes=tastes,
        habit_weight=_weight(scores[:, : len(habits)]),
        taste_weight=_weight(scores[:, len(habits) :]),
    )


def described(description: Description, everybody: Population) -> Floats:
    """Everybody's scores: a row for each person, a column for each habit and taste."""
    count = len(everybody.people)
    columns = [
        description.habit_weight
        * np.nan_to_num(np.interp(_steadied(everybody, one.name, one.mean), one.knots, one.scores))
        for one in description.habits
    ]
    if description.tastes:
        shares = np.array([one.share for one in description.tastes])
        found = _log_ratio(everybody, [one.key for one in description.tastes], shares)
        means, deviations = (
            np.array([getattr(one, name) for one in description.tastes]) for name in ("mean", "deviation")
        )
        columns.extend(description.taste_weight * ((found - means) / deviations).T)
    return np.column_stack(columns) if columns else np.zeros((count, 0))


def units_of(description: Description, everybody: Population) -> tuple[Floats, Floats]:
    """Decayed units of each person of each taste (a column for each), and of all categories together."""
    keys = [one.key for one in description.tastes]
    return everybody.likings.dense(keys, "support", len(everybody.people), 0.0), _totals(everybody)


def _habit(everybody: Population, name: str) -> HabitTrait | None:
    from scipy.special import ndtri

    needs = ALL[name].needs
    if name not in everybody.features or (needs and not any(other in everybody.features for other in needs)):
        return None
    values = everybody.feature(name)
    known = values[~np.isnan(values)]
    if len(known) < max(_LEAST_KNOWN * len(values), 2) or _commonest(known) > _MOST_THE_SAME:
        return None
    mean = float(known.mean())
    values = _steadied(everybody, name, mean)
    knots = np.quantile(values[~np.isnan(values)], _PROBABILITIES)
    if knots[-1] - knots[0] < _LEAST_SPREAD:
        return None
    # Values that many people share have one score: the mean of the ranks they cover.
    places, index = np.unique(knots, return_inverse=True)
    scores = np.bincount(index, ndtri(_PROBABILITIES)) / np.bincount(index)
    if len(places) < 3:
        return None
    return HabitTrait(name=name, mean=mean, knots=places.tolist(), scores=scores.tolist())


def _commonest(values: Floats) -> float:
    """The share of people who have the value that most have."""
    return float(np.unique(values, return_counts=True)[1].max() / len(values))


def _steadied(everybody: Population, name: str, mean: float) -> Floats:
    values = everybody.feature(name)
    if name not in STEADIED:
        return values
    orders = np.nan_to_num(everybody.feature(EVIDENCE))
    return (orders * values + _BORROWED_ORDERS * mean) / (orders + _BORROWED_ORDERS)


def _tastes(everybody: Population, words: set[str]) -> list[Taste]:
    likings, count = everybody.likings, len(everybody.people)
    keys = [key for key in (f"{TASTE}:{word}" for word in sorted(words)) if key in likings.keys]
    if not keys:
        return []
    support = likings.dense(keys, "support", count, 0.0)
    people = (support > 0).sum(axis=0)
    order = sorted(range(len(keys)), key=lambda place: (-people[place], keys[place]))
    chosen = [place for place in order[:_MOST_TASTES] if people[place] >= _LEAST_TASTED * count]
    total = max(_totals(everybody).sum(), 1.0)
    found = []
    for place in sorted(chosen):
        share = float(support[:, place].sum() / total)
        ratio = _log_ratio(everybody, [keys[place]], np.array([share]))[:, 0]
        if ratio.std() > _LEAST_SPREAD:
            found.append(Taste(key=keys[place], share=share, mean=float(ratio.mean()), deviation=float(ratio.std())))
    return found


def _totals(everybody: Population) -> Floats:
    """Decayed units of each person behind all their likings of categories."""
    likings, totals = everybody.likings, np.zeros(len(everybody.people))
    mine = np.array([key.startswith(f"{TASTE}:") for key in likings.keys] or [False])[likings.codes]
    share = likings.columns["share"] if likings.columns else np.zeros(0)
    mine = mine & (share > 0) if len(share) else mine
    if mine.any():
        np.maximum.at(totals, likings.rows[mine], likings.columns["support"][mine] / share[mine])
    return totals


def _log_ratio(everybody: Population, keys: list[str], shares: Floats) -> Floats:
    """Ln of each person's steadied share over everybody's; 0 is average."""
    units = everybody.likings.dense(keys, "support", len(everybody.people), 0.0)
    total = _totals(everybody)[:, None]
    return np.clip(np.log((units + _BORROWED_UNITS * shares) / ((total + _BORROWED_UNITS) * shares)), -_FAR, _FAR)


def _weight(block: Floats) -> float:
    if not block.shape[1]:
        return 1.0
    largest = float(np.sqrt(np.linalg.eigvalsh(block.T @ block / len(block))[-1]))
    return 1.0 / max(largest, _LEAST_SPREAD)
