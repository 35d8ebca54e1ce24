"""Messages as people get them: escaped, in their language, with a reason and a way out; one fault costs one person."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.decide.builders import NOW, campaign, personal, recipient, settings, target
from vocative.compose.layout import Line, to_html
from vocative.compose.messages import CompositionInputs, check_templates, compose_all
from vocative.compose.templates import Templates
from vocative.errors import TemplateError
from vocative.records.acting import Candidate, Decision, Outcome, Recipient, Target
from vocative.records.settings import Brand, Campaign, Wording
from vocative.trust.claims import PREDICATES

GREETING = "{% if first_name %}Hi {{ first_name }},{% else %}Hello,{% endif %}\n\n"
SOURCES = {
    "news/en": "Subject: News{% if first_name %} for {{ first_name }}{% endif %}\n\n" + GREETING
    + "some news.\n\n{{ signature }}",
    "news/lv": "Subject: Ziņas\n\n{% if first_name %}Sveiki, {{ first_name }}!{% else %}Sveiki!{% endif %}\n\nJaunumi.",
    "replenish/en": "Subject: Your {{ targets[0] }}\n\n" + GREETING
    + "{% for target in targets %}- {{ target }} ({{ pauses[loop.index0] }})\n{% endfor %}",
}  # fmt: skip
WORDS = {"en": {"Milk": "milk", "Bread": "bread & <rolls>"}, "lv": {"Milk": "piens"}}
BUSINESS: Mapping[str, object] = {"languages": ["en", "lv"]}
CAMPAIGNS = (campaign("news"), personal("replenish"), campaign("recall", message_class="service", template="news"))


def studio(**tables: Mapping[str, object]) -> CompositionInputs:
    return CompositionInputs(
        settings=settings(**{"business": BUSINESS, **tables}),
        brand=Brand(signature="Your shop"),
        campaigns={one.name: one for one in CAMPAIGNS},
        templates=Templates(SOURCES),
        wordings={language: Wording(category=dict(words)) for language, words in WORDS.items()},
    )


def decision(
    person: str = "p", name: str = "news", targets: tuple[Target, ...] = (), outcome: Outcome = "contact"
) -> Decision:
    return Decision(
        decision_id=f"d-{person}",
        person_id=person,
        moment=NOW,
        outcome=outcome,
        reason=name,
        propensity=1.0,
        relationship="regular",
        chosen=Candidate(
            campaign=name,
            channel="email",
            personalized=bool(targets),
            targets=targets,
            send_at=NOW,
            local_day=1,
            claims=tuple(PREDICATES),
        ),
    )


def message(who: Recipient, made: Decision | None = None, at: CompositionInputs | None = None) -> dict[str, str]:
    composed = compose_all(at or studio(), [made or decision()], {"p": who}, "run", NOW)
    assert composed.failed == {}
    return {name: str(value) for name, value in composed.rows[0].items()}


class Reader(HTMLParser):
    """What a browser would see: tags and visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


PLAIN_TAGS = Reader(message(recipient(first_name="Anna"))["body_html"]).tags


@example("none")
@given(st.text(min_size=1, max_size=30))
def test_whatever_a_name_holds_the_page_has_the_same_tags(name: str) -> None:
    row = message(recipient(first_name=name))
    page = Reader(row["body_html"])
    assert page.tags == PLAIN_TAGS
    assert len(row["subject"].splitlines()) == 1
    assert row["body_text"].startswith(("Hi ", "Hello,"))


@pytest.mark.parametrize("name", ["<b>Anna</b>", "<script>alert(1)</script>", 'A" onload="x', "Tom & Ann"])
def test_markup_in_a_name_is_not_said(name: str) -> None:
    row = message(recipient(first_name=name))
    assert row["subject"] == "News"
    assert row["body_text"].startswith("Hello,")
    assert Reader(row["body_html"]).tags == PLAIN_TAGS


def test_markup_in_the_words_for_a_target_is_text() -> None:
    row = message(recipient(), decision(name="replenish", targets=(target("Milk"), target("Bread"))))
    assert row["subject"] == "Your milk"
    assert "- milk (about once a week)\n- bread & <rolls> (about once a week)" in row["body_text"]
    page = Reader(row["body_html"])
    assert page.tags.count("li") == 2
    assert "bread & <rolls>" in page.text
    assert "rolls" not in page.tags


@pytest.mark.parametrize("name", ["Anna\nBcc: all@example.com", "Anna\r\nX: y", "A\u2028B", "A\x0bB"])
def test_no_line_break_gets_into_a_subject(name: str) -> None:
    row = message(recipient(first_name=name))
    assert row["subject"] == "News"
    assert row["body_text"].startswith("Hello,")


@pytest.mark.parametrize("made", [decision(), decision(name="replenish", targets=(target(),)), decision(name="recall")])
@pytest.mark.parametrize("invented", [[], ["names"]])
def test_every_message_says_why_how_to_stop_and_what_is_invented(made: Decision, invented: list[str]) -> None:
    at = studio(
        business={"languages": ["en", "lv"], "invented": invented},
        sender={"name": "Shop", "email": "a@b.lv", "address": "1 Main <St>"},
    )
    row = message(recipient(), made, at)
    for seen in (row["body_text"], Reader(row["body_html"]).text):
        assert "Why this message:" in seen
        assert "“stop”" in seen
        assert "Shop, 1 Main <St>" in seen
        assert ("are invented" in seen) == bool(invented)
    why = {"news": "uses no profile", "replenish": "you allowed us", "recall": "you ordered"}[made.reason]
    assert why in row["body_text"]
    assert ('class="invented"' in row["body_html"]) == bool(invented)


@pytest.mark.parametrize(
    ("language", "name", "written"),
    [
        ("lv", "news", "lv"),
        ("lv-LV", "news", "lv"),
        ("en-GB", "news", "en"),
        ("pl", "news", "en"),
        (None, "news", "en"),
        ("lv", "replenish", "en"),
    ],
)
def test_a_language_that_is_not_written_falls_back(language: str | None, name: str, written: str) -> None:
    made = decision(name=name, targets=(target(),) if name == "replenish" else ())
    row = message(recipient(language=language), made)
    assert row["language"] == written
    assert f'<html lang="{written}">' in row["body_html"]
    assert row["template_hash"] == studio().templates.version(name, written)


def test_a_language_without_words_for_the_targets_falls_back() -> None:
    base = studio()
    at = CompositionInputs(
        settings=base.settings,
        brand=base.brand,
        campaigns=base.campaigns,
        templates=Templates({**SOURCES, "replenish/lv": "Subject: Jums\n\n{{ targets[0] }}"}),
        wordings={"en": base.wordings["en"]},
    )
    row = message(recipient(language="lv"), decision(name="replenish", targets=(target(),)), at)
    assert (row["language"], row["subject"]) == ("en", "Your milk")


def test_only_decisions_to_contact_are_written() -> None:
    silent = [decision(outcome="silence"), decision(outcome="control")]
    assert compose_all(studio(), silent, {"p": recipient()}, "run", NOW).rows == []


def test_one_fault_costs_one_person() -> None:
    people = {person: recipient(person) for person in "abcde"}
    people["c"] = recipient("c", addresses={})
    made = [
        decision("a"),
        decision("b", "replenish", (target("Wine"),)),
        decision("c"),
        decision("gone"),
        decision("d", "abolished"),
        decision("e", "replenish", (target(),)),
    ]
    composed = compose_all(studio(), made, people, "run", NOW)
    assert [row["person_id"] for row in composed.rows] == ["a", "e"]
    assert set(composed.failed) == {"d-b", "d-c", "d-gone", "d-d"}
    assert "no words for 'Wine'" in composed.failed["d-b"]
    assert "no usable address" in composed.failed["d-c"]
    assert "no usable address" in composed.failed["d-gone"]
    assert "no longer there" in composed.failed["d-d"]


def test_rows_carry_what_the_table_asks_for() -> None:
    row = message(recipient())
    again = message(recipient())
    assert row == again
    assert (row["decision_id"], row["run_id"], row["moment"], row["address"]) == (
        "d-p",
        "run",
        str(NOW),
        "p@example.com",
    )


def checked(sources: dict[str, str], made: Campaign) -> None:
    base = studio()
    check_templates(
        CompositionInputs(
            settings=base.settings, brand=base.brand, campaigns={made.name: made},
            templates=Templates(sources), wordings=base.wordings,
        )
    )  # fmt: skip


def test_faults_are_found_before_anybody_is_written_to() -> None:
    check_templates(studio())
    with pytest.raises(TemplateError, match="no text in 'en'"):
        checked({"news/lv": SOURCES["news/lv"]}, campaign("news"))
    with pytest.raises(TemplateError, match=r"templates/news/en\.txt: .*no value"):
        checked({"news/en": "Subject: a\n\nHi {{ first_name }},"}, campaign("news"))
    with pytest.raises(TemplateError, match=r"templates/news/lv\.txt:3: .*undefined"):
        checked({**SOURCES, "news/lv": "Subject: a\n\n{{ nobody }}"}, campaign("news"))
    with pytest.raises(TemplateError, match="undefined"):
        checked({"replenish/en": "Subject: a\n\n{{ targets[0] }} and {{ targets[1] }}"}, personal("replenish"))


def test_the_layout_parts_paragraphs_and_lists() -> None:
    page = to_html("S", "a\nb\n\n- c\n- d\n\ne\n- f", [Line("g")], sender="Shop & Co", language="en")
    assert "<p>a<br>b</p>" in page
    assert "<li>c</li>\n<li>d</li>" in page
    assert "<p>e<br>- f</p>" in page
    assert "Shop &amp; Co" in page
