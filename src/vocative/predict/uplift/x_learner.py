"""X-learner: each person's outcome less what the other arm would have led to, regressed in each arm; both are weighed.

The small arm's effects rest on the large arm's outcomes, which are known well, so it suits arms of unequal size
(Künzel et al., 2019).
"""

from __future__ import annotations

from vocative.predict.history.event_history import Floats
from vocative.predict.uplift.evidence import LeastSquaresSums, pulled_line


def learn(of_treated: LeastSquaresSums, of_others: LeastSquaresSums, chance: float) -> Floats:
    """Weights of the columns of the design in the effect.

    Args:
        of_treated: Sums of the treated, whose target is their outcome less the one expected without the treatment.
        of_others: Sums of the others, whose target is the outcome expected with it less their own.
        chance: Share of people who were treated.
    """
    return chance * pulled_line(of_others).weights + (1.0 - chance) * pulled_line(of_treated).weights
