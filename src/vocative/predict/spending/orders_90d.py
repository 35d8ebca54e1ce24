"""How many days with an order will a person have in the next 90 days?

Two views of the same people, taken together (see `buying_while_alive`). The interval comes from the errors at the
newest complete moment of what had been learnt before it (see `conformal`). Counts come in whole numbers; how much is
cut off on both sides is what holds nine in ten of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers
from vocative.predict.learners.conformal import interval, learn_interval
from vocative.predict.predictor import About, Baseline, Forecast, Kind, Outcome, Parameters
from vocative.predict.spending.horizon import Ahead
from vocative.predict.spending.order_process import foresee, learnt
from vocative.predict.spending.purchases import bought_days, inner_moments, purchases_at

_DAYS = 90
_SHARE = 0.9
_TAILS = (0.05, 0.04, 0.06, 0.03, 0.07, 0.08, 0.1, 0.125, 0.15, 0.2)
_LEAST_KNOWN = 14.0


_ABOUT = About(
    title="Orders of the next 90 days",
    rank=60,
    question="on how many of the next 90 days the person orders",
    rests_on="purchases",
    people=3000,
)


@dataclass(frozen=True, slots=True)
class Orders(Ahead):
    """Days with an order in the next `days`."""

    days: int = _DAYS
    name: str = "orders_90d"
    about: About = _ABOUT
    kind: Kind = "count"
    unit: str = "orders"

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        return {"trailing_count": self._trailing, "own_rate": self._own_rate, "everybodys_mean": self._everybodys}

    @property
    def needs(self) -> str:
        """See `Predictor.needs`."""
        return "purchases with their time, by those who made them"

    @property
    def unseen(self) -> str:
        """See `Predictor.unseen`."""
        return "nothing; who was seen but never bought is told 0"

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`."""
        who = past.present(moment)
        return Outcome(who=who, value=bought_days(past, moment, self.days, by, who))

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`."""
        content = learnt(past, moment, self.days)
        before, span, learnt_then = moment, float(self.days), content
        if moments := inner_moments(past, moment, self.days):
            before, span = moments[0]
            learnt_then = learnt(past, before, span)
        then = foresee(past, before, learnt_then, span)
        came = bought_days(past, before, span, moment, then.bought.who) if moments else then.expected
        # Of a shorter span the errors are those of as many orders as the whole one brings.
        grown = self.days / span
        return {**content, "interval": _fitting(then.expected * grown, came * grown)}

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        found = foresee(past, moment, content, self.days)
        low, high = _whole(content["interval"], found.expected)
        who = past.present(moment)
        # Who never bought is not what was learnt from.
        place = np.searchsorted(who, found.bought.who)
        columns = np.zeros((4, len(who)))
        orders = found.bought.lives.frequency + 1.0
        columns[:, place] = found.expected, low, high, orders
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

    def _trailing(self, past: EventHistory, moment: int) -> Forecast:
        """Days with an order in as many days before; of who is known for less, at the same pace."""
        bought = purchases_at(past, moment)
        back = moment - round(self.days * DAY_US)
        count = bought_days(past, back, self.days, moment, bought.who)
        known = np.clip(bought.lives.age.astype(np.float64), _LEAST_KNOWN, self.days)
        return _flat(past, moment, bought.who, count * self.days / known)

    def _own_rate(self, past: EventHistory, moment: int) -> Forecast:
        """The pace since the first order, without a thought of leaving."""
        bought = purchases_at(past, moment)
        known = np.maximum(bought.lives.age.astype(np.float64), _LEAST_KNOWN)
        return _flat(past, moment, bought.who, bought.lives.frequency * self.days / known)

    def _everybodys(self, past: EventHistory, moment: int) -> Forecast:
        """The mean of everybody at the newest moment whose outcome is complete."""
        who = purchases_at(past, moment).who
        mean = 0.0
        if moments := inner_moments(past, moment, self.days):
            before, span = moments[0]
            then = purchases_at(past, before).who
            mean = float(bought_days(past, before, span, moment, then).mean()) * self.days / span
        return _flat(past, moment, who, np.full(len(who), mean))


def _whole(content: Parameters, value: Floats) -> tuple[Floats, Floats]:
    """An interval in whole numbers, with the expectation in it."""
    low, high = interval(content, value)
    return np.minimum(np.floor(low), value), np.maximum(np.floor(high), value)


def _fitting(value: Floats, came: Floats) -> Parameters:
    """The interval whose whole numbers hold as near to nine in ten of what came as can be."""

    def off(content: Parameters) -> float:
        if not len(value):
            return 0.0
        low, high = _whole(content, value)
        return round(abs(float(((low <= came) & (came <= high)).mean()) - _SHARE), 9)

    return min((learn_interval(value, came, float(tail)) for tail in _TAILS), key=off)


def _flat(past: EventHistory, moment: int, bought: Integers, told: Floats) -> Forecast:
    who = past.present(moment)
    value = np.zeros(len(who))
    value[np.searchsorted(who, bought)] = told
    return Forecast(who=who, value=value, low=value, high=value, support=np.zeros(len(who)))


ORDERS_90D = Orders()
