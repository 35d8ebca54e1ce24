"""What comes next for people by the order in which everybody had things: transitions as a source of candidates.

For whatever is had one after the other: songs, episodes, articles, courses. Baskets and their order are told by
`vocative.predict.items.basket_transitions`; here single acts count, also within a day, and also of things few have had.
Things of one moment have no order: where most acts are such, nothing is learnt, for it would be noise.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vocative.predict.history.event_history import EventArrays, Integers
from vocative.predict.history.sequences import Sequences
from vocative.predict.items.transitions import Candidates, Transitions

MOST = 60
"""Things of each person that may come next."""
_MOST_ROWS = 120_000
_FEWEST_ROWS = 40
_LEAST_ALONE = 0.5


def steps_of(lines: EventArrays, items: int) -> Transitions:
    """How much each thing tells of another that comes later.

    Args:
        lines: Of the people that are learnt from; where there are many, everybody's latest are counted.
        items: How many items there are.
    """
    sequences = _ordered(lines, lines.who, items)
    if len(sequences) < _LEAST_ALONE * len(lines):
        sequences = replace(sequences, who=sequences.who[:0], item=sequences.item[:0])
    people = max(int(np.count_nonzero(sequences.lengths())), 1)
    latest = sequences.back() < max(_MOST_ROWS // people, _FEWEST_ROWS)
    return Transitions.learn(replace(sequences, who=sequences.who[latest], item=sequences.item[latest]))


def successors(steps: Transitions, people: Integers, lines: EventArrays) -> Candidates:
    """What people (ascending numbers) may have next, by what they had last; also what they had before."""
    mine = _ordered(lines, np.searchsorted(people, lines.who), steps.weights.shape[0], len(people))
    found = steps.candidates(mine, MOST, again=True)
    return replace(found, who=people[found.who])


def _ordered(lines: EventArrays, who: Integers, items: int, people: int | None = None) -> Sequences:
    """The lines that stand alone at their moment, in their order."""
    order = np.lexsort((lines.us, who))
    who, us = who[order], lines.us[order]
    later = (who[1:] == who[:-1]) & (us[1:] == us[:-1])
    alone = ~(np.concatenate([[False], later]) | np.concatenate([later, [False]]))[: len(who)]
    return Sequences.of(who[alone], lines.item[order][alone], us[alone], people, items)
