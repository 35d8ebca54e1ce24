"""How well segments are found again: agreement of two divisions of the same people.

The adjusted Rand index (Hubert and Arabie, *Journal of Classification* 2, 1985) compares divisions as a whole: 1 is the
same division, 0 is what chance gives. For a single segment it is the Jaccard index with the segment of the other
division that fits it best: people in both over people in either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vocative.segment.population import Floats

_HIGH, _FAIR, _LOW = 0.75, 0.5, 0.3


def adjusted_rand(one: Sequence[str], other: Sequence[str]) -> float:
    """Agreement of two divisions of the same people, given as labels in the same order.

    >>> adjusted_rand(["a", "a", "b", "b"], ["x", "x", "y", "y"])
    1.0
    """
    table = _crossed(one, other)[0]
    people = table.sum()
    together, first, second = _pairs(table), _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    expected = first * second / max(people * (people - 1) / 2, 1.0)
    most = (first + second) / 2
    return 1.0 if most == expected else float((together - expected) / (most - expected))


def best_matches(now: Mapping[str, str], before: Mapping[str, str]) -> dict[str, tuple[str, float]]:
    """For each segment of now the one of before that fits best, and their Jaccard index.

    Args:
        now: Person → segment.
        before: Likewise at the earlier moment; only people in both are compared.

    Returns:
        Segment → (segment of before, index from 0 to 1); segments without people of before are left out.
    """
    both = sorted(now.keys() & before.keys())
    if not both:
        return {}
    table, names, others = _crossed([now[person] for person in both], [before[person] for person in both])
    union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    found = table / np.maximum(union, 1.0)
    best = found.argmax(axis=1)
    return {name: (others[best[row]], float(found[row, best[row]])) for row, name in enumerate(names)}


def in_words(stability: float | None) -> str:
    """What a stability means, for people.

    >>> in_words(0.8)
    'found again a month before almost unchanged'
    """
    if stability is None:
        return "not compared with a month before"
    if stability >= _HIGH:
        return "found again a month before almost unchanged"
    if stability >= _FAIR:
        return "found again a month before, with many of the same people"
    if stability >= _LOW:
        return "only partly found again a month before: its borders are soft"
    return "hardly found a month before: take it as a sketch, not as a fact"


def _crossed(one: Sequence[str], other: Sequence[str]) -> tuple[Floats, list[str], list[str]]:
    names, rows = np.unique(np.array(one, dtype=object).astype(str), return_inverse=True)
    others, columns = np.unique(np.array(other, dtype=object).astype(str), return_inverse=True)
    table = np.zeros((len(names), len(others)))
    np.add.at(table, (rows, columns), 1.0)
    return table, [str(name) for name in names], [str(name) for name in others]


def _pairs(counts: Floats) -> float:
    return float((counts * (counts - 1) / 2).sum())
