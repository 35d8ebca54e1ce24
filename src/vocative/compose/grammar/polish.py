"""Polish: the vocative of first names by rule, with exceptions as data.

The rules follow the declension of first names as school grammars give it: names in -a by the first declension, names
in a consonant by the masculine one with its softenings, names in -i, -y, -e and -o unchanged. Foreign names whose last
letters are not spoken, or whose gender decides the form and is unknown, have no sure vocative.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import lru_cache
from importlib.resources import files

from vocative.compose.grammar.language import Gender, by_parts, is_written_in

_LETTERS = frozenset("aąbcćdeęfghijklłmnńoóprsśtuwyzźżqvxáàäâéèêëíïöôüúçñšžýě")
_VOWELS = "aąeęioóuyáàäâéèêëíïöôüú"
_SILENT = ("th", "ph", "gh", "sh", "ah", "eh", "oh", "q", "eau", "aux")
# Unchanged for anybody who has them: they decline like adjectives, or not at all.
_UNCHANGED = ("i", "ie", "ee", "o")
_WOMENS_E = ("le", "ne", "ce", "te", "ze", "ee", "ie", "se", "ge", "re", "ve", "de")
# Longest first; the ending is replaced.
_SOFTENED = (
    ("ander", "andrze"), ("sł", "śle"), ("st", "ście"), ("zd", "ździe"), ("weł", "wle"),
    ("niek", "ńku"), ("dziek", "dźku"), ("siek", "śku"), ("ciek", "ćku"), ("ziek", "źku"), ("ek", "ku"),
    ("sz", "szu"), ("cz", "czu"), ("rz", "rzu"), ("ch", "chu"), ("tt", "tcie"),
    ("ń", "niu"), ("ś", "siu"), ("ć", "ciu"), ("ź", "ziu"), ("ż", "żu"), ("l", "lu"), ("j", "ju"),
    ("k", "ku"), ("g", "gu"), ("x", "ksie"), ("ł", "le"), ("r", "rze"), ("t", "cie"), ("d", "dzie"),
    ("n", "nie"), ("m", "mie"), ("b", "bie"), ("p", "pie"), ("w", "wie"), ("v", "vie"), ("f", "fie"),
    ("s", "sie"), ("z", "zie"),
)  # fmt: skip


class _Polish:
    tag = "pl"
    has_cases = True

    def __init__(self) -> None:
        source = files("vocative.compose.grammar") / "names" / "pl.toml"
        data = tomllib.loads(source.read_text(encoding="utf-8"))
        self._forms: dict[str, str] = {name.lower(): form for name, form in data["vocative"].items()}
        self._women = frozenset(name.lower() for name in data["women"])
        self._unsure = frozenset(name.lower() for name in data["unsure"])
        self._of_women_or_men = frozenset(name.lower() for name in data["of_women_or_men"])

    def vocative(self, name: str, gender: Gender | None) -> str | None:
        """See `Language.vocative`; a name in another script is said as it is."""
        return _cached(name, gender)

    def until(self, day: date, written: str) -> str:  # noqa: ARG002
        """The day in the genitive, as Polish writes it everywhere."""
        return written

    def decline(self, name: str, gender: Gender | None) -> str | None:
        """One word of a name."""
        if not is_written_in(name, _LETTERS):
            return name
        lower = name.lower()
        if lower in self._forms:
            return self._forms[lower]
        if lower.endswith("a"):
            return None if lower[-2:] in ("oa", "ua", "ea") and gender == "male" else name[:-1] + _first_ending(lower)
        if gender == "female" or lower.endswith(_UNCHANGED):
            return name
        if gender is None and lower in self._women:
            return name
        if lower in self._unsure or (gender is None and lower in self._of_women_or_men):
            return None
        if lower.endswith(("e", "é", "ë")):
            return _in_e(name, lower)
        if lower.endswith("y"):
            return None if lower[-2:-1] and lower[-2] in _VOWELS else name
        return _masculine(name, lower)


def _first_ending(lower: str) -> str:
    """What replaces the -a of a name of the first declension: pet names with a soft stem have -u."""
    if lower.endswith(("sia", "zia", "cia", "ńcia")) and not lower.endswith(("icia", "ucia", "asia", "ksia", "rcia")):
        return "u"
    return "o"


def _in_e(name: str, lower: str) -> str | None:
    # Noe, Andre: unchanged. Mike, George: an apostrophe or not is a matter of taste.
    return name if lower[-1] != "e" or lower[-2:-1] in ("o", "é") or lower.endswith(_WOMENS_E) else None


def _masculine(name: str, lower: str) -> str | None:
    if lower.endswith(_SILENT) or lower[-1] in "uúüäöôáàâ" or not any(sign in _VOWELS for sign in lower[:-1]):
        return None
    for ending, vocative in _SOFTENED:
        if lower.endswith(ending) and lower != ending:
            return name[: len(name) - len(ending)] + vocative
    return None


@lru_cache(maxsize=65_536)
def _cached(name: str, gender: Gender | None) -> str | None:
    return by_parts(name, gender, lambda part: POLISH.decline(part, gender))


POLISH = _Polish()
