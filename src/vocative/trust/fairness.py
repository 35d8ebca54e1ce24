"""Loyal people are not punished for buying anyway, and the rule for offers is the same for every group of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from vocative.records.acting import Offer
from vocative.records.relationship import LOYAL, State
from vocative.stats.shares import Estimate, mean_of, share_of

QUARTER_DAYS = 90
"""What people saw is compared over so many days."""
_OCCASIONAL: frozenset[State] = frozenset({"stranger", "acquainted"})

Floors = Mapping[tuple[str, str], float]
"""(target, unit) → the best size of an offer that somebody who buys now and then saw within the quarter."""


class Sight(NamedTuple):
    """An offer that one person saw, or could have had and did not see."""

    person: str
    state: State
    """Their relationship to the business then."""
    target: str
    """The category or item it was for."""
    unit: str
    """`percent` or `money`: sizes of different units are not compared."""
    size: float
    """0 for an offer they could have had and did not see."""


class Violation(NamedTuple):
    """A loyal person who saw worse than an occasional buyer."""

    person: str
    target: str
    unit: str
    saw: float
    others_saw: float


class Loyalty(NamedTuple):
    """How loyal people were treated over a quarter."""

    loyal: int
    """Loyal people who saw an offer, or could have had one, for what occasional buyers saw one for too."""
    violations: list[Violation]


def floors_of(sights: Iterable[Sight]) -> dict[tuple[str, str], float]:
    """The best size of an offer that occasional buyers saw, by target and unit.

    >>> floors_of([Sight("a", "stranger", "Milk", "percent", 20.0), Sight("b", "close", "Milk", "percent", 30.0)])
    {('Milk', 'percent'): 20.0}
    """
    best: dict[tuple[str, str], float] = {}
    for one in sights:
        if one.state in _OCCASIONAL and one.size > 0:
            key = (one.target, one.unit)
            best[key] = max(one.size, best.get(key, 0.0))
    return best


def loyalty(sights: Iterable[Sight], thanked: Collection[str] = ()) -> Loyalty:
    """Finds loyal people who saw worse offers for a target than an occasional buyer within the same quarter.

    Each counts by the best they saw. Whoever was thanked by a message that sells nothing was not passed over.

    Args:
        sights: Of one quarter.
        thanked: People who were thanked within it.
    """
    seen = list(sights)
    floors = floors_of(seen)
    best: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    for one in seen:
        if one.state in LOYAL and (one.target, one.unit) in floors:
            key = (one.person, one.target, one.unit)
            best[key] = max(one.size, best[key])
    found = [
        Violation(person, target, unit, size, floors[target, unit])
        for (person, target, unit), size in sorted(best.items())
        if size < floors[target, unit] and person not in thanked
    ]
    return Loyalty(len({person for person, _, _ in best}), found)


def fair_offers(offers: Sequence[Offer], state: State, target: str, floors: Floors) -> list[Offer]:
    """Of the offers a person may use, those that are fair to make them: for loyal people no smaller than the floor.

    Where none reaches it, all are: nobody is better off without any. The relationship is all that is looked at: no
    gender, age or language.

    >>> small, large = (Offer(offer_id=f"{size}", discount=size, unit="percent") for size in (5.0, 20.0))
    >>> [one.discount for one in fair_offers([small, large], "regular", "Milk", {("Milk", "percent"): 10.0})]
    [20.0]
    >>> [one.discount for one in fair_offers([small, large], "stranger", "Milk", {("Milk", "percent"): 10.0})]
    [5.0, 20.0]
    """
    if state not in LOYAL:
        return list(offers)
    # An offer without a floor in its unit is below it where there is one in another unit.
    bound = any(one == target for one, _ in floors)
    reach = [
        one for one in offers if not bound or (one.discount or 0.0) >= floors.get((target, one.unit), float("inf"))
    ]
    return reach or list(offers)


class Member(NamedTuple):
    """One person of a group, and the offers they saw within the quarter."""

    group: str
    sizes: tuple[float, ...]
    """Sizes of the offers in per cent; empty: saw none with a size in per cent."""
    offered: bool
    """Whether they saw any offer."""


class GroupFigure(NamedTuple):
    """What one group saw."""

    group: str
    people: int
    offered: Estimate
    """The share who saw an offer, with its 95 % interval."""
    size: Estimate | None
    """The mean over people of their mean size, in per cent; None where nobody saw one."""


def audit(members: Iterable[Member]) -> list[GroupFigure]:
    """What each group saw, the largest first. It measures; nothing in it is ever read by a decision.

    Groups may differ because they want different things: a difference is a question, no verdict.
    """
    groups: defaultdict[str, list[Member]] = defaultdict(list)
    for one in members:
        groups[one.group].append(one)
    found = []
    for group, mine in groups.items():
        offered = share_of([one.offered for one in mine])
        if offered is not None:
            means = [sum(one.sizes) / len(one.sizes) for one in mine if one.sizes]
            found.append(GroupFigure(group, len(mine), offered, mean_of(means)))
    return sorted(found, key=lambda one: (-one.people, one.group))
