"""What a data scientist would reach for to tell orders and money to come, on the same rows as ours."""

from __future__ import annotations

from dataclasses import dataclass
from time import process_time

import numpy as np
from scipy.special import expit, logit

from benchmarks.peers import ask
from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers
from vocative.predict.learners.buy_till_you_die import fit_buying
from vocative.predict.learners.logistic import least_squares, signed_log
from vocative.predict.learners.trees import grow
from vocative.predict.predictor import Forecast, training_moments
from vocative.predict.spending.order_process import views
from vocative.predict.spending.purchases import Purchases, bought_days, inner_moments, purchases_at, spent

_FOLDS = 5
_SMALL: dict[str, object] = {"num_leaves": 7, "learning_rate": 0.05, "min_data_in_leaf": 100, "lambda_l2": 10.0}
_ROUNDS = 150
_TWEEDIE: dict[str, object] = {
    "objective": "tweedie",
    "num_leaves": 15,
    "learning_rate": 0.05,
    "min_data_in_leaf": 50,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a peer tells of everybody, and the CPU seconds of its fit."""

    expected: Floats
    active: Floats | None
    money: Floats
    seconds: float


def lifetimes(bought: Purchases, days: float, *, pareto: bool) -> dict[str, Told]:
    """BG/NBD and Pareto/NBD with Gamma-Gamma of the package Lifetimes, in its own environment."""
    lives = bought.lives
    purchases = lives.frequency + 1
    told = ask(
        "lifetimes",
        {
            "frequency": lives.frequency.astype(np.float64),
            "recency": lives.recency.astype(np.float64),
            "age": lives.age.astype(np.float64),
            "purchases": purchases.astype(np.float64),
            "value": bought.worth,
            "days": np.array(days),
            "pareto": np.array(int(pareto)),
        },
    )
    each = np.array(told["gamma_gamma"]["each"])
    found = {}
    for name, key in (("BG/NBD", "bg_nbd"), ("Pareto/NBD", "pareto_nbd")):
        if key in told:
            one = told[key]
            expected, active = np.array(one["expected"]), np.array(one["active"]) if one["active"] else None
            found[name] = Told(expected, active, expected * each, float(one["seconds"]))
    return found


def bg_nbd_with_trees(past: EventHistory, moment: int, days: float) -> tuple[Floats, Floats, float]:
    """BG/NBD put right by trees that learnt at earlier moments: expectation, P(active) and CPU seconds of all fits."""
    bought = purchases_at(past, moment)
    start = process_time()
    expected, active, design = views(fit_buying(bought.lives), bought, days)
    parts: list[tuple[Floats, Floats, Floats, Floats]] = []
    for one, span in inner_moments(past, moment, days):
        then = purchases_at(past, one)
        parts.append((*views(fit_buying(then.lives), then, span), bought_days(past, one, span, moment, then.who)))
    offset, chance, signs, came = (np.concatenate([part[place] for part in parts]) for place in range(4))
    count = grow(signs, came, 60, {**_SMALL, "objective": "poisson"}, offset=np.log(offset))
    some = grow(signs, (came > 0).astype(np.float64), 60, {**_SMALL, "objective": "binary"}, offset=logit(chance))
    told, sure = expected * np.exp(count.score(design)), expit(logit(active) + some.score(design))
    return told, np.asarray(sure, np.float64), process_time() - start


def oracle(bought: Purchases, came: Floats, days: float, seed: int) -> tuple[Floats, Floats, float]:
    """Trees that were told the held-out labels of all others: what nobody can know, as the edge of what can be had."""
    start = process_time()
    signs = views(fit_buying(bought.lives), bought, days)[2]
    fold = np.random.default_rng(seed).integers(0, _FOLDS, len(came))
    expected, active = np.zeros(len(came)), np.zeros(len(came))
    for number in range(_FOLDS):
        own = fold == number
        count = grow(signs[~own], came[~own], _ROUNDS, {**_SMALL, "objective": "poisson"})
        some = grow(signs[~own], (came[~own] > 0).astype(np.float64), _ROUNDS, {**_SMALL, "objective": "binary"})
        expected[own], active[own] = np.exp(count.score(signs[own])), expit(some.score(signs[own]))
    return expected, active, process_time() - start


def rfm_ridge(past: EventHistory, moment: int, days: float) -> tuple[Forecast, float]:
    """Least squares with a ridge on recency, frequency and money, and their logarithms."""
    start = process_time()
    seen = [_rfm(past, one, days) for one in training_moments(past, moment, days)]
    truth = [
        spent(past, one, days, moment, who)
        for one, (who, _) in zip(training_moments(past, moment, days), seen, strict=True)
    ]
    rows = np.vstack([signs for _, signs in seen])
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-9)
    weights = least_squares(_with_ones((rows - mean) / scale), np.concatenate(truth), 10.0)
    who, signs = _rfm(past, moment, days)
    value = np.maximum(_with_ones((signs - mean) / scale) @ weights, 0.0)
    return _flat(who, value), process_time() - start


def tweedie_trees(past: EventHistory, moment: int, days: float) -> tuple[Forecast, float]:
    """LightGBM with Tweedie's loss on every standard feature; their building is not counted."""
    moments = training_moments(past, moment, days)
    rows, now = [past.features(one) for one in moments], past.features(moment)
    start = process_time()
    truth = np.concatenate(
        [spent(past, one, days, moment, found.who) for one, found in zip(moments, rows, strict=True)]
    )
    usual = max(float(np.maximum(truth, 0.0).mean()), 1e-9)
    values = np.vstack([one.values for one in rows])
    trees = grow(values, np.maximum(truth, 0.0) / usual, _ROUNDS, _TWEEDIE)
    return _flat(now.who, np.exp(trees.score(now.values)) * usual), process_time() - start


def _rfm(past: EventHistory, moment: int, days: float) -> tuple[Integers, Floats]:
    """Recency, and frequency and money of as many days before: what grows with history would not carry over."""
    bought = purchases_at(past, moment)
    back = moment - round(days * DAY_US)
    recency = (bought.lives.age - bought.lives.recency).astype(np.float64)
    frequency = bought_days(past, back, days, moment, bought.who)
    money = spent(past, back, days, moment, bought.who)
    plain = np.stack([recency, frequency, money], axis=1)
    return bought.who, np.column_stack([plain, signed_log(plain)])


def _with_ones(columns: Floats) -> Floats:
    return np.hstack([np.ones((len(columns), 1)), columns])


def _flat(who: Integers, value: Floats) -> Forecast:
    return Forecast(who=who, value=value, low=value, high=value, support=np.zeros(len(who)))
