"""What every channel promises. The suite pushes messages: point the channel at a sandbox."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from vocative.checks.suite import Check, Make, fresh, require, run_checks, same
from vocative.deliver.channel import Channel, Outgoing

_BROKEN_ADDRESSES = ("", "anna", "@example.com", "a@example.com\r\nBcc: b@example.com", "\ud800@example.com")
_INJECTIONS = ("Hello\nBcc: b@example.com", "Hello\r\nBcc: b@example.com", "Hello\rX: y")


def _message() -> Outgoing:
    return Outgoing(
        message_id=fresh("message"),
        channel="email",
        address="anna@example.com",
        subject="Žanna, 10 € – “hello”",
        body_text="Hi Anna\n",
        body_html="<p>Hi Anna</p>",
        language="en",
        sent_at=1_767_600_000_000_000,
    )


def a_good_message_is_accepted_with_a_receipt(make: Make[Channel]) -> None:
    """`push` of a good message answers *accepted* with a text to find it by."""
    channel = make()
    receipt = channel.push(_message())
    channel.flush()
    channel.close()
    require(receipt.accepted, f"a good message was refused: {receipt.text}")
    require(bool(receipt.text), "the receipt of an accepted message is empty")


def what_cannot_be_delivered_is_refused(make: Make[Channel]) -> None:
    """A broken address is *refused* with the reason: raising would mean that nobody knows what became of it."""
    channel = make()
    for address in _BROKEN_ADDRESSES:
        receipt = channel.push(replace(_message(), address=address))
        require(not receipt.accepted, f"the address {address!r} was accepted")
        require(bool(receipt.text), f"the address {address!r} was refused without a reason")
    require(channel.push(_message()).accepted, "a good message after refused ones was refused")
    channel.close()


def no_header_comes_in_through_a_subject(make: Make[Channel]) -> None:
    """A subject with a line break is refused."""
    channel = make()
    for subject in _INJECTIONS:
        require(not channel.push(replace(_message(), subject=subject)).accepted, f"{subject!r} was accepted")
    channel.close()


def an_idempotent_channel_takes_the_same_message_again(make: Make[Channel]) -> None:
    """If `idempotent` is true, the same message again, also after reopening, is accepted with the same receipt."""
    message = _message()
    channel = make()
    if not channel.idempotent:
        channel.close()
        return
    first = channel.push(message)
    same(channel.push(message), first, "receipt of the same message again")
    channel.flush()
    channel.close()
    channel = make()
    same(channel.push(message), first, "receipt of the same message after reopening")
    channel.close()


def flushing_is_always_possible(make: Make[Channel]) -> None:
    """`flush` with nothing to do, twice, and after a refused message, does no harm."""
    channel = make()
    channel.flush()
    channel.push(replace(_message(), address=""))
    channel.flush()
    channel.flush()
    channel.close()


def what_cannot_be_repeated_begins_before_it_is_taken(make: Make[Channel]) -> None:
    """A channel that is not idempotent calls `begin` once for a message it accepts, never for one it cannot write."""
    channel = make()
    begun: list[str] = []
    good = _message()
    channel.push(replace(good, address=""), lambda: begun.append("broken"))
    accepted = channel.push(good, lambda: begun.append("good")).accepted
    if not channel.idempotent:
        same(begun, ["good"] if accepted else [], "messages that were begun")
    channel.close()


def what_begin_raises_is_passed_on(make: Make[Channel]) -> None:
    """Where `begin` raises, nothing is handed over: the message may be somebody else's by now."""
    channel = make()
    if not channel.idempotent:
        try:
            channel.push(_message(), _refuse_to_begin)
        except _NotToBegin:
            pass
        else:
            raise AssertionError("a message was handed over that was not to begin")
        require(channel.push(_message()).accepted, "a good message after one that was not to begin was refused")
    channel.close()


class _NotToBegin(Exception):  # noqa: N818
    """Nothing is to be handed over."""


def _refuse_to_begin() -> None:
    raise _NotToBegin


CHANNEL_CHECKS: Sequence[Check[Channel]] = (
    a_good_message_is_accepted_with_a_receipt,
    what_cannot_be_delivered_is_refused,
    no_header_comes_in_through_a_subject,
    an_idempotent_channel_takes_the_same_message_again,
    flushing_is_always_possible,
    what_cannot_be_repeated_begins_before_it_is_taken,
    what_begin_raises_is_passed_on,
)


def check_channel(make: Make[Channel]) -> None:
    """Run the whole suite against channels that `make` opens.

    Raises:
        AssertionError: some promise was broken; the text names each of them.
    """
    run_checks(CHANNEL_CHECKS, make)
