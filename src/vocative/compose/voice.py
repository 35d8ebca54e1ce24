"""How one person is spoken to, and the functions with which a template says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import minijinja

from vocative.compose.formats import day, money, number, plural_category
from vocative.compose.grammar.language import Gender
from vocative.compose.phrases import Register, phrases_of
from vocative.errors import TemplateError

ZONE = "zone"
"""Slot that holds the IANA zone in which days are told."""


class WordingState(Protocol):
    """What the template engine tells a function of the text it is called from."""

    def lookup(self, name: str, /) -> object:
        """The value of a slot; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """Language, register and agreement of a text; `currency` is that of every amount of money."""

    tag: str
    register: Register = "formal"
    gender: Gender | None = None
    currency: str = "EUR"


def functions_of(voice: Voice) -> Mapping[str, Callable[..., str]]:
    """The functions a template may call, by name; docs/how-to/write-a-message.md describes them."""

    def by_register(informal: str, formal: str) -> str:
        return informal if voice.register == "informal" else formal

    def by_gender(masculine: str, feminine: str, neutral: str) -> str:
        return {"male": masculine, "female": feminine}.get(voice.gender or "", neutral)

    def in_money(amount: float) -> str:
        return money(_number(amount, "money"), voice.currency, voice.tag)

    def in_number(value: float) -> str:
        return number(_number(value, "number"), voice.tag)

    def count(value: float, thing: str) -> str:
        return counted(_number(value, "count"), thing, voice.tag)

    def in_day(state: WordingState, moment: int) -> str:
        return day(int(_number(moment, "day")), str(state.lookup(ZONE) or "UTC"), voice.tag)

    def listed(words: Sequence[object], form: str = "nominative") -> str:
        return joined([form_of(word, form) for word in words], phrases_of(voice.tag).last_joint)

    return {
        "by_register": by_register,
        "by_gender": by_gender,
        "by_number": by_number,
        "money": in_money,
        "number": in_number,
        "count": count,
        "day": minijinja.pass_state(in_day),
        "listed": listed,
    }


def by_number(word: object, singular: str, plural: str) -> str:
    """The text that agrees with a thing in number."""
    return plural if isinstance(word, Mapping) and word.get("number") == "plural" else singular


def counted(value: float, thing: str, tag: str) -> str:
    """A number with the thing that is counted, in the form the number asks for.

    >>> counted(8, "visit", "en"), counted(3, "visit", "pl"), counted(21, "visit", "uk")
    ('8 visits', '3 wizyty', '21 відвідування')

    Raises:
        TemplateError: the language has no words for the thing.
    """
    forms = phrases_of(tag).count.get(thing)
    if forms is None:
        known = ", ".join(sorted(phrases_of(tag).count))
        raise TemplateError(f"there are no words to count {thing!r}", remedy=f"things that can be counted: {known}")
    text = forms.get(plural_category(value, tag)) or forms["other"]
    return text.format(n=number(value, tag))


def form_of(word: object, form: str) -> str:
    """One form of a slot's word; a plain text has a single form.

    Raises:
        TemplateError: the word has no such form.
    """
    found = word.get(form) if isinstance(word, Mapping) else word
    if not isinstance(found, str) or not found:
        raise TemplateError(f"a word has no {form}", remedy="give the forms of the word in wording/")
    return found


def joined(parts: Sequence[str], last_joint: str) -> str:
    """Several things in one sentence.

    >>> joined(["milk"], "and"), joined(["milk", "bread", "tea"], "and")
    ('milk', 'milk, bread and tea')
    """
    return f" {last_joint} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _number(value: object, function: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TemplateError(f"{function}() was given no number", remedy="ask with {% if … %} whether there is one")
    return float(value)
