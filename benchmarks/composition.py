"""Complete signed messages a second on one core: ours against jinja2's sandbox and the standard `EmailMessage`.

Both sides write the same thousand messages from the same facts: text in the person's language, page, footer with signed
links, mail with a way out in its headers. Ours also looks every text over (numbers, names, gaps, pressure); the other
side does not. Both are parsed back, and what is read must be equal.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime
from importlib.resources import as_file, files
from pathlib import Path
from time import perf_counter
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from vocative.compose.desk import Desk, Studio
from vocative.compose.footers import reason_of
from vocative.compose.messages import compose_all
from vocative.compose.mime import Mail, mail_bytes
from vocative.compose.slots import Person, gender_of, name_slots, target_slots
from vocative.compose.templates import Templates
from vocative.compose.voice import functions_of
from vocative.records.acting import Candidate, Decision, Recipient, Target
from vocative.records.settings import Brand, Business, Campaign, Sender, Settings, Wording
from vocative.stats.hashing import stable_id
from vocative.trust.links import signed_link
from vocative.trust.secret_key import SecretKey
from vocative.workspace.reading import read_toml

_COUNT = 1_000
_ROUNDS = 5
_NOW = 1_512_140_400_000_000
_KEY = SecretKey(b"benchmark" * 3)
_NAMES = {
    "en": (("Emma", "female"), ("Noah", "male")),
    "pl": (("Agnieszka", "female"), ("Marek", "male")),
    "uk": (("Оксана", "female"), ("Олег", "male")),
    "ru": (("Ольга", "female"), ("Иван", "male")),
    "lv": (("Ilze", "female"), ("Jānis", "male")),
}
_SENDER = Sender(
    name="Journey Grocers", email="hello@shop.example", address="1 Example Street", links="https://shop.example/m"
)
_PAGE = """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8"><title>{{ subject }}</title></head><body>
<p>{{ sender }}</p>
{% for block in blocks %}{% if block.items_ %}<ul>{% for item in block.items_ %}<li>{{ item }}</li>{% endfor %}</ul>
{% else %}<p>{% for line in block.lines %}{{ line }}{% if not loop.last %}<br>{% endif %}{% endfor %}</p>
{% endif %}{% endfor %}
{% for line in footer %}
<p>{% if line.url %}<a href="{{ line.url }}">{{ line.text }}</a>{% else %}{{ line.text }}{% endif %}</p>
{% endfor %}</body></html>
"""

Write = Callable[[], list[bytes]]


class Word(str):
    """The words for a thing as jinja2 needs them: printed in the nominative, with the other forms as attributes."""

    accusative: str
    genitive: str

    def __new__(cls, forms: Mapping[str, str]) -> Word:
        """Make it from the forms."""
        made = super().__new__(cls, forms["nominative"])
        made.accusative, made.genitive = forms["accusative"], forms["genitive"]
        return made


def run() -> Iterator[dict[str, object]]:
    """Messages a second on both sides, the best of several rounds in turn, and their ratio."""
    studio = _studio()
    decisions, recipients = _work(list(studio.wordings["en"].category))
    ours: Write = lambda: _ours(studio, decisions, recipients)  # noqa: E731
    theirs = _theirs(studio, decisions, recipients)
    _compare(ours(), theirs())
    best = {"vocative": 0.0, "jinja2 + EmailMessage": 0.0}
    for _ in range(_ROUNDS):
        for name, write in zip(best, (ours, theirs), strict=True):
            start = perf_counter()
            written = len(write())
            best[name] = max(best[name], written / (perf_counter() - start))
    for name, rate in best.items():
        yield {"messages": name, "per second and core": round(rate)}
    mine, other = best.values()
    yield {"ratio": round(mine / other, 1), "parsed back without a defect and equal": _COUNT}


def _studio() -> Studio:
    with as_file(files("vocative.cli.demonstration") / "workspace") as folder:
        brand = read_toml(folder / "brand.toml", Brand)
        wordings = {path.stem: read_toml(path, Wording) for path in sorted((folder / "wording").glob("*.toml"))}
        templates = Templates.read(folder / "templates", brand.avoid)
    business = Business(name="Journey Grocers", timezone="America/New_York", currency="USD", languages=sorted(_NAMES))
    campaign = Campaign(
        name="replenish", goal="measure", channel="email", personalized=True, topic="replenish", module="repeat_rhythm",
        template="replenish",
    )  # fmt: skip
    settings = Settings(business=business, sender=_SENDER)
    return Studio(settings, brand, {"replenish": campaign}, templates, wordings, _KEY)


def _work(categories: list[str]) -> tuple[list[Decision], dict[str, Recipient]]:
    rng = random.Random(1)
    decisions: list[Decision] = []
    recipients: dict[str, Recipient] = {}
    for index in range(_COUNT):
        language = rng.choice(sorted(_NAMES))
        name, gender = rng.choice(_NAMES[language])
        targets = tuple(
            Target(module="repeat_rhythm", target=category, probability=0.9, support=9.0,
                   typical_days=rng.choice((3.0, 7.0, 14.0, 30.0)), horizon_days=7.0)
            for category in rng.sample(categories, rng.randint(1, 3))
        )  # fmt: skip
        chosen = Candidate(campaign="replenish", channel="email", personalized=True, targets=targets)
        decisions.append(
            Decision(decision_id=f"d{index}", person_id=f"p{index}", moment=_NOW, outcome="contact", reason="replenish",
                     propensity=1.0, chosen=chosen)
        )  # fmt: skip
        recipients[f"p{index}"] = Recipient(
            person_id=f"p{index}", addresses={"email": f"p{index}@example.com"}, contact={}, personalization="yes",
            first_name=name, gender=gender, language=language, zone="America/New_York",
        )  # fmt: skip
    return decisions, recipients


def _ways(message_id: str) -> tuple[str, ...]:
    return signed_link(_SENDER.links, "unsubscribe", message_id, _KEY), f"mailto:{_SENDER.email}?subject=stop"


def _ours(studio: Studio, decisions: list[Decision], recipients: Mapping[str, Recipient]) -> list[bytes]:
    composed = compose_all(studio, decisions, recipients, "run", _NOW)
    assert not composed.failed, composed.failed
    return [
        mail_bytes(
            Mail(
                message_id=str(row["message_id"]), sender_name=_SENDER.name, sender_email=_SENDER.email, reply_to="",
                address=str(row["address"]), subject=str(row["subject"]), body_text=str(row["body_text"]),
                body_html=str(row["body_html"]), language=str(row["language"]), sent_at=_NOW,
                unsubscribe=_ways(str(row["message_id"])), one_click=True,
            )
        )
        for row in composed.rows
    ]  # fmt: skip


def _theirs(studio: Studio, decisions: list[Decision], recipients: Mapping[str, Recipient]) -> Write:
    """The same with jinja2: templates compiled once, the forms of words and the functions of the voice given to it."""
    desk = Desk(studio, {})
    page = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined).from_string(_PAGE)
    compiled: dict[object, Any] = {}

    def template(language: str, gender: str | None) -> Any:  # noqa: ANN401
        if (language, gender) not in compiled:
            with as_file(files("vocative.cli.demonstration") / "workspace" / "templates" / "replenish") as folder:
                source = (Path(folder) / f"{language}.txt").read_text(encoding="utf-8")
            environment = SandboxedEnvironment(undefined=StrictUndefined)
            environment.globals.update(functions_of(desk.voice(language, gender_of(gender))))
            environment.globals["by_number"] = lambda word, one, many: many if word in plural[language] else one
            compiled[language, gender] = environment.from_string(source)
        return compiled[language, gender]

    plural = {
        language: {
            forms["nominative"]
            for category in studio.wordings[language].category
            if (forms := desk.thing(category, language)) and forms["number"] == "plural"
        }
        for language in studio.wordings
    }

    def write() -> list[bytes]:
        return [_one(desk, template, page, decision, recipients[decision.person_id]) for decision in decisions]

    return write


def _one(desk: Desk, template: Callable[..., Any], page: Any, decision: Decision, person: Recipient) -> bytes:  # noqa: ANN401
    assert decision.chosen is not None
    assert person.language is not None
    language, studio = person.language, desk.studio
    campaign = studio.campaigns[decision.chosen.campaign]
    voice = desk.voice(language, gender_of(person.gender))
    words = [desk.thing(target.target, language) for target in decision.chosen.targets]
    slots = {
        **desk.fixed(language),
        **name_slots(Person(person.first_name, gender_of(person.gender)), voice),
        **target_slots([], [], decision.chosen.targets, language, person.relationship),
        "targets": [Word(forms) for forms in words if forms is not None],
    }
    subject, _, body = template(language, person.gender).render(**slots).partition("\n")
    subject, body = subject.removeprefix("Subject: "), body.strip()
    while "\n\n\n" in body:
        body = body.replace("\n\n\n", "\n\n")
    message_id = stable_id("message", decision.decision_id)
    footer = desk.footer(language, reason_of(campaign, decision.chosen)).lines(_SENDER.links, message_id, _KEY)
    text = f"{body}\n\n-- \n" + "\n".join(line.plain() for line in footer) + "\n"
    html = page.render(
        language=language, subject=subject, sender=_SENDER.name, blocks=[_block(part) for part in body.split("\n\n")],
        footer=footer,
    )  # fmt: skip
    return _email(message_id, person.addresses["email"], subject, text, html, language)


def _block(part: str) -> dict[str, list[str]]:
    lines = part.strip().split("\n")
    items = [line[2:] for line in lines] if all(line.startswith("- ") for line in lines) else []
    return {"items_": items, "lines": lines}


def _email(message_id: str, address: str, subject: str, text: str, html: str, language: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject
    mail["From"] = Address(_SENDER.name, addr_spec=_SENDER.email)
    mail["To"] = Address(addr_spec=address)
    mail["Reply-To"] = Address(addr_spec=_SENDER.email)
    mail["Date"] = format_datetime(datetime.fromtimestamp(_NOW / 1e6, UTC))
    mail["Message-ID"] = f"<{message_id}@shop.example>"
    mail["List-Unsubscribe"] = ", ".join(f"<{way}>" for way in _ways(message_id))
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    mail["Content-Language"] = language
    return mail.as_bytes()


def _compare(ours: list[bytes], theirs: list[bytes]) -> None:
    """Parse both sides back: no defect, and the same headers and texts."""
    assert len(ours) == len(theirs) == _COUNT
    for one, other in zip(ours, theirs, strict=True):
        mine, yours = _parsed(one), _parsed(other)
        for header in (
            "Subject",
            "From",
            "To",
            "Reply-To",
            "Date",
            "Message-ID",
            "List-Unsubscribe",
            "Content-Language",
        ):
            # Where EmailMessage folds a subject between two words, this Python's writer loses the space.
            assert "".join(str(mine[header]).split()) == "".join(str(yours[header]).split()), (header, yours[header])
        assert _text(mine) == _text(yours), (_text(mine), _text(yours))


def _parsed(raw: bytes) -> EmailMessage:
    made = message_from_bytes(raw, policy=default)
    assert isinstance(made, EmailMessage)
    assert not made.defects
    assert not any(part.defects for part in made.iter_parts())
    assert not any(header.defects for header in made.values())
    return made


def _text(made: EmailMessage) -> str:
    part = made.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
