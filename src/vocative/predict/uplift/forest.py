"""DR-learner with boosted trees: finds differences between people that are not linear (Kennedy, 2020)."""

from __future__ import annotations

from vocative.predict.history.event_history import Floats
from vocative.predict.learners.trees import Trees, grow

_ROUNDS = 40
_OPTIONS = {
    "objective": "regression",
    "num_leaves": 6,
    "learning_rate": 0.05,
    "lambda_l2": 10.0,
    "num_threads": 1,
}
_LEAF_SHARE, _LEAST_LEAF = 0.02, 100


def learn(design: Floats, scores: Floats) -> Trees:
    """Trees of the effect; a leaf holds 2 % of the people at least, since one guess is mostly noise."""
    least = max(_LEAST_LEAF, round(_LEAF_SHARE * len(scores)))
    return grow(design, scores, _ROUNDS, {**_OPTIONS, "min_data_in_leaf": least})
