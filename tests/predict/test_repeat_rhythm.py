"""The rhythm of repeat purchases, against a second computation in plain Python over small random histories."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from tests.decide.builders import DAY_US, HOUR_US
from tests.decide.builders import settings as make_settings
from tests.store import drivers
from vocative.facts.sources import Sources
from vocative.predict.history.event_history import EventHistory
from vocative.predict.predictor import as_table
from vocative.predict.registry import STANDARD
from vocative.predict.rhythm.repeat_rhythm import MODULE, RepeatRhythm
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE, PREDICTIONS
from vocative.records.schema import Value
from vocative.records.settings import Settings
from vocative.store.arrow import arrow_schema, rows_to_arrow
from vocative.store.protocols import Engine

SETTINGS = make_settings(events={"purchase": ["purchase"]})
FIRST_DAY = 20_000
TODAY = FIRST_DAY + 500
MOMENT = TODAY * DAY_US + 8 * HOUR_US
PRIOR, SHARED_PRIOR, LONGEST, KEPT = 4.0, 20.0, 366, 20


class Purchase(NamedTuple):
    person: str
    category: str
    day: int
    """Days since the first day."""
    hour: int = 0
    learnt_after: int = 0
    """Hours between the purchase and the moment the business knew of it."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return drivers.engine(tmp_path_factory.mktemp("engine"))


def sources(purchases: Sequence[Purchase], allowed: Sequence[str]) -> Sources:
    events: list[dict[str, Value]] = []
    for number, one in enumerate(purchases):
        at = (FIRST_DAY + one.day) * DAY_US + one.hour * HOUR_US
        events.append(
            {
                "message_id": f"e{number}",
                "timestamp": at,
                "known_at": at + one.learnt_after * HOUR_US,
                "event": "purchase",
                "user_id": one.person,
                "item_id": f"item {one.category}",
                "not_me": False,
                "doubts": "",
                "source": "test",
            }
        )
    items: list[dict[str, Value]] = [
        {
            "version_id": category,
            "timestamp": 0,
            "known_at": 0,
            "item_id": f"item {category}",
            "category": category,
            "doubts": "",
            "source": "test",
        }
        for category in sorted({one.category for one in purchases})
    ]
    return Sources(
        events=rows_to_arrow(EVENTS, events),
        people=arrow_schema(PEOPLE).empty_table(),
        items=rows_to_arrow(ITEMS, items),
        identity=pa.table({"alias": pa.array([], pa.string()), "person_id": pa.array([], pa.string())}),
        allowed=pa.table({"person_id": pa.array(list(allowed), pa.string())}),
    )


def predict(engine: Engine, purchases: Sequence[Purchase], allowed: Sequence[str], horizon: int = 7) -> pa.Table:
    return counted(engine, sources(purchases, allowed), SETTINGS, horizon)


def counted(engine: Engine, given: Sources, meaning: Settings, horizon: int = 7) -> pa.Table:
    """What counting alone predicts, in the columns of its table."""
    module, past = RepeatRhythm(float(horizon)), EventHistory(engine, given, meaning, MOMENT)
    return as_table(module, module.baselines["counted_rhythm"](past, MOMENT), past, MOMENT, "test")


class Pauses(NamedTuple):
    closed: list[int]
    open: int


def pauses_of(purchases: Sequence[Purchase], allowed: Sequence[str]) -> dict[tuple[str, str], Pauses]:
    days: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for one in purchases:
        at = (FIRST_DAY + one.day) * DAY_US + one.hour * HOUR_US
        if one.person in allowed and at + one.learnt_after * HOUR_US < MOMENT:
            days[one.person, one.category].add(FIRST_DAY + one.day)
    return {
        pair: Pauses(
            [later - day for day, later in zip(sorted(found), sorted(found)[1:], strict=False)], TODAY - max(found)
        )
        for pair, found in days.items()
    }


def staying_away(pauses: dict[tuple[str, str], Pauses]) -> dict[str, list[float]]:
    """Category → the chance that a pause lasts longer than 0, 1, 2 … days."""
    observed: defaultdict[str, list[tuple[int, bool]]] = defaultdict(list)
    for (_, category), theirs in pauses.items():
        observed[category] += [(min(length, LONGEST), length <= LONGEST) for length in theirs.closed]
        observed[category].append((min(theirs.open, LONGEST), False))
    everything = [one for found in observed.values() for one in found]

    def ended(found: list[tuple[int, bool]], day: int) -> int:
        return sum(length == day and over for length, over in found)

    def at_risk(found: list[tuple[int, bool]], day: int) -> int:
        return sum(length >= day for length, _ in found)

    shared = [ended(everything, day) / max(at_risk(everything, day), 1) for day in range(LONGEST + 1)]
    table = {}
    for category, found in observed.items():
        chance, chances = 1.0, []
        for day in range(LONGEST + 1):
            steadied = (ended(found, day) + SHARED_PRIOR * shared[day]) / (at_risk(found, day) + SHARED_PRIOR)
            chance *= 1.0 - steadied
            chances.append(max(chance, 1e-12))
        table[category] = chances
    return table


def expected(
    purchases: Sequence[Purchase], allowed: Sequence[str], horizon: int
) -> dict[tuple[str, str], tuple[float, int]]:
    """(person, category) → probability and number of completed pauses."""
    pauses = pauses_of(purchases, allowed)
    away = staying_away(pauses)
    found = {}
    for (person, category), mine in pauses.items():
        if not mine.closed:
            continue
        age = min(mine.open, LONGEST)
        prior = 1.0 - away[category][min(age + horizon, LONGEST)] / away[category][age]
        longer = [length for length in mine.closed if length > mine.open]
        ended = [length for length in longer if length <= mine.open + horizon]
        found[person, category] = ((len(ended) + PRIOR * prior) / (len(longer) + PRIOR), len(mine.closed))
    return found


PURCHASES = st.lists(
    st.builds(
        Purchase,
        st.sampled_from(["a", "b", "c", "d"]),
        st.sampled_from(["Milk", "Bread"]),
        st.one_of(st.integers(440, 502), st.integers(0, 502)),
        st.integers(0, 23),
        st.sampled_from([0, 0, 5, 2_000]),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PURCHASES, st.sets(st.sampled_from(["a", "b", "c", "d", "never seen"])), st.sampled_from([1, 7, 30]))
def test_every_number_is_what_plain_counting_gives(
    engine: Engine, purchases: list[Purchase], allowed: set[str], horizon: int
) -> None:
    table = predict(engine, purchases, sorted(allowed), horizon)
    wanted = expected(purchases, sorted(allowed), horizon)
    rows = table.to_pylist()
    assert {(row["person_id"], row["target"]) for row in rows} == set(wanted)
    assert {row["person_id"] for row in rows} <= allowed
    for row in rows:
        value, support = wanted[row["person_id"], row["target"]]
        assert row["value"] == pytest.approx(value, rel=1e-9, abs=1e-12)
        assert row["support"] == support
        assert 0.0 <= row["low"] <= row["value"] + 1e-9
        assert row["value"] - 1e-9 <= row["high"] <= 1.0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PURCHASES, PURCHASES)
def test_nothing_that_became_known_at_the_moment_or_later_matters(
    engine: Engine, purchases: list[Purchase], later: list[Purchase]
) -> None:
    known = [one for one in purchases if one.learnt_after < 2_000 and one.day < 490]
    unknown = [one._replace(day=500 + one.day % 3, hour=8 + one.hour % 16) for one in later]
    unknown += [one._replace(learnt_after=24 * 600) for one in later]
    everybody = ["a", "b", "c", "d"]
    assert predict(engine, known + unknown, everybody).equals(predict(engine, known, everybody))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PURCHASES, st.permutations(["a", "b", "c", "d"]))
def test_those_who_did_not_allow_it_leave_no_trace(
    engine: Engine, purchases: list[Purchase], people: list[str]
) -> None:
    allowed = people[:2]
    without = [one for one in purchases if one.person in allowed]
    catalogue = [Purchase("nobody", category, 0) for category in ("Milk", "Bread")]
    assert predict(engine, purchases + catalogue, allowed).equals(predict(engine, without + catalogue, allowed))


def weekly(person: str, category: str = "Milk", *, pause: int = 7, until: int = 500) -> list[Purchase]:
    return [Purchase(person, category, day) for day in range(until % pause, until + 1, pause)]


def test_someone_with_a_steady_rhythm_is_due_when_their_pause_is_over(engine: Engine) -> None:
    history = weekly("steady", pause=10, until=495) + [p for n in range(5) for p in weekly(f"p{n}", pause=3 + 5 * n)]
    rows = {row["person_id"]: row for row in predict(engine, history, ["steady", "p0", "p4"]).to_pylist()}
    assert rows["steady"]["value"] > 0.9, "five days to go, seven ahead"
    assert rows["p0"]["value"] > 0.9
    assert rows["p4"]["value"] < 0.2, "every twenty-three days, and bought today"


def test_a_person_with_few_pauses_is_close_to_everybody(engine: Engine) -> None:
    crowd = [purchase for number in range(30) for purchase in weekly(f"p{number}")]
    odd = [Purchase("odd", "Milk", 480), Purchase("odd", "Milk", 500)]
    people = ["odd", *(f"p{number}" for number in range(30))]
    value = {row["person_id"]: row["value"] for row in predict(engine, crowd + odd, people).to_pylist()}
    assert value["odd"] > 0.7
    assert value["p1"] > value["odd"]


def test_reasons_are_the_facts_behind_it(engine: Engine) -> None:
    row = predict(engine, [Purchase("a", "Milk", day) for day in (470, 480, 494)], ["a"]).to_pylist()[0]
    assert json.loads(row["reasons"]) == {"typical_days": 12.0, "days_since": 6, "pauses": 2}
    assert (row["module"], row["unit"], row["horizon_days"], row["version"]) == (MODULE, "probability", 7.0, "test")
    assert int(row["moment"].timestamp() * 1e6) == MOMENT
    assert STANDARD[MODULE].name == MODULE


def test_the_interval_is_that_of_a_beta_posterior(engine: Engine) -> None:
    row = predict(engine, weekly("a"), ["a"]).to_pylist()[0]
    longer = len(weekly("a")) - 1
    hits = row["value"] * (longer + PRIOR)
    assert (row["low"], row["high"]) == pytest.approx(beta.ppf([0.05, 0.95], hits, longer + PRIOR - hits))


def test_two_purchases_on_one_day_are_one(engine: Engine) -> None:
    once = [Purchase("a", "Milk", day) for day in (470, 480, 494)]
    twice = [*once, Purchase("a", "Milk", 480, 3), Purchase("a", "Milk", 494, 23)]
    assert predict(engine, once, ["a"]).equals(predict(engine, twice, ["a"]))


def test_at_most_twenty_targets_the_most_probable_first(engine: Engine) -> None:
    history = [p for number in range(25) for p in weekly("a", f"c{number:02}", pause=2 + number)]
    history += weekly("b", "c00")
    rows = predict(engine, history, ["a", "b"]).to_pylist()
    mine = [row for row in rows if row["person_id"] == "a"]
    assert len(mine) == KEPT
    assert [row["value"] for row in mine] == sorted((row["value"] for row in mine), reverse=True)
    wanted = expected(history, ["a", "b"], 7)
    left_out = {category for person, category in wanted if person == "a"} - {row["target"] for row in mine}
    assert max(wanted["a", category][0] for category in left_out) <= mine[-1]["value"] + 1e-12


@pytest.mark.parametrize("purchases", [[], [Purchase("a", "Milk", 490)], weekly("stranger")])
def test_without_a_repeat_of_somebody_allowed_there_is_an_empty_table(
    purchases: list[Purchase], engine: Engine
) -> None:
    table = predict(engine, purchases, ["a"])
    assert table.num_rows == 0
    declared = arrow_schema(PREDICTIONS)
    assert set(table.column_names) == set(declared.names) - {"run_id"}
    for name in table.column_names:
        assert table.schema.field(name).type == declared.field(name).type, name


def test_a_business_without_purchase_events_predicts_nothing(engine: Engine) -> None:
    nothing = make_settings(events={})
    table = counted(engine, sources(weekly("a"), ["a"]), nothing)
    assert table.num_rows == 0


def test_the_files_of_a_lake_give_the_same_as_tables(engine: Engine, tmp_path: Path) -> None:
    lake = drivers.lake(tmp_path)
    given_sources = sources(weekly("a") + weekly("b", pause=5), ["a", "b"])
    for table, rows in ((EVENTS, given_sources.events), (ITEMS, given_sources.items), (PEOPLE, given_sources.people)):
        assert isinstance(rows, pa.Table)
        lake.append(table, rows, token="t")
    stored = Sources(
        lake.scan(EVENTS), lake.scan(PEOPLE), lake.scan(ITEMS), given_sources.identity, given_sources.allowed
    )
    assert counted(engine, stored, SETTINGS).equals(counted(engine, given_sources, SETTINGS))
