"""Ukrainian: the vocative of first names, by the orthography of 2019 (chapters on the vocative singular).

First declension: hard stems -о, stems in a vowel or an apostrophe -є, pet names with a soft stem -ю. Second: hard
stems -е, those in г, к, х and names in -ко -у, soft stems and names in -й -ю, native names in -о -е. Third: -е.
Names that end otherwise are foreign and stay as they are, as do those in -а after a vowel. Names in Russian spelling
have no sure form.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import lru_cache
from importlib.resources import files

from vocative.compose.grammar.language import Gender, by_parts, is_written_in

_LETTERS = frozenset("абвгґдеєжзиіїйклмнопрстуфхцчшщьюяʼ")
_FOREIGN = frozenset("ыэёъ")
_VOWELS = "аеєиіїоуюя"
_HARD = "бвдзлмнпрстфц"
_HISSING = "жчшщ"
# No Ukrainian name begins with И, ends in -ия or -ий, or has one of the others in it.
_RUSSIAN = re.compile(r"^и|(?:ия|ий)$|ь[яеи]|[аиу]и")


class _Ukrainian:
    tag = "uk"
    has_cases = True

    def __init__(self) -> None:
        source = files("vocative.compose.grammar") / "names" / "uk.toml"
        data = tomllib.loads(source.read_text(encoding="utf-8"))
        self._forms: dict[str, str] = {name.lower(): form for name, form in data["vocative"].items()}
        self._women = frozenset(name.lower() for name in data["women"])
        self._in_o = frozenset(name.lower() for name in data["in_o"])
        self._foreign = frozenset(name.lower() for name in data["foreign"])
        self._russian = frozenset(name.lower() for name in data["russian"])
        self._unsure = frozenset(name.lower() for name in data["unsure"])

    def vocative(self, name: str, gender: Gender | None) -> str | None:
        """See `Language.vocative`; a name in another script is said as it is, one in Russian spelling is not sure."""
        return _cached(name, gender)

    def until(self, day: date, written: str) -> str:  # noqa: ARG002
        """The day in the genitive, as Ukrainian writes it everywhere."""
        return written

    def decline(self, name: str, gender: Gender | None) -> str | None:
        """One word of a name."""
        lower = name.lower()
        if _FOREIGN & set(lower):
            return None
        if not is_written_in(name, _LETTERS):
            return name
        if lower in self._forms:
            return self._forms[lower]
        if lower in self._russian or _RUSSIAN.search(lower):
            return None
        if lower in self._foreign or (lower.endswith("о") and lower[-2:-1] in _HARD and lower not in self._in_o):
            return name
        if lower[-1] in "ая":
            return _first(name, lower)
        if lower[-1] in "еєиіїую" or lower in self._women:
            return name
        if gender is None and lower in self._unsure:
            return None
        if gender == "female":
            return name[:-1] + "е" if lower.endswith("ь") else name
        return _second(name, lower)


def _first(name: str, lower: str) -> str | None:
    before = lower[-2:-1]
    if lower.endswith("я"):
        return name[:-1] + ("є" if before in _VOWELS + "й'’ʼ" else "ю")
    if before in _VOWELS:
        return name
    # Names of women and men after a hissing stem have -о in speech and -е by the book.
    return None if before in _HISSING else name[:-1] + "о"


def _second(name: str, lower: str) -> str | None:
    if lower.endswith(("ко", "хо")):
        return name[:-1] + "у"
    if lower.endswith(("ьо", "йо")):
        return name[:-2] + "ю"
    if lower.endswith("о"):
        return name[:-1] + "е" if lower[-2:-1] in _HARD else name
    if lower.endswith(("ій", "ай", "ей", "ой", "уй", "ь")):
        return name[:-1] + "ю"
    if lower[-1] in "гґкх":
        return name + "у"
    return name + "е" if lower[-1] in _HARD + _HISSING else None


@lru_cache(maxsize=65_536)
def _cached(name: str, gender: Gender | None) -> str | None:
    return by_parts(name, gender, lambda part: UKRAINIAN.decline(part, gender))


UKRAINIAN = _Ukrainian()
