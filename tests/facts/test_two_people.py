"""Two people, and every question that is asked about them: whoever asks gets the same answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from vocative.collect.commit.files import import_file
from vocative.facts.possessions import days_had
from vocative.facts.week import hours_of_week
from vocative.line.act import decision_inputs
from vocative.line.snapshot.clock import to_micros
from vocative.line.snapshot.relationships import relationships
from vocative.line.snapshot.snapshot import Scene
from vocative.records.schema import Value
from vocative.records.settings import Kind
from vocative.workspace.opening import Workspace
from vocative.workspace.starting import make_workspace

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def _ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def _event(number: int, days: float, event: str, **columns: Value | dict[str, str]) -> dict[str, object]:
    return {"message_id": f"m{number}", "timestamp": _ago(days), "event": event, **columns}


_EVENTS: list[dict[str, object]] = [
    # Ada looked at something while she was signed in, so the device is hers; what she bought she bought without.
    _event(1, 50, "view", user_id="ada", anonymous_id="dev1", item_id="green"),
    _event(2, 40, "purchase", anonymous_id="dev1", item_id="green", quantity=1, amount=5.0, order_id="o1"),
    _event(3, 30, "purchase", anonymous_id="dev1", item_id="green", quantity=1, amount=5.0, order_id="o2"),
    _event(4, 20, "purchase", anonymous_id="dev1", item_id="green", quantity=1, amount=5.0, order_id="o3"),
    _event(5, 10, "coupon used", anonymous_id="dev1", properties={"offer_id": "OFF2"}),
    # What went over Bo's account was somebody else's.
    _event(6, 10, "coupon used", user_id="bo", not_me=True, properties={"offer_id": "OFF"}),
]
_FILES: dict[Kind, list[dict[str, object]]] = {
    "items": [{"item_id": "green", "name": "Green tea", "category": "tea", "timestamp": _ago(100)}],
    "people": [{"user_id": name, "email": f"{name}@example.com", "timestamp": _ago(100)} for name in ("ada", "bo")],
    "permissions": [
        {"user_id": name, "purpose": purpose, "status": "yes", "at": _ago(90), "source": "test", "text": "May we?"}
        for name in ("ada", "bo")
        for purpose in ("marketing", "personalization")
    ],
    "events": _EVENTS,
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    make_workspace(tmp_path)
    settings = tmp_path / "vocative.toml"
    text = settings.read_text(encoding="utf-8")
    assert "[events]\n" in text
    settings.write_text(
        text.replace("[events]\n", '[events]\nview = ["view"]\nredeem = ["coupon used"]\n'), encoding="utf-8"
    )
    opened = Workspace.open(tmp_path)
    for kind, rows in _FILES.items():
        path = tmp_path / f"{kind}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        account = import_file(opened.stores, opened.settings, path, kind=kind, mapping=None, now=to_micros(NOW))
        assert account.rejected == 0, kind
    return opened


def test_what_a_linked_device_did_its_owner_did_for_everybody_who_asks(workspace: Workspace) -> None:
    scene = Scene(workspace, to_micros(NOW))
    of = {str(row["person_id"]): row for row in scene.feature_table.to_pylist()}
    assert of["ada"]["orders_365d"] == 3.0
    assert relationships(scene)["ada"].state == "acquainted"
    scope, engine = scene.sources.scope(scene.now, workspace.settings), workspace.stores.engine
    named = pa.table({"person_id": ["ada"], "item": ["green"]})
    assert days_had(engine, scene.sources, scope, named) == {"ada": {"tea": 3, "green": 3, "": 3}}
    assert (scene.facts.purchases, scene.facts.repeaters) == (3, 1)
    assert scene.facts.with_category == 1.0
    assert decision_inputs.redeemed(scene) == {"ada": frozenset({"OFF2"})}
    hours = hours_of_week(engine, scene.sources, scope, "purchase", 91)
    assert sum(row["acts"] for row in hours) == 3
    assert {row["people"] for row in hours} == {1}
