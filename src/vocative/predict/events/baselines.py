"""Naive probabilities that something happens: the person's own rate, everybody's, and the rule of RFM cells."""

from __future__ import annotations

from math import ceil

import numpy as np

from vocative.predict.events.question import Asked, before
from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers, distinct
from vocative.predict.predictor import Forecast, training_moments

_OWN_PRIOR = 2.0
_CELL_PRIOR = 5.0
_CUTS = (0.2, 0.4, 0.6, 0.8)
_MONEY_CUT = (0.5,)
_FREQUENCY_DAYS = 364
_MOST_SPANS = 26


def everybodys_rate(asked: Asked, past: EventHistory, moment: int) -> Forecast:
    """The same for everybody: the share to whom it happened at the newest moment whose outcome is complete."""
    who = asked.audience(past, moment)
    return _flat(who, np.full(len(who), _shared(asked, past, moment)), np.zeros(len(who)))


def own_rate(asked: Asked, past: EventHistory, moment: int) -> Forecast:
    """Of the person's own past spans of so many days, the share in which it happened, steadied by everybody's."""
    who = asked.audience(past, moment)
    shared = _shared(asked, past, moment)
    first = int(acts.us.min()) if len(acts := before(asked.acts(past), past, moment)) else moment
    hits, spans = np.zeros(len(past.people)), np.zeros(len(past.people))
    for span in range(1, _MOST_SPANS + 1):
        start = moment - round(asked.days * span * DAY_US)
        if start < first:
            break
        then = asked.audience(past, start)
        hits[then] += asked.happened(past, start, moment, then)
        spans[then] += 1.0
    value = (hits[who] + _OWN_PRIOR * shared) / (spans[who] + _OWN_PRIOR)
    return _flat(who, value, spans[who])


def rfm_rule(asked: Asked, past: EventHistory, moment: int) -> Forecast:
    """The share to whom it happened among people of the same recency, frequency and money, a complete moment ago."""
    who = asked.audience(past, moment)
    if not (moments := training_moments(past, moment, asked.days, 1)):
        return everybodys_rate(asked, past, moment)
    then = asked.audience(past, moments[0])
    if not len(then):
        return everybodys_rate(asked, past, moment)
    came = asked.happened(past, moments[0], moment, then)
    old_signs, new_signs = _rfm(asked, past, moments[0], then), _rfm(asked, past, moment, who)
    cuts = [np.quantile(column, _MONEY_CUT if place == 2 else _CUTS) for place, column in enumerate(old_signs)]
    old, new = _cells(old_signs, cuts), _cells(new_signs, cuts)
    size = ceil((len(_CUTS) + 1) ** 2 * (len(_MONEY_CUT) + 1))
    hits, seen = np.bincount(old, came, minlength=size), np.bincount(old, minlength=size)
    shared = float(came.mean())
    rate = (hits + _CELL_PRIOR * shared) / (seen + _CELL_PRIOR)
    return _flat(who, rate[new], seen[new].astype(np.float64))


def _shared(asked: Asked, past: EventHistory, moment: int) -> float:
    moments = training_moments(past, moment, asked.days, 1)
    if not moments:
        return 0.5
    came = asked.happened(past, moments[0], moment, asked.audience(past, moments[0]))
    return (float(came.sum()) + 0.5) / (len(came) + 1.0)


def _rfm(asked: Asked, past: EventHistory, moment: int, who: Integers) -> list[Floats]:
    acts = before(asked.acts(past), past, moment)
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
