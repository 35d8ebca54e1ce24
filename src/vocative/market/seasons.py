"""The days of the market: dates, and the factor on everybody's demand by holiday, weather and shock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from vocative.market.nature import (
    AFTER_CHRISTMAS,
    CHRISTMAS,
    CLOSED,
    FIRST_MONDAY,
    HISTORY_WEEKS,
    RAIN,
    RAIN_SHARE,
    SHOCK,
    WEEK,
    WEEKDAYS,
    Flags,
    Floats,
)


@dataclass(frozen=True, slots=True)
class Seasons:
    """The days of one market. Day 0 is the first day of the policies; history has negative days."""

    demand: Floats
    """Factor on everybody's demand, from the first day of history on."""
    rain: Flags
    """Whether it rains, from the first day of history on."""
    shock_week: int
    """The week of the policies in which everybody's demand falls."""

    def on(self, day: int) -> float:
        """The factor on everybody's demand on a day."""
        return float(self.demand[day + HISTORY_WEEKS * WEEK])


def day_of(day: int) -> date:
    """The date of a day; day 0 is a Monday.

    >>> day_of(0).weekday(), day_of(-7).weekday()
    (0, 0)
    """
    return FIRST_MONDAY + timedelta(days=day)


def draw_seasons(random: np.random.Generator, weeks: int) -> Seasons:
    """Draw weather and shock of a market that lasts so many weeks after its history."""
    days = np.arange(-HISTORY_WEEKS * WEEK, weeks * WEEK + 1)
    rain = random.random(len(days)) < RAIN_SHARE
    shock_week = int(random.integers(weeks // 4, max(3 * weeks // 4, weeks // 4 + 1)))
    demand = WEEKDAYS[days % WEEK] * np.where(rain, RAIN, 1.0)
    demand = demand * np.array([_holiday(day_of(int(day))) for day in days])
    demand = demand * np.where(days // WEEK == shock_week, SHOCK, 1.0)
    return Seasons(demand.astype(np.float32), rain, shock_week)


def _holiday(day: date) -> float:
    if (day.month, day.day) in ((12, 25), (1, 1)):
        return CLOSED
    if day.month == 12 and 15 <= day.day <= 24:
        return CHRISTMAS
    return AFTER_CHRISTMAS if (day.month, day.day) in ((12, 26), (12, 27)) or (day.month, day.day) == (1, 2) else 1.0
