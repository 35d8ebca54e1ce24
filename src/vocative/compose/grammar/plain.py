"""Languages that address a person by the name as it is: English, Russian and every language without rules here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from vocative.compose.grammar.language import Gender


@dataclass(frozen=True, slots=True)
class PlainLanguage:
    """A language in which the vocative is the nominative.

    Args:
        tag: BCP 47 tag without a region.
        has_cases: whether its nouns have cases all the same, as in Russian.
    """

    tag: str
    has_cases: bool = False

    def vocative(self, name: str, gender: Gender | None) -> str | None:  # noqa: ARG002
        """The name as it is."""
        return name

    def until(self, day: date, written: str) -> str:  # noqa: ARG002
        """The day as it is written elsewhere."""
        return written
