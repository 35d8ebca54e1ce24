"""What the past says about an effect, as a verdict: judged on people that were not learnt from, not on later moments.

Evidence by lot is scarce, and each person is treated for the first time once: so all of it is used, each fifth of the
people judged by what is learnt from the others. Where several things were drawn by lot, each is judged for itself; one
that is not admitted leaves everybody with its mean effect. The chance to admit one by chance is divided among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Protocol, TypeGuard

import numpy as np

from vocative.predict.history.event_history import Past
from vocative.predict.predictor import Content, Predictor
from vocative.predict.uplift.trial import Randomised
from vocative.prove.uplift import ALIKE, MODEL, Judgement, judge_effect, leave_out
from vocative.records.proof import Arm, Bin, Score, Verdict

_METRIC = "targeting"


class EffectPredictor(Predictor, Protocol):
    """A predictor of kind `effect`: what people do because of a contact, learnt from contacts drawn by lot."""

    @property
    def days(self) -> int:
        """How long after a contact it looks."""
        ...

    def trial(self, past: Past, moment: int) -> tuple[Randomised, Content]:
        """The people treated by lot whose outcome was complete before the moment, and how their columns are made."""
        ...

    def trials(self, past: Past, moment: int) -> dict[str, Randomised]:
        """Of each arm with evidence of its own the people who got it or nothing; empty where there are none."""
        ...


def measures_effect(predictor: Predictor) -> TypeGuard[EffectPredictor]:
    """Whether a predictor is judged by trials instead of later moments."""
    return predictor.kind == "effect"


def prove_effect(
    module: EffectPredictor,
    past: Past,
    version: str,
    random: np.random.Generator,
    tick: Callable[[], None] = lambda: None,
) -> Verdict:
    """Test what a module says about effects; arguments as in `judging.prove_module`."""
    trials = module.trials(past, past.now)
    if not trials:
        trial, _ = module.trial(past, past.now)
        found = judge_effect(trial, leave_out(trial, random, tick), random)
        return _verdict(module, past.now, version, found, admitted=found.admitted, why=_why(found, module))
    judged = {
        name: judge_effect(trial, leave_out(trial, random, tick), random, tests=len(trials))
        for name, trial in trials.items()
    }
    arms = [_arm(name, judged[name], trials[name], module) for name in trials]
    # The figures are those of the arm that targeting wins most for, but for chance.
    best = max(judged.values(), key=lambda one: (one.admitted, one.figures[MODEL, _METRIC].interval(one.tests)[0]))
    admitted = any(one.admitted for one in arms)
    why = f"{'admitted' if admitted else 'refused'}: " + "; ".join(f"{one.name}: {one.why}" for one in arms)
    return _verdict(module, past.now, version, best, admitted=admitted, why=why, arms=arms)


def _arm(name: str, found: Judgement, trial: Randomised, module: EffectPredictor) -> Arm:
    # The best and the worst of several can be seen in them: so all intervals hold together (Bonferroni).
    reach = NormalDist().inv_cdf(1.0 - 0.025 / found.tests)
    return Arm(
        name=name,
        admitted=found.admitted,
        why=_why(found, module),
        effect=found.mean,
        low=found.mean - reach * found.error,
        high=found.mean + reach * found.error,
        people=len(trial),
        sleeping_dogs=found.sleeping_dogs(),
    )


def _verdict(
    module: EffectPredictor,
    now: int,
    version: str,
    found: Judgement,
    *,
    admitted: bool,
    why: str,
    arms: Sequence[Arm] = (),
) -> Verdict:
    drawn = found.figures[MODEL, _METRIC]
    low, high = drawn.interval(found.tests)
    return Verdict(
        module=module.name,
        version=version,
        moment=now,
        admitted=admitted,
        why=why,
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
        arms=[*arms],
    )


def _why(found: Judgement, module: EffectPredictor) -> str:
    drawn = found.figures[MODEL, _METRIC]
    low, high = drawn.interval(found.tests)
    unit = "" if module.unit == "money" else " points"

    def size(value: float) -> str:
        return f"{value:.3g}" if module.unit == "money" else f"{value:+.2%}{unit}"

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
