"""When does what a person keeps at home run out? The days until they buy a consumable again, at most 56.

Consumables are categories that people come back to, as their purchases show. Trees see the person's own gaps, how much
was taken last against what is usual and how long a unit has lasted (see `consumption`); they tell the median and a
90 % interval of the days from the moment on (see `waiting`). Running out itself is never seen: the next purchase stands
for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, find
from vocative.predict.predictor import About, Baseline, Forecast, Kind, Outcome, Parameters, training_moments
from vocative.predict.spending.consumption import SIGNS, Stocks, stocks_at
from vocative.predict.spending.horizon import Ahead
from vocative.predict.spending.waiting import Waited, foresee_waiting, learn_waiting

_DAYS = 56
_AT = {name: place for place, name in enumerate(SIGNS)}


_ABOUT = About(
    title="Days until it runs out",
    rank=80,
    question="in how many days the person has used up what they keep at home, at most 56",
    rests_on="repeats",
    people=19,
    counted="people with something to repeat",
)


@dataclass(frozen=True, slots=True)
class RunsOut(Ahead):
    """Days until a person buys a consumable again, at most `days`; the target is its category."""

    days: int = _DAYS
    name: str = "runs_out"
    about: About = _ABOUT
    kind: Kind = "days"
    unit: str = "days"

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        return {
            "own_mean_gap": lambda past, moment: self._after(past, moment, "gap_days_mean"),
            "own_last_gap": lambda past, moment: self._after(past, moment, "gap_days_last"),
            "own_gap_anew": self._anew,
            "typical_gap": lambda past, moment: self._after(past, moment, "gap_days_everybody"),
            "everybodys_median": self._everybodys,
        }

    @property
    def needs(self) -> str:
        """See `Predictor.needs`."""
        return "purchases with their items, items with a category; quantities where there are any"

    @property
    def unseen(self) -> str:
        """See `Predictor.unseen`."""
        return "nothing; only what a person bought on two days or more can run out"

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`: pairs of person and category that were bought within the horizon."""
        category, names = past.categories(moment)
        lines = past.lines_during(moment, self.days, by)
        known, width = category[lines.item] >= 0, max(len(names), 1)
        key = lines.who[known] * width + category[lines.item[known]]
        order = np.lexsort((lines.us[known], key))
        first = np.ones(len(order), bool)
        first[1:] = key[order][1:] != key[order][:-1]
        key, us = key[order][first], lines.us[known][order][first]
        return Outcome(who=key // width, value=(us - moment) / DAY_US, target=key % width)

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`."""
        seen = []
        for one in training_moments(past, moment, self.days):
            stocks = self._stocks(past, one)
            seen.append(Waited(stocks.signs, self._until(past, one, moment, stocks)))
        return learn_waiting([one for one in seen if len(one.days)], self.days)

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        stocks = self._stocks(past, moment)
        return self._told(past, moment, stocks, *foresee_waiting(stocks.signs, content, self.days))

    def _stocks(self, past: EventHistory, moment: int) -> Stocks:
        return past.once("stocks", moment, stocks_at)

    def _until(self, past: EventHistory, moment: int, by: int, stocks: Stocks) -> Floats:
        """Days until each pair is bought again, at most the horizon."""
        came = self.outcome(past, moment, by)
        found = np.full(len(stocks.who), float(self.days))
        if came.target is not None and len(came.who):
            width = 1 + max(int(came.target.max()), int(stocks.target.max(initial=0)))
            place, there = find(came.who * width + came.target, stocks.who * width + stocks.target)
            found[there] = np.minimum(came.value[place[there]], self.days)
        return found

    def _after(self, past: EventHistory, moment: int, gap: str) -> Forecast:
        """The last purchase plus a gap; what is overdue has run out."""
        stocks = self._stocks(past, moment)
        value = np.clip(stocks.signs[:, _AT[gap]] - stocks.signs[:, _AT["days_since"]], 0.0, self.days)
        return self._told(past, moment, stocks, value, value, value)

    def _anew(self, past: EventHistory, moment: int) -> Forecast:
        """The own mean gap counted from now on, as if purchases had no rhythm."""
        stocks = self._stocks(past, moment)
        value = np.minimum(stocks.signs[:, _AT["gap_days_mean"]], self.days)
        return self._told(past, moment, stocks, value, value, value)

    def _everybodys(self, past: EventHistory, moment: int) -> Forecast:
        """The median of all pairs at the newest moment whose outcome is complete."""
        stocks, value = self._stocks(past, moment), float(self.days)
        if moments := training_moments(past, moment, self.days, 1):
            then = self._until(past, moments[0], moment, self._stocks(past, moments[0]))
            value = float(np.median(then)) if len(then) else value
        flat = np.full(len(stocks.who), value)
        return self._told(past, moment, stocks, flat, flat, flat)

    def _told(
        self, past: EventHistory, moment: int, stocks: Stocks, low: Floats, value: Floats, high: Floats
    ) -> Forecast:
        signs = stocks.signs

        def reasons(row: int) -> dict[str, object]:
            return {
                "typical_days": float(signs[row, _AT["gap_days_median"]]),
                "days_since": int(signs[row, _AT["days_since"]]),
                "pauses": int(signs[row, _AT["gaps"]]),
                "quantity_last": round(float(signs[row, _AT["quantity_last"]]), 2),
                "quantity_last_over_usual": round(float(signs[row, _AT["quantity_last_over_usual"]]), 2),
            }

        return Forecast(
            who=stocks.who,
            value=value,
            low=low,
            high=high,
            support=signs[:, _AT["gaps"]],
            target=stocks.target,
            targets=pa.array(past.categories(moment)[1], pa.string()),
            reasons=reasons,
        )


RUNS_OUT = RunsOut()
