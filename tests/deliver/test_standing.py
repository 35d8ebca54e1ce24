"""A message leaves only while the business stands by it: approved, not stopped, its offer unchanged."""

from __future__ import annotations

from tests.decide.builders import DAY_US, HOUR_US, NOW, recipient
from tests.deliver.post import (
    FREE,
    NO_CAPS,
    NO_QUIET,
    SHOP,
    Wire,
    approve,
    permit,
    queue,
    rows,
    send,
    states_of,
    turn_stop,
    write,
)
from vocative.deliver.channel import Outgoing, Receipt
from vocative.deliver.outbox import Links, hand_over
from vocative.deliver.recheck import Rules
from vocative.records.caps import Caps
from vocative.records.relationship import Relationships, StateCaps
from vocative.store.protocols import Stores
from vocative.trust.links import signed_link
from vocative.trust.secret_key import SecretKey


def later(_: Outgoing) -> Receipt:
    return Receipt(accepted=False, text="greylisted", again=True)


def test_what_was_not_taken_yet_is_tried_again_until_it_expires(stores: Stores) -> None:
    queue(stores, "m1", "a")
    assert send(stores, Wire(does=later))["queued"] == 1
    assert rows(stores)["m1"]["reason"] == "not taken yet: greylisted"
    wire = Wire()
    assert send(stores, wire, now=NOW + HOUR_US)["delivered"] == 1
    assert wire.pushed == ["m1"]


def test_what_was_not_taken_yet_costs_nothing_and_counts_for_no_cap(stores: Stores) -> None:
    queue(stores, "m1", "a", cost=1.0)
    rules = Rules(Caps(per_day=1), NO_QUIET, SHOP, budgets={"email": 1.0})
    send(stores, Wire(does=later), rules=rules)
    assert send(stores, Wire(), rules=rules, now=NOW + HOUR_US)["delivered"] == 1


def test_a_text_that_is_no_longer_approved_does_not_leave(stores: Stores) -> None:
    queue(stores, "m1", "a")
    queue(stores, "m2", "b", version="changed")
    approve(stores, "withdrawn", at=2)
    wire = Wire()
    assert send(stores, wire)["dropped"] == 2
    assert wire.pushed == []
    assert rows(stores)["m1"]["reason"] == "its text is no longer approved"


def test_an_approval_that_holds_from_later_on_is_none_yet(stores: Stores) -> None:
    queue(stores, "m1", "a", version="v2")
    approve(stores, version="v2", at=NOW + 1)
    assert send(stores, Wire())["dropped"] == 1


def test_a_stop_holds_everything_until_it_is_lifted(stores: Stores) -> None:
    queue(stores, "m1", "a")
    turn_stop(stores, "on", NOW - 1)
    assert send(stores, Wire())["queued"] == 1
    turn_stop(stores, "off", NOW + 1)
    assert send(stores, Wire(), now=NOW + 2)["delivered"] == 1


def test_stop_and_withdrawal_count_at_once_in_a_hand_over_that_goes_by_an_earlier_moment(stores: Stores) -> None:
    many = {f"n{number:03}": f"person{number}" for number in range(230)}
    write(stores, many, token="many")
    for message, person in many.items():
        permit(stores, person)
        queue(stores, message, person)

    def stop_meanwhile(message: Outgoing) -> Receipt:
        if message.message_id == "n050":
            turn_stop(stores, "on", NOW + HOUR_US)
        return Receipt(accepted=True, text="taken")

    found = send(stores, Wire(does=stop_meanwhile))
    assert (found["delivered"], found["queued"]) == (100, 130), "the next batch already waits"
    turn_stop(stores, "off", NOW + HOUR_US + 1)
    approve(stores, "withdrawn", at=NOW + HOUR_US)
    found = send(stores, Wire())
    assert (found["delivered"], found["dropped"]) == (100, 130)


def test_what_was_written_before_its_campaign_was_changed_does_not_leave(stores: Stores) -> None:
    approve(stores, version="v2")
    queue(stores, "m1", "a")
    queue(stores, "m2", "b", version="v2")
    rules = Rules(NO_CAPS, NO_QUIET, SHOP, versions={"news": "v2"})
    assert send(stores, Wire(), rules=rules)["delivered"] == 1
    assert rows(stores)["m1"]["reason"] == "its campaign was changed after it was written"


def test_an_offer_that_was_changed_meanwhile_is_not_told(stores: Stores) -> None:
    queue(stores, "m1", "a", offer="o1#aaa")
    queue(stores, "m2", "b", offer="o1#bbb")
    assert send(stores, Wire(), rules=Rules(NO_CAPS, NO_QUIET, SHOP, {}, frozenset({"o1#bbb"})))["delivered"] == 1
    assert states_of(stores) == {"m1": "dropped", "m2": "delivered"}


def test_the_channel_gets_an_address_for_one_click(stores: Stores) -> None:
    queue(stores, "m1", "a")
    seen: list[str] = []

    def take(message: Outgoing) -> Receipt:
        seen.append(message.unsubscribe)
        return Receipt(accepted=True, text="")

    hand_over(stores, {"email": Wire(does=take)}, FREE, NOW, links=Links("https://shop.example/v", SecretKey(b"key")))
    assert seen == [signed_link("https://shop.example/v", "unsubscribe", "m1", SecretKey(b"key"))]


def test_what_sells_does_not_leave_to_whom_the_business_has_displeased_since(stores: Stores) -> None:
    queue(stores, "m1", "a")
    queue(stores, "m2", "b", sells=False)
    queue(stores, "m3", "c")
    people = {name: recipient(name, relationship="strained") for name in "ab"} | {"c": recipient("c")}
    wire = Wire()
    assert send(stores, wire, rules=Rules(NO_CAPS, NO_QUIET, SHOP, people=people))["dropped"] == 1
    assert sorted(wire.pushed) == ["m2", "m3"]
    assert rows(stores)["m1"]["reason"] == "the person had trouble with the business since it was decided"


def test_whoever_became_strained_since_gets_nothing_above_the_lower_cap(stores: Stores) -> None:
    for name in "ab":
        queue(
            stores, f"old-{name}", name, state="delivered", handed_over_at=NOW - 10 * DAY_US, send_at=NOW - 10 * DAY_US
        )
    for message, name in (("m1", "a"), ("m2", "b"), ("m3", "c")):
        queue(stores, message, name, sells=False)
    people = {name: recipient(name, relationship="strained") for name in "ac"} | {"b": recipient("b")}
    rules = Rules(Caps(per_month=6), NO_QUIET, SHOP, people=people)
    wire = Wire()
    send(stores, wire, rules=rules)
    assert sorted(wire.pushed) == ["m2", "m3"]
    assert rows(stores)["m1"]["reason"] == "cap_per_month"


def test_the_caps_of_a_relationship_at_the_hand_over_are_those_of_the_business(stores: Stores) -> None:
    queue(stores, "m1", "a", sells=False)
    queue(stores, "m2", "b", sells=False)
    none = Relationships(strained=StateCaps(per_day=0))
    people = {"a": recipient("a", relationship="strained"), "b": recipient("b", relationship="stranger")}
    send(stores, Wire(), rules=Rules(NO_CAPS, NO_QUIET, SHOP, people=people, relationship=none))
    assert states_of(stores) == {"m1": "dropped", "m2": "delivered"}
