"""Which languages a message can be written in: those with a grammar, phrases and watchwords of their own."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from vocative.compose.grammar.known import LANGUAGES

_FOLDERS = {"phrases": "compose/phrases", "watchwords": "compose/watchwords", "claims": "compose/claims"}


@cache
def lacking(tag: str) -> tuple[str, ...]:
    """What a BCP 47 tag lacks to be written in; empty if nothing. What lacks would be English, or not be looked at.

    >>> lacking("pl-PL"), lacking("de")
    ((), ('grammar', 'phrases', 'watchwords', 'claims'))
    """
    base = tag.replace("_", "-").partition("-")[0].lower()
    missing = [] if any(language.tag == base for language in LANGUAGES) else ["grammar"]
    package = files("vocative")
    missing += [what for what, folder in _FOLDERS.items() if not (package / folder / f"{base}.toml").is_file()]
    return tuple(missing)


def known_languages() -> list[str]:
    """The tags of all languages that lack nothing.

    >>> known_languages()
    ['en', 'lv', 'pl', 'ru', 'uk']
    """
    return sorted(language.tag for language in LANGUAGES if not lacking(language.tag))
