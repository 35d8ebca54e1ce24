"""English: no cases, the name as it is."""

from __future__ import annotations

from vocative.compose.grammar.plain import PlainLanguage

ENGLISH = PlainLanguage("en")
