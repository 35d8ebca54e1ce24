"""How much money will a person spend in the next 90 days? Purchases less returns.

Three ways that err differently are taken together (see `spending`). The interval comes from the errors at the newest
complete moment of what had been learnt before it (see `conformal`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers, distinct
from vocative.predict.learners.conformal import interval, learn_interval
from vocative.predict.predictor import About, Baseline, Forecast, Kind, Outcome, Parameters, training_moments
from vocative.predict.spending.horizon import Ahead
from vocative.predict.spending.purchases import PURCHASE, RETURN, inner_moments, spent
from vocative.predict.spending.spending import foresee_spending, learn_spending

_DAYS = 90


_ABOUT = About(
    title="Money of the next 90 days",
    rank=50,
    question="how much money the person spends in the next 90 days",
    rests_on="purchases",
    people=1500,
)


@dataclass(frozen=True, slots=True)
class Spend(Ahead):
    """Money of the next `days`."""

    days: int = _DAYS
    name: str = "spend_90d"
    about: About = _ABOUT
    kind: Kind = "money"
    unit: str = "money"

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        return {
            "trailing_rate": lambda past, moment: _trailing(past, moment, self.days),
            "everybodys_mean": lambda past, moment: _everybodys(past, moment, self.days),
            "zero": _zero,
        }

    @property
    def needs(self) -> str:
        """See `Predictor.needs`."""
        return "purchases with their money, and returns where there are any"

    @property
    def unseen(self) -> str:
        """See `Predictor.unseen`."""
        return "nothing; who was seen but never bought is told 0"

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`."""
        who = past.present(moment)
        return Outcome(who=who, value=spent(past, moment, self.days, by, who))

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`."""
        content = learn_spending(past, moment, self.days)
        before, span, learnt_then = moment, float(self.days), content
        if moments := inner_moments(past, moment, self.days):
            before, span = moments[0]
            learnt_then = learn_spending(past, before, span)
        then = foresee_spending(past, before, learnt_then, span)
        came = spent(past, before, span, moment, then.who) if moments else then.value
        # Of a shorter span the errors are those of as much money as the whole one brings.
        grown = self.days / span
        return {**content, "interval": learn_interval(then.value * grown, came * grown)}

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        who = past.present(moment)
        found = foresee_spending(past, moment, content, self.days)
        place = np.searchsorted(who, found.who)
        value, support = np.zeros(len(who)), np.zeros(len(who))
        # Who never bought is not what was learnt from.
        value[place] = found.value
        foreseen, bought = found.foreseen, found.foreseen.bought
        support[place] = bought.lives.frequency + 1
        low, high = interval(content["interval"], value)
        row_of = np.full(len(who), -1)
        row_of[place] = np.arange(len(found.who))

        def reasons(row: int) -> dict[str, object]:
            if (at := int(row_of[row])) < 0:
                return {}
            return {
                "orders_expected": round(float(foreseen.expected[at]), 2),
                "money_so_far": round(float(bought.worth[at] * (bought.lives.frequency[at] + 1)), 2),
                "money_per_order": round(float(found.each[at]), 2),
                "still_a_customer": round(float(foreseen.alive[at]), 3),
                **{f"money_by_{name}": round(float(one[at]), 2) for name, one in found.ways.items()},
            }

        return Forecast(
            who=who, value=value, low=low * (support > 0), high=high * (support > 0), support=support, reasons=reasons
        )


def _trailing(past: EventHistory, moment: int, days: int) -> Forecast:
    """What the person spent in the last so many days; of who is known for less, at the same pace."""
    who = past.present(moment)
    acts = past.before(moment, PURCHASE, RETURN)
    first = np.full(len(past.people), moment)
    np.minimum.at(first, acts.who, acts.us)
    recent = acts.us >= moment - days * DAY_US
    money = np.where(acts.role == RETURN, -acts.money, acts.money)[recent]
    total = np.bincount(acts.who[recent], money, len(past.people))[who]
    known = np.clip((moment - first[who]) / DAY_US, 14.0, days)
    return _flat(past, moment, who, np.maximum(total, 0.0) * days / known)


def _everybodys(past: EventHistory, moment: int, days: int) -> Forecast:
    """The mean of everybody at the newest moment whose outcome is complete."""
    who = past.present(moment)
    moments = training_moments(past, moment, days, 1)
    then = past.present(moments[0]) if moments else np.zeros(0, np.int64)
    mean = float(spent(past, moments[0], days, moment, then).mean()) if len(then) else 0.0
    return _flat(past, moment, who, np.full(len(who), mean))


def _zero(past: EventHistory, moment: int) -> Forecast:
    """Nothing."""
    who = past.present(moment)
    return _flat(past, moment, who, np.zeros(len(who)))


def _flat(past: EventHistory, moment: int, who: Integers, value: Floats) -> Forecast:
    return Forecast(who=who, value=value, low=value, high=value, support=_orders(past, moment, who))


def _orders(past: EventHistory, moment: int, who: Integers) -> Floats:
    acts = past.before(moment, PURCHASE)
    days = distinct(acts.who, acts.us // DAY_US)[0]
    found: Floats = np.bincount(days, minlength=len(past.people))[who].astype(np.float64)
    return found


SPEND_90D = Spend()
