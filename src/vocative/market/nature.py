"""The numbers the market is made of: those calibrated on The Complete Journey, and those planted by choice.

What is calibrated says so; `vocative.market.calibration` prints how close the market comes. Everything else is an
assumption about how people react, chosen so that each kind of effect occurs, and has no source.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]

WEEK = 7
FIRST_MONDAY = date(2025, 7, 7)
"""Day 0 of the policies; what lies before it is history, the same for every policy."""
HISTORY_WEEKS = 26

ZONES = ("Europe/Riga", "Europe/Warsaw", "Europe/London", "Europe/Kyiv")
ZONE_SHARES = (0.5, 0.25, 0.15, 0.1)
COUNTRIES = ("LV", "PL", "GB", "UA")
LANGUAGES = ("en", "pl")

CHANNELS = ("email", "sms")
EMAIL, SMS = 0, 1
COST = np.array([0.004, 0.05], np.float32)
"""Money for one message."""
LEVELS = np.array([0.0, 0.05, 0.10, 0.15, 0.20, 0.30], np.float32)
"""Sizes of a discount on a whole basket that exist; 0 is a message without one."""
COUPON_DAYS = 7

# How often people shop. Calibrated: days with a trip per household and year (quartiles 18, 39, 72; 95 % 140),
# pooled gaps between them (quartiles 2, 3, 7 days; 95 % 21, 99 % 51).
RATE_SHAPE, RATE_MEAN = 1.15, 0.183
SLEEP, WAKE = 0.0015, 0.015
"""Chance per day that a person goes quiet, and that they come back; quiet people shop at `DORMANT` of their rate."""
DORMANT = 0.03
# Calibrated: share of trips by weekday (Monday first).
WEEKDAYS = np.array([0.1383, 0.1347, 0.1311, 0.1348, 0.1353, 0.1594, 0.1664], np.float32) * WEEK

# What a person spends on a day with a trip. Calibrated: quartiles 9.8, 22.1, 46.1, mean 36.1, 95 % 119 (dollars there,
# euros here); the logarithm is skewed to the left.
VALUE_MEDIAN, VALUE_BETWEEN, VALUE_WITHIN, VALUE_SKEW = 21.0, 0.55, 1.0, 0.11
# Calibrated: hour of the local day; mean, spread between people and within them.
HOUR_MEAN, HOUR_BETWEEN, HOUR_WITHIN = 15.7, 1.7, 3.7
# Calibrated: share of the price that was taken off by ordinary promotions.
PROMOTED_MEAN, PROMOTED_SPREAD = 0.147, 0.05

# What a message does. Planted.
BOOST_KEPT = 0.75
"""What is left of a message's effect a day later; its days add up to `1 / (1 - BOOST_KEPT)`."""
BORROWED, DEBT_KEPT = 0.35, 0.93
"""Share of a gain that is only brought forward, and what is left a day later of what is owed for it."""
MULTIPLIER = (0.05, 4.0)
"""Bounds of the factor by which all that was said changes the rate of trips."""
FATIGUE_KEPT = 0.93
FATIGUE_BY_CHANNEL = np.array([1.0, 1.8], np.float32)
FATIGUE_BY_KIND = np.array([1.0, 0.8, 0.3, 0.3], np.float32)
DULLED, UNREAD = 0.28, 0.14
"""By how much a unit of fatigue dulls the effect of a message, and the readiness to look at it (exponents)."""
HOUR_WIDTH, HOUR_FLOOR = 3.5, 0.45
LEAVES, LEAVES_BY_FATIGUE = 0.0012, 0.8
"""Chance that a message makes a rested person unsubscribe, and the exponent by which fatigue raises it."""
COMPLAINS, COMPLAINT_COST, COMPLAINT_HURT = 0.15, 3.0, 0.15
"""Complaints for each unsubscription, what handling one costs, and the goodwill it takes."""
WEARING, HEALING, GOODWILL_MOST = 0.004, 0.01, 1.08
"""Goodwill lost for a message above a unit of fatigue, the share of what is lacking that returns each day."""
THANKS_GOODWILL = 0.006
GENERIC_FIT = 0.75
PARTNER = 0.85
"""Factor on the rate of trips on the day after the other person of the household has shopped."""
NOTICED = 0.35
"""Chance that a category a message spoke of is put into the next basket, beyond what would be bought anyway."""

# Machines. Planted.
PROXIES, SCANNERS, FLAGGED = 0.2, 0.02, 0.9
"""Shares of people whose mail program opens everything, whose scanner clicks everything, and of such hits marked."""

# The year. Planted.
RAIN, RAIN_SHARE = 0.92, 0.25
CHRISTMAS, AFTER_CHRISTMAS, CLOSED = 1.3, 0.8, 0.02
SHOCK = 0.6
DRIFT = 0.15
"""Spread over a year of the random walk by which the liking of each category moves, as a share of it."""
