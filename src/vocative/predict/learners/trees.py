"""Boosted trees, grown by LightGBM (Ke et al., 2017, "LightGBM: A Highly Efficient Gradient Boosting Decision Tree").

What was learnt is kept as LightGBM's text, which holds numbers only and cannot run code when it is read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from vocative.errors import MissingExtraError
from vocative.predict.history.event_history import Floats, Integers

if TYPE_CHECKING:
    from lightgbm import Booster

MOST_THREADS: ContextVar[int] = ContextVar("most_threads", default=0)
"""How many threads trees take at most, 0 being as many as there are: who learns several things at once says fewer."""

_FEW_ROWS = 20_000
_FIXED: Mapping[str, object] = {
    "verbosity": -1,
    # The same rows give the same trees, whatever the number of threads.
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
}


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees that were grown; `text` is what is kept."""

    text: str

    def score(self, values: Floats, *, rounds: int | None = None) -> Floats:
        """The raw score (log odds, logarithm of a count, or the value) of rows × columns; of the first `rounds`."""
        found = _booster(self.text).predict(values, raw_score=True, num_iteration=rounds, num_threads=_threads(values))
        return np.asarray(found, np.float64)

    def score_each(self, values: Floats, rounds: Sequence[int]) -> list[Floats]:
        """`score` of the first trees for several numbers of them, ascending: each tree is asked once."""
        booster, found, before = _booster(self.text), [], 0
        total = np.zeros(len(values))
        for upto in rounds:
            added = booster.predict(
                values,
                raw_score=True,
                start_iteration=before,
                num_iteration=upto - before,
                num_threads=_threads(values),
            )
            total = total + np.asarray(added, np.float64)
            found.append(total)
            before = upto
        return found

    def parts(self, values: Floats) -> Floats:
        """What each column adds to the score of each row (rows × columns, Shapley values), and last the base."""
        found = _booster(self.text).predict(values, pred_contrib=True, num_threads=_threads(values))
        return np.asarray(found, np.float64)

    def gains(self) -> Floats:
        """What the splits of each column gained while learning."""
        return np.asarray(_booster(self.text).feature_importance("gain"), np.float64)


def grow(
    values: Floats,
    target: Floats,
    rounds: int,
    options: Mapping[str, object],
    *,
    weight: Floats | None = None,
    offset: Floats | None = None,
    groups: Integers | None = None,
    categorical: Sequence[int] = (),
) -> Trees:
    """Grow trees.

    Args:
        values: Rows × columns, NaN for none.
        target: What is predicted, one for each row.
        rounds: How many trees.
        options: LightGBM's own: `objective`, `num_leaves`, `learning_rate`, `min_data_in_leaf` …
        weight: Of each row.
        offset: Raw score that trees start from; it is no part of `Trees.score`.
        groups: Sizes of lists, for the objectives that rank.
        categorical: Columns whose numbers name things.
    """
    lightgbm = _library()
    data = lightgbm.Dataset(
        values,
        label=target,
        weight=weight,
        init_score=offset,
        group=groups,
        categorical_feature=list(categorical),
        params=(told := {**_FIXED, "num_threads": _threads(values), **options}),
    )
    grown: Any = lightgbm.train(told, data, rounds)
    return Trees(str(grown.model_to_string()))


def grow_each(values: Floats, target: Floats, rounds: int, ways: Sequence[Mapping[str, object]]) -> list[Trees]:
    """Grow trees from the same rows in several ways, as `grow` would; the columns are cut into bins once for all.

    Args:
        values: Rows × columns, NaN for none.
        target: What is predicted, one for each row.
        rounds: How many trees each time.
        ways: The options of each; they may differ in the objective and its numbers only.
    """
    lightgbm = _library()
    told = [{**_FIXED, "num_threads": _threads(values), **options} for options in ways]
    data = lightgbm.Dataset(values, label=target, categorical_feature=[], params=told[0] if told else None)
    return [Trees(str(lightgbm.train(options, data, rounds).model_to_string())) for options in told]


def _threads(values: Floats) -> int:
    """Over few rows threads wait for each other longer than they work; 0 is as many as there are."""
    return 1 if len(values) < _FEW_ROWS else MOST_THREADS.get()


@lru_cache(maxsize=16)
def _booster(text: str) -> Booster:
    booster: Booster = _library().Booster(model_str=text)
    return booster


def _library() -> ModuleType:
    """LightGBM; importing it takes a second, which commands that learn nothing should not pay.

    Raises:
        MissingExtraError: the system lacks the OpenMP library it is linked with.
    """
    # Threads that wait for each other in a loop take the machine from whoever else works on it: on two busy processors
    # the same trees took thirteen times as many seconds of them. The library looks at this once, as it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import lightgbm
    except OSError as error:
        raise MissingExtraError(
            f"boosted trees need the OpenMP library of the system ({error})",
            remedy="Debian and Ubuntu: apt install libgomp1; macOS: brew install libomp",
        ) from error
    return lightgbm
