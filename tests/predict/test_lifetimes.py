"""Lives of customers over people who were simulated, so that what is to be found is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from vocative.predict.history.event_history import Floats, Integers
from vocative.predict.learners import buy_till_you_die
from vocative.predict.learners.buy_till_you_die import Buying, Lives, Spending, fit_buying, fit_spending

TRUTH = Buying(shape=0.8, rate=20.0, stop=1.2, go=3.0)
AGE, LATER = 200, 100


def simulated(people: int, seed: int, truth: Buying = TRUTH) -> tuple[Lives, Integers]:
    """Lives of people up to day `AGE`, and how many purchases each made in the `LATER` days after it."""
    random = np.random.default_rng(seed)
    pace = random.gamma(truth.shape, 1.0 / truth.rate, people)
    stop = random.beta(truth.stop, truth.go, people)
    rows, after = np.zeros((people, 3), np.int64), np.zeros(people, np.int64)
    for person in range(people):
        day, count, last = 0.0, 0, 0.0
        while True:
            day += random.exponential(1.0 / pace[person])
            if day > AGE + LATER:
                break
            if day <= AGE:
                count, last = count + 1, day
            else:
                after[person] += 1
            if random.random() < stop[person]:
                break
        rows[person] = count, round(last) if count else 0, AGE
    return Lives(rows[:, 0], rows[:, 1], rows[:, 2]), after


@pytest.fixture(scope="module")
def world() -> tuple[Lives, Integers]:
    return simulated(8_000, 3)


def test_what_was_planted_is_found(world: tuple[Lives, Integers]) -> None:
    lives, came = world
    found = fit_buying(lives)
    assert found.shape == pytest.approx(TRUTH.shape, rel=0.15)
    assert found.rate == pytest.approx(TRUTH.rate, rel=0.2)
    assert found.stop / (found.stop + found.go) == pytest.approx(TRUTH.stop / (TRUTH.stop + TRUTH.go), rel=0.15)
    assert found.expected(lives, LATER).sum() == pytest.approx(came.sum(), rel=0.05)
    assert found.active(lives, LATER).mean() == pytest.approx((came > 0).mean(), abs=0.015)


def test_expectations_hold_at_every_level(world: tuple[Lives, Integers]) -> None:
    lives, came = world
    told = TRUTH.expected(lives, LATER)
    for cut in np.array_split(np.argsort(told), 5)[2:]:
        assert told[cut].mean() == pytest.approx(came[cut].mean(), rel=0.12)


def test_intervals_hold_what_they_promise(world: tuple[Lives, Integers]) -> None:
    lives, came = world
    low, high = TRUTH.interval(lives, LATER)
    inside = (low <= came) & (came <= high)
    assert inside.mean() >= 0.9
    # Whole numbers: an interval one shorter on either side would promise too much.
    often = lives.frequency > 3
    assert 0.88 < inside[often].mean() < 0.985


def test_people_alike_are_worked_out_once(world: tuple[Lives, Integers]) -> None:
    lives, _ = world
    many = np.random.default_rng(1).permutation(np.repeat(np.arange(400), 5))
    few = Lives(lives.frequency[:400], lives.recency[:400], lives.age[:400])
    again = Lives(lives.frequency[many], lives.recency[many], lives.age[many])
    assert fit_buying(again).shape == pytest.approx(fit_buying(few).shape, rel=1e-4)
    assert np.allclose(TRUTH.expected(again, 50), TRUTH.expected(few, 50)[many])


def test_slopes_are_exact(world: tuple[Lives, Integers]) -> None:
    lives, _ = world
    x, tx, age = (column[:300].astype(np.float64) for column in (lives.frequency, lives.recency, lives.age))
    weight = np.ones(300)

    def value(logs: Floats) -> float:
        return buy_till_you_die._surprise(logs, x, tx, age, weight)[0]

    def slope(logs: Floats) -> Floats:
        return buy_till_you_die._surprise(logs, x, tx, age, weight)[1]

    assert check_grad(value, slope, np.log([0.5, 30.0, 0.8, 2.5])) < 1e-5


def test_what_a_purchase_is_worth_is_found() -> None:
    random, truth = np.random.default_rng(2), Spending(6.0, 4.0, 15.0)
    count = random.integers(1, 12, 5_000)
    scale = random.gamma(truth.q, 1.0 / truth.v, 5_000)
    mean = random.gamma(truth.p * count, 1.0 / scale) / count
    found = fit_spending(count, mean)
    usual = truth.p * truth.v / (truth.q - 1.0)
    assert found.each(np.zeros(1, np.int64), np.zeros(1))[0] == pytest.approx(usual, rel=0.06)
    expected = truth.p / scale
    ours, plain = (found.each(count, mean) - expected) ** 2, (mean - expected) ** 2
    assert ours.mean() < plain.mean(), "pulled towards everybody, the mean of few purchases is nearer the truth"


def test_too_few_people_are_named() -> None:
    one = Lives(np.array([1]), np.array([3]), np.array([9]))
    with pytest.raises(ValueError, match="fewer than two"):
        fit_buying(one)
    assert fit_spending(np.array([2]), np.array([7.0])).each(np.array([2]), np.array([7.0]))[0] == pytest.approx(7.0)


@settings(max_examples=60, deadline=None)
@given(
    shape=st.floats(0.05, 5.0),
    rate=st.floats(1.0, 200.0),
    stop=st.floats(0.05, 5.0),
    go=st.floats(0.05, 20.0),
    frequency=st.integers(0, 40),
    gap=st.integers(0, 300),
)
def test_chances_are_chances_and_more_days_bring_more(
    shape: float, rate: float, stop: float, go: float, frequency: int, gap: int
) -> None:
    buying = Buying(shape, rate, stop, go)
    recency = 2 * frequency
    lives = Lives(np.array([frequency]), np.array([recency]), np.array([recency + gap]))
    assert 0.0 <= buying.alive(lives)[0] <= 1.0
    told = [buying.expected(lives, days)[0] for days in (1, 10, 60, 300)]
    assert all(0.0 <= first <= second + 1e-9 for first, second in pairwise(told))
    for days, expected in zip((1, 10, 60, 300), told, strict=True):
        chance = buying.active(lives, days)[0]
        assert 0.0 <= chance <= buying.alive(lives)[0] + 1e-12
        assert chance <= expected * (1.0 + 1e-6) + 1e-9, "whoever buys, buys once at least"


@settings(max_examples=150)
@given(
    fitted=st.tuples(*[st.floats(-12.0, 12.0)] * 4),
    life=st.tuples(st.integers(0, 3_000), st.integers(0, 300), st.integers(0, 9_000)),
    days=st.sampled_from([1.0, 28.0, 365.0, 3_650.0]),
)
def test_no_life_and_no_fit_is_too_extreme(fitted: tuple[float, ...], life: tuple[int, int, int], days: float) -> None:
    """Daily purchases for years and then years of silence, by whatever the fit's bounds allow."""
    frequency, more, silence = life
    recency = frequency + more if frequency else 0
    lives = Lives(np.array([frequency]), np.array([recency]), np.array([recency + silence]))
    buying = Buying(*np.exp(fitted).tolist())
    alive, expected, active = buying.alive(lives), buying.expected(lives, days), buying.active(lives, days)
    assert 0.0 <= active[0] <= alive[0] <= 1.0
    most = (buying.shape + frequency) / (buying.rate + recency + silence) * days
    assert 0.0 <= expected[0] <= alive[0] * most * (1.0 + 1e-9)
    low, high = buying.interval(lives, days)
    assert 0.0 <= low[0] <= high[0] < np.inf


def test_expectations_do_not_depend_on_which_form_of_the_series_is_summed() -> None:
    lives = Lives(np.array([3, 3]), np.array([40, 40]), np.array([70, 70]))
    below, above = Buying(0.9, 12.0, 4.9 - 1e-9, 2.0), Buying(0.9, 12.0, 4.9 + 1e-9, 2.0)
    assert below.expected(lives, 60.0) == pytest.approx(above.expected(lives, 60.0), rel=1e-7)
