"""Plain text as a plain, readable page: paragraphs and lists, everything escaped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import minijinja


def to_html(
    subject: str, body: str, footer: Sequence[str], *, sender: str, language: str, invented: bool = False
) -> str:
    """Lay out a text; blank lines part paragraphs, lines that start with `- ` make a list.

    The last line of the footer is set off when `invented` is true.
    """
    return _environment().render_template(
        "layout.html",
        subject=subject,
        blocks=[_block(part) for part in body.split("\n\n") if part.strip()],
        footer=list(footer),
        sender=sender,
        language=language,
        invented=invented,
    )


def _block(part: str) -> dict[str, list[str]]:
    lines = [line.strip() for line in part.strip().splitlines()]
    if all(line.startswith("- ") for line in lines):
        return {"items": [line[2:] for line in lines], "lines": []}
    return {"items": [], "lines": lines}


@cache
def _environment() -> minijinja.Environment:
    source = (files("vocative.compose") / "layout.html").read_text(encoding="utf-8")
    return minijinja.Environment(
        templates={"layout.html": source}, debug=False, undefined_behavior="strict", auto_escape_callback=lambda _: True
    )
