"""The life of a message: queued once, looked at again before it leaves, and never handed over twice."""

from __future__ import annotations

import pytest

from tests.decide.builders import DAY_US, HOUR_US, NOW
from tests.deliver.post import (
    FREE,
    NO_CAPS,
    NO_QUIET,
    SHOP,
    Wire,
    permit,
    queue,
    rows,
    send,
    states_of,
    write,
)
from vocative.deliver import outbox
from vocative.deliver.channel import Outgoing, Receipt
from vocative.deliver.outbox import hand_over, states, waiting
from vocative.deliver.recheck import RecheckRules
from vocative.records.caps import Caps, QuietHours
from vocative.records.ledger_tables import IDENTITIES, OUTBOX
from vocative.records.schema import Value
from vocative.store.protocols import Stores


def refuse(_: Outgoing) -> Receipt:
    return Receipt(accepted=False, text="mailbox is full")


def break_down(message: Outgoing) -> Receipt:
    raise ConnectionError(f"no answer about {message.address}")


def test_from_queued_to_delivered(stores: Stores) -> None:
    assert queue(stores, "m1", "a") == 1
    assert queue(stores, "m1", "a", address="other@example.com") == 0, "the same message is queued once"
    wire = Wire()
    assert send(stores, wire)["delivered"] == 1
    row = rows(stores)["m1"]
    assert (row["handed_over_at"], row["receipt"], row["reason"], row["address"]) == (
        NOW,
        "taken",
        None,
        "a@example.com",
    )
    send(stores, wire, now=NOW + HOUR_US)
    assert wire.pushed == ["m1"]
    assert queue(stores, "m1", "a") == 0, "and stays delivered when its run is done again"
    send(stores, wire)
    assert wire.pushed == ["m1"]


def test_what_was_queued_since_the_people_were_read_waits_for_the_next_call(stores: Stores) -> None:
    queue(stores, "m1", "a")
    queue(stores, "m2", "b", send_at=NOW + HOUR_US)
    queue(stores, "m3", "a", state="handing_over")
    known = waiting(stores.ledger, NOW)
    assert known == {"m1": "a", "m3": "a"}
    queue(stores, "m4", "c")
    wire = Wire(idempotent=True)
    hand_over(stores, {"email": wire}, FREE, NOW, only=known)
    assert sorted(wire.pushed) == ["m1", "m3"]
    assert states_of(stores)["m4"] == "queued"
    send(stores, wire)
    assert sorted(wire.pushed) == ["m1", "m3", "m4"]


def test_nothing_leaves_before_its_moment(stores: Stores) -> None:
    queue(stores, "m1", "a", send_at=NOW + HOUR_US)
    assert send(stores, Wire(), now=NOW + HOUR_US - 1)["queued"] == 1
    assert send(stores, Wire(), now=NOW + HOUR_US)["delivered"] == 1


def test_permission_that_is_withdrawn_meanwhile_counts(stores: Stores) -> None:
    queue(stores, "m1", "a")
    queue(stores, "m2", "b")
    queue(stores, "m4", "nobody")
    permit(stores, "a", "no", at=NOW - 1)
    permit(stores, "b", "no", at=NOW + 1)
    wire = Wire()
    send(stores, wire)
    assert wire.pushed == ["m2"]
    assert states_of(stores) == {"m1": "dropped", "m2": "delivered", "m4": "dropped"}
    assert rows(stores)["m1"]["reason"] == "permission is gone"
    assert rows(stores)["m1"]["handed_over_at"] is None


def test_permission_over_another_channel_does_not_help(stores: Stores) -> None:
    permit(stores, "a", "no", at=5, channel="email")
    permit(stores, "a", "yes", at=6, channel="sms")
    queue(stores, "m1", "a")
    assert send(stores, Wire())["dropped"] == 1


def test_a_service_message_needs_no_marketing_permission(stores: Stores) -> None:
    permit(stores, "a", "no", at=5)
    queue(stores, "m1", "a", **{"class": "service"})
    queue(stores, "m2", "b", **{"class": "service"})
    permit(stores, "b", "no", purpose="service", at=5)
    send(stores, Wire())
    assert states_of(stores) == {"m1": "delivered", "m2": "dropped"}


def test_a_text_that_rests_on_a_profile_needs_that_permission_to_the_end(stores: Stores) -> None:
    people = {f"q{number}": f"person{number}" for number in range(4)}
    write(stores, people, personalized=["q0", "q1", "q2"], token="more")
    for message, person in people.items():
        permit(stores, person)
        queue(stores, message, person)
    permit(stores, "person0", purpose="personalization")
    permit(stores, "person1", purpose="personalization")
    permit(stores, "person1", "no", purpose="personalization", at=2)
    send(stores, Wire())
    assert states_of(stores) == {"q0": "delivered", "q1": "dropped", "q2": "dropped", "q3": "delivered"}
    assert rows(stores)["q1"]["reason"] == "permission for personalization is gone"


def test_a_text_whose_decision_is_gone_is_taken_to_rest_on_a_profile(stores: Stores) -> None:
    write(stores, {"n1": "a"}, token="decided", decided=False)
    queue(stores, "n1", "a")
    send(stores, Wire())
    assert rows(stores)["n1"]["reason"] == "permission for personalization is gone"


def test_permission_of_one_person_under_two_identifiers(stores: Stores) -> None:
    links: list[dict[str, Value]] = [
        {"link_id": "1", "alias": "user:a", "person_id": "b", "at": 1, "source": "test"},
        {"link_id": "2", "alias": "user:b", "person_id": "c", "at": 1, "source": "test"},
    ]
    with stores.ledger.transaction() as transaction:
        transaction.insert(IDENTITIES, links)
    permit(stores, "c", "no", at=2)
    queue(stores, "m1", "a")
    queue(stores, "m2", "b")
    send(stores, Wire())
    assert states_of(stores) == {"m1": "dropped", "m2": "dropped"}
    permit(stores, "a", "yes", at=3)
    write(stores, {"n1": "a", "n2": "b"}, token="more")
    queue(stores, "n1", "a")
    queue(stores, "n2", "c")
    send(stores, Wire(), rules=RecheckRules(Caps(per_day=1), NO_QUIET, SHOP))
    assert (states_of(stores)["n1"], states_of(stores)["n2"]) == ("delivered", "dropped"), "one cap for one person"


def test_an_expired_message_is_dropped(stores: Stores) -> None:
    queue(stores, "m1", "a", expires_at=NOW)
    queue(stores, "m2", "b", expires_at=NOW + 1)
    queue(stores, "m4", "c", expires_at=NOW, channel="abolished")
    send(stores, Wire())
    assert states_of(stores) == {"m1": "dropped", "m2": "delivered", "m4": "dropped"}
    assert "expired" in str(rows(stores)["m4"]["reason"])


def test_a_message_without_text_is_dropped_and_counts_for_nothing(stores: Stores) -> None:
    queue(stores, "gone", "a")
    queue(stores, "m1", "a", send_at=NOW)
    send(stores, Wire(), rules=RecheckRules(Caps(per_day=1), NO_QUIET, SHOP))
    assert states_of(stores) == {"gone": "dropped", "m1": "delivered"}
    assert rows(stores)["gone"]["reason"] == "its text is no longer kept"


def test_caps_are_counted_within_a_run_and_across_runs(stores: Stores) -> None:
    rules = RecheckRules(Caps(per_day=1, per_week=2, per_month=None), NO_QUIET, SHOP)
    queue(stores, "m1", "a")
    queue(stores, "m2", "b")
    queue(stores, "m3", "a")
    send(stores, Wire(), rules=rules)
    assert states_of(stores) == {"m1": "delivered", "m2": "delivered", "m3": "dropped"}
    assert rows(stores)["m3"]["reason"] == "cap_per_day"
    for day, message in ((0, "n0"), (1, "n1"), (2, "n2"), (7, "n7")):
        write(stores, {message: "a"}, token=message)
        queue(stores, message, "a", send_at=NOW + day * DAY_US)
        send(stores, Wire(), rules=rules, now=NOW + day * DAY_US)
    found = {message: (row["state"], row["reason"]) for message, row in rows(stores).items() if message[0] == "n"}
    assert found == {
        "n0": ("dropped", "cap_per_day"),
        "n1": ("delivered", None),
        "n2": ("dropped", "cap_per_week"),
        "n7": ("delivered", None),
    }


def test_the_day_that_counts_is_that_of_the_hand_over(stores: Stores) -> None:
    queue(stores, "m1", "a", zone="Pacific/Auckland", expires_at=NOW + 9 * DAY_US)
    send(stores, Wire(), now=NOW + 4 * HOUR_US)
    assert rows(stores)["m1"]["local_day"] == "2026-01-06", "half past one in the morning there"


def test_quiet_hours_at_the_hand_over_make_it_wait(stores: Stores) -> None:
    rules = RecheckRules(NO_CAPS, QuietHours(start="20:00", end="08:00"), SHOP)
    queue(stores, "m1", "a", zone="America/New_York")
    queue(stores, "m2", "b", zone=None)
    assert send(stores, Wire(), rules=rules) == {**dict.fromkeys(states(stores.ledger), 0), "queued": 1, "delivered": 1}
    assert states_of(stores)["m1"] == "queued"
    send(stores, Wire(), rules=rules, now=NOW + 4 * HOUR_US)
    assert states_of(stores)["m1"] == "delivered", "eight o'clock in New York"


def test_an_unknown_zone_waits_until_it_is_day_in_all_of_them(stores: Stores) -> None:
    quiet = QuietHours(start="20:00", end="08:00", unknown_zones=["UTC", "America/New_York"])
    queue(stores, "m1", "a", zone=None)
    assert send(stores, Wire(), rules=RecheckRules(NO_CAPS, quiet, SHOP))["queued"] == 1
    assert send(stores, Wire(), rules=RecheckRules(NO_CAPS, quiet, SHOP), now=NOW + 4 * HOUR_US)["delivered"] == 1


def test_money_is_counted_at_the_hand_over(stores: Stores) -> None:
    rules = RecheckRules(NO_CAPS, NO_QUIET, SHOP, budgets={"email": 0.5})
    for message, person in (("m1", "a"), ("m2", "b"), ("m3", "a"), ("m4", "c")):
        queue(stores, message, person, cost=0.25, expires_at=NOW + 9 * DAY_US)
    assert send(stores, Wire(), rules=rules)["queued"] == 2
    assert send(stores, Wire(), rules=rules, now=NOW + HOUR_US)["queued"] == 2, "what was spent today is spent"
    assert send(stores, Wire(), rules=rules, now=NOW + DAY_US)["delivered"] == 4


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_a_budget_holds_however_many_are_claimed_at_once(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(outbox, "_TOGETHER", at_once)
    people = dict.fromkeys((f"n{number}" for number in range(8)), "a")
    write(stores, people, token="more")
    for message, person in people.items():
        queue(stores, message, person, cost=0.25)
    wire = Wire(does=lambda one: refuse(one) if one.message_id == "n1" else Receipt(accepted=True, text="taken"))
    found = send(stores, wire, rules=RecheckRules(NO_CAPS, NO_QUIET, SHOP, budgets={"email": 1.0}))
    # What was refused has cost nothing, so another one may go, unless it was claimed together with the refused one.
    spent = {1: 4, 2: 4, 100: 3}[at_once]
    assert (found["delivered"], found["dropped"], found["queued"]) == (spent, 1, 7 - spent)


def test_an_interrupted_message_is_paid_for_once(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_TOGETHER", 1)
    rules = RecheckRules(NO_CAPS, NO_QUIET, SHOP, budgets={"email": 0.75})
    queue(stores, "m1", "a", cost=0.25)
    hand_over(stores, {"email": Wire(idempotent=True, finishes=False)}, rules, NOW)
    for message, person in (("m2", "b"), ("m3", "a"), ("m4", "c")):
        queue(stores, message, person, cost=0.25)
    assert send(stores, Wire(idempotent=True), rules=rules)["delivered"] == 3


def test_no_money_sends_nothing_even_where_it_costs_nothing(stores: Stores) -> None:
    queue(stores, "m1", "a")
    assert send(stores, Wire(), rules=RecheckRules(NO_CAPS, NO_QUIET, SHOP, budgets={"email": 0.0}))["queued"] == 1


def test_a_channel_that_refuses_is_recorded_and_not_asked_again(stores: Stores) -> None:
    queue(stores, "m1", "a")
    wire = Wire(does=refuse)
    send(stores, wire)
    send(stores, wire)
    assert wire.pushed == ["m1"]
    assert (rows(stores)["m1"]["state"], rows(stores)["m1"]["reason"]) == ("dropped", "refused: mailbox is full")


@pytest.mark.parametrize("idempotent", [True, False])
def test_a_channel_that_fails_leaves_an_unknown_that_counts(
    idempotent: bool, stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    queue(stores, "m1", "a")
    queue(stores, "m2", "b")
    wire = Wire(
        idempotent, does=lambda one: break_down(one) if one.message_id == "m1" else Receipt(accepted=True, text="")
    )
    send(stores, wire)
    assert states_of(stores) == {"m1": "unknown", "m2": "delivered"}
    assert "no answer" in str(rows(stores)["m1"]["reason"])
    assert "a@example.com" not in caplog.text, "an address does not get into the log"
    queue(stores, "m3", "a")
    send(stores, wire, rules=RecheckRules(Caps(per_day=1), NO_QUIET, SHOP))
    assert wire.pushed == ["m1", "m2"]
    assert rows(stores)["m3"]["reason"] == "cap_per_day"


def test_a_channel_that_is_not_there_keeps_its_messages(stores: Stores) -> None:
    queue(stores, "m1", "a", channel="sms")
    assert send(stores, Wire())["queued"] == 1


def interrupted(stores: Stores, message: str = "m1", person: str = "a", **changes: int) -> None:
    """As a process that was killed between claiming and recording leaves it."""
    queue(stores, message, person, state="handing_over", handed_over_at=NOW - 1, **changes)


def test_an_interrupted_message_is_unknown_where_repeating_would_double_it(stores: Stores) -> None:
    interrupted(stores)
    wire = Wire(idempotent=False)
    send(stores, wire)
    assert wire.pushed == []
    assert rows(stores)["m1"]["state"] == "unknown"
    assert "interrupted" in str(rows(stores)["m1"]["reason"])
    queue(stores, "m3", "a")
    send(stores, wire, rules=RecheckRules(Caps(per_day=1), NO_QUIET, SHOP))
    assert states_of(stores)["m3"] == "dropped", "it may have been received, so it counts"


def test_an_interrupted_message_is_repeated_where_that_changes_nothing(stores: Stores) -> None:
    interrupted(stores)
    wire = Wire(idempotent=True)
    send(stores, wire, rules=RecheckRules(Caps(per_day=1), NO_QUIET, SHOP))
    send(stores, wire)
    assert wire.pushed == ["m1"]
    assert states_of(stores) == {"m1": "delivered"}


def test_an_interrupted_message_that_may_no_longer_go_goes_on_counting(stores: Stores) -> None:
    interrupted(stores, expires_at=NOW - 1)
    queue(stores, "m3", "a", send_at=NOW - HOUR_US)
    wire = Wire(idempotent=True)
    send(stores, wire, rules=RecheckRules(Caps(per_day=1), NO_QUIET, SHOP))
    assert states_of(stores) == {"m1": "unknown", "m3": "dropped"}
    assert "expired" in str(rows(stores)["m1"]["reason"])
    assert wire.pushed == []


def test_an_interrupted_message_waits_for_the_end_of_the_night(stores: Stores) -> None:
    interrupted(stores)
    quiet = RecheckRules(Caps(per_day=1), QuietHours(start="08:00", end="12:00"), SHOP)
    assert send(stores, Wire(idempotent=True), rules=quiet)["handing_over"] == 1
    assert send(stores, Wire(idempotent=True), rules=quiet, now=NOW + 4 * HOUR_US)["delivered"] == 1


def test_an_interrupted_message_of_a_channel_that_is_gone_is_unknown(stores: Stores) -> None:
    interrupted(stores)
    hand_over(stores, {}, FREE, NOW)
    assert states_of(stores) == {"m1": "unknown"}


@pytest.mark.parametrize(("idempotent", "after"), [(True, "delivered"), (False, "unknown")])
def test_what_a_channel_could_not_make_final_counts_as_interrupted(
    idempotent: bool, after: str, stores: Stores
) -> None:
    queue(stores, "m1", "a")
    wire = Wire(idempotent, finishes=False)
    assert send(stores, wire)["handing_over"] == 1
    wire.finishes = True
    send(stores, wire)
    assert states_of(stores) == {"m1": after}
    assert wire.pushed == (["m1", "m1"] if idempotent else ["m1"])


def test_a_message_that_is_erased_meanwhile_does_not_leave(stores: Stores) -> None:
    people = {f"e{number:03}": f"person{number}" for number in range(101)}
    write(stores, people, token="many")
    for message, person in people.items():
        permit(stores, person)
        queue(stores, message, person)

    def erase(_: Outgoing) -> Receipt:
        with stores.ledger.transaction() as transaction:
            transaction.delete(OUTBOX, {"person_id": "person100"})
        return Receipt(accepted=True, text="")

    wire = Wire(does=erase)
    assert send(stores, wire)["delivered"] == 100
    assert "e100" not in wire.pushed
