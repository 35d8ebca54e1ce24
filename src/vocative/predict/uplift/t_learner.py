"""T-learner: a regression of the outcome for each arm; the effect is their difference (Künzel et al., 2019)."""

from __future__ import annotations

from collections.abc import Sequence

from vocative.predict.uplift.outcomes import ArmRows, both_arms, without_parts
from vocative.predict.uplift.trial import Randomised


def learn(trial: Randomised) -> ArmRows:
    """Learn it from everybody."""
    return both_arms(trial.design, trial.treated, trial.outcome, binary=trial.binary, alone=True)


def learn_without(trial: Randomised, parts: Sequence[slice], learnt: ArmRows) -> list[ArmRows]:
    """What would have been learnt without each of the parts of the people."""
    return without_parts(trial.design, trial.treated, trial.outcome, parts, learnt, alone=True)
