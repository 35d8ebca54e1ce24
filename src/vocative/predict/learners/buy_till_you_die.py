"""How often people buy while they are customers, and when they stop being ones, told from three numbers each.

BG/NBD (Fader, Hardie and Lee, 2005, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model"):
while alive a person buys at a pace of their own (gamma over people), and after each purchase stops for good with a
chance of their own (beta over people). Gamma-Gamma (Fader and Hardie, 2013, "The Gamma-Gamma Model of Monetary Value"):
purchases are worth what is usual for the person, and that is spread over people by a gamma.

Both are fitted to the different rows only, each with the number of people who share it, with exact slopes: so the work
hardly grows with the number of people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import Floats, Integers

_START = (0.5, 30.0, 0.8, 2.5)
_MONEY_START = (6.0, 4.0, 15.0)
_EDGE = 12.0
_NEAR_ONE = 1e-4
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Lives:
    """Purchase days after the first one, the day of the last and today counted in days since the first; one length."""

    frequency: Integers
    recency: Integers
    age: Integers


@dataclass(frozen=True, slots=True)
class Buying:
    """BG/NBD as fitted: pace ~ gamma(`shape`, `rate` in days), chance to stop after a purchase ~ beta(`stop`, `go`)."""

    shape: float
    rate: float
    stop: float
    go: float

    def alive(self, lives: Lives) -> Floats:
        """P(the person is still a customer)."""
        from scipy.special import expit

        x, tx, age = _floats(lives)
        # By logarithms: years of silence after hundreds of purchases are odds that no number holds.
        odds = np.log(self.stop) - np.log(self.go + np.maximum(x, 1.0) - 1.0)
        odds = odds + (self.shape + x) * (np.log(self.rate + age) - np.log(self.rate + tx))
        return np.asarray(np.where(x > 0, expit(-odds), 1.0), np.float64)

    def expected(self, lives: Lives, days: float) -> Floats:
        """Expected number of purchase days in the next `days`."""
        from scipy.special import hyp2f1

        place, only = _different(lives)[:2]
        x, _, age = _floats(only)
        stop = self.stop if abs(self.stop - 1.0) > _NEAR_ONE else 1.0 + _NEAR_ONE
        top, whole = self.rate + age, self.rate + age + days
        last, pace = stop + self.go + x - 1.0, self.shape + x
        # The same number twice, once by Euler's transformation: of many purchases the paper's form is 0 times infinity,
        # and the other is where hardly anybody comes twice.
        with np.errstate(over="ignore", invalid="ignore"):
            plain = (top / whole) ** pace * hyp2f1(pace, self.go + x, last, days / whole)
            turned = (top / whole) ** (stop - 1.0) * hyp2f1(last - pace, stop - 1.0, last, days / whole)
            found = last / (stop - 1.0) * (1.0 - np.where(pace > stop - 1.0, turned, plain))
        # Nobody is expected to buy more than while they stay for sure; that too is said where neither can be computed.
        most = pace / top * days
        found = np.where(np.isfinite(found), np.minimum(found, most), most) * self.alive(only)
        return np.asarray(np.maximum(found, 0.0)[place], np.float64)

    def active(self, lives: Lives, days: float) -> Floats:
        """P(a purchase in the next `days`)."""
        x, _, age = _floats(lives)
        none = ((self.rate + age) / (self.rate + age + days)) ** (self.shape + x)
        return np.asarray(self.alive(lives) * (1.0 - none), np.float64)

    def interval(self, lives: Lives, days: float, share: float = 0.9) -> tuple[Floats, Floats]:
        """Counts between which lies the middle `share` of what may come.

        Who has stopped buys nothing; of who has not, the count is taken as negative binomial with the mean that
        belongs to it, a close likeness of the exact mixture.
        """
        from scipy.stats import nbinom

        here = np.maximum(self.alive(lives), 1e-12)
        mean = np.maximum(self.expected(lives, days) / here, 1e-12)
        shape = self.shape + lives.frequency
        edges = []
        for level in ((1.0 - share) / 2.0, (1.0 + share) / 2.0):
            inside = np.clip((level - (1.0 - here)) / here, 0.0, 1.0)
            edges.append(np.maximum(nbinom.ppf(inside, shape, shape / (shape + mean)), 0.0))
        return np.asarray(edges[0], np.float64), np.asarray(edges[1], np.float64)


@dataclass(frozen=True, slots=True)
class Spending:
    """Gamma-Gamma as fitted: of each purchase ~ gamma(`p`, own scale), the own scale ~ gamma(`q`, `v`)."""

    p: float
    q: float
    v: float

    def each(self, purchases: Integers, mean: Floats) -> Floats:
        """Expected money of a purchase of people with so many purchases of this mean; with none, everybody's."""
        weight = self.p * np.maximum(purchases, 0)
        below = np.maximum(weight + self.q - 1.0, 1e-9)
        return np.asarray(self.p * (self.v + purchases * np.maximum(mean, 0.0)) / below, np.float64)


def fit_buying(lives: Lives) -> Buying:
    """The likeliest BG/NBD.

    Raises:
        ValueError: There are fewer than two people.
    """
    from scipy.optimize import minimize

    if len(lives.frequency) < _FEWEST:
        raise ValueError("the life of customers cannot be learnt from fewer than two people")
    _, only, people = _different(lives)
    found = minimize(
        _surprise,
        np.log(_START),
        args=(*_floats(only), people.astype(np.float64)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_EDGE, _EDGE)] * 4,
    )
    return Buying(*(float(f"{value:.9g}") for value in np.exp(found.x)))


def fit_spending(purchases: Integers, mean: Floats) -> Spending:
    """The likeliest Gamma-Gamma of people with purchases of a positive mean; of too few, one that says the mean.

    Args:
        purchases: How many each person made.
        mean: What they were worth on average.
    """
    from scipy.optimize import minimize

    chosen = (purchases > 0) & (mean > 0)
    count, value = purchases[chosen].astype(np.float64), mean[chosen]
    if len(count) < _FEWEST:
        return Spending(1.0, 2.0, float(value.mean()) if len(value) else 0.0)
    scale = float(value.mean())
    found = minimize(
        _money_surprise,
        np.log((*_MONEY_START[:2], _MONEY_START[2] / 30.0)),
        args=(count, value / scale),
        jac=True,
        method="L-BFGS-B",
        # With q at most 1 the mean over people would have no end.
        bounds=[(-_EDGE, _EDGE), (0.05, _EDGE), (-_EDGE, _EDGE)],
    )
    p, q, v = np.exp(found.x)
    return Spending(*(float(f"{one:.9g}") for one in (p, q, v * scale)))


def _floats(lives: Lives) -> tuple[Floats, Floats, Floats]:
    return lives.frequency.astype(np.float64), lives.recency.astype(np.float64), lives.age.astype(np.float64)


def _different(lives: Lives) -> tuple[Integers, Lives, Integers]:
    """Where each row stands among the different rows, those rows, and how many people share each."""
    wide = int(lives.age.max(initial=0)) + 1
    key = (lives.frequency * wide + lives.recency) * wide + lives.age
    only, place, people = np.unique(key, return_inverse=True, return_counts=True)
    found = Lives(only // wide // wide, only // wide % wide, only % wide)
    return np.asarray(place, np.int64), found, np.asarray(people, np.int64)


def _surprise(logs: Floats, x: Floats, tx: Floats, age: Floats, people: Floats) -> tuple[float, Floats]:
    """Mean negative log likelihood (equations 6 and 7 of the paper) and its slopes in the logarithms."""
    from scipy.special import betaln, digamma, gammaln

    r, alpha, a, b = np.exp(logs)
    again = x > 0
    before = np.where(again, b + x - 1.0, 1.0)
    joint = betaln(a, b + x) - betaln(a, b)
    stays = joint - (r + x) * np.log(alpha + age)
    left = np.where(again, np.log(a) - np.log(before) + joint - (r + x) * np.log(alpha + tx), -np.inf)
    either = np.logaddexp(stays, left)
    gone = np.exp(left - either)
    here = 1.0 - gone
    slopes = (
        digamma(r + x) - digamma(r) + np.log(alpha) - here * np.log(alpha + age) - gone * np.log(alpha + tx),
        r / alpha - (r + x) * (here / (alpha + age) + gone / (alpha + tx)),
        digamma(a + b) - digamma(a + b + x) + gone / a,
        digamma(b + x) - digamma(a + b + x) - digamma(b) + digamma(a + b) - np.where(again, gone / before, 0.0),
    )
    whole = people.sum()
    likely = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + either
    slope = np.array([people @ one * scale for one, scale in zip(slopes, (r, alpha, a, b), strict=True)])
    return float(-(people @ likely) / whole), -slope / whole


def _money_surprise(logs: Floats, count: Floats, mean: Floats) -> tuple[float, Floats]:
    """Mean negative log likelihood of Gamma-Gamma and its slopes in the logarithms."""
    from scipy.special import digamma, gammaln

    p, q, v = np.exp(logs)
    shape, total = p * count, count * mean
    likely = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
    likely = likely + (shape - 1.0) * np.log(mean) + shape * np.log(count) - (shape + q) * np.log(v + total)
    slopes = (
        count * (digamma(shape + q) - digamma(shape) + np.log(mean) + np.log(count) - np.log(v + total)),
        digamma(shape + q) - digamma(q) + np.log(v) - np.log(v + total),
        q / v - (shape + q) / (v + total),
    )
    slope = np.array([one.mean() * scale for one, scale in zip(slopes, (p, q, v), strict=True)])
    return float(-likely.mean()), -slope
