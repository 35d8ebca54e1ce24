"""The standard features: what every business gets, as far as its events go."""

from __future__ import annotations

from itertools import chain

from vocative.profile.feature import Feature
from vocative.profile.standard import counts, habits

_WINDOWS = (7, 28, 91, 365)
_BEHAVIOUR_WINDOWS = (7, 28, 91)
_HALF_LIVES = (7.0, 28.0, 91.0)
_CHANNELS = ("email", "sms", "push", "web")

STANDARD: tuple[Feature, ...] = tuple(
    chain(
        counts.recency(),
        *(counts.purchases(days) for days in _WINDOWS),
        *(counts.decayed(half_life) for half_life in _HALF_LIVES),
        habits.baskets(),
        habits.regularity(),
        habits.trends(),
        habits.rhythm("bought"),
        habits.rhythm("active"),
        habits.sessions(),
        habits.choices(),
        habits.returns(),
        *(counts.behaviour(days) for days in _BEHAVIOUR_WINDOWS),
        *(habits.replies(channel) for channel in _CHANNELS),
    )
)
"""Every standard feature, in the order of the columns of a feature table; names are unique."""
