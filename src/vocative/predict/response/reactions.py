"""How often people react to messages over each channel: counts that fade, steadied by their group and by everybody.

Empirical Bayes (Robbins, 1956): a person's own rate counts as much as there is of it, the rate of people like them
fills up the rest. Alike are people who act about as often, and whose mail a machine opens or does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from vocative.predict.history.deliveries import Deliveries, handed_before, handed_during
from vocative.predict.history.event_history import DAY_US, EventHistory, Flags, Floats, Integers
from vocative.predict.learners.logistic import log_loss
from vocative.predict.predictor import training_moments

HALF_LIVES = (28.0, 91.0, 364.0)
STRENGTHS = (1.0, 3.0, 8.0, 20.0, 60.0, 1e6)
FEWEST = 200
"""Messages without which nothing is learnt."""
_ACTIVE_DAYS = 91
_GROUP = 30.0
_LEVELS = 3


@dataclass(frozen=True, slots=True)
class ReactionWeights:
    """How counts are weighed: a message counts half after `half_life` days, a group's rate as `strength` messages."""

    half_life: float
    strength: float


USUAL = ReactionWeights(91.0, 8.0)


Reaction: TypeAlias = Callable[[EventHistory, int, Deliveries], Flags]
"""Of each message whether somebody reacted, as it is understood at a moment (µs UTC)."""


def every_weights() -> Iterator[ReactionWeights]:
    """What may be chosen from."""
    return (ReactionWeights(half_life, strength) for half_life in HALF_LIVES for strength in STRENGTHS)


def comparable_reaction(past: EventHistory, moment: int, messages: Deliveries) -> Flags:
    """Whether somebody reacted in a way that shows over every channel in use at the moment.

    A text message tells nobody that it was read: where one channel reports opens and another does not, only what people
    do on purpose compares them.
    """
    known = handed_before(past, moment)
    every = len(np.unique(known.channel))
    seen = np.unique(known.channel[known.opened])
    return messages.reacted if len(seen) == every else messages.answered


def fading(messages: Deliveries, moment: int, half_life: float) -> Floats:
    """The weight of each message at the moment."""
    return np.asarray(np.exp2((messages.us - moment) / (half_life * DAY_US)), np.float64)


def table(messages: Deliveries, people: int, weight: Floats) -> Floats:
    """People × channels: sums of the weights of their messages."""
    width = max(len(messages.channels), 1)
    count = np.bincount(messages.who * width + messages.channel, weight, people * width)
    return count.astype(np.float64).reshape(people, width)


def steadied(came: Floats, seen: Floats, prior: Floats, strength: float) -> Floats:
    """Rates, each as if so many more had been seen at the prior's rate."""
    return np.asarray((came + strength * prior) / (seen + strength), np.float64)


def everybodys(came: Floats, seen: Floats) -> Floats:
    """The rate of each channel (last axis but people's)."""
    return np.asarray((came.sum(axis=0) + 0.5) / (seen.sum(axis=0) + 1.0), np.float64)


def groups_of(past: EventHistory, moment: int) -> Integers:
    """Of everybody the group: how often they act, in three steps, and whether machines open their mail."""

    def make(known: EventHistory, at: int) -> Integers:
        acts = known.before(at)
        lately = np.bincount(acts.who[acts.us >= at - _ACTIVE_DAYS * DAY_US], minlength=len(known.people))
        usual = float(np.median(lately[lately > 0])) if lately.any() else 0.0
        messages = handed_before(known, at)
        machines = np.bincount(messages.who[messages.machine], minlength=len(known.people))
        opens = np.bincount(messages.who[messages.opened], minlength=len(known.people))
        return np.asarray((1 * (lately > 0) + (lately > usual)) + _LEVELS * (machines > opens), np.int64)

    return past.once("groups of readers", moment, make)


def groups_rate(group: Integers, came: Floats, seen: Floats) -> Floats:
    """People × channels: the rate of each person's group, steadied by everybody's."""
    size = int(group.max(initial=0)) + 1
    shared = everybodys(came, seen)
    sums = np.zeros((2, size, came.shape[1]))
    np.add.at(sums[0], group, came)
    np.add.at(sums[1], group, seen)
    rate = steadied(sums[0], sums[1], shared[None, :], _GROUP)
    return np.asarray(rate[group], np.float64)


def rates(
    past: EventHistory, moment: int, reacted: Flags, messages: Deliveries, weights: ReactionWeights
) -> tuple[Floats, Floats]:
    """People × channels: the steadied rate, and how many messages (fading) it rests on."""
    weight = fading(messages, moment, weights.half_life)
    people = len(past.people)
    seen, came = table(messages, people, weight), table(messages, people, weight * reacted)
    prior = groups_rate(groups_of(past, moment), came, seen)
    return steadied(came, seen, prior, weights.strength), seen


def learnt_at(past: EventHistory, moment: int, days: float, most: int = 3) -> list[int]:
    """At most so many moments, with enough messages before each and time to answer those after it by the given one."""
    return [one for one in training_moments(past, moment, days, most) if len(handed_before(past, one)) >= FEWEST]


def best_weights(past: EventHistory, moment: int, days: float, reaction: Reaction) -> ReactionWeights:
    """The weights whose rates foretold best what became of all messages after each of three complete moments.

    Args:
        past: What is known.
        moment: When is learnt, µs UTC.
        days: How far ahead it is looked.
        reaction: What counts as a reaction.
    """
    losses = dict.fromkeys(every_weights(), 0.0)
    for then in learnt_at(past, moment, days):
        before, later = handed_before(past, then), handed_during(past, then, days, moment)
        reacted, came = reaction(past, then, before), reaction(past, then, later).astype(np.float64)
        for weights in losses:
            value, _ = rates(past, then, reacted, before, weights)
            losses[weights] += surprise(value[later.who, later.channel], came)
    # Where nothing was tried all are the same.
    return min(losses, key=lambda one: losses[one]) if any(losses.values()) else USUAL


def first_of(key: Integers, messages: Deliveries) -> Integers:
    """Of each different key the row of its first message, in order of the keys."""
    order = np.lexsort((messages.us, key))
    fresh: Flags = np.ones(len(order), bool)
    fresh[1:] = key[order][1:] != key[order][:-1]
    return order[fresh]


def surprise(value: Floats, truth: Floats) -> float:
    """Sum of log losses."""
    return float(log_loss(value, truth).sum())
