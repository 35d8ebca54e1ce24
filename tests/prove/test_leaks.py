"""A future that is planted in events, in fields of people and in prices of items moves no prediction of the past."""

from __future__ import annotations

import numpy as np
import pytest

from tests.predict.planted import NOW, SETTINGS, habits, names, sources
from tests.store import drivers
from vocative.predict.history.event_history import DAY_US, EventHistory
from vocative.predict.registry import STANDARD
from vocative.profile.leakage import plant
from vocative.prove import leaks
from vocative.prove.judging import prove_module
from vocative.prove.leaks import leaking
from vocative.store.protocols import Engine

PEOPLE = names(90)
MOMENT = NOW - 84 * DAY_US
BOUGHT = [one for one in habits() if one.person in set(PEOPLE)]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return drivers.engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def present(engine: Engine) -> EventHistory:
    return EventHistory(engine, sources(BOUGHT, PEOPLE, late_catalogue=True), SETTINGS, NOW)


@pytest.fixture(scope="module")
def planted(present: EventHistory) -> EventHistory:
    """The same, but from the moment on everything is otherwise: events, people, prices, also what is said of before."""
    return EventHistory(present.engine, plant(present.engine, present.sources, SETTINGS, MOMENT), SETTINGS, NOW)


def test_the_planted_future_is_there(present: EventHistory, planted: EventHistory) -> None:
    assert len(planted.acts) > len(present.acts)
    assert planted.categories(NOW)[1] == ["planted"]
    assert planted.zones(NOW)[1] == ["Pacific/Kiritimati"]


@pytest.mark.parametrize("name", ["buys_28d", "spend_90d", "best_hour"])
def test_no_prediction_of_the_past_moves(name: str, present: EventHistory, planted: EventHistory) -> None:
    module = STANDARD[name]
    before, after = (module.forecast(past, MOMENT, module.fit(past, MOMENT)) for past in (present, planted))
    assert [present.people[int(one)] for one in before.who] == [planted.people[int(one)] for one in after.who]
    assert np.allclose(before.value, after.value, rtol=1e-6, atol=1e-9)
    for baseline in module.baselines.values():
        assert np.allclose(baseline(present, MOMENT).value, baseline(planted, MOMENT).value, rtol=1e-6, atol=1e-9)


def test_features_are_looked_into_at_every_proof_and_a_leak_refuses(
    present: EventHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert leaking(present) == ()
    monkeypatch.setattr("vocative.prove.judging.leaking", lambda _: ("days_since_purchase",))
    verdict = prove_module(STANDARD["best_hour"], present, "v", np.random.default_rng(1))
    assert not verdict.admitted
    assert verdict.why.startswith("refused: features know the future")
    assert "days_since_purchase" in verdict.why


def test_it_is_done_once_for_all_modules(present: EventHistory, monkeypatch: pytest.MonkeyPatch) -> None:
    leaking(present)
    monkeypatch.setattr(leaks, "find_leaks", None)
    assert leaking(present) == ()
