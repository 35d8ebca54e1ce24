"""Single events as they happen, from acceptance to the next run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.line.shop import NOW, import_all, prepare
from vocative.desk.status import status
from vocative.desk.track import track
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.workspace.opening import OpenWorkspace

HOUR_US = 3_600_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    prepare(tmp_path / "shop", days=60, people=10)
    import_all(tmp_path / "shop")
    return tmp_path / "shop"


def purchase(message_id: str) -> dict[str, object]:
    return {
        "message_id": message_id,
        "timestamp": to_text(NOW - HOUR_US),
        "event": "purchase",
        "user_id": "p0",
        "item_id": "item-Milk",
        "quantity": 1,
        "amount": 2.5,
    }


def events(workspace: OpenWorkspace) -> int:
    facts = status(workspace, NOW + HOUR_US)["facts"]
    assert isinstance(facts, dict)
    return int(facts["interactions"])


def test_a_tracked_event_is_in_the_lake_after_the_next_run_and_only_once(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        before = events(workspace)
        assert track(workspace, [purchase("a"), purchase("b")], NOW)["accepted"] == 2
        assert track(workspace, [purchase("b"), purchase("c")], NOW) == {"accepted": 1, "merged": 1, "rejected": []}
        run(workspace, NOW)
        assert events(workspace) == before + 3
        assert track(workspace, [purchase("a")], NOW)["merged"] == 1
        run(workspace, NOW + HOUR_US)
        assert events(workspace) == before + 3


def test_an_accepted_event_survives_the_closing_of_the_workspace(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        before = events(workspace)
        track(workspace, [purchase("a")], NOW)
    with OpenWorkspace.open(root) as workspace:
        run(workspace, NOW)
        assert events(workspace) == before + 1


def test_an_event_that_cannot_be_used_is_refused_with_a_reason_and_the_others_are_taken(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        result = track(workspace, [{**purchase("a"), "timestamp": "someday"}, purchase("b")], NOW)
    assert result["accepted"] == 1
    assert len(result["rejected"]) == 1  # type: ignore[arg-type]
