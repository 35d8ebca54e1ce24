"""What counts as bought before, and who as a customer that came back: a person's own purchases, and all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from vocative.collect.commit.files import import_file
from vocative.collect.identity.identity import declare_same
from vocative.desk.person.not_me import disown
from vocative.line.act.decision_inputs import acts_of
from vocative.line.snapshot.clock import to_micros
from vocative.line.snapshot.snapshot import Scene
from vocative.line.understand.build import kept
from vocative.records.settings import Kind
from vocative.workspace.opening import Workspace
from vocative.workspace.starting import make_workspace

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = to_micros(NOON)
DAY_US = 86_400_000_000


def ago(days: int) -> str:
    return (NOON - timedelta(days=days)).isoformat()


def bought(days: int, item: str, **columns: object) -> dict[str, object]:
    return {"timestamp": ago(days), "event": "purchase", "item_id": item, "amount": 5.0, **columns}


CATEGORIES = {"milk": "dairy", "roll": "bakery", "tea": "drinks", "ham": "meat", "thing": ""}
ALLOWED = {"ada": ("marketing", "personalization"), "bo": ("marketing",), "cy": ("personalization",)}
FILES: dict[Kind, list[dict[str, object]]] = {
    "items": [
        {"item_id": item, "name": item, "timestamp": ago(100), **({"category": category} if category else {})}
        for item, category in CATEGORIES.items()
    ],
    "people": [
        {"user_id": name, "email": f"{name}@example.com", "timestamp": ago(100)} for name in (*ALLOWED, "ada at work")
    ],
    "permissions": [
        {"user_id": name, "purpose": purpose, "status": "yes", "at": ago(90), "source": "test", "text": "May we?"}
        for name, purposes in ALLOWED.items()
        for purpose in purposes
    ],
    "events": [
        bought(60, "milk", user_id="ada", order_id="o1", message_id="m1"),
        # The same person, as it turned out.
        bought(50, "roll", user_id="ada at work", order_id="o2", message_id="m2"),
        bought(40, "tea", user_id="ada", order_id="o3", not_me=True, message_id="m3"),
        bought(30, "thing", user_id="ada", order_id="o4", message_id="m4"),
        {"timestamp": ago(20), "event": "view", "item_id": "tea", "user_id": "ada", "message_id": "m5"},
        bought(45, "milk", user_id="bo", order_id="o5", message_id="m6"),
        bought(10, "ham", user_id="cy", order_id="o6", message_id="m7"),
        bought(10, "tea", user_id="cy", order_id="o6", message_id="m8"),
    ],
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    root = tmp_path_factory.mktemp("known")
    make_workspace(root)
    settings = root / "vocative.toml"
    text = settings.read_text(encoding="utf-8").replace("[events]\n", '[events]\nview = ["view"]\n')
    settings.write_text(text, encoding="utf-8")
    with Workspace.open(root) as opened:
        for kind, rows in FILES.items():
            path = root / f"{kind}.jsonl"
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            account = import_file(opened.stores, opened.settings, path, kind=kind, mapping=None, now=NOW)
            assert account.rejected == 0, kind
        declare_same(opened.stores.ledger, user_id="ada at work", person_id="ada", at=NOW - 70 * DAY_US, source="test")
        yield opened


def known(workspace: Workspace, moment: int) -> dict[str, dict[str, int]]:
    """Person → category → days on which they bought of it; the empty name: of anything."""
    return acts_of(Scene(workspace, moment), "no run", kept(workspace))


def test_own_purchases_make_a_category_known_over_any_identifier(workspace: Workspace) -> None:
    ada, cy = {"dairy": 1, "bakery": 1, "": 3}, {"meat": 1, "drinks": 1, "": 1}
    assert known(workspace, NOW) == {"ada": ada, "cy": cy}


def test_of_an_earlier_moment_only_what_had_been_bought_by_then(workspace: Workspace) -> None:
    assert known(workspace, NOW - 55 * DAY_US) == {"ada": {"dairy": 1, "": 1}}


def test_what_was_somebody_elses_is_not_known_from_when_that_was_said(workspace: Workspace) -> None:
    disown(workspace, "cy", NOW + 5, items=["ham"])
    disown(workspace, "ada", NOW + 5, items=["milk"])
    assert known(workspace, NOW + 5) == known(workspace, NOW)
    assert known(workspace, NOW + 6) == {"ada": {"bakery": 1, "": 2}, "cy": {"drinks": 1, "": 1}}


def test_who_came_back_is_counted_over_all_their_identifiers(workspace: Workspace) -> None:
    facts = Scene(workspace, NOW).facts
    assert (facts.customers, facts.repeaters) == (3, 1)
    assert (facts.first, facts.newest) == (NOW - 60 * DAY_US, NOW - 10 * DAY_US)


def test_before_a_second_day_nobody_had_come_back(workspace: Workspace) -> None:
    facts = Scene(workspace, NOW - 55 * DAY_US).facts
    assert (facts.customers, facts.repeaters, facts.purchases, facts.with_category) == (1, 0, 1, 1.0)
    facts = Scene(workspace, NOW - 49 * DAY_US).facts
    assert (facts.customers, facts.repeaters, facts.purchases) == (1, 1, 2)
