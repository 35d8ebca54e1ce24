"""The module of effects: what it learns from treatments by lot, and what it says when there are none."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from msgspec import json
from msgspec.structs import replace

from tests.predict.planted import NOW, SETTINGS, TODAY, Bought, sources
from vocative.predict.history.event_history import DAY_US, EventHistory
from vocative.predict.history.treatments import COLUMNS, treatments_of
from vocative.predict.predictor import as_table
from vocative.predict.uplift.module import UPLIFT, UPLIFT_MONEY
from vocative.prove.judging import missing, needed, prove_module
from vocative.records.schema import Row
from vocative.records.settings import Control
from vocative.store.adapters.duckdb_engine import DuckDBEngine

PEOPLE = 1_200
CONTROLLED = replace(SETTINGS, control=Control(share=0.5, salt="any"))
DAY = 250
MODULE = UPLIFT
AT = NOW - (TODAY - DAY) * DAY_US


@lru_cache
def _business(effective: bool = True) -> tuple[list[Bought], list[Row]]:
    """Half of the people are written to by lot on one day; the frequent then buy more often, the rare stay away."""
    random = np.random.default_rng(1)
    bought: list[Bought] = []
    rows: list[Row] = []
    for number in range(PEOPLE):
        person, often = f"secret{number:05}", number % 2 == 0
        days = random.choice(DAY, size=14 if often else 4, replace=False)
        treated = bool(random.random() < 0.5)
        chance = 0.4 + ((0.35 if often else -0.3) if treated and effective else 0.0)
        after = [DAY + 1 + int(random.integers(0, 25))] if random.random() < chance else []
        bought += [Bought(person, f"i{number % 7}", int(day)) for day in [*sorted(days), *after]]
        told: Row = {"person_id": person, "moment": AT, "treated": treated, "chance": 0.5}
        rows.append({**told, "campaign": "news" if number % 3 else "coupon"})
    return bought, rows


def _past(folder: Path, rows: list[Row] | None, *, effective: bool = True, now: int = NOW) -> EventHistory:
    bought, _ = _business(effective)
    engine = DuckDBEngine(folder / "spill", memory="512MB")
    table = None if rows is None else pa.Table.from_pylist(rows, COLUMNS)
    known = sources(bought, sorted({one.person for one in bought}))
    return EventHistory(engine, known, CONTROLLED, now, treated=None if table is None else lambda: table)


def test_without_anything_by_lot_it_names_the_pilot_that_is_needed(tmp_path: Path) -> None:
    now = AT + 28 * DAY_US
    past = _past(tmp_path, None, now=now)
    assert missing(MODULE, past).startswith("no causal evidence yet: 0 people were contacted and 0 left in peace")
    wanted = needed(MODULE, past)
    assert wanted.startswith("a pilot of ")
    assert "for 5 weeks, 50% of them left in peace by lot" in wanted
    verdict = prove_module(MODULE, past, "v", np.random.default_rng(0))
    assert not verdict.admitted
    assert "no causal evidence yet" in verdict.why
    nobody = MODULE.baselines["everybody_alike"](past, now)
    assert as_table(MODULE, nobody, past, now, "baseline:everybody_alike").num_rows == 0


def test_a_planted_effect_is_admitted_and_told_for_each_person(tmp_path: Path) -> None:
    _, rows = _business()
    past = _past(tmp_path, rows)
    verdict = prove_module(MODULE, past, "v", np.random.default_rng(0))
    assert verdict.admitted, verdict.why
    assert verdict.low > 0
    assert "better left in peace" in verdict.why
    content = MODULE.fit(past, NOW)
    kept = json.decode(json.encode(content))
    assert "secret" not in json.encode(content).decode()
    found = MODULE.forecast(past, NOW, kept)
    often = np.array([int(past.people[int(who)].as_py()[6:]) % 2 == 0 for who in found.who])
    assert found.value[often].mean() == pytest.approx(0.35, abs=0.12)
    assert found.value[~often].mean() == pytest.approx(-0.3, abs=0.12)
    assert np.all((found.low < found.value) & (found.value < found.high))
    table = as_table(MODULE, found, past, NOW, "v")
    assert set(table["target"].to_pylist()) == {"news", "coupon"}
    spared = [row for row in table.to_pylist() if "better_left_in_peace" in row["reasons"]]
    assert len(spared) > 0.3 * table.num_rows
    assert all(row["high"] < 0 for row in spared)


def test_treatments_without_effect_are_refused(tmp_path: Path) -> None:
    _, rows = _business(effective=False)
    verdict = prove_module(MODULE, _past(tmp_path, rows, effective=False), "v", np.random.default_rng(0))
    assert not verdict.admitted
    assert "more than chance explains" in verdict.why


def test_only_complete_treatments_of_known_people_with_a_real_lot_count(tmp_path: Path) -> None:
    base: Row = {"moment": AT, "treated": True, "chance": 0.5, "campaign": "news"}
    rows: list[Row] = [
        {**base, "person_id": "secret00001"},
        {**base, "person_id": "stranger"},
        {**base, "person_id": "secret00002", "chance": 1.0},
        {**base, "person_id": "secret00003", "moment": NOW - 20 * DAY_US},
        {**base, "person_id": "secret00004", "moment": NOW + DAY_US},
    ]
    past = _past(tmp_path, rows)
    known = treatments_of(past)
    assert [past.people[int(who)].as_py() for who in known.who] == ["secret00001", "secret00003"]
    assert len(MODULE.trial(past, NOW)[0]) == 1
    assert len(MODULE.outcome(past, AT, NOW).who) == 0
    with pytest.raises(ValueError, match="several first occasions"):
        treatments_of(_past(tmp_path / "twice", [rows[0], rows[0]]))


def test_what_is_known_of_a_person_is_from_before_the_treatment(tmp_path: Path) -> None:
    """Purchases after the treatment change outcomes, never the columns that are learnt from."""
    bought, rows = _business()
    before = [one for one in bought if one.day < DAY]
    engine = DuckDBEngine(tmp_path / "spill", memory="512MB")
    table, people = pa.Table.from_pylist(rows, COLUMNS), sorted({one.person for one in bought})
    designs = [
        MODULE.trial(EventHistory(engine, sources(acts, people), SETTINGS, NOW, treated=lambda: table), NOW)[0].design
        for acts in (bought, before)
    ]
    assert np.array_equal(designs[0], designs[1])


def test_money_is_told_in_money(tmp_path: Path) -> None:
    _, rows = _business()
    past = _past(tmp_path, rows)
    money = UPLIFT_MONEY
    found = money.forecast(past, NOW, money.fit(past, NOW))
    assert money.unit == "money"
    trial, _ = money.trial(past, NOW)
    plain = trial.outcome[trial.treated].mean() - trial.outcome[~trial.treated].mean()
    assert money.baselines["everybody_alike"](past, NOW).value[0] == pytest.approx(plain, abs=1e-9)
    assert np.corrcoef(found.value, MODULE.forecast(past, NOW, MODULE.fit(past, NOW)).value)[0, 1] > 0.8
