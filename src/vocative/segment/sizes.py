"""No segment is below the minimum size: one that is joins its nearest neighbour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import dist


def merge_small(labels: Sequence[str], places: Mapping[str, Sequence[float]], minimum: int) -> list[str]:
    """Give people of segments below the minimum size the label of the nearest one, the smallest segment first.

    Args:
        labels: The segment of each person; an empty one is none.
        places: Where each segment lies; near ones are alike.
        minimum: The least number of people.

    Returns:
        The labels, all of segments of at least that size; all empty if there are fewer people than that altogether.

    >>> merge_small(["a", "a", "b", "c", "c"], {"a": [0], "b": [1], "c": [5]}, 2)
    ['a', 'a', 'a', 'c', 'c']
    """
    joined: dict[str, str] = {}
    sizes = Counter(label for label in labels if label)
    while sizes:
        smallest = min(sizes, key=lambda label: (sizes[label], label))
        if sizes[smallest] >= minimum:
            break
        size = sizes.pop(smallest)
        if not sizes:
            joined[smallest] = ""
            break
        nearest = min(sizes, key=lambda label: (dist(places[label], places[smallest]), label))
        joined[smallest] = nearest
        sizes[nearest] += size
    return [_end(label, joined) for label in labels]


def _end(label: str, joined: Mapping[str, str]) -> str:
    while label in joined:
        label = joined[label]
    return label
