"""Safe templates: business text with named slots, rendered strictly, so that no gap or raw token gets through."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import minijinja

from vocative.errors import TemplateError
from vocative.stats.hashing import stable_id

_FUEL = 50_000
_MOST_CHARACTERS = 20_000
_SUBJECT = "Subject:"
# What a reader must never see: template marks, programming words, an empty place before a comma, doubled blanks.
_BROKEN = re.compile(r"\{\{|\}\}|\{%|%\}|\bNone\b|\bnan\b|\bundefined\b|\[\]|(?<=\w) [,.!?]|  +\S|%\w+%|\[\[")


@dataclass(frozen=True, slots=True)
class Words:
    """A rendered text: `subject` is one line, `body` plain text."""

    subject: str
    body: str


class Templates:
    """The templates of a workspace, by name and language.

    Args:
        sources: `name/language` → text whose first line is `Subject: …`.
        avoid: words the brand never uses; a rendered text that holds one is refused.
    """

    def __init__(self, sources: Mapping[str, str], avoid: Sequence[str] = ()) -> None:
        self._sources = dict(sources)
        self._avoid = [re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE) for word in avoid]
        self._environment = minijinja.Environment(
            templates=self._sources,
            debug=False,
            fuel=_FUEL,
            undefined_behavior="strict",
            auto_escape_callback=lambda _: False,
            finalizer=_refuse_none,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    @classmethod
    def read(cls, folder: Path, avoid: Sequence[str] = ()) -> Templates:
        """Read `NAME/LANGUAGE.txt` files below a folder."""
        sources = {
            f"{path.parent.name}/{path.stem}": path.read_text(encoding="utf-8") for path in folder.glob("*/*.txt")
        }
        return cls(sources, avoid)

    def languages(self, name: str) -> list[str]:
        """The languages a template is written in."""
        return sorted(key.split("/")[1] for key in self._sources if key.startswith(f"{name}/"))

    def version(self, name: str, language: str) -> str:
        """A hash of the text: a changed text is another version."""
        return stable_id(self._sources[f"{name}/{language}"])

    def render(self, name: str, language: str, slots: Mapping[str, object]) -> Words:
        """Render one template.

        Raises:
            TemplateError: the template has a fault, uses a slot that has no value, or the result would show a gap,
                a raw token or a word the brand avoids.
        """
        key = f"{name}/{language}"
        where = f"templates/{key}.txt"
        if key not in self._sources:
            raise TemplateError("this template is missing", where=where, remedy="write it, or change the campaign")
        try:
            text = self._environment.render_template(key, **slots)
        except minijinja.TemplateError as error:
            line = f":{error.line}" if error.line else ""
            raise TemplateError(
                f"cannot be rendered: {error.message}",
                where=where + line,
                remedy="ask with {% if slot %} whether a slot has a value; known: " + ", ".join(sorted(slots)),
            ) from error
        except ValueError as error:
            raise TemplateError(str(error), where=where, remedy="ask with {% if slot %} first") from error
        return self._checked(text, where)

    def _checked(self, text: str, where: str) -> Words:
        if len(text) > _MOST_CHARACTERS:
            raise TemplateError(f"the text is longer than {_MOST_CHARACTERS} characters", where=where)
        if broken := _BROKEN.search(text):
            raise TemplateError(
                f"the text would show {text[max(0, broken.start() - 15) : broken.end() + 15]!r}",
                where=where,
                remedy="a slot was empty or a mark was not closed",
            )
        for word in self._avoid:
            if found := word.search(text):
                raise TemplateError(f"the brand avoids {found[0]!r}", where=where, remedy="say it in other words")
        first, _, rest = text.lstrip().partition("\n")
        subject = first.removeprefix(_SUBJECT).strip()
        body = re.sub(r"\n{3,}", "\n\n", rest).strip()
        if not first.startswith(_SUBJECT) or not subject or not body:
            raise TemplateError(
                "the first line must be `Subject: …`, and a text must follow", where=where, remedy="add what is missing"
            )
        return Words(subject, body)


def _refuse_none(value: object) -> object:
    # Even in strict mode the engine prints a None that was passed in.
    if value is None:
        raise ValueError("a slot that is printed has no value")
    return value
