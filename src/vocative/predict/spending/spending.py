"""How much money each person spends in the days to come: three ways that err differently, each counting a third.

`alive` multiplies the purchases to come (`buying_while_alive`) by what one is worth to the person (Gamma-Gamma).
`paces` is least squares with a ridge on the person's paces of spending over several windows and fading memories: the
mean is asked for, and money adds up as it is. `trees` are boosted for sums that are often nothing (Tweedie; Zhou, Qian
and Yang, 2022, "Tweedie Gradient Boosting for Extremely Unbalanced Zero-Inflated Data"). Where history is shorter than
what is asked for, all are learnt as paces over shorter spans.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers, distinct
from vocative.predict.learners.buy_till_you_die import Spending, fit_spending
from vocative.predict.learners.logistic import least_squares, rounded
from vocative.predict.learners.trees import Trees, grow
from vocative.predict.predictor import Parameters
from vocative.predict.spending.order_process import OrderForecast, buying_of, foresee, learnt
from vocative.predict.spending.purchases import PURCHASE, RETURN, Purchases, inner_moments, purchases_at, spent

_UNIT_DAYS = 90
_RIDGE = 30.0
_WINDOWS = (28, 90, 364)
_HALF_LIVES = (28.0, 90.0)
_LEAST_KNOWN = 28.0
_LEAST_START = 0.01
_ROUNDS = 180
_LEAF, _LEAST_LEAF, _LEAF_SHARE = 100, 10, 40
_MOST_ROWS = 120_000
_SHRUNK: dict[str, object] = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.5,
    "num_leaves": 7,
    "learning_rate": 0.05,
    "lambda_l2": 10.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
}


@dataclass(frozen=True, slots=True)
class Spent:
    """Money to come of people (ascending), by each way and by all together; and the purchases it rests on."""

    who: Integers
    value: Floats
    ways: dict[str, Floats]
    each: Floats
    foreseen: OrderForecast


def learn_spending(past: EventHistory, moment: int, days: float) -> Parameters:
    """Learn from what was known before the moment (µs UTC) how much is spent within the days."""
    bought = purchases_at(past, moment)
    content: Parameters = {
        "buying": learnt(past, moment, days),
        "worth": asdict(_worth(bought)),
        "paces": None,
    }
    moments = inner_moments(past, moment, days)
    if not moments:
        return content
    found = [_seen(past, one, span, moment, days) for one, span in moments]
    paces, design, pace, span = (np.concatenate([one[place] for one in found]) for place in range(4))
    every = max(1, -(-len(pace) // _MOST_ROWS))
    mean, scale = paces.mean(axis=0), np.maximum(paces.std(axis=0), 1e-6)
    weights = least_squares(_columns(paces, mean, scale), pace, _RIDGE)
    usual = max(float(np.maximum(pace, 0.0).mean()), 1e-9)
    money = np.maximum(pace * span / _UNIT_DAYS, 0.0) / usual
    leaf = max(_LEAST_LEAF, min(_LEAF, len(pace[::every]) // _LEAF_SHARE))
    options = {**_SHRUNK, "min_data_in_leaf": leaf}
    start = _start(design, usual) + np.log(span / _UNIT_DAYS)
    trees = grow(design[::every], money[::every], _ROUNDS, options, offset=start[::every])
    content["paces"] = {"mean": rounded(mean), "scale": rounded(scale), "weights": rounded(weights)}
    content["trees"] = {"text": trees.text, "usual": usual}
    return content


def foresee_spending(past: EventHistory, moment: int, content: Parameters, days: float) -> Spent:
    """What everybody who had bought spends in the days after the moment, by what was learnt."""
    foreseen = foresee(past, moment, content["buying"], days)
    bought = foreseen.bought
    each = Spending(**content["worth"]).each(bought.lives.frequency + 1, bought.worth)
    ways = {"alive": foreseen.expected * each}
    if content["paces"] is not None:
        paces = _paces(past, moment, bought.who)
        told = {name: np.array(values) for name, values in content["paces"].items()}
        linear = _columns(paces, told["mean"], told["scale"]) @ told["weights"]
        ways["paces"] = np.maximum(linear, 0.0) * days / _UNIT_DAYS
        design, usual = _design(bought, paces, days), float(content["trees"]["usual"])
        score = Trees(content["trees"]["text"]).score(design) + _start(design, usual)
        ways["trees"] = np.exp(score) * usual * days / _UNIT_DAYS
    value = np.asarray(np.mean(list(ways.values()), axis=0), np.float64)
    return Spent(bought.who, value, ways, each, foreseen)


def _seen(past: EventHistory, moment: int, span: float, by: int, days: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Paces, what trees see, money that was then spent (for 90 days), and the days in which it was."""
    bought = purchases_at(past, moment)
    paces = _paces(past, moment, bought.who)
    money = spent(past, moment, span, by, bought.who)
    return paces, _design(bought, paces, days), money * _UNIT_DAYS / span, np.full(len(money), span)


def _worth(bought: Purchases) -> Spending:
    return fit_spending(bought.lives.frequency + 1, bought.worth)


def _design(bought: Purchases, paces: Floats, days: float) -> Floats:
    """What trees see: paces, signs, and the money that lives as customers alone would make expect."""
    buying = buying_of(bought.lives)
    each = _worth(bought).each(bought.lives.frequency + 1, bought.worth)
    alive = buying.expected(bought.lives, days) * each * _UNIT_DAYS / days
    # Single precision, so that the last digits of sums do not decide on which side of a split somebody falls.
    return np.column_stack([paces, bought.signs, alive]).astype(np.float32).astype(np.float64)


def _start(design: Floats, usual: float) -> Floats:
    """Where trees start from: what lives as customers alone make expect.

    Trees cannot tell more than they have seen; as a factor on this they follow those who spend most.
    """
    return np.asarray(np.log(np.maximum(design[:, -1] / usual, _LEAST_START)))


def _columns(paces: Floats, mean: Floats, scale: Floats) -> Floats:
    return np.hstack([np.ones((len(paces), 1)), np.clip((paces - mean) / scale, -6.0, 20.0)])


def _paces(past: EventHistory, moment: int, who: Integers) -> Floats:
    """What spending is told from: paces, all for 90 days and for the time that is known, so that moments compare."""
    acts = past.before(moment, PURCHASE, RETURN)
    money = np.where(acts.role == RETURN, -acts.money, acts.money)
    age = (moment - acts.us) / DAY_US
    length = len(past.people)
    first, last = np.full(length, 0.0), np.full(length, 730.0)
    np.maximum.at(first, acts.who, age)
    np.minimum.at(last, acts.who, age)
    known, history = np.maximum(first[who], _LEAST_KNOWN), max((moment - past.first) / DAY_US, _LEAST_KNOWN)

    def pace(weight: Floats, span: Floats) -> Floats:
        return np.asarray(np.bincount(acts.who, weight, length)[who] * _UNIT_DAYS / span, np.float64)

    paces = [pace(money * (age < days), np.minimum(known, days)) for days in _WINDOWS]
    for life in _HALF_LIVES:
        memory = life / np.log(2.0) * (1.0 - np.exp2(-known / life))
        paces.append(pace(money * np.exp2(-age / life), memory))
    away = np.minimum(last[who], history)
    days, seen = distinct(acts.who, age.astype(np.int64))
    busy = [
        np.bincount(days[seen < span], minlength=length)[who] * _UNIT_DAYS / np.minimum(known, span)
        for span in (28, 90)
    ]
    root = np.sqrt(np.maximum(paces[1], 0.0))
    return np.stack([*paces, root, paces[2] * np.log1p(away), np.log1p(away), *busy], axis=1)
