"""Erasing: first the person is found everywhere, then nowhere, and the same data does not bring them back."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.dying import dies_at, steps_of
from tests.line.quokka import DAY_US, DEVICE, EARLIER, EMAIL, FILES, NAME, TOKENS, USER, live, make, take, traces
from tests.line.shop import NOW
from tests.line.state import state_of
from vocative.desk.person import erasure
from vocative.desk.person.erasure import Receipt, erase_person, look_for, readmit_person
from vocative.desk.track import track
from vocative.errors import StoreError, UnknownPersonError
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.records.lake_tables import LAKE_TABLES, QUARANTINE
from vocative.records.ledger_tables import ERASURES, LEDGER_TABLES
from vocative.store.protocols import Stores
from vocative.trust.erasure import ERASED
from vocative.workspace.opening import Workspace

AT = NOW + 10
State = dict[str, list[str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("erasing") / "workspace"
    make(root)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "workspace"))


def erase(root: Path, person_id: str = USER) -> Receipt:
    with Workspace.open(root) as workspace:
        return erase_person(workspace, person_id, AT, by="Anna Boss")


def names_person(row: str) -> bool:
    return any(token.lower() in row.lower() for token in TOKENS)


def others(state: State) -> State:
    """The state without the person and without what an erasure adds."""
    return {
        name: [row for row in rows if not names_person(row)]
        for name, rows in state.items()
        if name not in ("erasures", "outbox files")
    }


def test_the_person_is_found_everywhere_then_nowhere_and_nobody_else_is_touched(root: Path) -> None:
    before, found = state_of(root), traces(root)
    suffixes = {suffix for files in found.values() for suffix in (Path(file).suffix for file in files)}
    assert found.keys() == {*TOKENS}
    assert {".parquet", ".sqlite", ".eml", ".html"} <= suffixes
    assert any("inbox.sqlite" in file for file in found[USER])
    assert len([file for file in found[NAME] if file.startswith("outbox")]) >= 2

    receipt = erase(root)

    assert traces(root) == {}
    assert others(state_of(root)) == others(before)
    rows = {name: sum(map(names_person, lines)) for name, lines in before.items() if name != "outbox files"}
    erased = {name: count for name, count in rows.items() if count}
    assert len(erased) >= 8
    assert {name: count for name, count in receipt.erased.items() if name not in ("inbox", "files")} == erased
    assert receipt.erased["inbox"] == 2
    assert receipt.erased["files"] == 2
    assert receipt.made_again == ["previews/x.html", "report.html"]
    assert {"raw/events.csv", "raw/more-people.csv"} <= set(receipt.left)
    assert (root / "outbox" / "index.html").exists()
    assert not names_person(repr(receipt))


def test_marks_name_nobody_and_the_receipt_is_given_again(root: Path) -> None:
    first = erase(root)
    with Workspace.open(root) as workspace:
        with workspace.stores.ledger.transaction() as transaction:
            marks = transaction.select(ERASURES)
        assert {mark["by"] for mark in marks} == {"Anna Boss"}
        assert {mark["receipt_id"] for mark in marks} == {first.receipt_id}
        assert len(marks) >= 5
        assert not names_person(repr(marks))
        for name in (USER, EARLIER, EMAIL, EMAIL.title()):
            again = erase_person(workspace, name, AT + DAY_US)
            assert (again.receipt_id, again.erased, again.at) == (first.receipt_id, first.erased, to_text(AT))
        with pytest.raises(UnknownPersonError):
            erase_person(workspace, "nobody-at-all", AT)
        with pytest.raises(UnknownPersonError):
            look_for(workspace, "nobody-at-all")


def test_any_identifier_means_the_whole_person(root: Path) -> None:
    with Workspace.open(root) as workspace:
        found = look_for(workspace, EARLIER)
        assert look_for(workspace, USER) == found
    assert found.person_id == USER
    assert {f"user:{EARLIER}", f"anonymous:{DEVICE}", f"email:{EMAIL}"} <= set(found.identifiers)
    assert erase(root, EARLIER).erased == found.rows
    assert traces(root) == {}


def imported_again(root: Path) -> None:
    """The same rows in files that are not the same, so that they are read again."""
    with Workspace.open(root) as workspace:
        for kind, name in FILES:
            path = root / "raw" / f"again-{name}"
            text = (root / "raw" / name).read_text(encoding="utf-8")
            path.write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")
            accepted, _, rejected = take(workspace, kind, path, NOW + DAY_US)
            assert accepted == 0 or kind == "people", (name, accepted)
            assert rejected >= sum(map(names_person, text.splitlines())), name


def quarantined(stores: Stores) -> list[dict[str, Any]]:
    return stores.engine.query("SELECT * FROM q", {"q": stores.lake.scan(QUARANTINE)}).to_pylist()


def test_the_same_data_again_leaves_the_person_erased(root: Path) -> None:
    erase(root)
    with Workspace.open(root) as workspace:
        refused = len(quarantined(workspace.stores))
    imported_again(root)
    assert traces(root) == {}
    with Workspace.open(root) as workspace:
        fresh = quarantined(workspace.stores)[refused:]
        kept_out = [row for row in quarantined(workspace.stores) if row["reason"] == ERASED]
        assert len(fresh) >= len(kept_out) > 20
        assert {(row["content"], row["user_id"], row["column"]) for row in kept_out} == {("{}", None, None)}
        track(workspace, [live(1, USER), live(4, USER), live(6, "p1"), live(7, EARLIER)], NOW + DAY_US)
        result = run(workspace, NOW + 2 * DAY_US)
        collected = result["collect"]
        assert isinstance(collected, dict)
        assert (collected["read"], collected["rejected"]) == (5, 3)
    assert traces(root) == {}


def test_a_person_who_comes_back_is_let_in_again(root: Path) -> None:
    erase(root)
    with Workspace.open(root) as workspace:
        with pytest.raises(UnknownPersonError):
            readmit_person(workspace, "p1", AT, "Anna Boss")
        track(workspace, [live(1, USER)], AT)
        assert readmit_person(workspace, USER, AT, "Anna Boss") >= 5
        track(workspace, [live(8, USER)], AT + 1)
        result = run(workspace, NOW + DAY_US)
        assert isinstance(result["collect"], dict)
        assert result["collect"]["rejected"] == 0
        assert look_for(workspace, USER).rows["events"] == 2
        with workspace.stores.ledger.transaction() as transaction:
            assert {row["lifted_by"] for row in transaction.select(ERASURES)} == {"Anna Boss"}
        again = erase_person(workspace, USER, NOW + 2 * DAY_US)
        assert again.erased["events"] == 2
    assert traces(root) == {}
    # What was known of her before she was let in does not come back either.
    imported_again(root)
    assert traces(root) == {}


@pytest.mark.parametrize("step", range(12))
def test_an_erasure_that_fails_anywhere_is_finished_by_the_next(
    root: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    before, calls = state_of(root), 0
    steps: dict[str, object] = {
        name: getattr(erasure, name) for name in ("delete_files", "_erase", "delete_scratch", "rewrite_page")
    }

    def failing(name: str) -> object:
        def work(*arguments: object) -> object:
            nonlocal calls
            calls += 1
            if calls > step:
                raise OSError("power cut")
            return steps[name](*arguments)  # type: ignore[operator]

        return work

    with monkeypatch.context() as patched:
        for name in steps:
            patched.setattr(erasure, name, failing(name))
        with pytest.raises(OSError, match="power cut"):
            erase(root)
    with Workspace.open(root) as workspace:
        # What comes in between stays out already.
        take(workspace, "people", root / "raw" / "more-people.csv", NOW)
    receipt = erase(root)
    assert traces(root) == {}
    assert others(state_of(root)) == others(before)
    assert receipt.erased["events"] == sum(map(names_person, before["events"]))


@pytest.mark.slow
def test_a_killed_erasure_is_finished_by_the_next(root: Path, tmp_path: Path) -> None:
    before = state_of(root)
    whole = Path(shutil.copytree(root, tmp_path / "whole"))
    taken = steps_of("vocative", erasing(whole), tmp_path / "taken")
    chance = random.Random(11)
    assert sum(dies_at(chance.randint(1, taken // 2), "vocative", erasing(root)) for _ in range(3))
    receipt = erase(root)
    assert traces(root) == {}
    assert others(state_of(root)) == others(before)
    assert receipt.erased["events"] == sum(map(names_person, before["events"]))


def erasing(root: Path) -> list[str]:
    return ["person", USER, "erase", "--yes", "-w", str(root), "--json"]


def test_an_address_that_others_share_is_not_hers_alone(root: Path) -> None:
    text = "user_id,email,phone\np1,shared@example.com,+371 111111\np2,Shared@example.com,\n"
    (root / "raw" / "shared.csv").write_text(text, encoding="utf-8")
    with Workspace.open(root) as workspace:
        take(workspace, "people", root / "raw" / "shared.csv", NOW)
        assert not any("shared" in name for name in look_for(workspace, "p1").identifiers)
        erase_person(workspace, "p1", AT)
        again = root / "raw" / "again.csv"
        again.write_text(text.replace("p2", "p29"), encoding="utf-8")
        assert take(workspace, "people", again, NOW + 5) == (1, 0, 1)
        families = root / "raw" / "families.csv"
        families.write_text("user_id,email,phone\nnew1,,+371 111 111\nnew2,new2@example.com,+371 111111\n")
        assert take(workspace, "people", families, NOW + 6) == (1, 0, 1)


def test_a_visitor_whom_nobody_knows_is_their_device(root: Path) -> None:
    visitor = "dev-wombat-5521"
    with Workspace.open(root) as workspace:
        track(workspace, [{"event": "view", "anonymous_id": visitor, "item_id": "item-Milk"}], NOW + 5)
        run(workspace, NOW + DAY_US)
        assert look_for(workspace, DEVICE).person_id == USER
        assert look_for(workspace, visitor).rows == {"events": 1}
        first = erase_person(workspace, visitor, NOW + DAY_US)
        assert first.erased == {"events": 1}
        track(workspace, [{"event": "view", "anonymous_id": visitor, "item_id": "item-Bread"}], NOW + DAY_US)
        result = run(workspace, NOW + 2 * DAY_US)
        assert isinstance(result["collect"], dict)
        assert result["collect"]["rejected"] == 1
        with workspace.stores.ledger.transaction() as transaction:
            marks = len(transaction.select(ERASURES))
        assert look_for(workspace, USER).person_id == USER
        assert marks == 1
    assert not any(visitor.encode() in path.read_bytes() for path in (root / "data").rglob("*") if path.is_file())


def test_something_that_stays_is_never_passed_over(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "_erase", lambda *_: None)
        with pytest.raises(StoreError, match="after the erasure there still is"):
            erase(root)


def test_every_table_of_people_is_reached(root: Path) -> None:
    reached = {table.name for table in LAKE_TABLES if table.subjects}
    assert {"events", "people", "quarantine", "features", "affinities", "shadows", "decisions", "messages"} <= reached
    with Workspace.open(root) as workspace:
        assert {"features", "shadows", "decisions", "messages", "quarantine", "not_me", "inbox", "files"} <= set(
            look_for(workspace, USER).rows
        )


def test_what_is_learnt_and_watched_names_nobody(root: Path) -> None:
    """Whatever a table without subjects holds, from verdicts to watches of models, it holds it of nobody."""
    state = state_of(root)
    unowned = [table.name for table in (*LAKE_TABLES, *LEDGER_TABLES) if not table.subjects]
    assert {"models", "verdicts", "model_watches", "model_standings", "model_drift", "patterns"} <= set(unowned)
    assert any(state[name] for name in unowned)
    assert not [row for name in unowned for row in state[name] if names_person(row)]
