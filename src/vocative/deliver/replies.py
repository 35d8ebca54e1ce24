"""What a mail server's refusal is about: the message, the address, or the business (RFC 5321, RFC 3463)."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from vocative.deliver.channel import About, Receipt

Stage = Literal["sender", "recipient", "text"]
"""What the server was asked to take when it refused: `MAIL FROM`, `RCPT TO`, or the text."""

_FOR_GOOD = 500
_GOODBYE = 421
# Names a server that accepts nothing at all; it says nothing about one mail.
_BAD_SEQUENCE = frozenset({500, 501, 502, 503, 504, 521, 530, 534, 535, 538})
_OF_MAILBOX = frozenset({550, 551, 553, 556})
_ENHANCED = re.compile(r"[245]\.(?P<subject>\d{1,3})\.(?P<detail>\d{1,3})(?!\d)")
# RFC 3463, sections 3.2 and 3.3; RFC 7505 for 5.1.10. 5.1.7 and 5.1.8 are about the sender, 5.2.2 about a full mailbox.
_GONE = frozenset({"1.1", "1.2", "1.3", "1.4", "1.6", "1.10", "2.1"})
_OF_US = frozenset({"1.7", "1.8"})
_SAYS_NOTHING = frozenset({"0.0", "1.0", "2.0"})
# Many servers give no enhanced code, or 5.0.0: then only their words tell that they mean the sender.
_POLICY = re.compile(
    r"spam|\bbl[ao]ck|blacklist|polic(?:y|ies)|denied|deny|relay|reputation|\bspf\b|dkim|dmarc|authenticat|sender|"
    r"helo|ehlo|not permitted|not allowed|prohibited|reverse dns|\brdns\b|\bptr\b|rate limit|too many|unsolicited|"
    r"\bbanned\b|listed|not accepted from|your (?:ip|server|domain|message)",
    re.IGNORECASE,
)


class _Meaning(NamedTuple):
    about: About
    certain: bool


def refusal(stage: Stage, code: int, words: str) -> Receipt:
    """A reply of the server other than yes, as a receipt.

    What is about the business is kept and tried again later, whatever the code: nothing is wrong with the message or
    the person.

    >>> refusal("recipient", 550, "5.1.1 no such user").about
    'address'
    >>> refusal("recipient", 554, "5.7.1 relay access denied").again
    True
    """
    found = _ENHANCED.match(words)
    enhanced = f"{found['subject']}.{found['detail']}" if found else ""
    kind = f"{code} {found[0]}" if found else str(code)
    about, certain = _meaning(stage, code, enhanced, words)
    again = code < _FOR_GOOD or about == "business"
    return Receipt(accepted=False, text=f"{code} {words}", again=again, about=about, kind=kind, certain=certain)


def _meaning(stage: Stage, code: int, enhanced: str, words: str) -> _Meaning:
    if stage == "sender" or code == _GOODBYE:
        return _Meaning("business", certain=True)
    if code < _FOR_GOOD:
        return _Meaning("message", certain=True)
    subject = enhanced.partition(".")[0]
    if subject in ("5", "7") or enhanced in _OF_US or code in _BAD_SEQUENCE:
        return _Meaning("business", certain=True)
    if enhanced in _GONE:
        return _Meaning("address", certain=True)
    if enhanced and enhanced not in _SAYS_NOTHING:
        return _Meaning("message", certain=True)
    if _POLICY.search(words):
        return _Meaning("business", certain=False)
    if stage == "recipient":
        return _Meaning("address" if code in _OF_MAILBOX else _OTHER.get(code, "business"), certain=False)
    return _Meaning("message", certain=False)


# 552: the mailbox is full. Everything else that a server says of no mailbox at all, such as 554, is about the sender.
_OTHER: dict[int, About] = {552: "message", 555: "message"}
