"""The words of all languages that stand in a field for first names instead of a name, read from `unsayable/`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Final, NamedTuple

_LANGUAGES = ("en", "pl", "uk", "ru", "lv", "de")


class UnsayableWords(NamedTuple):
    """`unsayable/en.toml` says what each list holds; what one language lists holds in all."""

    company: frozenset[str]
    company_capitals: frozenset[str]
    titles: frozenset[str]
    roles: frozenset[str]
    unknown: frozenset[str]
    insult_stems: tuple[str, ...]
    insults: frozenset[str]
    adverts: frozenset[str]
    endings: tuple[str, ...]
    """Last parts of names of hosts, the longest first."""


def _read() -> UnsayableWords:
    folder = files("vocative.trust") / "unsayable"
    lists = [tomllib.loads((folder / f"{tag}.toml").read_text(encoding="utf-8")) for tag in _LANGUAGES]

    def every(key: str) -> Iterator[str]:
        return (word for one in lists for word in one[key])

    hosts = tomllib.loads((folder / "endings.toml").read_text(encoding="utf-8"))
    endings = {ending for kind in hosts.values() for ending in kind.split()}
    return UnsayableWords(
        company=frozenset(every("company")),
        company_capitals=frozenset(every("company_capitals")),
        titles=frozenset(every("titles")),
        roles=frozenset(every("roles")),
        unknown=frozenset(every("unknown")),
        insult_stems=tuple(sorted({*every("insult_stems")})),
        insults=frozenset(every("insults")),
        adverts=frozenset(every("adverts")),
        endings=tuple(sorted(endings, key=lambda ending: (-len(ending), ending))),
    )


WORDS: Final = _read()
