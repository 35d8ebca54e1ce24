"""T-learner: a regression of the outcome for each arm; the effect is their difference (Künzel et al., 2019)."""

from __future__ import annotations

from vocative.predict.uplift_outcomes import Arms, both_arms
from vocative.predict.uplift_trial import Randomised


def learn(trial: Randomised, start: Arms | None = None) -> Arms:
    """Learn it; from about the same people quickly, with the strength that was chosen there, if there is a start."""
    return both_arms(trial.design, trial.treated, trial.outcome, binary=trial.binary, start=start, alone=True)
