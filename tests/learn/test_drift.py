"""Drift that is there is found; where there is none, no alarm is raised more often than once in a hundred looks."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.learn.drift import Fresh, assess, inputs_level, moved
from vocative.learn.spread import index, limit, spread
from vocative.predict.history.event_history import DAY_US, FeatureRows, Floats
from vocative.predict.predictor import Forecast
from vocative.records.models import Comparison, DataVersion, ModelCard
from vocative.records.proof import Origin, Verdict

FEATURES = 20
NAMES = tuple(f"f{number}" for number in range(FEATURES))
FRESH = Fresh(age=0.5, longest_pause=0.5)


def people(random: np.random.Generator, count: int, shift: float = 0.0, share: float = 1.0) -> Floats:
    """Features of many kinds: bell-shaped, skewed, counts with many zeros, shares, some often missing."""
    made = np.empty((count, FEATURES))
    for place in range(FEATURES):
        kind, drawn = place % 5, random.normal(0, 1, count)
        if kind == 1:
            drawn = random.lognormal(0, 1.5, count)
        elif kind == 2:
            drawn = random.poisson(0.4, count).astype(np.float64)
        elif kind == 3:
            drawn = random.beta(0.5, 2.0, count)
        elif kind == 4:
            drawn[random.random(count) < 0.3] = np.nan
        if place < share * FEATURES:
            drawn = drawn + shift * np.nanstd(drawn)
        made[:, place] = drawn
    return made


def card(values: Floats, importance: dict[str, float] | None = None, scores: Floats | None = None) -> ModelCard:
    return ModelCard(
        module="m",
        version="v",
        kind="probability",
        unit="probability",
        horizon_days=28.0,
        fitted_at=0,
        seconds=1.0,
        code="0",
        data=DataVersion(tables={}, acts=1, people=len(values), first=0, newest=0),
        importance=importance or {},
        inputs=[spread(name, values[:, place]) for place, name in enumerate(NAMES)],
        scores=None if scores is None else spread("prediction", scores),
    )


def rows(values: Floats) -> FeatureRows:
    return FeatureRows(np.arange(len(values)), NAMES, values)


def forecast(values: Floats) -> Forecast:
    return Forecast(who=np.arange(len(values)), value=values, low=values, high=values, support=np.ones(len(values)))


@pytest.mark.parametrize("count", [60, 1_000])
def test_without_drift_next_to_no_look_finds_any(count: int) -> None:
    random = np.random.default_rng(count)
    looks, found, red = 60, 0, 0
    for _ in range(looks):
        shifts = moved(card(people(random, count)), rows(people(random, count)))
        found += bool(shifts)
        red += inputs_level(shifts) == "red"
    assert red == 0
    # 1 % of 60 looks is 0.6; more than 4 would come up once in 3,000 such tests.
    assert found <= 4


@pytest.mark.parametrize("count", [400, 2_500])
def test_planted_drift_of_inputs_is_found(count: int) -> None:
    random = np.random.default_rng(7)
    then = card(people(random, count))
    shifts = moved(then, rows(people(random, count, shift=1.2, share=0.5)))
    assert inputs_level(shifts) == "red"
    assert {one.name for one in shifts} <= set(NAMES[: FEATURES // 2])


def test_drift_counts_by_what_the_model_looks_at() -> None:
    random = np.random.default_rng(8)
    values, later = people(random, 1_000), people(random, 1_000, shift=1.5, share=1 / FEATURES)
    heavy = moved(card(values, {"f0": 0.6, "f1": 0.4}), rows(later))
    light = moved(card(values, {"f0": 0.01, "f1": 0.99}), rows(later))
    assert [one.name for one in heavy] == [one.name for one in light] == ["f0"]
    assert (inputs_level(heavy), inputs_level(light)) == ("red", "green")


def test_missing_values_that_come_up_are_drift() -> None:
    random = np.random.default_rng(9)
    values = random.normal(0, 1, 2_000)
    gone = np.where(random.random(2_000) < 0.5, np.nan, random.normal(0, 1, 2_000))
    then = spread("x", values)
    assert index(then, gone) > limit(then, 2_000)


def test_what_is_usual_of_a_feature_is_no_drift() -> None:
    random = np.random.default_rng(10)
    month = [random.normal(0.8 * number, 1, 2_000) for number in range(3)]
    usual = index(spread("tenure", month[0]), month[1])
    assert index(spread("tenure", month[1]), month[2]) > limit(spread("tenure", month[1]), 2_000)
    then = spread("tenure", month[1], usual)
    assert index(then, month[2]) < limit(then, 2_000)


def test_spreads_hold_no_extremes() -> None:
    """The largest and the smallest number would each be one person's own."""
    values = np.concatenate([np.linspace(0, 1, 500), [9_999.0, -9_999.0]])
    made = spread("x", values)
    assert max(map(abs, made.edges)) <= 1.0
    assert sum(made.shares) == pytest.approx(1.0, abs=1e-4)


def verdict(values: list[float]) -> Verdict:
    return Verdict(
        module="m",
        version="v",
        moment=0,
        admitted=True,
        why="admitted",
        metric="log_loss",
        lower_is_better=True,
        value=float(np.mean(values)),
        baseline="own_rate",
        baseline_value=0.4,
        difference=-0.1,
        low=-0.12,
        high=-0.08,
        origins=[Origin(moment=0, people=100, value=one, baseline=0.4) for one in values],
    )


def outcome(value: float) -> Comparison:
    return Comparison(
        module="m",
        version="v",
        against="baseline:own_rate",
        moment=0,
        judged_at=1,
        people=500,
        metric="log_loss",
        lower_is_better=True,
        value=value,
        low=value - 0.02,
        high=value + 0.02,
        against_value=0.4,
        worse=value - 0.4,
        error=0.02,
    )


def test_levels_of_predictions_outcomes_and_freshness() -> None:
    random = np.random.default_rng(11)
    values, scores = people(random, 1_000), random.beta(1, 3, 1_000)
    then = card(values, scores=scores)

    def seen(
        at: Floats = scores, compared: Comparison | None = None, fresh: Fresh = FRESH, days: int = 1
    ) -> tuple[str, ...]:
        found = assess(
            then,
            days * DAY_US,
            shifts=[],
            forecast=forecast(at),
            compared=compared,
            verdict=verdict([0.29, 0.30, 0.31]),
            fresh=fresh,
            retrain_every=28,
        )
        assert (found.level == "green") == (not found.why), "what is not green is told in words, and nothing else"
        return found.level, found.scores, found.outcomes, found.freshness

    assert seen() == ("green",) * 4
    assert seen(random.beta(1, 3, 1_000)) == ("green",) * 4
    assert seen(random.beta(3, 2, 1_000))[:2] == ("red", "red")
    assert seen(compared=outcome(0.32)) == ("green",) * 4
    assert seen(compared=outcome(0.36))[2] == "amber"
    assert seen(fresh=Fresh(age=2.0, longest_pause=0.5))[3] == "amber"
    assert seen(fresh=Fresh(age=9.0, longest_pause=0.5))[3] == "red"
    assert seen(fresh=Fresh(age=9.0, longest_pause=6.0))[3] == "green", "a business that pauses is not late"
    assert seen(days=60)[3] == "amber"
    assert seen(days=120)[3] == "red"
