"""Things that came into the catalogue lately and that hardly anybody had: for whom each is worth a try.

No model can have learnt of them. What they are tells how likely somebody has them: the few who did, and how much more
than others the person has of their group. So that all get their turn, who is shown which of them is drawn, the likelier
the more often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.history.catalogue import catalogue_at
from vocative.predict.history.event_history import EventHistory, Floats, Integers, find, unique
from vocative.predict.items.content import newcomers

MOST_UNTRIED = 5
"""Such things that are drawn for each person."""
_BLOCK = 4_096
_SHRUNK = 10.0
_LEAST_LIFT, _MOST_LIFT = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Untried:
    """Columns of one length, by person and value, the highest first: person, place in `Catalogue.items`, chance."""

    who: Integers
    item: Integers
    value: Floats


def untried(past: EventHistory, moment: int, people: Integers, random: np.random.Generator) -> Untried:
    """Draw such things for people.

    Args:
        past: The past.
        moment: Only what was known before it counts, µs UTC.
        people: Their numbers, ascending.
        random: What is drawn with.
    """
    catalogue = past.once("catalogue", moment, catalogue_at)
    width = max(len(past.items), 1)
    keys = past.once("had", moment, lambda known, at: _had(known, at, width))
    buyers = np.bincount(keys % width, minlength=len(past.items)).astype(np.float64)
    fresh = newcomers(catalogue, buyers)
    fresh = fresh[~(catalogue.stock[fresh] <= 0.0)]
    if not len(fresh) or not len(people):
        none = np.zeros(0, np.int64)
        return Untried(none, none, np.zeros(0))
    group = catalogue.groupings[0].code if catalogue.groupings else np.full(len(catalogue.items), -1, np.int64)
    few = np.pad(buyers, (0, len(catalogue.items) - len(buyers)))[fresh]
    base = (few + 0.5) / (len(past.present(moment)) + 1.0)
    who, item, value = [], [], []
    for start in range(0, len(people), _BLOCK):
        some = people[start : start + _BLOCK]
        chance = np.minimum(base * _lift(keys, width, group, some)[:, group[fresh] + 1], 0.5)
        chance[find(keys, (some[:, None] * width + np.minimum(fresh, width - 1)).ravel())[1].reshape(chance.shape)
               & (fresh < width)] = 0.0  # fmt: skip
        # The largest of logarithms with Gumbel noise are a draw without putting back (Kool et al., 2019).
        score = np.log(np.maximum(chance, 1e-12)) + random.gumbel(size=chance.shape)
        drawn = np.argsort(-score, axis=1, kind="stable")[:, :MOST_UNTRIED]
        mine = np.take_along_axis(chance, drawn, axis=1)
        order = np.argsort(-mine, axis=1, kind="stable")
        drawn, mine = np.take_along_axis(drawn, order, axis=1), np.take_along_axis(mine, order, axis=1)
        kept = (mine > 0.0).ravel()
        who.append(np.repeat(some, drawn.shape[1])[kept])
        item.append(fresh[drawn].ravel()[kept])
        value.append(mine.ravel()[kept])
    return Untried(np.concatenate(who), np.concatenate(item), np.concatenate(value))


def _had(past: EventHistory, moment: int, width: int) -> Integers:
    lines = past.lines_before(moment)
    return unique(lines.who * width + lines.item)


def _lift(keys: Integers, width: int, group: Integers, people: Integers) -> Floats:
    """People × groups (the first column for none): how much more of a group they have than everybody, shrunk to 1."""
    columns = int(group.max(initial=-1)) + 2
    code = group[keys % width] + 1
    share = (np.bincount(code, minlength=columns) + 1.0) / (len(keys) + columns)
    row, mine = find(people, keys // width)
    had = np.bincount(row[mine] * columns + code[mine], minlength=len(people) * columns).reshape(-1, columns)
    lift = (had + _SHRUNK * share) / (had.sum(axis=1, keepdims=True) + _SHRUNK) / share
    lift[:, 0] = 1.0
    return np.asarray(np.clip(lift, _LEAST_LIFT, _MOST_LIFT))
