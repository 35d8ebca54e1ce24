"""What deciding is told of how people react: only what was admitted, as multiples and as hours in their order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.line.shop import NOW, import_all, prepare
from vocative.line.act import decision_inputs
from vocative.line.act.channel_preference import best_hours, likings, reactions
from vocative.line.snapshot.deliveries import handed
from vocative.line.snapshot.people import recipients
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand.build import kept
from vocative.records.lake_tables import FEATURES, PREDICTIONS
from vocative.records.ledger_tables import OUTBOX
from vocative.records.schema import Row, Value
from vocative.store.arrow import rows_to_arrow
from vocative.workspace.opening import OpenWorkspace

RUN = "run"


def row(person: str, module: str, target: str, value: float, version: str = "v", **reasons: object) -> dict[str, Value]:
    return {
        "run_id": RUN, "moment": NOW, "person_id": person, "module": module, "target": target, "value": value,
        "low": 0.0, "high": 1.0, "unit": "probability", "horizon_days": 28.0, "support": 10.0, "version": version,
        "reasons": json.dumps(reasons),
    }  # fmt: skip


def when(part: str, value: float, hour: int) -> dict[str, Value]:
    return row("p0", "reacts_when", f"email {part}", value, channel="email", hour=hour)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("liking")
    prepare(root, days=30, people=10)
    import_all(root)
    rows = [
        row("p0", "reacts", "email", 0.3), row("p0", "reacts", "sms", 0.1), row("p5", "reacts", "email", 0.2),
        when("morning", 0.2, 8), when("midday", 0.1, 12), when("evening", 0.4, 19),
        row("p5", "reacts_when", "email morning", 0.9, "baseline:everybodys_rate", channel="email", hour=8),
    ]  # fmt: skip
    feature: dict[str, Any] = {"run_id": RUN, "moment": NOW, "person_id": "p0", "features": {"orders_365d": 3.0}}
    with OpenWorkspace.open(root) as workspace:
        workspace.stores.lake.append(PREDICTIONS, rows_to_arrow(PREDICTIONS, rows), token="planted")
        workspace.stores.lake.append(FEATURES, rows_to_arrow(FEATURES, [feature]), token="planted")
    return root


def test_a_liking_is_a_multiple_of_what_everybody_does(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        found = likings(Snapshot(workspace, NOW), RUN, workspace.stores.lake.scan(PREDICTIONS))
    assert found["p0"] == pytest.approx({"email": 0.3 / 0.2, "sms": 0.1 / 0.2})
    assert found["p5"] == pytest.approx({"email": 1.0})


def test_what_going_unread_costs_is_weighed_by_the_probability_itself(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        found = reactions(Snapshot(workspace, NOW), RUN, workspace.stores.lake.scan(PREDICTIONS))
    assert found == {"p0": {"email": 0.3, "sms": 0.1}, "p5": {"email": 0.2}}


def test_hours_stand_in_the_order_of_their_chance_where_that_was_admitted(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        found = best_hours(Snapshot(workspace, NOW), RUN, workspace.stores.lake.scan(PREDICTIONS))
    assert found == {"p0": {"email": (19, 8, 12)}}, "a naive way moves nobody's hour"


def test_recipients_carry_it(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        scene = Snapshot(workspace, NOW)
        told = recipients(scene.people, workspace.settings, decision_inputs.notes(scene, RUN, kept(workspace)))
    mine = next(one for one in told if one.person_id == "p0")
    assert mine.hours == {"email": (19, 8, 12)}
    assert mine.liking["email"] == pytest.approx(1.5)
    assert not next(one for one in told if one.person_id == "p1").liking


def test_messages_of_runs_are_told_up_to_the_moment(root: Path) -> None:
    def sent(message: str, at: int | None, state: str = "delivered") -> Row:
        return {
            "message_id": message, "decision_id": "d", "person_id": "p0", "campaign": "c", "topics": "[]",
            "class": "marketing", "channel": "email", "address": "a", "state": state, "queued_at": NOW - 9,
            "send_at": NOW - 9, "expires_at": NOW, "local_day": "2025-05-01", "cost": 0.0, "handed_over_at": at,
        }  # fmt: skip

    with OpenWorkspace.open(root) as workspace:
        with workspace.stores.ledger.transaction() as transaction:
            transaction.insert(OUTBOX, [sent("a", NOW - 5), sent("b", NOW + 5), sent("c", None, "queued")])
        found = handed(Snapshot(workspace, NOW))
        assert found.to_pylist() == [{"person_id": "p0", "channel": "email", "us": NOW - 5}]
