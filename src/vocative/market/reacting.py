"""What messages do to people: the one place that says so, for what happens and for what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.market.catalogue import CATEGORIES
from vocative.market.messages import THANKS, MarketMessages
from vocative.market.nature import (
    COMPLAINS,
    DULLED,
    FATIGUE_BY_CHANNEL,
    FATIGUE_BY_KIND,
    GENERIC_FIT,
    HOUR_FLOOR,
    HOUR_WIDTH,
    LEAVES,
    LEAVES_BY_FATIGUE,
    UNREAD,
    WEARING,
    Floats,
    Integers,
)
from vocative.market.people import SLEEPING_DOG, People
from vocative.market.state import MarketState

RHYTHM = np.array([one.rhythm for one in CATEGORIES], np.float32)
SHARE = np.array([one.share for one in CATEGORIES], np.float32)
SELLS = np.array([1.0, 0.75, 0.1, 0.0], np.float32)
HARMS = np.array([1.0, 1.0, 0.6, 0.6], np.float32)
"""Share of its effect that a message of each kind has: on those whom messages move, and on those whom they harm."""
_DOGS_LEAVE = 4.0
_MOST_LEAVE = 0.5


@dataclass(frozen=True, slots=True)
class Reaction:
    """For each message: chances, and sizes of what follows if it is looked at (`effect`, `wakes`) or in any case."""

    looks: Floats
    effect: Floats
    """Added to the factor on the rate of trips."""
    wakes: Floats
    leaves: Floats
    """Chance of unsubscribing."""
    complains: Floats
    fatigue: Floats
    wears: Floats
    """Goodwill it costs."""


def reaction(people: People, state: MarketState, sent: MarketMessages) -> Reaction:
    """What each message does to its person as they stand now."""
    who = sent.who
    fatigue, irritable = state.fatigue[who], people.irritable[who]
    fit = fits(people, state, who, sent.category, sent.day)
    raw = people.effect_of(who, sent.discount)
    sells = SELLS[sent.about]
    # What harms a person does so however tired they are of messages, and whatever it speaks of.
    effect = np.where(raw > 0, raw * fit * np.exp(-DULLED * fatigue) * sells, raw * HARMS[sent.about])
    looks = (
        people.looks[who]
        * people.liking[who, sent.channel]
        * hour_match(people.hour[who], sent.hour)
        * np.exp(-UNREAD * fatigue)
    )
    dogs = np.where(people.kind[who] == SLEEPING_DOG, _DOGS_LEAVE, 1.0)
    weight = FATIGUE_BY_CHANNEL[sent.channel] * FATIGUE_BY_KIND[sent.about]
    leaves = LEAVES * weight * irritable * dogs * np.exp(LEAVES_BY_FATIGUE * fatigue)
    leaves = np.minimum(leaves, _MOST_LEAVE)
    return Reaction(
        looks=np.minimum(looks, 0.97).astype(np.float32),
        effect=effect.astype(np.float32),
        wakes=(people.waking_of(who, sent.discount) * sells).astype(np.float32),
        leaves=leaves.astype(np.float32),
        complains=(leaves * COMPLAINS).astype(np.float32),
        # What fits tires less.
        fatigue=(weight * irritable * (1.3 - 0.5 * np.minimum(fit, 1.4))).astype(np.float32),
        wears=(WEARING * irritable * np.maximum(fatigue - 1.0, 0.0) * (sent.about != THANKS)).astype(np.float32),
    )


def fits(people: People, state: MarketState, who: Integers, category: Integers, day: Integers) -> Floats:
    """How well what a message speaks of fits the person now: about 0.5 to 1.4; `GENERIC_FIT` if it is of nothing."""
    place = np.maximum(category, 0)
    liked = np.minimum(people.taste[who, place], 2.5) / 2.5
    due = 1.0 - np.exp(-np.maximum(day - state.bought[who, place], 0) / RHYTHM[place])
    found: Floats = np.where(category >= 0, 0.45 + 0.95 * liked * due, GENERIC_FIT).astype(np.float32)
    return found


def best_category(people: People, state: MarketState, day: int) -> Integers:
    """For everybody the category that would fit best now."""
    due = 1.0 - np.exp(-(day - state.bought) / RHYTHM)
    found: Integers = np.argmax(np.minimum(people.taste, 2.5) * due, axis=1).astype(np.int32)
    return found


def hour_match(likes: Floats, hour: Integers) -> Floats:
    """Factor on the chance of being looked at, by how far the hour is from the person's own."""
    away = (hour + 0.5 - likes) / HOUR_WIDTH
    found: Floats = (HOUR_FLOOR + (1 - HOUR_FLOOR) * np.exp(-0.5 * away * away)).astype(np.float32)
    return found
