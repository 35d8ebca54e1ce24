"""What is watched for is found in each form of its words, and only there."""

from __future__ import annotations

import pytest

from vocative.compose.scanning import Context, scan
from vocative.compose.templates import TemplateWords

SENSITIVE = {
    "en": (
        "pregnant pregnancy diabetes diabetic cancer depressed depression obese obesity divorced divorce widow "
        "widower debt debts "
        "bankrupt bankruptcy unemployed addicted alcoholic disabled disability religion religious miscarriage "
        "infertile",
        ["losing weight", "weight loss", "your illness", "in debt", "mental health", "payday loans", "your health"],
    ),
    "pl": (
        "ciąża ciąży ciążę ciążą ciążo ciąż ciążom ciążami ciążach cukrzyca cukrzycy cukrzycę cukrzycą depresja "
        "depresji depresję "
        "depresją otyłość otyłości otyłością otyły otyła nadwaga nadwagi nadwagę nadwagą nadwadze rozwód rozwodu "
        "rozwodem rozwodzie "
        "rozwiedziony rozwiedziona wdowa wdowy wdowę wdową wdowie wdów wdowiec wdowca bankructwo bankrut bankruta "
        "chorobą chorobie choroby "
        "chorób wyznanie wyznania wyznaniu religia religii religijny schudnąć schudła odchudzanie alkoholik "
        "alkoholizm chwilówka "
        "chwilówki chwilówek chwilówką poronienie niepłodność niepłodna bezrobotny bezrobocie zadłużenie diagnozę",
        ["twoje długi", "twoich długów", "twoim długom", "twoimi długami", "twój dług", "twoje zdrowie",
         "twojego zdrowia"],
    ),
    "uk": (
        "вагітна вагітної вагітність діабет діабету діабетом депресія депресії депресією ожиріння схуднути "
        "схуднення схудла безпліддя "
        "безплідна розлучення розлучена вдова вдови вдові вдовою вдову вдів вдівець вдівця банкрут банкрутство борг "
        "боргу боргом борги "
        "боргів боргами боргах борзі безробіття безробітний алкоголік алкоголізм інвалід хвороба хвороби хворобу "
        "хворобою хвороб хворий "
        "діагноз діагнозу релігія релігійний релігії мікропозика мікропозики мікропозик",
        ["зайва вага", "зайвої ваги", "зайву вагу", "зайвою вагою", "зайвій вазі", "твоє здоров'я", "вашого здоров’я"],
    ),
    "ru": (
        "беременна беременность беременности диабет диабета диабетом депрессия депрессии депрессией ожирение "
        "похудеть похудение бесплодие "
        "бесплодна развод развода разводом разводе разведён разведена вдова вдовы вдове вдову вдовой вдов вдовец "
        "вдовца банкрот банкротство "
        "долги долгов долгам долгами долгах безработица безработный алкоголик алкоголизм инвалид болезнь болезни "
        "болезнью болезнями "
        "диагноз диагноза религия религии религиозный микрозайм микрозаймы микрозаём вич",
        ["лишний вес", "лишнего веса", "лишнему весу", "лишним весом", "лишнем весе", "твой долг", "вашего долга",
         "вашему здоровью"],
    ),
    "lv": (
        "grūtniece grūtnieces grūtniecei grūtniecību diabēts diabēta diabētam depresija depresijas depresiju "
        "depresijā aptaukošanās "
        "neauglība neauglību neauglīga šķiršanās atraitne atraitnes atraitni atraitņu atraitnis atraitņa bankrots "
        "bankrota bezdarbs "
        "bezdarbnieks alkoholiķis alkoholisms invalīds slimība slimības slimību slimībai slimībā diagnoze diagnozi "
        "reliģija reliģijas "
        "reliģisks tievēt tievēšana notievēt",
        ["liekais svars", "liekā svara", "liekajam svaram", "lieko svaru", "liekajā svarā", "tavi parādi",
         "tavu parādu", "jūsu parādiem",
         "jūsu slimību", "ātrais kredīts", "ātrā kredīta", "ātro kredītu", "jūsu veselība"],
    ),
}  # fmt: skip
URGENT = {
    "en": ["hurry", "hurrying", "last chance", "last chances", "final chance",
           "only 3 left", "only two left",
    "ends soon", "before midnight",
           "urgent", "urgently", "don’t wait", "do not miss", "only a few left", "while supplies last", "expires soon"],
    "pl": ["ostatnia szansa", "ostatniej szansy", "ostatnią szansę", "ostatnią szansą", "ostatnie szanse",
    "ostatnich szans",
           "ostatnie sztuki", "ostatnich sztuk", "ostatnimi sztukami", "ostatnie godziny", "ostatnich godzin",
           "zostały ostatnie",
           "pospiesz się", "spiesz się", "śpieszcie się", "zdążysz", "do północy", "nie przegapcie", "pilne",
           "pilnie", "kupuj teraz"],
    "uk": ["останній шанс", "останнього шансу", "останньому шансі", "останнім шансом", "останні шанси",
    "останніх шансів",
           "останні години", "останніх годин", "останні штуки", "останніх штук", "поспішай", "поспішайте", "встигни",
           "встигніть",
           "терміново", "термінова", "не пропусти", "не пропустіть", "до опівночі", "залишилося мало", "купіть зараз"],
    "ru": ["последний шанс", "последнего шанса", "последнему шансу", "последним шансом", "последние шансы",
    "последних шансов",
           "последние часы", "последних часов", "последние штуки", "последних штук", "спешите", "поспешите",
           "торопитесь", "поторопись",
           "успей", "успейте", "срочно", "срочная", "не упустите", "не пропусти", "до полуночи", "осталось мало"],
    "lv": ["pēdējā iespēja", "pēdējās iespējas", "pēdējai iespējai", "pēdējo iespēju", "pēdējā iespējā",
    "pēdējās stundas",
           "pēdējo stundu", "pēdējie gabali", "pēdējo gabalu", "pasteidzies", "pasteidzieties", "steidzami",
           "paspēj", "paspējiet",
           "nepalaid garām", "nepalaidiet garām", "līdz pusnaktij", "tikai šodien", "pērciet tūlīt"],
}  # fmt: skip
HARMLESS = {
    "en": (
        "Take your time: depth, deliberate, window, hurricane-proof lamp oil is here, over "
        "the last few weeks you came by twice"
    ),
    "pl": (
        "Bez pośpiechu: pilnik do paznokci, długi weekend, alkoholi nie ma, twoje długie "
        "spodnie, otwarte od ostatniego piątku"
    ),
    "uk": "Без поспіху: задоволення, вдоволений, строки, останній тиждень, борщ, пропускна здатність",
    "ru": "Без спешки: вдоволь, разводной ключ, долгожданный, если не долго",
    "lv": "Nekur nav jāskrien: atraitnītes puķu podā, parādīsim, svari virtuvei, pēdējā nedēļa, atkarībā no laika",
}


def kinds(language: str, text: str) -> set[str]:
    return {one.kind for one in scan(TemplateWords("For you", f"So it is\n\n{text}."), Context(language, facts=["3"]))}


@pytest.mark.parametrize(
    ("language", "form"),
    [(tag, form) for tag, (words, phrases) in SENSITIVE.items() for form in (*words.split(), *phrases)],
)
def test_what_is_too_private_is_found_in_every_form(language: str, form: str) -> None:
    assert kinds(language, form) == {"sensitive"}
    assert kinds(language, form.capitalize()) == {"sensitive"}


@pytest.mark.parametrize(("language", "form"), [(tag, form) for tag, forms in URGENT.items() for form in forms])
def test_pressure_is_found_in_every_form(language: str, form: str) -> None:
    assert kinds(language, form.replace(" ", "\n", 1)) == {"urgency"}
    assert kinds(language, form.upper()) == {"urgency"}


@pytest.mark.parametrize("language", sorted(HARMLESS))
def test_words_that_only_look_alike_are_left_alone(language: str) -> None:
    assert kinds(language, HARMLESS[language]) == set()
