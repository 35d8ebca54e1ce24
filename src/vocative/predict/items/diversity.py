"""Lists as they are asked for: how diverse, how much that is new to the person, how much that nobody knows yet.

Pure functions over one person's proposals. Diversity is maximal marginal relevance (Carbonell & Goldstein, 1998, "The
use of MMR"): each next thing is the best by its value less its likeness to what is in the list already.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import Flags, Floats, Integers


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a list.

    `diversity` from 0 (by value alone) to 1 (by unlikeness alone); `discovery` the least share of things (or, with
    `discover_groups`, of groups) the person never had; `exploration` the least share of things hardly anybody knows
    yet. Shares hold as far as there are such things among the proposals;
    where both do not fit, discovery comes first.
    """

    length: int = 10
    diversity: float = 0.0
    discovery: float = 0.0
    exploration: float = 0.0
    discover_groups: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError for a share outside 0 and 1, or a list that is not at least one thing long."""
        for name in ("diversity", "discovery", "exploration"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"{name} is {value}: give a share between 0 and 1")
        if self.length < 1:
            raise ValueError(f"length is {self.length}: ask for at least one thing")

    @property
    def owes(self) -> bool:
        """Whether a share is asked for."""
        return self.discovery > 0.0 or self.exploration > 0.0


def rerank(
    value: Floats, groups: Integers, new: Flags, unknown: Flags, wish: Wish, new_group: Flags | None = None
) -> Integers:
    """Places of the proposals that make the list, in its order.

    Args:
        value: Of each proposal of one person, the higher the better.
        groups: Proposals × groupings: the group of each in each grouping, -1 for none; alike is what shares groups.
        new: Whether the person never had it.
        unknown: Whether hardly anybody had it yet.
        wish: What is asked of the list.
        new_group: Whether the person never had anything of its group; asked for with `discover_groups`.

    Returns:
        At most `wish.length` places.
    """
    rows = len(value)
    length = min(wish.length, rows)
    fresh = new_group if wish.discover_groups and new_group is not None else new
    owed = [_needed(fresh, wish.discovery, length), _needed(unknown, wish.exploration, length)]
    while _places(owed, int((fresh & unknown).sum())) > length:
        # Both do not fit into the list: what nobody knows gives way.
        owed[1] -= 1
    worth = _scaled(value)
    likest, free, grouped = np.zeros(rows), np.ones(rows, bool), groups >= 0
    chosen: list[int] = []
    for left in range(length, 0, -1):
        # Until places run short, whatever comes next leaves enough for what is owed.
        open_ = free & _may_come(free, fresh, unknown, owed, left) if sum(owed) >= left else free
        gain = np.where(open_, (1.0 - wish.diversity) * worth - wish.diversity * likest, -np.inf)
        equal = np.flatnonzero(gain == gain.max())
        best = int(equal[worth[equal].argmax()])
        chosen.append(best)
        free[best] = False
        owed = [max(owed[0] - int(fresh[best]), 0), max(owed[1] - int(unknown[best]), 0)]
        if wish.diversity and left > 1:
            likest = np.maximum(likest, _alike(groups, grouped, best))
    return np.array(chosen, np.int64)


def _needed(flags: Flags, share: float, length: int) -> int:
    # A share is kept when it is met or exceeded; a whole number that is not quite one is one.
    return min(int(np.ceil(share * length - 1e-9)), int(flags.sum()))


def _places(owed: list[int], both: int) -> int:
    """Places that are needed for what is owed, where a thing that is both pays two debts."""
    return owed[0] + owed[1] - min(owed[0], owed[1], both)


def _may_come(free: Flags, fresh: Flags, unknown: Flags, owed: list[int], left: int) -> Flags:
    """Which proposals may come next, so that what is then still owed fits into the places that are left."""
    both = int((free & fresh & unknown).sum())
    may = np.zeros(len(free), bool)
    for one in (False, True):
        for other in (False, True):
            after = [max(owed[0] - one, 0), max(owed[1] - other, 0)]
            if _places(after, both - (one and other)) <= left - 1:
                may |= (fresh == one) & (unknown == other)
    return may


def _scaled(value: Floats) -> Floats:
    """Values between 0 and 1."""
    if not len(value):
        return value
    low, high = float(value.min()), float(value.max())
    return np.asarray((value - low) / (high - low)) if high > low else np.ones(len(value))


def _alike(groups: Integers, grouped: Flags, place: int) -> Floats:
    """The share of groupings in which proposals stand in the same group as one of them."""
    if not groups.size:
        return np.zeros(len(groups))
    return np.asarray(np.count_nonzero((groups == groups[place]) & grouped, axis=1) / groups.shape[1])
