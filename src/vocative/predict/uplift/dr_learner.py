"""DR-learner: the unbiased guesses of the effect on each person, regressed on what is known of them (Kennedy, 2020).

What tells people apart is pulled towards 0 as strongly as the data speaks for it, and what is left where nothing does
is the mean effect. The same regression tells how sure the effect on each person is.
"""

from __future__ import annotations

from vocative.predict.uplift.evidence import LeastSquaresSums, Pulled, pulled_line


def learn(sums: LeastSquaresSums) -> Pulled:
    """Weights of the columns of the design in the effect, with their covariance.

    Args:
        sums: Of a design, and as its target the unbiased guesses as in `Randomised.scores`.
    """
    return pulled_line(sums)
