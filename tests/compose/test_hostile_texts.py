"""Texts of others from end to end: whatever stands in names, things and offers, no advert of theirs is mailed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.compose.campaigns import CAMPAIGNS, DAY, NOW, decision, person, target, with_templates
from vocative.compose.messages import Composed, compose_all
from vocative.records.acting import Candidate, Offer
from vocative.trust.sayable import judge_name

LANGUAGES = ("en", "pl", "uk", "ru", "lv")
TEXT = """Subject: For you{% if first_name %}, {{ first_name }}{% endif %}: {{ targets[0] }}

{{ greeting }}

{{ listed(targets) }}{% if because[0] %} beside {{ because[0] }}{% endif %}
{% if offer and offer.name %}{{ offer.name }}{% endif %}
{% if offer and offer.code %}{{ offer.code }}{% endif %}
Look at https://shop.example/you or write to us@shop.example."""
AT = replace(
    with_templates({f"films/{language}": TEXT for language in LANGUAGES}),
    campaigns={"films": msgspec.structs.replace(CAMPAIGNS["replenish"], name="films", template="films", about="item")},
)

PIECES = st.sampled_from(
    ["http://", "https://", "evil", "evil.example/win", ".com", ".", "@", "www.",
     "<b>", "</b>", "<script>", '=HYPERLINK("', '")', "Ltd",
     "SIA", "Mrs ", "J.", "Anna", "Ольга", "\u202e", "\n", "\r\nBcc: a@b.c", "&lt;", "{{", "}}", "%7*7", "JÃ¢nis",
     " (nowa)", " ", "-", "'",
     "mailto:", "javascript:", "+371 20000000", "\u3002com", "xn--e1a", "\u200b", "\x00", "🎁", "сайт.рф", "win",
     "casino", "fuck"],
)  # fmt: skip
HOSTILE = st.one_of(st.lists(PIECES, max_size=6).map("".join), st.text(max_size=40))
ADVERT = re.compile(
    r"evil\.(?:com|example)\b|\w://(?!shop\.example/you)\S|\w@(?!shop\.example)\w+\.\w|(?<!\w)www\.\w|[<>]|=\s*\w+\(|\w\.com\b|\w\u3002com\b|\w\.рф\b|\w\.xn--e1a"
    r"|javascript:\w|mailto:\w|\+371|Ã¢|\{\{|\}\}",
    re.IGNORECASE,
)


def wrote(language: str, name: str | None, label: str, because: str, offer: Offer | None) -> Composed:
    things = (target("f1", because="f2"),)
    made = Candidate(campaign="films", channel="email", personalized=True, targets=things, offer=offer)
    who = {"p0": person(0, name, None, language)}
    return compose_all(AT, [decision(0, made)], who, "run", NOW, {"f1": label, "f2": because})


@given(st.sampled_from(LANGUAGES), HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_hostile_text_reaches_a_mail(
    language: str, name: str, label: str, because: str, offer_name: str, code: str
) -> None:
    offer = Offer(offer_id="o", name=offer_name, code=code, discount=5.0, unit="percent", ends_at=NOW + DAY)
    for one in (offer, None):
        for row in wrote(language, name, label, because, one).rows:
            text = f"{row['subject']}\n{str(row['body_text']).partition(chr(10) + '-- ' + chr(10))[0]}"
            assert ADVERT.search(text) is None
            assert not any(
                unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co") for sign in text if sign not in "\n\u200c\u200d"
            )
            assert len(str(row["subject"]).splitlines()) == 1


@given(st.sampled_from(LANGUAGES), HOSTILE)
def test_whatever_the_name_the_mail_goes(language: str, name: str) -> None:
    composed = wrote(language, name, "Blade Runner 2049", "", None)
    assert composed.failed == {}
    subject = composed.rows[0]["subject"]
    said = judge_name(name).said
    assert (subject == "For you: Blade Runner 2049") if said is None else str(subject).startswith("For you")


@pytest.mark.parametrize(
    "name",
    ["http://evil.example/win", '=HYPERLINK("http://evil.example")', "<b>Bob</b>", "Berzina, Anna",
     'SIA "Rīgas maiznieks"', "JÃ¢nis",
     "Smith & Sons Ltd", "Mrs Freddie", "Mrs Jürgen", "J.", "Kasia (nowa)", "Acme Ltd"],
)  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_names_as_they_were_found_in_real_lists_are_not_said(language: str, name: str) -> None:
    [row] = wrote(language, name, "Milk", "", None).rows
    [nameless] = wrote(language, None, "Milk", "", None).rows
    assert row["body_text"] == nameless["body_text"]
    assert row["subject"] == nameless["subject"] == "For you: Milk"


def test_a_thing_or_a_code_that_may_not_be_said_costs_that_message_and_says_so() -> None:
    assert "no words for 'f1'" in wrote("en", "Anna", "Win at evil.example", "", None).failed["d0"]
    coded = Offer(offer_id="o", code="http://evil.example")
    assert "the code of the offer cannot be said" in wrote("en", "Anna", "Milk", "", coded).failed["d0"]
    named = Offer(offer_id="o", name="Sale at evil.example", code="SAVE20")
    [row] = wrote("en", "Anna", "Milk", "Free at evil.example", named).rows
    assert "SAVE20" in str(row["body_text"])
    assert "evil" not in str(row["body_text"]) + str(row["body_html"])
