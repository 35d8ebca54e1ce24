"""A day of shopping: who makes a trip, what lies in the basket, what is earned on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.market.catalogue import CATEGORIES, REST_MARGIN, REST_SHARE, margin_rates
from vocative.market.draws import Draws
from vocative.market.nature import (
    BOOST_KEPT,
    BORROWED,
    COUPON_DAYS,
    DEBT_KEPT,
    DORMANT,
    FATIGUE_KEPT,
    HEALING,
    MULTIPLIER,
    NOTICED,
    PARTNER,
    WAKE,
    Flags,
    Floats,
    Integers,
)
from vocative.market.people import People, log_value
from vocative.market.reacting import RHYTHM, SHARE
from vocative.market.state import HALF_LIFE, MarketState

_DECAY = np.float32(0.5 ** (1.0 / HALF_LIFE))
_OWED = np.float32(BORROWED * (1.0 - DEBT_KEPT))
_SPENT = np.array([one.spent for one in CATEGORIES], np.float32)
WEIGHT = _SPENT / _SPENT.sum() * np.float32((1 - REST_SHARE) / 0.25)
"""What a shelf weighs in a basket it is in; about a quarter of the shelves' spending is in an average basket."""
_KEEN = -np.log1p(-SHARE) * np.array(
    [2.63, 2.57, 2.34, 2.24, 2.03, 2.22, 1.8, 1.84, 1.82, 1.25, 1.41, 1.43], np.float32
)
"""How strongly a shelf is drawn from when nothing of it is left; calibrated on the share of trips it is in."""


@dataclass(frozen=True, slots=True)
class Trips:
    """The trips of one day as columns of one length."""

    who: Integers
    value: Floats
    """Worth of the basket before a coupon."""
    off: Floats
    """What a coupon took off."""
    margin: Floats
    """Share of `value` that is earned before the coupon."""
    shelves: Flags
    """Trips × categories: what was bought."""
    coupon: Floats
    """Size of the coupon that was used; 0: none."""
    coupon_from: Integers
    """The day from which that coupon held."""

    def profit(self) -> Floats:
        """What each trip brought."""
        found: Floats = self.value * self.margin - self.off
        return found


def rates(people: People, state: MarketState, day: int, demand: float) -> Floats:
    """Expected trips of everybody on a day, but for their partners' shopping."""
    factor = np.clip(1.0 + state.boost - state.debt, *MULTIPLIER)
    rate = people.rate * np.float32(demand) * state.goodwill * factor
    found: Floats = np.where(state.active, rate, rate * np.float32(DORMANT)) * (people.joined <= day)
    return found


def shop(people: People, state: MarketState, day: int, demand: float, fashion: Floats, draws: Draws) -> Trips:
    """Let everybody shop on a day, and change the state by it; `fashion` is a factor on the liking of each category."""
    rate = rates(people, state, day, demand)
    eased = (people.partner >= 0) & (state.last_trip[people.partner] == day - 1)
    rate[eased] *= PARTNER
    who = np.flatnonzero(draws.trip < -np.expm1(-rate)).astype(np.int32)
    value = people.value[who] * np.exp(log_value(draws.value[who]))
    coupon = np.where(state.coupon_until[who] >= day, state.coupon[who], np.float32(0))
    off = coupon * value
    shelves = _shelves(people, state, who, day, fashion, draws)
    margin = (REST_SHARE * REST_MARGIN + shelves @ (WEIGHT * margin_rates()[:-1])) / (REST_SHARE + shelves @ WEIGHT)
    since = state.coupon_until[who] - COUPON_DAYS
    trips = Trips(who, value, off.astype(np.float32), margin.astype(np.float32), shelves, coupon, since)
    state.trips *= _DECAY
    state.money *= _DECAY
    state.trips[who] += 1
    state.money[who] += value - off
    state.last_trip[who] = day
    state.coupon[who[off > 0]] = 0
    rows, places = np.nonzero(shelves)
    state.bought[who[rows], places] = day
    state.profit[who] += trips.profit()
    state.discounts[who] += off
    return trips


def pass_day(people: People, state: MarketState, draws: Draws) -> None:
    """What a day does to moods: effects fade, what was brought forward is missing, people go quiet and come back."""
    state.debt *= DEBT_KEPT
    state.debt += _OWED * np.maximum(state.boost, 0)
    state.boost *= BOOST_KEPT
    state.fatigue *= FATIGUE_KEPT
    state.goodwill += HEALING * (1.0 - state.goodwill)
    state.active = np.where(state.active, draws.mood >= people.sleeps, draws.mood < WAKE)


def _shelves(people: People, state: MarketState, who: Integers, day: int, fashion: Floats, draws: Draws) -> Flags:
    due = 1.0 - np.exp(-(day - state.bought[who]) / RHYTHM)
    missing = np.exp(-_KEEN * fashion * people.taste[who] * due)
    told = (state.promoted[who] >= 0) & (state.heard[who] >= day - COUPON_DAYS)
    missing[np.flatnonzero(told), state.promoted[who][told]] *= 1 - NOTICED
    found: Flags = draws.shelves[who] >= missing
    return found
