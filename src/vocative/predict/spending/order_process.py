"""How many times each person buys in the days to come: two views of the same people, and what lies between them.

The one view says that people stop for good: BG/NBD (see `lifetimes`) at a moment of the past, put right by boosted
trees that learnt what then happened. The other says that whoever buys goes on: boosted trees on paces alone. Looking
further ahead than anything that could be learnt from, the first promises too little and the second too much; the mean
of two ways that err differently errs least (Bates and Granger, 1969, "The Combination of Forecasts"). Which weight
each should have cannot be learnt from one history, so both count the same.

P(active) is the mean of three ways: both views as counts spread by a negative binomial, and trees that put the
probability of BG/NBD right.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from vocative.predict.history.event_history import EventHistory, Floats
from vocative.predict.learners.buy_till_you_die import Buying, Lives, fit_buying
from vocative.predict.learners.logistic import log_loss
from vocative.predict.learners.trees import Trees, grow
from vocative.predict.predictor import Parameters
from vocative.predict.spending.purchases import SIGNS, Purchases, bought_days, inner_moments, purchases_at

_ROUNDS, _ROUNDS_DIRECT = 60, 180
_SHRUNK: dict[str, object] = {
    "num_leaves": 7,
    "learning_rate": 0.05,
    "lambda_l2": 10.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
}
_LEAF, _LEAST_LEAF, _LEAF_SHARE = 100, 10, 40
_UNIT_DAYS = 100.0
_MOST_ROWS = 120_000
_SPREAD_ROWS = 20_000
_LEAST = 1e-6
_USUAL = Buying(shape=0.5, rate=30.0, stop=0.8, go=2.5)

SIGNS_ALIVE = (*SIGNS, "pace_while_alive", "chance_while_alive")
"""What the trees see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForecast:
    """Purchases to come, as columns of one length.

    `expected` counts days of purchase, `active` is P(at least one), `alive` is P(still a customer), `size` is the
    shape of the negative binomial around the expectation.
    """

    bought: Purchases
    expected: Floats
    active: Floats
    alive: Floats
    size: Floats


def learnt(past: EventHistory, moment: int, days: float) -> Parameters:
    """What `learn` finds, once for all who ask for it."""
    return past.once(f"buying while alive {days:g}", moment, partial(learn, days=days))


def learn(past: EventHistory, moment: int, days: float) -> Parameters:
    """Learn from what was known before the moment how many purchases follow within the days."""
    from scipy.special import logit

    seen = [_seen(past, one, span, moment) for one, span in inner_moments(past, moment, days)]
    content: Parameters = {"buying": asdict(buying_of(purchases_at(past, moment).lives)), "trees": None}
    if not seen:
        return content
    every = max(1, -(-sum(len(one.came) for one in seen) // _MOST_ROWS))
    design, came = (np.concatenate([getattr(one, name)[::every] for one in seen]) for name in ("design", "came"))
    alive, active, span = (
        np.concatenate([getattr(one, name)[::every] for one in seen]) for name in ("expected", "active", "span")
    )
    leaf = {**_SHRUNK, "min_data_in_leaf": max(_LEAST_LEAF, min(_LEAF, len(came) // _LEAF_SHARE))}
    usual = float(f"{max(came.sum() / span.sum(), _LEAST):.9g}")
    pace = np.log(span * usual)
    put_right = grow(design, came, _ROUNDS, {**leaf, "objective": "poisson"}, offset=np.log(alive))
    going_on = grow(design, came, _ROUNDS_DIRECT, {**leaf, "objective": "poisson"}, offset=pace)
    chance = grow(design, (came > 0).astype(np.float64), _ROUNDS, {**leaf, "objective": "binary"}, offset=logit(active))
    mean = (alive * np.exp(put_right.score(design)) + np.exp(pace + going_on.score(design))) / 2.0
    few = slice(None, None, max(1, len(came) // _SPREAD_ROWS))
    content["trees"] = {"put_right": put_right.text, "going_on": going_on.text, "chance": chance.text}
    content["usual_pace"] = usual
    content["spread"] = _spread(mean[few], design[few, 0], came[few])
    return content


def buying_of(lives: Lives) -> Buying:
    """BG/NBD as fitted to these lives; with fewer than two of them one as of a shop like many."""
    return fit_buying(lives) if len(lives.frequency) > 1 else _USUAL


def foresee(past: EventHistory, moment: int, content: Parameters, days: float) -> OrderForecast:
    """What comes in the days after the moment for everybody who had bought, by what was learnt."""
    from scipy.special import expit, logit

    bought = purchases_at(past, moment)
    buying = Buying(**content["buying"])
    expected, active, design = views(buying, bought, days)
    alive = buying.alive(bought.lives)
    if content["trees"] is None:
        size = buying.shape + bought.lives.frequency.astype(np.float64)
        return OrderForecast(bought=bought, expected=expected, active=active, alive=alive, size=size)
    put_right, going_on, chance = (Trees(content["trees"][name]) for name in ("put_right", "going_on", "chance"))
    first = expected * np.exp(put_right.score(design))
    second = days * content["usual_pace"] * np.exp(going_on.score(design))
    size = _size(content["spread"], design[:, 0])
    ways = (_any(first, size), _any(second, size), expit(logit(active) + chance.score(design)))
    return OrderForecast(
        bought=bought,
        expected=(first + second) / 2.0,
        active=np.asarray(np.mean(ways, axis=0), np.float64),
        alive=alive,
        size=size,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """A moment of the past: what was foreseen by BG/NBD, the design of trees, and how many purchases came."""

    expected: Floats
    active: Floats
    design: Floats
    span: Floats
    came: Floats


def _seen(past: EventHistory, moment: int, span: float, by: int) -> _Seen:
    bought = purchases_at(past, moment)
    # Fitted to what was known then: so its errors are those of looking ahead.
    expected, active, design = views(fit_buying(bought.lives), bought, span)
    came = bought_days(past, moment, span, by, bought.who)
    return _Seen(expected, active, design, np.full(len(came), span), came)


def views(buying: Buying, bought: Purchases, days: float) -> tuple[Floats, Floats, Floats]:
    """Expectation and P(active) of BG/NBD in the days to come, and what the trees see (rows × `SIGNS_ALIVE`)."""
    lives: Lives = bought.lives
    expected = np.maximum(buying.expected(lives, days), _LEAST)
    active = np.clip(buying.active(lives, days), _LEAST, 1.0 - _LEAST)
    # Single precision, so that the last digits of sums do not decide on which side of a split somebody falls.
    design = np.column_stack([bought.signs, expected / days * _UNIT_DAYS, active]).astype(np.float32)
    return expected, active, design.astype(np.float64)


def _spread(mean: Floats, frequency: Floats, came: Floats) -> list[float]:
    """How counts are spread around their mean, so that the share of those with none is right."""
    from scipy.optimize import minimize

    some = (came > 0).astype(np.float64)

    def loss(logs: Floats) -> float:
        return float(log_loss(_any(mean, _size(np.exp(logs).tolist(), frequency)), some).mean())

    found = minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-7})
    return [float(f"{value:.6g}") for value in np.exp(np.clip(found.x, -6.0, 6.0))]


def _size(spread: list[float], frequency: Floats) -> Floats:
    return np.asarray(spread[0] * (spread[1] + frequency), np.float64)


def _any(mean: Floats, size: Floats) -> Floats:
    """P(at least one) of a negative binomial."""
    return np.asarray(1.0 - (1.0 + mean / size) ** -size, np.float64)
