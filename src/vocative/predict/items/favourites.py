"""Naive lists of things: what everybody wants now, and what the person had most, by decayed counts."""

from __future__ import annotations

import numpy as np

from vocative.predict.history.event_history import EventHistory, Flags, Floats, Integers
from vocative.predict.history.item_statistics import popularity
from vocative.predict.history.person_items import PersonItems, pairs_before
from vocative.predict.predictor import Forecast

DEPTH = 10


def popular_things(past: EventHistory, moment: int, *, new: bool) -> Forecast:
    """The same for everybody: what most people had in the last four weeks; with `new`, what the person never had."""
    who, pairs, popular = past.present(moment), past.once("pairs", moment, pairs_before), _popularity(past, moment)
    people = max(len(who), 1)
    own = _own(pairs, who) if new else [np.zeros(0, np.int64)] * len(who)
    most = DEPTH + max((len(one) for one in own), default=0)
    top = _best(popular, most)
    lists = [_others(top, mine, DEPTH, len(past.items)) for mine in own]
    return _forecast(past, pairs, who, lists, [popular[found] / people for found in lists])


def own_things(past: EventHistory, moment: int) -> Forecast:
    """What the person had on most days, each counting half after every 168 days; then what everybody wants now."""
    who, pairs, popular = past.present(moment), past.once("pairs", moment, pairs_before), _popularity(past, moment)
    people, top = max(len(who), 1), _best(popular, 2 * DEPTH)
    order = np.lexsort((pairs.item, -popular[pairs.item], -pairs.decayed[:, -1], pairs.who))
    starts, ends = (np.searchsorted(pairs.who, who, side=side) for side in ("left", "right"))
    lists, values = [], []
    for start, end in zip(starts, ends, strict=True):
        chosen = order[start : min(end, start + DEPTH)]
        mine = pairs.item[chosen]
        rest = _others(top, mine, DEPTH - len(mine), len(past.items))
        # Turned into a chance as if what was had once in a half-life came again at that pace.
        own = 1.0 - np.exp(-pairs.decayed[chosen, -1] * np.log(2.0) / 6.0)
        lists.append(np.concatenate([mine, rest]))
        values.append(np.concatenate([own, np.minimum(popular[rest] / people, own.min(initial=1.0))]))
    return _forecast(past, pairs, who, lists, values)


def _popularity(past: EventHistory, moment: int) -> Floats:
    return popularity(past.lines_before(moment), moment, len(past.items))


def _others(top: Integers, mine: Integers, most: int, items: int) -> Integers:
    """The first things of a list that the person does not have."""
    have = np.zeros(items, bool)
    have[mine] = True
    return top[~have[top]][:most]


def _best(popular: Floats, most: int) -> Integers:
    order = np.argsort(-popular, kind="stable")[:most]
    return np.asarray(order[popular[order] > 0], np.int64)


def _own(pairs: PersonItems, who: Integers) -> list[Integers]:
    starts, ends = (np.searchsorted(pairs.who, who, side=side) for side in ("left", "right"))
    return [pairs.item[start:end] for start, end in zip(starts, ends, strict=True)]


def _forecast(
    past: EventHistory, pairs: PersonItems, who: Integers, lists: list[Integers], values: list[Floats]
) -> Forecast:
    rows = np.repeat(who, [len(one) for one in lists])
    item = np.concatenate([*lists, np.zeros(0, np.int64)]).astype(np.int64)
    value = np.concatenate([*values, np.zeros(0)])
    width = max(len(past.items), 1)
    keys, wanted = pairs.who * width + pairs.item, rows * width + item
    place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    known: Flags = keys[place] == wanted if len(keys) else np.zeros(len(wanted), bool)
    support = np.where(known, pairs.times[place], 0.0).astype(np.float64) if len(keys) else np.zeros(len(wanted))
    return Forecast(who=rows, value=value, low=value, high=value, support=support, target=item, targets=past.items)
