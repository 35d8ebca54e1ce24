"""How many days pass until something happens, capped at a horizon: trees for the median and for both edges.

The median of the capped days is known even where the mean is not, since nobody has to be waited for beyond the horizon
(Powell, 1986, "Censored Regression Quantiles"). The edges are moved until they cover 90 % at the newest moment of
what older ones had taught (Romano, Patterson and Candès, 2019, "Conformalized Quantile Regression"). Where the upper
edge lies at the horizon nothing can lie above it, so the whole tenth is cut off below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import Floats
from vocative.predict.learners.trees import Trees, grow_each
from vocative.predict.predictor import Parameters

_LEVELS = {"low": 0.05, "low_only": 0.1, "value": 0.5, "high": 0.95}
_NEAR = 0.5
_SHARE = 0.9
_ROUNDS = 80
_LEAF, _LEAST_LEAF, _LEAF_SHARE = 100, 10, 40
_MOST_ROWS = 60_000
_SHRUNK: dict[str, object] = {
    "objective": "quantile",
    "num_leaves": 15,
    "learning_rate": 0.1,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
}


@dataclass(frozen=True, slots=True)
class Waited:
    """A moment of the past: signs (rows × columns) and the days that then passed, capped at the horizon."""

    signs: Floats
    days: Floats


def learn_waiting(seen: Sequence[Waited], horizon_days: float) -> Parameters:
    """Learn from moments of the past, the newest first; of none, that nothing happens within the horizon."""
    if not seen or not sum(len(one.days) for one in seen):
        return {"trees": None, "wider": 0.0}
    wider = 0.0
    if len(seen) > 1 and len(seen[0].days):
        low, _, high = _edges(_grown(seen[1:]), seen[0].signs, horizon_days)
        above = np.where(high < horizon_days, seen[0].days - high, -np.inf)
        outside = np.maximum(low - seen[0].days, above)
        wider = float(f"{np.quantile(outside, _SHARE):.6g}")
    return {"trees": {name: trees.text for name, trees in _grown(seen).items()}, "wider": wider}


def foresee_waiting(signs: Floats, content: Parameters, horizon_days: float) -> tuple[Floats, Floats, Floats]:
    """Low edge, median and high edge of the days that pass, each between 0 and the horizon."""
    if content["trees"] is None or not len(signs):
        whole = np.full(len(signs), float(horizon_days))
        return np.zeros(len(signs)), whole, whole
    trees = {name: Trees(text) for name, text in content["trees"].items()}
    low, value, high = _edges(trees, signs, horizon_days)
    low = np.clip(low - content["wider"], 0.0, value)
    high = np.where(high < horizon_days, high + content["wider"], high)
    return low, value, np.clip(high, value, horizon_days)


def _edges(trees: Mapping[str, Trees], signs: Floats, horizon_days: float) -> tuple[Floats, Floats, Floats]:
    """Low edge, median and high edge as the trees tell them."""
    found = {name: np.clip(one.score(_single(signs)), 0.0, horizon_days) for name, one in trees.items()}
    open_ended = found["high"] >= horizon_days - _NEAR
    high = np.where(open_ended, horizon_days, found["high"])
    return np.where(open_ended, found["low_only"], found["low"]), found["value"], high


def _grown(seen: Sequence[Waited]) -> dict[str, Trees]:
    every = max(1, -(-sum(len(one.days) for one in seen) // _MOST_ROWS))
    signs = np.vstack([one.signs[::every] for one in seen])
    days = np.concatenate([one.days[::every] for one in seen])
    leaf = max(_LEAST_LEAF, min(_LEAF, len(days) // _LEAF_SHARE))
    ways = [{**_SHRUNK, "min_data_in_leaf": leaf, "alpha": level} for level in _LEVELS.values()]
    return dict(zip(_LEVELS, grow_each(_single(signs), days, _ROUNDS, ways), strict=True))


def _single(signs: Floats) -> Floats:
    """Single precision, so that the last digits of sums do not decide on which side of a split a row falls."""
    return signs.astype(np.float32).astype(np.float64)
