"""Predicting at moments of the past, by every way, as it could have been done then; and what then happened."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventHistory, Flags, Floats, Integers, find
from vocative.predict.predictor import Forecast, Kind, Outcome, Predictor
from vocative.prove import measures
from vocative.prove.bootstrap import Judged
from vocative.prove.measures import Measure
from vocative.prove.ranking import judge_lists

MODEL = "model"
_HOURS, _WEEKDAYS = 24, 7

DECIDING: dict[Kind, tuple[str, bool]] = {
    "probability": ("log_loss", True),
    "money": ("rmse", True),
    "ranking": ("ndcg@10", False),
    "hour": ("hit_3h", False),
    "weekday": ("hit", False),
    "count": ("rmse", True),
    "days": ("days_off", True),
    "effect": ("targeting", False),
}
"""Kind → the metric that decides, and whether lower is better.

Days until something happens are capped at the horizon, what was told as what came: so those to whom it has not happened
count too, and the mean distance is a proper judge of the median.
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """One moment: figures of all ways, and of the model and the baselines the numbers behind curves."""

    moment: int
    judged: Judged
    people: int
    truth: Floats
    predicted: dict[str, Floats]
    varied: dict[str, float]
    low: Floats = field(default_factory=lambda: np.zeros(0))
    high: Floats = field(default_factory=lambda: np.zeros(0))
    """The model's interval of each row; empty where none is told."""
    targeted: bool = False
    """Whether a row is about a person and a thing, not the person as a whole."""


def origins(past: EventHistory, horizon_days: float) -> list[int]:
    """The moments at which is predicted, the newest first: the outcome of each is complete at `past.now`."""
    proving = past.settings.proving
    return [past.now - round((horizon_days + proving.step_days * place) * DAY_US) for place in range(proving.origins)]


def days_needed(module: Predictor, past: EventHistory) -> float:
    """Days of history without which the module cannot be tested at all its moments."""
    proving = past.settings.proving
    return proving.step_days * (proving.origins - 1) + module.horizon_days + module.needs_days()


def try_at(module: Predictor, past: EventHistory, moment: int) -> Trial:
    """Learn and predict as at a moment of the past, and judge by what is known at `past.now`."""
    forecasts = {MODEL: module.forecast(past, moment, module.fit(past, moment))}
    for name, baseline in module.baselines.items():
        forecasts[name] = baseline(past, moment)
    return judge(module.kind, moment, forecasts, module.outcome(past, moment, past.now), module.horizon_days)


def judge(
    kind: Kind, moment: int, forecasts: dict[str, Forecast], outcome: Outcome, horizon_days: float = np.inf
) -> Trial:
    """Judge forecasts of one moment, by the name of the way each was made, by what then happened.

    Of days the horizon is what they are capped at.
    """
    if kind == "ranking":
        return _ranking(moment, forecasts, outcome)
    return _rows(kind, moment, forecasts, outcome, horizon_days)


def _ranking(moment: int, forecasts: dict[str, Forecast], outcome: Outcome) -> Trial:
    who = np.unique(outcome.who)
    ways: dict[str, list[Measure]] = {}
    varied = {}
    for name, forecast in forecasts.items():
        lists = judge_lists(forecast, outcome, who)
        ways[name] = [
            measures.mean_of("ndcg@10", lists.ndcg),
            measures.mean_of("recall@10", lists.recall),
            measures.mean_of("novelty@10", lists.novelty),
        ]
        varied[name] = lists.varied
    return Trial(moment, Judged(who, ways), len(who), np.zeros(0), {}, varied)


def _rows(kind: Kind, moment: int, forecasts: dict[str, Forecast], outcome: Outcome, horizon_days: float) -> Trial:
    """Judge the rows of which every way speaks."""
    common = forecasts[MODEL].keys()
    for forecast in forecasts.values():
        common = np.intersect1d(common, forecast.keys())
    width = 1 if forecasts[MODEL].targets is None else len(forecasts[MODEL].targets or ())
    if kind == "days":
        truth = _capped(outcome, width, common, horizon_days)
    elif outcome.target is None:
        common = common[np.isin(common, outcome.who)]
        truth = outcome.value[np.searchsorted(outcome.who, common)]
    elif outcome.asked:
        # What was not put to the test did neither come true nor fail to.
        place, known = find(outcome.who * width + outcome.target, common)
        common, truth = common[known], outcome.value[place[known]]
    else:
        truth = np.isin(common, outcome.who * width + outcome.target).astype(np.float64)
    who = common // width
    ways, predicted = {}, {}
    for name, forecast in forecasts.items():
        rows = _places(forecast.keys(), common)
        predicted[name] = forecast.value[rows]
        ways[name] = _figures(kind, forecast, rows, truth)
    rows = _places(forecasts[MODEL].keys(), common)
    low, high = forecasts[MODEL].low[rows], forecasts[MODEL].high[rows]
    targeted = outcome.target is not None
    return Trial(moment, Judged(who, ways), len(np.unique(who)), truth, predicted, {}, low, high, targeted)


def _figures(kind: Kind, forecast: Forecast, rows: Integers, truth: Floats) -> list[Measure]:
    value = forecast.value[rows]
    if kind == "probability":
        return [
            measures.surprise(value, truth),
            measures.area(value, truth),
            measures.calibration_error(value, truth),
        ]
    if kind == "money":
        return [
            measures.rmse(value, truth),
            measures.spearman(value, truth),
            measures.coverage(forecast.low[rows], forecast.high[rows], truth),
        ]
    if kind == "count":
        return [
            measures.rmse(value, truth),
            measures.total_error(value, truth),
            measures.spearman(value, truth),
            measures.coverage(forecast.low[rows], forecast.high[rows], truth),
        ]
    if kind == "days":
        return [
            measures.mean_of("days_off", np.abs(value - truth)),
            measures.coverage(forecast.low[rows], forecast.high[rows], truth),
        ]
    if kind == "hour":
        return [
            measures.mean_of("hit_3h", _near(value, truth, _HOURS, 1).astype(np.float64)),
            measures.mean_of("hit", _near(value, truth, _HOURS, 0).astype(np.float64)),
        ]
    return [measures.mean_of("hit", _near(value, truth, _WEEKDAYS, 0).astype(np.float64))]


def _capped(outcome: Outcome, width: int, keys: Integers, horizon_days: float) -> Floats:
    """Days until it happened, of each key; the horizon where it had not."""
    came = outcome.who if outcome.target is None else outcome.who * width + outcome.target
    place, there = find(came, keys)
    if not len(came):
        return np.full(len(keys), horizon_days)
    return np.asarray(np.where(there, np.minimum(outcome.value[place], horizon_days), horizon_days), np.float64)


def _near(value: Floats, truth: Floats, around: int, most: int) -> Flags:
    """Whether two places on a dial are at most so far apart."""
    apart = np.abs(value - truth) % around
    return np.asarray(np.minimum(apart, around - apart) <= most, np.bool_)


def _places(keys: Integers, wanted: Integers) -> Integers:
    order = np.argsort(keys, kind="stable")
    return np.asarray(order[np.searchsorted(keys[order], wanted)], np.int64)
