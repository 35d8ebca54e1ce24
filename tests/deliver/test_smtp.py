"""The SMTP channel against a real mail server on this machine."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from msgspec.structs import replace

from tests.decide.builders import NOW
from tests.deliver.post import NO_CAPS, NO_QUIET, SHOP, open_stores, permit, queue, send, write
from vocative.checks.channel import check_channel
from vocative.deliver.channel import Channel, ChannelContext, Outgoing
from vocative.deliver.recheck import RecheckRules
from vocative.errors import SettingsError
from vocative.records.settings import ChannelSettings, Sender
from vocative.store.registry import load_driver

MESSAGE = Outgoing(
    message_id="m1",
    channel="email",
    address="anna@rīga.example",
    subject="Žanna, 10 € – „hello”",
    body_text="Hi Anna\n.\nthe line above is a single dot\n",
    body_html="<p>Hi Anna</p>",
    language="en",
    sent_at=NOW,
    unsubscribe="https://shop.example/v/unsubscribe/m1.abc",
)
SENDER = Sender(name="Žanna & Co", email="hello@shop.example", reply_to="answers@shop.example")


@dataclass
class Post:
    """What the server does with what it is given."""

    taken: list[Envelope] = field(default_factory=list)
    on_rcpt: str = "250 fine"
    on_data: str = "250 taken"
    hang_up_on_data: bool = False

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.on_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.on_rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        if self.hang_up_on_data:
            transport = server.transport
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
        return self.on_data


@dataclass
class Office:
    post: Post
    host: str
    port: int

    def channel(self, **options: str | int | bool) -> Channel:
        make = cast("Callable[[ChannelContext], Channel]", load_driver("channel", "smtp"))
        given = {"host": self.host, "port": self.port, "security": "none", "timeout": 60, **options}
        settings = ChannelSettings(driver="smtp", options=given)
        return make(ChannelContext(name="email", settings=settings, sender=SENDER, folder=Path()))


class _AnyPort(Controller):
    """Listens on a port that the system says is free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class _Login(_AnyPort):
    def factory(self) -> SMTP:
        def judge(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
            right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"shop", b"secret")
            return AuthResult(success=right)

        with warnings.catch_warnings():
            # On this machine a login without encryption is what is tested.
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(self.handler, auth_required=True, auth_require_tls=False, authenticator=judge)


def _serve(kind: type[_AnyPort]) -> Iterator[Office]:
    post = Post()
    controller = kind(post, hostname="127.0.0.1", port=0)
    controller.start()
    yield Office(post, "127.0.0.1", controller.port)
    controller.stop()


@pytest.fixture
def office() -> Iterator[Office]:
    yield from _serve(_AnyPort)


@pytest.fixture
def locked() -> Iterator[Office]:
    yield from _serve(_Login)


def read(envelope: Envelope) -> EmailMessage:
    content = envelope.content
    assert isinstance(content, bytes)
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    assert mail.defects == []
    return mail


def test_the_mail_arrives_as_it_was_written(office: Office) -> None:
    channel = office.channel()
    receipt = channel.push(MESSAGE)
    channel.close()
    assert receipt.accepted
    assert receipt.text == "250 taken"
    (envelope,) = office.post.taken
    assert envelope.mail_from == "hello@shop.example"
    assert envelope.rcpt_tos == ["anna@xn--rga-uta.example"]
    mail = read(envelope)
    assert mail["Subject"] == MESSAGE.subject
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == MESSAGE.body_text


def test_one_click_is_offered_as_rfc_8058_asks(office: Office) -> None:
    channel = office.channel()
    channel.push(MESSAGE)
    channel.push(replace(MESSAGE, message_id="m2", unsubscribe=""))
    channel.close()
    one, other = map(read, office.post.taken)
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert one["List-Unsubscribe"] == (
        "<https://shop.example/v/unsubscribe/m1.abc>, <mailto:answers@shop.example?subject=stop>"
    )
    assert other["List-Unsubscribe-Post"] is None, "without a page there is nothing to click"
    assert other["List-Unsubscribe"] == "<mailto:answers@shop.example?subject=stop>"


def test_it_keeps_what_every_channel_promises(office: Office) -> None:
    check_channel(office.channel)


@pytest.mark.parametrize(("answer", "again"), [("550 no such mailbox", False), ("451 come back later", True)])
def test_a_refused_recipient(office: Office, answer: str, again: bool) -> None:
    office.post.on_rcpt = answer
    channel = office.channel()
    receipt = channel.push(MESSAGE)
    assert (receipt.accepted, receipt.again) == (False, again)
    assert answer.partition(" ")[2] in receipt.text
    office.post.on_rcpt = "250 fine"
    assert channel.push(MESSAGE).accepted, "one refused recipient hinders nobody else"
    channel.close()


@pytest.mark.parametrize(
    ("answer", "again"),
    [("554 5.6.0 not like this", False), ("554 this is spam", True), ("452 the disk is full", True)],
)
def test_a_refused_text(office: Office, answer: str, again: bool) -> None:
    office.post.on_data = answer
    channel = office.channel()
    receipt = channel.push(MESSAGE)
    channel.close()
    assert (receipt.accepted, receipt.again) == (False, again)


def test_a_server_that_is_not_there_is_asked_again_later() -> None:
    channel = Office(Post(), "127.0.0.1", 1).channel()
    receipt = channel.push(MESSAGE)
    channel.close()
    assert (receipt.accepted, receipt.again, receipt.about) == (False, True, "business")
    assert receipt.down, "nobody else need be tried"


def test_without_encryption_nothing_is_sent_when_it_was_asked_for(office: Office) -> None:
    channel = office.channel(security="starttls")
    receipt = channel.push(MESSAGE)
    channel.close()
    assert (receipt.accepted, receipt.again) == (False, True)
    assert office.post.taken == []


def test_silence_after_the_text_is_unknown_and_never_repeated(office: Office, tmp_path: Path) -> None:
    stores = open_stores(tmp_path)
    write(stores, {"m1": "a"})
    permit(stores, "a")
    queue(stores, "m1", "a")
    office.post.hang_up_on_data = True
    rules = RecheckRules(NO_CAPS, NO_QUIET, SHOP)
    channel = office.channel()
    assert send(stores, channel, rules=rules)["unknown"] == 1
    office.post.hang_up_on_data = False
    send(stores, channel, rules=rules)
    channel.close()
    stores.inbox.close()
    stores.ledger.close()
    assert len(office.post.taken) == 1


def test_it_logs_in(locked: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCATIVE_SMTP_PASSWORD", "secret")
    channel = locked.channel(user="shop")
    assert channel.push(MESSAGE).accepted
    channel.close()


def test_a_wrong_password_keeps_the_messages(locked: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCATIVE_SMTP_PASSWORD", "wrong")
    channel = locked.channel(user="shop")
    receipt = channel.push(MESSAGE)
    channel.close()
    assert (receipt.accepted, receipt.again) == (False, True)


def test_a_missing_password_is_said_before_anything_is_sent(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOCATIVE_SMTP_PASSWORD", raising=False)
    with pytest.raises(SettingsError, match="VOCATIVE_SMTP_PASSWORD"):
        office.channel(user="shop")


@pytest.mark.parametrize("wrong", [{"hots": "x"}, {"port": "many"}, {"security": "maybe"}, {"port": 70_000}])
def test_a_wrong_option_is_named(office: Office, wrong: dict[str, str | int]) -> None:
    with pytest.raises(SettingsError, match=r"channels\.email\.options"):
        office.channel(**wrong)
