"""With which probability a plan gives a person what it gives: what is needed to compare those who were left in peace.

At the prices of the limits everybody's best choice is plain, and a plan gives nearly everybody just that: the same as
it would give somebody like them who is held back. Rounding decides about the few for whom two things are worth about
the same at these prices. How far that reaches is read from the plan itself: the largest difference at which somebody
did not get what is best at the prices. Whoever stands within it is not told apart by worth. Where many among them have
the very same worth and use the same, the order in which a plan goes through them is drawn by lot, and the share of them
that got something is its probability. Of the others nothing can be told.

The influence of a single person on the prices is left out of account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from vocative.decide.allocation.limits import Flags, Floats, Integers

Odds: TypeAlias = Mapping[int, float]
"""Action → probability; -1 is nothing."""

NONE = -1
FEWEST_ALIKE = 10
"""So many people of the very same worth make a share that can be called a probability."""
_CLOSE = 1e-9


def odds_of(worth: Floats, loads: Floats, price: Floats, taken: Integers, using: Flags) -> list[Odds | None]:
    """With which probability each person gets each action, were they not held back; None where it cannot be told.

    Args:
        worth: People × actions; -inf where an action is removed.
        loads: People × limits × actions: what would be used.
        price: Of each limit.
        taken: What each of the people got who use something up; -1 for nothing, and for all others.
        using: Who uses something up.
    """
    if not worth.size:
        return [{NONE: 1.0}] * len(worth)
    reduced = np.hstack([np.zeros((len(worth), 1)), worth - np.einsum("l,plj->pj", price, loads)])
    best = reduced.argmax(axis=1)
    highest = np.sort(reduced, axis=1)
    margin = highest[:, -1] - highest[:, -2]
    other = using & (best - 1 != taken)
    odds: list[Odds | None] = [{action: 1.0} for action in (best - 1).tolist()]
    if not other.any():
        return odds
    width = float(margin[other].max())
    unsure = np.flatnonzero(margin <= width + _CLOSE * max(1.0, abs(width)))
    alike: dict[bytes, list[int]] = {}
    for row in unsure.tolist():
        alike.setdefault(worth[row].tobytes() + loads[row].tobytes(), []).append(row)
    for rows in alike.values():
        told = _shares(taken[[row for row in rows if using[row]]])
        for row in rows:
            odds[row] = told
    return odds


def _shares(taken: Integers) -> Odds | None:
    if len(taken) < FEWEST_ALIKE:
        return None
    actions, counts = np.unique(taken, return_counts=True)
    return {int(action): float(count / len(taken)) for action, count in zip(actions, counts, strict=True)}
