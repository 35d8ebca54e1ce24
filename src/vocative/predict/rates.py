"""Naive probabilities of acting within so many days: the person's own rate, everybody's, and the rule of RFM cells."""

from __future__ import annotations

from math import ceil

import numpy as np

from vocative.predict.module import Forecast, training_moments
from vocative.predict.past import DAY_US, Flags, Floats, Integers, Past, distinct

_OWN_PRIOR = 2.0
_CELL_PRIOR = 5.0
_CUTS = (0.2, 0.4, 0.6, 0.8)
_MONEY_CUT = (0.5,)
_FREQUENCY_DAYS = 364


def everybodys_rate(past: Past, moment: int, days: int, *, away: bool) -> Forecast:
    """The same for everybody: the share to whom it happened at the newest moment whose outcome is complete."""
    who = past.features(moment).who
    return _flat(who, np.full(len(who), _shared(past, moment, days, away=away)), np.zeros(len(who)))


def own_rate(past: Past, moment: int, days: int, *, away: bool) -> Forecast:
    """Of the person's own past spans of so many days, the share in which it happened, steadied by everybody's."""
    who = past.features(moment).who
    shared = _shared(past, moment, days, away=away)
    acts = past.before(moment, past.main)
    length = len(past.people)
    first = np.full(length, moment)
    np.minimum.at(first, acts.who, acts.us)
    spans = (moment - first) // round(days * DAY_US)
    ago = (moment - 1 - acts.us) // round(days * DAY_US)
    inside = ago < spans[acts.who]
    seen = distinct(acts.who[inside], ago[inside])[0]
    busy = np.bincount(seen, minlength=length)
    hits = spans - busy if away else busy
    value = (hits[who] + _OWN_PRIOR * shared) / (spans[who] + _OWN_PRIOR)
    return _flat(who, value, spans[who].astype(np.float64))


def rfm_rule(past: Past, moment: int, days: int, *, away: bool) -> Forecast:
    """The share to whom it happened among people of the same recency, frequency and money, a complete moment ago."""
    who = past.features(moment).who
    if not (moments := training_moments(past, moment, days, 1)):
        return everybodys_rate(past, moment, days, away=away)
    then = past.features(moments[0]).who
    came = happened(past, moments[0], days, moment, then, away=away)
    before, now = _rfm(past, moments[0], then), _rfm(past, moment, who)
    cuts = [np.quantile(column, _MONEY_CUT if place == 2 else _CUTS) for place, column in enumerate(before)]
    old, new = _cells(before, cuts), _cells(now, cuts)
    size = ceil((len(_CUTS) + 1) ** 2 * (len(_MONEY_CUT) + 1))
    hits, seen = np.bincount(old, came, minlength=size), np.bincount(old, minlength=size)
    shared = float(came.mean()) if len(came) else 0.5
    rate = (hits + _CELL_PRIOR * shared) / (seen + _CELL_PRIOR)
    return _flat(who, rate[new], seen[new].astype(np.float64))


def _shared(past: Past, moment: int, days: int, *, away: bool) -> float:
    moments = training_moments(past, moment, days, 1)
    if not moments:
        return 0.5
    who = past.features(moments[0]).who
    came = happened(past, moments[0], days, moment, who, away=away)
    return (float(came.sum()) + 0.5) / (len(came) + 1.0)


def happened(past: Past, moment: int, days: int, by: int, who: Integers, *, away: bool) -> Flags:
    """Whether each person acted within the days after the moment (with `away`: did not), as known by another moment."""
    came = np.isin(who, past.during(moment, days, by, past.main).who)
    return np.asarray(came != away, np.bool_)


def _rfm(past: Past, moment: int, who: Integers) -> list[Floats]:
    acts = past.before(moment, past.main)
    length = len(past.people)
    last = np.zeros(length)
    np.maximum.at(last, acts.who, acts.us.astype(np.float64))
    recent = acts.us >= moment - _FREQUENCY_DAYS * DAY_US
    days = distinct(acts.who[recent], acts.us[recent] // DAY_US)[0]
    frequency = np.bincount(days, minlength=length).astype(np.float64)
    money = np.bincount(acts.who[recent], acts.money[recent], minlength=length).astype(np.float64)
    return [moment - last[who], frequency[who], money[who]]


def _cells(columns: list[Floats], cuts: list[Floats]) -> Integers:
    found = np.zeros(len(columns[0]), np.int64)
    for column, edges in zip(columns, cuts, strict=True):
        found = found * (len(edges) + 1) + np.searchsorted(edges, column, side="left")
    return found


def _flat(who: Integers, value: Floats, support: Floats) -> Forecast:
    return Forecast(who=who, value=value, low=value, high=value, support=support)
