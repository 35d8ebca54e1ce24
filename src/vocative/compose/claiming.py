"""What a text says of the person it is written to, found by the words of its language in `claims/`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import msgspec
from msgspec import Struct

from vocative.compose.watching import phrase_pattern
from vocative.records.uses import Use
from vocative.trust.claims import PREDICATES

_FALLBACK = "en"
_SENTENCE = re.compile(r"[^.!?\n]+")
_CLAUSE = re.compile(r"[,;:]")


class Claim(NamedTuple):
    """A claim that a text makes: its name, empty where no predicate is known for it, and its words."""

    name: str
    words: str


class _Suspects(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    words: list[str]
    unless: list[str]


class _Claims(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file in `claims/`, named after its language; the file for English explains the keys."""

    words: dict[str, list[str]]
    suspects: _Suspects
    asks: dict[Use, list[str]]


@dataclass(frozen=True, slots=True)
class _Patterns:
    claims: tuple[tuple[str, re.Pattern[str]], ...]
    suspects: re.Pattern[str]
    unless: re.Pattern[str]
    asks: Mapping[Use, re.Pattern[str]]


@lru_cache(maxsize=4096)
def claims_in(text: str, tag: str) -> tuple[Claim, ...]:
    """Every claim of a text; one whose name is empty sounds like a statement about the person and is none we know.

    What stands under a condition (*if you buy two*) is no claim.

    >>> claims_in("You often buy milk.", "en"), claims_in("You love milk.", "en"), claims_in("If you like milk.", "en")
    ((Claim(name='often', words='You often buy'),), (Claim(name='', words='You love'),), ())
    """
    patterns = _patterns(tag)
    found: list[Claim] = []
    for sentence in _SENTENCE.finditer(text):
        found.extend(_in_sentence(sentence[0], patterns))
    return tuple(dict.fromkeys(found))


def uses_unsaid(text: str, tag: str, uses: Iterable[Use]) -> list[Use]:
    """Of the uses that a question for permission is declared to cover, those that its text does not speak of.

    >>> uses_unsaid("We would remind you of what runs out.", "en", ["reminders", "offers"])
    ['offers']
    """
    patterns = _patterns(tag).asks
    return [use for use in uses if patterns[use].search(text) is None]


def _in_sentence(sentence: str, patterns: _Patterns) -> Iterator[Claim]:
    spans: list[tuple[int, int, str]] = []
    for name, pattern in patterns.claims:
        for match in pattern.finditer(sentence):
            clause = _CLAUSE.split(sentence[: match.start()])[-1]
            spans.append((*match.span(), "" if patterns.unless.search(clause) else name))
    for start, end, name in spans:
        # The wider words say what is meant: "you often buy" is more than "you buy".
        if name and not any(s <= start and end <= e and e - s > end - start for s, e, _ in spans):
            yield Claim(name, sentence[start:end])
    for match in patterns.suspects.finditer(sentence):
        known = any(s < match.end() and match.start() < e for s, e, _ in spans)
        if not known and not patterns.unless.search(sentence[: match.start()]):
            yield Claim("", match[0])


@cache
def _patterns(tag: str) -> _Patterns:
    folder = files("vocative.compose") / "claims"
    names = (tag.replace("_", "-").partition("-")[0].lower(), _FALLBACK)
    source = next(found for name in names if (found := folder / f"{name}.toml").is_file())
    told = msgspec.convert(tomllib.loads(source.read_text(encoding="utf-8")), _Claims)
    if unknown := set(told.words) - set(PREDICATES):
        raise ValueError(f"claims of {tag!r} without a predicate: {sorted(unknown)}")
    return _Patterns(
        tuple((name, _any_of(words)) for name, words in told.words.items()),
        _any_of(told.suspects.words),
        _any_of(told.suspects.unless),
        {use: _any_of(words) for use, words in told.asks.items()},
    )


def _any_of(entries: Iterable[str]) -> re.Pattern[str]:
    # Of two that begin alike the longer one is tried first.
    ordered = sorted(entries, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(phrase_pattern, ordered))})(?!\w)", re.IGNORECASE)
