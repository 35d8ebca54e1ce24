"""Found patterns in a workspace: kept as data, renewed when they are old, shown by a command and in the report."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from tests.desk.test_report import EMPTY
from tests.line.shop import NOW, import_all, prepare
from vocative.cli import main
from vocative.desk.report.page import page
from vocative.desk.report.patterns import found_patterns
from vocative.line.models.proving import past_of
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand.patterns import due, newest, pattern_list, renew
from vocative.records.ledger_tables import PATTERNS
from vocative.records.patterns import Clause, Goal, Pattern, Patterns
from vocative.records.schema import Row
from vocative.workspace.opening import OpenWorkspace

DAY = 86_400_000_000
PATTERN = Pattern(
    clauses=[
        Clause(what="feature", name="active_evening_share", at_least=0.5),
        Clause(what="feature", name="order_money_mean", at_least=40.0),
    ],
    goal=Goal(deed="act", days=3),
    people=412, rate=0.41, others=0.23, low=0.11, high=0.25, alike=0.31, p=0.0004, today=398,
)  # fmt: skip
FOUND = Patterns(moment=NOW, found=[PATTERN], looked_at=30_511, tested=948, people=1464)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("patterns") / "shop"
    prepare(folder)
    import_all(folder)
    return folder


def keep(workspace: OpenWorkspace, found: Patterns) -> None:
    row: Row = {"moment": found.moment, "result": msgspec.json.encode(found).decode()}
    with workspace.stores.ledger.transaction() as transaction:
        transaction.insert(PATTERNS, [row], on_conflict="replace")


def test_with_few_people_it_says_what_is_missing_and_is_kept_until_it_is_old(root: Path) -> None:
    done = CliRunner().invoke(main, ["patterns", "-w", str(root), "--now", to_text(NOW), "--json"])
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["patterns"] == []
    assert "200 are needed" in told["why"]
    assert told["kept"] is False
    with OpenWorkspace.open(root) as workspace:
        scene = Snapshot(workspace, NOW)
        assert due(scene)
        kept = renew(scene, past_of(scene))
        assert newest(workspace, NOW) == kept
        assert not due(scene)
        assert not due(Snapshot(workspace, NOW + 27 * DAY))
        assert due(Snapshot(workspace, NOW + 28 * DAY))
        assert newest(workspace, NOW - 1) is None
        assert found_patterns(workspace, NOW - 1) is None


def test_a_pattern_is_told_with_its_people_interval_and_what_it_was_corrected_for(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        keep(workspace, FOUND)
        told = pattern_list(workspace, NOW)
        drawn = found_patterns(workspace, NOW)
    assert drawn is not None
    sentence = (
        "Of those who come in the evening (18:00 to midnight) for 50% or more of their visits and spend 40 EUR or more "
        "an order on average, 41% buy within 3 days of a Thursday; of the others 23%. Of others who buy as recently "
        "and as often, it is 31%. Association, 412 people."
    )
    assert told["patterns"][0]["sentence"] == sentence  # type: ignore[index]
    text = page(replace(EMPTY, patterns=drawn))
    assert sentence in text
    assert "11.0 to 25.0 points" in text
    assert "30,511 combinations were looked at and 948 put to the test" in text
    shown = CliRunner().invoke(main, ["patterns", "-w", str(root), "--now", to_text(NOW)])
    assert shown.exit_code == 0
    assert "Association, 412 people." in " ".join(shown.stdout.split())
    assert 'id="patterns"' not in page(EMPTY)
    assert "Nothing that would hold" in page(replace(EMPTY, patterns=replace(drawn, drawn=[])))
