"""How good ranked lists were, person by person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import Flags, Floats, Integers, find, unique
from vocative.predict.predictor import Forecast, Outcome

DEPTH = 10


@dataclass(frozen=True, slots=True)
class RankedLists:
    """Figures of each person's list of ten: NDCG, recall, and the share of things the person never had before.

    `varied` is the number of different things in all lists over that of things that came true for anybody.
    """

    ndcg: Floats
    recall: Floats
    novelty: Floats
    varied: float


def judge_lists(forecast: Forecast, outcome: Outcome, who: Integers) -> RankedLists:
    """Judge the first ten rows of each person in `who` (ascending) against the pairs that came true.

    A thing either came true or not; the ideal list holds as many of them as there are, up to ten. A person without a
    list scores 0.
    """
    if forecast.target is None or outcome.target is None:
        raise TypeError("a ranking has targets")
    if not len(who):
        return RankedLists(np.zeros(0), np.zeros(0), np.zeros(0), 0.0)
    place = np.searchsorted(who, forecast.who)
    mine = (place < len(who)) & (who[np.minimum(place, len(who) - 1)] == forecast.who)
    rank = ranks(forecast.who)
    top = mine & (rank < DEPTH)
    width = max(int(forecast.target.max(initial=0)), int(outcome.target.max(initial=0))) + 1
    truth = unique(outcome.who * width + outcome.target)
    _, hit = find(truth, forecast.who[top] * width + forecast.target[top])
    person, gain = place[top], 1.0 / np.log2(rank[top] + 2.0)
    relevant = np.bincount(np.searchsorted(who, truth // width), minlength=len(who))
    ideal = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(DEPTH) + 2.0))])[np.minimum(relevant, DEPTH)]
    length = np.maximum(np.bincount(person, minlength=len(who)), 1)
    return RankedLists(
        ndcg=np.bincount(person, hit * gain, len(who)) / ideal,
        recall=np.bincount(person, hit, len(who)) / relevant,
        novelty=np.bincount(person, forecast.support[top] <= 0, len(who)) / length,
        varied=len(np.unique(forecast.target[top])) / max(len(np.unique(outcome.target)), 1),
    )


def ranks(who: Integers) -> Integers:
    """Place of each row within its person's rows, from 0; rows of a person stand together."""
    if not len(who):
        return who
    fresh: Flags = np.concatenate([[True], who[1:] != who[:-1]])
    starts = np.flatnonzero(fresh)
    return np.asarray(np.arange(len(who)) - np.repeat(starts, np.diff([*starts, len(who)])), np.int64)
