"""One world: the same people and lots, and what became of them under the messages of one policy."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from vocative.market.catalogue import MarketCatalogue, draw_catalogue
from vocative.market.draws import Draws
from vocative.market.hearing import Heard, hear
from vocative.market.messages import MarketMessages
from vocative.market.nature import DRIFT, HISTORY_WEEKS, WEEK, Floats
from vocative.market.people import People, draw_people
from vocative.market.seasons import Seasons, draw_seasons
from vocative.market.shopping import Trips, pass_day, shop
from vocative.market.state import MarketState, first_state


@dataclass(frozen=True, slots=True)
class Market:
    """What all worlds of a market share: people, shelves and days, drawn once from a seed."""

    seed: int
    weeks: int
    people: People
    catalogue: MarketCatalogue
    seasons: Seasons
    fashion: Floats
    """Weeks of history and market × categories: factor on how much a category is liked by everybody."""


def draw_market(seed: int, count: int, weeks: int) -> Market:
    """Draw a market; the same arguments give the same one."""
    random = np.random.default_rng([seed, 0])
    catalogue, seasons = draw_catalogue(random, weeks), draw_seasons(random, weeks)
    people = draw_people(random, count, weeks)
    steps = random.normal(0, DRIFT / np.sqrt(52), (HISTORY_WEEKS + weeks, people.taste.shape[1]))
    return Market(seed, weeks, people, catalogue, seasons, np.exp(np.cumsum(steps, axis=0)).astype(np.float32))


@dataclass(slots=True)
class Day:
    """What happened on one day."""

    day: int
    trips: Trips
    heard: list[Heard] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """The people of a market as they are after what one policy has said to them."""

    market: Market
    state: MarketState

    def live(self, day: int, draws: Draws, sent: MarketMessages) -> Day:
        """Live through a day: people shop, then hear the day's messages, which act from the next day on."""
        market = self.market
        fashion = market.fashion[min(day // WEEK + HISTORY_WEEKS, len(market.fashion) - 1)]
        done = Day(day, shop(market.people, self.state, day, market.seasons.on(day), fashion, draws))
        pass_day(market.people, self.state, draws)
        done.heard = list(hear(market.people, self.state, sent, draws))
        return done

    def copy(self) -> World:
        """A world that goes its own way from here."""
        return World(self.market, self.state.copy())


def newborn(market: Market) -> World:
    """The world on the first day of its history."""
    random = np.random.default_rng([market.seed, 2])
    return World(market, first_state(random, market.people, -HISTORY_WEEKS * WEEK))


def days_of(week: int) -> range:
    """The days of a week; weeks of history are negative.

    >>> list(days_of(-1))
    [-7, -6, -5, -4, -3, -2, -1]
    """
    return range(week * WEEK, (week + 1) * WEEK)
