"""Whatever a text says of a person is checked against what is known of them, or the text is refused: five languages."""

from __future__ import annotations

from importlib.resources import files
from itertools import product

import pytest
from msgspec import convert

from tests.compose.campaigns import CAMPAIGNS, LANGUAGES, NOW, decision, person, studio, target, with_templates
from vocative.compose.checking import check_campaign
from vocative.compose.claiming import claims_in
from vocative.compose.messages import compose_all
from vocative.errors import TemplateError
from vocative.records.acting import Candidate, Offer
from vocative.trust.claims import PREDICATES

MILK = "FLUID MILK PRODUCTS"
CLAIMED = {
    "en": {
        "You buy milk from us.": "buys",
        "You usually pick up milk weekly.": "usual",
        "You often buy bread.": "often",
        "It goes by what you buy.": "bought",
        "Regulars like it.": "regular",
        "You come here often.": "regular",
        "You shop with us on Wednesdays.": "wednesday",
        "You saved a bit.": "saved",
    },
    "pl": {
        "Kupujesz u nas mleko.": "buys",
        "Kupuje Pani u nas mleko.": "buys",
        "Zwykle kupuje Pan mleko.": "usual",
        "Często kupujesz pieczywo.": "often",
        "Na podstawie Twoich zakupów.": "bought",
        "Stali goście to wiedzą.": "regular",
        "Zaglądasz do nas w środy.": "wednesday",
    },
    "uk": {
        "Ти купуєш у нас молоко.": "buys",
        "Зазвичай Ви купуєте молоко.": "usual",
        "Ви часто купуєте хліб.": "often",
        "З огляду на Ваші покупки.": "bought",
        "Ви часто в нас буваєте.": "regular",
        "Ви заходите по середах.": "wednesday",
    },
    "ru": {
        "Ты покупаешь у нас молоко.": "buys",
        "Обычно Вы покупаете молоко.": "usual",
        "Вы часто покупаете хлеб.": "often",
        "Исходя из Ваших покупок.": "bought",
        "Вы часто у нас бываете.": "regular",
        "Вы заходите по средам.": "wednesday",
    },
    "lv": {
        "Tu pie mums pērc pienu.": "buys",
        "Parasti Jūs pērkat pienu.": "usual",
        "Jūs bieži pērkat maizi.": "often",
        "Pēc Jūsu pirkumiem.": "bought",
        "Jūs pie mums bieži iegriežaties.": "regular",
        "Jūs nākat trešdienās.": "wednesday",
    },
}
UNCHECKED = {
    "en": [
        "You love our cheese.",
        "Your favourite shelf is full.",
        "You read a lot.",
        "You bought it last spring.",
        "As always, you first.",
    ],
    "pl": [
        "Lubisz nasz ser.",
        "Twoja ulubiona półka jest pełna.",
        "Często zaglądasz do serów.",
        "Kupiłaś to wiosną.",
        "Zwykle wybiera Pani ser.",
    ],
    "uk": [
        "Ти любиш наш сир.",
        "Твоя улюблена полиця повна.",
        "Ви часто заходите по сир.",
        "Ти купила це навесні.",
        "Ви завжди обираєте сир.",
    ],
    "ru": [
        "Ты любишь наш сыр.",
        "Твоя любимая полка полна.",
        "Вы часто заходите за сыром.",
        "Ты купила это весной.",
        "Вы всегда выбираете сыр.",
    ],
    "lv": [
        "Tev patīk mūsu siers.",
        "Tavs iecienītākais plaukts ir pilns.",
        "Tu bieži nāc pēc siera.",
        "Tu nopirki to pavasarī.",
        "Jūs vienmēr izvēlaties sieru.",
    ],
}
PLAIN = {
    "en": [
        "We are open on Wednesdays.",
        "If you buy two, the third is free.",
        "Come by whenever it suits you.",
        "We always bake early.",
        "You may be thinking of milk soon.",
        "Thank you for staying in touch with us.",
    ],
    "pl": [
        "W sobotę mamy otwarte.",
        "Jeśli kupujesz dwa, trzeci jest gratis.",
        "Zajrzyj, kiedy Ci wygodnie.",
        "U nas wszystko stoi tam, gdzie zawsze.",
        "Zawsze możesz zrezygnować.",
    ],
    "uk": [
        "У середу ми відчинені.",
        "Якщо купуєш два, третій безплатно.",
        "Заходь, коли зручно.",
        "Хліб у нас завжди свіжий.",
    ],
    "ru": [
        "В среду мы открыты.",
        "Если покупаешь два, третий бесплатно.",
        "Заходи, когда удобно.",
        "Хлеб у нас всегда свежий.",
    ],
    "lv": [
        "Trešdien esam atvērti.",
        "Ja tu pērc divus, trešais ir bez maksas.",
        "Nāc, kad ir ērti.",
        "Maize pie mums vienmēr ir svaiga.",
    ],
}
EACH_CLAIMED = [(tag, text, claim) for tag in LANGUAGES for text, claim in CLAIMED[tag].items()]


@pytest.mark.parametrize(("tag", "text", "claim"), EACH_CLAIMED)
def test_words_that_make_a_claim_are_found_in_every_case_form(tag: str, text: str, claim: str) -> None:
    found = claims_in(text, tag)
    assert claim in {one.name for one in found}
    assert "" not in {one.name for one in found}
    assert claims_in(text.upper(), tag)


@pytest.mark.parametrize(("tag", "text"), [(tag, text) for tag in LANGUAGES for text in UNCHECKED[tag]])
def test_what_sounds_like_a_claim_and_is_none_we_know_is_refused(tag: str, text: str) -> None:
    assert "" in {one.name for one in claims_in(text, tag)}
    at = with_templates(
        {f"thanks/{one}": f"Subject: A\n\n{{{{ greeting }}}}\n\n{text if one == tag else 'A'}\n" for one in {"en", tag}}
    )
    with pytest.raises(TemplateError, match="nothing can check"):
        check_campaign(at, CAMPAIGNS["thanks"])


@pytest.mark.parametrize(("tag", "text"), [(tag, text) for tag in LANGUAGES for text in PLAIN[tag]])
def test_what_says_nothing_of_the_person_is_no_claim(tag: str, text: str) -> None:
    assert claims_in(text, tag) == ()


def test_a_text_for_everybody_claims_nothing_of_anybody() -> None:
    at = with_templates({"news/en": "Subject: A\n\n{{ greeting }}\n\nYou buy milk from us, so look in.\n"})
    with pytest.raises(TemplateError, match="rests on no profile"):
        check_campaign(at, CAMPAIGNS["news"])


def told(candidate: Candidate, language: str, claims: set[str]) -> tuple[str, str]:
    """The text of the message, and why there is none."""
    made = decision(0, candidate, claims=claims)
    composed = compose_all(studio(), [made], {"p0": person(0, None, None, language)}, "run", NOW)
    text = str(composed.rows[0]["body_text"]) if composed.rows else ""
    return text, composed.failed.get("d0", "")


def coupon(**offer: object) -> Candidate:
    targets = (target(MILK, module="next_items", days=None),)
    made = convert({"offer_id": "o", **offer}, Offer)
    return Candidate(campaign="coupon", channel="email", personalized=True, targets=targets, offer=made)


@pytest.mark.parametrize("language", LANGUAGES)
def test_you_buy_it_is_said_only_to_those_who_do(language: str) -> None:
    assert told(coupon(), language, {"buys", "bought"})[0]
    text, why = told(coupon(), language, {"bought"})
    assert text == ""
    assert "the text claims" in why
    assert "bought everything the message names" in why


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_they_often_buy_is_left_out_for_those_who_bought_it_once(language: str) -> None:
    seen = target(MILK, module="new_items", days=None, because="CHEESE")
    made = Candidate(campaign="discover", channel="email", personalized=True, targets=(seen,))
    often, once = (
        told(made, language, claims)[0] for claims in ({"often", "bought", "untried"}, {"bought", "untried"})
    )
    assert often != once
    assert "often" in {one.name for one in claims_in(often.partition("\n-- ")[0], language)}
    assert "often" not in {one.name for one in claims_in(once.partition("\n-- ")[0], language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_who_never_bought_reads_that_the_choice_rests_on_what_they_buy(language: str) -> None:
    """The text is quiet here; what is left to be untrue is the reason below it."""
    texts = {f"coupon/{tag}": "Subject: A\n\n{{ greeting }}\n\n{{ targets[0] }}\n" for tag in LANGUAGES}
    people = {"p0": person(0, None, None, language)}
    footers = []
    for claims in (["bought"], []):
        composed = compose_all(with_templates(texts), [decision(0, coupon(), claims=claims)], people, "run", NOW)
        assert composed.failed == {}
        footers.append(str(composed.rows[0]["body_text"]).partition("\n-- ")[2])
    assert footers[0] != footers[1]
    sized = coupon(discount=10.0, unit="percent", personal=True)
    failed = compose_all(with_templates(texts), [decision(0, sized, claims=[])], people, "run", NOW).failed
    assert "they have bought nothing" in failed["d0"]


def test_every_language_knows_every_claim() -> None:
    for tag, claim in product(LANGUAGES, PREDICATES):
        source = (files("vocative.compose") / "claims" / f"{tag}.toml").read_text(encoding="utf-8")
        assert f"\n{claim} = [" in source, (tag, claim)
