"""What a channel is: four verbs. A driver is found by entry point in the group `vocative.channel`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

from vocative.records.settings import ChannelSettings, Sender

About = Literal["message", "address", "business"]
"""What a refusal is about: this message, the address whoever writes to it, or the business that sends."""

Begin = Callable[[], None]
"""Called once, right before anything is handed over that cannot be taken back."""


def unnoticed() -> None:
    """Takes no notice of a beginning: for who hands over without an outbox."""


class Outgoing(Struct, frozen=True, kw_only=True):
    """One message as a channel gets it."""

    message_id: str
    channel: str
    address: str
    subject: str
    body_text: str
    body_html: str
    language: str
    sent_at: int
    """Moment of the hand-over, µs UTC."""
    unsubscribe: str = ""
    """Address of the page that ends these messages with one click (RFC 8058); empty while there is none."""


class Receipt(Struct, frozen=True, kw_only=True):
    """What a channel answers: `accepted`, or not, with the reason."""

    accepted: bool
    text: str
    again: bool = False
    """Whether nothing was taken and it may be tried again later; False means: refused for good."""
    about: About = "message"
    """What a refusal is about. An address that is refused for good is not written to again; of what is about the
    business nothing is lost, and three in a row end the hand-over over this channel."""
    kind: str = ""
    """What kind of refusal it is, such as the codes of the answer: refusals that are alike have the same. Where
    everybody is refused alike, it is the business that is refused."""
    certain: bool = False
    """Whether the answer itself says what it is about, rather than what such answers are usually about."""
    down: bool = False
    """Whether the channel can take nothing for now, so that the others need not be tried."""


class ChannelContext(Struct, frozen=True, kw_only=True):
    """What a channel is made with."""

    name: str
    settings: ChannelSettings
    sender: Sender
    folder: Path
    """A folder of the workspace the channel may write to."""


class Channel(Protocol):
    """A way to reach people."""

    @property
    def idempotent(self) -> bool:
        """Whether pushing the same `message_id` again changes nothing; then an interrupted hand-over is repeated."""
        ...

    def push(self, message: Outgoing, begin: Begin = unnoticed) -> Receipt:
        """Hand one message over.

        A channel that is not idempotent calls `begin` once, right before the message may be taken: who is interrupted
        before has handed nothing over, who is interrupted after does not know. What `begin` raises is passed on, and
        nothing is handed over then. Raising anything else after it means: outcome unknown; a `TimeoutError` also means
        that the channel does not answer at all, so that the others need not be tried.
        """
        ...

    def flush(self) -> None:
        """Make everything pushed so far final; a channel that is not idempotent is asked after each message."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...
