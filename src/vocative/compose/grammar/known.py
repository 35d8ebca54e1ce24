"""Which languages have rules of their own."""

from __future__ import annotations

from functools import cache

from vocative.compose.grammar.english import ENGLISH
from vocative.compose.grammar.language import Language
from vocative.compose.grammar.latvian import LATVIAN
from vocative.compose.grammar.plain import PlainLanguage
from vocative.compose.grammar.polish import POLISH
from vocative.compose.grammar.russian import RUSSIAN
from vocative.compose.grammar.ukrainian import UKRAINIAN

LANGUAGES: tuple[Language, ...] = (ENGLISH, POLISH, UKRAINIAN, RUSSIAN, LATVIAN)


@cache
def language_of(tag: str) -> Language:
    """The language of a BCP 47 tag; one without rules here is written with names as they are.

    >>> language_of("pl-PL").vocative("Anna", "female"), language_of("de").vocative("Anna", "female")
    ('Anno', 'Anna')
    """
    base = tag.replace("_", "-").partition("-")[0].lower()
    return next((language for language in LANGUAGES if language.tag == base), PlainLanguage(base))
