"""The profile card: facts with origin and age, nothing inferred without permission."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest

from tests.profile.worlds import DAY, MOMENT, World, engine, make_event, make_item, make_person, make_settings
from vocative.errors import UnknownPersonError
from vocative.profile.card.card import ProfileCard, profile_card
from vocative.records.results import Permission
from vocative.records.settings import ChannelSettings, Settings

BORN = (date(1990, 5, 1) - date(1970, 1, 1)).days

WORLD = World(
    events=(
        make_event(1, order_id="o1", item_id="i1", amount=4.0, timestamp=MOMENT - 9 * DAY, known_at=MOMENT - 9 * DAY),
        make_event(2, order_id="o1", item_id="i2", amount=6.0, timestamp=MOMENT - 9 * DAY, known_at=MOMENT - 9 * DAY),
        make_event(3, order_id="o2", item_id="i1", amount=5.0, timestamp=MOMENT - 2 * DAY, known_at=MOMENT - 2 * DAY),
        make_event(4, event="did_view", item_id="i2", user_id=None, anonymous_id="phone"),
        make_event(5, event="did_view", item_id="i2"),
        make_event(6, order_id="o3", item_id="i2", amount=50.0, not_me=True, timestamp=MOMENT - DAY - 1),
        make_event(7, order_id="o4", item_id="i2", timestamp=MOMENT, known_at=MOMENT),
        make_event(8, user_id="bo", order_id="o5", item_id="i2"),
        make_event(9, order_id="o6", doubts="row:too_many_orders"),
    ),
    people=(
        make_person(1, first_name="Ada", email="ada@example.com", timestamp=MOMENT - 30 * DAY),
        make_person(
            2, timezone="Asia/Tokyo", phone="+3711", birth_date=BORN, doubts="phone:malformed",
            traits='{"size": 38, "likes": ["tea"]}',
        ),
        make_person(3, first_name="Later", timestamp=MOMENT, known_at=MOMENT),
    ),
    items=(make_item(1, item_id="i1", name="Green tea", category="tea"), make_item(2, item_id="i2", category="cake")),
    aliases=(("anonymous:phone", "ada"),),
)  # fmt: skip


def permission(purpose: str, status: str, **changes: object) -> Permission:
    record = Permission(
        user_id="ada", purpose=purpose, channel="*", status=status, basis="consent", at=MOMENT - DAY,
        known_at=MOMENT - DAY, expires_at=None, source="form", text="News?",
    )  # fmt: skip
    return msgspec.structs.replace(record, **changes)


def rules() -> Settings:
    channels = {name: ChannelSettings(driver="file") for name in ("email", "sms", "push")}
    return msgspec.structs.replace(make_settings(), channels=channels)


def card(folder: Path, world: World = WORLD, person: str = "ada", *records: Permission) -> ProfileCard:
    return profile_card(engine(folder), world.sources(), rules(), records, person, MOMENT)


def test_facts_have_origin_age_and_doubt(tmp_path: Path) -> None:
    found = card(tmp_path)
    facts = {fact.name: fact for fact in found.facts}
    assert (facts["first_name"].value, facts["first_name"].origin, facts["first_name"].age_days) == (
        "Ada",
        "told us",
        30.0,
    )
    assert facts["birth_date"].value == "1990-05-01"
    assert facts["traits.size"].value == "38"
    assert facts["traits.likes"].value == '["tea"]'
    assert facts["phone"].doubt == "malformed"
    assert facts["last bought"].value == "Green tea"
    assert facts["last bought"].origin == "bought"
    assert facts["orders"].value == "2"
    assert facts["last viewed"].origin == "viewed"
    assert facts["days between days of purchase"].origin == "inferred"
    assert facts["days between days of purchase"].exactness == "estimated"
    assert (found.timezone, found.timezone_known) == ("Asia/Tokyo", True)
    assert found.features["orders_28d"] == 2.0
    assert {row.value for row in found.affinities} >= {"tea", "cake"}


def test_the_timeline_groups_orders_and_days(tmp_path: Path) -> None:
    entries = card(tmp_path).timeline
    assert [(entry.what, entry.order_id, entry.count) for entry in entries] == [
        ("view", None, 2),
        ("purchase", "o3", 1),
        ("purchase", "o2", 1),
        ("purchase", "o1", 2),
    ]
    assert entries[1].not_me
    assert (entries[3].money, entries[3].items, entries[3].day) == (10.0, ["Green tea", "cake"], "2026-03-23")


def test_without_permission_nothing_is_inferred(tmp_path: Path) -> None:
    found = card(tmp_path, replace(WORLD, allowed=("bo",)))
    assert not found.profiled
    assert found.features == {}
    assert found.affinities == []
    assert {fact.origin for fact in found.facts} == {"told us", "bought"}
    assert {entry.what for entry in found.timeline} == {"purchase"}


def test_reachability_says_why_not(tmp_path: Path) -> None:
    records = (permission("marketing", "yes"), permission("marketing", "no", channel="push", at=MOMENT - 5))
    found = {reach.channel: reach for reach in card(tmp_path, WORLD, "ada", *records).reachability}
    assert (found["email"].marketing, found["email"].service, found["email"].why) == (True, True, "")
    assert not found["sms"].marketing
    assert "malformed" in found["sms"].why
    assert (found["push"].marketing, found["push"].service) == (False, True)
    assert "said no" in found["push"].why
    bo = {reach.channel: reach.why for reach in card(tmp_path, WORLD, "bo", *records).reachability}
    assert "no e-mail address" in bo["email"]
    assert "never asked" in bo["push"]


def test_permissions_are_the_persons_own_and_not_from_the_future(tmp_path: Path) -> None:
    mine = permission("marketing", "yes")
    others = (permission("marketing", "no", user_id="bo"), permission("marketing", "no", known_at=MOMENT + 1))
    assert card(tmp_path, WORLD, "ada", mine, *others).permissions == [mine]


def test_what_has_been_built_is_shown_as_it_is(tmp_path: Path) -> None:
    found = profile_card(
        engine(tmp_path), WORLD.sources(), rules(), [], "ada", MOMENT, latest=1, features={"orders_28d": 7.0}
    )
    assert found.features == {"orders_28d": 7.0}
    assert len(found.timeline) == 1


def test_nobody_of_that_name(tmp_path: Path) -> None:
    with pytest.raises(UnknownPersonError, match="'eve'"):
        card(tmp_path, WORLD, "eve")


def test_the_card_is_plain_data(tmp_path: Path) -> None:
    found = card(tmp_path)
    assert msgspec.json.decode(msgspec.json.encode(found), type=ProfileCard) == found
