"""The verdict on an effect: does treating those first on whom it is said to be largest win more than treating by lot?

Everybody's effect is predicted by what was learnt from others. The effect is admitted if the area between the curve of
what is won by it and the line of treating everybody alike is above 0 by more than chance (`targeting`, a bootstrap of
people), and if effects are calibrated: the mean effects found among tenths of the people by predicted effect do not lie
further from what was predicted than chance and a tolerated quarter of their spread explain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import Floats
from vocative.predict.uplift import s_learner
from vocative.predict.uplift.effect import Quantile, learn_effect, quantiles
from vocative.predict.uplift.trial import Randomised, folds
from vocative.prove.bootstrap import Drawn
from vocative.prove.harm import harmed
from vocative.prove.uplift_curves import DRAWS, Treated, draw

MODEL, ALIKE, OUTCOME = "model", "everybody_alike", "outcome_only"
GROUPS = 10
REPEATS = 5
"""How often people are drawn into folds."""
_BY_CHANCE = 0.025
"""How often targeting that is worth nothing is taken for better."""
_SURELY_OFF = 0.01
"""Effects are said to be off when chance would bring forth such distances this rarely."""
_TOLERATED = 0.25
"""What is let pass however many people are there to see it, as a share of what sets groups apart (of its spread)."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Predictions for people not learnt from: the effect, the outcome without and with it, the unbiased guess."""

    effect: Floats
    untreated: Floats
    treated: Floats
    scores: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found: figures by way and metric, the effects of tenths of the people, and whether it may act.

    Attributes:
        figures: (`model` | `outcome_only`, `targeting` | `qini` | `auuc`) → value and draws.
        groups: By predicted effect, the lowest first.
        off: The chance of such distances between predicted and found effects, were the predictions about right.
        mean: The mean effect, and its standard error `error`.
        better: Whether targeting is above 0 by more than chance.
        harmed: Of each of `groups` whether a treatment surely harms it, all of them counted.
        tests: How many effects were judged beside one another.
    """

    figures: dict[tuple[str, str], Drawn]
    groups: Sequence[Quantile]
    off: float
    mean: float
    error: float
    better: bool
    harmed: Sequence[bool]
    tests: int = 1

    @property
    def calibrated(self) -> bool:
        """Whether chance may explain how far predicted effects are from those found."""
        return self.off >= _SURELY_OFF

    @property
    def admitted(self) -> bool:
        """Whether it may act."""
        return self.better and self.calibrated

    def sleeping_dogs(self) -> int:
        """People of the tenths whose effect is surely below 0, all tenths that were looked at counted (`harm`)."""
        return sum(one.people for one, harms in zip(self.groups, self.harmed, strict=True) if harms)


def leave_out(
    trial: Randomised,
    random: np.random.Generator,
    tick: Callable[[], None] = lambda: None,
    repeats: int = REPEATS,
) -> LeftOut:
    """Predict for each fold of people by what is learnt from the others; the mean over several draws of the folds.

    How people happen to be drawn into folds is noise of its own, which no model that acts has; means have less of it.
    """
    effect, scores, untreated, treated = (np.zeros(len(trial)) for _ in range(4))
    for _ in range(repeats):
        fold = folds(len(trial), random)
        for number in np.unique(fold):
            mine = fold == number
            others = trial.where(~mine)
            effect[mine] += learn_effect(others, random).on(trial.design[mine])[0]
            with_it, without = s_learner.learn(others).outcomes(trial.design[mine])
            scores[mine] += trial.where(mine).scores(with_it, without)
            untreated[mine] += without
            treated[mine] += with_it
            tick()
    return LeftOut(effect / repeats, untreated / repeats, treated / repeats, scores / repeats)


def judge_effect(
    trial: Randomised, found: LeftOut, random: np.random.Generator, draws: int = DRAWS, tests: int = 1
) -> Judgement:
    """Judge predictions for people that were not learnt from.

    Args:
        trial: What was done by lot and what came of it.
        found: The predictions.
        random: Draws people again.
        draws: How often.
        tests: How many effects are judged beside one another: the chance to admit one by chance is divided among them.
    """
    from scipy.special import chdtrc

    told = Treated(trial.treated, trial.chance, trial.outcome)
    figures = draw({MODEL: found.effect, OUTCOME: found.untreated}, told, found.scores, random, draws)
    groups = quantiles(found.effect, found.scores, GROUPS)
    tenths = [mine for mine in np.array_split(np.argsort(found.effect, kind="stable"), GROUPS) if len(mine) > 1]
    # Lots are drawn again by a generator of their own, so that other figures are drawn as they were.
    harms = harmed(trial, found.treated, found.untreated, tenths, random.spawn(1)[0], tests)
    passed = _TOLERATED * float(np.std([one.predicted for one in groups]))
    noise = [max(float(np.hypot(one.error, passed)), 1e-12) for one in groups]
    distance = sum(((one.found - one.predicted) / size) ** 2 for one, size in zip(groups, noise, strict=True))
    return Judgement(
        figures=figures,
        groups=groups,
        off=float(chdtrc(len(groups), distance)),
        mean=float(found.scores.mean()),
        error=float(found.scores.std() / np.sqrt(len(found.scores))),
        better=float(np.quantile(figures[MODEL, "targeting"].draws, _BY_CHANCE / tests)) > 0.0,
        harmed=harms,
        tests=tests,
    )
