"""How many days with an order will a person have in the next 90 days?

Two views of the same people, taken together (see `buying_while_alive`). The interval is that of a negative binomial
around the expectation; how much of it is cut off on both sides is what would have covered 90 % at the newest complete
moment, of what had been learnt before it. Counts come in whole numbers, so an interval covers a little more or less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import nbinom

from vocative.predict.buying_while_alive import Foreseen, foresee, learnt
from vocative.predict.module import LEAST_HISTORY_DAYS, Baseline, Content, Forecast, Kind, Outcome
from vocative.predict.past import DAY_US, Floats, Integers, Past
from vocative.predict.purchases import bought_days, inner_moments, purchases_at

_DAYS = 90
_SHARE = 0.9
_TAIL = 0.05
_TAILS = np.geomspace(0.25, 0.005, 30)
_LEAST_KNOWN = 14.0


@dataclass(frozen=True, slots=True)
class Orders:
    """Days with an order in the next `days`."""

    days: int = _DAYS
    name: str = "orders_90d"
    kind: Kind = "count"
    unit: str = "orders"

    @property
    def horizon_days(self) -> float:
        """See `Module.horizon_days`."""
        return float(self.days)

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Module.baselines`."""
        return {"trailing_count": self._trailing, "own_rate": self._own_rate, "everybodys_mean": self._everybodys}

    @property
    def needs(self) -> str:
        """See `Module.needs`."""
        return "purchases with their time, by those who made them"

    @property
    def unseen(self) -> str:
        """See `Module.unseen`."""
        return "nothing; who was seen but never bought is told 0"

    def needs_days(self) -> float:
        """See `Module.needs_days`."""
        return self.days + LEAST_HISTORY_DAYS

    def outcome(self, past: Past, moment: int, by: int) -> Outcome:
        """See `Module.outcome`."""
        who = past.present(moment)
        return Outcome(who=who, value=bought_days(past, moment, self.days, by, who))

    def fit(self, past: Past, moment: int) -> Content:
        """See `Module.fit`."""
        content = learnt(past, moment, self.days)
        tail = _TAIL
        if moments := inner_moments(past, moment, self.days):
            before, span = moments[0]
            then = foresee(past, before, learnt(past, before, span), span)
            tail = _fitting_tail(then, bought_days(past, before, span, moment, then.bought.who))
        return {**content, "tail": tail}

    def forecast(self, past: Past, moment: int, content: Content) -> Forecast:
        """See `Module.forecast`."""
        found = foresee(past, moment, content, self.days)
        low, high = _interval(found, content["tail"])
        who = past.present(moment)
        # Who never bought is not what was learnt from.
        place = np.searchsorted(who, found.bought.who)
        columns = np.zeros((4, len(who)))
        orders = found.bought.lives.frequency + 1.0
        columns[:, place] = found.expected, np.minimum(low, found.expected), np.maximum(high, found.expected), orders
        row_of = np.full(len(who), -1)
        row_of[place] = np.arange(len(place))

        def reasons(row: int) -> dict[str, object]:
            if (at := int(row_of[row])) < 0:
                return {}
            age, frequency = int(found.bought.lives.age[at]), int(found.bought.lives.frequency[at])
            return {
                "days_with_orders": frequency + 1,
                "days_since": age - int(found.bought.lives.recency[at]),
                "gap_days_mean": round(int(found.bought.lives.recency[at]) / frequency, 1) if frequency else None,
                "still_a_customer": round(float(found.alive[at]), 3),
                "chance_of_any": round(float(found.active[at]), 3),
            }

        value, low, high, support = columns
        return Forecast(who=who, value=value, low=low, high=high, support=support, reasons=reasons)

    def _trailing(self, past: Past, moment: int) -> Forecast:
        """Days with an order in as many days before; of who is known for less, at the same pace."""
        bought = purchases_at(past, moment)
        back = moment - round(self.days * DAY_US)
        count = bought_days(past, back, self.days, moment, bought.who)
        known = np.clip(bought.lives.age.astype(np.float64), _LEAST_KNOWN, self.days)
        return _flat(past, moment, bought.who, count * self.days / known)

    def _own_rate(self, past: Past, moment: int) -> Forecast:
        """The pace since the first order, without a thought of leaving."""
        bought = purchases_at(past, moment)
        known = np.maximum(bought.lives.age.astype(np.float64), _LEAST_KNOWN)
        return _flat(past, moment, bought.who, bought.lives.frequency * self.days / known)

    def _everybodys(self, past: Past, moment: int) -> Forecast:
        """The mean of everybody at the newest moment whose outcome is complete."""
        who = purchases_at(past, moment).who
        mean = 0.0
        if moments := inner_moments(past, moment, self.days):
            before, span = moments[0]
            then = purchases_at(past, before).who
            mean = float(bought_days(past, before, span, moment, then).mean()) * self.days / span
        return _flat(past, moment, who, np.full(len(who), mean))


def _interval(found: Foreseen, tail: float) -> tuple[Floats, Floats]:
    """Counts that cut off so much of the negative binomial on either side."""
    chance = found.size / (found.size + np.maximum(found.expected, 1e-9))
    low, high = (nbinom.ppf(level, found.size, chance) for level in (tail, 1.0 - tail))
    return np.maximum(np.asarray(low, np.float64), 0.0), np.asarray(high, np.float64)


def _fitting_tail(found: Foreseen, came: Floats) -> float:
    """What has to be cut off so that about nine tenths of what came lie within."""
    best = (np.inf, _TAIL)
    for tail in _TAILS:
        low, high = _interval(found, float(tail))
        # Told intervals hold the expectation, too.
        low, high = np.minimum(low, found.expected), np.maximum(high, found.expected)
        off = abs(float(((low <= came) & (came <= high)).mean()) - _SHARE)
        best = min(best, (round(off, 9), round(float(tail), 6)))
    return best[1]


def _flat(past: Past, moment: int, bought: Integers, told: Floats) -> Forecast:
    who = past.present(moment)
    value = np.zeros(len(who))
    value[np.searchsorted(who, bought)] = told
    return Forecast(who=who, value=value, low=value, high=value, support=np.zeros(len(who)))


ORDERS_90D = Orders()
