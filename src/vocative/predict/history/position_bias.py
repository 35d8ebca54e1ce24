"""What a place in a list does: how often it is looked at, and what an answer at that place is worth for learning.

The position-based model says an answer comes when a place was examined and the thing there was wanted:
P(answer) = examination(place) × want(thing). Both are estimated by expectation maximisation (Wang et al., 2018,
"Position bias estimation for unbiased learning to rank in personal search"); an answer then counts by the inverse of
the examination of its place (Joachims et al., 2017, "Unbiased learning-to-rank with biased feedback").
"""

from __future__ import annotations

import numpy as np

from vocative.predict.history.event_history import EventHistory, Flags, Floats, Integers, find
from vocative.predict.history.impressions import ANSWER_US, exposures_before, exposures_during, first_answers

_ROUNDS = 200
_CLOSE = 1e-6
_FLOOR, _CEILING = 1e-4, 1.0 - 1e-4
_PRIOR = 1.0
MOST_WEIGHT = 10.0
"""No answer counts for more than so many: rare answers at deep places would drown all others."""
LEAST_EXPOSURES = 1_000
"""From fewer exposures nothing is estimated: every place counts the same."""


def examination(place: Integers, thing: Integers, answered: Flags) -> Floats:
    """The chance that each place is examined, the first (0) being 1; estimated from things shown at several places.

    Args:
        place: Of each exposure, its place in the list, from 0.
        thing: Which thing was shown (numbers from 0).
        answered: Whether it was answered.

    Returns:
        One number for each place up to the last that occurs; never above 1.
    """
    places, things = int(place.max(initial=-1)) + 1, int(thing.max(initial=-1)) + 1
    if not places:
        return np.zeros(0)
    # Only places and things that met: there may be many of both.
    cell, number = np.unique(place * things + thing, return_inverse=True)
    at, of = cell // things, cell % things
    shown = np.bincount(number, minlength=len(cell)).astype(np.float64)
    came = np.bincount(number, answered, len(cell))
    silent = shown - came
    looked = np.full(places, 0.5)
    at_place, of_thing = (np.maximum(np.bincount(side, shown), 1.0) for side in (at, of))
    wanted = np.clip((np.bincount(of, came) + _PRIOR) / (of_thing + 2.0 * _PRIOR), _FLOOR, _CEILING)
    for _ in range(_ROUNDS):
        here, liked = looked[at], wanted[of]
        both = here * liked
        # Of exposures without an answer, those that were examined all the same, and those that were wanted.
        seen_all_the_same = came + silent * (here - both) / (1.0 - both)
        liked_all_the_same = came + silent * (liked - both) / (1.0 - both)
        before = looked
        looked = np.clip(np.bincount(at, seen_all_the_same, places) / at_place, _FLOOR, _CEILING)
        wanted = np.clip(np.bincount(of, liked_all_the_same, things) / of_thing, _FLOOR, _CEILING)
        if float(np.abs(looked - before).max()) < _CLOSE:
            break
    return np.asarray(np.minimum(looked / looked[0], 1.0))


def examination_before(past: EventHistory, moment: int) -> Floats:
    """See `examination`, by what had been shown before the moment (µs UTC) and could be answered by then.

    Any act of a visit with the thing answers. Empty where fewer than `LEAST_EXPOSURES` exposures tell something: those
    of things that were answered at all.
    """
    shown = exposures_before(past, moment)
    shown = shown.where(shown.us + ANSWER_US <= moment)
    if len(shown) < LEAST_EXPOSURES:
        return np.zeros(0)
    acts = past.touches_before(moment)
    answered = first_answers(shown, acts.who, acts.item, acts.us) >= 0
    things, thing = np.unique(shown.item, return_inverse=True)
    told = (np.bincount(thing, answered, len(things)) > 0)[thing]
    if told.sum() < LEAST_EXPOSURES:
        return np.zeros(0)
    thing = np.unique(thing[told], return_inverse=True)[1]
    return examination(shown.place[told], thing, answered[told])


def worth_of(
    past: EventHistory, moment: int, days: float, by: int, keys: Integers, width: int, looked: Floats
) -> Floats:
    """How much each pair of person and thing that came true counts for learning; 1 in the mean.

    Where it came true within a day of exposures, it counts by the inverse of the chance that one of them was examined:
    what was taken up from a deep place was wanted more than its rare takers tell. That the mean is 1 keeps what is
    learnt a chance.

    Args:
        past: The past.
        moment: When the horizon began, µs UTC.
        days: The horizon.
        by: Only what was known by this moment is used, µs UTC.
        keys: `person * width + thing` of what came true, ascending.
        width: How many things there are.
        looked: See `examination`.
    """
    worth = np.ones(len(keys))
    shown = exposures_during(past, moment, days, by)
    shown = shown.where(shown.place < len(looked))
    lines = past.lines_during(moment, days, by)
    answer = first_answers(shown, lines.who, lines.item, lines.us)
    place, true = find(keys, shown.who * width + shown.item)
    counted = (answer >= 0) & true
    missed = np.ones(len(keys))
    np.multiply.at(missed, place[counted], 1.0 - looked[shown.place[counted]])
    exposed = np.zeros(len(keys), bool)
    exposed[place[counted]] = True
    worth[exposed] = np.minimum(1.0 / np.maximum(1.0 - missed[exposed], 1e-9), MOST_WEIGHT)
    return worth / worth.mean() if len(worth) else worth
