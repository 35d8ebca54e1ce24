"""What must not be proposed: what is out of stock, what was sent back, and what one has once and for all.

Whether a thing is bought again is learnt: of those who had it long enough, the share that had it on another day, drawn
to that of its group where few had it. A sofa is not proposed to who has one; milk is.
"""

from __future__ import annotations

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventArrays, Flags, Floats, Integers, find, unique
from vocative.predict.history.person_items import PersonItems

LEAST_BACK = 0.02
"""Things that a smaller share of their buyers come back to are had once and for all."""
_LONG_ENOUGH = 56.0
_PRIOR = 20.0


def comes_back(pairs: PersonItems, group: Integers, items: int) -> Floats:
    """The share of its buyers that had each item again, of those who had it first at least eight weeks ago.

    Args:
        pairs: Who had what.
        group: Of each item its group, -1 for none.
        items: How many there are.
    """
    old = pairs.first >= _LONG_ENOUGH
    item, again = pairs.item[old], (pairs.times[old] > 1).astype(np.float64)
    wide = int(group.max(initial=-1)) + 2
    mine = group[:items] + 1
    overall = again.sum() / max(len(again), 1)
    in_group = np.bincount(mine[item], minlength=wide)
    share = (np.bincount(mine[item], again, wide) + _PRIOR * overall) / (in_group + _PRIOR)
    found = np.bincount(item, again, items) + _PRIOR * share[mine]
    return np.asarray(found / (np.bincount(item, minlength=items) + _PRIOR))


def may_be_proposed(
    stock: Floats, back: Floats, known: Flags, last_days: Floats, returned_days: Floats, least_back: float = LEAST_BACK
) -> Flags:
    """Which pairs of person and thing may be proposed; all columns of one length.

    Args:
        stock: Units there are, NaN where it is not counted.
        back: Share of buyers that come back to the thing.
        known: Whether the person had it.
        last_days: Days since they last had it.
        returned_days: Days since they last sent it back, NaN for never.
        least_back: Below this share what one had is not proposed again.
    """
    out_of_stock = stock <= 0.0
    sent_back = ~np.isnan(returned_days) & ~(last_days < returned_days)
    return np.asarray(~(out_of_stock | sent_back | (known & (back < least_back))))


def days_since_return(returns: EventArrays, moment: int, who: Integers, item: Integers, width: int) -> Floats:
    """Days since each person last sent each thing back, NaN for never; `returns` are those before the moment."""
    found = np.full(len(who), np.nan)
    if not len(returns):
        return found
    order = np.lexsort((returns.us, returns.who * width + returns.item))
    keys, us = (returns.who * width + returns.item)[order], returns.us[order]
    newest = np.concatenate([keys[1:] != keys[:-1], [True]])
    place, there = find(unique(keys), who * width + item)
    found[there] = (moment - us[newest][place[there]]) / DAY_US
    return found
