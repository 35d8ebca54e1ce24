"""What has signal is admitted, what has none is refused, and what cannot be tested says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import msgspec
import numpy as np
import pytest

from tests.predict.planted import LEARNT, NOW, SETTINGS, TODAY, habits, names, noise, sources
from tests.store import drivers
from vocative.predict.history.event_history import DAY_US, Past
from vocative.predict.registry import STANDARD
from vocative.prove.backtest import days_needed, origins
from vocative.prove.judging import missing, prove_module
from vocative.records.proof import Verdict
from vocative.records.settings import Settings
from vocative.store.protocols import Engine

MANY = names(120)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return drivers.engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def past(engine: Engine) -> Past:
    return Past(engine, sources(habits(), MANY), SETTINGS, NOW)


@pytest.fixture(scope="module")
def random_world(engine: Engine) -> Past:
    return Past(engine, sources(noise(), MANY), SETTINGS, NOW)


def judge(name: str, past: Past) -> Verdict:
    return prove_module(STANDARD[name], past, "v", np.random.default_rng(1))


@pytest.fixture(scope="module")
def judged(past: Past) -> Callable[[str], Verdict]:
    """The verdict on a predictor in the world of habits, reached once for all who look at it."""
    return cache(lambda name: judge(name, past))


@pytest.mark.parametrize("name", ["buys_28d", "quiet_56d", "best_hour"])
def test_where_there_is_signal_the_model_is_admitted(name: str, judged: Callable[[str], Verdict]) -> None:
    verdict = judged(name)
    assert verdict.admitted, verdict.why
    assert verdict.why.startswith("admitted: ")
    assert (verdict.value < verdict.baseline_value) is verdict.lower_is_better
    assert verdict.low <= verdict.difference <= verdict.high


@pytest.mark.parametrize("name", ["buys_28d", "quiet_56d", "next_items", "best_hour", "repeat_rhythm"])
def test_noise_is_refused(name: str, random_world: Past) -> None:
    verdict = judge(name, random_world)
    assert not verdict.admitted, verdict.why
    assert "by more than chance" in verdict.why or "off by" in verdict.why


@pytest.mark.parametrize("name", LEARNT)
def test_a_verdict_holds_every_figure_and_survives_json(
    name: str, past: Past, judged: Callable[[str], Verdict]
) -> None:
    verdict, module = judged(name), STANDARD[name]
    assert len(verdict.origins) == 4
    assert [one.moment for one in verdict.origins] == origins(past, module.horizon_days)
    ways = {"model", *module.baselines}
    assert {score.name for score in verdict.scores} == ways
    assert sum(score.metric == verdict.metric for score in verdict.scores) == len(ways)
    assert np.mean([one.value for one in verdict.origins]) == pytest.approx(verdict.value)
    assert np.mean([one.baseline for one in verdict.origins]) == pytest.approx(verdict.baseline_value)
    assert verdict.value - verdict.baseline_value == pytest.approx(verdict.difference)
    if module.kind == "probability":
        assert 1 < len(verdict.calibration) <= 10
        assert verdict.calibration_error is not None
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict


def test_the_same_seed_gives_the_same_verdict(past: Past) -> None:
    assert judge("best_hour", past) == judge("best_hour", past)


def test_the_best_baseline_is_the_one_to_beat(judged: Callable[[str], Verdict]) -> None:
    verdict = judged("buys_28d")
    naive = {score.name: score.value for score in verdict.scores if score.metric == "log_loss"}
    del naive["model"]
    assert verdict.baseline == min(naive, key=lambda name: naive[name])


def changed(past: Past, settings: Settings, now: int = NOW) -> Past:
    return Past(past.engine, past.sources, settings, now)


@pytest.mark.parametrize("name", LEARNT)
def test_with_too_little_history_it_is_said_how_much_is_missing(name: str, past: Past) -> None:
    young = changed(past, SETTINGS, NOW - (TODAY - 60) * DAY_US)
    verdict = judge(name, young)
    assert not verdict.admitted
    assert verdict.why.startswith("not tested: 60 days of history; ")
    assert f"{days_needed(STANDARD[name], young):.0f} are needed" in verdict.why
    assert verdict.baseline == next(iter(STANDARD[name].baselines))


def test_with_too_few_people_it_is_said_how_many_are_needed(past: Past) -> None:
    strict = msgspec.structs.replace(SETTINGS, proving=msgspec.structs.replace(SETTINGS.proving, least_people=500))
    verdict = judge("best_hour", changed(past, strict))
    assert not verdict.admitted
    assert "500 are needed at each" in verdict.why


def test_hardly_anybody_known_early_on_is_said_before_anything_is_learnt(engine: Engine) -> None:
    few = Past(engine, sources([one for one in habits() if one.person < "p010"], MANY), SETTINGS, NOW)
    assert (
        missing(STANDARD["spend_90d"], few) == "10 people were known at the oldest moment to learn from; 20 are needed"
    )


def test_a_business_whose_events_mean_nothing_is_told_to_name_them(past: Past) -> None:
    nameless = changed(past, msgspec.structs.replace(SETTINGS, events={}))
    assert "name the events" in missing(STANDARD["buys_28d"], nameless)
