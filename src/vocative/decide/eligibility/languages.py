"""In which language a person is written to."""

from __future__ import annotations

from collections.abc import Sequence


def written_language(wanted: str | None, languages: Sequence[str]) -> str:
    """Of the languages there are, the one that serves a person best: theirs, else its broader form, else the first.

    Args:
        wanted: BCP 47 tag the person prefers; None when unknown.
        languages: BCP 47 tags to choose from, at least one.

    >>> written_language("pt-BR", ["en", "pt"]), written_language("lv", ["en", "pt"]), written_language(None, ["en"])
    ('pt', 'en', 'en')
    """
    tags = {language.lower(): language for language in languages}
    parts = (wanted or "").lower().replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        if (found := tags.get("-".join(parts[:length]))) is not None:
            return found
    return languages[0]
