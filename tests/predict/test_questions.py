"""Questions of a business's own: any event, by name or role, within any days; and who slows down."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from tests.decide.builders import DAY_US
from tests.predict.planted import NOW, SETTINGS, TODAY, Bought, habits, names, sources
from tests.store import drivers
from vocative.facts.sources import Sources
from vocative.predict.events.question import Doing, Slowing, acts_of, before
from vocative.predict.events.recency_features import occasions
from vocative.predict.history.event_history import EventArrays, EventHistory
from vocative.predict.predictor import as_table
from vocative.predict.registry import STANDARD, predictors_of
from vocative.records.lake_tables import EVENTS
from vocative.records.operation import Operation
from vocative.records.questions import Question
from vocative.records.schema import Value
from vocative.store.arrow import rows_to_arrow
from vocative.store.protocols import Engine

MANY = names(60)
ORIGIN = NOW - 60 * DAY_US
WEEKLY = MANY[:30]
"""They watch every week; the others stop watching after the first hundred days."""
ASKED = msgspec.structs.replace(
    SETTINGS,
    events={"purchase": ["purchase"], "use": ["Watched", "Listened"], "complaint": ["Complained"]},
    questions={
        "watches_14d": Question(event="Watched", days=14),
        "stops_28d": Question(event="use", days=28, away=True, active_days=90),
        "complains_56d": Question(event="complaint", days=56),
    },
)


def extra(events: list[tuple[str, str, float]]) -> Sources:
    """The shop of habits, and other events: name, person, day."""
    shop = sources(habits(60), MANY)
    rows: list[dict[str, Value]] = [
        {
            "message_id": f"{name} {number}",
            "timestamp": NOW + round((day - TODAY) * DAY_US),
            "known_at": NOW + round((day - TODAY) * DAY_US),
            "event": name,
            "user_id": person,
            "not_me": False,
            "doubts": "",
            "source": "test",
        }
        for number, (name, person, day) in enumerate(events)
    ]
    assert isinstance(shop.events, pa.Table)
    events_ = pa.concat_tables([shop.events, rows_to_arrow(EVENTS, rows)])
    return Sources(events_, shop.people, shop.items, shop.identity, shop.allowed)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return drivers.engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def past(engine: Engine) -> EventHistory:
    random = np.random.default_rng(1)
    events = [
        ("Watched", person, float(day) + random.uniform(-2, 2))
        for person in MANY
        for day in range(5, TODAY - 3 if person in WEEKLY else 100, 7)
    ]
    events += [("Listened", person, 300.0 + 10 * step) for person in MANY[:5] for step in range(3)]
    return EventHistory(engine, extra([*events, ("Complained", MANY[0], 200.0)]), ASKED, NOW)


def test_a_question_is_a_module_like_others() -> None:
    found = predictors_of(ASKED)
    assert list(found) == [*STANDARD, "watches_14d", "stops_28d", "complains_56d"]
    assert found["watches_14d"].horizon_days == 14.0
    assert found["watches_14d"].kind == "probability"
    assert list(predictors_of(SETTINGS)) == list(STANDARD)
    fewer = msgspec.structs.replace(ASKED, models=Operation(without=["runs_out"]))
    assert list(predictors_of(fewer)) == [name for name in found if name != "runs_out"]


def test_acts_are_found_by_event_and_by_role(past: EventHistory) -> None:
    assert len(acts_of(past, "Listened")) == 15
    assert len(acts_of(past, "use")) == len(acts_of(past, "Watched")) + 15
    assert len(acts_of(past, "Complained")) == 1
    assert len(acts_of(past, "nothing such")) == 0
    assert np.array_equal(acts_of(past, "").us, acts_of(past, "purchase").us)


def test_who_watches_is_told_from_who_stopped(past: EventHistory) -> None:
    module = predictors_of(ASKED)["watches_14d"]
    forecast = module.forecast(past, ORIGIN, module.fit(past, ORIGIN))
    value = dict(zip(past.people.take(forecast.who).to_pylist(), forecast.value.tolist(), strict=True))
    assert np.mean([value[person] for person in WEEKLY]) > 0.9
    assert np.mean([value[person] for person in MANY[30:]]) < 0.1
    outcome = module.outcome(past, ORIGIN, NOW)
    assert outcome.value[np.isin(outcome.who, forecast.who)].mean() == pytest.approx(0.5)
    reasons = as_table(module, forecast, past, ORIGIN, "v")["reasons"].to_pylist()
    assert all(len(msgspec.json.decode(str(one), type=dict)) == 3 for one in reasons)


def test_only_those_who_were_active_are_asked_about(past: EventHistory) -> None:
    module = predictors_of(ASKED)["stops_28d"]
    asked = set(past.people.take(module.outcome(past, ORIGIN, NOW).who).to_pylist())
    assert asked == set(WEEKLY)
    for baseline in module.baselines.values():
        assert set(past.people.take(baseline(past, ORIGIN).who).to_pylist()) == set(WEEKLY)


def test_an_event_that_hardly_ever_came_is_still_answered(past: EventHistory) -> None:
    module = predictors_of(ASKED)["complains_56d"]
    content = module.fit(past, ORIGIN)
    assert content["members"] == []
    value = module.forecast(past, ORIGIN, content).value
    assert ((value > 0.0) & (value < 0.05)).all()


def test_away_is_the_opposite_and_often_is_rarer(past: EventHistory) -> None:
    who = past.present(ORIGIN)
    came = Doing(days=28, event="Watched").happened(past, ORIGIN, NOW, who)
    assert np.array_equal(Doing(days=28, event="Watched", away=True).happened(past, ORIGIN, NOW, who), ~came)
    often = [Doing(days=28, event="Watched", times=times).happened(past, ORIGIN, NOW, who) for times in (1, 3, 9)]
    assert (often[0] >= often[1]).all()
    assert often[1].sum() > 0
    assert not often[2].any()


def test_what_comes_later_changes_nothing(engine: Engine, past: EventHistory) -> None:
    acts = acts_of(past, "Watched")
    known = [
        ("Watched", str(past.people[int(one)].as_py()), (int(us) - NOW) / DAY_US + TODAY)
        for one, us in zip(acts.who, acts.us, strict=True)
        if us < ORIGIN
    ]
    less = EventHistory(engine, extra([*known, ("Complained", MANY[0], 200.0)]), ASKED, NOW)
    module = predictors_of(ASKED)["stops_28d"]
    seen, other = (module.fit(one, ORIGIN - 150 * DAY_US) for one in (past, less))
    assert seen == other


def test_who_spends_less_than_half_of_their_usual(engine: Engine) -> None:
    steady = [Bought("steady", "i00", day, amount=10.0) for day in range(10, 330, 7)]
    slower = [Bought("slower", "i00", day, amount=10.0 if day < 300 else 3.0) for day in range(10, 330, 7)]
    back = [Bought("back", "i00", 305, amount=10.0), Bought("gone", "i00", 100)]
    past = EventHistory(engine, sources([*steady, *slower, *back], ["steady", "slower", "back", "gone"]), SETTINGS, NOW)
    moment, asked = NOW - (TODAY - 300) * DAY_US, Slowing()
    who = asked.audience(past, moment)
    people = past.people.take(who).to_pylist()
    assert people == ["slower", "steady"], "only of those who spent lately"
    assert asked.happened(past, moment, NOW, who).tolist() == [True, False]


@pytest.mark.parametrize("days", [7, 56])
def test_own_past_does_not_depend_on_the_order_of_acts(days: int) -> None:
    random = np.random.default_rng(2)
    who, us = random.integers(0, 9, 300), random.integers(0, 200 * DAY_US, 300)
    acts = EventArrays(who, us, us, np.zeros(300, np.int64), np.full(300, -1), random.uniform(1, 9, 300))
    columns, values = occasions(acts, 10, 200 * DAY_US, days, money=True)
    order = random.permutation(300)
    other = EventArrays(who[order], us[order], us[order], acts.role, acts.item, acts.money[order])
    mixed = occasions(other, 10, 200 * DAY_US, days, money=True)[1]
    assert np.allclose(values, mixed)
    assert values.shape == (10, len(columns))
    assert len(set(columns)) == len(columns)
    assert np.isfinite(values).all(), "also of the tenth, who never did it"


def test_own_past_counts_days(past: EventHistory) -> None:
    moment = 100 * DAY_US
    us = np.array([10, 40, 40, 95], np.int64) * DAY_US
    acts = EventArrays(np.zeros(4, np.int64), us, us, np.zeros(4, np.int64), np.full(4, -1), np.ones(4))
    names_, values = occasions(acts, 1, moment, 28)
    told = dict(zip(names_, values[0].tolist(), strict=True))
    assert told["own_days"] == 3
    assert told["own_days_since"] == 4
    assert told["own_days_known"] == 89
    assert told["own_pause_longest"] == 55
    assert told["own_pace_7d"] == pytest.approx(4.0)
    assert told["own_pauses_beyond"] == 2
    assert len(before(past.acts, past, NOW)) == len(past.acts)
