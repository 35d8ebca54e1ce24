"""Of ten thousand messages none holds what a reader must not see; what is planted is found, each sort of it."""

from __future__ import annotations

import re
from collections import Counter
from typing import get_args

import pytest

from tests.compose.campaigns import (
    CAMPAIGNS,
    LANGUAGES,
    NOW,
    crowd,
    decision,
    person,
    studio,
    target,
    with_templates,
)
from vocative.compose.grammar.known import language_of
from vocative.compose.grammar.language import capitalised
from vocative.compose.grounding import literal_numbers, ungrounded
from vocative.compose.messages import check_templates, compose_all
from vocative.compose.phrases import Register
from vocative.compose.scanning import AvoidedWords, Context, Kind, TextFinding, broken_place, scan
from vocative.compose.slots import gender_of
from vocative.compose.templates import TemplateWords
from vocative.records.acting import Candidate, Decision
from vocative.trust.sayable import sayable_name

EACH = 5_000


@pytest.mark.parametrize("register", get_args(Register))
def test_none_of_ten_thousand_messages_holds_a_finding(register: Register) -> None:
    decisions, people = crowd(EACH, seed=len(register))
    composed = compose_all(studio(register), decisions, people, "run", NOW)
    assert composed.failed == {}
    assert len(composed.rows) == EACH
    seen: Counter[str] = Counter()
    for row in composed.rows:
        who = people[str(row["person_id"])]
        said = sayable_name(who.first_name)
        name = capitalised(said) if said else None
        language = str(row["language"])
        called = language_of(language).vocative(name, gender_of(who.gender)) if name else None
        body = str(row["body_text"]).partition("\n\n-- \n")[0]
        context = Context(language, frozenset(filter(None, (name, called))), numbers_of(decisions, row), frozenset())
        assert scan(TemplateWords(str(row["subject"]), body), context) == []
        # The footer holds an address and links, so only gaps are looked for in it.
        assert broken_place(str(row["body_text"])) is None
        assert "None" not in str(row["body_html"])
        seen[language] += 1
        seen["named"] += called is not None and called in body.partition("\n")[0]
    assert set(LANGUAGES) <= set(seen)
    assert EACH * 0.5 < seen["named"] < EACH * 0.9


def numbers_of(decisions: list[Decision], row: dict[str, str | int]) -> list[str]:
    """The numbers a message may hold, found without the composer: by what was decided."""
    chosen = decisions[int(str(row["person_id"])[1:])].chosen
    assert chosen is not None
    facts: list[str] = ["R2D2"]
    for value in chosen.numbers.values():
        facts += [spelled for mark in ".," for spelled in spellings(value, mark)]
    if chosen.offer is not None:
        facts += [chosen.offer.code, *(month_day(str(row["language"]), chosen.offer.ends_at, row))]
        if chosen.offer.discount is not None:
            facts += [spelled for mark in ".," for spelled in spellings(chosen.offer.discount, mark)]
    return facts


def spellings(value: float, mark: str) -> list[str]:
    plain = f"{value:.2f}".removesuffix(".00") if value.is_integer() else f"{value:.2f}"
    short = f"{value:g}"
    bare = [text.replace(".", mark) for text in (plain, short)]
    around = (("", ""), ("$", ""), ("", "\u00a0$"), ("", "\u00a0USD"), ("", "%"), ("", "\u00a0%"))
    return [f"{before}{text}{after}" for text in bare for before, after in around]


def month_day(language: str, ends_at: int | None, row: dict[str, str | int]) -> list[str]:
    if ends_at is None:
        return []
    # The first end is 10 December, the second 10 January, in every zone that is drawn.
    december = ends_at < NOW + 20 * 86_400_000_000
    months = {
        "en": ("December 10", "January 10"),
        "pl": ("10 grudnia", "10 stycznia"),
        "uk": ("10 грудня", "10 січня"),
        "ru": ("10 декабря", "10 января"),
        "lv": ("10. decembrim", "10. janvārim"),
    }
    return [months[language][0 if december else 1]]


PLANTED: list[tuple[Kind, str, str]] = [
    ("gap", "en", "Hi Emma,\n\nsee you , soon"),
    ("gap", "en", "Hi Emma,\n\nsee you at ()"),
    ("gap", "pl", "Cześć, !"),
    ("gap", "en", "Hi Emma,\n\nfor {{ first_name }}"),
    ("gap", "ru", "Привет, Emma!\n\nвам None"),
    ("number", "en", "Hi Emma,\n\nyou came by 9 times"),
    ("number", "en", "Hi Emma,\n\nyou saved $8"),
    ("number", "en", "Hi Emma,\n\nit is 8% off"),
    ("number", "en", "Hi Emma,\n\nuntil December 25"),
    ("number", "lv", "Sveiki, Emma!\n\nlīdz 25. decembrim"),
    ("number", "pl", "Cześć, Emma!\n\n1234,50 zł taniej"),
    ("precision", "en", "Hi Emma,\n\nyou look in at 23:07"),
    ("precision", "en", "Hi Emma,\n\nyou look in at 11 pm"),
    ("precision", "en", "Hi Emma,\n\nyour last visit was 8 days ago"),
    ("precision", "en", "Hi Emma,\n\nyou buy milk every 7.2 days"),
    ("precision", "pl", "Cześć, Emma!\n\nostatnio 8 dni temu"),
    ("precision", "uk", "Привіт, Emma!\n\nвостаннє 8 днів тому"),
    ("precision", "ru", "Привет, Emma!\n\nв последний раз 8 дней назад"),
    ("precision", "lv", "Sveiki, Emma!\n\npēdējoreiz pirms 8 dienām"),
    ("sensitive", "en", "Hi Emma,\n\nnow that you are pregnant"),
    ("sensitive", "en", "Hi Emma,\n\nhelp with your Debts"),
    ("sensitive", "pl", "Cześć, Emma!\n\ndla kobiet w ciąży"),
    ("sensitive", "uk", "Привіт, Emma!\n\nдля вагітних"),
    ("sensitive", "ru", "Привет, Emma!\n\nпри диабете"),
    ("sensitive", "lv", "Sveiki, Emma!\n\ndiabētam"),
    ("urgency", "en", "Hi Emma,\n\nHurry, it is your last\nchance"),
    ("urgency", "en", "Hi Emma,\n\nDon’t miss it"),
    ("urgency", "pl", "Cześć, Emma!\n\nTylko dziś"),
    ("urgency", "uk", "Привіт, Emma!\n\nОстанній шанс"),
    ("urgency", "ru", "Привет, Emma!\n\nУспейте, только сегодня"),
    ("urgency", "lv", "Sveiki, Emma!\n\nPēdējā iespēja"),
    ("address", "en", "Hi Emma,\n\nmore at win.evil.example/now"),
    ("address", "pl", "Cześć, Emma!\n\nwejdź na https://evil.example"),
    ("address", "ru", "Привет, Emma!\n\nзвоните: +371 20 000 000"),
    ("name", "en", "Hi Olivia,\n\nmilk"),
    ("name", "pl", "Cześć, Olu!\n\nmleko"),
    ("name", "pl", "Dzień dobry, Pani Olu!\n\nmleko"),
    ("name", "uk", "Добрий день, Олено!\n\nмолоко"),
    ("name", "ru", "Здравствуйте, Ольга!\n\nмолоко"),
    ("name", "lv", "Sveiks, Jāni!\n\npiens"),
]


@pytest.mark.parametrize(("kind", "language", "body"), PLANTED)
def test_a_planted_failure_is_found(kind: Kind, language: str, body: str) -> None:
    facts = ["8", "December 24", "24. decembrim", "234,50\u00a0zł"]
    found = scan(TemplateWords("For you", body), Context(language, frozenset({"Emma"}), facts))
    assert kind in {finding.kind for finding in found}
    if kind not in ("number", "precision", "gap", "address"):
        assert {finding.kind for finding in found} == {kind}


def test_every_sort_is_planted() -> None:
    assert {kind for kind, _, _ in PLANTED} == set(get_args(Kind))


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("en", "Hi Emma,\n\n8 visits until December 24. We are open until 22:00."),
        ("en", "Dear customer,\n\nhello"),
        ("en", "Hello,\n\nthat is all"),
        ("pl", "Dzień dobry, Pani Emma!\n\nDługi weekend, bez pośpiechu"),
        ("ru", "Здравствуйте!\n\nДолго ли, коротко ли, в зависимости от погоды; никакой спешки"),
        ("lv", "Sveiki!\n\nParādīsim, nekur nav jāskrien"),
        ("uk", "Добрий день, Emma!\n\nВільного часу, без поспіху"),
    ],
)
def test_what_is_well_said_is_left_alone(language: str, body: str) -> None:
    context = Context(language, frozenset({"Emma"}), ["8", "December 24"], frozenset({"22:00"}))
    assert scan(TemplateWords("For you", body), context) == []


def test_what_belongs_to_everybody_may_be_said_to_everybody() -> None:
    words = TemplateWords("News", "Hello,\n\nadvice for pregnant women")
    assert scan(words, Context("en", personalized=False)) == []
    assert scan(words, Context("en")) == [TextFinding("sensitive", "pregnant")]


FAULTS = {
    "gap": "Hi there ,",
    "raw token": "for %NAME%",
    "wrong number": "{{ 3 * 3 }} times",
    "raw number": "{{ numbers.orders_28d / 3 }}",
    "wrong sum": "{{ money(numbers.discount_28d + 1) }}",
    "over-precise": "at {{ '23' ~ ':' ~ '07' }}",
    "sensitive": "you are {{ 'preg' ~ 'nant' }}",
    "urgency": "{{ 'Hur' ~ 'ry' }} up",
    "no such word": "{{ count(numbers.orders_28d, 'unicorn') }}",
    "no such form": "{{ listed(targets, 'ablative') }}",
    "no number": "{{ money(offer) }}",
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_in_a_template_costs_that_message_only(fault: str) -> None:
    texts = {
        "month/en": f"Subject: Yours\n\n{{{{ greeting }}}}\n\n{FAULTS[fault]}",
        "replenish/en": "Subject: Milk\n\nHello,\n\nmilk",
    }
    bad = Candidate(
        campaign="month", channel="email", personalized=True, targets=(target("FLUID MILK PRODUCTS"),),
        numbers={"orders_28d": 8.0, "discount_28d": 12.4},
    )  # fmt: skip
    good = Candidate(campaign="replenish", channel="email", personalized=True)
    people = {f"p{index}": person(index, "Emma", None, "en") for index in range(2)}
    made = [decision(0, bad), decision(1, good)]
    composed = compose_all(with_templates(texts), made, people, "run", NOW)
    assert list(composed.failed) == ["d0"]
    assert "templates/month/en.txt" in composed.failed["d0"]
    assert [row["decision_id"] for row in composed.rows] == ["d1"]


def test_a_zone_that_is_none_costs_that_person_only() -> None:
    texts = {"news/en": "Subject: News\n\nHello,\n\ntoday is {{ day(today) }}"}
    people = {
        f"p{index}": person(index, "Emma", None, "en", zone) for index, zone in enumerate(("UTC", "Mars/Olympus"))
    }
    news = Candidate(campaign="news", channel="email", personalized=False)
    composed = compose_all(with_templates(texts), [decision(index, news) for index in range(2)], people, "run", NOW)
    assert list(composed.failed) == ["d1"]


def test_a_name_in_the_template_is_not_somebody_elses() -> None:
    texts = {"news/en": "Subject: News\n\nHi Emma,\n\nnews"}
    people = {f"p{index}": person(index, name, None, "en") for index, name in enumerate(("Emma", "Olivia", None))}
    news = Candidate(campaign="news", channel="email", personalized=False)
    composed = compose_all(with_templates(texts), [decision(index, news) for index in range(3)], people, "run", NOW)
    assert set(composed.failed) == {"d1", "d2"}


@pytest.mark.parametrize(
    ("text", "facts", "wrong"),
    [
        ("8 visits", ["8"], None),
        ("18 visits", ["8"], "18"),
        ("8.5 visits", ["8"], "8.5"),
        ("8% off", ["8"], "8%"),
        ("8 % off", ["8"], "8 %"),
        ("$8 off", ["8"], "$8"),
        ("$8 off", ["$8"], None),
        ("$8.50 off", ["$8"], "$8.50"),
        ("12,40\u00a0zł", ["12,40\u00a0zł"], None),
        ("12,40\u00a0zł", ["12,40"], "12,40\u00a0zł"),
        ("until 4 December", ["24 December", "4 December"], None),
        ("until 24 December", ["4 December"], "24"),
        ("code SAVE20", ["SAVE20"], None),
        ("code SAVE21", ["SAVE20"], "21"),
        ("no number", [], None),
    ],
)
def test_a_number_is_one_of_the_facts_or_wrong(text: str, facts: list[str], wrong: str | None) -> None:
    assert ungrounded(text, facts, frozenset()) == wrong


def test_numbers_of_the_template_itself_are_its_own() -> None:
    source = "Open 8:00 to 22:00. {{ targets[3] }}{% if x > 5 %}{{ by_register('2 zł', \"3%\") }}{% endif %}{# 99 #}"
    assert literal_numbers(source) == {"8:00", "22:00", "2 zł", "3%"}
    assert ungrounded("Until 22:00", [], literal_numbers(source)) is None
    assert ungrounded("3 things", [], literal_numbers(source)) == "3"


def test_avoided_words_are_found_as_written() -> None:
    avoided = AvoidedWords(["last chance", "don't", " ", "+"])
    assert avoided.search("Your LAST\nchance") == "LAST\nchance"
    assert avoided.search("Don’t go") == "Don’t"
    assert avoided.search("lasting chances") is None
    declined = AvoidedWords(["okazj~", "скидк~", "letzt~ chance~"])
    for form in (
        "okazja",
        "Okazji",
        "okazję",
        "okazją",
        "okazjom",
        "скидка",
        "скидки",
        "скидкою",
        "СКИДКАМИ",
        "letzte\nChancen",
    ):
        assert declined.search(f"to jest {form}!") == form
    assert declined.search("okaz") is None


def test_every_text_of_the_demonstration_is_sound() -> None:
    for register in (None, *get_args(Register)):
        check_templates(studio(register))
    for campaign in CAMPAIGNS:
        assert studio().templates.languages(campaign) == sorted(LANGUAGES)
    words = [wording.category for wording in studio().wordings.values()]
    assert all(set(one) == set(words[0]) for one in words)
    assert all(re.search(r"\d", str(word)) is None for one in words for word in one.values())
