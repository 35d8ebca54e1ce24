"""Each language writes money, days and counted things its own way, in both registers and for every gender."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import get_args

import msgspec
import pytest

from tests.compose.campaigns import CAMPAIGNS, DAY, LANGUAGES, NOW, decision, person, studio, target, with_templates
from vocative.compose.checking import check_templates
from vocative.compose.formats import day, locale_of, money, number, percent, plural_category, until
from vocative.compose.messages import Studio, compose_all
from vocative.compose.phrases import Phrases, Reason, Register, phrases_of
from vocative.compose.voice import counted, joined
from vocative.compose.watching import watch_of
from vocative.errors import TemplateError
from vocative.records.acting import Candidate, Offer
from vocative.records.settings import WordForms, Wording
from vocative.trust.links import read_link
from vocative.trust.saying import Pause
from vocative.trust.secret_key import SecretKey

MILK = "FLUID MILK PRODUCTS"
EGGS = "EGGS"


def wrote(candidate: Candidate, language: str, at: Studio, name: str | None = None, gender: str | None = None) -> str:
    """Subject and text of one message, without its footer."""
    return whole(candidate, language, at, name, gender).partition("\n\n-- \n")[0]


def whole(candidate: Candidate, language: str, at: Studio, name: str | None = None, gender: str | None = None) -> str:
    people = {"p0": person(0, name, gender, language, "UTC")}
    composed = compose_all(at, [decision(0, candidate)], people, "run", NOW)
    assert composed.failed == {}
    row = composed.rows[0]
    assert row["language"] == language
    return f"{row['subject']}\n\n{row['body_text']}"


def replenish(*categories: str) -> Candidate:
    targets = tuple(target(category) for category in categories)
    return Candidate(campaign="replenish", channel="email", personalized=True, targets=targets)


@pytest.mark.parametrize(
    ("language", "name", "gender", "hello", "buys"),
    [
        ("pl", "Agnieszka", "female", "Dzień dobry, Pani Agnieszko!", "Zwykle kupuje Pani mleko"),
        ("pl", "Marek", "male", "Dzień dobry, Panie Marku!", "Zwykle kupuje Pan mleko"),
        ("pl", "Agnieszka", None, "Dzień dobry!", "Zwykle kupują Państwo mleko"),
        ("uk", "Ігор", "male", "Добрий день, Ігорю!", "Зазвичай Ви купуєте молоко"),
        ("uk", None, None, "Добрий день!", "Зазвичай Ви купуєте молоко"),
        ("ru", "Ольга", "female", "Здравствуйте, Ольга!", "Обычно Вы покупаете молоко"),
        ("lv", "Jānis", "male", "Labdien, Jāni!", "Parasti Jūs pērkat pienu"),
        ("en", "Emma", "female", "Dear Emma,", "You usually pick up milk"),
    ],
)
def test_formal_address(language: str, name: str | None, gender: str | None, hello: str, buys: str) -> None:
    text = wrote(replenish(MILK), language, studio("formal"), name, gender)
    assert f"\n\n{hello}\n\n{buys}" in text


@pytest.mark.parametrize(
    ("language", "name", "gender", "hello", "buys"),
    [
        ("pl", "Kasia", None, "Cześć, Kasiu!", "Zwykle kupujesz mleko"),
        ("pl", "Noah", None, "Cześć!", "Zwykle kupujesz mleko"),
        ("uk", "Олег", None, "Привіт, Олеже!", "Зазвичай ти купуєш молоко"),
        ("ru", "Саша", None, "Привет, Саша!", "Обычно ты покупаешь молоко"),
        ("lv", "Ilze", "female", "Sveika, Ilze!", "Parasti tu pērc pienu"),
        ("lv", "Jānis", "male", "Sveiks, Jāni!", "Parasti tu pērc pienu"),
        ("lv", "Edgars", None, "Labdien, Edgar!", "Parasti tu pērc pienu"),
        ("en", None, None, "Hello,", "You usually pick up milk"),
    ],
)
def test_informal_address(language: str, name: str | None, gender: str | None, hello: str, buys: str) -> None:
    text = wrote(replenish(MILK), language, studio("informal"), name, gender)
    assert f"\n\n{hello}\n\n{buys}" in text


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("pl", "Kończy się mleko?", "Kończą się jajka?"),
        ("uk", "Закінчується молоко?", "Закінчуються яйця?"),
        ("ru", "Заканчивается молоко?", "Заканчиваются яйца?"),
        ("lv", "Vai piens iet uz beigām?", "Vai olas iet uz beigām?"),
        ("en", "Running low on milk?", "Running low on eggs?"),
    ],
)
def test_verbs_agree_with_things_in_number(language: str, one: str, many: str) -> None:
    assert wrote(replenish(MILK), language, studio()).startswith(f"{one}\n")
    assert wrote(replenish(EGGS), language, studio()).startswith(f"{many}\n")


@pytest.mark.parametrize(
    ("language", "days", "off"),
    [
        ("en", "through December 10.", "20% off milk"),
        ("pl", "do 10 grudnia.", "20% taniej: mleko"),
        ("uk", "до 10 грудня.", "Знижка 20%: молоко"),
        ("ru", "до 10 декабря.", "Скидка 20\u00a0%: молоко"),
        ("lv", "līdz 10. decembrim.", "Atlaide 20%: piens"),
    ],
)
def test_an_offer_is_said_as_far_as_it_is_known(language: str, days: str, off: str) -> None:
    targets = (target(MILK, module="next_items", days=None),)
    coupon = Candidate(campaign="coupon", channel="email", personalized=True, targets=targets)
    known = Offer(offer_id="o", discount=20.0, unit="percent", ends_at=NOW + 9 * DAY, code="SAVE20")
    at = studio("informal")
    text = wrote(msgspec.structs.replace(coupon, offer=known), language, at)
    assert text.startswith(f"{off}\n")
    assert days in text
    assert "SAVE20" in text
    bare = wrote(msgspec.structs.replace(coupon, offer=Offer(offer_id="o")), language, at)
    assert not any(sign.isdigit() for sign in bare)
    chosen_for = msgspec.structs.replace(known, personal=True)
    longer = wrote(msgspec.structs.replace(coupon, offer=chosen_for), language, at)
    assert len(longer) > len(text)
    manner = phrases_of(language).informal
    why = manner.why["offer_personal"].format(business="Journey Grocers", looking=manner.looking)
    assert why in whole(msgspec.structs.replace(coupon, offer=chosen_for), language, at)
    assert why not in whole(msgspec.structs.replace(coupon, offer=known), language, at)
    by_lot = manner.why["offer_drawn"].format(business="Journey Grocers", looking=manner.looking)
    assert by_lot in whole(
        msgspec.structs.replace(coupon, offer=msgspec.structs.replace(known, drawn=True)), language, at
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "21 visits, and $1,234.50 saved"),
        ("pl", "21 wizyt, a na zakupach zaoszczędzone 1\u00a0234,50\u00a0USD."),
        ("uk", "21 відвідування і 1\u00a0234,50\u00a0USD заощаджено"),
        ("ru", "21 посещение и 1\u00a0234,50\u00a0$ сэкономлено"),
        ("lv", "21 apmeklējums un 1\u00a0234,50\u00a0$ ietaupījums pirkumos."),
    ],
)
def test_numbers_are_told_as_the_language_writes_them(language: str, said: str) -> None:
    numbers = {"orders_28d": 21.0, "discount_28d": 1234.5}
    month = Candidate(campaign="month", channel="email", personalized=True, numbers=numbers)
    assert said in wrote(month, language, studio())


def test_a_new_thing_follows_from_another_where_that_has_words() -> None:
    def text(because: str) -> str:
        targets = (target("COFFEE", module="next_items", days=None, because=because),)
        made = Candidate(campaign="discover", channel="email", personalized=True, targets=targets)
        return wrote(made, "pl", studio("informal"))

    assert "Często kupujesz mleko. Osoby, które kupują to samo, chętnie sięgają też po kawę." in text(MILK)
    assert (
        "Osoby, które robią podobne zakupy, chętnie sięgają po kawę." in text("") == text("unknown") == text("COFFEE")
    )


def test_items_are_called_as_in_the_catalogue() -> None:
    films = msgspec.structs.replace(CAMPAIGNS["replenish"], name="films", about="item")
    at = replace(studio("informal"), campaigns={"films": films})
    made = msgspec.structs.replace(replenish("f1", "f2"), campaign="films")
    people = {"p0": person(0, "Kasia", None, "pl")}
    labels = {"f1": "Blade Runner 2049", "f2": "Seven & Samurai"}
    composed = compose_all(at, [decision(0, made)], people, "run", NOW, labels)
    assert composed.failed == {}
    assert "- Blade Runner 2049 (" in str(composed.rows[0]["body_text"])
    assert "<li>Seven &amp; Samurai (" in str(composed.rows[0]["body_html"])
    unnamed = compose_all(at, [decision(0, made)], people, "run", NOW, {"f1": "Blade Runner 2049"})
    assert "no words for 'f2'" in unnamed.failed["d0"]


def test_a_word_without_the_form_a_text_needs_is_found_by_the_check() -> None:
    base = studio()
    for words in ("mleko", WordForms(nominative="mleko")):
        at = replace(base, wordings={**base.wordings, "pl": Wording(category={MILK: words})})
        with pytest.raises(TemplateError, match=r"templates/\w+/pl\.txt"):
            check_templates(at)
    plain = replace(base, wordings={**base.wordings, "en": Wording(category={MILK: "oat milk"})})
    check_templates(plain)


def test_links_are_signed_for_the_message_and_replies_serve_without_pages() -> None:
    people = {"p0": person(0, "Emma", None, "en")}
    row = compose_all(studio(), [decision(0, replenish(MILK))], people, "run", NOW).rows[0]
    for verb in ("why", "off"):
        link = next(word for word in str(row["body_text"]).split() if f"/m/{verb}/" in word)
        assert read_link(verb, link.rpartition("/")[2], SecretKey(b"key")) == row["message_id"]
        assert f'<a href="{link}">' in str(row["body_html"])
    silent = compose_all(studio(links=False), [decision(0, replenish(MILK))], people, "run", NOW).rows[0]
    assert "http" not in str(silent["body_text"])
    assert "Write back “stop”" in str(silent["body_text"])


@cache
def phrases(language: str) -> Phrases:
    return phrases_of(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_phrase(language: str) -> None:
    mine = phrases(language)
    assert mine.count.keys() == phrases("en").count.keys()
    assert mine.pauses.keys() == set(get_args(Pause))
    assert "{what}" in mine.invented
    for register in get_args(Register):
        manner = mine.manner(register)
        assert manner.why.keys() == set(get_args(Reason))
        assert all("{business}" in text for text in manner.why.values())
    categories = {plural_category(value, language) for value in (*range(120), 1.5)}
    for forms in mine.count.values():
        assert categories <= forms.keys() | {"other"}
        assert "other" in forms
        assert all("{n}" in form for form in forms.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_presses_or_offends(language: str) -> None:
    watch = watch_of(language)
    mine = phrases(language)
    texts = [*mine.pauses.values(), *mine.informal.why.values(), *mine.formal.why.values(), mine.informal.off]
    assert [text for text in texts if watch.urgency.search(text) or watch.sensitive.search(text)] == []


def test_an_unknown_language_is_written_as_english_and_an_unknown_thing_refused() -> None:
    assert phrases_of("de-AT") == phrases_of("en")
    assert (str(locale_of("de-AT")), str(locale_of("xx"))) == ("de_AT", "en")
    assert day(NOW, "UTC", "de") == "1. Dezember"
    with pytest.raises(TemplateError, match="no words to count 'unicorn'"):
        counted(3, "unicorn", "en")


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ("$0.50", "$2", "12.5%", "1,234.57", "December 1", "November 30")),
        ("pl", ("0,50\u00a0USD", "2\u00a0USD", "12,5%", "1\u00a0234,57", "1 grudnia", "30 listopada")),
        ("ru", ("0,50\u00a0$", "2\u00a0$", "12,5\u00a0%", "1\u00a0234,57", "1 декабря", "30 ноября")),
        ("lv", ("0,50\u00a0$", "2\u00a0$", "12,5%", "1\u00a0234,57", "1. decembris", "30. novembrim")),
    ],
)
def test_forms_of_values(language: str, written: tuple[str, ...]) -> None:
    midnight = NOW - NOW % DAY
    assert (
        money(0.5, "USD", language),
        money(2.0, "USD", language),
        percent(12.5, language),
        number(1234.567, language),
        day(NOW, "UTC", language),
        until(midnight, "UTC", language),
    ) == written


def test_a_deadline_is_told_in_the_persons_own_zone() -> None:
    ends = NOW - NOW % DAY + 3 * 3_600_000_000
    assert until(ends, "America/New_York", "en") == "November 30"
    assert until(ends, "Europe/Riga", "en") == "December 1"


def test_several_things_are_joined_as_in_speech() -> None:
    texts = {"replenish/pl": "Subject: Lista\n\nCzas na {{ listed(targets, 'accusative') }}."}
    made = replenish(MILK, "COFFEE", EGGS)
    assert "Czas na mleko, kawę i jajka." in wrote(made, "pl", with_templates(texts))
    assert joined([], "and") == ""


def test_a_day_can_be_told() -> None:
    texts = {"news/lv": "Subject: Ziņas\n\nŠodien ir {{ day(today) }}."}
    news = Candidate(campaign="news", channel="email", personalized=False)
    assert "Šodien ir 1. decembris." in wrote(news, "lv", with_templates(texts))
