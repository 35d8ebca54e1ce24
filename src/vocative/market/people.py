"""Who the simulated people are: hidden traits as columns of one length, drawn once; nothing of it is in any file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.market.catalogue import CATEGORIES
from vocative.market.nature import (
    CHANNELS,
    HISTORY_WEEKS,
    HOUR_BETWEEN,
    HOUR_MEAN,
    LANGUAGES,
    PROMOTED_MEAN,
    PROMOTED_SPREAD,
    PROXIES,
    RATE_MEAN,
    RATE_SHAPE,
    SCANNERS,
    SLEEP,
    VALUE_BETWEEN,
    VALUE_MEDIAN,
    VALUE_SKEW,
    VALUE_WITHIN,
    WAKE,
    WEEK,
    ZONE_SHARES,
    Flags,
    Floats,
    Integers,
)

KINDS = ("persuadable", "sure_thing", "lost_cause", "sleeping_dog")
PERSUADABLE, SURE_THING, LOST_CAUSE, SLEEPING_DOG = range(4)
_OLD = 0.85
"""Share of people who were customers before the history begins; the others arrive during history and market."""
_TASTE_SHAPE = 0.45
# Answers to marketing by mail, by text message (of those who gave a number), and to personalization, with their share.
_ANSWERS: tuple[tuple[tuple[int, int], float], ...] = (
    ((1, 1), 0.55), ((1, -1), 0.17), ((1, 0), 0.08), ((0, -1), 0.08), ((0, 1), 0.04), ((-1, -1), 0.08),
)  # fmt: skip
YES, NO, NEVER = 1, 0, -1


@dataclass(frozen=True, slots=True)
class People:
    """Hidden traits; one element or row for each person. Money in the shop's currency, times in days or local hours."""

    joined: Integers
    rate: Floats
    """Trips per day while active."""
    value: Floats
    """Median worth of a basket."""
    taste: Floats
    """People × categories; 1 is average."""
    favourite: Integers
    """People × categories: which of a category's items they take mostly."""
    kind: Integers
    lift: Floats
    """Effect of a message without a discount on the rate of trips, rested and fitting; -0.5 halves it."""
    dose: Floats
    """What the largest discount would add to `lift`."""
    threshold: Floats
    """The discount at which half of `dose` is reached."""
    wakes: Floats
    """Chance that a message looked at wakes a person who went quiet."""
    sleeps: Floats
    """Chance per day of going quiet."""
    looks: Floats
    """Chance of looking at a mail at the best hour, rested."""
    liking: Floats
    """People × channels: factor on that chance."""
    hour: Floats
    """Local hour at which they are about most."""
    irritable: Floats
    thrifty: Floats
    """Share of the price that ordinary promotions take off for them."""
    browses: Floats
    """Visits to the shop's pages per day on which nothing is bought."""
    agrees: Floats
    """Chance of saying yes, once asked for personalization and having looked at the question."""
    zone: Integers
    zone_told: Flags
    language: Integers
    phone: Flags
    partner: Integers
    """The other person of the household; -1: lives alone or is the only customer."""
    proxied: Flags
    scanned: Flags
    marketing: Integers
    """People × channels: first answers, 1 yes, 0 no, -1 never asked."""
    personalization: Integers

    def __len__(self) -> int:
        return len(self.joined)

    def effect_of(self, who: Integers, discount: Floats) -> Floats:
        """Effect on the rate of trips of a message with a discount to each of these, rested and with a perfect fit."""
        found: Floats = self.lift[who] + self.dose[who] * _reached(discount, self.threshold[who])
        return found

    def waking_of(self, who: Integers, discount: Floats) -> Floats:
        """Chance that a message with a discount wakes each of these, if they are quiet and look at it."""
        found: Floats = self.wakes[who] * (0.3 + 0.7 * _reached(discount, self.threshold[who]))
        return found

    def mean_value(self) -> Floats:
        """Expected worth of a basket."""
        found: Floats = self.value * np.float32(_mean_factor())
        return found


def draw_people(random: np.random.Generator, count: int, weeks: int) -> People:
    """Draw so many people, of whom some arrive during history and the weeks of the market."""
    categories = len(CATEGORIES)
    rate = random.gamma(RATE_SHAPE, RATE_MEAN / RATE_SHAPE, count)
    often = (np.log(np.maximum(rate, 1e-4)) - np.log(RATE_MEAN)) / 0.9
    price, shy, irritable = random.normal(size=(3, count))
    kind = _kinds(random, often, price, shy)
    lift, dose, threshold, wakes = _reactions(random, kind, price)
    old = random.random(count) < _OLD
    arrives = random.integers(-HISTORY_WEEKS * WEEK, max(weeks * WEEK - WEEK, 1), count)
    marketing, personalization, phone = _answers(random, count)
    columns: dict[str, Floats] = {
        "rate": rate,
        "value": VALUE_MEDIAN * np.exp(VALUE_BETWEEN * random.normal(size=count) - 0.06 * often),
        "taste": random.gamma(_TASTE_SHAPE, 1.0 / _TASTE_SHAPE, (count, categories)),
        "lift": lift,
        "dose": dose,
        "threshold": threshold,
        "wakes": wakes,
        "sleeps": SLEEP * random.lognormal(-0.3, 0.8, count),
        "looks": np.clip(0.52 * np.exp(0.45 * random.normal(size=count) - 0.22 * shy), 0.03, 0.95),
        "liking": np.column_stack([np.ones(count), random.lognormal(0.3, 0.4, count)]),
        "hour": np.clip(HOUR_MEAN + HOUR_BETWEEN * random.normal(size=count), 7.0, 22.0),
        "irritable": np.exp(0.35 * irritable + 0.2 * shy),
        "thrifty": np.clip(PROMOTED_MEAN + PROMOTED_SPREAD * (0.75 * price + 0.66 * random.normal(size=count)), 0, 0.5),
        "browses": 0.08 * np.exp(0.5 * random.normal(size=count) - 0.6 * shy),
        "agrees": random.beta(1.5, 2.5, count),
    }  # fmt: skip
    return People(
        joined=np.where(old, -HISTORY_WEEKS * WEEK, arrives).astype(np.int32),
        favourite=random.integers(0, 4, (count, categories + 1)).astype(np.int32),
        kind=kind,
        zone=random.choice(len(ZONE_SHARES), count, p=ZONE_SHARES).astype(np.int32),
        zone_told=random.random(count) > 0.04,
        language=(random.random(count) < 0.3).astype(np.int32) * (len(LANGUAGES) - 1),
        phone=phone,
        partner=_partners(random, count),
        proxied=random.random(count) < PROXIES,
        scanned=random.random(count) < SCANNERS,
        marketing=marketing,
        personalization=personalization,
        **{name: values.astype(np.float32) for name, values in columns.items()},
    )


def _reached(discount: Floats, threshold: Floats) -> Floats:
    """Share of the dose that a discount reaches: half of it at the threshold (a Hill curve of exponent 2)."""
    square = discount * discount
    found: Floats = square / (square + threshold * threshold)
    return found


def _kinds(random: np.random.Generator, often: Floats, price: Floats, shy: Floats) -> Integers:
    """Kinds follow what a business sees only in part: how often people buy, for how much less, how much they look."""
    scores = np.column_stack(
        [0.5 + 0.7 * price - 0.3 * often**2, -0.1 + 1.1 * often, -0.7 - 1.1 * often, -1.0 + 1.1 * shy - 0.1 * often**2]
    )
    found: Integers = np.argmax(scores + random.gumbel(size=scores.shape), axis=1).astype(np.int32)
    return found


def _reactions(random: np.random.Generator, kind: Integers, price: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    count = len(kind)
    spread = random.lognormal(-0.08, 0.4, count)
    lift = np.array([0.9, 0.04, 0.02, -0.5])[kind] * spread
    dose = np.array([2.6, 0.12, 0.05, 0.0])[kind] * random.lognormal(-0.1, 0.45, count) * np.exp(0.35 * price)
    threshold = np.array([0.06, 0.09, 0.13, 0.18])[random.choice(4, count, p=(0.25, 0.3, 0.25, 0.2))]
    wakes = np.array([0.10, 0.02, 0.004, 0.0])[kind] * random.lognormal(-0.1, 0.45, count)
    return lift, dose, threshold, np.minimum(wakes, 0.5)


def _answers(random: np.random.Generator, count: int) -> tuple[Integers, Integers, Flags]:
    picked = random.choice(len(_ANSWERS), count, p=[share for _, share in _ANSWERS])
    pairs = np.array([pair for pair, _ in _ANSWERS], np.int32)[picked]
    phone = random.random(count) < 0.6
    text = np.where(phone & (pairs[:, 0] == YES), np.where(random.random(count) < 0.6, YES, NO), NEVER)
    marketing = np.column_stack([pairs[:, 0], text]).astype(np.int32)
    assert marketing.shape[1] == len(CHANNELS)
    return marketing, pairs[:, 1], phone


def _partners(random: np.random.Generator, count: int) -> Integers:
    """Every tenth person shares a household with the next one."""
    partner = np.full(count, -1, np.int32)
    first = np.flatnonzero(random.random(count // 2) < 0.1) * 2
    partner[first], partner[first + 1] = first + 1, first
    return partner


def log_value(normal: Floats) -> Floats:
    """The logarithm of a basket's worth around the person's own, from a standard normal number."""
    found: Floats = np.float32(VALUE_WITHIN) * (normal - np.float32(VALUE_SKEW) * (normal * normal - 1))
    return found


def _mean_factor() -> float:
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    return float((weights * np.exp(log_value(nodes))).sum() / weights.sum())


STEADY = WAKE / (WAKE + SLEEP)
"""Share of people who are active in the long run."""
