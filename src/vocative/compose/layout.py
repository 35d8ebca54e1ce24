"""Plain text as a plain, readable page: paragraphs and lists, everything escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from html import escape
from importlib.resources import files
from typing import NamedTuple

_PLACE = re.compile(r"\$([a-z]+)")
_ITEM = "- "


class Line(NamedTuple):
    """One line below the text; with a `url` it is the words of a link."""

    text: str
    url: str = ""

    def plain(self) -> str:
        """The line in a plain text."""
        return f"{self.text}: {self.url}" if self.url else self.text


def to_html(
    subject: str, body: str, footer: Sequence[Line], *, sender: str, language: str, invented: bool = False
) -> str:
    """Lay out a text; blank lines part paragraphs, lines that start with `- ` make a list.

    The last line of the footer is set off when `invented` is true.
    """
    before, between, after, foot, end = _frame(language, sender)
    blocks = "\n".join([_block(part) for part in escape(body).split("\n\n") if part and not part.isspace()])
    last = len(footer) - 1 if invented else -1
    below = "\n".join([_footer_line(line, index == last) for index, line in enumerate(footer)])
    return f"{before}{escape(subject)}{between}{after}{blocks}{foot}{below}{end}"


def _block(part: str) -> str:
    lines = [line.strip() for line in part.strip().split("\n")]
    if all(line.startswith(_ITEM) for line in lines):
        return "<ul>\n" + "\n".join([f"<li>{line[2:]}</li>" for line in lines]) + "\n</ul>"
    return f"<p>{'<br>'.join(lines)}</p>"


def _footer_line(line: Line, invented: bool) -> str:
    if line.url:
        return f'<p><a href="{escape(line.url)}">{_escaped(line.text)}</a></p>'
    return f'<p class="invented">{_escaped(line.text)}</p>' if invented else f"<p>{_escaped(line.text)}</p>"


@lru_cache(maxsize=4_096)
def _escaped(text: str) -> str:
    return escape(text)


@lru_cache(maxsize=256)
def _frame(language: str, sender: str) -> tuple[str, str, str, str, str]:
    """What stands around subject, blocks and footer, with what is the same in every message filled in."""
    pieces = _pieces()
    fixed = {"language": escape(language), "sender": escape(sender)}
    return (
        pieces[0] + fixed[pieces[1]] + pieces[2],
        pieces[4],
        fixed[pieces[5]] + pieces[6],
        pieces[8],
        pieces[10],
    )


@cache
def _pieces() -> list[str]:
    """The layout cut at its places: text, name, text, name … text."""
    pieces = _PLACE.split((files("vocative.compose") / "layout.html").read_text(encoding="utf-8"))
    assert pieces[1::2] == ["language", "subject", "sender", "blocks", "footer"]
    return pieces
