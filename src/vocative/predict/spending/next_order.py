"""In how many days does a person order again? Those who do not within 90 days are told 90, which means: not soon.

Told is the median of the days from the moment on, with a 90 % interval (see `waiting`). A date is the moment plus these
days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers
from vocative.predict.learners.buy_till_you_die import fit_buying
from vocative.predict.predictor import About, Baseline, Forecast, Kind, Outcome, Parameters, training_moments
from vocative.predict.spending.horizon import Ahead
from vocative.predict.spending.purchases import PURCHASE, SIGNS, Purchases, purchases_at
from vocative.predict.spending.waiting import Waited, foresee_waiting, learn_waiting

_DAYS = 90
_FEWEST = 20
_WEEK = 7
_GAP_LAST, _GAP_MEAN = SIGNS.index("gap_days_last"), SIGNS.index("gap_days_mean")


_ABOUT = About(
    title="Days until the next order",
    rank=70,
    question="in how many days the person orders again, at most 90",
    rests_on="purchases",
    people=140,
)


@dataclass(frozen=True, slots=True)
class NextOrder(Ahead):
    """Days until the next order, at most `days`."""

    days: int = _DAYS
    name: str = "next_order"
    about: About = _ABOUT
    kind: Kind = "days"
    unit: str = "days"

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        return {
            "own_mean_gap": lambda past, moment: self._own_gap(past, moment, _GAP_MEAN),
            "own_last_gap": lambda past, moment: self._own_gap(past, moment, _GAP_LAST),
            "everybodys_median": self._everybodys,
        }

    @property
    def needs(self) -> str:
        """See `Predictor.needs`."""
        return "purchases with their time, by those who made them"

    @property
    def unseen(self) -> str:
        """See `Predictor.unseen`."""
        return "nothing; only who has ordered is told when the next order comes"

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`."""
        found = self._until(past, moment, by)
        who = np.flatnonzero(found < self.days)
        return Outcome(who=who, value=found[who])

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`."""
        seen = []
        for one in training_moments(past, moment, self.days):
            bought = purchases_at(past, one)
            if len(bought.who) >= _FEWEST:
                seen.append(Waited(self._signs(past, one, bought), self._until(past, one, moment)[bought.who]))
        return learn_waiting(seen, self.days)

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        bought = purchases_at(past, moment)
        low, value, high = foresee_waiting(self._signs(past, moment, bought), content, self.days)
        lives = bought.lives

        def reasons(row: int) -> dict[str, object]:
            gap, last = bought.signs[row, _GAP_MEAN], bought.signs[row, _GAP_LAST]
            return {
                "days_since": int(lives.age[row] - lives.recency[row]),
                "gap_days_mean": None if np.isnan(gap) else round(float(gap), 1),
                "gap_days_last": None if np.isnan(last) else float(last),
                "days_with_orders": int(lives.frequency[row]) + 1,
            }

        return Forecast(
            who=bought.who,
            value=value,
            low=low,
            high=high,
            support=lives.frequency.astype(np.float64) + 1.0,
            reasons=reasons,
        )

    def _until(self, past: EventHistory, moment: int, by: int) -> Floats:
        """Days until everybody's next order, by number of the person, at most the horizon."""
        acts = past.during(moment, self.days, by, PURCHASE)
        found = np.full(len(past.people), float(self.days))
        np.minimum.at(found, acts.who, (acts.us - moment) / DAY_US)
        return found

    def _signs(self, past: EventHistory, moment: int, bought: Purchases) -> Floats:
        """What trees see: purchases, lives as customers, the spread of gaps, and the weekday the person came last."""
        if len(bought.who) < _FEWEST:
            pace = np.full((len(bought.who), 2), np.nan)
        else:
            buying = fit_buying(bought.lives)
            pace = np.column_stack([buying.expected(bought.lives, self.days), buying.alive(bought.lives)])
        since = bought.lives.age - bought.lives.recency
        return np.column_stack([bought.signs, pace, _gaps(past, moment, bought.who), since % _WEEK])

    def _own_gap(self, past: EventHistory, moment: int, sign: int) -> Forecast:
        """The last order plus the gap; who is overdue is expected now, who ordered once like everybody."""
        bought = purchases_at(past, moment)
        since = (bought.lives.age - bought.lives.recency).astype(np.float64)
        value = np.clip(bought.signs[:, sign] - since, 0.0, self.days)
        return _flat(bought, np.where(np.isnan(value), self._median(past, moment), value))

    def _everybodys(self, past: EventHistory, moment: int) -> Forecast:
        bought = purchases_at(past, moment)
        return _flat(bought, np.full(len(bought.who), self._median(past, moment)))

    def _median(self, past: EventHistory, moment: int) -> float:
        """The median of everybody at the newest moment whose outcome is complete."""
        moments = training_moments(past, moment, self.days, 1)
        then = purchases_at(past, moments[0]).who if moments else np.zeros(0, np.int64)
        return float(np.median(self._until(past, moments[0], moment)[then])) if len(then) else float(self.days)


def _gaps(past: EventHistory, moment: int, who: Integers) -> Floats:
    """Median and standard deviation of each person's gaps between days of purchase, and the shortest of the last 3."""
    acts = past.before(moment, PURCHASE)
    day = acts.us // DAY_US
    same = acts.who[1:] == acts.who[:-1]
    gap, owner = (day[1:] - day[:-1])[same], acts.who[1:][same]
    owner, gap = owner[gap > 0], gap[gap > 0].astype(np.float64)
    size = len(past.people)
    count = np.bincount(owner, minlength=size)
    found = np.full((size, 3), np.nan)
    some = count > 0
    mean = np.bincount(owner, gap, size)[some] / count[some]
    square = np.bincount(owner, gap**2, size)[some] / count[some]
    found[some, 1] = np.sqrt(np.maximum(square - mean**2, 0.0))
    ends = np.cumsum(count)
    recent = np.repeat(ends, count) - np.arange(len(gap)) <= 3
    shortest = np.full(size, np.inf)
    np.minimum.at(shortest, owner[recent], gap[recent])
    found[some, 2] = shortest[some]
    ordered = gap[np.lexsort((gap, owner))]
    starts = (ends - count)[some]
    found[some, 0] = (ordered[starts + (count[some] - 1) // 2] + ordered[starts + count[some] // 2]) / 2.0
    return found[who]


def _flat(bought: Purchases, value: Floats) -> Forecast:
    return Forecast(
        who=bought.who, value=value, low=value, high=value, support=bought.lives.frequency.astype(np.float64) + 1.0
    )


NEXT_ORDER = NextOrder()
