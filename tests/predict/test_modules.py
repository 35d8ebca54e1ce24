"""Every module over small businesses with a planted truth."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.decide.builders import DAY_US
from tests.predict.planted import LEARNT, NOW, SETTINGS, TODAY, Bought, habits, names, noise, sources
from tests.prove.test_readiness import PLENTY
from tests.store import drivers
from vocative.desk.report.tested import title_of
from vocative.errors import DriverError
from vocative.predict import registry
from vocative.predict.history.event_history import Past
from vocative.predict.predictor import Content, Forecast, Predictor, as_table
from vocative.predict.registry import STANDARD, question, standard_names
from vocative.prove.readiness import assess
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE, PREDICTIONS
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Engine

ORIGIN = NOW - 90 * DAY_US
MANY = names(120)
ALLOWED = MANY[::2]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return drivers.engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def past(engine: Engine) -> Past:
    return Past(engine, sources(habits(), MANY), SETTINGS, NOW)


def learnt(module: Predictor, past: Past, moment: int) -> Content:
    """What a predictor learns of a past, once for all tests that look at it."""
    return past.once(f"learnt by {module.name}", moment, module.fit)


def told(module: Predictor, past: Past, moment: int) -> pa.Table:
    return as_table(module, module.forecast(past, moment, learnt(module, past, moment)), past, moment, "v")


def every_way(module: Predictor, past: Past, moment: int) -> dict[str, Forecast]:
    ways = {name: baseline(past, moment) for name, baseline in module.baselines.items()}
    return {"model": module.forecast(past, moment, learnt(module, past, moment)), **ways}


def test_the_registry_holds_what_is_installed_in_its_order() -> None:
    assert sorted(STANDARD) == list(standard_names())
    assert all(predictor.name == name for name, predictor in STANDARD.items())
    ranks = [predictor.about.rank for predictor in STANDARD.values()]
    assert ranks == sorted(set(ranks))
    assert all(predictor.about.people > 0 and predictor.about.question for predictor in STANDARD.values())


def test_a_predictor_of_somebody_else_needs_an_entry_point_only(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("spends_little", "tests.predict.foreign:SPENDS_LITTLE", registry.GROUP)
    points = {"buys_28d": registry._points()["buys_28d"], point.name: point}
    monkeypatch.setattr(registry, "_points", lambda: points)
    monkeypatch.setattr(registry, "_ordered", registry._ordered.__wrapped__)
    assert list(registry.predictors_of(SETTINGS)) == ["buys_28d", "spends_little"]
    assert registry.question("spends_little", SETTINGS) == "whether the person spends little"
    ready = assess(PLENTY, SETTINGS, NOW)["spends_little"]
    assert ready.ready
    assert title_of("spends_little") == "Spends little"
    broken = EntryPoint("gone", "tests.predict.foreign:GONE", registry.GROUP)
    monkeypatch.setattr(registry, "_points", lambda: {"gone": broken})
    with pytest.raises(DriverError, match="'gone' cannot be loaded from tests"):
        registry.predictors_of(SETTINGS)


def test_questions_speak_of_what_people_do() -> None:
    streaming = msgspec.structs.replace(SETTINGS, events={"use": ["Played"]})
    assert question("buys_28d", SETTINGS) == "whether the person buys within 28 days"
    assert question("buys_28d", streaming) == "whether the person uses anything within 28 days"
    assert "used before" in question("new_items", streaming)
    reading = msgspec.structs.replace(SETTINGS, events={"click": ["read on"], "open": ["opened"]})
    assert question("buys_28d", reading) == "whether the person clicks on anything within 28 days"
    assert not any("bu" in question(name, streaming).split() for name in STANDARD)


@pytest.mark.parametrize("name", LEARNT)
def test_rows_have_the_columns_of_the_table_and_hold_numbers(name: str, past: Past) -> None:
    table = told(STANDARD[name], past, ORIGIN)
    declared = arrow_schema(PREDICTIONS)
    assert set(table.column_names) == set(declared.names) - {"run_id"}
    assert table.num_rows > 0
    for column in ("value", "low", "high", "support"):
        assert np.isfinite(table[column].to_numpy()).all(), column
    assert (table["low"].to_numpy() <= table["value"].to_numpy() + 1e-9).all()
    assert (table["high"].to_numpy() >= table["value"].to_numpy() - 1e-9).all()
    keys = set(zip(table["person_id"].to_pylist(), table["target"].to_pylist(), strict=True))
    assert len(keys) == table.num_rows, "a person and target is told once"
    for reasons in table["reasons"].to_pylist():
        assert isinstance(msgspec.json.decode(str(reasons)), dict)


@pytest.mark.parametrize("name", [name for name in LEARNT if STANDARD[name].unit == "probability"])
def test_every_way_gives_chances(name: str, past: Past) -> None:
    for way, forecast in every_way(STANDARD[name], past, ORIGIN).items():
        assert ((forecast.value >= 0.0) & (forecast.value <= 1.0)).all(), way


@pytest.mark.parametrize(("name", "places"), [("best_hour", 24), ("best_weekday", 7)])
def test_hours_and_weekdays_are_on_their_dial(name: str, places: int, past: Past) -> None:
    for forecast in every_way(STANDARD[name], past, ORIGIN).values():
        assert np.isin(forecast.value, np.arange(places)).all()


@pytest.mark.parametrize("name", LEARNT)
def test_what_was_learnt_is_plain_json_and_names_nobody(name: str, past: Past) -> None:
    content = learnt(STANDARD[name], past, ORIGIN)
    text = msgspec.json.encode(content)
    assert not any(person.encode() in text for person in MANY)
    again = STANDARD[name].forecast(past, ORIGIN, msgspec.json.decode(text))
    assert np.array_equal(again.value, STANDARD[name].forecast(past, ORIGIN, content).value)


Pair = tuple[Past, Past]


@pytest.fixture(scope="module")
def futures(engine: Engine) -> Pair:
    """The same past, once with what then happened and became known."""
    day, random = TODAY - 90, np.random.default_rng(1)
    known = [one for one in habits() if one.day < day - 1]
    planted = [
        Bought(str(person), f"new {random.integers(9)}", int(random.integers(day + 1, TODAY)), 3, 999.0)
        for person in random.choice(MANY, 400)
    ]
    planted += [one._replace(item="i00", day=day - 40, learnt_after=24 * 200) for one in planted]
    before = Past(engine, sources(known, MANY), SETTINGS, ORIGIN)
    return before, Past(engine, sources(known + planted, MANY, late_catalogue=True), SETTINGS, NOW)


@pytest.fixture(scope="module")
def late(engine: Engine) -> Pair:
    """A past of which some became known late, and the same without that."""
    told_late = [one._replace(learnt_after=24 * 60 if one.day > TODAY - 100 else 0) for one in habits()]
    never = [one for one in told_late if one.learnt_after == 0]
    first, second = (Past(engine, sources(one, MANY), SETTINGS, NOW) for one in (told_late, never))
    return first, second


@pytest.fixture(scope="module")
def crowd(engine: Engine) -> Pair:
    """Half of the people allowed it: with the others there, and without them."""
    mine = [one for one in habits() if one.person in set(ALLOWED)]
    with_others = Past(engine, sources(habits(), ALLOWED), SETTINGS, NOW)
    return with_others, Past(engine, sources(mine, ALLOWED), SETTINGS, NOW)


@pytest.mark.parametrize("name", LEARNT)
def test_nothing_of_the_future_is_found(name: str, futures: Pair) -> None:
    """Learning and predicting at a moment gives the same whatever happens, or becomes known, from then on."""
    (before, after), module = futures, STANDARD[name]
    assert module.fit(after, ORIGIN) == module.fit(before, ORIGIN)
    assert told(module, after, ORIGIN).equals(told(module, before, ORIGIN))
    for baseline in module.baselines.values():
        ours, theirs = (as_table(module, baseline(one, ORIGIN), one, ORIGIN, "v") for one in (before, after))
        assert theirs.equals(ours)


@pytest.mark.parametrize("name", LEARNT)
def test_outcomes_that_were_not_complete_are_not_learnt_from(name: str, late: Pair) -> None:
    """What became known late changes what happened, but not what had been learnt by then."""
    first, second = (STANDARD[name].fit(one, NOW - 45 * DAY_US) for one in late)
    assert first == second


@pytest.mark.parametrize("name", LEARNT)
def test_those_who_did_not_allow_it_leave_no_trace(name: str, crowd: Pair) -> None:
    table, alone = (told(STANDARD[name], one, ORIGIN) for one in crowd)
    assert set(table["person_id"].to_pylist()) <= set(ALLOWED)
    assert table.equals(alone)


def test_people_who_stay_away_are_told_from_those_who_come(past: Past) -> None:
    last = {person: max(one.day for one in habits() if one.person == person) for person in MANY}
    table = told(STANDARD["buys_28d"], past, NOW)
    value = dict(zip(map(str, table["person_id"].to_pylist()), table["value"].to_numpy().tolist(), strict=True))
    gone = [value[person] for person in MANY if last[person] < TODAY - 90]
    here = [value[person] for person in MANY if last[person] > TODAY - 10]
    assert min(len(gone), len(here)) > 10
    assert np.mean(gone) < 0.2 < 0.8 < np.mean(here)


def test_favourite_items_come_first(past: Past) -> None:
    mine = [one for one in habits() if one.person == "p003"]
    counts = {item: sum(one.item == item for one in mine) for item in {one.item for one in mine}}
    favourites = sorted(counts, key=lambda item: -counts[item])[:6]
    table = told(STANDARD["next_items"], past, NOW)
    rows = table.filter(pc.equal(table["person_id"], pa.scalar("p003")))
    assert len(set(rows["target"].to_pylist()[:6]) & set(favourites)) >= 4
    assert (np.diff(rows["value"].to_numpy()) <= 0).all()


def test_new_items_are_new(past: Past) -> None:
    had = {(one.person, one.item) for one in habits()}
    table = told(STANDARD["new_items"], past, NOW)
    pairs = set(zip(table["person_id"].to_pylist(), table["target"].to_pylist(), strict=True))
    assert pairs
    assert not pairs & had
    for forecast in every_way(STANDARD["new_items"], past, ORIGIN).values():
        assert (forecast.support == 0).all()


@pytest.mark.parametrize("world", [[], [Bought("p000", "i00", TODAY - 3)]])
@pytest.mark.parametrize("name", LEARNT)
def test_without_history_baselines_still_answer(name: str, world: list[Bought], engine: Engine) -> None:
    past = Past(engine, sources(world, ["p000"]), SETTINGS, NOW)
    for baseline in STANDARD[name].baselines.values():
        table = as_table(STANDARD[name], baseline(past, NOW), past, NOW, "v")
        assert set(table["person_id"].to_pylist()) <= {"p000"}


def test_a_business_of_uses_is_understood_too(engine: Engine) -> None:
    streaming = msgspec.structs.replace(SETTINGS, events={"use": ["purchase"]})
    past = Past(engine, sources(habits(), MANY), streaming, NOW)
    for name in ("buys_28d", "next_items", "best_hour"):
        assert told(STANDARD[name], past, ORIGIN).num_rows > 0


def test_the_files_of_a_lake_give_the_same_as_tables(engine: Engine, tmp_path: Path, past: Past) -> None:
    lake, given = drivers.lake(tmp_path), past.sources
    for table, rows in ((EVENTS, given.events), (ITEMS, given.items), (PEOPLE, given.people)):
        assert isinstance(rows, pa.Table)
        lake.append(table, rows, token="t")
    stored = replace(given, events=lake.scan(EVENTS), people=lake.scan(PEOPLE), items=lake.scan(ITEMS))
    other = Past(engine, stored, SETTINGS, NOW)
    assert told(STANDARD["next_items"], other, ORIGIN).equals(told(STANDARD["next_items"], past, ORIGIN))


def test_noise_has_no_favourites(engine: Engine) -> None:
    past = Past(engine, sources(noise(), MANY), SETTINGS, NOW)
    value = told(STANDARD["buys_28d"], past, NOW)["value"].to_numpy()
    assert value.std() < 0.15
