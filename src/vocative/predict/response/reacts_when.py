"""At which part of their day does the person react to a message over a channel?

The chance of a reaction at each part of the day is the person's rate over the channel, moved by what holds for
everybody at that part, and by how much more or less than that the person reacted there themselves. The last is the mode
of a logistic model with a normal prior, found by Newton steps. How wide the prior is, and what neighbouring parts
count, is chosen by what did best at three complete moments; it may be nothing. The naive way to beat is the same
without it: then everybody's parts of the day are good enough.

Nobody draws by lot at which hour somebody is written to: where campaigns have hours of their own, what holds for
everybody at a part holds for these campaigns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from vocative.predict.history.deliveries import Deliveries, handed_before, handed_during
from vocative.predict.history.event_history import EventHistory, Flags, Floats, Integers
from vocative.predict.predictor import LEAST_HISTORY_DAYS, About, Baseline, Forecast, Kind, Outcome, Parameters
from vocative.predict.response.reactions import (
    USUAL,
    ReactionWeights,
    best_weights,
    everybodys,
    fading,
    first_of,
    learnt_at,
    rates,
    steadied,
    surprise,
)
from vocative.predict.response.reacts import messages_missing, messages_needed

PARTS: Mapping[str, tuple[int, int]] = {
    "night": (22, 6),
    "morning": (6, 10),
    "midday": (10, 14),
    "afternoon": (14, 18),
    "evening": (18, 22),
}
"""Part of the day → its first hour, and the first that is no more in it; by the clock of the person."""
_FEWEST = 20
"""Messages without which a part of the day is not spoken of."""
_OWN, _LEVEL = 2.0, 2.0
_STEPS = 6
_MOST = 2.5
_EDGE = 1.645
_TINY = 1e-6


class HabitPrior(NamedTuple):
    """How people's own parts of the day lie around everybody's."""

    spread: float
    """Variance in logits; 0: there is nothing of one's own."""
    neighbour: float
    """What an answer at a neighbouring part of the day counts."""


_HABITS = (
    HabitPrior(0.0, 0.0),
    *(HabitPrior(spread, beside) for spread in (0.03, 0.1, 0.3, 1.0, 3.0) for beside in (0.0, 0.5)),
)


class Parts(NamedTuple):
    """People × channels × parts: messages and reactions, fading; channels × parts: what is spoken of, and its hour."""

    seen: Floats
    came: Floats
    spoken: Flags
    hour: Integers
    """The hour at which most messages went."""


_ABOUT = About(
    title="Reacts at a part of the day",
    rank=140,
    question="whether the person reacts to a message over a channel at a part of their day",
    rests_on="messages",
    # The simulated market (all of it invented): a message every other week, at an hour by lot.
    people=35_000,
    counted="people who were written to",
)


@dataclass(frozen=True, slots=True)
class ReactsWhen:
    """The chance that a person opens or answers a message over each channel at each part of their day."""

    name: str = "reacts_when"
    about: About = _ABOUT
    own_evidence: bool = True
    kind: Kind = "probability"
    unit: str = "probability"
    horizon_days: float = 28.0
    needs: str = "messages that went out at several hours, opens, clicks and replies with their second, and zones"
    unseen: str = "nothing; who had few messages is told what holds for everybody at a part of the day"

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        return {
            "everybodys_rate": self._everybodys,
            "own_rate": self._own,
            "same_parts_for_all": self._same_for_all,
        }

    def needs_days(self) -> float:
        """See `Predictor.needs_days`."""
        return LEAST_HISTORY_DAYS

    def missing(self, past: EventHistory) -> str:
        """Why nothing can be learnt yet; empty if it can."""
        if why := messages_missing(past, self.horizon_days + self.needs_days()):
            return why
        spoken = _parts(past, past.now, USUAL.half_life).spoken
        return "" if (spoken.sum(axis=1) > 1).any() else "messages went out at one part of the day only"

    def needed(self, past: EventHistory) -> str:
        """What is waited for; empty if there is enough."""
        if short := messages_needed(past, self.horizon_days + self.needs_days()):
            return short
        return f"{_FEWEST} messages at another part of the day" if self.missing(past) else ""

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`: of each person, channel and part whether they reacted to the first message."""
        messages = handed_during(past, moment, self.horizon_days, by)
        target = messages.channel * len(PARTS) + part_of(messages.hour)
        rows = first_of(messages.who * max(len(messages.channels) * len(PARTS), 1) + target, messages)
        reacted = messages.reacted[rows].astype(np.float64)
        return Outcome(who=messages.who[rows], value=reacted, target=target[rows], asked=True)

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`."""
        from scipy.special import expit

        weights, losses = self._weights(past, moment), dict.fromkeys(_HABITS, 0.0)
        for then in learnt_at(past, moment, self.horizon_days):
            level, parts = _levels(past, then, weights)
            later = handed_during(past, then, self.horizon_days, moment)
            rows, came = (later.who, later.channel, part_of(later.hour)), later.reacted.astype(np.float64)
            for one in _HABITS:
                losses[one] += surprise(expit(level + _moved(level, parts, one)[0])[rows], came)
        # Of equals, and where nothing was tried, the first: nothing of one's own.
        habit = min(losses, key=lambda one: losses[one])
        return {**asdict(weights), **habit._asdict()}

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        from scipy.special import expit

        level, parts = _levels(past, moment, ReactionWeights(content["half_life"], content["strength"]))
        moved, unsure = _moved(level, parts, HabitPrior(content["spread"], content["neighbour"]))
        # What is not known of the person's rate over the channel is not known of any part.
        own = level.mean(axis=2, keepdims=True)
        rate = expit(own) * (1.0 - expit(own)) * (parts.seen.sum(axis=2, keepdims=True) + content["strength"])
        wide = _EDGE * np.sqrt(unsure + 1.0 / np.maximum(rate, _TINY))
        score = level + moved
        return self._told(past, moment, expit(score), expit(score - wide), expit(score + wide))

    def _weights(self, past: EventHistory, moment: int) -> ReactionWeights:
        """The half-life and strength of the rates that did best, no part of the day looked at."""

        def choose(known: EventHistory, at: int) -> ReactionWeights:
            return best_weights(known, at, self.horizon_days, lambda _, __, messages: messages.reacted)

        return past.once("weights of reactions", moment, choose)

    def _told(
        self, past: EventHistory, moment: int, value: Floats, low: Floats | None = None, high: Floats | None = None
    ) -> Forecast:
        """Of everybody who had messages over a channel a row for each part of the day that is spoken of."""
        messages, parts = handed_before(past, moment), _parts(past, moment, USUAL.half_life)
        number, came = _counted(past, moment)
        had = number.sum(axis=2) > 0
        who, channel, part = np.nonzero(had[:, :, None] & parts.spoken[None, :, :])
        order = np.lexsort((part, channel, who))
        who, channel, part = who[order], channel[order], part[order]
        rows = who, channel, part
        mine = value[rows]
        return Forecast(
            who=who,
            value=mine,
            low=mine if low is None else low[rows],
            high=mine if high is None else high[rows],
            support=number[rows],
            target=channel * len(PARTS) + part,
            targets=pa.array([f"{name} {one}" for name in messages.channels for one in PARTS], pa.string()),
            reasons=lambda row: {
                "channel": messages.channels[channel[row]],
                "hour": int(parts.hour[channel[row], part[row]]),
                "messages": int(number[who[row], channel[row], part[row]]),
                "reacted": int(came[who[row], channel[row], part[row]]),
            },
        )

    def _everybodys(self, past: EventHistory, moment: int) -> Forecast:
        """The rate of each part over each channel, the same for everybody."""
        parts = _parts(past, moment, USUAL.half_life)
        return self._told(past, moment, np.broadcast_to(everybodys(parts.came, parts.seen), parts.seen.shape))

    def _own(self, past: EventHistory, moment: int) -> Forecast:
        """The person's own rate over the channel at every part, steadied by everybody's."""
        number, came = (one.sum(axis=2) for one in _counted(past, moment))
        value = steadied(came, number, everybodys(came, number), _OWN)
        return self._told(past, moment, np.repeat(value[:, :, None], len(PARTS), axis=2))

    def _same_for_all(self, past: EventHistory, moment: int) -> Forecast:
        """All that is learnt, but nothing of the person's own parts of the day."""
        from scipy.special import expit

        level, _ = _levels(past, moment, self._weights(past, moment))
        return self._told(past, moment, expit(level))


def part_of(hour: Integers) -> Integers:
    """The place of local hours in `PARTS`.

    >>> part_of(np.array([23, 5, 6, 9, 10, 17, 18, 21, 22])).tolist()
    [0, 0, 1, 1, 2, 3, 4, 4, 0]
    """
    return np.asarray(np.where((hour < 6) | (hour >= 22), 0, (hour - 2) // 4), np.int64)


def _parts(past: EventHistory, moment: int, half_life: float) -> Parts:
    def make(known: EventHistory, at: int) -> Parts:
        messages = handed_before(known, at)
        weight = fading(messages, at, half_life)
        seen = _cube(messages, len(known.people), weight)
        came = _cube(messages, len(known.people), weight * messages.reacted)
        width = max(len(messages.channels), 1)
        hours = np.bincount(messages.channel * 24 + messages.hour, minlength=width * 24).reshape(width, 24)
        inside = part_of(np.arange(24))[:, None] == np.arange(len(PARTS))
        number = hours[:, :, None] * inside[None, :, :]
        return Parts(seen, came, number.sum(axis=1) >= _FEWEST, number.argmax(axis=1).astype(np.int64))

    return past.once(f"parts of the day {half_life}", moment, make)


def _counted(past: EventHistory, moment: int) -> tuple[Floats, Floats]:
    """People × channels × parts: messages, and those with a reaction."""
    messages = handed_before(past, moment)
    people = len(past.people)
    return _cube(messages, people, np.ones(len(messages))), _cube(messages, people, messages.reacted.astype(np.float64))


def _cube(messages: Deliveries, people: int, weight: Floats) -> Floats:
    width = max(len(messages.channels), 1) * len(PARTS)
    key = messages.who * width + messages.channel * len(PARTS) + part_of(messages.hour)
    count = np.bincount(key, weight, people * width).astype(np.float64)
    return count.reshape(people, -1, len(PARTS))


def _levels(past: EventHistory, moment: int, weights: ReactionWeights) -> tuple[Floats, Parts]:
    """People × channels × parts: the logit of the person's rate over the channel, moved by everybody's at the part."""
    from scipy.special import expit, logit

    messages = handed_before(past, moment)
    rate, _ = rates(past, moment, messages.reacted, messages, weights)
    parts = _parts(past, moment, weights.half_life)
    own = logit(np.clip(rate, _TINY, 1.0 - _TINY))[:, :, None]
    offset = np.zeros(parts.seen.shape[1:])
    for _ in range(_STEPS):
        chance = expit(own + offset)
        short = (parts.came - parts.seen * chance).sum(axis=0) - offset * _LEVEL
        offset = offset + np.clip(short / ((parts.seen * chance * (1.0 - chance)).sum(axis=0) + _LEVEL), -1.0, 1.0)
    return own + offset, parts


def _moved(level: Floats, parts: Parts, habit: HabitPrior) -> tuple[Floats, Floats]:
    """How far the person's own parts of the day lie from everybody's, in logits, and the variance that is left."""
    from scipy.special import expit

    off = np.zeros_like(level)
    if habit.spread <= 0.0:
        return off, off
    sure = off
    for _ in range(_STEPS):
        chance = expit(level + off)
        short = _near(parts.came - parts.seen * chance, habit.neighbour)
        sure = _near(parts.seen * chance * (1.0 - chance), habit.neighbour) + 1.0 / habit.spread
        off = np.clip(off + (short - off / habit.spread) / sure, -_MOST, _MOST)
    # What is common to all parts belongs to the person's rate over the channel, not to any hour.
    weight = parts.seen.sum(axis=2, keepdims=True)
    common = (off * parts.seen).sum(axis=2, keepdims=True) / np.maximum(weight, _TINY)
    return np.where(weight > 0, off - common, 0.0), 1.0 / sure


def _near(values: Floats, neighbour: float) -> Floats:
    """Each part with a share of its two neighbours on the clock."""
    beside = np.roll(values, 1, axis=2) + np.roll(values, -1, axis=2)
    return np.asarray(values + neighbour * beside, np.float64)


REACTS_WHEN = ReactsWhen()
