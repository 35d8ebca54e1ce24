"""The rhythm of repeat purchases as a module: judged like the others, against rates that know no rhythm."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from msgspec import json

from vocative.predict.module import Baseline, Content, Forecast, Kind, Outcome
from vocative.predict.past import DAY_US, Floats, Integers, Past, distinct, places
from vocative.predict.repeat_rhythm import MODULE, predict_repeats

_PRIOR_DAYS = 30.0
_HISTORY_DAYS = 60.0


class RepeatRhythm:
    """Which categories a person buys again within a week; nothing is fitted, everything is counted anew."""

    name = MODULE
    kind: Kind = "probability"
    unit = "probability"
    horizon_days = 7.0

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Module.baselines`."""
        return {"own_rate": self._own_rate, "everybodys_rate": self._everybodys_rate}

    def needs_days(self) -> float:
        """See `Module.needs_days`."""
        return _HISTORY_DAYS

    def fit(self, past: Past, moment: int) -> Content:  # noqa: ARG002
        """See `Module.fit`: the pauses themselves are the model."""
        return {}

    def forecast(self, past: Past, moment: int, content: Content) -> Forecast:  # noqa: ARG002
        """See `Module.forecast`."""
        return past.once(MODULE, moment, self._counted)

    def outcome(self, past: Past, moment: int, by: int) -> Outcome:
        """See `Module.outcome`: the pairs of person and category that came true."""
        category, _ = past.categories(moment)
        lines = past.lines_during(moment, self.horizon_days, by)
        known = category[lines.item] >= 0
        who, target = distinct(lines.who[known], category[lines.item[known]])
        return Outcome(who=who, value=np.ones(len(who)), target=target)

    def _counted(self, past: Past, moment: int) -> Forecast:
        table = predict_repeats(past.engine, past.sources, past.settings, moment, round(self.horizon_days))
        _, names = past.categories(moment)
        targets = pa.array(names, pa.string())
        facts = table["reasons"].to_pylist()
        value, low, high, support = (
            np.asarray(table[name], np.float64) for name in ("value", "low", "high", "support")
        )
        return Forecast(
            who=past.numbers(table["person_id"]),
            value=value,
            low=low,
            high=high,
            support=support,
            target=places(table["target"], targets),
            targets=targets,
            reasons=lambda row: json.decode(str(facts[row]), type=dict[str, object]),
        )

    def _own_rate(self, past: Past, moment: int) -> Forecast:
        """Days of purchase over days since the first, steadied by everybody's rate, as if there were no rhythm."""
        return self._flat(past, moment, own=True)

    def _everybodys_rate(self, past: Past, moment: int) -> Forecast:
        return self._flat(past, moment, own=False)

    def _flat(self, past: Past, moment: int, *, own: bool) -> Forecast:
        category, names = past.categories(moment)
        who, target, days, span = _days_bought(past, moment, category, len(names))
        count, exposure = (np.bincount(target, values, max(len(names), 1)) for values in (days - 1.0, span))
        shared = ((count + 1.0) / (exposure + _PRIOR_DAYS))[target]
        rate = (days - 1.0 + _PRIOR_DAYS * shared) / (span + _PRIOR_DAYS) if own else shared
        value = 1.0 - np.exp(-rate * self.horizon_days)
        targets = pa.array(names, pa.string())
        return Forecast(who=who, value=value, low=value, high=value, support=days - 1.0, target=target, targets=targets)


def _days_bought(
    past: Past, moment: int, category: Integers, categories: int
) -> tuple[Integers, Integers, Floats, Floats]:
    """Each person and category ever bought, with the days (UTC) it was bought on and the days since the first."""
    lines = past.lines_before(moment)
    known = category[lines.item] >= 0
    width = max(categories, 1)
    day = lines.us[known] // DAY_US
    first_day = int(day.min()) if len(day) else 0
    pair, day = distinct(lines.who[known] * width + category[lines.item[known]], day - first_day)
    fresh = np.ones(len(pair), bool)
    fresh[1:] = pair[1:] != pair[:-1]
    starts = np.flatnonzero(fresh)
    count = np.diff([*starts, len(pair)]).astype(np.float64)
    span = (moment // DAY_US - first_day - day[starts]).astype(np.float64)
    return pair[starts] // width, pair[starts] % width, count, span


REPEAT_RHYTHM = RepeatRhythm()
