"""The chance that somebody acts within some days, by what other businesses taught: for those who have too few people.

The answer starts from the person's own pace and is corrected by signs that are free of any unit of a business: how the
pace of late differs, how far the last act lies back against the usual gap, how much is known. Their weights were learnt
on public data of three businesses (`priors.json` says which, and how well each was foretold by the other two) and are
kept small, so that they carry over. A business's own data has to beat this before anything learnt from it acts.

The sign `gone` grows like the odds of having left for good after so many acts in the model of Fader, Hardie and Lee
(2005, "Counting your customers the easy way", Marketing Science 24).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from msgspec import Struct, json

from vocative.predict.events.question import Doing, before
from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers, distinct
from vocative.predict.predictor import Forecast

SIGNS = ("own_pace", "recently", "lately", "late", "late_squared", "gone", "only_once", "often")
_STEADY = 1.0
_EDGE = 1e-4
_FAR = 2.5
_GONE = 12.0


class PriorWeights(Struct, frozen=True, kw_only=True):
    """How signs correct the own pace: an intercept, and a weight for each of `SIGNS` but the first."""

    intercept: float
    weights: tuple[float, ...]

    def chance(self, signs: Floats) -> Floats:
        """The chance of each row of signs."""
        from scipy.special import expit

        return np.asarray(expit(signs[:, 0] + self.intercept + signs[:, 1:] @ np.array(self.weights)), np.float64)


class Foretold(Struct, frozen=True, kw_only=True):
    """How well a business was foretold by the others alone."""

    people: int
    weights: PriorWeights
    """Learnt on the others only."""
    log_loss: float
    own_pace: float
    """Log loss of the own pace without any correction."""
    everybodys_rate: float


class Prior(Struct, frozen=True, kw_only=True):
    """What is shipped."""

    signs: tuple[str, ...]
    weights: PriorWeights
    learnt_on: dict[str, Foretold]
    """Data set with its licence → how well the others foretold it."""


@dataclass(frozen=True, slots=True)
class VisitHistory:
    """Days on which people acted, one row for each, and the moment (in days) from which is looked; days are whole."""

    who: Integers
    day: Integers
    today: float
    people: int


def portable_signs(visits: VisitHistory, horizon: float) -> tuple[Integers, Floats]:
    """Who acted at all (numbers, ascending), and their signs (rows × `SIGNS`)."""
    from scipy.special import logit

    ago = np.maximum(visits.today - visits.day - 0.5, 0.0)
    count = np.bincount(visits.who, minlength=visits.people)
    who = np.flatnonzero(count)
    first, last = np.zeros(visits.people), np.full(visits.people, np.inf)
    np.maximum.at(first, visits.who, ago)
    np.minimum.at(last, visits.who, ago)
    times, first, last = count[who].astype(np.float64), first[who], last[who]
    shared = max(float((times - 1.0).sum()) / max(float(first.sum()), 1.0), 1e-6)

    def chance(rate: Floats) -> Floats:
        return np.asarray(logit(np.clip(1.0 - np.exp(-rate * horizon), _EDGE, 1.0 - _EDGE)))

    def fading(half_life: float) -> Floats:
        weight = np.bincount(visits.who, np.exp2(-ago / half_life), visits.people)[who]
        memory = half_life / np.log(2.0) * (1.0 - np.exp2(-np.maximum(first, 1.0) / half_life))
        # The act that made the person known says nothing of their pace.
        mine = np.maximum(weight - np.exp2(-first / half_life), 0.0)
        return np.asarray((mine + _STEADY) / (memory + _STEADY / shared))

    own = (times - 1.0 + _STEADY) / (first + _STEADY / shared)
    pace = chance(own)
    late = np.clip(np.log((last + 1.0) * own + 0.05), -_FAR, _FAR)
    columns = (
        pace,
        np.clip(chance(fading(3.0 * horizon)) - pace, -_FAR, _FAR),
        np.clip(chance(fading(horizon)) - pace, -_FAR, _FAR),
        late,
        late**2,
        np.minimum(times * np.log((first + 1.0 / own) / (first - last + 1.0 / own)), _GONE),
        (times == 1).astype(np.float64),
        1.0 - 2.0 / (times + 1.0),
    )
    return who, np.column_stack(columns)


@lru_cache(maxsize=1)
def shipped() -> Prior:
    """The prior that comes with the package."""
    text = (files("vocative.predict.events") / "priors.json").read_bytes()
    return json.decode(text, type=Prior)


def shipped_prior(asked: Doing, past: EventHistory, moment: int, weights: PriorWeights | None = None) -> Forecast:
    """The prior's chance for everybody of whom it is asked; who never did it gets the least of those who did.

    Args:
        asked: What; on how many moments at least is not looked at.
        past: All that is known.
        moment: When is predicted, µs UTC.
        weights: Others than the shipped ones.
    """
    weights = weights or shipped().weights
    who = asked.audience(past, moment)
    acts = before(asked.acts(past), past, moment)
    person, day = distinct(acts.who, acts.us // DAY_US)
    known, signs = portable_signs(VisitHistory(person, day, moment / DAY_US, len(past.people)), float(asked.days))
    value = np.full(len(past.people), np.nan)
    value[known] = weights.chance(signs)
    least = float(np.nanmin(value)) if len(known) else 0.5
    mine = np.where(np.isnan(value[who]), least, value[who])
    support = np.bincount(person, minlength=len(past.people))[who].astype(np.float64)
    mine = 1.0 - mine if asked.away else mine
    return Forecast(who=who, value=mine, low=mine, high=mine, support=support)
