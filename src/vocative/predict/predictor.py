"""What every predictor is: a question, ways to learn and to predict, naive ways to beat, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
from msgspec import json

from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers

Kind = Literal["probability", "money", "ranking", "hour", "weekday", "count", "days", "effect"]
"""What is predicted, and so how it is judged; `days` are those until something happens, capped at the horizon."""

Parameters: TypeAlias = dict[str, Any]
"""What a module has learnt: numbers and names of things, fit for JSON; never an identifier of a person."""

Reasons: TypeAlias = Callable[[int], Mapping[str, object]]
"""The facts behind a row, by its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Predictions as columns of one length; `who` holds numbers of people.

    `target` holds places in `targets`, or is None when a prediction is about the person as a whole. Of rankings, the
    rows of a person stand in the order of their value, the highest first. `low` and `high` bound a 90 % interval.
    """

    who: Integers
    value: Floats
    low: Floats
    high: Floats
    support: Floats
    target: Integers | None = None
    targets: pa.Array[Any] | None = None
    reasons: Reasons | None = None

    def keys(self) -> Integers:
        """One number for each row: the person, or the person and the target."""
        return self.who if self.target is None or self.targets is None else self.who * len(self.targets) + self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What then happened, as columns of one length, ordered by key.

    Of probabilities, money and counts: every person asked about, with the value; of a person and a target only those
    that came true, or with `asked` every one of which it can be known, with the value. Of days: only those to
    whom it happened within the horizon, with the days until then; to the others it had not happened at its end. Of
    rankings: only the pairs of person and item that came true. Of hours and weekdays: people who came, with the hour
    or the weekday.
    """

    who: Integers
    value: Floats
    target: Integers | None = None
    asked: bool = False


RestsOn: TypeAlias = Literal["acts", "purchases", "repeats", "messages"]
"""What a business must have recorded before a predictor may run: acts of any kind, purchases, purchases of one category
on several days, or messages and the reactions to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is said of a predictor wherever it is shown, and what decides whether it may be tried."""

    title: str
    """Its name on a page."""
    rank: int = 1_000
    """Its place where predictors are proved and shown, the lowest first."""
    question: str
    """What it answers, as "whether the person buys within 28 days"; words of buying are exchanged where nothing is
    sold."""
    rests_on: RestsOn = "acts"
    event: str = ""
    """The event (or role) that has to have been recorded at least once; empty if none in particular."""
    people: int = 0
    """From how many people with a profile on it is probably admitted, if its signal is as strong as it was on the data
    it was measured on; 0 if nobody has measured it. Measured at the back-tests of the demonstration's 1,476 households
    (`vocative prove --json`, `people_needed`) where nothing else is said."""
    counted: str = "people with a profile"
    """Who is counted at a moment of its test, in words."""


Baseline: TypeAlias = Callable[[EventHistory, int], Forecast]
"""A naive way to predict at a moment (µs UTC): nothing is learnt."""


class Predictor(Protocol):
    """One question about people, and how it is answered."""

    @property
    def about(self) -> About:
        """What is said of it."""
        ...

    @property
    def name(self) -> str:
        """Its name in tables and settings."""
        ...

    @property
    def kind(self) -> Kind:
        """What it predicts."""
        ...

    @property
    def horizon_days(self) -> float:
        """How far ahead it looks."""
        ...

    @property
    def unit(self) -> str:
        """The unit of `value`, as in the table of predictions."""
        ...

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """Naive ways to answer the same question, by name; the first acts when nothing has been proved yet."""
        ...

    @property
    def needs(self) -> str:
        """What the business has to have recorded, in one sentence; shown in the card of the model."""
        ...

    @property
    def unseen(self) -> str:
        """What is said of a person who has never been seen, in one sentence; shown in the card of the model."""
        ...

    @property
    def own_evidence(self) -> bool:
        """Whether `missing` counts evidence of its own, so that days of history and people are not counted beside."""
        ...

    def needs_days(self) -> float:
        """Days of history before a moment without which nothing can be learnt for it."""
        ...

    def missing(self, past: EventHistory) -> str:
        """What it cannot be tested without, beside people and history: why not, in one sentence; empty if it can."""
        ...

    def needed(self, past: EventHistory) -> str:
        """What would make up for what is missing, in one sentence without its full stop; empty if nothing is."""
        ...

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """Learn from what was known before the moment (µs UTC); outcomes that were not complete then are not used."""
        ...

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """Predict at the moment with what was learnt, for everybody with an act before it."""
        ...

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """What happened within the horizon after the moment, as known by another moment."""
        ...


class LearntFromHistory:
    """What holds for predictors that need nothing but people and a history."""

    __slots__ = ()

    @property
    def own_evidence(self) -> bool:
        """See `Predictor.own_evidence`."""
        return False

    def missing(self, past: EventHistory) -> str:  # noqa: ARG002 - others look at it
        """See `Predictor.missing`."""
        return ""

    def needed(self, past: EventHistory) -> str:  # noqa: ARG002 - others look at it
        """See `Predictor.needed`."""
        return ""


def training_moments(past: EventHistory, moment: int, horizon_days: float, most: int = 3) -> list[int]:
    """Moments whose outcome was complete before the given one, the newest first, with four weeks of history at least.

    Args:
        past: Whose first act tells where history begins.
        moment: When is learnt, µs UTC.
        horizon_days: How far outcomes look ahead.
        most: How many moments at most; they lie `proving.step_days` apart.
    """
    step = past.settings.proving.step_days
    found = [moment - round((horizon_days + step * place) * DAY_US) for place in range(most)]
    return [one for one in found if one - past.first >= LEAST_HISTORY_DAYS * DAY_US]


MOST_TARGETS = 20
"""Targets of each person that are kept in the table of predictions, the most probable."""

LEAST_HISTORY_DAYS = 28.0
"""Days of history before a moment that is learnt from."""


def as_table(
    module: Predictor, forecast: Forecast, past: EventHistory, moment: int, version: str, *, most: int = MOST_TARGETS
) -> pa.Table:
    """A forecast in the columns of the table `predictions` but `run_id`; of each person the `most` probable targets."""
    places = _strongest(forecast, most, soonest=module.kind == "days")
    forecast = _only(forecast, places)
    rows = len(forecast.who)
    reasons = forecast.reasons or _no_reasons
    target = (
        pa.array([""] * rows, pa.string())
        if forecast.target is None or forecast.targets is None
        else forecast.targets.take(forecast.target)
    )
    return pa.table(
        {
            "moment": pa.array(np.full(rows, moment), pa.timestamp("us", tz="UTC")),
            "person_id": past.people.take(forecast.who),
            "module": pa.array([module.name] * rows, pa.string()),
            "target": target,
            "value": pa.array(forecast.value),
            "low": pa.array(forecast.low),
            "high": pa.array(forecast.high),
            "unit": pa.array([module.unit] * rows, pa.string()),
            "horizon_days": pa.array(np.full(rows, float(module.horizon_days))),
            "support": pa.array(forecast.support),
            "version": pa.array([version] * rows, pa.string()),
            "reasons": pa.array([json.encode(reasons(place)).decode() for place in range(rows)], pa.string()),
        }
    )


def _strongest(forecast: Forecast, most: int, *, soonest: bool = False) -> Integers:
    """Places of the rows that are kept, by person and value, the highest first, or the lowest if that is soonest."""
    if forecast.target is None:
        return np.arange(len(forecast.who))
    order = np.lexsort((forecast.target, forecast.value if soonest else -forecast.value, forecast.who))
    who = forecast.who[order]
    fresh = np.ones(len(who), bool)
    fresh[1:] = who[1:] != who[:-1]
    starts = np.flatnonzero(fresh)
    rank = np.arange(len(who)) - np.repeat(starts, np.diff([*starts, len(who)]))
    return np.asarray(order[rank < most], np.int64)


def _only(forecast: Forecast, places: Integers) -> Forecast:
    told, place = forecast.reasons, places.tolist()
    return replace(
        forecast,
        who=forecast.who[places],
        value=forecast.value[places],
        low=forecast.low[places],
        high=forecast.high[places],
        support=forecast.support[places],
        target=None if forecast.target is None else forecast.target[places],
        reasons=None if told is None else lambda row: told(place[row]),
    )


def _no_reasons(_: int) -> Mapping[str, object]:
    return {}
