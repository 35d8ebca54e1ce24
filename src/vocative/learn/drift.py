"""How far the world has moved away from what a model has learnt: its inputs, its predictions, outcomes, fresh data.

Each part is green, amber or red. Inputs are red when those that moved beyond what is usual of them carry a fifth of the
model's weight; where the weights are not known, all inputs weigh the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vocative.learn.spread import MUCH, SOME, index, limit
from vocative.predict.history.event_history import DAY_US, EventHistory, FeatureRows, Floats
from vocative.predict.predictor import Forecast
from vocative.records.models import Comparison, Drift, Level, ModelCard, Shift
from vocative.records.proof import Verdict

_HEAVY, _NOTABLE = 0.2, 0.05
_SURE = 1.96
_STALE, _VERY_STALE = 2.0, 4.0
_LEAST_DAYS, _MANY_DAYS = 1.5, 4.0
_LOOK_BACK_DAYS = 90
_OLD, _VERY_OLD = 2.0, 4.0
_NAMED = 3
_LEVELS: tuple[Level, ...] = ("green", "amber", "red")


@dataclass(frozen=True, slots=True)
class Fresh:
    """Of the newest act and of pauses between acts in the 90 days before it, in days."""

    age: float
    longest_pause: float


def freshness(past: EventHistory) -> Fresh:
    """How old the newest known act is, and the longest pause there was lately."""
    us = past.acts.us
    if not len(us):
        return Fresh(np.inf, 0.0)
    newest = int(us.max())
    lately = np.sort(us[us >= newest - _LOOK_BACK_DAYS * DAY_US])
    pause = float(np.diff(lately).max(initial=0)) / DAY_US
    return Fresh((past.now - newest) / DAY_US, pause)


def strongest(forecast: Forecast) -> Floats:
    """One number for each person: the prediction, or the strongest of those about several targets."""
    if forecast.target is None or not len(forecast.who):
        return forecast.value
    _, person = np.unique(forecast.who, return_inverse=True)
    found = np.full(int(person.max()) + 1, -np.inf)
    np.maximum.at(found, person, forecast.value)
    return found


def moved(card: ModelCard, rows: FeatureRows) -> list[Shift]:
    """Inputs of a model that have moved beyond what is usual of them, the furthest first."""
    place = {name: number for number, name in enumerate(rows.names)}
    weights = _weights(card)
    found = []
    for then in card.inputs:
        if then.name not in place:
            continue
        value = index(then, rows.values[:, place[then.name]])
        most = limit(then, len(rows.who), among=len(card.inputs))
        if value > most:
            found.append(_shift(then.name, value, most, weights[then.name]))
    return sorted(found, key=lambda one: one.limit - one.index)


def inputs_level(shifts: Sequence[Shift]) -> Level:
    """What shifted inputs mean for the model."""
    weight = sum(one.weight for one in shifts)
    return "red" if weight >= _HEAVY else "amber" if weight >= _NOTABLE else "green"


def assess(
    card: ModelCard,
    now: int,
    *,
    shifts: Sequence[Shift],
    forecast: Forecast | None,
    compared: Comparison | None,
    verdict: Verdict | None,
    fresh: Fresh,
    retrain_every: int,
) -> Drift:
    """All parts together.

    Args:
        card: Of the version that acts.
        now: µs UTC.
        shifts: As `moved` gives them.
        forecast: What the version predicts now; None if it could not.
        compared: What it came to against the best naive way, pooled; None while nothing is over.
        verdict: On it, by the back-test.
        fresh: How fresh the data is.
        retrain_every: Days after which models are fitted anew.
    """
    why: list[str] = []
    inputs = inputs_level(shifts)
    if inputs != "green":
        names = ", ".join(one.name for one in shifts[:_NAMED])
        weight = sum(one.weight for one in shifts)
        why.append(f"{len(shifts)} of its inputs moved, with {weight:.0%} of its weight: {names}")
    scores, shift = _scores(card, forecast)
    if shift is not None and scores != "green":
        why.append(f"its predictions are spread otherwise than at the fit (index {shift.index:.2f})")
    outcomes = _outcomes(compared, verdict, why)
    age = (now - card.fitted_at) / DAY_US
    fresh_level = _freshness(fresh, age, retrain_every, why)
    level = max((inputs, scores, outcomes, fresh_level), key=_LEVELS.index)
    return Drift(
        module=card.module,
        version=card.version,
        moment=now,
        level=level,
        inputs=inputs,
        scores=scores,
        outcomes=outcomes,
        freshness=fresh_level,
        why=why,
        shifts=[*shifts, *([shift] if shift is not None and scores != "green" else [])],
        compared=compared,
        event_age_days=round(min(fresh.age, 36_500.0), 3),
        model_age_days=round(age, 3),
    )


def _weights(card: ModelCard) -> Mapping[str, float]:
    """Input → share of the model's weight; inputs of which nothing is known share it equally if none is known."""
    names = [one.name for one in card.inputs]
    known = {name: card.importance.get(name, 0.0) for name in names}
    if sum(known.values()) <= 0.0:
        return {name: 1.0 / len(names) for name in names}
    return known


def _scores(card: ModelCard, forecast: Forecast | None) -> tuple[Level, Shift | None]:
    if card.scores is None or forecast is None:
        return "green", None
    values = strongest(forecast)
    value = index(card.scores, values)
    bounds = [limit(card.scores, len(values), least=least) for least in (SOME, MUCH)]
    level = _LEVELS[sum(value > bound for bound in bounds)]
    return level, _shift("prediction", value, bounds[0] if level == "amber" else bounds[1], 1.0)


def _outcomes(compared: Comparison | None, verdict: Verdict | None, why: list[str]) -> Level:
    """Amber when the lead over the naive way is smaller than at every moment of the back-test, beyond noise.

    Leads are compared and not figures: some months are harder to foretell than others for every way, and of questions
    about many things only the strongest predictions of each person are kept.
    """
    if compared is None or verdict is None or not verdict.origins:
        return "green"
    sign = 1.0 if compared.lower_is_better else -1.0
    smallest = min(sign * (one.baseline - one.value) for one in verdict.origins)
    if -compared.worse + _SURE * compared.error >= smallest:
        return "green"
    why.append(
        f"its predictions came to {compared.metric} {compared.value:.3g} against {compared.against_value:.3g} of the "
        f"naive way; its lead of {-compared.worse:.3g} is smaller than at every moment of the back-test "
        f"({smallest:.3g} and more)"
    )
    return "amber"


def _freshness(fresh: Fresh, age: float, retrain_every: int, why: list[str]) -> Level:
    found: Level = "green"
    if fresh.age > max(_LEAST_DAYS, _STALE * fresh.longest_pause):
        found = "red" if fresh.age > max(_MANY_DAYS, _VERY_STALE * fresh.longest_pause) else "amber"
        why.append(
            f"the newest event is {fresh.age:.1f} days old; the longest pause of {_LOOK_BACK_DAYS} days was "
            f"{fresh.longest_pause:.1f}"
        )
    if age > _OLD * retrain_every:
        found = "red" if age > _VERY_OLD * retrain_every else max(found, "amber", key=_LEVELS.index)
        why.append(f"the model is {age:.0f} days old; a new one is fitted every {retrain_every} days")
    return found


def _shift(name: str, value: float, most: float, weight: float) -> Shift:
    return Shift(name=name, index=round(value, 4), limit=round(most, 4), weight=round(weight, 4))
