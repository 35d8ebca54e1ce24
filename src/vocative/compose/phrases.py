"""What every message says besides its own text: greetings, pauses, counted things, the reason and the way out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from vocative.compose.grammar.language import Gender

Register = Literal["informal", "formal"]
Reason = Literal[
    "rhythm", "offer", "offer_personal", "offer_drawn", "similar_taste", "habits", "popular", "many",
    "numbers", "visits", "generic", "measured", "service", "ask",
]  # fmt: skip

_FALLBACK = "en"


class Manner(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Sentences in one register. In each, `{business}` is the name of the business and `{name}` the vocative."""

    hello: str
    """Greeting without a name."""
    hello_named: str = ""
    """Greeting of somebody whose gender is unknown; empty: as without a name."""
    hello_female: str = ""
    """Greeting of a woman; empty: as of anybody with a name."""
    hello_male: str = ""
    """Greeting of a man; empty: as of anybody with a name."""
    why: dict[Reason, str]
    """What a message rested on → why the person got it; `{looking}` stands for what people allowed to look at."""
    looking: str
    """What people allow to look at; a business that sells nothing says its own, as `looking` under `[texts]`."""
    off: str
    """How to stop messages, or those with a profile, by writing back."""
    off_generic: str
    """How to stop messages by writing back."""
    link_why: str
    """Words of the link to the page that explains the message."""
    link_off: str
    """Words of the link to the page that turns messages off."""


class Phrases(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file in `phrases/`, named after its language."""

    last_joint: str
    """What stands before the last of several things."""
    invented: str
    """Says that `{what}` is invented."""
    pauses: dict[str, str]
    """Key of a rough pause → how people say it."""
    count: dict[str, dict[str, str]]
    """Thing → plural category → text with `{n}` for the number."""
    informal: Manner
    formal: Manner

    def manner(self, register: Register) -> Manner:
        """The sentences of a register."""
        return self.informal if register == "informal" else self.formal


@cache
def phrases_of(tag: str) -> Phrases:
    """The phrases of a BCP 47 tag: those of its language, in English where there are none."""
    folder = files("vocative.compose") / "phrases"
    names = (tag, tag.replace("_", "-").partition("-")[0].lower(), _FALLBACK)
    source = next(found for name in names if (found := folder / f"{name}.toml").is_file())
    return msgspec.convert(tomllib.loads(source.read_text(encoding="utf-8")), Phrases)


def greeting(manner: Manner, name: str | None, gender: Gender | None) -> str:
    """The first line of a message.

    >>> greeting(phrases_of("pl").informal, "Anno", None), greeting(phrases_of("pl").formal, "Anno", None)
    ('Cześć, Anno!', 'Dzień dobry!')
    """
    by_gender: Mapping[Gender | None, str] = {"female": manner.hello_female, "male": manner.hello_male, None: ""}
    text = by_gender[gender] or manner.hello_named
    return text.format(name=name) if name and text else manner.hello
