"""S-learner: one regression of the outcome with interactions of the treatment; the effect is what they make of it.

The interactions are pulled towards 0 as strongly as the data speaks for it; where nothing tells people apart, everybody
has the same odds ratio. Künzel et al., 2019, "Metalearners for estimating heterogeneous treatment effects".
"""

from __future__ import annotations

from vocative.predict.past import Floats
from vocative.predict.uplift_outcomes import Arms, both_arms
from vocative.predict.uplift_trial import Randomised


def learn(trial: Randomised, start: Arms | None = None) -> Arms:
    """Learn it; from about the same people quickly, with the strength that was chosen there, if there is a start."""
    return both_arms(trial.design, trial.treated, trial.outcome, binary=trial.binary, start=start)


def effect(learnt: Arms, design: Floats) -> Floats:
    """The effect on each row."""
    with_it, without = learnt.outcomes(design)
    return with_it - without
