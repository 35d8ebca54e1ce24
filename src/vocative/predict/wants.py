"""Candidates for what a person buys next: what they had, what goes with it and what everybody buys, with its signs.

Every candidate of a person carries the same signs, all from before the moment: how often and how lately they had it
(decayed with several half-lives), how far the last time lies back against the usual pause, how many want it now, how
often people come back to it, what else they have says (`vocative.predict.similarity`), how much they like its category.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from vocative.predict.past import DAY_US, Flags, Floats, Integers, Past, distinct, find, unique
from vocative.predict.similarity import Similarity

HALF_LIVES = (14.0, 56.0, 168.0)
POPULAR_DAYS = 28
SIGNS = (
    *(f"decayed_{life:g}d" for life in HALF_LIVES),
    "times",
    "days_since",
    "overdue",
    "overdue_squared",
    "regular",
    "popular",
    "popular_long",
    "comes_back",
    "goes_with",
    "category",
    "active",
    "active_known",
    "only_once",
)
_MOST_OWN = 120
_MOST_ALIKE = 60
_MOST_POPULAR = 40
_LEAST_BUYERS = 5
_MOST_THINGS = 20_000
_PAUSE_PRIOR = 1.0
_BACK_PRIOR = 10.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Person and item ever had, ordered by both: days it was had on, decayed counts, days since first and last."""

    who: Integers
    item: Integers
    times: Floats
    decayed: Floats
    first: Floats
    last: Floats


@dataclass(frozen=True, slots=True)
class Wants:
    """Candidates of everybody as columns, ordered by person: the item, its signs, whether it was had before.

    `pairs` holds everything anybody had, `popular` the number of people who had each item lately.
    """

    who: Integers
    item: Integers
    signs: Floats
    known: Flags
    times: Floats
    typical_days: Floats
    days_since: Floats
    category: Integers
    popular: Floats
    pairs: Pairs


def pairs_before(past: Past, moment: int) -> Pairs:
    """What everybody had before the moment."""
    lines = past.lines_before(moment)
    width = max(len(past.items), 1)
    first_day = int(lines.us.min() // DAY_US) if len(lines) else 0
    pair, day = distinct(lines.who * width + lines.item, lines.us // DAY_US - first_day)
    if not len(pair):
        none = np.zeros(0)
        return Pairs(pair, pair, none, np.zeros((0, len(HALF_LIVES))), none, none)
    starts = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]]))
    keys, times = pair[starts], np.diff([*starts, len(pair)])
    today = moment / DAY_US - first_day
    age = np.maximum(today - day - 0.5, 0.0)
    decayed = np.stack([np.add.reduceat(np.exp2(-age / life), starts) for life in HALF_LIVES], axis=1)
    ends = starts + times - 1
    first, last = (np.asarray(today - day[at], np.float64) for at in (starts, ends))
    return Pairs(keys // width, keys % width, times.astype(np.float64), np.asarray(decayed), first, last)


def popularity(past: Past, moment: int) -> Floats:
    """How many people had each item in the last four weeks."""
    lines = past.lines_before(moment)
    recent = lines.us >= moment - POPULAR_DAYS * DAY_US
    _, item = distinct(lines.who[recent], lines.item[recent])
    return np.bincount(item, minlength=len(past.items)).astype(np.float64)


def wants(past: Past, moment: int) -> Wants:
    """Candidates of everybody with an act before the moment."""
    people = past.present(moment)
    pairs, popular = past.once("pairs", moment, pairs_before), popularity(past, moment)
    width = max(len(past.items), 1)
    keys = pairs.who * width + pairs.item
    own = keys[_lately(pairs)]
    alike, score = _alike(past, pairs, people)
    top = np.argsort(-popular, kind="stable")[:_MOST_POPULAR]
    top = top[popular[top] > 0]
    spread = (people[:, None] * width + top[None, :]).ravel()
    candidates = unique(np.concatenate([own, alike, spread[~find(keys, spread)[1]]]))
    return _described(past, moment, pairs, popular, candidates, (alike, score))


def _lately(pairs: Pairs) -> Flags:
    """The pairs of each person that weigh most by the longest half-life."""
    if not len(pairs.who):
        return np.zeros(0, bool)
    order = np.lexsort((-pairs.decayed[:, -1], pairs.who))
    who = pairs.who[order]
    starts = np.flatnonzero(np.concatenate([[True], who[1:] != who[:-1]]))
    rank = np.arange(len(who)) - np.repeat(starts, np.diff([*starts, len(who)]))
    chosen = np.zeros(len(who), bool)
    chosen[order[rank < _MOST_OWN]] = True
    return chosen


def _alike(past: Past, pairs: Pairs, people: Integers) -> tuple[Integers, Floats]:
    """Key and score of what goes with what people have: everything they had, and the best of what they never had."""
    width = max(len(past.items), 1)
    buyers = np.bincount(pairs.item, minlength=width)
    things = np.argsort(-buyers, kind="stable")[:_MOST_THINGS]
    things = np.sort(things[buyers[things] >= _LEAST_BUYERS])
    if not len(things) or not len(people):
        return np.zeros(0, np.int64), np.zeros(0)
    column = np.full(width, -1)
    column[things] = np.arange(len(things))
    row = np.full(len(past.people), -1)
    row[people] = np.arange(len(people))
    inside = (column[pairs.item] >= 0) & (row[pairs.who] >= 0)
    taste = sparse.csr_matrix(
        (np.sqrt(pairs.decayed[inside, -1]), (row[pairs.who[inside]], column[pairs.item[inside]])),
        shape=(len(people), len(things)),
    )
    had = taste.copy()
    found: list[tuple[Integers, Floats]] = []
    best = min(_MOST_ALIKE, len(things))
    for rows, score in Similarity(taste).blocks():
        part = had[rows].tocoo()
        found.append((people[rows][part.row] * width + things[part.col], score[part.row, part.col].copy()))
        score[part.row, part.col] = -np.inf
        chosen = np.argpartition(-score, best - 1, axis=1)[:, :best]
        value = np.take_along_axis(score, chosen, axis=1).ravel()
        key = (people[rows][:, None] * width + things[chosen]).ravel()
        # A thing that is not among these still scores for those whom it is shown to for its popularity.
        found.append((key[value > 0.0], value[value > 0.0]))
    key, value = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.argsort(key, kind="stable")
    return key[order], value[order]


def _described(
    past: Past,
    moment: int,
    pairs: Pairs,
    popular: Floats,
    candidates: Integers,
    alike: tuple[Integers, Floats],
) -> Wants:
    width = max(len(past.items), 1)
    who, item = candidates // width, candidates % width
    place, known = find(pairs.who * width + pairs.item, candidates)
    times = np.where(known, pairs.times[place], 0.0) if len(place) else np.zeros(0)
    decayed = np.where(known[:, None], pairs.decayed[place], 0.0)
    since = np.where(known, pairs.last[place], 0.0)
    # The usual pause of a person who had a thing once is that of everybody.
    span = np.bincount(pairs.item, pairs.first - pairs.last, width)
    pauses = np.bincount(pairs.item, pairs.times - 1.0, width)
    usual = (span + _PAUSE_PRIOR * span.sum() / max(pauses.sum(), 1.0)) / (pauses + _PAUSE_PRIOR)
    own_span = np.where(known, pairs.first[place] - pairs.last[place], 0.0)
    typical = (own_span + usual[item]) / np.maximum(times, 1.0)
    buyers = np.bincount(pairs.item, minlength=width)
    again = np.bincount(pairs.item[pairs.times > 1], minlength=width)
    back = (again + _BACK_PRIOR * again.sum() / max(buyers.sum(), 1)) / (buyers + _BACK_PRIOR)
    spot, scored = find(alike[0], candidates)
    goes_with = np.where(scored, alike[1][spot], 0.0) if len(alike[0]) else np.zeros(len(candidates))
    category, liking = _categories(past, moment, pairs, who, item)
    activity = np.bincount(pairs.who, pairs.decayed[:, 1], len(past.people))[who]
    late = np.where(known, np.log((since + 1.0) / (typical + 1.0)), 0.0)
    signs = [
        *(np.log(column + 0.01) for column in decayed.T),
        np.log1p(times),
        np.log1p(since),
        np.clip(late, -3.0, 3.0),
        np.clip(late, -3.0, 3.0) ** 2,
        np.log1p(np.where(times > 1, typical, 0.0)),
        np.log1p(popular[item]),
        np.log1p(np.bincount(pairs.item, pairs.decayed[:, -1], width)[item]),
        np.log(back[item]),
        np.sign(goes_with) * np.sqrt(np.abs(goes_with)),
        np.log1p(liking),
        np.log1p(activity),
        np.where(known, np.log1p(activity), 0.0),
        (times == 1).astype(np.float64),
    ]
    return Wants(
        who,
        item,
        np.stack(signs, axis=1).astype(np.float32),
        known,
        times,
        np.where(times > 1, typical, np.nan),
        since,
        category,
        popular,
        pairs,
    )


def _categories(past: Past, moment: int, pairs: Pairs, who: Integers, item: Integers) -> tuple[Integers, Floats]:
    """The category of each candidate, and how much of it the person had (decayed)."""
    category, names = past.categories(moment)
    wide = len(names) + 1
    liking = np.bincount(pairs.who * wide + category[pairs.item] + 1, pairs.decayed[:, 1], len(past.people) * wide)
    mine = category[item]
    return mine, np.where(mine >= 0, liking[who * wide + mine + 1], 0.0)
