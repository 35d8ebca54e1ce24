"""Lists for one person: by a run, by naive ways, for newcomers, for visitors, and without anything of theirs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from tests.line.shop import FIRST, NOW, change, import_all, prepare
from vocative.cli import main
from vocative.collect.commit.files import import_file
from vocative.desk.recommend.item_lookup import ThingList
from vocative.desk.recommend.lists import Lister, recommend, recommend_to_visitor, wish_of
from vocative.errors import UserError
from vocative.line.models import proving
from vocative.line.snapshot.clock import to_micros, to_text
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand.list_predictions import UNTRIED, WELCOME, beside, time_of
from vocative.records.lake_tables import PREDICTIONS
from vocative.records.schema import Value
from vocative.records.settings import Kind
from vocative.store.arrow import arrow_schema, rows_to_arrow
from vocative.workspace.opening import OpenWorkspace

ALLOWED, REFUSED, STRANGER, SILENT = "p0", "p2", "new1", "new2"
LATE = NOW - 3 * 86_400_000_000
VERSION = "a version that acts"


def told(root: Path, kind: Kind, header: list[str], rows: list[list[object]], now: int) -> None:
    path = root / "raw" / f"more-{kind}-{now}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    with OpenWorkspace.open(root) as workspace:
        account = import_file(workspace.stores, workspace.settings, path, kind=kind, mapping=None, now=now)
        assert account.rejected == 0


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop, two people without an act, teas nobody had, some new, one milk that is gone; a prediction for one."""
    root = tmp_path_factory.mktemp("lists") / "workspace"
    prepare(root, days=60, people=15)
    import_all(root)
    early = to_micros(FIRST)
    told(root, "people", ["user_id", "email", "timezone", "traits.likes"],
         [[STRANGER, "n1@example.com", "Europe/Riga", "tea"], [SILENT, "n2@example.com", "", ""]], early)  # fmt: skip
    told(root, "permissions", ["user_id", "purpose", "status", "at", "source", "text"],
         [[one, "personalization", "yes", "2025-01-01T00:00:00Z", "test", "May we?"] for one in (STRANGER, SILENT)],
         early)  # fmt: skip
    told(root, "items", ["item_id", "name", "category", "brand", "stock"],
         [*([f"tea-{number}", f"tea {number}", "Tea", "New", 5] for number in range(6)),
          ["gone", "the last milk", "Milk", "Own", 0]], early)  # fmt: skip
    told(root, "items", ["item_id", "name", "category", "brand"],
         [[f"fresh-{number}", f"fresh {number}", "Tea", "New"] for number in range(3)], LATE)  # fmt: skip
    kinds = [("item-Milk", 0.6, 9.0, "had before"), ("gone", 0.5, 9.0, "had before"), ("item-Bread", 0.4, 0.0, ""),
             ("tea-0", 0.1, 0.0, "goes with"), ("tea-1", 0.01, 0.0, "new in the catalogue")]  # fmt: skip
    rows: list[dict[str, Value]] = [
        {
            "run_id": "r", "moment": NOW, "person_id": ALLOWED, "module": "next_items", "target": item,
            "value": value, "low": value, "high": value, "unit": "probability", "horizon_days": 28.0,
            "support": support, "version": VERSION,
            "reasons": json.dumps({"kind": kind, "goes_with": "item-Milk"} if kind else {}),
        }
        for item, value, support, kind in kinds
    ]  # fmt: skip
    with OpenWorkspace.open(root) as workspace:
        workspace.stores.lake.append(PREDICTIONS, rows_to_arrow(PREDICTIONS, rows), token="planted")
    return root


def ids(found: ThingList) -> list[str]:
    return [one.item_id for one in found.items]


def ask(root: Path, *words: str) -> Result:
    result = CliRunner().invoke(main, ["recommend", *words, "-w", str(root), "--at", to_text(NOW)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_what_a_run_predicted_is_put_in_the_order_that_is_asked_for(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        lister = Lister(workspace, NOW)
        plain = wish_of(workspace, diversity=0.0, discovery=0.0, exploration=0.0)
        found = lister.recommend(ALLOWED, plain)
        assert ids(found) == ["item-Milk", "item-Bread", "tea-0", "tea-1"], "what is gone is not proposed"
        assert found.personal
        assert found.items[0].name == "milk"
        assert found.items[0].acts == "model"
        assert found.items[0].reason == "you have had it 9 times"
        assert found.items[2].reason == "goes with milk, which you have had"
        assert ids(lister.recommend(ALLOWED, plain, new_only=True)) == ["item-Bread", "tea-0", "tea-1"]
        tried = wish_of(workspace, length=2, diversity=0.0, discovery=0.0, exploration=0.5)
        assert ids(lister.recommend(ALLOWED, tried)) == ["item-Milk", "tea-1"]
        with pytest.raises(UserError, match=r"diversity is 2\.0\n  → give a share"):
            wish_of(workspace, diversity=2.0)


def test_whom_no_run_knows_a_naive_way_serves(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        found = recommend(workspace, "p5", NOW)
    assert {one.acts for one in found.items} == {"own_frequency", "untried"}
    assert "item-Milk" in ids(found)
    assert "gone" not in ids(found)
    assert "naive" in found.note


def test_without_permission_nothing_of_theirs_is_looked_at(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        lister = Lister(workspace, NOW)
        found, another = lister.recommend(REFUSED), lister.recommend("p4")
    assert not found.personal
    assert "has not allowed" in found.note
    assert found.items == another.items
    assert {one.reason for one in found.items} == {"many have it"}


def test_people_without_an_act_get_what_they_declared(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        lister, wish = Lister(workspace, NOW), wish_of(workspace, diversity=0.0, discovery=0.0, exploration=0.0)
        found = lister.recommend(STRANGER, wish)
        assert found.items[0].reason == "you told us you like Tea"
        assert all(0.0 < one.chance < 0.5 for one in found.items)
        assert len(set(ids(found))) == len(found.items)
        silent = lister.recommend(SILENT, wish)
        assert set(ids(silent)[:3]) == {"item-Milk", "item-Bread", "item-Coffee"}
        visitor = recommend_to_visitor(workspace, NOW, {"category": "Tea"}, length=3, diversity=0.0)
        assert [one.kind for one in visitor.items].count("declared") >= 2
        assert visitor.person_id == ""
        assert not recommend_to_visitor(workspace, NOW).personal


def test_a_run_keeps_lists_of_newcomers_and_of_what_nobody_had(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        scene = Snapshot(workspace, NOW)
        past = proving.past_of(scene)
        none = arrow_schema(PREDICTIONS).empty_table()
        assert beside(scene, past, [], none) == []
        table = pa.concat_tables(beside(scene, past, ["next_items", "new_items"], none))
        again = beside(scene, past, ["new_items"], table)
    rows = table.to_pylist()
    welcomed = [row for row in rows if row["version"] == WELCOME]
    assert {row["person_id"] for row in welcomed} == {STRANGER, SILENT}
    assert {row["module"] for row in welcomed} == {"next_items"}
    reasons = [json.loads(row["reasons"]) for row in welcomed if row["person_id"] == STRANGER]
    assert {"kind": "declared", "because": "Tea", "declared": "category"} in reasons
    tried = [row for row in rows if row["version"] == UNTRIED]
    assert {row["module"] for row in tried} == {"next_items", "new_items"}
    assert {row["target"] for row in tried} == {f"fresh-{number}" for number in range(3)}
    assert not {row["person_id"] for row in tried} & {STRANGER, SILENT, REFUSED}
    assert again == [], "what is predicted anyway is not added again"


def test_times_are_told_as_people_speak_of_them() -> None:
    # NOW is a Thursday, eight in the morning in UTC.
    assert time_of(NOW, "UTC", by_hour=True) == "weekday mornings"
    assert time_of(NOW, "Asia/Tokyo", by_hour=True) == "weekday evenings"
    assert time_of(NOW + 2 * 86_400_000_000, "UTC", by_hour=False) == "weekends"


def test_the_command_prints_a_list_and_refuses_politely(root: Path) -> None:
    shown = ask(root, ALLOWED, "--length", "3", "--diversity", "0")
    assert shown.exit_code == 0, shown.output
    assert "you have had it 9 times" in shown.output
    found = json.loads(ask(root, ALLOWED, "--length", "2", "--json").stdout)
    assert len(found["items"]) == 2
    assert {"name", "chance", "kind", "reason"} <= set(found["items"][0])
    unknown = ask(root, "nobody")
    assert unknown.exit_code == 2
    assert "→ use the identifier" in unknown.output
    assert ask(root, ALLOWED, "--diversity", "2").exit_code == 2
    early = CliRunner().invoke(
        main, ["recommend", ALLOWED, "-w", str(root), "--at", "2031-01-01T00:00Z", "--as-if", "--new-only"]
    )
    assert early.exit_code == 0


def test_settings_say_what_is_asked_for_unless_somebody_asks(root: Path) -> None:
    change(root, r"\[control\]", "[lists]\nlength = 1\n\n[control]")
    with OpenWorkspace.open(root) as workspace:
        assert len(recommend(workspace, ALLOWED, NOW).items) == 1
        assert len(recommend(workspace, ALLOWED, NOW, length=2).items) == 2
