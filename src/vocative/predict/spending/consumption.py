"""What is left at home: each person's purchases of each category that people come back to, with how much they took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.facts.facts import FACTS
from vocative.facts.grain import with_clause
from vocative.facts.people import KNOWN
from vocative.facts.scope import FIXED
from vocative.predict.history.event_history import DAY_US, UNTIL, EventHistory, Floats, Integers, places, until_of

_RETURNED = 0.3
_FEWEST_BUYERS = 20
_LONG_AGO_DAYS = 90
_PRIOR_GAPS = 3.0

SIGNS = (
    "days_since",
    "gap_days_mean",
    "gap_days_median",
    "gap_days_last",
    "gap_days_deviation",
    "gaps",
    "gap_days_everybody",
    "gap_days_steadied",
    "due_in_days",
    "quantity_last_over_usual",
    "quantity_last",
    "days_a_unit_lasts",
    "lasts_days_from_last",
    "purchase_days_28d",
    "purchase_days_91d",
    "shopping_days_28d",
    "days_since_any_purchase",
    "share_who_come_back",
)
"""What is told of a person and a consumable."""


@dataclass(frozen=True, slots=True)
class QuantityTaken:
    """Purchased lines with an item: person, moment and moment known (µs UTC), item and units."""

    who: Integers
    us: Integers
    known: Integers
    item: Integers
    units: Floats
    until: Integers | None = None
    """Up to which moment each was the person's own (µs UTC), where some were marked as somebody else's later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocks:
    """Pairs of person and consumable category bought on two days or more, by person and category; `SIGNS` of each."""

    who: Integers
    target: Integers
    signs: Floats


def taken_before(past: EventHistory, moment: int) -> QuantityTaken:
    """Lines that had happened and were known before the moment."""
    taken = past.once("lines with units", past.now, _read)
    reach = past.settings.features.history_days * DAY_US
    chosen = (taken.us < moment) & (taken.known < moment) & (taken.us >= moment - reach)
    if taken.until is not None:
        chosen &= taken.until >= moment
    return QuantityTaken(
        taken.who[chosen], taken.us[chosen], taken.known[chosen], taken.item[chosen], taken.units[chosen]
    )


def consumables(pair: Integers, count: Integers, age: Integers, width: int) -> tuple[Integers, Floats]:
    """Which categories people come back to, and the share of buyers who did.

    Args:
        pair: Person and category as one number, each once.
        count: Days on which each was bought.
        age: Days since the first of them.
        width: How many categories there are.
    """
    long_ago = age >= min(_LONG_AGO_DAYS, int(age.max(initial=0)) // 2)
    target = pair % width
    buyers = np.bincount(target[long_ago], minlength=width)
    again = np.bincount(target[long_ago & (count > 1)], minlength=width)
    share = again / np.maximum(buyers, 1)
    return np.flatnonzero((share >= _RETURNED) & (buyers >= _FEWEST_BUYERS)), np.asarray(share, np.float64)


def stocks_at(past: EventHistory, moment: int) -> Stocks:
    """Describe every pair of a person and a consumable as it was known at the moment (µs UTC)."""
    category, names = past.categories(moment)
    taken, width = taken_before(past, moment), max(len(names), 1)
    known = category[taken.item] >= 0
    pair_all = taken.who[known] * width + category[taken.item[known]]
    day_all, today = taken.us[known] // DAY_US, (moment - 1) // DAY_US
    order = np.lexsort((day_all, pair_all))
    pair, day, units = pair_all[order], day_all[order], taken.units[known][order]
    fresh = np.ones(len(pair), bool)
    fresh[1:] = (pair[1:] != pair[:-1]) | (day[1:] != day[:-1])
    starts = np.flatnonzero(fresh)
    units = np.add.reduceat(units, starts) if len(starts) else units
    return _described(past, moment, pair[starts], day[starts], units, today, width)


def _described(
    past: EventHistory, moment: int, pair: Integers, day: Integers, units: Floats, today: int, width: int
) -> Stocks:
    fresh = np.ones(len(pair), bool)
    fresh[1:] = pair[1:] != pair[:-1]
    starts = np.flatnonzero(fresh)
    count = np.diff([*starts, len(pair)]).astype(np.int64)
    which, share = consumables(pair[starts], count, today - day[starts], width)
    chosen = (count > 1) & np.isin(pair[starts] % width, which)
    inside = np.repeat(chosen, count)
    pair, day, units = pair[inside], day[inside], units[inside]
    count = count[chosen]
    starts = np.cumsum(count) - count
    who, target = pair[starts] // width, pair[starts] % width
    columns = _gap_signs(day, units, starts, count, target, today, width)
    owner = np.repeat(np.arange(len(starts)), count)
    lately = [np.bincount(owner[day > today - days], minlength=len(starts)) for days in (28, 91)]
    shopping, last_any = _shopping(past, moment, today)
    signs = [*columns, *lately, shopping[who], last_any[who], share[target]]
    return Stocks(who=who, target=target, signs=np.column_stack(signs).astype(np.float64))


def _gap_signs(
    day: Integers, units: Floats, starts: Integers, count: Integers, target: Integers, today: int, width: int
) -> list[Floats]:
    """Gaps between days of purchase, and how long what was taken lasted."""
    size, ends = len(starts), starts + count - 1
    follows = np.ones(len(day), bool)
    follows[starts] = False
    at = np.flatnonzero(follows)
    gap, owner = (day[at] - day[at - 1]).astype(np.float64), np.repeat(np.arange(size), count - 1)
    gaps = (count - 1).astype(np.float64)
    total = np.bincount(owner, gap, size)
    mean = total / np.maximum(gaps, 1.0)
    deviation = np.sqrt(np.maximum(np.bincount(owner, gap**2, size) / np.maximum(gaps, 1.0) - mean**2, 0.0))
    everybody = (np.bincount(target, total, width) / np.maximum(np.bincount(target, gaps, width), 1.0))[target]
    steadied = (total + _PRIOR_GAPS * everybody) / (gaps + _PRIOR_GAPS)
    since = (today - day[ends]).astype(np.float64)
    # What was taken on the last day has not been used up yet: it says nothing of how long a unit lasts.
    used = np.maximum(np.bincount(owner, units[at - 1], size), 1e-9)
    lasts = total / used
    usual = used / np.maximum(gaps, 1.0)
    return [
        since,
        mean,
        _medians(gap, owner, size),
        (day[ends] - day[ends - 1]).astype(np.float64),
        deviation,
        gaps,
        everybody,
        steadied,
        steadied - since,
        units[ends] / usual,
        units[ends],
        lasts,
        lasts * units[ends] - since,
    ]


def _medians(gap: Floats, owner: Integers, size: int) -> Floats:
    if not len(gap):
        return np.zeros(size)
    ordered = gap[np.lexsort((gap, owner))]
    count = np.bincount(owner, minlength=size)
    starts = np.cumsum(count) - count
    middle = ordered[starts + (count - 1) // 2] + ordered[starts + count // 2]
    return np.asarray(middle / 2.0, np.float64)


def _shopping(past: EventHistory, moment: int, today: int) -> tuple[Floats, Floats]:
    """Of everybody: days of the last 28 with any purchase, and days since the last."""
    acts = past.before(moment, past.main)
    day = acts.us // DAY_US
    last = np.zeros(len(past.people))
    np.maximum.at(last, acts.who, day.astype(np.float64))
    recent = day > today - 28
    different = np.unique(acts.who[recent] * 28 + (today - day[recent]))
    return np.bincount(different // 28, minlength=len(past.people)).astype(np.float64), today - last


def _read(past: EventHistory, now: int) -> QuantityTaken:
    scope = past.sources.scope(now, past.settings, ever=True)
    sql = f"""WITH {", ".join(with_clause([FACTS, KNOWN], scope))}
SELECT CAST(who - 1 AS BIGINT) AS who, us, known, item, units / {FIXED!r} AS units{UNTIL[scope.marks]}
FROM facts WHERE role = {past.main} AND item IS NOT NULL ORDER BY who, us, known, item, units{UNTIL[scope.marks]}"""
    table = past.engine.query(sql, past.sources.relations())
    who, us, known = (np.asarray(table[name], np.int64) for name in ("who", "us", "known"))
    item, units = places(table["item"], past.items), np.asarray(table["units"], np.float64)
    return QuantityTaken(who, us, known, item, units, until_of(table))
