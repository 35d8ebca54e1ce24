"""What a message may say of a person: named claims, each true or not by what is known of them at the decision.

The words that make a claim stand in `compose/claims/`, by language. A claim of a text or a footer that does not hold
for the person keeps the message from being queued, or takes the variant that claims nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vocative.records.acting import Target
from vocative.records.relationship import State

OFTEN = 3
"""Days on which somebody bought a thing before they buy it often, or usually."""
_RETURNS = 2
_AWAY_DAYS = 14.0
_ENOUGH_ACTS = 8
_MOST = 0.5
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LAST_ACT, _WEEKEND, _PEAK, _ENTROPY = (
    "days_since_active", "active_weekend_share", "active_peak_weekday", "active_weekday_entropy",
)  # fmt: skip
FEATURES = (_LAST_ACT, _WEEKEND, _PEAK, _ENTROPY)
"""Features of the profile that claims rest on."""
# In bits: as if all acts fell on three days alike.
_FEW_DAYS = 1.6


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one person, and what the message would speak of."""

    relationship: State = "stranger"
    acts: int = 0
    """Days on which they bought or used anything."""
    features: Mapping[str, float] = field(default_factory=dict)
    targets: Sequence[Target] = ()
    by_category: bool = True
    """Whether the targets are spoken of as categories."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Numbers of the profile that are told."""

    def times(self, target: Target) -> int:
        """Days on which the person bought what the message names."""
        return target.category_times if self.by_category else target.times


def _buys(known: Known) -> bool:
    return bool(known.targets) and all(known.times(one) >= 1 for one in known.targets)


def _usual(known: Known) -> bool:
    return bool(known.targets) and all(known.times(one) >= OFTEN for one in known.targets)


def _often(known: Known) -> bool:
    given = [one for one in known.targets if one.because]
    return bool(given) and all(one.because_times >= OFTEN for one in given)


def _untried(known: Known) -> bool:
    return bool(known.targets) and all(known.times(one) == 0 for one in known.targets)


def _away(known: Known) -> bool:
    return known.features.get(_LAST_ACT, 0.0) >= _AWAY_DAYS


def _weekend(known: Known) -> bool:
    return known.acts >= _ENOUGH_ACTS and known.features.get(_WEEKEND, 0.0) >= _MOST


def _on(weekday: int) -> Callable[[Known], bool]:
    def holds(known: Known) -> bool:
        peak, spread = known.features.get(_PEAK), known.features.get(_ENTROPY)
        if peak is None or spread is None or known.acts < _ENOUGH_ACTS:
            return False
        return round(peak) == weekday and spread <= _FEW_DAYS

    return holds


PREDICATES: Mapping[str, Callable[[Known], bool]] = {
    "buys": _buys,
    "usual": _usual,
    "often": _often,
    "bought": lambda known: known.acts >= 1,
    "regular": lambda known: known.relationship in ("regular", "close"),
    "returns": lambda known: known.acts >= _RETURNS,
    "numbers": lambda known: bool(known.numbers) and all(value > 0.0 for value in known.numbers.values()),
    "saved": lambda known: any(value > 0.0 for name, value in known.numbers.items() if name.startswith("discount")),
    "untried": _untried,
    "away": _away,
    "weekend": _weekend,
    **{name: _on(number) for number, name in enumerate(_WEEKDAYS)},
}
"""Claim → what has to be true of the person."""

MEANINGS: Mapping[str, str] = {
    "buys": "they have bought everything the message names",
    "usual": f"they have bought everything the message names on {OFTEN} days at least",
    "often": f"they have bought what it follows from on {OFTEN} days at least",
    "bought": "they have bought or used something",
    "regular": "their relationship to the business is regular or close",
    "returns": f"they have bought or used something on {_RETURNS} days at least",
    "numbers": "there are numbers to tell, and all are above zero",
    "saved": "the discount that is told is above zero",
    "untried": "they have bought nothing of what the message names",
    "away": f"they have done nothing for {_AWAY_DAYS:.0f} days at least",
    "weekend": f"half of what they do, on {_ENOUGH_ACTS} days at least, falls on weekends",
    **{
        name: f"they do most on {name.capitalize()}s, of {_ENOUGH_ACTS} days at least, and keep to few days of the week"
        for name in _WEEKDAYS
    },
}
"""Claim → the same in words."""


def claims_that_hold(known: Known) -> tuple[str, ...]:
    """The claims that are true of a person.

    >>> claims_that_hold(Known(relationship="regular", acts=5))
    ('bought', 'regular', 'returns')
    """
    return tuple(name for name, holds in PREDICATES.items() if holds(known))
