"""Safe templates: business text with named slots, rendered strictly, so that no gap or raw token gets through."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import minijinja

from vocative.compose.grounding import literal_numbers
from vocative.compose.scanning import AvoidedWords, broken_place
from vocative.compose.voice import Voice, functions_of
from vocative.errors import TemplateError, UserError
from vocative.stats.hashing import stable_id
from vocative.trust.sayable import addresses_in

_FUEL = 50_000
_MOST_CHARACTERS = 20_000
_SUBJECT = "Subject:"
_MOST_IN_SUBJECT = 200
_BLANK_LINES = re.compile(r"\n\s*\n")
# Whoever approves a text approves all of it: it may not change with another file.
_BORROWING = re.compile(r"\{%[-+]?\s*(include|import|from|extends)\b")


@dataclass(frozen=True, slots=True)
class TemplateWords:
    """A rendered text: `subject` is one line, `body` plain text."""

    subject: str
    body: str


class Templates:
    """The templates of a workspace, by name and language.

    Args:
        sources: `name/language` → text whose first line is `Subject: …`.
        avoid: words the brand never uses; a rendered text that holds one is refused.

    Raises:
        TemplateError: a text is no valid template; with file and line.
    """

    def __init__(self, sources: Mapping[str, str], avoid: Sequence[str] = ()) -> None:
        self._sources = dict(sources)
        self._avoid = AvoidedWords(avoid)
        self._environments: dict[Voice, minijinja.Environment] = {}
        self._languages: dict[str, list[str]] = {}
        for key in sorted(self._sources):
            name, _, language = key.partition("/")
            self._languages.setdefault(name, []).append(language)
        self._versions = {key: stable_id(source) for key, source in self._sources.items()}
        self._literals = {key: literal_numbers(source) for key, source in self._sources.items()}
        self._addresses = {key: _own_addresses(source) for key, source in self._sources.items()}
        checking = _environment(Voice(""))
        for key, source in self._sources.items():
            if (borrowed := _BORROWING.search(source)) is not None:
                raise TemplateError(
                    f"{{% {borrowed[1]} %}} takes words from another text",
                    where=f"templates/{key}.txt:{source.count(chr(10), 0, borrowed.start()) + 1}",
                    remedy="write the whole text in one file, so that who approves it sees all of it",
                )
            try:
                checking.add_template(key, source)
            except minijinja.TemplateError as error:
                raise TemplateError(
                    f"this is no valid template: {_first_line(error)}",
                    where=_place(key, error),
                    remedy="close every {{ … }} and {% … %}, and end every {% if … %} with {% endif %}",
                ) from error

    @classmethod
    def read(cls, folder: Path, avoid: Sequence[str] = ()) -> Templates:
        """Read `NAME/LANGUAGE.txt` files below a folder.

        Raises:
            TemplateError: a text is not UTF-8, or no valid template.
        """
        return cls({f"{path.parent.name}/{path.stem}": _text(path) for path in sorted(folder.glob("*/*.txt"))}, avoid)

    def languages(self, name: str) -> list[str]:
        """The languages a template is written in."""
        return self._languages.get(name, [])

    def source(self, name: str, language: str) -> str:
        """The text as the business wrote it."""
        return self._sources[f"{name}/{language}"]

    def version(self, name: str, language: str) -> str:
        """A hash of the text: a changed text is another version."""
        return self._versions[f"{name}/{language}"]

    def literals(self, name: str, language: str) -> frozenset[str]:
        """The numbers that stand in the text itself."""
        return self._literals[f"{name}/{language}"]

    def addresses(self, name: str, language: str) -> frozenset[str]:
        """The beginnings of the pages, hosts and mailboxes that the text itself names."""
        return self._addresses[f"{name}/{language}"]

    def render(
        self, name: str, language: str, slots: Mapping[str, object], voice: Voice | None = None
    ) -> TemplateWords:
        """Render one template; without a voice the text is formal and no gender is known.

        Raises:
            TemplateError: the template has a fault, uses a slot that has no value, or the result would show a gap,
                a raw token or a word the brand avoids.
        """
        key = f"{name}/{language}"
        where = f"templates/{key}.txt"
        if key not in self._sources:
            raise TemplateError("this template is missing", where=where, remedy="write it, or change the campaign")
        try:
            text = self._speaking(voice or Voice(language), language).render_template(key, **slots)
        except minijinja.TemplateError as error:
            raise TemplateError(
                f"cannot be rendered: {_first_line(error)}",
                where=_place(key, error),
                remedy="ask with {% if slot %} whether a slot has a value; known: " + ", ".join(sorted(slots)),
            ) from error
        except UserError as error:
            raise TemplateError(error.what, where=where, remedy=error.remedy) from error
        except (ValueError, TypeError) as error:
            raise TemplateError(str(error), where=where, remedy="ask with {% if slot %} first") from error
        return self._checked(text, where)

    def _speaking(self, voice: Voice, language: str) -> minijinja.Environment:
        """An environment that speaks in this voice, with the texts of one language."""
        known = self._environments.get(voice)
        if known is None:
            known = self._environments[voice] = _environment(voice)
            for key, source in self._sources.items():
                if key.endswith(f"/{language}"):
                    known.add_template(key, source)
        return known

    def _checked(self, text: str, where: str) -> TemplateWords:
        if len(text) > _MOST_CHARACTERS:
            raise TemplateError(f"the text is longer than {_MOST_CHARACTERS} characters", where=where)
        if (broken := broken_place(text)) is not None:
            raise TemplateError(
                f"the text would show {broken!r}", where=where, remedy="a slot was empty or a mark was not closed"
            )
        if (avoided := self._avoid.search(text)) is not None:
            raise TemplateError(f"the brand avoids {avoided!r}", where=where, remedy="say it in other words")
        first, _, rest = text.lstrip().partition("\n")
        subject = first.removeprefix(_SUBJECT).strip()
        if len(subject) > _MOST_IN_SUBJECT:
            raise TemplateError(f"the subject is longer than {_MOST_IN_SUBJECT} characters", where=where)
        body = _BLANK_LINES.sub("\n\n", rest).strip()
        if not first.startswith(_SUBJECT) or not subject or not body:
            raise TemplateError(
                "the first line must be `Subject: …`, and a text must follow", where=where, remedy="add what is missing"
            )
        return TemplateWords(subject, body)


def _environment(voice: Voice) -> minijinja.Environment:
    made = minijinja.Environment(
        debug=False,
        fuel=_FUEL,
        undefined_behavior="strict",
        auto_escape_callback=lambda _: False,
        finalizer=_refuse_what_is_no_text,
    )
    for name, function in functions_of(voice).items():
        made.add_global(name, function)
    return made


def _refuse_what_is_no_text(value: object) -> object:
    # Even in strict mode the engine prints a None that was passed in, and lists as a program writes them.
    if isinstance(value, Mapping) and "nominative" in value:
        value = value["nominative"]
    if value is None:
        raise ValueError("a slot that is printed has no value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"what is printed is a {type(value).__name__}, not a text")
    return value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError(
            f"this file is not UTF-8 (byte {error.start})",
            where=f"templates/{path.parent.name}/{path.name}",
            remedy="save it as UTF-8",
        ) from error


def _own_addresses(source: str) -> frozenset[str]:
    """The addresses in a text, each up to the first slot in it."""
    return frozenset(one.partition("{")[0] for one in addresses_in(source) if not one.startswith("{"))


def _place(key: str, error: minijinja.TemplateError) -> str:
    return f"templates/{key}.txt" + (f":{error.line}" if error.line else "")


def _first_line(error: minijinja.TemplateError) -> str:
    return error.message.partition("\n")[0].rpartition(" (in ")[0] or error.message
