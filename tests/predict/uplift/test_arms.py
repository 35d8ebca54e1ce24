"""Effects of several things that were drawn by lot: each an arm of its own, admitted or refused for itself."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pytest
from msgspec import json

from tests.predict.planted import NOW, SETTINGS, TODAY, Bought, sources
from vocative.line.models.forecasting import _arms_alike
from vocative.predict.history.event_history import DAY_US, Past
from vocative.predict.history.treatments import COLUMNS, treatments_of
from vocative.predict.predictor import as_table
from vocative.predict.uplift.module import UPLIFT
from vocative.prove.judging import prove_module
from vocative.records.schema import Cell
from vocative.store.adapters.duckdb_engine import DuckDBEngine

PEOPLE, DAY = 1_800, 250
AT = NOW - (TODAY - DAY) * DAY_US
MODULE = UPLIFT
ARMS = ("", "coupon offer=10:percent", "news", "rare")
EFFECTS = {"coupon offer=10:percent": (0.25, 0.25), "news": (0.4, -0.35)}
"""Arm → effect on those who buy often, and on the others."""


@lru_cache
def _business() -> tuple[list[Bought], list[dict[str, Cell]]]:
    """Everybody can get one of three things or nothing, as it is drawn; `rare` is hardly ever drawn."""
    random = np.random.default_rng(1)
    bought: list[Bought] = []
    rows: list[dict[str, Cell]] = []
    odds = np.array([0.3, 0.34, 0.34, 0.02])
    for number in range(PEOPLE):
        person, often = f"secret{number:05}", number % 2 == 0
        days = random.choice(DAY, size=14 if often else 4, replace=False)
        arm = ARMS[int(random.choice(4, p=odds))]
        chance = 0.4 + EFFECTS.get(arm, (0.0, 0.0))[0 if often else 1]
        after = [DAY + 1 + int(random.integers(0, 25))] if random.random() < chance else []
        bought += [Bought(person, f"i{number % 7}", int(day)) for day in [*sorted(days), *after]]
        told: dict[str, Cell] = {
            "person_id": person,
            "moment": AT,
            "treated": arm != "",
            "chance": 0.7,
            "campaign": "news",
        }
        rows.append({**told, "action_key": arm, "chances": list(zip(ARMS, odds.tolist(), strict=True))})
    return bought, rows


def _past(folder: Path, rows: list[dict[str, Cell]]) -> Past:
    bought, _ = _business()
    table = pa.Table.from_pylist(rows, COLUMNS)
    known = sources(bought, sorted({one.person for one in bought}))
    return Past(DuckDBEngine(folder / "spill", memory="512MB"), known, SETTINGS, NOW, treated=lambda: table)


def test_each_arm_has_an_effect_of_its_own_and_is_admitted_for_itself(tmp_path: Path) -> None:
    past = _past(tmp_path, _business()[1])
    verdict = prove_module(MODULE, past, "v", np.random.default_rng(0))
    arms = {one.name: one for one in verdict.arms}
    assert set(arms) == set(EFFECTS), "who hardly got anything is no arm"
    assert verdict.admitted
    # On all alike the coupon works the same: who gets it is no matter.
    assert (arms["news"].admitted, arms["coupon offer=10:percent"].admitted) == (True, False), verdict.why
    assert arms["news"].sleeping_dogs > 0.3 * arms["news"].people
    assert arms["coupon offer=10:percent"].sleeping_dogs == 0
    assert arms["coupon offer=10:percent"].low < 0.25 < arms["coupon offer=10:percent"].high

    content = json.decode(json.encode(MODULE.fit(past, NOW)))
    assert "secret" not in json.encode(content).decode()
    found = MODULE.forecast(past, NOW, content)
    often = np.array([int(past.people[int(who)].as_py()[6:]) % 2 == 0 for who in found.who])
    assert found.target is not None
    news = found.target == 1
    assert found.value[often & news].mean() == pytest.approx(0.4, abs=0.12)
    assert found.value[~often & news].mean() == pytest.approx(-0.35, abs=0.12)
    assert found.value[~news].mean() == pytest.approx(0.25, abs=0.1)

    told = _arms_alike(MODULE, as_table(MODULE, found, past, NOW, "v"), past, verdict, NOW).to_pylist()
    by_arm = {arm: [row for row in told if row["target"] == arm] for arm in EFFECTS}
    assert {row["version"] for row in by_arm["news"]} == {"v"}
    assert {row["version"] for row in by_arm["coupon offer=10:percent"]} == {"baseline:everybody_alike"}
    assert len({row["value"] for row in by_arm["coupon offer=10:percent"]}) == 1
    assert len(by_arm["news"]) == len(by_arm["coupon offer=10:percent"])
    spared = [row for row in told if "better_left_in_peace" in row["reasons"]]
    assert {row["target"] for row in spared} == {"news"}


def test_with_one_thing_for_each_person_contacts_are_learnt_from_together(tmp_path: Path) -> None:
    """Two campaigns, but nobody could have got both: the people of one are not those of the other."""
    plain: list[dict[str, Cell]] = [
        {**row, "campaign": "news" if number % 3 else "coupon", "action_key": None, "chances": None}
        for number, row in enumerate(_business()[1])
    ]
    past = _past(tmp_path, plain)
    assert MODULE.arms(past, NOW) is None
    assert set(treatments_of(past).arms) == {"news", "coupon"}
    content = MODULE.fit(past, NOW)
    assert "effect" in content
    assert "arms" not in content


def test_what_was_drawn_and_could_have_been_is_read(tmp_path: Path) -> None:
    told: dict[str, Cell] = {"moment": AT, "treated": True, "chance": 0.8, "campaign": "news"}
    three = [("", 0.2), ("news", 0.5), ("call", 0.3)]
    rows: list[dict[str, Cell]] = [
        {
            **told,
            "person_id": "secret00001",
            "action_key": "news",
            "chances": three,
        },
        {**told, "person_id": "secret00002", "action_key": "", "chances": [("", 0.6), ("call", 0.4)], "treated": False},
        {**told, "person_id": "secret00003", "action_key": None, "chances": None, "campaign": "mail"},
    ]
    known = treatments_of(_past(tmp_path, rows))
    assert known.arms == ("call", "mail", "news")
    assert known.arm.tolist() == [3, 0, 2]
    assert known.chances == pytest.approx(np.array([[0.2, 0.3, 0, 0.5], [0.6, 0.4, 0, 0], [0.2, 0, 0.8, 0]]))


def test_sizes_of_which_there_is_too_little_are_learnt_from_together(tmp_path: Path) -> None:
    """Half of those who drew ten per cent drew a fifth in its place; of each there is less than an arm needs."""
    rows: list[dict[str, Cell]] = []
    tenth, fifth = ARMS[1], "coupon offer=20:percent"
    for number, row in enumerate(_business()[1]):
        odds = dict(cast("list[tuple[str, float]]", row["chances"]))
        odds[fifth] = odds.pop(tenth) * 0.9
        odds[tenth] = 0.1 * odds[fifth] / 0.9
        drawn = (
            row["action_key"]
            if row["action_key"] != "coupon offer=10:percent" or number % 10 == 0
            else "coupon offer=20:percent"
        )
        rows.append({**row, "action_key": drawn, "chances": list(odds.items())})
    past = _past(tmp_path, rows)
    found = MODULE.arms(past, NOW)
    assert found is not None
    assert set(found.names) == {"coupon", "news"}
    coupon = found.names.index("coupon") + 1
    assert found.chances[:, coupon] == pytest.approx(0.34)
    assert (found.arm == coupon).sum() == sum("coupon" in str(row["action_key"]) for row in rows)
    whole = MODULE.arms(_past(tmp_path / "whole", _business()[1]), NOW)
    assert whole is not None
    assert set(whole.names) == {"coupon offer=10:percent", "news"}
