"""Ranking what a person will want next: a logistic regression on the signs of candidates.

It is learnt on candidates of earlier moments, with what people then had within the horizon; the value is the chance
that the person has the thing within it. Candidates are ranked by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import expit

from vocative.predict.favourites import own_things, popular_things
from vocative.predict.linear import logistic, rounded
from vocative.predict.module import (
    LEAST_HISTORY_DAYS,
    Baseline,
    Content,
    Forecast,
    Kind,
    Outcome,
    training_moments,
)
from vocative.predict.past import Flags, Floats, Integers, Past, find, unique
from vocative.predict.wants import SIGNS, Wants, wants

_KEPT = 10
_RIDGE = 10.0
_EDGE = 1.645
_MOMENTS = 1
_LEAST_SPREAD = 1e-6
_PART = 8


@dataclass(frozen=True, slots=True)
class Ranker:
    """Things a person has within `horizon_days`; with `new_only`, among those they never had."""

    name: str
    new_only: bool
    horizon_days: float = 28.0
    kind: Kind = "ranking"
    unit: str = "probability"

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Module.baselines`."""
        if self.new_only:
            return {"popular_28d": partial(popular_things, new=True)}
        return {"own_frequency": own_things, "popular_28d": partial(popular_things, new=False)}

    @property
    def needs(self) -> str:
        """See `Module.needs`."""
        return "acts with an item; a catalogue with categories helps"

    @property
    def unseen(self) -> str:
        """See `Module.unseen`."""
        return "nothing; who was seen but never had an item is told what many others have had lately"

    def needs_days(self) -> float:
        """See `Module.needs_days`."""
        return self.horizon_days + LEAST_HISTORY_DAYS

    def outcome(self, past: Past, moment: int, by: int) -> Outcome:
        """See `Module.outcome`: of people who were known, the things they had (for the first time)."""
        lines = past.lines_during(moment, self.horizon_days, by)
        width = max(len(past.items), 1)
        keys = unique(lines.who * width + lines.item)
        keys = keys[find(past.present(moment), keys // width)[1]]
        if self.new_only:
            old = past.lines_before(moment)
            keys = keys[~find(unique(old.who * width + old.item), keys)[1]]
        return Outcome(who=keys // width, value=np.ones(len(keys)), target=keys % width)

    def fit(self, past: Past, moment: int) -> Content:
        """See `Module.fit`."""
        designs: list[Floats] = []
        truths: list[Floats] = []
        moments = training_moments(past, moment, self.horizon_days, _MOMENTS)
        for one in moments:
            found = past.once("wants", one, wants)
            chosen = self._candidates(found)
            lines = past.lines_during(one, self.horizon_days, moment)
            width = max(len(past.items), 1)
            came = find(unique(lines.who * width + lines.item), found.who * width + found.item)[1]
            designs.append(found.signs[chosen].astype(np.float64))
            truths.append(came[chosen].astype(np.float64))
        signs, truth = np.vstack(designs), np.concatenate(truths)
        if not len(truth):
            # Nobody has anything left to want: every weight is zero.
            signs, truth = np.zeros((1, len(SIGNS))), np.zeros(1)
        mean, scale = signs.mean(axis=0), signs.std(axis=0)
        # A sign that is the same for all candidates says nothing.
        scale = np.where(scale > _LEAST_SPREAD, scale, 1.0)
        design = _design(signs, mean, scale)
        # A part of the rows finds the neighbourhood, all of them the place.
        near, _ = logistic(design[::_PART], truth[::_PART], _RIDGE / _PART)
        weights, covariance = logistic(design, truth, _RIDGE, near)
        return {
            "signs": list(SIGNS),
            "mean": rounded(mean),
            "scale": rounded(scale),
            "weights": rounded(weights),
            "covariance": rounded(covariance * len(moments)),
        }

    def forecast(self, past: Past, moment: int, content: Content) -> Forecast:
        """See `Module.forecast`."""
        found = past.once("wants", moment, wants)
        chosen = np.flatnonzero(self._candidates(found))
        design = _design(found.signs[chosen], np.array(content["mean"]), np.array(content["scale"]))
        score = design @ np.array(content["weights"])
        rows = _first(found.who[chosen], score, found.item[chosen], _KEPT)
        chosen, design, score = chosen[rows], design[rows], score[rows]
        spread = _EDGE * np.sqrt(np.einsum("ij,jk,ik->i", design, np.array(content["covariance"]), design))
        _, names = past.categories(moment)

        def reasons(row: int) -> Mapping[str, object]:
            place = chosen[row]
            told: dict[str, object] = {}
            if found.category[place] >= 0:
                told["because"] = names[found.category[place]]
            if found.known[place]:
                told |= {"times": int(found.times[place]), "days_since": round(float(found.days_since[place]))}
                if not np.isnan(found.typical_days[place]):
                    told["typical_days"] = round(float(found.typical_days[place]), 1)
            return told

        return Forecast(
            who=found.who[chosen],
            value=expit(score),
            low=expit(score - spread),
            high=expit(score + spread),
            support=found.times[chosen],
            target=found.item[chosen],
            targets=past.items,
            reasons=reasons,
        )

    def _candidates(self, found: Wants) -> Flags:
        return ~found.known if self.new_only else np.ones(len(found.who), bool)


def _design(signs: Floats, mean: Floats, scale: Floats) -> Floats:
    return np.hstack([np.ones((len(signs), 1)), (signs - mean) / scale])


def _first(who: Integers, score: Floats, item: Integers, kept: int) -> Integers:
    """Places of the best rows of each person, ordered by person and score, the best first."""
    order = np.lexsort((item, -score, who))
    if not len(order):
        return order
    ordered = who[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)]))
    return np.asarray(order[rank < kept], np.int64)
