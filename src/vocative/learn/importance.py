"""What a model looks at, and how much each thing weighs, read from what it has learnt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from vocative.predict.history.event_history import Floats
from vocative.predict.learners.logistic import unpacked
from vocative.predict.learners.trees import Trees
from vocative.predict.predictor import Parameters, Predictor

Labels: TypeAlias = tuple[str, ...]
"""Names of columns, in their order."""

_TREES = "tree\n"
"""How LightGBM's text begins."""


def importance(module: Predictor, content: Parameters) -> dict[str, float]:
    """Name → share of the weight of all, the heaviest first; empty where it cannot be told.

    A module may say it itself (`importance(content)`). Otherwise it is read from linear models, by the size of the
    weights of their standardised columns, and from trees, by what splits on each column gained.
    """
    own = getattr(module, "importance", None)
    if callable(own):
        return _shares(own(content))
    found: dict[str, float] = {}
    for part in _parts(content, ()):
        for name, weight in _shares(part).items():
            found[name] = found.get(name, 0.0) + weight
    return _shares(found)


def _parts(content: object, known: Sequence[Labels]) -> Iterator[Mapping[str, float]]:
    """Weights by name of each model within what was learnt; `known` are the lists of names met on the way."""
    if isinstance(content, dict):
        known = [*known, *(tuple(value) for value in content.values() if _are_names(value))]
        if "encoding" in content and "weights" in content:
            yield _weighed(content["weights"], [unpacked(content["encoding"]).labels()])
        elif "weights" in content:
            yield _weighed(content["weights"], known)
        for value in content.values():
            yield from _parts(value, known)
    elif isinstance(content, list):
        for value in content:
            yield from _parts(value, known)
    elif isinstance(content, str) and content.startswith(_TREES):
        gains = Trees(content).gains()
        yield _named(gains, known)


def _weighed(weights: object, known: Sequence[Labels]) -> dict[str, float]:
    """Of a linear model: the size of each weight but the first."""
    try:
        sizes = np.abs(np.array(weights, np.float64))
    except (TypeError, ValueError):
        return {}
    return _named(sizes[1:], known) if sizes.ndim == 1 else {}


def _named(weights: Floats, known: Sequence[Labels]) -> dict[str, float]:
    """Weights by the nearest list of names that is as long."""
    found: dict[str, float] = {}
    names = next((one for one in reversed(known) if len(one) == len(weights)), ())
    for name, weight in zip(names, weights.tolist(), strict=False):
        found[name] = found.get(name, 0.0) + float(weight)
    return found


def _are_names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    if not total > 0.0:
        return {}
    shares = {name: weight / total for name, weight in weights.items() if weight > 0.0}
    return {name: round(share, 6) for name, share in sorted(shares.items(), key=lambda one: (-one[1], one[0]))}
