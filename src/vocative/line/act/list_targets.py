"""The order in which decisions may speak of things: by chance, with a share of what is new to the person and to all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from msgspec.structs import replace

from vocative.decide.value.fitting import MOST_TARGETS
from vocative.predict.history.event_history import Integers
from vocative.predict.items.diversity import Wish, rerank
from vocative.records.acting import Target
from vocative.records.lists import Lists
from vocative.stats.hashing import stable_uniform

LENDS = {"next_items": "new_items"}
"""A list → the one of the same ranking in which all is new: the strongest things may all be such as a person had."""


def arranged(
    targets: Mapping[str, Sequence[Target]],
    untried: Mapping[str, Collection[str]],
    modules: Collection[str],
    wish: Lists,
    lot: tuple[str, str],
    own: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, list[Target]]:
    """Give every target of a list its place.

    A message names few things, and a share of few is no whole number: a twentieth of three is one thing in every
    seventh message. Whose message that is, is drawn.

    Args:
        targets: Person → what is predicted for them.
        untried: Person → things that hardly anybody had.
        modules: Whose predictions are lists; others stay as they are.
        wish: What is asked of lists.
        lot: What is drawn with, beside the person.
        own: Person → the share of what is new to them that they asked for themselves, instead of that of `wish`.
    """
    found = {}
    for person, mine in targets.items():
        theirs = replace(wish, discovery=own[person]) if person in own else wish
        plain = theirs.diversity == theirs.discovery == theirs.exploration == 0.0
        tried = untried.get(person, ())
        found[person] = list(mine) if plain else _arranged(person, mine, tried, modules, theirs, lot)
    return found


def _arranged(
    person: str,
    targets: Sequence[Target],
    untried: Collection[str],
    modules: Collection[str],
    wish: Lists,
    lot: tuple[str, str],
) -> list[Target]:
    found = [one for one in targets if one.module not in modules]
    of = {module: _strongest([one for one in targets if one.module == module]) for module in modules}
    for module, mine in of.items():
        if mine:
            lent = _lent(module, mine, of.get(LENDS.get(module, ""), ())) if wish.discovery else []
            found += _listed(_strongest([*mine, *lent]), untried, wish, (*lot, person, module))
    return found


def _lent(module: str, mine: Sequence[Target], others: Sequence[Target]) -> list[Target]:
    """The strongest new things, for a list whose predictions are all of what the person had."""
    there = {one.target for one in mine}
    lent = [replace(one, module=module) for one in others if one.target not in there]
    return lent[:MOST_TARGETS]


def _strongest(targets: Sequence[Target]) -> list[Target]:
    return sorted(targets, key=lambda one: (-one.probability, one.target))


def _listed(mine: list[Target], untried: Collection[str], wish: Lists, lot: tuple[str, ...]) -> list[Target]:
    value = np.array([one.probability for one in mine])
    groups = _groups([one.category for one in mine])
    new = np.array([one.support <= 0.0 for one in mine])
    unknown = np.array([one.target in untried for one in mine])
    discovery = _share(wish.discovery, stable_uniform(*lot, "discovery"))
    exploration = _share(wish.exploration, stable_uniform(*lot, "exploration"))
    asked = Wish(MOST_TARGETS, wish.diversity, discovery, exploration)
    first = rerank(value, groups, new, unknown, asked)
    without = rerank(value, groups, new, unknown, Wish(MOST_TARGETS, wish.diversity)) if asked.owes else first
    by_chance = set(without.tolist())
    told = [replace(mine[one], place=place, rides=one not in by_chance) for place, one in enumerate(first.tolist())]
    chosen = set(first.tolist())
    rest = [one for place, one in enumerate(mine) if place not in chosen]
    return [*told, *(replace(one, place=len(told) + place) for place, one in enumerate(rest))]


def _share(share: float, drawn: float) -> float:
    """The share such that a whole number of places is owed, on average as many as are asked for."""
    return int(share * MOST_TARGETS + drawn) / MOST_TARGETS


def _groups(names: Sequence[str]) -> Integers:
    code = {name: number for number, name in enumerate(sorted({one for one in names if one}))}
    return np.array([[code.get(name, -1)] for name in names], np.int64)
