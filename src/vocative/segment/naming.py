"""Names in plain words, made of what tells a group from everybody: "Evening shoppers who love coffee".

Only what has words is named: habits by the vocabulary, categories by the wording of the workspace. A category the
business has no words for (health, babies, alcohol …) can so never stand in a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from vocative.segment.describing import TASTE
from vocative.segment.traits import Trait, words_for

_LEAST_EFFECT = 0.3
_AS_STRONG = 0.7
_MOST_CLAUSES = 3

_HOURS = ("_morning_share", "_afternoon_share", "_evening_share", "_night_share")

Called = Callable[[str], str]


def names_of(groups: Sequence[Sequence[Trait]], called: Called, noun: str) -> list[str]:
    """A name for each group, all different.

    Args:
        groups: The traits of each group, the strongest first.
        called: The words for a category's key.
        noun: What the people are, in the plural.
    """
    names: list[str] = []
    for traits in groups:
        tries = [name_of(traits, called, noun, clauses) for clauses in range(1, _MOST_CLAUSES + 1)]
        fresh = next((name for name in tries if name not in names), None)
        number = 2
        while fresh is None:
            fresh = None if (numbered := f"{tries[-1]} ({number})") in names else numbered
            number += 1
        names.append(fresh)
    return names


def name_of(traits: Sequence[Trait], called: Called, noun: str, clauses: int = 1) -> str:
    """A name of at most one word in front and `clauses` clauses.

    >>> coffee = Trait(trait="category:COFFEE", here=0.1, everybody=0.02, effect=1.2, words="")
    >>> evening = Trait(trait="active_evening_share", here=0.7, everybody=0.3, effect=0.9, words="")
    >>> name_of([coffee, evening], lambda key: "coffee", "shoppers")
    'Evening shoppers who love coffee'
    """
    strong = [trait for trait in traits if abs(trait.effect) >= _LEAST_EFFECT]
    front, ahead = _front(strong)
    told = _clauses([trait for trait in strong if ahead is None or not _alike(trait, ahead)], called, clauses)
    start = f"{front} {noun}" if front else noun
    whole = f"{start} who {' and '.join(told)}" if told else start
    if not front and not told:
        whole = f"{noun} much like everybody"
    return whole[0].upper() + whole[1:]


def slug(name: str) -> str:
    """A name as an identifier.

    >>> slug("Evening shoppers who love coffee")
    'evening-shoppers-who-love-coffee'
    """
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")


def _front(strong: Sequence[Trait]) -> tuple[str, Trait | None]:
    for trait in strong:
        if not _is_taste(trait) and (words := words_for(trait, "")).front:
            return words.front, trait
    return "", None


def _clauses(traits: Sequence[Trait], called: Called, most: int) -> list[str]:
    """Clauses of the strongest traits; tastes that are about as strong share one: "love coffee and tea"."""
    tastes = [trait for trait in traits if _is_taste(trait) and trait.effect > 0]
    told: list[str] = []
    for trait in traits:
        if len(told) == most:
            break
        if not _is_taste(trait):
            clause = words_for(trait, "").clause
        elif trait in tastes[:1]:
            loved = _joined([one for one in tastes if one.effect >= _AS_STRONG * trait.effect], called)
            clause = words_for(trait, loved).clause
        else:
            clause = ""
        if clause:
            told.append(clause)
    return told


def _joined(tastes: Sequence[Trait], called: Called) -> str:
    """At most two categories; one whose words are a list already stands alone."""
    first, *others = [called(one.trait) for one in tastes]
    second = next((words for words in others if " and " not in words), None)
    return first if second is None or " and " in first else f"{first} and {second}"


def _alike(one: Trait, other: Trait) -> bool:
    """Whether two traits say the same kind of thing: both an hour of the day, for example."""
    return one is other or (one.trait.endswith(_HOURS) and other.trait.endswith(_HOURS))


def _is_taste(trait: Trait) -> bool:
    return trait.trait.startswith(f"{TASTE}:")
