"""What a person wants more than others do: the lift of a thing is its probability by that of everybody.

What nearly all buy is the most probable for nearly all, and naming it tells nobody anything. Lift is the measure of
association rules (Brin, Motwani, Ullman & Tsur, 1997, "Dynamic itemset counting and implication rules").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from vocative.records.acting import Target
from vocative.records.settings import Campaign

Usual: TypeAlias = Mapping[str, float]
"""Target → its mean probability over everybody of whom anything is predicted."""


def by_category(targets: Iterable[Target]) -> list[Target]:
    """Items spoken of by their category: the most probable item stands for it."""
    best: dict[str, Target] = {}
    for target in targets:
        name = target.category or target.target
        if name not in best or target.probability > best[name].probability:
            best[name] = replace(target, target=name, category="")
    return list(best.values())


def usual_chances(campaigns: Iterable[Campaign], targets: Mapping[str, Sequence[Target]]) -> dict[str, Usual]:
    """Of each campaign that names what is wanted more than by others: how probable its targets are for everybody.

    Args:
        campaigns: Those of the workspace.
        targets: Person → what is predicted for them, by all modules; what is not predicted is as good as impossible.
    """
    return {one.name: _usual(one, targets) for one in campaigns if one.module and one.order == "lift"}


def by_lift(due: Sequence[Target], usual: Usual) -> list[Target]:
    """The same targets, the highest lift first; what rides along keeps its place.

    >>> bread, figs = (Target(module="m", target=name, probability=chance, support=0, horizon_days=28)
    ...                for name, chance in (("bread", 0.8), ("figs", 0.3)))
    >>> [one.target for one in by_lift([bread, figs], {"bread": 0.7, "figs": 0.1})]
    ['figs', 'bread']
    """
    standing = iter(sorted((one for one in due if not one.rides), key=lambda one: (-_lift(one, usual), one.target)))
    return [one if one.rides else next(standing) for one in due]


def _usual(campaign: Campaign, targets: Mapping[str, Sequence[Target]]) -> Usual:
    sums: dict[str, float] = {}
    people = 0
    for mine in targets.values():
        predicted = [one for one in mine if one.module == campaign.module]
        people += bool(predicted)
        for one in by_category(predicted) if campaign.about == "category" else predicted:
            sums[one.target] = sums.get(one.target, 0.0) + one.probability
    return {name: total / people for name, total in sums.items()}


def _lift(target: Target, usual: Usual) -> float:
    everybodys = usual.get(target.target, 0.0)
    return target.probability / everybodys if everybodys > 0.0 else 0.0
