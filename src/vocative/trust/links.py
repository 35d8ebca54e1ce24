"""Links in messages that nobody can forge: what they ask for, for which message, and a signature."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import blake2b

_DIGEST = 15


def signed_link(base: str, verb: str, message_id: str, key: bytes) -> str:
    """The address of a page that does `verb` (`why`, `off`, `unsubscribe`) for the person who got the message.

    It names no person: only the business can tell whose message it was.

    >>> signed_link("https://shop.example/v", "why", "m1", b"k").startswith("https://shop.example/v/why/m1.")
    True
    """
    return f"{base.rstrip('/')}/{verb}/{message_id}.{_signature(verb, message_id, key)}"


def read_link(verb: str, token: str, key: bytes) -> str | None:
    """The message id of a token `message_id.signature`, or None if the signature is not ours for this verb.

    >>> token = signed_link("", "off", "m1", b"k").rpartition("/")[2]
    >>> read_link("off", token, b"k"), read_link("why", token, b"k"), read_link("off", token, b"other")
    ('m1', None, None)
    """
    message_id, _, signature = token.rpartition(".")
    right = hmac.compare_digest(signature.encode(), _signature(verb, message_id, key).encode())
    return message_id if message_id and right else None


def _signature(verb: str, message_id: str, key: bytes) -> str:
    mark = blake2b(f"{verb}\x1f{message_id}".encode(), key=key, digest_size=_DIGEST).digest()
    return urlsafe_b64encode(mark).decode()
