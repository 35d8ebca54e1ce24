"""Latvian: the vocative of first names, by the declensions, and days in the dative after *līdz*.

Proper names of the first declension lose their ending, those in -is and -us lose the -s, diminutives in -ītis and -iņa
lose the whole ending, women's names in -a and -e stay as they are (the short forms in speech are optional). So the
Latvian Language Agency answers the question.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import lru_cache
from importlib.resources import files

from vocative.compose.grammar.language import Gender, by_parts, is_written_in

_LETTERS = frozenset("aābcčdeēfgģhiījkķlļmnņopŗrsštuūvzž")
_CONSONANTS = frozenset("bcčdfgģhjkķlļmnņprŗsštvzž")
_MONTHS = (
    "janvārim", "februārim", "martam", "aprīlim", "maijam", "jūnijam",
    "jūlijam", "augustam", "septembrim", "oktobrim", "novembrim", "decembrim",
)  # fmt: skip


class _Latvian:
    tag = "lv"
    has_cases = True

    def __init__(self) -> None:
        source = files("vocative.compose.grammar") / "names" / "lv.toml"
        data = tomllib.loads(source.read_text(encoding="utf-8"))
        self.foreign = frozenset(name.lower() for name in data["foreign"])

    def vocative(self, name: str, gender: Gender | None) -> str | None:
        """See `Language.vocative`; a name in another script or spelling is said as it is."""
        return _cached(name, gender)

    def until(self, day: date, written: str) -> str:  # noqa: ARG002
        """The day in the dative, which *līdz* asks for.

        >>> LATVIAN.until(date(2017, 12, 24), "24. decembris")
        '24. decembrim'
        """
        return f"{day.day}. {_MONTHS[day.month - 1]}"


def _decline(name: str, gender: Gender | None) -> str | None:
    lower = name.lower()
    foreign = lower in LATVIAN.foreign or lower.endswith("ius") or "th" in lower or "ph" in lower or "ck" in lower
    if foreign or not is_written_in(name, _LETTERS) or (gender == "female" and not lower.endswith("iņa")):
        return name
    for ending, kept in (("ītis", 2), ("iņa", 2), ("is", 1), ("us", 1)):
        if lower.endswith(ending) and len(lower) > len(ending):
            return name[: len(name) - len(ending) + kept]
    if lower.endswith(("s", "š")) and len(lower) > 2:
        return name[:-1] if lower[-2] in _CONSONANTS else None
    return name


@lru_cache(maxsize=65_536)
def _cached(name: str, gender: Gender | None) -> str | None:
    return by_parts(name, gender, lambda part: _decline(part, gender))


LATVIAN = _Latvian()
