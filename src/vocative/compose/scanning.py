"""What a reader must never see: gaps, raw tokens, marks of a machine, words the brand avoids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_BROKEN = re.compile(
    r"""
    \{\{ | \}\} | \{% | %\} | \{\# | \#\}            # marks of this template language
    | \{\w*\} | %\w+% | \[\[ | \]\] | \*\|\w*\|\*    # slots of other template languages
    | \b(?:None|NONE|NaN|nan|undefined)\b            # programming words
    | \[\] | \[["'] | \(\s*\)                        # an empty or printed list, an empty place in brackets
    | (?<=[\w:])[ ][,.!?]                            # an empty place before a mark
    | ^[ \t]*(?:[,;!?]|\.(?!\.))                     # an empty place at the start of a line
    | [ ]{2,}\S                                      # an empty place between words
    | [\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]  # characters that are no text
    """,
    re.VERBOSE | re.MULTILINE,
)
# Joiners that several scripts need inside a name; every other invisible character has no place in one.
_JOINERS = "\u200c\u200d"
_HIDDEN = ("Cc", "Cf", "Zl", "Zp")
_LONGEST_NAME = 60
_MARGIN = 15


def broken_place(text: str) -> str | None:
    """The first place of a text that a reader must not see, with its surroundings; None if there is none.

    >>> broken_place("Hi , how are you?")
    'Hi , how are you?'
    """
    found = _BROKEN.search(text)
    return text[max(0, found.start() - _MARGIN) : found.end() + _MARGIN] if found else None


def sayable_name(name: str | None) -> str | None:
    """The name if it can stand in a message, else None: then the message does without.

    A name that is no word, is overlong, or holds an invisible character or the mark of a template is not said.

    >>> sayable_name(" Anna "), sayable_name("{{ name }}"), sayable_name("--")
    ('Anna', None, None)
    """
    name = (name or "").strip()
    fits = 0 < len(name) <= _LONGEST_NAME and any(sign.isalpha() for sign in name)
    if not fits or broken_place(name) is not None:
        return None
    hidden = any(unicodedata.category(sign) in _HIDDEN and sign not in _JOINERS for sign in name)
    return None if hidden else name


def avoided_words(words: Sequence[str]) -> list[re.Pattern[str]]:
    """Patterns that find words the brand avoids, however they are written and broken over lines."""
    return [_avoided(word) for word in words if word.strip()]


def _avoided(word: str) -> re.Pattern[str]:
    parts = r"\s+".join(re.sub("['’]", "['’]", re.escape(part)) for part in word.split())
    return re.compile(rf"(?<!\w){parts}(?!\w)", re.IGNORECASE)
