"""No gap, raw token or fault gets past a template; each is named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocative.compose.templates import Templates
from vocative.errors import TemplateError

SLOTS: dict[str, object] = {
    "first_name": None,
    "targets": ["milk", "bread"],
    "nothing": [],
    "empty": "",
    "flag": True,
    "wrong": float("nan"),
}


def render(body: str, *, subject: str = "Hello", avoid: tuple[str, ...] = ()) -> str:
    words = Templates({"t/en": f"Subject: {subject}\n\n{body}"}, avoid).render("t", "en", SLOTS)
    return words.body


PLANTED = [
    ("{{ first_name }}", "has no value", None),
    ("Hi {{ empty }}, you", "would show", None),
    ("Hi {{ empty }}!", "would show", None),
    ("Hi {{ empty }} you", "would show", None),
    ("{{ empty }}, you there", "would show", None),
    ("only ({{ empty }}) today", "would show", None),
    ("for {{ targets }}", "is a list", None),
    ("for {{ nothing }}", "is a list", None),
    ("for {{ targets | tojson }}", "would show", None),
    ("it is {{ flag }}", "is a bool", None),
    ("it is {{ wrong }}", "would show", None),
    ("{{ first_name | upper }}", "would show", None),
    ("{{ [first_name] | join(', ') }}", "would show", None),
    ("{{ '{{ first_name }}' }}", "would show", None),
    ("Hi {first_name}", "would show", None),
    ("Hi %FNAME%", "would show", None),
    ("Hi *|FNAME|*", "would show", None),
    ("Hi [[name]]", "would show", None),
    ("undefined behaviour", "would show", None),
    ("a\x00b", "would show", None),
    ("a\u2028b", "would show", None),
    ("a\n\n{{ surname }}", "undefined value", 5),
    ("{{ targets[7] }}", "undefined value", 3),
    ("a\n{% if first_name %}", "unexpected end of input", 4),
    ("{{ a b }}", "unexpected identifier", 3),
    ("{{ targets | shout }}", "filter shout is unknown", 3),
    ("{% for i in range(9000) %}{% for j in range(9000) %}x{% endfor %}{% endfor %}", "out of fuel", 3),
    ("{% include 't/en' %}", "include", 3),
    ("{{ 'x' * 30000 }}", "longer than", None),
    ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "", 3),
]


@pytest.mark.parametrize(("body", "what", "line"), PLANTED)
def test_a_planted_failure_is_found(body: str, what: str, line: int | None) -> None:
    with pytest.raises(TemplateError) as caught:
        render(body)
    assert what in caught.value.what
    assert caught.value.where == ("templates/t/en.txt" if line is None else f"templates/t/en.txt:{line}")


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("Hello\n\nyou", "the first line must be"),
        ("Subject:\n\nyou", "the first line must be"),
        ("Subject: {{ empty }}\n\nyou", "the first line must be"),
        ("Subject: Hello\n\n{{ empty }}", "the first line must be"),
        ("Subject: Hello\n", "the first line must be"),
        ("", "the first line must be"),
        (f"Subject: {'a' * 201}\n\nyou", "the subject is longer than 200"),
        ("Subject: {{ targets[0] }}\r, you\n\nyou", "would show"),
    ],
)
def test_a_text_without_subject_or_body_is_refused(source: str, what: str) -> None:
    with pytest.raises(TemplateError, match=what):
        Templates({"t/en": source}).render("t", "en", SLOTS)


@pytest.mark.parametrize(
    ("text", "avoid", "refused"),
    [
        ("Hurry up", "hurry", True),
        ("No hurrying", "hurry", False),
        ("Your last\nchance", "last chance", True),
        ("Don’t miss it", "don't miss", True),
        ("Act now! Really", "act now!", True),
        ("100% yours", "100%", True),
        ("anything", "", False),
        ("a.b", "a+b", False),
    ],
)
def test_words_the_brand_avoids(text: str, avoid: str, refused: bool) -> None:
    if refused:
        with pytest.raises(TemplateError, match="the brand avoids"):
            render(text, avoid=(avoid,))
        with pytest.raises(TemplateError, match="the brand avoids"):
            render("body", subject=text.replace("\n", " "), avoid=(avoid,))
    else:
        assert render(text, avoid=(avoid,)) == text


def test_a_good_text_is_left_as_it_is() -> None:
    body = (
        "Hi Anna,\n\nyou have 3 (three) things; see «here» … or 50% off: {% if targets %}- {{ targets[0] }}{% endif %}."
    )
    assert render(body) == body.replace("{% if targets %}", "").replace("{{ targets[0] }}", "milk").replace(
        "{% endif %}", ""
    )
    assert render("a\n\n\n \n\nb\n\n") == "a\n\nb"


def test_what_is_missing_or_unreadable_is_named(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "en.txt").write_text("\ufeffSubject: Hi\r\n\r\nyou\r\n", encoding="utf-8", newline="")
    (tmp_path / "news" / "lv.txt").write_text("Subject: Sveiki\n\ntu", encoding="utf-8")
    templates = Templates.read(tmp_path)
    assert templates.languages("news") == ["en", "lv"]
    assert templates.languages("new") == []
    assert (templates.render("news", "en", {}).subject, templates.render("news", "en", {}).body) == ("Hi", "you")
    assert templates.version("news", "en") != templates.version("news", "lv")
    with pytest.raises(TemplateError, match=r"templates/news/pl\.txt: this template is missing"):
        templates.render("news", "pl", {})
    (tmp_path / "news" / "pl.txt").write_bytes(b"Subject: \xff\n\nty")
    with pytest.raises(TemplateError, match=r"templates/news/pl\.txt: this file is not UTF-8"):
        Templates.read(tmp_path)


@pytest.mark.parametrize(
    "borrowed",
    ["{% include 'b/en' %}", "{%- import 'b/en' as b %}", "{%from 'b/en' import x%}", "{% extends 'b/en' %}"],
)
def test_a_text_that_takes_words_from_another_is_refused_since_nobody_approved_those(borrowed: str) -> None:
    sources = {"a/en": f"Subject: Hi\n\nHello. {borrowed}", "b/en": "Subject: Half price\n\nAll of it"}
    with pytest.raises(TemplateError, match="takes words from another text") as caught:
        Templates(sources)
    assert caught.value.where == "templates/a/en.txt:3"
