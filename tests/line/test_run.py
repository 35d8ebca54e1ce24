"""The whole line over the small shop."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.line.shop import DAYS, NOW, PEOPLE, change, import_all, may_be_profiled, may_be_written_to, prepare
from tests.line.state import state_of
from vocative.collect.commit.files import import_file
from vocative.desk.rehearse.replay import replay
from vocative.errors import ClockError
from vocative.line.act import incoming
from vocative.line.running import run
from vocative.line.snapshot.people import recipients
from vocative.line.snapshot.snapshot import Scene
from vocative.records.lake_tables import AFFINITIES, DECISIONS, EVENTS, FEATURES, MESSAGES, PREDICTIONS
from vocative.records.ledger_tables import OUTBOX
from vocative.records.schema import Table
from vocative.workspace.opening import Workspace

DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop") / "workspace"
    prepare(root)
    import_all(root)
    return root


@pytest.fixture
def root(imported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(imported, tmp_path / "workspace"))


def column(root: Path, table: Table, name: str) -> list[object]:
    with Workspace.open(root) as workspace:
        found = workspace.stores.engine.query(f"SELECT {name} FROM t", {"t": workspace.stores.lake.scan(table)})
    values: list[object] = found[name].to_pylist()
    return values


def walk(root: Path, now: int = NOW, *, dry_run: bool = False) -> dict[str, object]:
    with Workspace.open(root) as workspace:
        return run(workspace, now, dry_run=dry_run)


def test_everybody_has_a_decision_and_messages_lie_on_disk(root: Path) -> None:
    result = walk(root)
    decided = result["decide"]
    assert isinstance(decided, dict)
    assert decided["people"] == PEOPLE
    assert decided["contacted"] + decided["silent"] + decided["control"] == PEOPLE
    assert decided["contacted"] > 0
    written = len(list((root / "outbox").glob("*.eml")))
    assert isinstance(result["send"], dict)
    assert written == result["send"]["delivered"] > 0


def test_nobody_without_permission_is_profiled_or_written_to(root: Path) -> None:
    walk(root)
    profiled = {f"p{person}" for person in range(PEOPLE) if may_be_profiled(person)}
    for table in (FEATURES, AFFINITIES, PREDICTIONS):
        found = set(column(root, table, "person_id"))
        assert found
        assert found <= profiled, table.name
    reached = {f"p{person}" for person in range(PEOPLE) if may_be_written_to(person)}
    assert set(column(root, MESSAGES, "person_id")) <= reached


def test_personal_words_go_only_to_those_who_allowed_a_profile(root: Path) -> None:
    walk(root)
    with Workspace.open(root) as workspace:
        found = workspace.stores.engine.query(
            "SELECT person_id, template FROM t", {"t": workspace.stores.lake.scan(MESSAGES)}
        ).to_pylist()
    personal = {row["person_id"] for row in found if row["template"] == "replenish"}
    generic = {row["person_id"] for row in found if row["template"] != "replenish"}
    profiled = {f"p{person}" for person in range(PEOPLE) if may_be_profiled(person)}
    assert personal
    assert generic
    assert personal <= profiled
    assert not generic & profiled


def test_the_same_run_again_changes_nothing(root: Path) -> None:
    first = walk(root)
    before = state_of(root)
    assert walk(root) == first
    assert state_of(root) == before


def test_two_workspaces_with_the_same_data_come_to_the_same(root: Path, imported: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(imported, tmp_path / "other"))
    walk(root)
    walk(other)
    assert state_of(root) == state_of(other)


def test_merging_what_was_imported_changes_no_decision(
    root: Path, imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(imported, tmp_path / "other"))
    for one in (root, other):
        with Workspace.open(one) as workspace:
            lake = workspace.stores.lake
            (file,) = lake.scan(EVENTS).files
            rows = pq.read_table(file)
            for number in range(3):
                again = rows.slice(number, 1).set_column(0, "message_id", pa.array([f"late-{number}"], pa.string()))
                lake.append(EVENTS, again, token=f"late-{number}")
    walk(root)
    monkeypatch.setattr(incoming, "_MANY_FILES", 4)
    with Workspace.open(other) as workspace:
        before = workspace.stores.lake.scan(EVENTS)
        run(workspace, NOW)
        assert (len(before.files), len(workspace.stores.lake.scan(EVENTS).files)) == (4, 1)
        found = workspace.stores.engine.query("SELECT count(*) AS rows FROM events", {"events": before})
        assert found["rows"][0].as_py() == rows.num_rows + 3, "whoever was reading can go on"
    for table, name in ((DECISIONS, "outcome"), (DECISIONS, "candidates"), (MESSAGES, "body_text")):
        assert Counter(column(root, table, name)) == Counter(column(other, table, name))


def test_a_dry_run_writes_nothing(root: Path) -> None:
    before = state_of(root)
    result = walk(root, dry_run=True)
    assert isinstance(result["decide"], dict)
    assert result["decide"]["contacted"] > 0
    assert state_of(root) == before


def test_a_dry_run_foretells_the_run(root: Path) -> None:
    foretold = walk(root, dry_run=True)["decide"]
    assert walk(root)["decide"] == foretold


def test_time_does_not_run_backwards_but_looking_back_is_allowed(root: Path) -> None:
    walk(root)
    with pytest.raises(ClockError, match="before the last completed run"):
        walk(root, NOW - DAY_US)
    assert walk(root, NOW - DAY_US, dry_run=True)["dry_run"] is True


def test_caps_and_pauses_hold_over_twelve_daily_runs(root: Path) -> None:
    for day in range(12):
        walk(root, NOW + day * DAY_US)
    with Workspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(OUTBOX, {"state": ["queued", "delivered"]})
        caps = workspace.settings.caps
    assert isinstance(caps.per_week, int)
    assert isinstance(caps.per_day, int)
    days: dict[str, list[int]] = {}
    for row in rows:
        days.setdefault(str(row["person_id"]), []).append(date.fromisoformat(str(row["local_day"])).toordinal())
    assert max(len(found) for found in days.values()) > 1
    for found in days.values():
        for start in found:
            assert sum(start <= other < start + 7 for other in found) <= caps.per_week
        assert max(Counter(found).values()) <= caps.per_day
    said = Counter((str(row["person_id"]), str(row["topics"])) for row in rows if row["campaign"] == "ask")
    assert max(said.values()) == 1


def test_what_expired_unsent_was_said_to_nobody(root: Path) -> None:
    """Two days without a hand-over: nobody has had the message of the first day, so caps and pauses are as before."""
    walk(root)
    with Workspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        first = {str(row["person_id"]) for row in transaction.select(OUTBOX, {"state": "queued"})}
    assert first
    walk(root, NOW + 2 * DAY_US)
    with Workspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(OUTBOX)
    with Workspace.open(root) as workspace:
        found = replay(workspace, NOW + 2 * DAY_US)
    assert {str(row["person_id"]) for row in rows if row["state"] == "queued"} >= first
    assert {str(row["person_id"]) for row in rows if row["state"] == "dropped"} >= first
    assert found.same == found.decisions


def test_a_cap_of_zero_stops_every_message_and_is_said(root: Path) -> None:
    change(root, "per_day = 1", "per_day = 0")
    result = walk(root)["decide"]
    assert isinstance(result, dict)
    assert result["contacted"] == 0
    assert result["by_reason_not"]["cap_per_day"] > 0


def test_the_control_group_gets_no_marketing_and_stays(root: Path) -> None:
    change(root, "share = 0.1 ", "share = 0.4 ")
    walk(root)
    with Workspace.open(root) as workspace:
        found = workspace.stores.engine.query(
            "SELECT person_id, outcome FROM t", {"t": workspace.stores.lake.scan(DECISIONS)}
        ).to_pylist()
    control = {row["person_id"] for row in found if row["outcome"] == "control"}
    assert control
    assert not control & set(column(root, MESSAGES, "person_id"))


def test_without_repeaters_the_prediction_stays_away_and_says_why(root: Path) -> None:
    change(root, "repeaters = 1", "repeaters = 1000")
    result = walk(root)
    assert isinstance(result["predict"], dict)
    verdict = result["predict"]["repeat_rhythm"]
    assert verdict["ready"] is False
    assert "1,000 are needed" in verdict["why"]
    assert "repeat_rhythm" not in column(root, PREDICTIONS, "module")


def test_history_is_long_enough_for_the_test() -> None:
    assert DAYS > 90


def test_a_later_file_with_fewer_columns_takes_nothing_away(root: Path) -> None:
    later = root / "raw" / "later.csv"
    later.write_text("user_id,first_name,email\np0,Quentin,not-an-address\n", encoding="utf-8")
    with Workspace.open(root) as workspace:
        account = import_file(
            workspace.stores, workspace.settings, later, kind="people", mapping=None, now=NOW - DAY_US
        )
        assert account.accepted == 1
        people = {
            person.person_id: person for person in recipients(Scene(workspace, NOW).people, workspace.settings, {})
        }
    assert people["p0"].first_name == "Quentin"
    assert people["p0"].addresses == {"email": "p0@example.com"}
