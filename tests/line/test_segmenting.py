"""The stage `segment` on a workspace: who is in it, what is kept, what a second day does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner

from tests.line.shop import NOW, PEOPLE, change, import_all, may_be_profiled, prepare
from vocative.cli import main
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.journal import Journal, Result
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand import build
from vocative.line.understand.micro_segments import MODULE, newest
from vocative.line.understand.segmenting import by_rule, look, segment, tellable
from vocative.records.lake_tables import PREDICTIONS, SEGMENT_CARDS, SEGMENTS
from vocative.records.ledger_tables import MODELS, VERDICTS
from vocative.records.schema import Row, Table
from vocative.records.settings import WordForms, Wording
from vocative.store.arrow import arrow_schema
from vocative.workspace.opening import OpenWorkspace

PROFILED = sum(may_be_profiled(person) for person in range(PEOPLE))
DAY = 86_400_000_000
RULES = """
[segmenting]
minimum_size = 4

[segments.regulars]
title = "Come every week"
[[segments.regulars.all]]
feature = "orders_91d"
at_least = 12

[segments.nobody]
title = "Spend millions"
[[segments.nobody.all]]
feature = "money_365d"
at_least = 1000000

[segments.due]
title = "Coffee is due"
[[segments.due.all]]
prediction = "repeat_rhythm:Coffee"
at_least = 0.5
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("segments") / "shop"
    prepare(root)
    change(root, r"\Z", RULES)
    import_all(root)
    return root


@pytest.fixture
def workspace(root: Path) -> Iterator[OpenWorkspace]:
    with OpenWorkspace.open(root) as opened:
        yield opened


def run_stage(workspace: OpenWorkspace, now: int) -> Result:
    scene, journal = Snapshot(workspace, now), Journal(workspace.stores.ledger, now)
    build.build(scene, journal)
    return segment(scene, journal)


def rows(workspace: OpenWorkspace, table: Table) -> list[dict[str, object]]:
    return workspace.stores.engine.query(
        "SELECT * REPLACE (epoch_us(moment) AS moment) FROM t ORDER BY ALL", {"t": workspace.stores.lake.scan(table)}
    ).to_pylist()


def models(workspace: OpenWorkspace) -> int:
    with workspace.stores.ledger.transaction() as transaction:
        return len(transaction.select(MODELS, {"module": MODULE}))


def test_the_command_computes_segments_before_the_first_run_and_keeps_nothing(root: Path) -> None:
    asked = ["segments", "-w", str(root), "--now", to_text(NOW)]
    told = json.loads(CliRunner().invoke(main, [*asked, "--json"], catch_exceptions=False).stdout)
    assert told["kept"] is False
    assert {"rule", "lifecycle", "rfm"} <= {one["kind"] for one in told["segments"]}
    assert all({"name", "size", "share", "stability", "traits"} <= set(one) for one in told["segments"])
    with OpenWorkspace.open(root) as opened:
        assert rows(opened, SEGMENTS) == rows(opened, SEGMENT_CARDS) == []
        assert models(opened) == 0
    shown = CliRunner().invoke(main, asked, catch_exceptions=False)
    assert "Come every week" in shown.stdout
    assert "Nothing was kept" in shown.stdout


def test_people_without_permission_are_nowhere_and_no_segment_is_too_small(workspace: OpenWorkspace) -> None:
    told = run_stage(workspace, NOW)
    members, cards = rows(workspace, SEGMENTS), rows(workspace, SEGMENT_CARDS)
    people = {str(row["person_id"]) for row in members}
    assert people
    assert all(may_be_profiled(int(person[1:])) for person in people)
    sizes = Counter((row["kind"], row["segment"]) for row in members)
    assert sizes == {(card["kind"], card["segment"]): card["size"] for card in cards}
    assert min(sizes.values()) >= 4
    assert "nobody" in str(told["too_small"])
    assert ("rule", "nobody") not in sizes
    assert ("rule", "regulars") in sizes
    for kind in ("lifecycle", "rfm"):
        assert sum(size for (one, _), size in sizes.items() if one == kind) == len(people)


def test_a_stage_that_is_done_again_changes_nothing(workspace: OpenWorkspace) -> None:
    run_stage(workspace, NOW)
    before = rows(workspace, SEGMENTS), rows(workspace, SEGMENT_CARDS), models(workspace)
    run_stage(workspace, NOW)
    assert (rows(workspace, SEGMENTS), rows(workspace, SEGMENT_CARDS), models(workspace)) == before


def test_days_in_between_assign_and_a_month_later_groups_are_found_anew(workspace: OpenWorkspace) -> None:
    first = run_stage(workspace, NOW)
    if not first["micro_segments"]:
        pytest.fail("the shop has no micro-segments, so this test shows nothing")
    kept = newest(Snapshot(workspace, NOW))
    next_day = run_stage(workspace, NOW + DAY)
    assert next_day["discovered_now"] is False
    assert newest(Snapshot(workspace, NOW + DAY)) == kept
    assert run_stage(workspace, NOW + 28 * DAY)["discovered_now"] is True


def test_micro_segments_of_another_release_are_found_anew(workspace: OpenWorkspace) -> None:
    later = NOW + 60 * DAY
    other: Row = {"module": MODULE, "version": "of another release", "fitted_at": later - DAY, "content": '{"a": 1}'}
    with workspace.stores.ledger.transaction() as transaction:
        transaction.insert(MODELS, [other])
    try:
        assert newest(Snapshot(workspace, later)) is None
        assert run_stage(workspace, later)["discovered_now"] is True
    finally:
        with workspace.stores.ledger.transaction() as transaction:
            transaction.delete(MODELS, {"version": "of another release"})


def test_looking_writes_nothing_and_gives_the_columns_of_the_tables(workspace: OpenWorkspace) -> None:
    run_stage(workspace, NOW)
    before = rows(workspace, SEGMENTS), models(workspace)
    scene = Snapshot(workspace, NOW)
    features, affinities = build.profiles(scene, "x")
    predictions = arrow_schema(PREDICTIONS).empty_table()
    formed = look(scene, "x", features, affinities, predictions)
    members, cards = formed.members, formed.cards
    assert tuple(members.column_names) == SEGMENTS.column_names
    assert tuple(cards.column_names) == SEGMENT_CARDS.column_names
    assert members.num_rows > 0
    rule = members.filter(pc.equal(members["kind"], pa.scalar("rule")))
    assert rule.num_rows > 0
    assert by_rule(scene, "x", features, affinities, predictions).equals(rule), "what deciding asks for"
    assert (rows(workspace, SEGMENTS), models(workspace)) == before


def due(person: int) -> dict[str, object]:
    return {"run_id": "x", "moment": NOW, "person_id": f"p{person}", "module": "repeat_rhythm", "target": "Coffee",
            "value": 0.9, "low": 0.8, "high": 1.0, "unit": "probability", "horizon_days": 7.0, "support": 9.0,
            "version": "1", "reasons": "{}"}  # fmt: skip


def test_a_refused_prediction_plays_no_part_in_rules(workspace: OpenWorkspace) -> None:
    scene = Snapshot(workspace, NOW)
    features, affinities = build.profiles(scene, "x")
    predictions = pa.Table.from_pylist([due(person) for person in range(PEOPLE)], schema=arrow_schema(PREDICTIONS))
    for admitted in (True, False):
        verdict: Row = {"module": "repeat_rhythm", "moment": NOW, "version": "1", "admitted": admitted, "result": "{}"}
        with workspace.stores.ledger.transaction() as transaction:
            transaction.insert(VERDICTS, [verdict], on_conflict="replace")
        cards = look(scene, "x", features, affinities, predictions).cards.to_pylist()
        assert [card["size"] for card in cards if card["segment"] == "due"] == ([PROFILED] if admitted else [])


def test_movements_and_traits_can_be_read_back(workspace: OpenWorkspace) -> None:
    run_stage(workspace, NOW)
    for card in rows(workspace, SEGMENT_CARDS):
        traits = msgspec.json.decode(str(card["traits"]))
        assert all({"trait", "here", "everybody", "effect", "words"} == set(one) for one in traits)
        moved = msgspec.json.decode(str(card["moved"]))
        assert set(moved) == {"came", "went", "stayed"}
        assert all(count >= 5 for flow in ("came", "went") for count in moved[flow].values())


def test_the_command_shows_what_a_run_has_kept(root: Path, workspace: OpenWorkspace) -> None:
    run_stage(workspace, NOW)
    asked = ["segments", "-w", str(root), "--now", to_text(NOW + DAY // 2), "--json"]
    told = json.loads(CliRunner().invoke(main, asked, catch_exceptions=False).stdout)
    assert told["kept"] is True
    assert told["as_of"] == to_text(NOW)


def test_segments_are_exported(root: Path, workspace: OpenWorkspace, tmp_path: Path) -> None:
    run_stage(workspace, NOW)
    count = len(rows(workspace, SEGMENTS))
    told = json.loads(
        CliRunner().invoke(
            main, ["export", "segments", "-w", str(root), "--out", str(tmp_path / "s.csv"), "--json"],
            catch_exceptions=False,
        ).stdout
    )  # fmt: skip
    assert told["rows"] == count


@pytest.mark.parametrize("tag", ["en", "pl"])
def test_what_is_sensitive_is_no_word_for_a_segment(tag: str) -> None:
    named = {
        "MILK": "milk",
        "PREGNANCY TESTS": "tests",
        "X1": "debt advice" if tag == "en" else "pomoc dla bezrobotnych",
    }
    told = Wording(category={**named, "BREAD": WordForms(nominative="bread")})
    assert tellable({tag: told}, tag) == {"MILK": "milk", "BREAD": "bread"}
