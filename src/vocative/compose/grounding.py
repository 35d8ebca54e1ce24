"""Every number in a text comes from a fact or stands in the template itself; no other may be said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_UNIT = r"(?:%|‰|€|\$|£|₴|₽|¥|zł|грн|руб|[A-Z]{3}\b)"
_NUMBER = re.compile(r"\d+(?:[.,:/\u00a0\u202f]\d+)*")
_MEASURE = re.compile(rf"(?:[$€£¥]\s?)?{_NUMBER.pattern}(?:[ \u00a0\u202f]?{_UNIT})?")
_UNIT_AFTER = re.compile(rf"[ \u00a0\u202f]?{_UNIT}")
_UNIT_BEFORE = "$€£¥"
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def literal_numbers(source: str) -> frozenset[str]:
    """The numbers, each with its unit, that a template says itself: in its text and in the texts within expressions.

    >>> sorted(literal_numbers("Open until 22:00. {{ targets[0] }} {{ by_register('2 %', 'x') }}"))
    ['2 %', '22:00']
    """
    quoted = (one or other for part in _EXPRESSION.findall(source) for one, other in _QUOTED.findall(part))
    return frozenset(_MEASURE.findall("\n".join([_EXPRESSION.sub("\n", source), *quoted])))


def ungrounded(text: str, facts: Iterable[str], literals: frozenset[str]) -> str | None:
    """The first number, with its unit, that neither a fact nor the template accounts for; None if there is none.

    Args:
        text: the rendered text.
        facts: texts the slots were filled with; where one holds a number, the whole of it must stand in the text.
        literals: numbers of the template itself.

    >>> ungrounded("Until 24 December, 20% off", ["24 December", "20%"], frozenset()) is None
    True
    >>> ungrounded("Until 25 December", ["24 December"], frozenset())
    '25'
    """
    if _NUMBER.search(text) is None:
        return None
    with_numbers = [found for fact in facts if (found := _places(fact))]
    for match in _MEASURE.finditer(text):
        number = _NUMBER.search(text, match.start(), match.end())
        if number is None or match[0] in literals:
            continue
        if not any(_covers(text, number.start(), fact, at) for fact, places in with_numbers for at in places):
            return match[0]
    return None


@lru_cache(maxsize=65_536)
def _places(fact: str) -> tuple[str, tuple[int, ...]] | None:
    """A fact with the places of its numbers; None if it has none."""
    places = tuple(match.start() for match in _NUMBER.finditer(fact))
    return (fact, places) if places else None


def _covers(text: str, start: int, fact: str, at: int) -> bool:
    begin = start - at
    end = begin + len(fact)
    if begin < 0 or not text.startswith(fact, begin):
        return False
    before = text[begin - 1 : begin]
    cut = fact[:1].isdigit() and (before.isdigit() or before in tuple(_UNIT_BEFORE))
    goes_on = fact[-1:].isdigit() and (_UNIT_AFTER.match(text, end) or re.match(r"[.,:/]?\d", text[end : end + 2]))
    return not cut and not goes_on
