"""Small vocabularies: the words in which files of several countries say the same few things, from `words.toml`."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

_DATA: Final = tomllib.loads((files("vocative.collect.mapping") / "words.toml").read_text(encoding="utf-8"))

YES: Final[frozenset[str]] = frozenset(_DATA["yes"])
NO: Final[frozenset[str]] = frozenset(_DATA["no"])
FEMALE: Final[frozenset[str]] = frozenset(_DATA["female"])
MALE: Final[frozenset[str]] = frozenset(_DATA["male"])
UNKNOWN_GENDER: Final[frozenset[str]] = frozenset(_DATA["unknown_gender"])
TEST_NAMES: Final[frozenset[str]] = frozenset(_DATA["test_names"])
LANGUAGES: Final[frozenset[str]] = frozenset(_DATA["languages"])
COUNTRIES: Final[frozenset[str]] = frozenset(_DATA["countries"])
PURPOSES: Final[frozenset[str]] = frozenset(_DATA["purposes"])
LANGUAGE_NAMES: Final[dict[str, str]] = _DATA["language_names"]
COUNTRY_NAMES: Final[dict[str, str]] = _DATA["country_names"]
