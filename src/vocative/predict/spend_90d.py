"""How much money will a person spend in the next 90 days? Purchases less returns.

Least squares with a ridge on the person's paces of spending over several windows and fading memories: the mean is
asked for, and money adds up as it is. The interval comes from the errors at the newest complete moment, made
comparable by their usual size at that level of spending.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vocative.predict.linear import least_squares, rounded
from vocative.predict.module import LEAST_HISTORY_DAYS, Baseline, Content, Forecast, Kind, Outcome, training_moments
from vocative.predict.past import DAY_US, Floats, Integers, Past, distinct
from vocative.profile.scope import CODES

_DAYS = 90
_RIDGES = (1.0, 30.0, 1000.0)
_QUANTILES = (0.05, 0.95)
_REASONS = 3
_WINDOWS = (28, 90, 364)
_HALF_LIVES = (28.0, 90.0)
_LEAST_KNOWN = 28.0
_PURCHASE, _RETURN = CODES["purchase"], CODES["return"]


class Spend:
    """Money of the next 90 days."""

    name = "spend_90d"
    kind: Kind = "money"
    unit = "money"
    horizon_days = float(_DAYS)

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Module.baselines`."""
        return {"trailing_rate": _trailing, "everybodys_mean": _everybodys, "zero": _zero}

    @property
    def needs(self) -> str:
        """See `Module.needs`."""
        return "purchases with their money, and returns where there are any"

    @property
    def unseen(self) -> str:
        """See `Module.unseen`."""
        return "nothing; who was seen but never bought is told 0"

    def needs_days(self) -> float:
        """See `Module.needs_days`."""
        return _DAYS + LEAST_HISTORY_DAYS

    def outcome(self, past: Past, moment: int, by: int) -> Outcome:
        """See `Module.outcome`."""
        who = past.present(moment)
        return Outcome(who=who, value=_spent(past, moment, by, who))

    def fit(self, past: Past, moment: int) -> Content:
        """See `Module.fit`."""
        moments = training_moments(past, moment, _DAYS)
        signs = [_signs(past, one, _customers(past, one)) for one in moments]
        spent = [_spent(past, one, moment, _customers(past, one)) for one in moments]
        whole = np.vstack(signs)
        mean, scale = whole.mean(axis=0), np.maximum(whole.std(axis=0), 1e-6)
        designs = [_design(one, mean, scale) for one in signs]
        ridge, interval, size = _out_of_time(designs, spent)
        weights = least_squares(np.vstack(designs), np.concatenate(spent), ridge)
        return {
            "signs": list(_NAMES),
            "mean": rounded(mean),
            "scale": rounded(scale),
            "ridge": ridge,
            "weights": rounded(weights),
            "interval": interval,
            "size": size,
        }

    def forecast(self, past: Past, moment: int, content: Content) -> Forecast:
        """See `Module.forecast`."""
        who = past.present(moment)
        design = _design(_signs(past, moment, who), np.array(content["mean"]), np.array(content["scale"]))
        weights = np.array(content["weights"])
        orders = _orders(past, moment, who)
        # Who never bought is not what was learnt from.
        value = np.where(orders > 0, np.maximum(design @ weights, 0.0), 0.0)
        usual = _usual(content["size"], value)
        low, high = content["interval"]
        parts = design[:, 1:] * weights[1:]

        def reasons(row: int) -> dict[str, object]:
            best = np.argsort(-np.abs(parts[row]), kind="stable")[:_REASONS]
            return {_NAMES[place]: round(float(parts[row, place]), 2) for place in best}

        return Forecast(
            who=who,
            value=value,
            low=np.maximum(value + low * usual, 0.0),
            high=np.maximum(value + high * usual, 0.0),
            support=orders,
            reasons=reasons,
        )


_NAMES = (
    *(f"money_rate_{days}d" for days in _WINDOWS),
    *(f"money_rate_decayed_{life:g}d" for life in _HALF_LIVES),
    "money_rate_90d_root",
    "money_rate_90d_if_away",
    "days_since_purchase",
    "days_rate_28d",
    "days_rate_90d",
)


def _signs(past: Past, moment: int, who: Integers) -> Floats:
    """What spending is told from: paces, all for 90 days and for the time that is known, so that moments compare."""
    acts = past.before(moment, _PURCHASE, _RETURN)
    money = np.where(acts.role == _RETURN, -acts.money, acts.money)
    age = (moment - acts.us) / DAY_US
    length = len(past.people)
    first, last = np.full(length, 0.0), np.full(length, 730.0)
    np.maximum.at(first, acts.who, age)
    np.minimum.at(last, acts.who, age)
    known, history = np.maximum(first[who], _LEAST_KNOWN), max((moment - past.first) / DAY_US, _LEAST_KNOWN)

    def pace(weight: Floats, span: Floats) -> Floats:
        return np.asarray(np.bincount(acts.who, weight, length)[who] * _DAYS / span, np.float64)

    paces = [pace(money * (age < days), np.minimum(known, days)) for days in _WINDOWS]
    for life in _HALF_LIVES:
        memory = life / np.log(2.0) * (1.0 - np.exp2(-known / life))
        paces.append(pace(money * np.exp2(-age / life), memory))
    away = np.minimum(last[who], history)
    days, seen = distinct(acts.who, (age * 1.0).astype(np.int64))
    busy = [
        np.bincount(days[seen < span], minlength=length)[who] * _DAYS / np.minimum(known, span) for span in (28, 90)
    ]
    root = np.sqrt(np.maximum(paces[1], 0.0))
    return np.stack([*paces, root, paces[2] * np.log1p(away), np.log1p(away), *busy], axis=1)


def _customers(past: Past, moment: int) -> Integers:
    """Who had bought before the moment."""
    return np.asarray(np.unique(past.before(moment, _PURCHASE).who), np.int64)


def _design(signs: Floats, mean: Floats, scale: Floats) -> Floats:
    return np.hstack([np.ones((len(signs), 1)), np.clip((signs - mean) / scale, -6.0, 20.0)])


def _spent(past: Past, moment: int, by: int, who: Integers) -> Floats:
    acts = past.during(moment, _DAYS, by, _PURCHASE, _RETURN)
    money = np.where(acts.role == _RETURN, -acts.money, acts.money)
    found: Floats = np.bincount(acts.who, money, len(past.people))[who].astype(np.float64)
    return found


def _out_of_time(designs: list[Floats], spent: list[Floats]) -> tuple[float, list[float], list[float]]:
    """The best ridge; of errors over their usual size the outer quantiles; how the usual size grows with spending.

    With one moment only, its people are split in two halves.
    """
    if len(designs) > 1 and len(spent[1]):
        older, truth, newer, later = np.vstack(designs[1:]), np.concatenate(spent[1:]), designs[0], spent[0]
    else:
        half = 2 if len(spent[0]) > 1 else 1
        older, truth, newer, later = (
            designs[0][::2],
            spent[0][::2],
            designs[0][half - 1 :: half],
            spent[0][half - 1 :: half],
        )
    found = [(ridge, np.maximum(newer @ least_squares(older, truth, ridge), 0.0)) for ridge in _RIDGES]
    ridge, value = min(found, key=lambda one: float(((one[1] - later) ** 2).mean()))
    error = np.abs(later - value)
    root = np.sqrt(value)
    # Errors grow with spending.
    size = least_squares(np.stack([np.ones(len(value)), root, value], axis=1), error, 1.0)
    told = [round(float(one), 9) for one in size] + [round(float(max(np.quantile(error, 0.1), 1e-6)), 9)]
    low, high = np.quantile((later - value) / _usual(told, value), _QUANTILES)
    return ridge, [round(float(low), 9), round(float(high), 9)], told


def _usual(size: list[float], value: Floats) -> Floats:
    """The usual size of an error at each level of spending, not below the least seen."""
    return np.maximum(size[0] + size[1] * np.sqrt(value) + size[2] * value, size[3])


def _trailing(past: Past, moment: int) -> Forecast:
    """What the person spent in the last 90 days; of who is known for less, at the same pace."""
    who = past.present(moment)
    acts = past.before(moment, _PURCHASE, _RETURN)
    first = np.full(len(past.people), moment)
    np.minimum.at(first, acts.who, acts.us)
    recent = acts.us >= moment - _DAYS * DAY_US
    money = np.where(acts.role == _RETURN, -acts.money, acts.money)[recent]
    total = np.bincount(acts.who[recent], money, len(past.people))[who]
    known = np.clip((moment - first[who]) / DAY_US, 14.0, _DAYS)
    return _flat(past, moment, who, np.maximum(total, 0.0) * _DAYS / known)


def _everybodys(past: Past, moment: int) -> Forecast:
    """The mean of everybody at the newest moment whose outcome is complete."""
    who = past.present(moment)
    moments = training_moments(past, moment, _DAYS, 1)
    then = past.present(moments[0]) if moments else np.zeros(0, np.int64)
    mean = float(_spent(past, moments[0], moment, then).mean()) if len(then) else 0.0
    return _flat(past, moment, who, np.full(len(who), mean))


def _zero(past: Past, moment: int) -> Forecast:
    """Nothing."""
    who = past.present(moment)
    return _flat(past, moment, who, np.zeros(len(who)))


def _flat(past: Past, moment: int, who: Integers, value: Floats) -> Forecast:
    return Forecast(who=who, value=value, low=value, high=value, support=_orders(past, moment, who))


def _orders(past: Past, moment: int, who: Integers) -> Floats:
    acts = past.before(moment, _PURCHASE)
    days = distinct(acts.who, acts.us // DAY_US)[0]
    found: Floats = np.bincount(days, minlength=len(past.people))[who].astype(np.float64)
    return found


SPEND_90D = Spend()
