"""The verdict on a module: admitted if it beat every naive way on the past by more than chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vocative.predict.module import LEAST_HISTORY_DAYS, Module
from vocative.predict.past import DAY_US, Past
from vocative.prove.backtest import DECIDING, MODEL, Trial, days_needed, origins, try_at
from vocative.prove.bootstrap import Drawn, bootstrap, difference
from vocative.prove.measures import BINS, equal_bins, lift
from vocative.records.proof import Bin, Origin, Score, Verdict

MOST_CALIBRATION_ERROR = 0.05
"""Probabilities that are further off on average are refused, however well they rank."""
_FEWEST = 20
"""Nothing is learnt from fewer people."""
NO_VERSION = "none"
"""Version of a module that could not be fitted."""


@dataclass(frozen=True, slots=True)
class _Comparison:
    figures: dict[tuple[str, str], Drawn]
    best: str
    difference: float
    low: float
    high: float


def missing(module: Module, past: Past) -> str:
    """Why a module cannot be tested yet, in one sentence with what would be needed; empty if it can."""
    if past.main < 0:
        return "no event has the role purchase, use or view: name the events in `[events]`"
    have, need = (past.now - past.first) / DAY_US, days_needed(module, past)
    if have < need:
        return (
            f"{have:.0f} days of history; {need:.0f} are needed to test it at "
            f"{past.settings.proving.origins} moments of the past"
        )
    oldest = round(past.now - need * DAY_US) + round(LEAST_HISTORY_DAYS * DAY_US)
    known, least = len(past.present(oldest)), max(2, min(past.settings.proving.least_people, _FEWEST))
    if known < least:
        return f"{known:,} people were known at the oldest moment to learn from; {least:,} are needed"
    return ""


def prove_module(
    module: Module, past: Past, version: str, random: np.random.Generator, tick: Callable[[], None] = lambda: None
) -> Verdict:
    """Test a module at moments of the past and judge it.

    Args:
        module: What is tested; it is fitted anew for each moment.
        past: All that is known at `past.now`.
        version: Version of the model that is fitted at `past.now`.
        random: Draws people for the intervals.
        tick: Called after each moment.
    """
    if why := missing(module, past):
        return refused(module, past.now, version, why)
    trials = []
    for moment in origins(past, module.horizon_days):
        trials.append(try_at(module, past, moment))
        tick()
    least, fewest = past.settings.proving.least_people, min(trial.people for trial in trials)
    if fewest < least:
        why = f"{fewest:,} people with an outcome at one of the moments; {least:,} are needed at each"
        return refused(module, past.now, version, why)
    return _verdict(module, past.now, version, trials, random)


def refused(module: Module, moment: int, version: str, why: str) -> Verdict:
    """The verdict on a module that could not be tested."""
    metric, lower = DECIDING[module.kind]
    return Verdict(
        module=module.name,
        version=version,
        moment=moment,
        admitted=False,
        why=f"not tested: {why}",
        metric=metric,
        lower_is_better=lower,
        value=0.0,
        baseline=next(iter(module.baselines)),
        baseline_value=0.0,
        difference=0.0,
        low=0.0,
        high=0.0,
    )


def _verdict(
    module: Module, moment: int, version: str, trials: Sequence[Trial], random: np.random.Generator
) -> Verdict:
    metric, lower = DECIDING[module.kind]
    found = _compare(module, trials, random)
    value, naive = found.figures[MODEL, metric].value, found.figures[found.best, metric].value
    bins = _bins(trials) if module.kind == "probability" else []
    error = None
    if bins:
        error = sum(abs(one.predicted - one.observed) * one.people for one in bins) / sum(one.people for one in bins)
    better = found.high < 0.0 if lower else found.low > 0.0
    admitted = better and (error is None or error <= MOST_CALIBRATION_ERROR)
    curved = module.kind in ("probability", "money")
    return Verdict(
        module=module.name,
        version=version,
        moment=moment,
        admitted=admitted,
        why=_why(metric, value, naive, found, better=better, error=error),
        metric=metric,
        lower_is_better=lower,
        value=value,
        baseline=found.best,
        baseline_value=naive,
        difference=found.difference,
        low=found.low,
        high=found.high,
        origins=[_origin(trial, metric, found.best) for trial in trials],
        scores=_scores(found, trials),
        calibration=bins,
        calibration_error=error,
        lift=_lift(trials, MODEL) if curved else [],
        lift_baseline=_lift(trials, found.best) if curved else [],
    )


def _compare(module: Module, trials: Sequence[Trial], random: np.random.Generator) -> _Comparison:
    metric, lower = DECIDING[module.kind]
    figures = bootstrap([trial.judged for trial in trials], random)
    sign = 1.0 if lower else -1.0
    best = min(module.baselines, key=lambda name: sign * figures[name, metric].value)
    found = difference(figures[MODEL, metric], figures[best, metric])
    return _Comparison(figures, best, found.value, found.low, found.high)


def _why(metric: str, value: float, naive: float, found: _Comparison, *, better: bool, error: float | None) -> str:
    told = f"{metric} {_short(value)} against {_short(naive)} of {found.best.replace('_', ' ')}"
    told += f" (difference {_short(found.difference)}, 95 % interval {_short(found.low)} to {_short(found.high)})"
    if not better:
        return f"refused: {told}; it would have to be better by more than chance"
    if error is not None and error > MOST_CALIBRATION_ERROR:
        limit = f"at most {MOST_CALIBRATION_ERROR:.0%} would be needed"
        return f"refused: {told}, but its probabilities are off by {error:.1%} on average; {limit}"
    return f"admitted: {told}"


def _short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 100 else f"{number:,.0f}"


def _origin(trial: Trial, metric: str, best: str) -> Origin:
    model, naive = ({one.name: one.value() for one in trial.judged.ways[way]} for way in (MODEL, best))
    return Origin(
        moment=trial.moment,
        people=trial.people,
        value=model[metric],
        baseline=naive[metric],
        measures={name: (value, naive[name]) for name, value in model.items() if name in naive},
    )


def _scores(found: _Comparison, trials: Sequence[Trial]) -> list[Score]:
    scores = []
    for (way, metric), drawn in found.figures.items():
        low, high = drawn.interval()
        scores.append(Score(name=way, metric=metric, value=drawn.value, low=low, high=high))
    for way in trials[0].varied:
        shares = [trial.varied[way] for trial in trials]
        score = Score(name=way, metric="variety@10", value=float(np.mean(shares)), low=min(shares), high=max(shares))
        scores.append(score)
    return scores


def _bins(trials: Sequence[Trial]) -> list[Bin]:
    predicted = np.concatenate([trial.predicted[MODEL] for trial in trials])
    truth = np.concatenate([trial.truth for trial in trials])
    place = equal_bins(predicted)
    found = []
    for number in range(BINS):
        mine = place == number
        if mine.any():
            found.append(
                Bin(predicted=float(predicted[mine].mean()), observed=float(truth[mine].mean()), people=int(mine.sum()))
            )
    return found


def _lift(trials: Sequence[Trial], way: str) -> list[float]:
    curves = [lift(trial.predicted[way], np.maximum(trial.truth, 0.0)) for trial in trials]
    curves = [curve for curve in curves if curve]
    return [float(share) for share in np.mean(curves, axis=0)] if curves else []
