"""Russian: nouns have cases, but a person is addressed in the nominative; the old vocative lives in prayers only."""

from __future__ import annotations

from vocative.compose.grammar.plain import PlainLanguage

RUSSIAN = PlainLanguage("ru", has_cases=True)
