"""Will the person react to the next message over a channel?

Machines' opens and clicks count for nothing. How fast counts fade, and how much the group's rate counts, are those that
did best at three complete moments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from vocative.predict.history.deliveries import handed_before, handed_during
from vocative.predict.history.event_history import DAY_US, EventHistory, Floats
from vocative.predict.predictor import LEAST_HISTORY_DAYS, About, Baseline, Forecast, Kind, Outcome, Parameters
from vocative.predict.response.reactions import (
    FEWEST,
    USUAL,
    ReactionWeights,
    best_weights,
    comparable_reaction,
    everybodys,
    fading,
    first_of,
    groups_of,
    groups_rate,
    rates,
    steadied,
    table,
)

_STEADY = 8.0
_INTERVAL = (0.05, 0.95)


_ABOUT = About(
    title="Reacts to a message",
    rank=130,
    question="whether the person reacts to the next message over a channel",
    rests_on="messages",
    # The simulated market (all of it invented): a message every other week, at an hour by lot.
    people=1200,
    counted="people who were written to",
)


@dataclass(frozen=True, slots=True)
class Reacts:
    """The chance that a person opens or answers the next message over each channel."""

    name: str = "reacts"
    about: About = _ABOUT
    own_evidence: bool = True
    kind: Kind = "probability"
    unit: str = "probability"
    horizon_days: float = 28.0

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        return {"everybodys_rate": self._everybodys, "groups_rate": self._groups, "as_last_time": self._last}

    @property
    def needs(self) -> str:
        """See `Predictor.needs`."""
        return "messages that were handed over (role sent), and opens, clicks and replies with their channel and second"

    @property
    def unseen(self) -> str:
        """See `Predictor.unseen`."""
        return "the rate of people who act about as often"

    def needs_days(self) -> float:
        """See `Predictor.needs_days`."""
        return LEAST_HISTORY_DAYS

    def missing(self, past: EventHistory) -> str:
        """Why no reaction can be learnt from yet; empty if it can."""
        return messages_missing(past, self.horizon_days + self.needs_days())

    def needed(self, past: EventHistory) -> str:
        """What is waited for; empty if there is enough."""
        return messages_needed(past, self.horizon_days + self.needs_days())

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`: of each person and channel whether they reacted to the first message."""
        messages = handed_during(past, moment, self.horizon_days, by)
        rows = first_of(messages.who * max(len(messages.channels), 1) + messages.channel, messages)
        reacted = comparable_reaction(past, moment, messages)[rows]
        return Outcome(
            who=messages.who[rows], value=reacted.astype(np.float64), target=messages.channel[rows], asked=True
        )

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`."""
        return asdict(best_weights(past, moment, self.horizon_days, comparable_reaction))

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        weights = ReactionWeights(**content)
        messages = handed_before(past, moment)
        value, seen = rates(past, moment, comparable_reaction(past, moment, messages), messages, weights)
        return self._told(past, moment, value, seen + weights.strength)

    def _told(self, past: EventHistory, moment: int, value: Floats, sure: Floats | None = None) -> Forecast:
        """Of everybody with an act or a message a row for each channel over which messages went.

        `sure` is how many messages each value counts as; None where no interval is told.
        """
        from scipy.special import betaincinv

        messages = handed_before(past, moment)
        used = np.unique(messages.channel)
        people = np.union1d(past.present(moment), messages.who) if len(used) else np.zeros(0, np.int64)
        who, target = np.repeat(people, len(used)), np.tile(used, len(people))
        mine = value[who, target]
        low = high = mine
        if sure is not None:
            yes, no = mine * sure[who, target], (1.0 - mine) * sure[who, target]
            low, high = (np.asarray(betaincinv(yes, no, edge), np.float64) for edge in _INTERVAL)
        number, came = _counted(past, moment)
        return Forecast(
            who=who,
            value=mine,
            low=np.minimum(low, mine),
            high=np.maximum(high, mine),
            support=number[who, target],
            target=target,
            targets=pa.array(messages.channels, pa.string()),
            reasons=lambda row: {
                "messages": int(number[who[row], target[row]]),
                "reacted": int(came[who[row], target[row]]),
            },
        )

    def _everybodys(self, past: EventHistory, moment: int) -> Forecast:
        """The rate of each channel, the same for everybody."""
        seen, came = _fading_counts(past, moment)
        return self._told(past, moment, np.broadcast_to(everybodys(came, seen), seen.shape))

    def _groups(self, past: EventHistory, moment: int) -> Forecast:
        """The rate of people who act about as often."""
        seen, came = _fading_counts(past, moment)
        return self._told(past, moment, groups_rate(groups_of(past, moment), came, seen))

    def _last(self, past: EventHistory, moment: int) -> Forecast:
        """The rate of everybody who reacted to their last message, or of everybody who did not."""
        messages = handed_before(past, moment)
        reacted = comparable_reaction(past, moment, messages)
        follows = np.zeros(len(messages), bool)
        follows[1:] = (messages.who[1:] == messages.who[:-1]) & (messages.channel[1:] == messages.channel[:-1])
        before = np.where(follows, np.roll(reacted, 1), False)
        width = max(len(messages.channels), 1)
        state = np.zeros((len(past.people), width), np.int64)
        state[messages.who, messages.channel] = 1 + reacted
        cell = messages.channel * 3 + follows * (1 + before)
        every = everybodys(*reversed(_counted(past, moment)))
        ones, yes = np.ones(len(messages)), reacted.astype(np.float64)
        seen, came = (np.bincount(cell, one, 3 * width).astype(np.float64).reshape(width, 3) for one in (ones, yes))
        rate = steadied(came, seen, every[:, None], _STEADY)
        return self._told(past, moment, rate[np.arange(width), state])


def messages_missing(past: EventHistory, days: float) -> str:
    """Why messages cannot be learnt from yet: too few, or too young; empty if they can."""
    messages = handed_before(past, past.now)
    if not len(messages):
        return "no message is known to have been handed over: import events of the role sent, or let runs send some"
    if not (messages.opened | messages.answered).any():
        return "no reaction to a message is known: import opens, clicks or replies with their channel"
    if len(messages) < FEWEST:
        return f"{len(messages):,} messages were handed over; {FEWEST} are needed"
    have, need = _age(past), _days(past, days)
    return "" if have >= need else f"messages of {have:.0f} days; {need:.0f} days are needed to test it on the past"


def messages_needed(past: EventHistory, days: float) -> str:
    """What is waited for, in one sentence without its full stop; empty if there is enough."""
    if not messages_missing(past, days):
        return ""
    short = _days(past, days) - _age(past)
    return f"{short:.0f} more days of messages" if short > 0 else f"{FEWEST} messages and what came of them"


def _age(past: EventHistory) -> float:
    return (past.now - int(handed_before(past, past.now).us.min(initial=past.now))) / DAY_US


def _days(past: EventHistory, days: float) -> float:
    return past.settings.proving.step_days * (past.settings.proving.origins - 1) + days


def _counted(past: EventHistory, moment: int) -> tuple[Floats, Floats]:
    """People × channels: messages, and those with a reaction."""

    def make(known: EventHistory, at: int) -> tuple[Floats, Floats]:
        messages = handed_before(known, at)
        reacted = comparable_reaction(known, at, messages)
        people = len(known.people)
        return table(messages, people, np.ones(len(messages))), table(messages, people, reacted.astype(np.float64))

    return past.once("counted messages", moment, make)


def _fading_counts(past: EventHistory, moment: int) -> tuple[Floats, Floats]:
    messages = handed_before(past, moment)
    weight = fading(messages, moment, USUAL.half_life)
    reacted = comparable_reaction(past, moment, messages)
    return table(messages, len(past.people), weight), table(messages, len(past.people), weight * reacted)


REACTS = Reacts()
