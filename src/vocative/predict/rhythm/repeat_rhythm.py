"""When each person buys a category again: their own rhythm, weighed by what their rhythm was worth on the past.

Counting own pauses alone promises too much to those who happen to be due. So the answer of counting, the plain rate,
the age of the pause against the usual one and the person's pace are weighed by a logistic regression, learnt on
the last eight weeks. How much more is bought in the week to come than in those is told by `levels`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa

from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, distinct
from vocative.predict.learners.calibration import shift
from vocative.predict.learners.logistic import learn_encoding, logistic, packed, rounded, unpacked
from vocative.predict.predictor import (
    LEAST_HISTORY_DAYS,
    About,
    Baseline,
    Forecast,
    Kind,
    LearntFromHistory,
    Outcome,
    Parameters,
)
from vocative.predict.rhythm.gaps import PRIOR_PAUSES, GapPairs, pairs_at
from vocative.predict.rhythm.levels import level_to_come

MODULE = "repeat_rhythm"

_HISTORY_DAYS = 60.0
_RIDGE = 10.0
_WINDOWS, _MOST_PAIRS = 8, 50_000
_EDGE = 1.645
_INTERVAL = (0.05, 0.95)
_LEAST = 1e-6


_ABOUT = About(
    title="Bought again within a week",
    rank=10,
    question="which categories the person buys again within a week, going by their own rhythm",
    rests_on="repeats",
    people=120,
    counted="people with something to repeat",
)


@dataclass(frozen=True, slots=True)
class RepeatRhythm(LearntFromHistory):
    """Which categories a person buys again within a week, of those they bought on two days or more."""

    horizon_days: float = 7.0
    name: str = MODULE
    about: About = _ABOUT
    kind: Kind = "probability"
    unit: str = "probability"

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        return {"counted_rhythm": self._counted, "own_rate": self._own_rate, "everybodys_rate": self._everybodys_rate}

    @property
    def needs(self) -> str:
        """See `Predictor.needs`."""
        return "acts with an item that has a category; a rhythm shows in who had one on two days or more"

    @property
    def unseen(self) -> str:
        """See `Predictor.unseen`."""
        return "nothing: there is no rhythm yet"

    def needs_days(self) -> float:
        """See `Predictor.needs_days`."""
        return _HISTORY_DAYS

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`."""
        windows = self._windows(past, moment)
        found = [self._learnt_from(past, one, moment) for one in windows]
        values, truth = np.vstack([one for one, _ in found]), np.concatenate([one for _, one in found])
        encoding = learn_encoding(_NAMES, values)
        weights, covariance = logistic(encoding.columns(_NAMES, values), truth, _RIDGE)
        scores = [encoding.columns(_NAMES, one) @ weights for one, _ in found]
        off = np.array([shift(score, came) for score, (_, came) in zip(scores, found, strict=True)])
        error = np.array([_shift_error(score) for score in scores])
        level, unsure = level_to_come(off, error, windows, moment, self.horizon_days)
        return {
            "encoding": packed(encoding),
            "weights": rounded(weights),
            # Weeks of one pair are no independent observations.
            "covariance": rounded(covariance * len(windows)),
            "level": round(level, 9),
            "level_error": round(unsure, 9),
        }

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        from scipy.special import expit

        pairs = self._pairs(past, moment)
        names, values = _signs(pairs, self.horizon_days)
        design = unpacked(content["encoding"]).columns(names, values)
        score = design @ np.array(content["weights"]) + content["level"]
        own = np.einsum("ij,jk,ik->i", design, np.array(content["covariance"]), design, optimize=True)
        spread = _EDGE * np.sqrt(own + content["level_error"] ** 2)
        return _told(past, moment, pairs, expit(score), expit(score - spread), expit(score + spread))

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`: the pairs of person and category that came true."""
        category, _ = past.categories(moment)
        lines = past.lines_during(moment, self.horizon_days, by)
        known = category[lines.item] >= 0
        who, target = distinct(lines.who[known], category[lines.item[known]])
        return Outcome(who=who, value=np.ones(len(who)), target=target)

    def _pairs(self, past: EventHistory, moment: int) -> GapPairs:
        return past.once(MODULE, moment, partial(pairs_at, horizon_days=round(self.horizon_days)))

    def _windows(self, past: EventHistory, moment: int) -> list[int]:
        """When windows began that were over at the moment, one after the other, the newest first."""
        found = [moment - round(self.horizon_days * (place + 1) * DAY_US) for place in range(_WINDOWS)]
        return [one for one in found if one - past.first >= LEAST_HISTORY_DAYS * DAY_US] or found[:1]

    def _learnt_from(self, past: EventHistory, moment: int, by: int) -> tuple[Floats, Floats]:
        """Signs of pairs, of very many every second, third …, and whether each was bought again."""
        pairs = self._pairs(past, moment)
        every = slice(None, None, -(-len(pairs.who) // _MOST_PAIRS) or 1)
        return _signs(pairs, self.horizon_days)[1][every], self._came(past, moment, by, pairs)[every]

    def _came(self, past: EventHistory, moment: int, by: int, pairs: GapPairs) -> Floats:
        came = self.outcome(past, moment, by)
        if came.target is None or not len(came.who):
            return np.zeros(len(pairs.who))
        width = 1 + max(int(came.target.max()), int(pairs.target.max(initial=0)))
        return np.isin(pairs.who * width + pairs.target, came.who * width + came.target).astype(np.float64)

    def _counted(self, past: EventHistory, moment: int) -> Forecast:
        """Own pauses that ended in time, steadied by everybody's; the interval is that of the Beta posterior."""
        from scipy.special import betaincinv

        pairs = self._pairs(past, moment)
        hits = pairs.ended + PRIOR_PAUSES * pairs.prior
        whole = pairs.longer + PRIOR_PAUSES
        low, high = (betaincinv(np.maximum(hits, _LEAST), np.maximum(whole - hits, _LEAST), edge) for edge in _INTERVAL)
        return _told(past, moment, pairs, hits / whole, np.asarray(low, float), np.asarray(high, float))

    def _own_rate(self, past: EventHistory, moment: int) -> Forecast:
        """Days of purchase over days since the first, steadied by everybody's rate, as if there were no rhythm."""
        pairs = self._pairs(past, moment)
        value = _within(pairs.own_rate, self.horizon_days)
        return _told(past, moment, pairs, value, value, value)

    def _everybodys_rate(self, past: EventHistory, moment: int) -> Forecast:
        pairs = self._pairs(past, moment)
        value = _within(pairs.shared_rate, self.horizon_days)
        return _told(past, moment, pairs, value, value, value)


_NAMES = (
    "counted_rhythm",
    "own_rate",
    "everybodys_rate",
    "age_over_typical",
    "age",
    "typical",
    "spread",
    "pauses",
    "lately_28",
    "lately_91",
    "pace_28",
    "pace_91",
    "overdue",
    "steady_counted",
    "pauses_days",
    "many_pauses",
)


def _signs(pairs: GapPairs, horizon_days: float) -> tuple[tuple[str, ...], Floats]:
    counted = _odds((pairs.ended + PRIOR_PAUSES * pairs.prior) / (pairs.longer + PRIOR_PAUSES))
    rate = _odds(_within(pairs.own_rate, horizon_days))
    ratio = pairs.age / np.maximum(pairs.typical, 1.0)
    columns = (
        counted,
        rate,
        _odds(_within(pairs.shared_rate, horizon_days)),
        ratio,
        pairs.age,
        pairs.typical,
        pairs.spread,
        pairs.pauses,
        *pairs.lately,
        *pairs.pace,
        (ratio > 1.0).astype(np.float64),
        # The steadier the pauses, the more the rhythm says.
        counted / (1.0 + pairs.spread),
        # The longer a pair has been known, the rarer are those among its kind that are bought often.
        pairs.pauses / np.maximum(pairs.own_rate, _LEAST),
        np.log1p(pairs.pauses),
    )
    return _NAMES, np.column_stack(columns) if len(pairs.who) else np.zeros((0, len(_NAMES)))


def _shift_error(score: Floats) -> float:
    """How unsure the shift of so many pairs is by chance alone."""
    from scipy.special import expit

    chance = expit(score)
    return float(1.0 / np.sqrt((chance * (1.0 - chance)).sum() + 1.0))


def _odds(probability: Floats) -> Floats:
    from scipy.special import logit

    return np.asarray(logit(np.clip(probability, 1e-4, 1.0 - 1e-4)), np.float64)


def _within(rate: Floats, days: float) -> Floats:
    return np.asarray(1.0 - np.exp(-rate * days), np.float64)


def _told(past: EventHistory, moment: int, pairs: GapPairs, value: Floats, low: Floats, high: Floats) -> Forecast:
    _, names = past.categories(moment)

    def reasons(row: int) -> Mapping[str, object]:
        return {
            "typical_days": float(pairs.typical[row]),
            "days_since": int(pairs.age[row]),
            "pauses": int(pairs.pauses[row]),
        }

    return Forecast(
        who=pairs.who,
        value=value,
        low=low,
        high=high,
        support=pairs.pauses,
        target=pairs.target,
        targets=pa.array(names, pa.string()),
        reasons=reasons,
    )


REPEAT_RHYTHM = RepeatRhythm()
