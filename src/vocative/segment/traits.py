"""What tells a group of people from everybody: the habits and tastes in which they differ most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from vocative.segment.describing import TASTE, Description, described, units_of
from vocative.segment.population import Flags, Floats, Population
from vocative.segment.vocabulary import ALL, FeatureWords

_SHOWN = 6
_LEAST_EFFECT = 0.2


class Trait(Struct, frozen=True, kw_only=True):
    """One thing in which a group differs from everybody."""

    trait: str
    """Name of the feature, or `category:VALUE`."""
    here: float
    """Mean in the group; for a category its share in what the group has."""
    everybody: float
    """Likewise of everybody."""
    effect: float
    """Mean difference in standard deviations of the people's ranks; 0.2 is small, 0.8 is large."""
    words: str
    """Both figures in a sentence."""


class Describer:
    """Everybody's scores, computed once, for the traits of many groups.

    Args:
        description: How people are described.
        everybody: The people.
        words: Category → how it is called.
        currency: ISO code of money.
    """

    def __init__(
        self, description: Description, everybody: Population, words: Mapping[str, str], currency: str
    ) -> None:
        plain = Description(habits=description.habits, tastes=description.tastes, habit_weight=1.0, taste_weight=1.0)
        self._description = plain
        self._everybody = everybody
        self._scores = described(plain, everybody)
        self._words = words
        self._currency = currency
        self._units, self._totals = units_of(plain, everybody)

    def traits(self, group: Flags, most: int = _SHOWN) -> list[Trait]:
        """The traits in which the group differs most from everybody, the strongest first."""
        if not group.any() or not self._scores.shape[1]:
            return []
        effects = self._scores[group].mean(axis=0)
        order = np.argsort(-np.abs(effects), kind="stable")
        strong = [int(place) for place in order if abs(effects[place]) >= _LEAST_EFFECT][:most]
        return [self._trait(place, group, float(effects[place])) for place in strong]

    def _trait(self, place: int, group: Flags, effect: float) -> Trait:
        habits = self._description.habits
        if place < len(habits):
            name = habits[place].name
            values = self._everybody.feature(name)
            here, everybody = _mean(values[group]), _mean(values)
            words = f"{ALL[name].label}: {self._figure(name, here)} (everybody {self._figure(name, everybody)})"
        else:
            taste = place - len(habits)
            name = self._description.tastes[taste].key
            here = _share(self._units[group, taste], self._totals[group])
            everybody = _share(self._units[:, taste], self._totals)
            words = f"{self.called(name)}: {here:.1%} of what they take (everybody {everybody:.1%})"
        return Trait(trait=name, here=here, everybody=everybody, effect=round(effect, 3), words=words)

    def called(self, key: str) -> str:
        """The words for `category:VALUE`."""
        value = key.removeprefix(f"{TASTE}:")
        return self._words.get(value, value.lower())

    def _figure(self, name: str, value: float) -> str:
        match ALL[name].unit:
            case "share":
                return f"{value:.0%}"
            case "money":
                return f"{value:,.2f} {self._currency}"
            case "days":
                return f"{value:.0f}"
            case "count":
                return f"{value:,.0f}"
            case _:
                return f"{value:.2f}"


def words_for(trait: Trait, called: str) -> FeatureWords:
    """The words a name may use for a trait; empty ones where there are none."""
    if trait.trait.startswith(f"{TASTE}:"):
        return FeatureWords(clause=f"love {called}") if trait.effect > 0 else FeatureWords()
    habit = ALL[trait.trait]
    return habit.high if trait.effect > 0 else habit.low


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return round(float(known.mean()), 6) if len(known) else 0.0


def _share(units: Floats, totals: Floats) -> float:
    return round(float(units.sum() / max(totals.sum(), 1.0)), 6)


def plain(traits: Sequence[Trait]) -> list[dict[str, object]]:
    """Traits as plain objects."""
    return [{name: getattr(one, name) for name in one.__struct_fields__} for one in traits]
