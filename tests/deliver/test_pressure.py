"""Caps, quiet days and topics told once at the hand-over, and eight processes that hand over at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.decide.builders import DAY_US, HOUR_US, NOW, recipient
from tests.deliver.post import (
    NO_CAPS,
    NO_QUIET,
    SHOP,
    Wire,
    open_stores,
    outbox_row,
    permit,
    queue,
    rows,
    send,
    states_of,
    write,
)
from vocative.deliver.channel import Outgoing, Receipt
from vocative.deliver.outbox import enqueue
from vocative.deliver.recheck import RecheckRules
from vocative.records.caps import Cap, Caps, ChannelQuiet, QuietHours
from vocative.records.ledger_tables import IDENTITIES, OUTBOX, TOLD
from vocative.records.schema import Value
from vocative.store.protocols import Stores

ROOT = Path(__file__).parents[2]
ONCE = RecheckRules(NO_CAPS, NO_QUIET, SHOP, once=frozenset({"news"}))


def told(stores: Stores) -> list[tuple[Value, Value]]:
    with stores.ledger.transaction() as transaction:
        return [(row["person_id"], row["topic"]) for row in transaction.select(TOLD, order_by=("person_id", "topic"))]


def link(stores: Stores, user: str, person: str) -> None:
    row: dict[str, Value] = {
        "link_id": user,
        "alias": f"user:{user}",
        "person_id": person,
        "at": 1,
        "source": "test",
    }
    with stores.ledger.transaction() as transaction:
        transaction.insert(IDENTITIES, [row])


def test_a_rolling_cap_holds_across_midnight_and_names_itself(stores: Stores) -> None:
    rules = RecheckRules(Caps(per_day=1, more={"slow": Cap(at_most=1, hours=36)}), NO_QUIET, SHOP)
    write(stores, {"n1": "a", "n2": "a", "n3": "a"}, token="more")
    queue(stores, "n1", "a")
    send(stores, Wire(), rules=rules)
    queue(stores, "n2", "a", send_at=NOW + DAY_US)
    queue(stores, "n3", "a", send_at=NOW + 36 * HOUR_US)
    send(stores, Wire(), rules=rules, now=NOW + DAY_US)
    send(stores, Wire(), rules=rules, now=NOW + 36 * HOUR_US)
    assert states_of(stores) == {"n1": "delivered", "n2": "dropped", "n3": "delivered"}
    assert rows(stores)["n2"]["reason"] == "cap_named:slow"


def test_a_service_message_is_held_back_only_by_a_cap_that_names_it(stores: Stores) -> None:
    caps = Caps(per_day=1, more={"owed": Cap(at_most=1, days=1, classes=["service"])})
    write(stores, {f"n{number}": "a" for number in range(3)}, token="more")
    queue(stores, "n0", "a")
    queue(stores, "n1", "a", **{"class": "service"})
    queue(stores, "n2", "a", **{"class": "service"})
    send(stores, Wire(), rules=RecheckRules(caps, NO_QUIET, SHOP))
    assert states_of(stores) == {"n0": "delivered", "n1": "delivered", "n2": "dropped"}
    assert rows(stores)["n2"]["reason"] == "cap_named:owed"


def test_a_wish_that_was_told_meanwhile_counts(stores: Stores) -> None:
    write(stores, {"n1": "a", "n2": "b"}, token="more")
    queue(stores, "n1", "a")
    queue(stores, "n2", "b")
    rules = RecheckRules(NO_CAPS, NO_QUIET, SHOP, people={"a": recipient("a", most_per_month=0), "b": recipient("b")})
    send(stores, Wire(), rules=rules)
    assert states_of(stores) == {"n1": "dropped", "n2": "delivered"}
    assert rows(stores)["n1"]["reason"] == "cap_wished"


def test_a_holiday_and_a_channel_of_its_own_wait(stores: Stores) -> None:
    # The sixth of January is a holiday in Poland and none in Latvia.
    quiet = QuietHours(start="00:00", end="00:00", holidays=True)
    day = NOW + DAY_US
    queue(stores, "m1", "a", send_at=day)
    queue(stores, "m2", "b", send_at=day)
    people = {"a": recipient("a", country="PL"), "b": recipient("b", country="LV")}
    assert send(stores, Wire(), rules=RecheckRules(NO_CAPS, quiet, SHOP, people=people), now=day)["queued"] == 1
    assert states_of(stores) == {"m1": "queued", "m2": "delivered"}
    own = QuietHours(start="00:00", end="00:00", holidays=True, channels={"email": ChannelQuiet(holidays=False)})
    assert send(stores, Wire(), rules=RecheckRules(NO_CAPS, own, SHOP, people=people), now=day)["delivered"] == 2


def test_the_zone_that_is_known_now_goes_before_that_of_the_decision(stores: Stores) -> None:
    night = QuietHours(start="20:00", end="08:00")
    queue(stores, "m1", "a", zone="UTC")
    moved = RecheckRules(NO_CAPS, night, SHOP, people={"a": recipient("a", zone="America/New_York")})
    assert send(stores, Wire(), rules=moved)["queued"] == 1, "four in the morning there"
    assert send(stores, Wire(), rules=moved, now=NOW + 5 * HOUR_US)["delivered"] == 1


def test_a_topic_is_told_once_whoever_tells_it_and_however_late(stores: Stores) -> None:
    link(stores, "b", "a")
    write(stores, {"n1": "a", "n2": "a", "n3": "b", "n4": "c"}, token="more")
    permit(stores, "c", at=2)
    queue(stores, "n1", "a")
    send(stores, Wire(), rules=ONCE)
    later = NOW + 500 * DAY_US
    with stores.ledger.transaction() as transaction:
        # As when the outbox has been cleared of what it keeps for 400 days only.
        transaction.delete(OUTBOX, {"message_id": "n1"})
    queue(stores, "n2", "a", send_at=later, channel="email", topics=json.dumps(["news"]))
    queue(stores, "n3", "b", send_at=later)
    queue(stores, "n4", "c", send_at=later)
    queue(stores, "n5", "c", send_at=later, topics=json.dumps(["other"]))
    write(stores, {"n5": "c"}, token="five")
    send(stores, Wire(), rules=ONCE, now=later)
    found = states_of(stores)
    assert found == {"n2": "dropped", "n3": "dropped", "n4": "delivered", "n5": "delivered"}
    assert rows(stores)["n2"]["reason"] == "told_once"
    assert told(stores) == [("a", "news"), ("c", "news"), ("c", "other")]


def test_two_of_one_topic_in_one_batch_are_told_once(stores: Stores) -> None:
    write(stores, {"n1": "a", "n2": "a"}, token="more")
    queue(stores, "n1", "a")
    queue(stores, "n2", "a")
    send(stores, Wire(), rules=ONCE)
    assert states_of(stores) == {"n1": "delivered", "n2": "dropped"}


def test_what_was_not_taken_was_not_told(stores: Stores) -> None:
    write(stores, {"n1": "a", "n2": "a"}, token="more")
    queue(stores, "n1", "a")
    send(stores, Wire(does=lambda _: Receipt(accepted=False, text="mailbox is full")), rules=ONCE)
    assert told(stores) == []
    queue(stores, "n2", "a")

    def later(_: Outgoing) -> Receipt:
        return Receipt(accepted=False, text="try again", again=True)

    send(stores, Wire(does=later), rules=ONCE)
    assert (states_of(stores), told(stores)) == ({"n1": "dropped", "n2": "queued"}, [])
    send(stores, Wire(), rules=ONCE)
    assert states_of(stores)["n2"] == "delivered"
    assert told(stores) == [("a", "news")]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "senders"), [("capped", 3), ("unlocked", 8)])
def test_eight_processes_at_once_never_break_a_cap(kind: str, senders: int, tmp_path: Path) -> None:
    """Each person has ten messages waiting over two channels, half of them under another identifier."""
    stores = open_stores(tmp_path)
    messages = {f"m{person:02}-{number}": f"p{person}" for person in range(20) for number in range(10)}
    names = {one: f"{person}-b" if int(one[-1]) % 2 else person for one, person in messages.items()}
    write(stores, names)
    for person in sorted(set(messages.values())):
        link(stores, f"{person}-b", person)
        permit(stores, person)
    enqueue(
        stores.ledger,
        [
            outbox_row(one, name, send_at=NOW - 1, channel="sms" if int(one[-1]) < 4 else "email", topics=f'["{one}"]')
            for one, name in names.items()
        ],
    )
    stores.ledger.close()
    stores.inbox.close()
    command = [sys.executable, "-m", "tests.deliver.office", str(tmp_path), kind]
    offices = [subprocess.Popen(command, cwd=ROOT) for _ in range(senders)]
    assert [office.wait() for office in offices] == [0] * senders
    stores = open_stores(tmp_path)
    found = states_of(stores)
    stores.ledger.close()
    stores.inbox.close()
    pushed = Counter((tmp_path / "log").read_text(encoding="utf-8").split())
    assert max(pushed.values()) == 1
    total = Counter(messages[one] for one in pushed)
    texts = Counter(messages[one] for one in pushed if int(one[-1]) < 4)
    assert max(total.values()) <= 3
    assert max(texts.values()) <= 1
    if kind == "capped":
        assert {one for one, state in found.items() if state == "delivered"} == set(pushed)
        assert total == dict.fromkeys(messages.values(), 3)
        assert texts == dict.fromkeys(messages.values(), 1)
