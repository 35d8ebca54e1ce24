"""S-learner: one regression of the outcome with interactions of the treatment; the effect is what they make of it.

The interactions are pulled towards 0 as strongly as the data speaks for it; where nothing tells people apart, everybody
has the same odds ratio. Künzel et al., 2019, "Metalearners for estimating heterogeneous treatment effects".
"""

from __future__ import annotations

from collections.abc import Sequence

from vocative.predict.history.event_history import Floats
from vocative.predict.uplift.outcomes import ArmRows, both_arms, without_parts
from vocative.predict.uplift.trial import Randomised


def learn(trial: Randomised) -> ArmRows:
    """Learn it from everybody."""
    return both_arms(trial.design, trial.treated, trial.outcome, binary=trial.binary)


def learn_without(trial: Randomised, parts: Sequence[slice], learnt: ArmRows) -> list[ArmRows]:
    """What would have been learnt without each of the parts of the people."""
    return without_parts(trial.design, trial.treated, trial.outcome, parts, learnt)


def effect(learnt: ArmRows, design: Floats) -> Floats:
    """The effect on each row."""
    with_it, without = learnt.outcomes(design)
    return with_it - without
