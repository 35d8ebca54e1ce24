"""What the past says about an effect, as a verdict: judged on people that were not learnt from, not on later moments.

Evidence by lot is scarce, and each person is treated for the first time once: so all of it is used, each fifth of the
people judged by what is learnt from the others.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vocative.predict.past import Past
from vocative.predict.uplift import Uplift
from vocative.prove.uplift import ALIKE, MODEL, Judgement, judge_effect, leave_out
from vocative.records.proof import Bin, Score, Verdict

_METRIC = "targeting"


def prove_effect(
    module: Uplift, past: Past, version: str, random: np.random.Generator, tick: Callable[[], None] = lambda: None
) -> Verdict:
    """Test what a module says about effects; arguments as in `judging.prove_module`."""
    trial, _ = module.trial(past, past.now)
    found = judge_effect(trial, leave_out(trial, random, tick), random)
    drawn = found.figures[MODEL, _METRIC]
    low, high = drawn.interval()
    return Verdict(
        module=module.name,
        version=version,
        moment=past.now,
        admitted=found.admitted,
        why=_why(found, module),
        metric=_METRIC,
        lower_is_better=False,
        value=drawn.value,
        baseline=ALIKE,
        baseline_value=0.0,
        difference=drawn.value,
        low=low,
        high=high,
        scores=_scores(found),
        calibration=[Bin(predicted=one.predicted, observed=one.found, people=one.people) for one in found.groups],
    )


def _why(found: Judgement, module: Uplift) -> str:
    drawn = found.figures[MODEL, _METRIC]
    low, high = drawn.interval()
    unit = "" if module.money else " points"

    def size(value: float) -> str:
        return f"{value:.3g}" if module.money else f"{value:+.2%}{unit}"

    mean = f"a contact changes {size(found.mean)} on average, by lot (standard error {size(found.error).lstrip('+')})"
    told = f"choosing on whom to spend it wins {size(drawn.value)} more than drawing them by lot"
    told += f" (95 % interval {size(low)} to {size(high)})"
    if not found.better:
        return f"refused: {mean}; {told}; it would have to win more than chance explains"
    if not found.calibrated:
        return f"refused: {mean}; {told}, but effects are further from what was found than chance explains"
    dogs = found.sleeping_dogs()
    told += f"; {dogs:,} people are better left in peace" if dogs else ""
    return f"admitted: {mean}; {told}"


def _scores(found: Judgement) -> list[Score]:
    scores = []
    for (way, metric), drawn in found.figures.items():
        low, high = drawn.interval()
        scores.append(Score(name=way, metric=metric, value=drawn.value, low=low, high=high))
    # Treating everybody alike is the line that targeting and Qini are measured from.
    scores += [Score(name=ALIKE, metric=metric, value=0.0, low=0.0, high=0.0) for metric in (_METRIC, "qini")]
    low, high = found.mean - 1.96 * found.error, found.mean + 1.96 * found.error
    scores.append(Score(name=ALIKE, metric="effect", value=found.mean, low=low, high=high))
    return scores
