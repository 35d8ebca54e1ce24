"""X-learner: each person's outcome less what the other arm would have led to, regressed in each arm; both are weighed.

The small arm's effects rest on the large arm's outcomes, which are known well, so it suits arms of unequal size
(Künzel et al., 2019).
"""

from __future__ import annotations

import numpy as np

from vocative.predict.past import Floats
from vocative.predict.uplift_evidence import pulled_line
from vocative.predict.uplift_trial import Randomised


def learn(trial: Randomised, with_it: Floats, without: Floats) -> Floats:
    """Weights of the columns of the design in the effect.

    Args:
        trial: The people.
        with_it: Outcome of each that is expected with the treatment.
        without: The same without.
    """
    mine, chance = trial.treated, float(np.mean(trial.chance))
    of_treated = pulled_line(trial.design[mine], (trial.outcome - without)[mine]).weights
    of_others = pulled_line(trial.design[~mine], (with_it - trial.outcome)[~mine]).weights
    return chance * of_others + (1.0 - chance) * of_treated
