"""Segments by rule: who meets the conditions a business has written down, and mistakes in them.

Conditions are joined in three-valued logic (Kleene, *Introduction to Metamathematics*, 1952): what is unknown stays
unknown unless the other conditions settle it, and only somebody for whom a rule surely holds is a member.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import ceil

import numpy as np

from vocative.records.segmenting import Condition, SegmentRule
from vocative.records.settings import Settings
from vocative.segment.population import Flags, Floats, Population

Mistake = tuple[tuple[str, ...], str, str]
"""Where it stands (the key, part by part), what is wrong, how to mend it."""

_JOINS = ("all", "any", "none")
_VALUES = ("feature", "affinity", "prediction")
_BOUNDS = ("at_least", "at_most", "top", "known")


@dataclass(frozen=True, slots=True)
class Truth:
    """For whom something surely holds, and for whom it surely does not; for the others it is unknown."""

    yes: Flags
    no: Flags


def members(rule: SegmentRule | Condition, everybody: Population) -> Flags:
    """For whom the rule surely holds."""
    return evaluate(rule, everybody).yes


def evaluate(rule: SegmentRule | Condition, everybody: Population) -> Truth:
    """What is known of a rule for each person; parts that stand beside each other all have to hold."""
    parts: list[Truth] = []
    if rule.all:
        parts.append(_every([evaluate(one, everybody) for one in rule.all]))
    if rule.any:
        parts.append(_some([evaluate(one, everybody) for one in rule.any]))
    if rule.none:
        some = _some([evaluate(one, everybody) for one in rule.none])
        parts.append(Truth(some.no, some.yes))
    if isinstance(rule, Condition):
        parts.extend(_bounded(values, rule) for values in _values(rule, everybody))
    if not parts:
        nobody = np.zeros(len(everybody.people), dtype=bool)
        return Truth(nobody, ~nobody)
    return _every(parts)


def rule_mistakes(
    settings: Settings, known_features: Collection[str], known_modules: Collection[str] = ()
) -> Iterator[Mistake]:
    """Everything wrong with `[segments]` that its types cannot say.

    Args:
        settings: The settings.
        known_features: Names of features there are.
        known_modules: Names of predictions there are; empty if they are not to be checked.
    """
    names = _Names(sorted(known_features), sorted(known_modules), settings.features.affinities)
    for name, rule in settings.segments.items():
        path = ("segments", name)
        if not rule.title.strip():
            yield (*path, "title"), "the title is empty", "say in plain words who these people are"
        if not (rule.all or rule.any or rule.none):
            yield path, "the rule has no conditions, so nobody is in the segment", "write `all`, `any` or `none`"
        yield from _inner(rule, path, names)


def features_of(settings: Settings) -> set[str]:
    """The features that the rules of `[segments]` ask for."""
    return {rule.feature for rule in _parts(settings) if isinstance(rule, Condition) and rule.feature}


def asks_for_predictions(settings: Settings) -> bool:
    """Whether a rule of `[segments]` rests on a prediction."""
    return any(isinstance(rule, Condition) and bool(rule.prediction) for rule in _parts(settings))


def _parts(settings: Settings) -> Iterator[SegmentRule | Condition]:
    waiting: list[SegmentRule | Condition] = [*settings.segments.values()]
    while waiting:
        rule = waiting.pop()
        waiting.extend([*rule.all, *rule.any, *rule.none])
        yield rule


@dataclass(frozen=True, slots=True)
class _Names:
    features: Sequence[str]
    modules: Sequence[str]
    attributes: Sequence[str]


def _values(one: Condition, everybody: Population) -> Iterator[Floats]:
    if one.feature:
        yield everybody.feature(one.feature)
    if one.affinity:
        yield everybody.liking(one.affinity)
    if one.prediction:
        yield everybody.prediction(one.prediction)


def _bounded(values: Floats, one: Condition) -> Truth:
    known = ~np.isnan(values)
    if one.known is False:
        return Truth(~known, known)
    inside = known.copy()
    if one.at_least is not None:
        inside &= values >= one.at_least
    if one.at_most is not None:
        inside &= values <= one.at_most
    if one.top is not None and known.any():
        inside &= values >= _least_of_top(values[known], one.top)
    # Whether something is known is itself always known.
    return Truth(inside, ~inside if one.known else known & ~inside)


def _least_of_top(values: Floats, share: float) -> float:
    """The lowest value of the share of people with the highest ones; at least one person is among them."""
    place = max(ceil(share * len(values)), 1) - 1
    return float(np.sort(values)[::-1][place])


def _every(parts: Sequence[Truth]) -> Truth:
    return Truth(np.logical_and.reduce([part.yes for part in parts]), np.logical_or.reduce([part.no for part in parts]))


def _some(parts: Sequence[Truth]) -> Truth:
    return Truth(np.logical_or.reduce([part.yes for part in parts]), np.logical_and.reduce([part.no for part in parts]))


def _inner(rule: SegmentRule | Condition, path: tuple[str, ...], names: _Names) -> Iterator[Mistake]:
    for join, parts in (("all", rule.all), ("any", rule.any), ("none", rule.none)):
        for number, part in enumerate(parts, 1):
            yield from _condition_mistakes(part, (*path, join, str(number)), names)


def _condition_mistakes(one: Condition, path: tuple[str, ...], names: _Names) -> Iterator[Mistake]:
    said = [name for name in (*_JOINS, *_VALUES) if getattr(one, name)]
    if len(said) != 1:
        what = f"one condition says {' and '.join(f'`{name}`' for name in said)}" if said else "the condition is empty"
        yield path, what, f"write exactly one of {', '.join(f'`{name}`' for name in (*_JOINS, *_VALUES))}"
    bounds = any(getattr(one, name) is not None for name in _BOUNDS)
    if any(name in _VALUES for name in said):
        yield from _bound_mistakes(one, path)
        yield from _name_mistakes(one, path, names)
    elif bounds and said:
        yield path, f"bounds say nothing about `{said[0]}`", "put them into the conditions inside it"
    yield from _inner(one, path, names)


def _bound_mistakes(one: Condition, path: tuple[str, ...]) -> Iterator[Mistake]:
    said = [name for name in _BOUNDS if getattr(one, name) is not None]
    if not said:
        yield path, "the condition has no bounds", f"write {', '.join(f'`{name}`' for name in _BOUNDS)} or several"
    elif one.known is False and len(said) > 1:
        yield path, "what is not known has no bounds, so nobody meets it", "keep only `known = false`"
    elif one.at_least is not None and one.at_most is not None and one.at_least > one.at_most:
        yield path, "`at_least` is above `at_most`, so nobody meets it", "swap the two"


def _name_mistakes(one: Condition, path: tuple[str, ...], names: _Names) -> Iterator[Mistake]:
    if one.feature and one.feature not in names.features:
        near = _near(one.feature, names.features, "docs/reference/features.md lists all")
        yield (*path, "feature"), f"there is no feature named {one.feature!r}", near
    attribute, colon, value = one.affinity.partition(":")
    if one.affinity and not (attribute and colon and value):
        yield (*path, "affinity"), f"{one.affinity!r} is not a liking", "write `attribute:value`, such as category:TEA"
    elif one.affinity and attribute not in names.attributes:
        near = _near(attribute, names.attributes, f"[features] affinities has: {', '.join(names.attributes)}")
        yield (*path, "affinity"), f"no affinities are computed to the attribute {attribute!r}", near
    module = one.prediction.partition(":")[0]
    if one.prediction and names.modules and module not in names.modules:
        near = _near(module, names.modules, f"there are: {', '.join(names.modules)}")
        yield (*path, "prediction"), f"there is no prediction named {module!r}", near


def _near(name: str, known: Sequence[str], otherwise: str) -> str:
    close = get_close_matches(name, known, n=1)
    return f"did you mean `{close[0]}`?" if close else otherwise
