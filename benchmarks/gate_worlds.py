"""Simulated moments at which something was predicted, by a model that learns and by naive ways. All invented."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit, logit

from vocative.predict.history.event_history import DAY_US, Floats, Integers
from vocative.predict.learners.logistic import learn_encoding, least_squares, log_loss, logistic
from vocative.predict.predictor import Forecast, Kind, Outcome
from vocative.prove.backtest import MODEL, Trial, judge

Trials = Callable[[np.random.Generator, int, float], list[Trial]]
"""Random numbers, people, strength of the signal → the moments that are tested, the newest first."""

NAIVE = {
    "probability": ("own_rate", "everybodys_rate", "cell_rule"),
    "money": ("trailing_rate", "everybodys_mean", "zero"),
    "ranking": ("own_frequency", "popularity"),
}
EQUAL = ("as_good",)
_ORIGINS, _LEARNT, _SIGNS, _TOLD = 4, 3, 30, 4
_RIDGES = (3.0, 30.0, 300.0)
_RATE = 0.3
_ITEMS, _TAKEN = 30, 3


def probability(random: np.random.Generator, people: int, strength: float) -> list[Trial]:
    """Something happens to three people in ten: by lot, or by four of thirty signs."""
    signs = _signs(random, people)
    chance = expit(logit(_RATE) + strength * signs[:, :, :_TOLD].sum(axis=2) / np.sqrt(_TOLD))
    came = (random.random(chance.shape) < chance).astype(float)
    found = []
    for place in range(_ORIGINS):
        now, then = place, slice(place + 1, place + 1 + _LEARNT)
        shared = (came[place + 1].sum() + 0.5) / (people + 1.0)
        seen = came[place + 1 :]
        ways = {
            MODEL: _chance(signs[then], came[then], signs[now]),
            "own_rate": (seen.sum(axis=0) + 2.0 * shared) / (len(seen) + 2.0),
            "everybodys_rate": np.full(people, shared),
            "cell_rule": _cells(signs[place + 1], came[place + 1], signs[now]),
        }
        found.append(_judged("probability", place, ways, came[now]))
    return found


def equal(random: np.random.Generator, people: int, _: float) -> list[Trial]:
    """A model and a naive way that err by lot about the true chance, as much as each other: the hardest noise."""
    found = []
    for place in range(_ORIGINS):
        score = random.normal(-1.0, 1.0, people)
        came = (random.random(people) < expit(score)).astype(float)
        ways = {name: expit(score + random.normal(0.0, 0.5, people)) for name in (MODEL, *EQUAL)}
        found.append(_judged("probability", place, ways, came))
    return found


def money(random: np.random.Generator, people: int, strength: float) -> list[Trial]:
    """Half of people spend, with a long tail: by lot, or the more the higher four of thirty signs."""
    signs = _signs(random, people)
    level = strength * signs[:, :, :_TOLD].sum(axis=2) / np.sqrt(_TOLD)
    spent = np.exp(3.0 + level + random.normal(0.0, 0.8, level.shape)) * (random.random(level.shape) < 0.5)
    found = []
    for place in range(_ORIGINS):
        then = slice(place + 1, place + 1 + _LEARNT)
        value = _amount(signs[then], spent[then], signs[place])
        ways = {
            MODEL: value,
            "trailing_rate": spent[place + 1],
            "everybodys_mean": np.full(people, spent[place + 1].mean()),
            "zero": np.zeros(people),
        }
        found.append(_judged("money", place, ways, spent[place]))
    return found


def ranking(random: np.random.Generator, people: int, strength: float) -> list[Trial]:
    """Everybody takes three of thirty items: by lot, or rather what suits two tastes of theirs."""
    taste, kind = random.normal(size=(people, 2)), random.normal(size=(_ITEMS, 2))
    suits = taste @ kind.T / np.sqrt(2.0)
    told = suits + random.normal(0.0, 1.0, suits.shape)
    taken = np.zeros((_ORIGINS + _LEARNT, people, _ITEMS))
    for when in range(len(taken)):
        drawn = np.argsort(-(strength * suits + random.gumbel(size=suits.shape)), axis=1)[:, :_TAKEN]
        np.put_along_axis(taken[when], drawn, 1.0, axis=1)
    found = []
    for place in range(_ORIGINS):
        signs = [_of_pairs(told, taken, random, when) for when in range(place, place + _LEARNT)]
        design, truth = (
            np.vstack(signs[1:]),
            np.concatenate([one.ravel() for one in taken[place + 1 : place + _LEARNT]]),
        )
        mean, scale = design.mean(axis=0), design.std(axis=0) + 1e-9
        ones = np.ones((len(design), 1))
        weights, _ = logistic(np.hstack([ones, (design - mean) / scale]), truth, 30.0)
        ways = {
            MODEL: ((signs[0] - mean) / scale @ weights[1:]).reshape(people, _ITEMS),
            "own_frequency": taken[place + 1 :].sum(axis=0) + 1e-3 * taken[place + 1 :].sum(axis=(0, 1)) / people,
            "popularity": np.broadcast_to(taken[place + 1].sum(axis=0), (people, _ITEMS)),
        }
        forecasts = {name: _list(value) for name, value in ways.items()}
        who, target = np.nonzero(taken[place])
        outcome = Outcome(who=who, value=np.ones(len(who)), target=target)
        found.append(judge("ranking", _moment(place), forecasts, outcome))
    return found


def _signs(random: np.random.Generator, people: int) -> Floats:
    """Moments × people × signs: half of each is the person's own, half is of the moment."""
    lasting = random.normal(size=(1, people, _SIGNS))
    found: Floats = (lasting + random.normal(size=(_ORIGINS + _LEARNT, people, _SIGNS))) / np.sqrt(2.0)
    return found


def _names() -> tuple[str, ...]:
    return tuple(f"sign {number}" for number in range(_SIGNS))


def _chance(signs: Floats, came: Floats, now: Floats) -> Floats:
    """A logistic regression as `Happening` learns it: the ridge and the calibration are chosen on the newest moment."""
    encoding = learn_encoding(_names(), np.vstack(list(signs)))
    designs = [encoding.columns(_names(), one.copy()) for one in signs]
    older, truth = np.vstack(designs[1:]), np.concatenate(list(came[1:]))
    best = (np.inf, 0.0, np.zeros(0))
    for ridge in _RIDGES:
        score = designs[0] @ logistic(older, truth, ridge)[0]
        best = min(best, (float(log_loss(expit(score), came[0]).mean()), ridge, score), key=lambda one: one[0])
    (shift, slope), _ = logistic(np.stack([np.ones(len(came[0])), best[2]], axis=1), came[0], 1.0)
    weights, _ = logistic(np.vstack(designs), np.concatenate(list(came)), best[1])
    return np.asarray(expit(shift + slope * (encoding.columns(_names(), now.copy()) @ weights)), np.float64)


def _amount(signs: Floats, spent: Floats, now: Floats) -> Floats:
    """Least squares with the ridge that does best on the newest moment."""
    design = [np.hstack([np.ones((len(one), 1)), one]) for one in (*signs, now)]
    older, truth = np.vstack(design[1:-1]), np.concatenate(list(spent[1:]))
    errors = {
        ridge: float(((design[0] @ least_squares(older, truth, ridge) - spent[0]) ** 2).mean())
        for ridge in (1.0, 30.0, 1000.0)
    }
    best = min(errors, key=lambda ridge: errors[ridge])
    return np.asarray(
        np.maximum(design[-1] @ least_squares(np.vstack(design[:-1]), np.concatenate(list(spent)), best), 0.0),
        np.float64,
    )


def _cells(then: Floats, came: Floats, now: Floats) -> Floats:
    """The share to whom it happened among people with the same fifths of two signs."""
    cuts = np.quantile(then[:, :2], (0.2, 0.4, 0.6, 0.8), axis=0)
    cell = [np.searchsorted(cuts[:, 0], one[:, 0]) * 5 + np.searchsorted(cuts[:, 1], one[:, 1]) for one in (then, now)]
    hits, seen = np.bincount(cell[0], came, 25), np.bincount(cell[0], minlength=25)
    return np.asarray(((hits + 5.0 * came.mean()) / (seen + 5.0))[cell[1]], np.float64)


def _of_pairs(told: Floats, taken: Floats, random: np.random.Generator, when: int) -> Floats:
    """Signs of every pair of person and item before a moment: taken before, lately, by all, what is told; noise."""
    before = taken[when + 1 :]
    all_of_them = np.broadcast_to(before.sum(axis=(0, 1)), told.shape)
    noise = random.normal(size=(*told.shape, 4))
    signs = [before.sum(axis=0), before[0] if len(before) else np.zeros(told.shape), all_of_them, told]
    return np.concatenate([np.stack(signs, axis=-1), noise], axis=-1).reshape(-1, len(signs) + 4)


def _list(value: Floats) -> Forecast:
    """The ten best of every person; equals in an order that is the same for all ways and moments."""
    order = np.argsort(-value, axis=1, kind="stable")[:, :10]
    who = np.repeat(np.arange(len(value)), 10)
    flat = np.take_along_axis(value, order, axis=1).ravel()
    return Forecast(who=who, value=flat, low=flat, high=flat, support=np.ones(len(who)), target=order.ravel())


def _judged(kind: Kind, place: int, ways: dict[str, Floats], truth: Floats) -> Trial:
    who: Integers = np.arange(len(truth))
    forecasts = {
        name: Forecast(who=who, value=value, low=value, high=value, support=value) for name, value in ways.items()
    }
    return judge(kind, _moment(place), forecasts, Outcome(who=who, value=truth))


def _moment(place: int) -> int:
    return -28 * DAY_US * place
