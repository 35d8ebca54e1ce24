"""One message as the bytes of a mail (RFC 5322, 2045 to 2047), with a way out in its headers (RFC 2369, RFC 8058).

It writes one shape only: text and HTML side by side, in UTF-8 and base64. That is why it is fast, and why its boundary
can be a constant: a hyphen never stands in base64.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

import pybase64

from vocative.errors import UserError

_BOUNDARY = "=_side-by-side_="
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PLAIN = re.compile(r"[!-~](?:[!-~]| (?! ))*(?<! )")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,200}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-~]{1,900}")
_LONGEST_ADDRESS = 254
_LONGEST_PLAIN = 66
# 39 bytes become 52 characters; with the marks around them an encoded word fits into a line beside any header's name.
_BYTES_IN_WORD = 39


class Mail(NamedTuple):
    """What stands in a mail.

    `unsubscribe` are the addresses behind List-Unsubscribe, the best first; with `one_click` a POST to the first of
    them ends the messages. `sent_at` is µs UTC. Texts have plain line feeds.
    """

    message_id: str
    sender_name: str
    sender_email: str
    reply_to: str
    address: str
    subject: str
    body_text: str
    body_html: str
    language: str
    sent_at: int
    unsubscribe: tuple[str, ...] = ()
    one_click: bool = False


def mail_bytes(mail: Mail) -> bytes:
    """The whole mail, with CRLF.

    Raises:
        UserError: it cannot be a mail: a broken address, a line break in the subject or a name.
    """
    sender, domain = _sender(mail.sender_name, mail.sender_email, mail.reply_to)
    head = (
        f"{sender}To: {ascii_address(mail.address)}\r\n"
        f"Subject: {_words(mail.subject, 'the subject')}\r\n"
        f"Date: {_date(mail.sent_at // 1_000_000)}\r\n"
        f"Message-ID: <{_token(mail.message_id, 'the message id')}@{domain}>\r\n"
        f"{_way_out(mail)}"
        f"Content-Language: {_token(mail.language, 'the language')}\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n\r\n'
    )
    return b"".join(
        (
            head.encode("ascii"),
            _PART_TEXT,
            _body(mail.body_text),
            _PART_HTML,
            _body(mail.body_html),
            _END,
        )
    )


@lru_cache(maxsize=65_536)
def ascii_address(address: str) -> str:
    """The address with its domain as RFC 5890 writes it in headers.

    >>> ascii_address("a@rīga.lv")
    'a@xn--rga-uta.lv'

    Raises:
        UserError: it is no address a mail can go to.
    """
    local, _, domain = address.rpartition("@")
    try:
        host = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(host) and len(address) <= _LONGEST_ADDRESS):
        raise UserError("no mail can go to this address", where=repr(address), remedy="mend it in the people's data")
    return f"{local}@{host}"


def _part(subtype: str, *, first: bool) -> bytes:
    line = f"{'' if first else chr(13) + chr(10)}--{_BOUNDARY}\r\n"
    kind = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return (line + kind).encode("ascii")


_PART_TEXT = _part("plain", first=True)
_PART_HTML = _part("html", first=False)
_END = f"\r\n--{_BOUNDARY}--\r\n".encode("ascii")


def _body(text: str) -> bytes:
    try:
        raw = text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8")
    except UnicodeEncodeError as error:
        raise UserError("a text holds characters that are none", remedy="mend the data it was made from") from error
    return pybase64.encodebytes(raw).replace(b"\n", b"\r\n")


@lru_cache(maxsize=256)
def _sender(name: str, email: str, reply_to: str) -> tuple[str, str]:
    """The headers about the sender, and the domain of its address."""
    address = ascii_address(email)
    replies = ascii_address(reply_to or email)
    return f"From: {_phrase(name)}<{address}>\r\nReply-To: {replies}\r\n", address.rpartition("@")[2]


def _phrase(name: str) -> str:
    if not name:
        return ""
    if _PLAIN.fullmatch(name) and len(name) <= _LONGEST_PLAIN and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" '
    return _words(name, "the sender's name") + " "


def _words(text: str, what: str) -> str:
    """A text as it stands in a header: as it is if it is short and ASCII, else as encoded words (RFC 2047)."""
    if _NO_TEXT.search(text):
        raise UserError(f"{what} holds a line break or an invisible character", where=repr(text), remedy="take it out")
    if not text or (len(text) <= _LONGEST_PLAIN and "=?" not in text and _PLAIN.fullmatch(text)):
        return text
    return "\r\n ".join([f"=?utf-8?b?{b64encode(part).decode('ascii')}?=" for part in _chunks(text)])


def _chunks(text: str) -> list[bytes]:
    """The text in UTF-8, cut between characters into parts that fit into one encoded word."""
    parts: list[bytes] = []
    part = b""
    for sign in text:
        encoded = sign.encode("utf-8")
        if len(part) + len(encoded) > _BYTES_IN_WORD:
            parts.append(part)
            part = b""
        part += encoded
    return [*parts, part]


def _way_out(mail: Mail) -> str:
    if not mail.unsubscribe:
        return ""
    for uri in mail.unsubscribe:
        if _URI.fullmatch(uri) is None:
            raise UserError("this is no address of a page", where=repr(uri), remedy="mend `links` under [sender]")
    ways = ",\r\n ".join([f"<{uri}>" for uri in mail.unsubscribe])
    post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if mail.one_click else ""
    return f"List-Unsubscribe: {ways}\r\n{post}"


def _token(text: str, what: str) -> str:
    if _TOKEN.fullmatch(text) is None:
        raise UserError(
            f"{what} holds characters no header can have", where=repr(text), remedy="use letters and digits"
        )
    return text


@lru_cache(maxsize=4_096)
def _date(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC))
