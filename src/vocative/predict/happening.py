"""Whether a person acts within so many days, or stays away: a logistic regression on the features of the profile.

The strength of the ridge is the one that did best on the newest complete moment, learnt from the ones before; there the
scale of the log odds is set too (Platt's calibration, itself pulled towards no change). All moments then give the
weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vocative.predict.linear import (
    learn_encoding,
    log_loss,
    logistic,
    packed,
    rounded,
    unpacked,
)
from vocative.predict.module import (
    LEAST_HISTORY_DAYS,
    Baseline,
    Content,
    Forecast,
    Kind,
    Outcome,
    training_moments,
)
from vocative.predict.past import DAY_US, Floats, Integers, Past, Rows, distinct
from vocative.predict.rates import everybodys_rate, happened, own_rate, rfm_rule

_RIDGES = (3.0, 30.0, 300.0)
_PLATT_PULL = 20.0
_EDGE = 1.645
_REASONS = 3


@dataclass(frozen=True, slots=True)
class Happening:
    """P(the person acts within `days`), or with `away` P(they do not); an act is of the role that matters."""

    name: str
    days: int
    away: bool = False
    kind: Kind = "probability"
    unit: str = "probability"

    @property
    def horizon_days(self) -> float:
        """See `Module.horizon_days`."""
        return float(self.days)

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Module.baselines`."""
        return {
            "own_rate": lambda past, moment: own_rate(past, moment, self.days, away=self.away),
            "everybodys_rate": lambda past, moment: everybodys_rate(past, moment, self.days, away=self.away),
            "rfm_rule": lambda past, moment: rfm_rule(past, moment, self.days, away=self.away),
        }

    @property
    def needs(self) -> str:
        """See `Module.needs`."""
        return "the acts it asks about, by those who did them, with their time"

    @property
    def unseen(self) -> str:
        """See `Module.unseen`."""
        return "nothing; who was seen but never did it is told what the rest of their profile says"

    def needs_days(self) -> float:
        """See `Module.needs_days`."""
        return self.days + LEAST_HISTORY_DAYS

    def outcome(self, past: Past, moment: int, by: int) -> Outcome:
        """See `Module.outcome`."""
        who = past.features(moment).who
        return Outcome(who=who, value=self._happened(past, moment, by, who))

    def fit(self, past: Past, moment: int) -> Content:
        """See `Module.fit`."""
        moments = training_moments(past, moment, self.days)
        rows = [past.features(one) for one in moments]
        truth = [self._happened(past, one, moment, found.who) for one, found in zip(moments, rows, strict=True)]
        encoding = learn_encoding(rows[0].names, np.vstack([one.values for one in rows]))
        designs = [encoding.columns(one.names, one.values) for one in rows]
        ridge, platt = _out_of_time(designs, truth)
        weights, covariance = logistic(np.vstack(designs), np.concatenate(truth), ridge)
        return {
            "encoding": packed(encoding),
            "ridge": ridge,
            "platt": platt,
            "weights": rounded(weights),
            # Rows of one person at several moments are no independent observations.
            "covariance": rounded(covariance * len(moments)),
        }

    def forecast(self, past: Past, moment: int, content: Content) -> Forecast:
        """See `Module.forecast`."""
        rows = past.features(moment)
        encoding = unpacked(content["encoding"])
        design = encoding.columns(rows.names, rows.values)
        weights, (shift, slope) = np.array(content["weights"]), content["platt"]
        score = shift + slope * (design @ weights)
        spread = slope * np.sqrt(np.einsum("ij,jk,ik->i", design, np.array(content["covariance"]), design))
        parts = slope * design[:, 1:] * weights[1:]
        labels = encoding.labels()

        def reasons(row: int) -> dict[str, object]:
            best = np.argsort(-np.abs(parts[row]), kind="stable")[:_REASONS]
            return {labels[place]: round(float(parts[row, place]), 3) for place in best}

        return Forecast(
            who=rows.who,
            value=expit(score),
            low=expit(score - _EDGE * spread),
            high=expit(score + _EDGE * spread),
            support=active_days(past, moment, rows),
            reasons=reasons,
        )

    def _happened(self, past: Past, moment: int, by: int, who: Integers) -> Floats:
        return happened(past, moment, self.days, by, who, away=self.away).astype(np.float64)


def active_days(past: Past, moment: int, rows: Rows) -> Floats:
    """Days (in UTC) on which each person of the rows had acted before the moment."""
    acts = past.before(moment, past.main)
    days = distinct(acts.who, acts.us // DAY_US)[0]
    found: Floats = np.bincount(days, minlength=len(past.people))[rows.who].astype(np.float64)
    return found


def _out_of_time(designs: list[Floats], came: list[Floats]) -> tuple[float, list[float]]:
    """The best ridge and the calibration, on the newest moment, learnt from older ones; without older ones neutral."""
    if len(designs) < 2:
        return _RIDGES[1], [0.0, 1.0]
    older, truth = np.vstack(designs[1:]), np.concatenate(came[1:])
    best = (np.inf, _RIDGES[1], np.zeros(0))
    for ridge in _RIDGES:
        score = designs[0] @ logistic(older, truth, ridge)[0]
        loss = float(log_loss(expit(score), came[0]).mean())
        if loss < best[0]:
            best = (loss, ridge, score)
    return best[1], platt(best[2], came[0])


def platt(score: Floats, came: Floats) -> list[float]:
    """Shift and slope that make log odds fit what happened; few observations hardly move them from 0 and 1."""
    shift, slope = 0.0, 1.0
    for _ in range(20):
        chance = expit(shift + slope * score)
        weight, off = chance * (1.0 - chance), came - chance
        pull = np.array([_PLATT_PULL * shift, _PLATT_PULL * (slope - 1.0)])
        slopes = np.array([off.sum(), (off * score).sum()]) - pull
        cross = (weight * score).sum()
        curve = np.array([[weight.sum() + _PLATT_PULL, cross], [cross, (weight * score**2).sum() + _PLATT_PULL]])
        step = np.linalg.solve(curve, slopes)
        shift, slope = shift + float(step[0]), slope + float(step[1])
    return [round(shift, 9), round(max(slope, 0.05), 9)]
