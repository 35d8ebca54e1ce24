"""The pauses between two purchases of a category: each person's own, and everybody's as a life table.

Given that `age` days have passed since the last purchase, does the next one come within the horizon? Of the person's
own completed pauses longer than `age` (there are m), k ended within it. The same question put to everybody's pauses in
that category gives p, from a life table with open pauses as censored (Kaplan and Meier, 1958, "Nonparametric estimation
from incomplete observations"). (k + s p) / (m + s) is then the answer of counting alone: a prior worth s pauses, so
that a person with few pauses is close to everybody and one with many is close to themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers, distinct

PRIOR_PAUSES = 4.0
_CATEGORY_PRIOR = 20.0
_PRIOR_DAYS = 30.0
_LONGEST = 366
_LATELY = (28, 91)


@dataclass(frozen=True, slots=True, kw_only=True)
class GapPairs:
    """People and categories they bought on two days or more, ordered by person and category; columns of one length.

    Days are days in UTC. `longer` and `ended` count own pauses (see above); `prior` is everybody's chance in the
    category at that age; `own_rate` and `shared_rate` are purchases a day as if there were no rhythm.
    """

    who: Integers
    target: Integers
    pauses: Floats
    age: Floats
    typical: Floats
    """Median pause, in days."""
    spread: Floats
    """Standard deviation of the pauses over their mean."""
    longer: Floats
    ended: Floats
    prior: Floats
    own_rate: Floats
    shared_rate: Floats
    lately: tuple[Floats, ...]
    """Days bought on in the last 28 and 91 days."""
    pace: tuple[Floats, ...]
    """Days on which the person bought anything, in the last 28 and 91 days."""


def pairs_at(past: EventHistory, moment: int, horizon_days: int) -> GapPairs:
    """Describe every pair as it was known at the moment (µs UTC)."""
    category, names = past.categories(moment)
    today, width = moment // DAY_US, max(len(names), 1)
    pair, day = _days(past, moment, category, width)
    starts, count = _runs(pair)
    ends = starts + count - 1
    age_all = np.minimum(today - day[ends], _LONGEST).astype(np.int64)
    target_all = pair[starts] % width
    gap, owner = _gaps(pair, day, starts, count)
    survival = _survival(gap, target_all[owner], today - day[ends], target_all, width)
    chosen = count > 1
    place = np.cumsum(chosen) - 1
    # A pause exists only within a pair with two days or more, so every owner is chosen.
    owner = place[owner]
    target, age = target_all[chosen], age_all[chosen]
    size = len(target)
    later = np.minimum(age + horizon_days, _LONGEST)
    pauses = (count[chosen] - 1).astype(np.float64)
    mean = np.bincount(owner, gap, size) / np.maximum(pauses, 1.0)
    square = np.bincount(owner, gap.astype(np.float64) ** 2, size) / np.maximum(pauses, 1.0)
    longer = gap > age[owner]
    span = (today - day[starts[chosen]]).astype(np.float64)
    shared = _shared_rate(count, today - day[starts], target_all, width)[target]
    who = pair[starts[chosen]] // width
    return GapPairs(
        who=who,
        target=target,
        pauses=pauses,
        age=age.astype(np.float64),
        typical=_medians(gap, owner, size),
        spread=np.sqrt(np.maximum(square - mean**2, 0.0)) / np.maximum(mean, 1.0),
        longer=np.bincount(owner[longer], minlength=size).astype(np.float64),
        ended=np.bincount(owner[longer & (gap <= age[owner] + horizon_days)], minlength=size).astype(np.float64),
        prior=1.0 - survival[target, later] / survival[target, age],
        own_rate=(pauses + _PRIOR_DAYS * shared) / (span + _PRIOR_DAYS),
        shared_rate=shared,
        lately=tuple(_recent(place, pair, day, starts, count, today, days, size) for days in _LATELY),
        pace=tuple(_pace(past, moment, today, days)[who] for days in _LATELY),
    )


def _days(past: EventHistory, moment: int, category: Integers, width: int) -> tuple[Integers, Integers]:
    """Pairs of person and category (as one number) with each day bought on, in order."""
    lines = past.lines_before(moment)
    known = category[lines.item] >= 0
    day = lines.us[known] // DAY_US
    first = int(day.min()) if len(day) else 0
    pair, since = distinct(lines.who[known] * width + category[lines.item[known]], day - first)
    return pair, since + first


def _runs(pair: Integers) -> tuple[Integers, Integers]:
    """Where each run of equal numbers begins, and how long it is."""
    fresh = np.ones(len(pair), bool)
    fresh[1:] = pair[1:] != pair[:-1]
    starts = np.flatnonzero(fresh)
    return starts, np.diff([*starts, len(pair)])


def _gaps(pair: Integers, day: Integers, starts: Integers, count: Integers) -> tuple[Integers, Integers]:
    """Every completed pause in days, and the place of the pair it belongs to."""
    inside = np.ones(len(pair), bool)
    inside[starts] = False
    at = np.flatnonzero(inside)
    return day[at] - day[at - 1], np.repeat(np.arange(len(starts)), count - 1)


def _survival(gap: Integers, gap_target: Integers, age: Integers, age_target: Integers, width: int) -> Floats:
    """P(pause > d) per category (rows) and d = 0 … 366 days (columns), each category steadied by all of them."""
    columns = _LONGEST + 1

    def table(length: Integers, target: Integers) -> Floats:
        return np.bincount(target * columns + length, minlength=width * columns).reshape(width, columns).astype(float)

    over = gap <= _LONGEST
    ended = table(gap[over], gap_target[over])
    observed = table(np.minimum(gap, _LONGEST), gap_target) + table(np.minimum(age, _LONGEST), age_target)
    at_risk = observed[:, ::-1].cumsum(axis=1)[:, ::-1]
    shared = ended.sum(axis=0) / np.maximum(at_risk.sum(axis=0), 1.0)
    hazard = (ended + _CATEGORY_PRIOR * shared) / (at_risk + _CATEGORY_PRIOR)
    return np.maximum(np.cumprod(1.0 - hazard, axis=1), 1e-12)


def _shared_rate(count: Integers, span: Integers, target: Integers, width: int) -> Floats:
    """Everybody's purchases a day after their first, per category."""
    bought = np.bincount(target, count - 1.0, width)
    return (bought + 1.0) / (np.bincount(target, span.astype(np.float64), width) + _PRIOR_DAYS)


def _medians(gap: Integers, owner: Integers, size: int) -> Floats:
    order = np.lexsort((gap, owner))
    ordered = gap[order].astype(np.float64)
    count = np.bincount(owner, minlength=size)
    starts = np.concatenate([[0], np.cumsum(count)[:-1]]) if size else np.zeros(0, np.int64)
    if not len(ordered):
        return np.zeros(size)
    return np.asarray((ordered[starts + (count - 1) // 2] + ordered[starts + count // 2]) / 2.0, np.float64)


def _recent(
    place: Integers, pair: Integers, day: Integers, starts: Integers, count: Integers, today: int, days: int, size: int
) -> Floats:
    """Days of the last `days` on which each chosen pair was bought."""
    owner = np.repeat(np.arange(len(starts)), count)
    mine = (count[owner] > 1) & (day > today - days) if len(pair) else np.zeros(0, bool)
    return np.bincount(place[owner[mine]], minlength=size).astype(np.float64)


def _pace(past: EventHistory, moment: int, today: int, days: int) -> Floats:
    """Days of the last `days` on which each person bought anything."""
    acts = past.before(moment, past.main)
    at = acts.us // DAY_US
    recent = at > today - days
    who, _ = distinct(acts.who[recent], at[recent])
    return np.bincount(who, minlength=len(past.people)).astype(np.float64)
