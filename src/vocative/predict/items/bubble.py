"""How far lists lie inside what a person does anyway: their diversity, novelty and exposure.

Diversity is the intra-list distance (Ziegler et al., 2005, "Improving recommendation lists through topic
diversification"); exposure the Gini coefficient of how often each thing of the catalogue is shown.
"""

from __future__ import annotations

import numpy as np

from vocative.predict.history.event_history import Flags, Floats, Integers


def diversity(lists: Integers, groups: Integers) -> Floats:
    """Of each list of two things or more how unlike they are: 0 if all pairs share all groups, 1 if none shares any.

    Args:
        lists: Of each thing the list in which it stands, numbers from 0.
        groups: Things × groupings: the group of each, -1 for none.

    >>> diversity(np.array([0, 0, 0, 1, 1]), np.array([[1], [1], [2], [3], [3]])).round(2).tolist()
    [0.67, 0.0]
    """
    length = np.bincount(lists).astype(np.float64) if len(lists) else np.zeros(0)
    pairs, alike = length * (length - 1) / 2, np.zeros(len(length))
    for column in groups.T:
        named: Flags = column >= 0
        width = int(column.max(initial=0)) + 1
        key, count = np.unique(lists[named] * width + column[named], return_counts=True)
        alike += np.bincount(key // width, count * (count - 1) / 2, len(length)) / max(groups.shape[1], 1)
    several = pairs > 0
    return np.asarray(1.0 - alike[several] / pairs[several], np.float64)


def gini(shown: Floats) -> float:
    """How concentrated what is shown is: 0 if everything is shown equally often, towards 1 if one thing alone is.

    Args:
        shown: Of each thing of the catalogue how often it was shown, those that were not among them.

    >>> gini(np.array([1.0, 1.0, 1.0])), round(gini(np.array([0.0, 0.0, 0.0, 8.0])), 2)
    (0.0, 0.75)
    """
    if not len(shown) or shown.sum() <= 0.0:
        return 0.0
    ordered = np.sort(shown)
    place = np.arange(1, len(ordered) + 1)
    return float(max(0.0, (2.0 * (place * ordered).sum() / ordered.sum() - len(ordered) - 1) / len(ordered)))
