"""What a channel is: four verbs. A driver is found by entry point in the group `vocative.channel`."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from msgspec import Struct

from vocative.records.settings import ChannelSettings, Sender


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

    def push(self, message: Outgoing) -> Receipt:
        """Hand one message over. Raising means: outcome unknown."""
        ...

    def flush(self) -> None:
        """Make everything pushed so far final."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...
