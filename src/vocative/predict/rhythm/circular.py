"""When a person comes next, on a dial of hours or weekdays.

Their own past visits, each counting half after so many days, steadied by everybody's: the share of every place on the
dial. Of hours, the window of three with the largest share is told. Of weekdays, shares become the chance of a visit on
each day; the next visit falls on a day if there was none on the days before, which makes the days that come first
likelier. The half-life and the strength of everybody's share are those that did best on the newest complete moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers
from vocative.predict.history.local_time import HOURS, WEEKDAYS, LocalVisits, first_visits, local_now, visits_before
from vocative.predict.predictor import (
    LEAST_HISTORY_DAYS,
    About,
    Baseline,
    Forecast,
    Kind,
    LearntFromHistory,
    Outcome,
    Parameters,
    training_moments,
)

_HALF_LIVES = (28.0, 84.0, 364.0)
_PRIORS = (1.0, 4.0, 16.0)
_AHEAD = 28
_MONDAY = 3


@dataclass(frozen=True, slots=True)
class CircularPredictor(LearntFromHistory):
    """The hour, or with `kind` weekday the day of the week, of a person's next visit."""

    name: str
    about: About
    kind: Kind
    horizon_days: float = 28.0

    @property
    def unit(self) -> str:
        """See `Predictor.unit`."""
        return self.kind

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        return {
            "most_common": partial(_most_common, self),
            "last": partial(_last, self),
            "everybodys": partial(_everybodys, self),
        }

    @property
    def places(self) -> int:
        """How many places the dial has."""
        return HOURS if self.kind == "hour" else WEEKDAYS

    @property
    def needs(self) -> str:
        """See `Predictor.needs`."""
        return "acts with the hour at which they happened, and the zone people live in"

    @property
    def unseen(self) -> str:
        """See `Predictor.unseen`."""
        return "nothing; who was seen once is told mostly what holds for everybody"

    def needs_days(self) -> float:
        """See `Predictor.needs_days`."""
        return self.horizon_days + LEAST_HISTORY_DAYS

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`: of people who were known and came, when they came first."""
        visits = first_visits(past, moment, self.horizon_days, by)
        known = np.isin(visits.who, past.present(moment))
        return Outcome(who=visits.who[known], value=self.place_of(visits)[known].astype(np.float64))

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`."""
        then = training_moments(past, moment, self.horizon_days, 1)[0]
        outcome = self.outcome(past, then, moment)
        best = (-1.0, _HALF_LIVES[1], _PRIORS[1])
        for half_life in _HALF_LIVES:
            for prior in _PRIORS:
                told = self.forecast(past, then, {"half_life": half_life, "prior": prior})
                mine = told.value[np.searchsorted(told.who, outcome.who)]
                apart = np.abs(mine - outcome.value)
                hit = float((np.minimum(apart, self.places - apart) <= self.width).mean()) if len(mine) else 0.0
                best = max(best, (hit, half_life, prior))
        return {"half_life": best[1], "prior": best[2]}

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        who = past.present(moment)
        visits = past.once("visits", moment, visits_before)
        weight = np.exp2((visits.us - moment) / (content["half_life"] * DAY_US))
        count = _table(self, past, visits, weight)
        shared = count[who].sum(axis=0) + 1.0
        prior = content["prior"] * shared / shared.sum()
        chance = (count[who] + prior) / (count[who].sum(axis=1, keepdims=True) + content["prior"])
        if self.kind == "weekday":
            chance = _first_day(past, moment, who, visits, content, chance)
        else:
            chance = chance + np.roll(chance, 1, axis=1) + np.roll(chance, -1, axis=1)
        return self.told(past, who, visits, chance.argmax(axis=1).astype(np.float64), chance.max(axis=1))

    @property
    def width(self) -> int:
        """How far beside its place a visit still counts as foreseen."""
        return 1 if self.kind == "hour" else 0

    def place_of(self, visits: LocalVisits) -> Integers:
        """The place of each visit on the dial."""
        return visits.hour if self.kind == "hour" else visits.weekday

    def told(self, past: EventHistory, who: Integers, visits: LocalVisits, value: Floats, share: Floats) -> Forecast:
        """A place for each person, with the window around it."""
        support = np.bincount(visits.who, minlength=len(past.people))[who].astype(np.float64)
        return Forecast(
            who=who,
            value=value,
            low=value - self.width,
            high=value + self.width,
            support=support,
            reasons=lambda row: {"share": round(float(share[row]), 3), "visits": int(support[row])},
        )


def _first_day(
    past: EventHistory, moment: int, who: Integers, visits: LocalVisits, content: Parameters, share: Floats
) -> Floats:
    """The chance that the next visit falls on each weekday."""
    day, hour = local_now(past, moment, who)
    weight = np.exp2((visits.us - moment) / (content["half_life"] * DAY_US))
    # Visits a day as the same fading memory sees them; the memory is only as long as the person is known.
    first = np.full(len(past.people), moment)
    np.minimum.at(first, visits.who, visits.us)
    known = (moment - first[who]) / DAY_US
    memory = content["half_life"] / np.log(2.0) * (1.0 - np.exp2(-known / content["half_life"]))
    came = np.bincount(visits.who, weight, len(past.people))[who]
    rate = (came + 1.0) / (memory + 14.0)
    daily = 1.0 - np.exp(-WEEKDAYS * share * rate[:, None])
    found = np.zeros_like(share)
    away = np.ones(len(who))
    for ahead in range(_AHEAD):
        weekday = (day + ahead + _MONDAY) % WEEKDAYS
        chance = daily[np.arange(len(who)), weekday]
        # Of today only the rest is left.
        chance = chance * (1.0 - hour / HOURS) if ahead == 0 else chance
        np.add.at(found, (np.arange(len(who)), weekday), away * chance)
        away = away * (1.0 - chance)
    return found


def _table(dial: CircularPredictor, past: EventHistory, visits: LocalVisits, weight: Floats) -> Floats:
    """People × places: visits, weighted."""
    key = visits.who * dial.places + dial.place_of(visits)
    count = np.bincount(key, weight, len(past.people) * dial.places).astype(np.float64)
    return count.reshape(-1, dial.places)


def _most_common(dial: CircularPredictor, past: EventHistory, moment: int) -> Forecast:
    """Where the person came most often; who never came, where everybody does."""
    who, visits = past.present(moment), past.once("visits", moment, visits_before)
    count = _table(dial, past, visits, np.ones(len(visits.who)))
    mine = np.where(count[who].sum(axis=1, keepdims=True) > 0, count[who], count.sum(axis=0))
    return dial.told(past, who, visits, mine.argmax(axis=1).astype(np.float64), np.full(len(who), np.nan))


def _last(dial: CircularPredictor, past: EventHistory, moment: int) -> Forecast:
    """Where the person came last; who never came, where everybody does."""
    who, visits = past.present(moment), past.once("visits", moment, visits_before)
    found = np.full(len(past.people), _crowd(dial, past, visits))
    found[visits.who] = dial.place_of(visits)
    return dial.told(past, who, visits, found[who].astype(np.float64), np.full(len(who), np.nan))


def _everybodys(dial: CircularPredictor, past: EventHistory, moment: int) -> Forecast:
    """Where everybody comes most often."""
    who, visits = past.present(moment), past.once("visits", moment, visits_before)
    value = np.full(len(who), float(_crowd(dial, past, visits)))
    return dial.told(past, who, visits, value, np.full(len(who), np.nan))


def _crowd(dial: CircularPredictor, past: EventHistory, visits: LocalVisits) -> int:
    return int(_table(dial, past, visits, np.ones(len(visits.who))).sum(axis=0).argmax())
