"""Everybody's purchases as they were known at a moment, in days: what future orders and spending are told from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.facts.scope import CODES
from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers
from vocative.predict.learners.buy_till_you_die import Lives
from vocative.predict.predictor import LEAST_HISTORY_DAYS, training_moments

PURCHASE, RETURN = CODES["purchase"], CODES["return"]
_WINDOWS = (14, 30, 60, 90)
_MOMENTS = 3
_THIRD = 3.0
_FEWEST = 20

SIGNS = (
    "frequency",
    "days_since_purchase",
    "days_since_first_purchase",
    *(f"purchase_days_{days}d" for days in _WINDOWS),
    "gap_days_mean",
    "gap_days_last",
    "overdue_ratio",
    "money_mean",
    "money_first",
    "money_last",
)
"""What is told of a person's purchases; money by its logarithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchases:
    """People who had bought before a moment (ascending), their lives as customers in days, and signs (rows × `SIGNS`).

    `worth` is the mean money of a day of purchase, less what was returned.
    """

    who: Integers
    lives: Lives
    worth: Floats
    signs: Floats


def purchases_at(past: EventHistory, moment: int) -> Purchases:
    """Describe everybody who had bought, as it was known at the moment (µs UTC)."""
    acts = past.before(moment, PURCHASE, RETURN)
    bought = acts.role == PURCHASE
    sign = np.where(bought, 1.0, -1.0)
    total = np.bincount(acts.who, acts.money * sign, len(past.people))
    who_all, day_all = acts.who[bought], acts.us[bought] // DAY_US
    # Acts are ordered by person and moment, so days of a person stand together and in order.
    fresh = np.ones(len(day_all), bool)
    fresh[1:] = (who_all[1:] != who_all[:-1]) | (day_all[1:] != day_all[:-1])
    starts = np.flatnonzero(fresh)
    who, day = who_all[starts], day_all[starts]
    money = np.add.reduceat(acts.money[bought], starts) if len(starts) else np.zeros(0)
    return _described(who, day, money, np.asarray(total, np.float64), (moment - 1) // DAY_US)


def _described(who: Integers, day: Integers, money: Floats, total: Floats, today: int) -> Purchases:
    """The rows of a person stand together, in the order of days."""
    fresh = np.ones(len(who), bool)
    fresh[1:] = who[1:] != who[:-1]
    starts = np.flatnonzero(fresh)
    count = np.diff([*starts, len(who)]).astype(np.int64)
    ends = starts + count - 1
    lives = Lives(count - 1, day[ends] - day[starts], today - day[starts])
    people, age = who[starts], today - day
    owner = np.repeat(np.arange(len(starts)), count)
    recent = [np.bincount(owner[age < days], minlength=len(starts)) for days in _WINDOWS]
    again = count > 1
    mean = np.where(again, lives.recency / np.maximum(lives.frequency, 1), np.nan)
    last = np.where(again, day[ends] - day[np.maximum(ends - 1, 0)], np.nan)
    worth = np.maximum(total[people], 0.0) / np.maximum(count, 1)
    signs = (
        lives.frequency,
        today - day[ends],
        lives.age,
        *recent,
        mean,
        last,
        (today - day[ends]) / np.maximum(mean, 1.0),
        np.log1p(worth),
        np.log1p(np.maximum(money[starts], 0.0)),
        np.log1p(np.maximum(money[ends], 0.0)),
    )
    return Purchases(who=people, lives=lives, worth=worth, signs=np.column_stack(signs).astype(np.float64))


def inner_moments(past: EventHistory, moment: int, days: float) -> list[tuple[int, float]]:
    """Moments to learn from and how many days after each are looked at, the newest first.

    Where history is too short for any span of so many days, spans are shorter: the newest leaves two thirds of the
    history before it. The span of every moment ends before the given one (µs UTC).
    """
    found = [(one, float(days)) for one in training_moments(past, moment, days, _MOMENTS)]
    if not found:
        newest = np.floor((moment - past.first) / DAY_US / _THIRD)
        spans = [newest + past.settings.proving.step_days * place for place in range(_MOMENTS)]
        found = [(moment - round(span * DAY_US), float(min(days, span))) for span in spans if span >= 1.0]
    kept = [one for one in found if one[0] - past.first >= LEAST_HISTORY_DAYS * DAY_US]
    return [one for one in kept if len(np.unique(past.before(one[0], PURCHASE).who)) >= _FEWEST]


def bought_days(past: EventHistory, moment: int, days: float, by: int, who: Integers) -> Floats:
    """Days (UTC) with a purchase in the days after the moment, of each person, as known by another moment."""
    acts = past.during(moment, days, by, PURCHASE)
    since = acts.us // DAY_US - moment // DAY_US
    width = int(since.max(initial=0)) + 1
    different = np.unique(acts.who * width + since)
    found: Floats = np.bincount(different // width, minlength=len(past.people))[who].astype(np.float64)
    return found


def spent(past: EventHistory, moment: int, days: float, by: int, who: Integers) -> Floats:
    """Money of purchases less returns in the days after the moment, of each person, as known by another moment."""
    acts = past.during(moment, days, by, PURCHASE, RETURN)
    money = np.where(acts.role == RETURN, -acts.money, acts.money)
    found: Floats = np.bincount(acts.who, money, len(past.people))[who].astype(np.float64)
    return found
