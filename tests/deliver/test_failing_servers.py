"""Mail servers that fail at every stage: nothing goes twice, nothing is lost that was not taken, nobody waits long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.decide.builders import DAY_US, NOW
from tests.deliver.post import FREE, open_stores, permit, queue, rows, states_of, write
from tests.deliver.server import HANG, HANG_UP, STAGES, MailServer, Stage, mail_server
from vocative.deliver.outbox import HandOver, hand_over
from vocative.records.ledger_tables import OUTBOX, REFUSED_ADDRESSES
from vocative.store.protocols import Stores

PEOPLE = [f"p{number}" for number in range(12)]
BEFORE: tuple[Stage, ...] = ("connect", "EHLO", "MAIL", "RCPT", "DATA")
"""Stages at which the server has seen no text yet."""


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as told:
        yield told


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """One message is queued for each of twelve people, in the order of `PEOPLE`."""
    opened = open_stores(tmp_path)
    write(opened, {f"m-{person}": person for person in PEOPLE})
    for place, person in enumerate(PEOPLE):
        permit(opened, person)
        queue(opened, f"m-{person}", person, send_at=NOW - len(PEOPLE) + place, expires_at=NOW + 9 * DAY_US)
    yield opened
    opened.inbox.close()
    opened.ledger.close()


def send(stores: Stores, server: MailServer, now: int = NOW) -> HandOver:
    channel = server.channel()
    done = hand_over(stores, {"email": channel}, FREE, now)
    channel.close()
    return done


def remembered(stores: Stores) -> set[str]:
    with stores.ledger.transaction() as transaction:
        return {str(row["address"]) for row in transaction.select(REFUSED_ADDRESSES)}


def drop(stores: Stores, people: Sequence[str]) -> None:
    with stores.ledger.transaction() as transaction:
        transaction.delete(OUTBOX, {"person_id": people})


def to(person: str) -> str:
    return f"{person}@example.com"


@pytest.mark.parametrize("stage", BEFORE)
@pytest.mark.parametrize("fails", [HANG_UP, HANG, "421 going down", "what?"])
def test_whatever_fails_before_the_text_keeps_every_message(
    stage: Stage, fails: str, stores: Stores, server: MailServer
) -> None:
    server.does[stage] = fails
    done = send(stores, server)
    assert states_of(stores) == {f"m-{person}": "queued" for person in PEOPLE}
    assert server.taken == []
    assert "email" in done.trouble
    assert server.seen[stage] <= 4, "a server that fails for everybody is not asked for everybody"
    server.does.clear()
    assert send(stores, server).trouble == {}
    assert sorted(server.taken) == sorted(map(to, PEOPLE)), "each goes once"


@pytest.mark.parametrize("stage", STAGES)
def test_a_server_that_hangs_costs_one_waiting_time(stage: Stage, stores: Stores, server: MailServer) -> None:
    server.does[stage] = HANG
    done = send(stores, server)
    assert server.seen[stage] == 1, "one waiting time, not one for each message"
    assert done.counts["unknown"] == (1 if stage in ("body", "dot") else 0)
    assert done.counts["queued"] == len(PEOPLE) - done.counts["unknown"]
    assert "email" in done.trouble


def test_a_server_that_hangs_up_with_the_whole_text_is_asked_three_times(stores: Stores, server: MailServer) -> None:
    server.does["dot"] = HANG_UP
    done = send(stores, server)
    assert server.taken == list(map(to, PEOPLE[:3]))
    assert (done.counts["unknown"], done.counts["queued"]) == (3, 9)
    assert "of 3 nobody knows" in done.trouble["email"]
    server.does.clear()
    send(stores, server)
    assert sorted(server.taken) == sorted(map(to, PEOPLE)), "what may have been taken is never repeated"


def test_what_is_no_answer_to_the_whole_text_is_unknown(stores: Stores, server: MailServer) -> None:
    server.does["dot"] = "well"
    assert send(stores, server).counts["unknown"] == 3
    server.does.clear()
    send(stores, server)
    assert sorted(server.taken) == sorted(map(to, PEOPLE))


def test_a_text_that_could_not_leave_whole_was_not_taken(stores: Stores, server: MailServer) -> None:
    """It is more than this machine and the server hold between them, so its end was not written yet."""
    drop(stores, PEOPLE)
    write(stores, {"long": "p0"}, token="long", body=f"{'x' * 70}\n" * 300_000)
    queue(stores, "long", "p0")
    server.does["body"] = HANG_UP
    assert send(stores, server).counts["queued"] == 1
    server.does.clear()
    assert send(stores, server).counts["delivered"] == 1


def test_unknowns_between_taken_ones_do_not_stop_the_channel(stores: Stores, server: MailServer) -> None:
    def every_other(told: MailServer) -> None:
        told.does["dot"] = HANG_UP if len(told.taken) % 2 else "250 taken"

    server.on_text = every_other
    done = send(stores, server)
    assert (done.counts["unknown"], done.counts["delivered"]) == (6, 6)
    assert done.trouble == {}


@pytest.mark.parametrize(
    "answer", ["550 5.1.8 bad sender", "553 sender refused", "554 5.7.1 blocked", "451 4.7.1 slow"]
)
def test_a_refused_sender_is_about_us(answer: str, stores: Stores, server: MailServer) -> None:
    server.does["MAIL"] = answer
    done = send(stores, server)
    assert done.counts["queued"] == len(PEOPLE)
    assert server.seen["MAIL"] == 3
    assert answer in done.trouble["email"]
    assert remembered(stores) == set()


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.7.1 blocked by policy",
        "554 5.7.1 relay access denied",
        "550 blocked, see our list",
        "554 no",
        "530 log in",
    ],
)
def test_a_refusal_by_policy_is_about_us(answer: str, stores: Stores, server: MailServer) -> None:
    server.does["RCPT"] = answer
    done = send(stores, server)
    assert done.counts["queued"] == len(PEOPLE)
    assert server.seen["RCPT"] == 3
    assert "email" in done.trouble
    assert remembered(stores) == set()


@pytest.mark.parametrize("stage", ["RCPT", "dot"])
@pytest.mark.parametrize("answer", ["550 no", "550 5.1.1 no such user", "552 5.2.2 full", "550 5.0.0 no"])
def test_the_same_refusal_for_everybody_is_about_us(
    stage: str, answer: str, stores: Stores, server: MailServer
) -> None:
    server.does[stage] = answer
    done = send(stores, server)
    assert done.counts["queued"] == len(PEOPLE)
    assert "refused alike" in done.trouble["email"]
    assert remembered(stores) == set()
    server.does.clear()
    assert send(stores, server).counts["delivered"] == len(PEOPLE)


GONE = [
    "550 5.1.1 no such user", "550 5.1.2 no such domain", "553 5.1.3 no address", "551 5.1.6 has moved",
    "556 5.1.10 null MX", "550 5.2.1 disabled", "550 no such user here", "551 user not local",
    "553 mailbox name invalid", "550 5.0.0 unknown mailbox",
]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "gone"),
    [*((one, (3,)) for one in GONE), (GONE[0], (0, 1, 2, 3)), (GONE[6], (0, 1, 2, 3)), (GONE[0], (11,))],
)
def test_an_address_that_is_gone_is_remembered(
    answer: str, gone: tuple[int, ...], stores: Stores, server: MailServer
) -> None:
    lost = {PEOPLE[place] for place in gone}
    server.to = {to(person): answer for person in lost}
    done = send(stores, server)
    assert (done.counts["dropped"], done.counts["delivered"]) == (len(lost), len(PEOPLE) - len(lost))
    assert done.trouble == {}, "the channel works"
    assert remembered(stores) == {to(person) for person in lost}
    server.to.clear()
    for person in PEOPLE:
        queue(stores, f"again-{person}", person)
    write(stores, {f"again-{person}": person for person in PEOPLE}, token="again")
    send(stores, server)
    dropped = {str(row["person_id"]) for row in rows(stores).values() if row["state"] == "dropped"}
    assert dropped == lost
    assert {rows(stores)[f"again-{person}"]["reason"] for person in lost} == {"the address was refused for good"}


def test_two_that_are_gone_and_nobody_else_are_believed(stores: Stores, server: MailServer) -> None:
    drop(stores, PEOPLE[2:])
    server.does["RCPT"] = "550 5.1.1 no such user"
    done = send(stores, server)
    assert (done.counts["dropped"], done.trouble) == (2, {})
    assert remembered(stores) == {to("p0"), to("p1")}


@pytest.mark.parametrize("answer", ["552 5.2.2 full", "552 too much for this mailbox", "554 5.6.1 no such type"])
def test_what_is_wrong_with_one_mail_is_not_remembered(answer: str, stores: Stores, server: MailServer) -> None:
    server.to = {to("p3"): answer}
    assert send(stores, server).counts["dropped"] == 1
    assert remembered(stores) == set()


def test_one_who_is_asked_to_come_back_hinders_nobody(stores: Stores, server: MailServer) -> None:
    server.to = {to(person): "451 4.2.1 come back" for person in PEOPLE[:6]}
    done = send(stores, server)
    assert (done.counts["queued"], done.counts["delivered"], done.trouble) == (6, 6, {})


def test_a_connection_that_carried_enough_is_opened_again(stores: Stores, server: MailServer) -> None:
    server.one_mail_each = True
    done = send(stores, server)
    assert done.counts["delivered"] == len(PEOPLE)
    assert done.trouble == {}
    assert server.seen["connect"] == len(PEOPLE)


def test_what_is_told_of_trouble_names_nobody(stores: Stores, server: MailServer) -> None:
    server.does["RCPT"] = "554 5.7.1 <p0@example.com>: relay access denied"
    told = send(stores, server).trouble["email"]
    assert "relay access denied" in told
    assert "p0" not in told
