"""What a language can do that another cannot: address a person, and say until when."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Literal, Protocol

Gender = Literal["female", "male"]

_JOINTS = re.compile(r"([-\s]+)")
_LEAST_SHOUTED = 3
_ENDINGS_IN_A = "aąāаяAАЯ"


class Language(Protocol):
    """One language that messages are written in."""

    @property
    def tag(self) -> str:
        """BCP 47 tag of the language without a region."""
        ...

    @property
    def has_cases(self) -> bool:
        """Whether its nouns change with their place in the sentence."""
        ...

    def vocative(self, name: str, gender: Gender | None) -> str | None:
        """The form in which a person of this first name is addressed.

        Args:
            name: first name in its basic form, a single word or several.
            gender: None when it is not known.

        Returns:
            None when the form is not sure; then the greeting does without a name.
        """
        ...

    def until(self, day: date, written: str) -> str:
        """The day as it stands after the word for *until*; `written` is how the language writes it otherwise."""
        ...


def by_parts(name: str, gender: Gender | None, decline: Callable[[str], str | None]) -> str | None:
    """Decline each word of a name of several words; one that is not sure makes the whole unsure.

    A word in small letters (*von*) is none that a rule is made for. Where the words end as names of a woman and of a
    man, and the gender is not known, the second may be a surname, which women often bear unchanged.

    >>> by_parts("Anna-Maria", None, lambda part: part[:-1] + "o")
    'Anno-Mario'
    """
    parts = _JOINTS.split(name)
    words = [part for part in parts if part and not _JOINTS.fullmatch(part)]
    if any(word[0].islower() for word in words):
        return None
    if gender is None and len({word[-1] in _ENDINGS_IN_A for word in words}) > 1:
        return None
    done = [part if _JOINTS.fullmatch(part) or not part else decline(part) for part in parts]
    return None if any(part is None for part in done) else "".join(part or "" for part in done)


def capitalised(name: str) -> str:
    """A name typed all in small or all in capital letters as it is properly written; any other stays as it is.

    >>> capitalised("ANNA-MARIA"), capitalised("zoë"), capitalised("McKenzie"), capitalised("AJ")
    ('Anna-Maria', 'Zoë', 'McKenzie', 'AJ')
    """
    letters = name.replace("-", "").replace(" ", "")
    if not letters.isalpha() or not (letters.islower() or (letters.isupper() and len(letters) >= _LEAST_SHOUTED)):
        return name
    return "".join(part.capitalize() for part in _JOINTS.split(name))


def is_written_in(name: str, letters: frozenset[str]) -> bool:
    """Whether every letter of the name is one of these (small) letters.

    >>> is_written_in("Ada", frozenset("ad")), is_written_in("Ода", frozenset("ad"))
    (True, False)
    """
    return all(sign in letters for sign in name.lower() if sign.isalpha())
