"""A mail says what it was told to, and nothing can be smuggled into its headers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocative.compose.mime import Mail, ascii_address, mail_bytes
from vocative.errors import UserError

WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"]), max_size=120).map(
    lambda text: " ".join(text.split())
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=400)
BASE = Mail(
    message_id="abc-1",
    sender_name="Shop & Söhne",
    sender_email="hello@example.com",
    reply_to="",
    address="anna@example.com",
    subject="Подборка для Вас",
    body_text="Hi\nyou",
    body_html="<p>Hi</p>",
    language="ru",
    sent_at=1_512_140_400_123_456,
)


def changed(field: str, value: str) -> Mail:
    changes: dict[str, Any] = {field: value}
    return BASE._replace(**changes)


def parsed(mail: Mail) -> EmailMessage:
    raw = mail_bytes(mail)
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    made = message_from_bytes(raw, policy=default)
    assert isinstance(made, EmailMessage)
    assert made.defects == []
    assert all(not header.defects for header in made.values())
    for part in made.iter_parts():
        assert part.defects == []
    return made


def body(made: EmailMessage, subtype: str) -> str:
    part = made.get_body((subtype,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@settings(deadline=None)
@given(WORDS, WORDS, TEXTS, TEXTS, st.integers(0, 4_000_000_000_000_000))
def test_what_is_parsed_back_is_what_was_written(subject: str, name: str, text: str, html: str, sent_at: int) -> None:
    made = parsed(BASE._replace(subject=subject, sender_name=name, body_text=text, body_html=html, sent_at=sent_at))
    assert made["Subject"] == subject
    shown = made["From"].addresses[0].display_name
    # The parser of this Python puts a space between the encoded words of a long name, which RFC 2047 forbids.
    assert shown == name or (len(name.encode()) > 39 and shown.replace(" ", "") == name.replace(" ", ""))
    assert made["From"].addresses[0].addr_spec == "hello@example.com"
    assert made["To"].addresses[0].addr_spec == "anna@example.com"
    assert made["Date"].datetime == datetime.fromtimestamp(sent_at // 1_000_000, UTC)
    assert body(made, "plain") == text
    assert body(made, "html") == html
    assert [part.get_content_type() for part in made.iter_parts()] == ["text/plain", "text/html"]
    assert made["Content-Language"] == "ru"
    assert made["Message-ID"] == "<abc-1@example.com>"


@settings(deadline=None)
@given(
    st.text(max_size=40), st.sampled_from(["subject", "sender_name", "address", "message_id", "language", "reply_to"])
)
def test_nothing_can_be_smuggled_into_the_headers(text: str, field: str) -> None:
    names = list(parsed(BASE))
    for planted in (text, f"a{text}\r\nBcc: all@example.com", f"{text}\nBcc: all@example.com"):
        try:
            raw = mail_bytes(changed(field, planted))
        except UserError:
            continue
        made = message_from_bytes(raw, policy=default)
        assert list(made) == names
        assert made["Bcc"] is None


@pytest.mark.parametrize("field", ["subject", "sender_name"])
@pytest.mark.parametrize("text", ["a\nb", "a\r\nBcc: x@y.z", "a\u2028b", "a\x85b", "\ud800"])
def test_a_line_break_is_refused_not_mended(field: str, text: str) -> None:
    with pytest.raises(UserError, match="line break"):
        mail_bytes(changed(field, text))


@pytest.mark.parametrize(
    "address",
    ["", "anna", "@example.com", "a@", "a b@example.com", "a@exa mple.com", "a@b@c.d", "a@-x.com", "ā@example.com",
     "a@example.com>, <b@example.com", f"{'a' * 260}@example.com", "a..b@example.com", "a@..", "a,b@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UserError, match="no mail can go"):
        ascii_address(address)


def test_an_international_domain_is_written_in_ascii() -> None:
    made = parsed(BASE._replace(address="a.b+c@rīga.lv", reply_to="jā@b.lv".replace("ā", "a")))
    assert made["To"].addresses[0].addr_spec == "a.b+c@xn--rga-uta.lv"
    assert made["Reply-To"] == "ja@b.lv"


def test_the_way_out_stands_in_the_headers() -> None:
    ways = ("https://shop.example/v/unsubscribe/m1.sig", "mailto:hello@example.com?subject=stop")
    made = parsed(BASE._replace(unsubscribe=ways, one_click=True))
    assert made["List-Unsubscribe"] == f"<{ways[0]}>, <{ways[1]}>"
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsed(BASE)["List-Unsubscribe"] is None
    for planted in ("https://x/a b", "https://x/>\r\nBcc: a@b.c", "no uri", "https://x/" + "a" * 1000):
        with pytest.raises(UserError, match="no address of a page"):
            mail_bytes(BASE._replace(unsubscribe=(planted,)))


def test_a_text_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match="characters that are none"):
        mail_bytes(BASE._replace(body_text="\ud800"))
