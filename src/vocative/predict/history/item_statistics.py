"""How things stand with everybody: how many want them, who takes them up, who comes back to them, and after how long.

Figures of coming back and of pauses rest on pairs of a part of the people, popularity on everybody's lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventArrays, Floats, Integers, distinct
from vocative.predict.history.person_items import PersonItems

WINDOW = 28.0
_PRIOR = 10.0
_NEWCOMERS_PRIOR = 20.0
_PAUSE_PRIOR = 1.0


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """Figures of each item.

    `week`, `month`, `quarter` and `before` (the month before the month) are shares of people who had it then; `buyers`
    is the number of people in the pairs who ever had it. `taken` and `taken_long` are the shares of those who had not
    had it that took it up within the last 28 and 84 days; `back` the share of its buyers that had it on several days;
    `again` the share of those who had it before the last 28 days that had it within them. `usual` is the usual pause
    in days, `price` what was paid for a line.
    """

    week: Floats
    month: Floats
    quarter: Floats
    before: Floats
    buyers: Floats
    taken: Floats
    taken_long: Floats
    back: Floats
    again: Floats
    usual: Floats
    price: Floats


def things_of(lines: EventArrays, pairs: PersonItems, moment: int, items: int, people: int) -> ItemStatistics:
    """Figures of `items` items from everybody's lines before the moment and the pairs of some people.

    Args:
        lines: Everybody's.
        pairs: What some people had before the moment.
        moment: µs UTC.
        items: How many there are.
        people: Number of people in `lines`.
    """
    some = max(len(np.unique(pairs.who)), 1)

    def share(newest: float, oldest: float) -> Floats:
        inside = (lines.us >= moment - oldest * DAY_US) & (lines.us < moment - newest * DAY_US)
        _, item = distinct(lines.who[inside], lines.item[inside])
        return np.bincount(item, minlength=items) / max(people, 1)

    def taken(days: float) -> Floats:
        fresh = np.bincount(pairs.item[pairs.first <= days], minlength=items)
        return fresh / (some - (buyers - fresh) + _NEWCOMERS_PRIOR)

    buyers = np.bincount(pairs.item, minlength=items).astype(np.float64)
    back = _shrunk(np.bincount(pairs.item[pairs.times > 1], minlength=items), buyers)
    old = pairs.first > WINDOW
    here = np.bincount(pairs.item[old & (pairs.last <= WINDOW)], minlength=items)
    again = _shrunk(here, np.bincount(pairs.item[old], minlength=items).astype(np.float64))
    span = np.bincount(pairs.item, pairs.first - pairs.last, items)
    pauses = np.bincount(pairs.item, pairs.times - 1.0, items)
    usual = (span + _PAUSE_PRIOR * span.sum() / max(pauses.sum(), 1.0)) / (pauses + _PAUSE_PRIOR)
    count = np.bincount(lines.item, minlength=items)
    price = np.where(count > 0, np.bincount(lines.item, lines.money, items) / np.maximum(count, 1), np.nan)
    return ItemStatistics(
        share(0.0, 7.0),
        share(0.0, WINDOW),
        share(0.0, 91.0),
        share(WINDOW, 2 * WINDOW),
        buyers,
        taken(WINDOW),
        taken(3 * WINDOW),
        back,
        again,
        usual,
        price,
    )


def popularity(lines: EventArrays, moment: int, items: int) -> Floats:
    """How many people had each item in the last four weeks."""
    recent = lines.us >= moment - round(WINDOW * DAY_US)
    _, item = distinct(lines.who[recent], lines.item[recent])
    return np.bincount(item, minlength=items).astype(np.float64)


def _shrunk(count: Integers, out_of: Floats) -> Floats:
    """Shares drawn to the share of all where little is known."""
    return np.asarray((count + _PRIOR * count.sum() / max(out_of.sum(), 1.0)) / (out_of + _PRIOR))
