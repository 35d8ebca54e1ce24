"""What a reader must never see: gaps, raw tokens, wrong numbers and names, links of others, pressure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from vocative.compose.grounding import ungrounded
from vocative.compose.watching import phrase_pattern, suspicious, watch_of
from vocative.trust.sayable import addresses_in

Kind = Literal["gap", "number", "precision", "sensitive", "urgency", "name", "address"]

_BROKEN = re.compile(
    r"""
    \{\{ | \}\} | \{% | %\} | \{\# | \#\}            # marks of this template language
    | \{\w*\} | %\w+% | \[\[ | \]\] | \*\|\w*\|\*    # slots of other template languages
    | \b(?:None|NONE|NaN|nan|undefined)\b            # programming words
    | \[\] | \[["'] | \([ \t\n\u00a0]*\)             # an empty or printed list, an empty place in brackets
    | (?<=[\w:,])[ ][,.!?]                           # an empty place before a mark
    | ^[ \t]*(?:[,;!?]|\.(?!\.))                     # an empty place at the start of a line
    | [ ]{2,}\S                                      # an empty place between words
    | [\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]  # characters that are no text
    """,
    re.VERBOSE | re.MULTILINE,
)
# Every broken place holds one of these, or a character that is not printable; looking for them is many times faster.
_MARKS = (
    "{", "}", "%", "#", "[", "]", "*|", "None", "NONE", "NaN", "nan", "undefined", "()", "( ", "(\t", "(\n", "(\u00a0",
    " ,", " .", " !", " ?", "  ", "\n,", "\n;", "\n!", "\n?", "\n.", "\n ", "\n\t",
)  # fmt: skip
_DIGIT = re.compile(r"\d")
_MARGIN = 15


class Text(Protocol):
    """A rendered text."""

    @property
    def subject(self) -> str:
        """Its subject line."""
        ...

    @property
    def body(self) -> str:
        """Its plain text."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a text may rest on.

    Args:
        tag: BCP 47 tag of its language.
        names: forms in which the person may be addressed; empty: by no name at all.
        facts: texts the slots were filled with.
        literals: numbers the template itself says, as `grounding.literal_numbers` finds them.
        addresses: beginnings of the pages, hosts and mailboxes that the business itself names; no other may stand in
            a text.
        personalized: whether it draws on what is known of the person; then nothing sensitive may be mentioned.
    """

    tag: str
    names: frozenset[str] = frozenset()
    facts: Iterable[str] = ()
    literals: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    personalized: bool = True


@dataclass(frozen=True, slots=True)
class TextFinding:
    """One thing a reader must not see."""

    kind: Kind
    text: str


def scan(words: Text, context: Context) -> list[TextFinding]:
    """Everything in a text that a reader must not see; empty if it may go out.

    A time of day or a span that the template says itself (opening hours) is the business's own statement.
    """
    gap = broken_place(f"{words.subject}\n{words.body}")
    return [*([TextFinding("gap", gap)] if gap is not None else []), *scan_meaning(words, context)]


def scan_meaning(words: Text, context: Context) -> list[TextFinding]:
    """Like `scan`, for a text in which no gap was found."""
    text = f"{words.subject}\n{words.body}"
    found: list[TextFinding] = []
    if _DIGIT.search(text):
        if (wrong := ungrounded(text, context.facts, context.literals)) is not None:
            found.append(TextFinding("number", wrong))
        found.extend(_too_precise(text, context))
    own = tuple(context.addresses)
    found.extend(TextFinding("address", one) for one in sorted(addresses_in(text)) if not one.startswith(own))
    if suspicious(text, context.tag):
        found.extend(_unwanted(text, context))
    first = words.body.partition("\n")[0]
    greeted = watch_of(context.tag).greeting.fullmatch(first)
    name = greeted["name"] if greeted else None
    if name is not None and name not in context.names and name not in watch_of(context.tag).anybody:
        found.append(TextFinding("name", name))
    return found


def _too_precise(text: str, context: Context) -> Iterator[TextFinding]:
    for match in watch_of(context.tag).precise.finditer(text):
        if not any(number in match[0] for number in context.literals):
            yield TextFinding("precision", match[0])


def _unwanted(text: str, context: Context) -> Iterator[TextFinding]:
    watch = watch_of(context.tag)
    if context.personalized and (match := watch.sensitive.search(text)):
        yield TextFinding("sensitive", match[0])
    if match := watch.urgency.search(text):
        yield TextFinding("urgency", match[0])


def broken_place(text: str) -> str | None:
    """The first place of a text that a reader must not see, with its surroundings; None if there is none.

    >>> broken_place("Hi , how are you?")
    'Hi , how are you?'
    """
    line = f"\n{text}"
    if line.replace("\n", "").isprintable() and not any(mark in line for mark in _MARKS):
        return None
    found = _BROKEN.search(text)
    return text[max(0, found.start() - _MARGIN) : found.end() + _MARGIN] if found else None


class AvoidedWords:
    """Words the brand avoids, found however they are written and broken over lines; a ~ stands for any ending."""

    def __init__(self, words: Sequence[str]) -> None:
        kept = [word for word in words if word.strip()]
        self._patterns = [(self._first(word), self._pattern(word)) for word in kept]

    def search(self, text: str) -> str | None:
        """The first of them in a text, as it is written there."""
        lower = text.lower()
        for first, pattern in self._patterns:
            # Looking for a plain text first is many times faster than the pattern.
            if first in lower and (found := pattern.search(text)):
                return found[0]
        return None

    @staticmethod
    def _first(word: str) -> str:
        found = re.search(r"[^\W_]+", word.lower())
        return found[0] if found else ""

    @staticmethod
    def _pattern(word: str) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w){phrase_pattern(word)}(?!\w)", re.IGNORECASE)
