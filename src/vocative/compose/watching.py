"""The words and patterns of each language that no message may hold, read from `watchwords/`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

_FALLBACK = "en"
_WORD = re.compile(r"[^\W\d_]+")
_GAP = r"(?:\W+\w+){0,4}?\W+"


class Watchwords(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file in `watchwords/`, named after its language; the file for English explains the keys."""

    sensitive: list[str]
    urgency: list[str]
    elapsed: list[str]
    clock: list[str]
    greetings: list[str]
    titles: list[str]
    anybody: list[str]


@dataclass(frozen=True, slots=True)
class Watch:
    """Compiled watchwords of one language."""

    sensitive: re.Pattern[str]
    urgency: re.Pattern[str]
    precise: re.Pattern[str]
    greeting: re.Pattern[str]
    anybody: frozenset[str]
    beginnings: tuple[str, ...]
    """The longest part of a word of each sensitive or urgent thing; a text without any of them holds no such thing."""


def phrase_pattern(phrase: str) -> str:
    r"""A regular expression for a phrase, however it is broken over lines.

    A ~ stands for any ending, or any beginning, of a word, and alone for one word; … stands for up to four words.

    >>> re.fullmatch(phrase_pattern("ostatni~ szans~"), "ostatnią\nszansą") is not None
    True
    """
    made = ""
    for word in phrase.split():
        if word == "…":
            made += _GAP
            continue
        made += (r"\s+" if made and not made.endswith(_GAP) else "") + _word_pattern(word)
    return made


def _word_pattern(word: str) -> str:
    if word == "~":
        return r"\w+"
    before, after = (r"\w*" if open_ended else "" for open_ended in (word.startswith("~"), word.endswith("~")))
    return before + re.sub("['’ʼ]", "['’ʼ]", re.escape(word.strip("~"))) + after


@cache
def watch_of(tag: str) -> Watch:
    """The watchwords of a BCP 47 tag: those of its language, in English where there are none."""
    folder = files("vocative.compose") / "watchwords"
    names = (tag.replace("_", "-").partition("-")[0].lower(), _FALLBACK)
    source = next(found for name in names if (found := folder / f"{name}.toml").is_file())
    words = msgspec.convert(tomllib.loads(source.read_text(encoding="utf-8")), Watchwords)
    titles = "|".join(re.escape(title) for title in words.titles)
    hello = "|".join(re.escape(hello) for hello in words.greetings)
    return Watch(
        sensitive=_phrases(words.sensitive),
        urgency=_phrases(words.urgency),
        precise=re.compile(rf"(?<!\d)(?:{'|'.join(words.elapsed + words.clock)})", re.IGNORECASE),
        greeting=re.compile(rf"(?:{hello})(?:,?\s+(?:(?:{titles})\s+)?(?P<name>\S.*?))?[,!.]?\s*"),
        anybody=frozenset(words.anybody),
        beginnings=tuple({max(_WORD.findall(entry), key=len) for entry in words.sensitive + words.urgency}),
    )


def suspicious(text: str, tag: str) -> bool:
    """Whether the text holds the beginning of anything that is watched for: a quick look before the exact one."""
    lower = text.lower()
    return any(start in lower for start in watch_of(tag).beginnings)


def _phrases(entries: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(phrase_pattern, entries))})(?!\w)", re.IGNORECASE)
