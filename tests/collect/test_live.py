"""Events one by one: acknowledged means kept, moved to the lake once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.collect.conftest import NOW, open_stores, rows, shop
from vocative.collect.live import accept, drain
from vocative.records.lake_tables import EVENTS, QUARANTINE
from vocative.store.protocols import Stores

VIEW: dict[str, object] = {
    "event": "view",
    "user_id": "p1",
    "timestamp": "2024-05-01T10:00:00+03:00",
    "item_id": "i1",
    "message_id": "m1",
}


def test_accepted_events_reach_the_lake_once(stores: Stores) -> None:
    events: list[dict[str, object]] = [
        VIEW,
        {**VIEW, "message_id": "m2", "properties": {"color": "red", "size": 4}},
        VIEW,
    ]
    assert accept(stores.inbox, events, NOW) == (2, 1, [])
    account = drain(stores, shop(), NOW + 1)
    assert (account.read, account.accepted, account.merged, account.rejected) == (2, 2, 0, 0)
    first, second = rows(stores, EVENTS, "message_id")
    assert first["timestamp"].isoformat() == "2024-05-01T07:00:00+00:00"
    assert int(first["known_at"].timestamp()) * 1_000_000 == NOW
    assert second["properties"] == '{"color":"red","size":4}'
    assert drain(stores, shop(), NOW + 2).read == 0
    assert accept(stores.inbox, [VIEW], NOW + 3) == (0, 1, [])


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"event": " "}, "event"),
        ({"user_id": None}, "user_id"),
        ({"timestamp": "2024-05-01 10:00"}, "timestamp"),
        ({"timestamp": "2030-05-01T10:00:00Z"}, "timestamp"),
        ({"timestamp": 1.5}, "timestamp"),
        ({"amount": "much"}, "amount"),
        ({"amount": float("nan")}, "amount"),
        ({"properties": [1]}, "properties"),
        ({"not_me": "yes"}, "not_me"),
        ({"item_id": ["i1"]}, "item_id"),
        ({"item_id": "\ud800"}, "item_id"),
        ({"amount": 10**400}, "amount"),
        ({"properties": {"when": object()}}, "properties"),
    ],
)
def test_refused_events_say_why_and_cost_nobody_else(stores: Stores, change: dict[str, object], column: str) -> None:
    accepted, merged, rejected = accept(stores.inbox, [{**VIEW, **change}, VIEW], NOW)
    assert (accepted, merged) == (1, 0)
    assert rejected[0].index == 0
    assert rejected[0].reason.startswith(f"{column}: ")


def test_events_without_an_id_are_told_apart_by_content(stores: Stores) -> None:
    bare = {"event": "view", "anonymous_id": "a", "timestamp": 1_714_550_400_000_000}
    assert accept(stores.inbox, [bare, bare, {**bare, "item_id": "i2"}], NOW)[:2] == (2, 1)


def test_a_drain_killed_before_it_forgets_moves_nothing_twice(tmp_path: Path) -> None:
    class KilledError(Exception):
        pass

    stores = open_stores(tmp_path)
    accept(stores.inbox, [VIEW], NOW)

    def die(position: int) -> None:
        raise KilledError

    forget = stores.inbox.forget
    stores.inbox.forget = die  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        drain(stores, shop(), NOW)
    stores.inbox.forget = forget  # type: ignore[method-assign]
    account = drain(stores, shop(), NOW)
    assert (account.accepted, account.merged) == (0, 1)
    assert len(rows(stores, EVENTS, "message_id")) == 1


def test_what_is_no_object_costs_nobody_else(stores: Stores) -> None:
    accepted, _, rejected = accept(stores.inbox, [VIEW, None, ["view"]], NOW)  # type: ignore[list-item]
    assert (accepted, [one.index for one in rejected]) == (1, [1, 2])


def test_an_event_refused_by_two_drains_is_in_the_quarantine_once(stores: Stores, tmp_path: Path) -> None:
    later = NOW + 3 * 86_400_000_000
    early: dict[str, object] = {**VIEW, "timestamp": later}
    assert accept(stores.inbox, [early], later)[0] == 1
    forget = stores.inbox.forget

    def die(position: int) -> None:
        raise KeyboardInterrupt

    stores.inbox.forget = die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        drain(stores, shop(), NOW, scratch=tmp_path / "scratch")
    stores.inbox.forget = forget  # type: ignore[method-assign]
    accept(stores.inbox, [{**VIEW, "message_id": "m2"}, {**early, "message_id": "m3"}], later)
    account = drain(stores, shop(), NOW, scratch=tmp_path / "scratch")
    assert (account.accepted, account.rejected) == (1, 2)
    assert len(rows(stores, QUARANTINE, "row")) == 2
    assert list((tmp_path / "scratch").iterdir()) == []
