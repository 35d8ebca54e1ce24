"""The demonstration's texts and words, and made-up people and decisions of every kind for them."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files

import msgspec

from vocative.compose.messages import Studio
from vocative.compose.phrases import Register
from vocative.compose.templates import Templates
from vocative.records.acting import Candidate, Decision, Offer, Recipient, Target
from vocative.records.relationship import STATES, State
from vocative.records.settings import Brand, Business, Campaign, Sender, Settings, Wording
from vocative.trust.claims import PREDICATES
from vocative.trust.secret_key import SecretKey
from vocative.workspace.reading import read_toml

LANGUAGES = ("en", "pl", "uk", "ru", "lv")
NOW = 1_512_140_400_000_000
DAY = 86_400_000_000
NAMES: Mapping[str, tuple[str | None, ...]] = {
    "en": ("Emma", "Noah", "Mary-Ann", "O'Neil"),
    "pl": ("Agnieszka", "Marek", "Kasia", "Łukasz"),
    "uk": ("Оксана", "Олег", "Дар'я", "Ілля"),
    "ru": ("Ольга", "Саша", "Пётр", "Алёна"),
    "lv": ("Ilze", "Jānis", "Mārtiņš", "Ņina"),
}
ODD_NAMES: tuple[str | None, ...] = (
    None, "", "Anna 😊", "{{ first_name }}", "Ольга", "محمد", "李", "Maximiliane-Alexandrina-Konstanze von Hohenfels",
    "ANNA", "x" * 80, "A\nB", "R2D2",
)  # fmt: skip


def campaign(name: str, **fields: object) -> Campaign:
    base = {"name": name, "goal": "test", "channel": "email", "personalized": True, "topic": name, "template": name}
    return msgspec.convert({**base, **fields}, Campaign)


CAMPAIGNS = {
    one.name: one
    for one in (
        campaign("replenish", module="repeat_rhythm"),
        campaign("coupon", module="next_items", offers=True),
        campaign("discover", module="next_items"),
        campaign("month", tells={"orders_28d": 1, "discount_28d": 1}),
        campaign("news", personalized=False, audience="without_profile"),
        campaign("ask", personalized=False, audience="never_asked"),
        campaign("thanks", sells=False, relationships=["regular", "close"]),
    )
}


@cache
def studio(register: Register | None = None, *, links: bool = True) -> Studio:
    """The demonstration's studio, in its own registers or all in one."""
    with as_file(files("vocative.cli.demonstration") / "workspace") as folder:
        brand = read_toml(folder / "brand.toml", Brand)
        wordings = {path.stem: read_toml(path, Wording) for path in sorted((folder / "wording").glob("*.toml"))}
        templates = Templates.read(folder / "templates", brand.avoid)
    if register is not None:
        brand = msgspec.structs.replace(brand, register=dict.fromkeys(LANGUAGES, register))
    settings = Settings(
        business=Business(
            name="Journey Grocers", timezone="America/New_York", currency="USD", languages=list(LANGUAGES),
            invented=["first names"],
        ),
        sender=Sender(
            name="Journey Grocers", email="hello@example.com", address="1 Example Street",
            links="https://example.com/m" if links else "",
        ),
    )  # fmt: skip
    return Studio(settings, brand, CAMPAIGNS, templates, wordings, SecretKey(b"key" if links else b""))


def with_templates(sources: Mapping[str, str]) -> Studio:
    """The studio with other texts."""
    return replace(studio(), templates=Templates(sources))


def target(category: str, *, module: str = "repeat_rhythm", days: float | None = 7.0, because: str = "") -> Target:
    return Target(
        module=module,
        target=category,
        probability=0.9,
        support=9.0,
        typical_days=days,
        because=because,
        horizon_days=7.0,
    )


def offer(rng: random.Random) -> Offer:
    """With or without a size, a code, an end."""
    unit = rng.choice(("", "percent", "money"))
    return Offer(
        offer_id="o",
        name=rng.choice(("", "Winter coupon")),
        code=rng.choice(("", "SAVE20", "X-7")),
        discount=rng.choice((5.0, 12.5, 20.0)) if unit else None,
        unit=unit,
        ends_at=rng.choice((None, NOW + 9 * DAY, NOW + 40 * DAY)),
        personal=bool(unit) and rng.random() < 0.5,
    )


def chosen(rng: random.Random, name: str, categories: list[str]) -> Candidate:
    """A candidate of a campaign, with what its text may tell."""
    targets: tuple[Target, ...] = ()
    if name == "replenish":
        picked = rng.sample(categories, rng.randint(1, 3))
        targets = tuple(target(category, days=rng.choice((2.0, 7.0, 14.0, 30.0, 90.0))) for category in picked)
    elif name in ("coupon", "discover"):
        first, second = rng.sample(categories, 2)
        targets = (target(first, module="next_items", days=None, because=rng.choice((second, "", "unknown"))),)
    return Candidate(
        campaign=name,
        channel="email",
        personalized=CAMPAIGNS[name].personalized,
        targets=targets,
        offer=offer(rng) if name == "coupon" else None,
        numbers={"orders_28d": float(rng.randint(1, 31)), "discount_28d": rng.randint(1, 9_999) / 100.0}
        if name == "month"
        else {},
    )


def decision(
    index: int, candidate: Candidate, relationship: State = "regular", claims: Collection[str] = frozenset(PREDICATES)
) -> Decision:
    """A decision for somebody of whom these claims hold: all of them, unless the test says otherwise."""
    candidate = msgspec.structs.replace(candidate, claims=tuple(claims))
    return Decision(
        decision_id=f"d{index}",
        person_id=f"p{index}",
        moment=NOW,
        outcome="contact",
        reason=candidate.campaign,
        propensity=1.0,
        relationship=relationship,
        chosen=candidate,
    )


def person(index: int, name: str | None, gender: str | None, language: str, zone: str | None = None) -> Recipient:
    return Recipient(
        person_id=f"p{index}",
        addresses={"email": f"p{index}@example.com"},
        contact={},
        personalization="yes",
        first_name=name,
        gender=gender,
        language=language,
        zone=zone,
    )


def crowd(count: int, seed: int) -> tuple[list[Decision], dict[str, Recipient]]:
    """People of every language, gender and sort of name, and what was decided for them."""
    rng = random.Random(seed)
    categories = sorted(studio().wordings["en"].category)
    decisions, people = [], {}
    for index in range(count):
        language = rng.choice(LANGUAGES)
        name = rng.choice(NAMES[language]) if rng.random() < 0.6 else rng.choice(ODD_NAMES)
        decisions.append(decision(index, chosen(rng, rng.choice(sorted(CAMPAIGNS)), categories), rng.choice(STATES)))
        zone = rng.choice((None, "Europe/Riga", "America/New_York"))
        people[f"p{index}"] = person(index, name, rng.choice((None, "female", "male")), language, zone)
    return decisions, people
