"""Links in messages that nobody can forge: what they ask for, for which message, and a signature."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode

from vocative.trust.secret_key import SecretKey

_DIGEST = 15


def signed_link(base: str, verb: str, message_id: str, key: SecretKey) -> str:
    """The address of a page that does `verb` (`why`, `off`, `unsubscribe`) for the person who got the message.

    It names no person: only the business can tell whose message it was.

    >>> signed_link("https://shop.example/v", "why", "m1", SecretKey(b"k")).startswith("https://shop.example/v/why/m1.")
    True
    """
    return f"{base.rstrip('/')}/{verb}/{message_id}.{_signature(verb, message_id, key)}"


def read_link(verb: str, token: str, key: SecretKey) -> str | None:
    """The message id of a token `message_id.signature`, or None if the signature is not ours for this verb.

    >>> token = signed_link("", "off", "m1", SecretKey(b"k")).rpartition("/")[2]
    >>> [read_link(verb, token, SecretKey(key)) for verb, key in (("off", b"k"), ("why", b"k"), ("off", b"other"))]
    ['m1', None, None]
    """
    message_id, _, signature = token.rpartition(".")
    right = hmac.compare_digest(signature.encode(), _signature(verb, message_id, key).encode())
    return message_id if message_id and right else None


def _signature(verb: str, message_id: str, key: SecretKey) -> str:
    return urlsafe_b64encode(key.mark(f"{verb}\x1f{message_id}".encode(), _DIGEST)).decode()
