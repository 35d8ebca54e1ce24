"""What predictions came to, and what follows from it for the version that acts and the ones that wait in shadow.

Predictions of one moment are judged once, when what they spoke of is over, by the metric that decides the back-test and
with a paired bootstrap by person. Comparisons of several moments are pooled by their people. Neighbouring moments share
most people and most of the days that count, so their errors are taken as fully dependent: pooling makes them no smaller
than those of a single moment, which is safe.

A version that acts fails when it was worse than the best naive way by more than three standard errors. It is looked at
again and again, and three keep the false alarms of all looks together rare. One that waits is promoted when it keeps,
for certain, a share of its predecessor's lead over the naive way: the margin of non-inferiority trials that demands a
part of the proven effect (Rothmann et al., 2003, "Design and analysis of non-inferiority mortality trials in oncology",
Statistics in Medicine 22).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from vocative.predict.predictor import Forecast, Kind, Outcome
from vocative.prove.backtest import DECIDING, MODEL, judge
from vocative.prove.bootstrap import bootstrap, difference
from vocative.records.models import Comparison
from vocative.records.operation import Operation
from vocative.records.proof import Verdict

FAILING = 3.0
"""Standard errors."""
_SURE = 1.96
_DRAWS = 400
_THEIRS = "against"

Answer = Literal["promote", "drop", "wait"]


def compare(
    module: str,
    kind: Kind,
    versions: tuple[str, str],
    forecasts: tuple[Forecast, Forecast],
    outcome: Outcome,
    moments: tuple[int, int],
    random: np.random.Generator,
    horizon_days: float = np.inf,
) -> Comparison:
    """Judge the forecasts of two versions of a module by what then happened.

    Args:
        module: Its name.
        kind: What it predicts.
        versions: The version that is judged, and what it is compared with.
        forecasts: Of the two.
        outcome: What then happened.
        moments: When was predicted, and when it is judged, µs UTC.
        random: Draws people.
        horizon_days: How far ahead was looked; days until something happens are capped at it.
    """
    metric, lower = DECIDING[kind]
    trial = judge(kind, moments[0], dict(zip((MODEL, _THEIRS), forecasts, strict=True)), outcome, horizon_days)
    if not trial.people:
        return _nobody(module, versions, moments, metric, lower=lower)
    figures = bootstrap([trial.judged], random, _DRAWS)
    ours, theirs = figures[MODEL, metric], figures[_THEIRS, metric]
    sign = 1.0 if lower else -1.0
    low, high = ours.interval()
    return Comparison(
        module=module,
        version=versions[0],
        against=versions[1],
        moment=moments[0],
        judged_at=moments[1],
        people=trial.people,
        metric=metric,
        lower_is_better=lower,
        value=ours.value,
        low=low,
        high=high,
        against_value=theirs.value,
        worse=float(sign * (ours.value - theirs.value)),
        error=difference(ours, theirs).error,
    )


def pooled(comparisons: Sequence[Comparison]) -> Comparison | None:
    """Comparisons of the same two at several moments as one, weighed by people; None if nobody was judged."""
    told = [one for one in comparisons if one.people]
    if not told:
        return None
    weight = np.array([one.people for one in told], np.float64)
    weight /= weight.sum()

    def mean(name: str) -> float:
        return float(weight @ np.array([getattr(one, name) for one in told]))

    newest = max(told, key=lambda one: one.moment)
    return Comparison(
        module=newest.module,
        version=newest.version,
        against=newest.against,
        moment=newest.moment,
        judged_at=newest.judged_at,
        # People of neighbouring moments are mostly the same.
        people=max(one.people for one in told),
        metric=newest.metric,
        lower_is_better=newest.lower_is_better,
        **{name: mean(name) for name in ("value", "low", "high", "against_value", "worse", "error")},
    )


def fails(found: Comparison | None, rules: Operation) -> bool:
    """Whether a version that acts has been worse than the best naive way by more than chance."""
    return found is not None and found.people >= rules.least_people and found.worse > FAILING * found.error


def answer(found: Comparison | None, verdict: Verdict | None, waited_days: float, rules: Operation) -> Answer:
    """Whether a version that waits is promoted, dropped, or waits on.

    Args:
        found: What it came to in shadow, pooled; None while nothing is over.
        verdict: On the version that acts: its lead over the naive way says how much may be lost; None: nothing may.
        waited_days: Since it was fitted.
        rules: The settings.
    """
    if found is not None and found.people >= rules.least_people:
        lead = abs(verdict.difference) if verdict is not None else 0.0
        if found.worse - _SURE * found.error > 0.0:
            return "drop"
        if found.worse + _SURE * found.error <= (1.0 - rules.keeps) * lead:
            return "promote"
    return "promote" if waited_days >= rules.wait_days else "wait"


def _nobody(
    module: str, versions: tuple[str, str], moments: tuple[int, int], metric: str, *, lower: bool
) -> Comparison:
    return Comparison(
        module=module,
        version=versions[0],
        against=versions[1],
        moment=moments[0],
        judged_at=moments[1],
        people=0,
        metric=metric,
        lower_is_better=lower,
        value=0.0,
        low=0.0,
        high=0.0,
        against_value=0.0,
        worse=0.0,
        error=0.0,
    )
