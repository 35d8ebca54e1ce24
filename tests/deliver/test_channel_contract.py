"""What every channel promises, asked of the one that comes with Vocative, and what its files hold."""

from __future__ import annotations

import secrets
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.decide.builders import NOW
from tests.deliver.post import file_channel
from vocative.checks.channel import CHANNEL_CHECKS, check_channel
from vocative.checks.suite import Check
from vocative.deliver.channel import Begin, Channel, Outgoing, Receipt, unnoticed
from vocative.records.settings import Sender

MESSAGE = Outgoing(
    message_id="m1",
    channel="email",
    address="anna@example.com",
    subject="Hello",
    body_text="Hi Anna\n",
    body_html="<p>Hi Anna</p>",
    language="en",
    sent_at=NOW,
)
SENDER = Sender(name="Žanna & Co, shop", email="hello@rīga.example", reply_to="answers@example.com")


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    return file_channel(tmp_path, SENDER)


def read(folder: Path, name: str = "m1") -> EmailMessage:
    mail = message_from_bytes((folder / f"{name}.eml").read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    assert mail.defects == []
    return mail


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    content = found.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def visible(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("check", CHANNEL_CHECKS, ids=lambda check: check.__name__)
def test_the_public_suite(check: Check[Channel], tmp_path: Path) -> None:
    check(lambda: file_channel(tmp_path, SENDER))


class Careless:
    """A channel that keeps no promise, to see that the suite notices."""

    idempotent = True

    def push(self, message: Outgoing, begin: Begin = unnoticed) -> Receipt:
        return Receipt(accepted=True, text=secrets.token_hex(4))

    def flush(self) -> None: ...

    def close(self) -> None: ...


def test_the_public_suite_bites() -> None:
    with pytest.raises(AssertionError, match="3 of 7 promises are broken"):
        check_channel(Careless)


def test_an_accepted_message_is_there_after_the_flush(channel: Channel, tmp_path: Path) -> None:
    receipt = channel.push(MESSAGE)
    channel.flush()
    channel.close()
    assert (receipt.accepted, receipt.text) == (True, "m1.eml")
    assert set(visible(tmp_path)) == {"m1.eml", "m1.html"}


def test_the_same_message_again_changes_nothing(channel: Channel, tmp_path: Path) -> None:
    assert channel.idempotent
    channel.push(replace(MESSAGE, body_html="<p>same</p>"))
    channel.flush()
    names = set(visible(tmp_path))
    assert channel.push(replace(MESSAGE, body_html="<p>same</p>")).accepted
    channel.flush()
    assert set(visible(tmp_path)) == names


def test_flushing_with_nothing_to_do_and_twice_is_fine(channel: Channel) -> None:
    channel.flush()
    channel.push(MESSAGE)
    channel.flush()
    channel.flush()
    channel.close()


def test_what_is_half_written_by_a_killed_process_is_not_a_message(channel: Channel, tmp_path: Path) -> None:
    (tmp_path / ".m1.eml.part").write_bytes(b"torn")
    channel.push(MESSAGE)
    assert read(tmp_path)["Subject"] == "Hello"
    assert not (tmp_path / ".m1.eml.part").exists()


def test_the_mail_parses_back(channel: Channel, tmp_path: Path) -> None:
    channel.push(MESSAGE)
    mail = read(tmp_path)
    assert mail["From"].addresses[0].display_name == SENDER.name
    assert mail["From"].addresses[0].addr_spec == "hello@xn--rga-uta.example"
    assert mail["To"] == "anna@example.com"
    assert mail["Reply-To"] == "answers@example.com"
    assert mail["List-Unsubscribe"] == "<mailto:answers@example.com?subject=stop>"
    assert mail["Message-ID"] == "<m1@xn--rga-uta.example>"
    assert mail["Content-Language"] == "en"
    assert parsedate_to_datetime(mail["Date"]).timestamp() * 1e6 == NOW
    assert (part(mail, "plain"), part(mail, "html").strip()) == ("Hi Anna\n", "<p>Hi Anna</p>")


@pytest.mark.parametrize(
    "address",
    ["", "anna", "@example.com", "anna@", "a b@example.com", "a@b.lv, c@d.lv", "a@b.lv\r\nBcc: c@d.lv", "a@b.lv\n",
     "<a@b.lv>", "a@b@c.lv", "ā@b.lv", "a@" + "b" * 70 + ".lv", "\ud800@b.lv"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_and_leaves_no_file(address: str, channel: Channel, tmp_path: Path) -> None:
    receipt = channel.push(replace(MESSAGE, address=address))
    assert not receipt.accepted
    assert receipt.text
    assert visible(tmp_path) == {}


@pytest.mark.parametrize("broken", ["a\nBcc: x@y.lv", "a\r\nBcc: x@y.lv", "a\rb", "a\u2028b", "\ud800"])
def test_no_header_can_be_put_in_through_a_subject(broken: str, channel: Channel, tmp_path: Path) -> None:
    assert not channel.push(replace(MESSAGE, subject=broken)).accepted
    assert visible(tmp_path) == {}


def test_a_text_that_cannot_be_encoded_is_refused_whole(channel: Channel, tmp_path: Path) -> None:
    assert not channel.push(replace(MESSAGE, body_text="\ud800")).accepted
    assert not channel.push(replace(MESSAGE, body_html="\ud800")).accepted
    assert visible(tmp_path) == {}


PRINTABLE = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
LINES = st.lists(st.text(PRINTABLE, max_size=120), min_size=1, max_size=8).map("\n".join).filter(str.strip)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    subject=st.text(PRINTABLE, min_size=1, max_size=120).filter(lambda text: text.strip() == text and "=?" not in text),
    body=LINES,
    page=LINES,
    language=st.sampled_from(["en", "lv", "pt-BR"]),
    sent_at=st.integers(0, 4_000_000_000).map(lambda second: second * 1_000_000),
)
def test_two_hundred_messages_parse_back_to_what_they_were(
    subject: str, body: str, page: str, language: str, sent_at: int, channel: Channel, tmp_path: Path
) -> None:
    message = replace(MESSAGE, subject=subject, body_text=body, body_html=page, language=language, sent_at=sent_at)
    assert channel.push(message).accepted
    mail = read(tmp_path)
    assert mail["Subject"] == subject
    assert part(mail, "plain").removesuffix("\n") == body.removesuffix("\n")
    assert part(mail, "html").removesuffix("\n") == page.removesuffix("\n")
    assert parsedate_to_datetime(mail["Date"]).timestamp() * 1e6 == sent_at
    assert {"List-Unsubscribe", "Message-ID", "Date", "From", "To"} <= set(mail.keys())
    assert len(mail.get_all("To", [])) == 1
    assert "Bcc" not in mail
    raw = (tmp_path / "m1.eml").read_bytes()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n")), "RFC 5322, section 2.1.1"
    assert (tmp_path / "m1.html").read_text(encoding="utf-8") == page
