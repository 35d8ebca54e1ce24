"""Policies that look at what a shop sees: silence, mailing to all, rules by recency and frequency, and chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vocative.market.catalogue import CATEGORIES
from vocative.market.limits import Contacts, hours, within_budget
from vocative.market.messages import NEWS, OFFER, MarketMessages, joined, messages, none
from vocative.market.nature import EMAIL, LEVELS, SMS, WEEK, Flags, Floats, Integers
from vocative.market.people import YES
from vocative.market.world import World

TUESDAY, THURSDAY = 1, 3


@dataclass(frozen=True, slots=True)
class Shop:
    """What a shop knows of its people; hidden traits are not among it. Days count from the first of the policies."""

    day: int
    known: Flags
    """Whether the person has joined."""
    marketing: Integers
    """People × channels: 1 yes, 0 no, -1 never asked."""
    personalization: Integers
    last_trip: Integers
    trips: Floats
    """Trips, each weighing half as much 90 days later."""
    money: Floats
    contacts: Contacts

    def may(self, channel: int) -> Flags:
        """Who may be written to over a channel today."""
        found: Flags = self.known & (self.marketing[:, channel] == YES) & self.contacts.allowed(self.day)
        return found

    @property
    def weekday(self) -> int:
        """Day of the week; Monday is 0."""
        return self.day % WEEK

    @property
    def week(self) -> int:
        """Week of the policies; those of history are negative."""
        return self.day // WEEK


class Policy(Protocol):
    """Is asked each morning what is said to whom on that day."""

    def __call__(self, seen: Shop, random: np.random.Generator) -> MarketMessages:
        """The messages of the day."""
        ...


def look(world: World, contacts: Contacts, day: int) -> Shop:
    """What the shop sees on the morning of a day."""
    state = world.state
    return Shop(
        day,
        world.market.people.joined < day,
        state.marketing,
        state.personalization,
        state.last_trip,
        state.trips,
        state.money,
        contacts,
    )


def silence(seen: Shop, random: np.random.Generator) -> MarketMessages:  # noqa: ARG001 - as every policy is called
    """Nothing is ever said."""
    return none()


def mass(seen: Shop, random: np.random.Generator) -> MarketMessages:  # noqa: ARG001 - as every policy is called
    """Everybody who permits it and has not reached a cap gets 5 % off by mail at ten, half on Tuesday."""
    if seen.weekday not in (TUESDAY, THURSDAY):
        return none()
    return messages(np.flatnonzero(seen.may(EMAIL) & _half(seen)), seen.day, 10, discount=0.05)


def _half(seen: Shop) -> Flags:
    """Half of the people on Tuesday, the others on Thursday: a day's budget is not enough for everybody."""
    found: Flags = np.arange(len(seen.known)) % 2 == (seen.weekday == THURSDAY)
    return found


def plain(seen: Shop, random: np.random.Generator) -> MarketMessages:  # noqa: ARG001 - as every policy is called
    """Everybody who permits it is invited by mail every other week, all in the same words, without a discount."""
    if seen.week % 2 or seen.weekday not in (TUESDAY, THURSDAY):
        return none()
    return messages(np.flatnonzero(seen.may(EMAIL) & _half(seen)), seen.day, 10)


def newsletter(seen: Shop, random: np.random.Generator) -> MarketMessages:  # noqa: ARG001 - as every policy is called
    """What the shop did before anybody looked at it: news every fourth week, the same for all, without a discount."""
    if seen.week % 4 or seen.weekday != TUESDAY:
        return none()
    return messages(np.flatnonzero(seen.may(EMAIL)), seen.day, 10, about=NEWS)


def rules(seen: Shop, random: np.random.Generator) -> MarketMessages:  # noqa: ARG001 - as every policy is called
    """Rules by recency and frequency: who stayed away gets a discount, who comes often gets news now and then.

    Recency and frequency are a profile, so who has not allowed one gets the news that everybody gets.
    """
    if seen.weekday != TUESDAY:
        return none()
    day, week = seen.day, seen.week
    away = seen.day - seen.last_trip
    usual = 90 / np.maximum(seen.trips * np.log(2), 0.1)
    profiled = seen.personalization == YES
    may, text = seen.may(EMAIL), seen.may(SMS)
    slipping = profiled & (away > 2.5 * usual) & (away > 14) & (away < 60)
    lapsed = profiled & (away >= 60) & (away < 365)
    often = profiled & (seen.trips >= 3) & ~slipping & ~lapsed
    turn = np.arange(len(away)) % 4 == week % 4
    called = within_budget(seen.money, np.flatnonzero(lapsed & text & turn), SMS, len(away))
    mailed = may.copy()
    mailed[called] = False
    every_other = np.arange(len(away)) % 2 == week % 2
    return joined(
        [
            messages(called, day, 11, channel=SMS, discount=0.15, personal=True),
            messages(np.flatnonzero(lapsed & mailed & turn), day, 10, discount=0.15, personal=True),
            messages(np.flatnonzero(slipping & mailed & every_other), day, 10, discount=0.05, personal=True),
            messages(np.flatnonzero(often & mailed & every_other), day, 10, about=NEWS, personal=True),
            messages(np.flatnonzero(~profiled & mailed & turn), day, 10, about=NEWS),
        ]
    )


def random(seen: Shop, random: np.random.Generator) -> MarketMessages:
    """Once in two weeks on average any action, at random: channel, size of the discount, category, day and hour."""
    count = len(seen.known)
    speaks = random.random(count) < 1 / (2 * WEEK)
    texts = speaks & (random.random(count) < 0.1) & seen.may(SMS)
    texting = within_budget(random.random(count), np.flatnonzero(texts), SMS, count)
    mailing = np.flatnonzero(speaks & ~texts & seen.may(EMAIL))
    who = np.concatenate([texting, mailing])
    profiled = seen.personalization[who] == YES
    return messages(
        who,
        seen.day,
        random.choice(hours(), len(who)),
        channel=np.repeat([SMS, EMAIL], [len(texting), len(mailing)]),
        about=OFFER,
        discount=np.where(profiled, random.choice(LEVELS, len(who)), np.float32(0)),
        category=np.where(profiled, random.integers(0, len(CATEGORIES), len(who)), -1),
        personal=profiled,
    )
