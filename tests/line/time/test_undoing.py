"""The newest run can be taken back while nobody has got anything of it; then nothing of it is left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.line.shop import NOW, change, import_all, prepare
from tests.line.state import state_of
from vocative.desk.status import status
from vocative.errors import ClockError
from vocative.line.models import registry
from vocative.line.running import run, stage
from vocative.line.snapshot.journal import UNDOING, UNDONE, Journal
from vocative.line.undoing import BY_HAND, BY_MOMENT, STAYING, undo
from vocative.records.lake_tables import DECISIONS, MESSAGES
from vocative.records.ledger_tables import LEDGER_TABLES, MODEL_STANDINGS, OUTBOX, RUNS
from vocative.records.schema import Table, Value
from vocative.store.adapters.delta_lake import DeltaLake
from vocative.store.protocols import Lake
from vocative.workspace.opening import OpenWorkspace

HOUR = 3_600_000_000
FAR = NOW + 36 * 365 * 24 * HOUR
_CHOSEN = "SELECT person_id, outcome, campaign, action_key, score FROM t ORDER BY person_id"

State = dict[str, list[str]]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("undoing") / "workspace"
    prepare(root, days=100, people=40)
    import_all(root)
    return root


@pytest.fixture(scope="module")
def ran(imported: Path) -> Path:
    """With one run, some of whose messages are on disk and some wait."""
    root = Path(shutil.copytree(imported, imported.with_name("ran")))
    with OpenWorkspace.open(root) as workspace:
        run(workspace, NOW)
    return root


@pytest.fixture
def root(ran: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ran, tmp_path / "workspace"))


def without_record(root: Path) -> State:
    """The state, but for the record that runs were taken back."""
    state = state_of(root)
    state["runs"] = [row for row in state["runs"] if f"'{UNDONE}'" not in row]
    return state


def chosen(root: Path) -> list[dict[str, object]]:
    with OpenWorkspace.open(root) as workspace:
        return workspace.stores.engine.query(_CHOSEN, {"t": workspace.stores.lake.scan(DECISIONS)}).to_pylist()


def test_nothing_of_it_is_left_and_the_same_moment_decides_the_same_again(imported: Path, root: Path) -> None:
    before, decided = state_of(root), chosen(root)
    assert before["assignments"]
    assert before["messages"]
    with OpenWorkspace.open(root) as workspace:
        told = undo(workspace, not_mailed=True)
        assert told["expired"] == 0
        assert told["files"]
        assert status(workspace, NOW)["runs"] == {"done": 0, "unfinished": [], "last": None}
        with pytest.raises(ClockError, match="no run to take back"):
            undo(workspace)
    assert without_record(root) == state_of(imported)
    with OpenWorkspace.open(root) as workspace:
        run(workspace, NOW - HOUR)
        run(workspace, NOW)
    assert sum("'decide'" in row for row in state_of(root)["runs"]) == 2
    with OpenWorkspace.open(root) as workspace:
        undo(workspace, not_mailed=True)
        undo(workspace, not_mailed=True)
        run(workspace, NOW)
    assert chosen(root) == decided
    after = state_of(root)
    for table in ("features", "affinities", "segments", "decisions", "messages", "outbox", "outbox files"):
        assert len(after[table]) == len(before[table]), table


def test_a_workspace_that_a_mistyped_year_locked_is_unlocked(root: Path) -> None:
    before = state_of(root)
    assert any("'queued'" in row for row in before["outbox"])
    with OpenWorkspace.open(root) as workspace:
        told = run(workspace, FAR)["expire"]
        assert isinstance(told, dict)
        assert len(told["waits"]) == 2
        warned = str(status(workspace, FAR)["warnings"])
        assert "deleted nothing" in warned
        assert "vocative run --undo" in warned
        with pytest.raises(ClockError, match="vocative run --undo"):
            run(workspace, NOW + HOUR)
        assert undo(workspace, not_mailed=True)["queued_again"]
        assert "deleted nothing" not in str(status(workspace, NOW)["warnings"])
    assert without_record(root) == before
    with OpenWorkspace.open(root) as workspace:
        run(workspace, NOW + HOUR)


def put(root: Path, changes: dict[str, Value]) -> None:
    """Change one message of the run in the outbox."""
    with OpenWorkspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        one = transaction.select(OUTBOX, {"state": "queued"})[0]
        transaction.update(OUTBOX, changes, {"message_id": one["message_id"]})


@pytest.mark.parametrize("state", ["handing_over", "unknown"])
def test_it_is_refused_when_something_may_have_been_received(root: Path, state: str) -> None:
    put(root, {"state": state})
    before = state_of(root)
    with OpenWorkspace.open(root) as workspace, pytest.raises(ClockError, match="1 messages of the run"):
        undo(workspace, not_mailed=True)
    assert state_of(root) == before


def test_a_message_over_a_channel_that_is_not_a_folder_was_handed_over(root: Path) -> None:
    put(root, {"state": "delivered", "channel": "post"})
    with OpenWorkspace.open(root) as workspace, pytest.raises(ClockError, match="cannot be taken back"):
        undo(workspace, not_mailed=True)


def test_messages_on_disk_are_taken_back_when_somebody_says_that_nobody_got_them(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace, pytest.raises(ClockError, match="--undo --not-mailed"):
        undo(workspace)
    change(root, r"\[business\]\n", "[business]\nsimulation = true\n")
    with OpenWorkspace.open(root) as workspace:
        assert undo(workspace)["files"]


def test_a_run_that_was_cut_off_is_taken_back_too(imported: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(imported, tmp_path / "workspace"))
    with OpenWorkspace.open(root) as workspace:
        stage(workspace, "compose", NOW)
        undo(workspace)
    assert without_record(root) == state_of(imported)


def test_cut_off_itself_it_is_done_by_the_next_call(
    root: Path, imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase = DeltaLake.erase

    def fail(lake: DeltaLake, table: Table, where: dict[str, list[str]]) -> int:
        if table is MESSAGES:
            raise KeyboardInterrupt
        return erase(lake, table, where)

    with OpenWorkspace.open(root) as workspace:
        monkeypatch.setattr(DeltaLake, "erase", fail)
        with pytest.raises(KeyboardInterrupt):
            undo(workspace, not_mailed=True)
        monkeypatch.undo()
        with workspace.stores.ledger.transaction() as transaction:
            assert transaction.count(RUNS, "state")[UNDOING] == 1
            assert transaction.select(OUTBOX) == [], "nothing of it can leave any more"
        undo(workspace, not_mailed=True)
    assert without_record(root) == state_of(imported)


def test_a_run_whose_model_somebody_changed_by_hand_stays(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        row: dict[str, Value] = {"module": "m", "place": 9, "version": "v", "state": "champion", "why": "a test"}
        transaction.insert(MODEL_STANDINGS, [{**row, "at": NOW + 1, "by": "Ada"}])
    with OpenWorkspace.open(root) as workspace:
        assert registry.history(workspace.stores.ledger, "m", NOW + 1)
        with pytest.raises(ClockError, match="Ada has changed"):
            undo(workspace, not_mailed=True)


def test_each_run_has_its_own_name_as_what_was_written_under_one_is_not_written_again(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        first = Journal(workspace.stores.ledger, NOW).run_id
        undo(workspace, not_mailed=True)
        assert Journal(workspace.stores.ledger, NOW).run_id != first
        assert Journal(workspace.stores.ledger, NOW + 1).run_id == Journal(workspace.stores.ledger, NOW + 1).run_id
        lake: Lake = workspace.stores.lake
        assert not lake.scan(DECISIONS).files


_PLANTED: dict[str, Value] = {"text": "x", "json": "{}", "moment": NOW, "integer": 1, "number": 1.0, "flag": True}


@pytest.mark.parametrize(("table", "column"), BY_MOMENT, ids=lambda one: getattr(one, "name", one))
def test_what_the_run_noted_goes_and_what_others_noted_stays(
    imported: Path, tmp_path: Path, table: Table, column: str
) -> None:
    root = Path(shutil.copytree(imported, tmp_path / "workspace"))
    with OpenWorkspace.open(root) as workspace:
        Journal(workspace.stores.ledger, NOW).note("", "done", {})
        rows: list[dict[str, Value]] = []
        for moment in (NOW - 1, NOW, NOW + 1):
            row = {one.name: _PLANTED[one.type] for one in table.columns}
            names = {name: f"x{moment}" for name in table.key if name in row and row[name] == "x"}
            rows.append({**row, **names, column: moment})
        with workspace.stores.ledger.transaction() as transaction:
            transaction.insert(table, rows)
        undo(workspace)
        with workspace.stores.ledger.transaction() as transaction:
            assert [row[column] for row in transaction.select(table, order_by=(column,))] == [NOW - 1, NOW + 1]


def test_it_is_said_of_every_table_of_the_ledger_what_becomes_of_its_rows() -> None:
    told = [*(table for table, _ in BY_MOMENT), *BY_HAND, *STAYING]
    assert sorted(one.name for one in told) == sorted(one.name for one in LEDGER_TABLES)
    assert all(column in table.column_names for table, column in BY_MOMENT)
