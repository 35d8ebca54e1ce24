"""The policy that knows the truth: for each person the action of the highest expected gain, or silence.

The expected gain of a message is worked out day by day: if it is looked at, the trips its effect adds less those that
are only brought forward, less the discount on a trip that comes anyway; less costs and lasting harm in any case. What
it costs later messages, by fatigue and by people who leave, comes from a backward induction over weeks for each person,
on a grid of fatigue. It keeps the caps, budgets and permissions of everybody. It is not the very best that is possible:
rates are taken as they are now, and later fit and waking are left out of the induction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.market.limits import hours, within_budget
from vocative.market.messages import ASK, OFFER, THANKS, MarketMessages, joined, messages, none
from vocative.market.nature import (
    BOOST_KEPT,
    BORROWED,
    COMPLAINT_COST,
    COMPLAINT_HURT,
    COST,
    COUPON_DAYS,
    DEBT_KEPT,
    DORMANT,
    EMAIL,
    FATIGUE_KEPT,
    HEALING,
    LEVELS,
    MULTIPLIER,
    SMS,
    THANKS_GOODWILL,
    WAKE,
    WEEK,
    Flags,
    Floats,
    Integers,
)
from vocative.market.people import NEVER, YES, People
from vocative.market.policies import TUESDAY, Shop
from vocative.market.reacting import Reaction, best_category, reaction
from vocative.market.state import MarketState, first_state
from vocative.market.world import Market, World

MARGIN = 0.309
"""Mean share of a basket that is earned."""
GRID = np.linspace(0.0, 4.0, 9, dtype=np.float32)
"""Fatigue at which the induction is made."""
DEEP = 12
"""Weeks of the induction that are kept; before them its value grows by the same amount each week."""
_NEAR = 14
_THANKED_ENOUGH = 1.05
_ASK_EVERY = 26


def gains(
    people: People, state: MarketState, sent: MarketMessages, does: Reaction, left: int, demand: float = 1.0
) -> Floats:
    """Expected profit of each message within the days that are left, without what it costs later messages.

    Args:
        people: The truth.
        state: How everybody stands.
        sent: One message for each person asked about.
        does: What the messages do.
        left: Days until nothing counts any more.
        demand: Mean factor on demand in the days to come.
    """
    who = sent.who
    value = people.mean_value()[who]
    rate = people.rate[who] * state.goodwill[who] * np.float32(demand)
    active = state.active[who]
    trips, uses = _trips(np.where(active, rate, rate * DORMANT), state.boost[who], state.debt[who], does.effect)
    held = np.where(state.coupon_until[who] >= sent.day, state.coupon[who], 0)
    off = np.maximum(sent.discount - held, 0) * value
    daily = rate * value * MARGIN
    leaving = people.sleeps[who] + WAKE
    woken = daily * -np.expm1(-leaving * max(left, 0)) / leaving - off * -np.expm1(-rate * COUPON_DAYS)
    heals = (1 - (1 - HEALING) ** max(left, 0)) / HEALING
    thanked = does.looks * (sent.about == THANKS) * THANKS_GOODWILL * (state.goodwill[who] < _THANKED_ENOUGH)
    lasting = daily * heals * (thanked - does.wears - does.complains * COMPLAINT_HURT) * np.where(active, 1.0, 0.1)
    gain = does.looks * (trips * value * MARGIN - off * uses + np.where(active, 0.0, does.wakes * woken))
    found: Floats = gain + lasting - COST[sent.channel] - does.complains * COMPLAINT_COST
    return found.astype(np.float32)


def _trips(rate: Floats, boost: Floats, debt: Floats, effect: Floats) -> tuple[Floats, Floats]:
    """Trips that an effect adds, and the chance of one at least while a coupon holds.

    The days after the message are gone through one by one, since a person makes one trip a day at most; what is owed
    after `_NEAR` days is small and taken as linear.
    """
    added, while_held = np.zeros(len(rate)), np.zeros(len(rate))
    owed = np.zeros(len(rate))
    for day in range(_NEAR):
        silent = rate * np.clip(1 + boost * BOOST_KEPT**day - debt * DEBT_KEPT**day, *MULTIPLIER)
        spoken = rate * np.clip(1 + (boost + effect) * BOOST_KEPT**day - debt * DEBT_KEPT**day - owed, *MULTIPLIER)
        added += np.exp(-silent) - np.exp(-spoken)
        while_held += spoken * (day < COUPON_DAYS)
        owed = owed * DEBT_KEPT + BORROWED * (1 - DEBT_KEPT) * np.maximum(effect, 0) * BOOST_KEPT**day
    added -= owed / (1 - DEBT_KEPT) * rate * np.exp(-rate)
    return added, -np.expm1(-while_held)


@dataclass(slots=True)
class Oracle:
    """A policy that looks at the hidden state of its own world."""

    world: World
    worth: Floats
    """Remaining weeks up to `DEEP` × people × grid: expected profit of all messages still to come."""
    asked: Integers
    """Week in which each person was asked for personalization."""

    def __call__(self, seen: Shop, random: np.random.Generator) -> MarketMessages:  # noqa: ARG002 - needs no chance
        """The messages of a day; it speaks on Tuesdays."""
        if seen.weekday != TUESDAY:
            return none()
        day, week = seen.day, seen.week
        profiled = seen.personalization == YES
        mail, text = (seen.may(channel) for channel in (EMAIL, SMS))
        best, action = self._best(np.flatnonzero(profiled & mail), EMAIL, day, week)
        better, texted = self._best(np.flatnonzero(profiled & text), SMS, day, week)
        count = len(seen.known)
        by_mail, by_text = np.zeros(count, np.float32), np.zeros(count, np.float32)
        by_mail[action.who], by_text[texted.who] = best, better
        extra = by_text - np.maximum(by_mail, 0)
        texting = np.zeros(count, np.bool_)
        texting[within_budget(extra, np.flatnonzero(extra > 0), SMS, count)] = True
        mailed = action.take((best > 0) & ~texting[action.who])
        generic, questions = self._generic(mail & ~profiled, day, week), self._ask(mail, seen, day, week)
        generic = generic.take(~np.isin(generic.who, questions.who))
        parts = joined([texted.take(texting[texted.who]), mailed, generic, questions])
        return self._affordable(parts, by_mail, count)

    def _best(self, who: Integers, channel: int, day: int, week: int) -> tuple[Floats, MarketMessages]:
        """The best action for each of these people over a channel, and what it is worth."""
        people, state = self.world.market.people, self.world.state
        category = best_category(people, state, day)[who]
        hour = np.clip(np.floor(people.hour[who]), hours()[0], hours()[-1]).astype(np.int32)
        best, chosen = np.full(len(who), -np.inf, np.float32), np.zeros(len(who), np.int32)
        options = [(OFFER, float(level)) for level in LEVELS] + [(THANKS, 0.0)]
        for place, (about, level) in enumerate(options):
            sent = messages(who, day, hour, channel=channel, about=about, discount=level, category=category)
            worth = self._worth(sent, week)
            better = worth > best
            best[better], chosen[better] = worth[better], place
        abouts, levels = (np.array([option[part] for option in options]) for part in range(2))
        return best, messages(
            who, day, hour, channel=channel, about=abouts[chosen].astype(np.int32), discount=levels[chosen],
            category=category, personal=True,
        )  # fmt: skip

    def _worth(self, sent: MarketMessages, week: int) -> Floats:
        """Expected profit of messages, with what they cost later ones."""
        market, state = self.world.market, self.world.state
        does = reaction(market.people, state, sent)
        days = range(week * WEEK + TUESDAY, min((week + 1) * WEEK + TUESDAY, market.weeks * WEEK))
        demand = float(np.mean([market.seasons.on(day) for day in days])) if days else 1.0
        now = gains(
            market.people, state, sent, does, market.weeks * WEEK - int(sent.day[0]) if len(sent) else 0, demand
        )
        who, before = sent.who, state.fatigue[sent.who]
        rested = self._future(who, before * FATIGUE_KEPT**WEEK, week)
        tired = self._future(who, (before + does.fatigue) * FATIGUE_KEPT**WEEK, week)
        found: Floats = now + (1 - does.leaves - does.complains) * tired - rested
        return found

    def _future(self, who: Integers, fatigue: Floats, week: int) -> Floats:
        remaining = self.world.market.weeks - week - 1
        depth = min(remaining, DEEP)
        worth = _interpolated(self.worth[depth], who, fatigue)
        if remaining > DEEP:
            step = _interpolated(self.worth[DEEP - 1], who, fatigue)
            worth = worth + (worth - step) * (remaining - DEEP)
        return worth

    def _generic(self, may: Flags, day: int, week: int) -> MarketMessages:
        """Of the messages that are the same for everybody without a profile the best one, if it gains on the whole."""
        who = np.flatnonzero(may).astype(np.int32)
        if not len(who):
            return messages(who, day, 16)
        options = [messages(who, day, 16, discount=float(level)) for level in LEVELS]
        worths = [float(self._worth(option, week).sum()) for option in options]
        best = int(np.argmax(worths))
        return options[best] if worths[best] > 0 else messages(who[:0], day, 16)

    def _ask(self, mail: Flags, seen: Shop, day: int, week: int) -> MarketMessages:
        """Ask those who were never asked and would gain much from a profile."""
        due = mail & (seen.personalization == NEVER) & (week - self.asked >= _ASK_EVERY)
        who = np.flatnonzero(due).astype(np.int32)
        people, state = self.world.market.people, self.world.state
        sent = messages(who, day, 16, about=ASK)
        does = reaction(people, state, sent)
        later = does.looks * people.agrees[who] * self._future(who, state.fatigue[who], week)
        asks = later + self._worth(sent, week) > 0
        self.asked[who[asks]] = week
        return sent.take(asks)

    def _affordable(self, sent: MarketMessages, worth: Floats, count: int) -> MarketMessages:
        mailed = np.flatnonzero(sent.channel == EMAIL)
        kept = within_budget(worth[sent.who], mailed, EMAIL, count)
        return sent.take(np.sort(np.concatenate([kept, np.flatnonzero(sent.channel == SMS)])))


def know_everything(world: World) -> Oracle:
    """The oracle of a world, before its first week."""
    worth = foresee(world.market)
    return Oracle(world, worth, np.full(len(world.market.people), -_ASK_EVERY, np.int32))


def foresee(market: Market) -> Floats:
    """Expected profit of messages to come, by remaining weeks, person and fatigue; the induction over weeks."""
    count = len(market.people)
    who = np.arange(count, dtype=np.int32)
    reward, leaves, tires = (np.zeros((count, len(GRID)), np.float32) for _ in range(3))
    for place, fatigue in enumerate(GRID):
        reward[:, place], leaves[:, place], tires[:, place] = _steady(market, who, float(fatigue))
    kept = np.float32(FATIGUE_KEPT**WEEK)
    rested = np.tile(GRID * kept, (count, 1))
    tired = np.minimum((GRID + tires) * kept, GRID[-1])
    worth = np.zeros((DEEP + 1, count, len(GRID)), np.float32)
    for remaining in range(1, DEEP + 1):
        after = worth[remaining - 1]
        silent = np.column_stack([_interpolated(after, who, rested[:, place]) for place in range(len(GRID))])
        spoken = np.column_stack([_interpolated(after, who, tired[:, place]) for place in range(len(GRID))])
        worth[remaining] = np.maximum(silent, reward + (1 - leaves) * spoken)
    return worth


def _steady(market: Market, who: Integers, fatigue: float) -> tuple[Floats, Floats, Floats]:
    """Of the best mail to each active person at a fatigue: its gain, the chance of leaving and what it tires."""
    people = market.people
    state = _at_fatigue(people, fatigue)
    hour = np.clip(np.floor(people.hour), hours()[0], hours()[-1]).astype(np.int32)
    best: Floats = np.full(len(who), -np.inf, np.float32)
    leaves: Floats = np.zeros(len(who), np.float32)
    tires: Floats = np.zeros(len(who), np.float32)
    for level in LEVELS:
        sent = messages(who, 0, hour, discount=float(level), category=best_category(people, state, 0))
        does = reaction(people, state, sent)
        gain = gains(people, state, sent, does, market.weeks * WEEK // 2)
        better = gain > best
        best[better], leaves[better], tires[better] = gain[better], does.leaves[better], does.fatigue[better]
    return best, leaves, tires


def _at_fatigue(people: People, fatigue: float) -> MarketState:
    state = first_state(np.random.default_rng(0), people, 0)
    state.active[:] = True
    state.fatigue[:] = fatigue
    return state


def _interpolated(worth: Floats, who: Integers, fatigue: Floats) -> Floats:
    place = np.minimum(fatigue / (GRID[1] - GRID[0]), len(GRID) - 1.001)
    low = place.astype(np.int32)
    share = place - low
    found: Floats = worth[who, low] * (1 - share) + worth[who, low + 1] * share
    return found
