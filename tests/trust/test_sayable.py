"""A name may be said if it is one: real names pass, whatever else stands in such a field does not."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vocative.trust.sayable import (
    FAULTS,
    LONGEST_NAME,
    LONGEST_THING,
    Fault,
    addresses_in,
    judge_name,
    judge_thing,
    sayable_name,
    sayable_thing,
)

REAL = (
    # English and others in Latin letters
    "Emma", "Noah", "O'Brien", "O\u2019Neil", "Anne-Marie", "Mary Ann", "McKenzie", "AJ", "Ng", "Nguyễn",
    "Nguyễn Thị", "Thị Minh Khai",
    "van der Berg", "María José", "María del Carmen", "João", "François", "Chloé", "Zoë", "Jürgen", "Søren", "Håkon",
    "Øyvind",
    "Þór", "Ásta", "György", "Ştefan", "Țînțar", "Jiří", "Šárka", "Đorđe", "Ümit", "İbrahim", "Gülşah", "Ñusta",
    "D'Angelo",
    "Dick", "Shital", "Moroni", "Loan", "Suki", "Dot", "Cash", "Sofia", "Nigel", "Don", "Prince", "Max", "Jo", "Ed",
    "Ian", "Marcello",
    "Kathleen", "Aaron", "Isaac", "Dupont", "Blossom", "Sale-Anne", "Abd al-Rahman", "N'Golo", "Marie-Ange",
    "Zsófia", "Klára",
    # Polish
    "Łucja", "Agnieszka", "Łukasz", "Żaneta", "Świętosława", "Kasia", "Wojciech", "Bożena", "Małgorzata", "Ścibor",
    "Gość\u00f3wna",
    # Latvian
    "Jānis", "Mārtiņš", "Ņina", "Žanna", "Ģirts", "Ķirils", "Ļena", "Līga", "Kārlis", "Sandis", "Dzintars",
    # Ukrainian, with each apostrophe people type
    "Дар'я", "Дар\u2019я", "Дар\u02bcя", "Мар'яна", "Мар\u2019яна", "Мар\u02bcяна", "Ґенек", "Їжак", "Єва", "Ілля",
    "Лі", "Глеб", "Лайна",
    # Russian
    "Ольга", "Пётр", "Алёна", "Хуан", "Анна-Мария", "Эбру", "Светлана", "Фёкла", "Лев", "Ия", "Анна Мария",
    # other scripts
    "李", "李娜", "さくら", "김민준", "محمد", "عبد الله", "אברהם", "नेहा", "สมชาย", "คำ", "Γιώργος",
    "თამარ", "Արամ", "தமிழ்",
)  # fmt: skip

UNSAID: tuple[tuple[Fault, str], ...] = (
    ("missing", ""), ("missing", "  "),
    ("address", "http://evil.example/win"), ("address", '=HYPERLINK("http://evil.example")'), ("address", "evil.com"),
    ("address", "www.evil.pl"), ("address", "a@b.lv"), ("address", "наш.рф"), ("address", "evil\u3002com"),
    ("address", "t.me/x"),
    ("broken", "J\u00c3\u00a2nis"), ("broken", "\u00c5\u0081ucja"), ("broken", "РђРЅРЅР°"), ("broken", "Ann\ufffd"),
    ("broken", "JÄ\u0081nis"), ("broken", "Ä\u00bdubica"),
    ("company", "Acme Ltd"), ("company", "Smith & Sons Ltd"), ("company", 'SIA "Rīgas maiznieks"'),
    ("company", "Wolt AS"),
    ("company", "Firma ABC Sp. z o.o."), ("company", "ТОВ Ромашка"), ("company", "ООО Ромашка"),
    ("company", "Müller GmbH"),
    ("company", "ФОП Іваненко"), ("company", "ИП Петров"), ("company", "PHU Janex"), ("company", "Acme, Inc."),
    ("company", "Kooperatīvs Ausma"), ("company", "ПАТ Банк"), ("company", "Nord AG"),
    ("title", "Mrs Freddie"), ("title", "Mrs Jürgen"), ("title", "Dr. House"), ("title", "pan Jan"),
    ("title", "Pani Anna"),
    ("title", "Frau Müller"), ("title", "Herr Schmidt"), ("title", "пані Олена"), ("title", "г-н Иванов"),
    ("title", "Д-р Петренко"),
    ("title", "Bērziņa kungs"), ("title", "господин Петров"), ("title", "Mr."), ("title", "Prof. Anna"),
    ("title", "inż. Nowak"),
    ("role", "admin"), ("role", "Info"), ("role", "TEST"), ("role", "Test Testov"), ("role", "no-reply"),
    ("role", "Klient"),
    ("role", "Гость"), ("role", "клієнт"), ("role", "Grāmatvedība"), ("role", "biuro"), ("role", "бухгалтерия"),
    ("role", "Kundin"),
    ("unknown", "Unknown"), ("unknown", "N/A"), ("unknown", "NA"), ("unknown", "null"), ("unknown", "None"),
    ("unknown", "brak"),
    ("unknown", "Неизвестно"), ("unknown", "невідомо"), ("unknown", "ім\u2019я"), ("unknown", "Nezināms"),
    ("unknown", "Unbekannt"),
    ("unknown", "aaa"), ("unknown", "qwerty"), ("unknown", "First Name"), ("unknown", "first_name"),
    ("unknown", "nie podano"),
    ("initial", "J."), ("initial", "J"), ("initial", "J. P."), ("initial", "Anna M."), ("initial", "Я"),
    ("initial", "A B"),
    ("signs", "Kasia (nowa)"), ("signs", "<b>Bob</b>"), ("signs", "Berzina, Anna"), ("signs", "R2D2"),
    ("signs", "{{ xy }}"), ("unknown", "{{ first_name }}"),
    ("signs", "Anna 😊"), ("signs", "Anna!"), ("signs", "Tom & Ann"), ("signs", "A\nnna"), ("signs", "Ann\u202eab"),
    ("signs", "--"),
    ("signs", "\u0410nna"), ("signs", "𝐀𝐧𝐧𝐚"), ("signs", "Anna; DROP"), ("signs", "$Anna"), ("signs", "Anna\u200bb"),
    ("signs", "Jo--Ann"),
    ("signs", "Ma\u0301\u0302\u0303\u0304\u0305ria"), ("signs", "María de la Cruz"), ("signs", "An\u3164na"),
    ("signs", "Ann\ud800a"),
    ("long", "Maximiliane-Alexandrina von Hohe"), ("long", "Ab" * 400),
    ("insult", "Fuck You"), ("insult", "F-U-C-K"), ("insult", "Kurwa"), ("insult", "Сука"), ("insult", "Ты мудак"),
    ("insult", "підор"),
    ("insult", "Stulbenis"), ("insult", "Arschloch"), ("insult", "Idiots"), ("insult", "мразота"),
    ("advert", "Free Casino"), ("advert", "evil dot com"), ("advert", "Скидки всем"), ("advert", "Kup teraz"),
    ("advert", "Atlaides"),
)  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_a_real_name_is_said(name: str) -> None:
    right = unicodedata.normalize("NFC", name)
    assert judge_name(name) == (right, None)
    assert sayable_name(f" {unicodedata.normalize('NFD', name)}\u00a0") == right


@pytest.mark.parametrize(("fault", "text"), UNSAID)
def test_what_is_no_name_is_not_said_and_says_why(fault: Fault, text: str) -> None:
    assert judge_name(text) == (None, fault)
    assert judge_name(text.upper()).said is None or fault == "unknown"


def test_every_fault_has_its_words_and_a_case() -> None:
    assert {fault for fault, _ in UNSAID} == set(FAULTS)
    assert sayable_name(None) is None


@pytest.mark.parametrize("typed", ["Дар`я", "Дар\u00b4я", "Дар\u2018я"])
def test_marks_typed_for_an_apostrophe_are_one(typed: str) -> None:
    assert sayable_name(typed) == "Дар'я"


def test_spaces_typed_twice_are_one() -> None:
    assert sayable_name("Anna  Maria") == "Anna Maria"


@pytest.mark.parametrize("tag", ["en", "pl", "uk", "ru", "lv", "de"])
def test_every_word_of_every_list_is_caught_by_itself_and_beside_a_name(tag: str) -> None:
    lists = tomllib.loads((files("vocative.trust") / "unsayable" / f"{tag}.toml").read_text(encoding="utf-8"))
    for kind, words in lists.items():
        for word in words:
            assert sayable_name(word) is None, (kind, word)
            beside = f"Anna {word.upper() if kind == 'company_capitals' else word.capitalize()}"
            assert " " in word or sayable_name(beside) is None, (kind, beside)


HOSTILE = st.text(
    st.one_of(st.sampled_from("aAžЖя .'-’/:@<>=$\"();!&%{}[]|\\0123\n\u202e\u200b\u200d\u0301。"), st.characters()),
    max_size=45,
)
WORDS = st.lists(
    st.sampled_from(["http://", "evil", ".", "com", "example", "@", "<b>", "=HYPERLINK(", "Anna", " ", "Ltd",
                     "www.", "рф", "&lt;", "{{"]),
    max_size=8,
).map("".join)  # fmt: skip


@given(st.one_of(HOSTILE, WORDS))
@example("A\u0345")
def test_a_name_that_is_said_is_letters_marks_hyphens_apostrophes_and_two_spaces(text: str) -> None:
    said = sayable_name(text)
    if said is None:
        return
    allowed = all(sign in "-' \u2019\u02bc\u02bb\u200c\u200d" or unicodedata.category(sign)[0] in "LM" for sign in said)
    assert allowed
    assert len(said) <= LONGEST_NAME
    assert said.count(" ") <= 2
    assert sayable_name(said) == said


@given(st.one_of(HOSTILE, WORDS))
def test_a_thing_that_is_said_links_hides_marks_up_and_computes_nothing(text: str) -> None:
    said = sayable_thing(text)
    if said is None:
        return
    assert re.search(r"[<>{}\n\r]|://|@\w+\.\w|^[=@]|\w\.(com|example)\b", said) is None
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") for sign in said)
    assert not {*said} & {*"\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\u200e\u200f\ufeff"}
    assert len(said) <= LONGEST_THING
    assert judge_thing(said).said in (said, None)


@pytest.mark.parametrize(
    "thing",
    ["501", "1984", 'T-shirt "Basic" (blue), 100% cotton & silk', "Milk 2.5 kg", "Dr.Oetker pizza", "Vit.C 500 mg",
     "1/2 l",
     "No.5", "50% off!", "Кефир 2,5%", "Chanel N°5", "Café 😊", "St. Ives", "JUMBO BAG RED RETROSPOT", "C# in Depth",
     "A/B: test",
     "Who? What?", "Blade Runner 2049", "+size dress", "rozm.XL", "Мар'яна", "EAN 4750001234567"],
)  # fmt: skip
def test_names_of_things_are_said_as_they_are(thing: str) -> None:
    assert judge_thing(thing) == (thing, None)


@pytest.mark.parametrize(
    ("fault", "thing"),
    [("address", "Win at evil.example"), ("address", "buy: https://a.b"), ("address", "evil\uff0ecom"),
     ("address", "call +371 20 000 000"),
     ("address", "http://1"), ("address", "10.0.0.1"), ("address", "ask info@shop.lv"), ("signs", "=SUM(A1)"),
     ("signs", "+cmd|' /C calc'!A0"),
     ("signs", "<b>Sale</b>"), ("signs", "&lt;b&gt;Sale"), ("signs", "a\u202eb"), ("signs", "a\nb"),
     ("signs", "*|FNAME|*"), ("signs", "{{ x }}"),
     ("signs", "%NAME%"), ("signs", "-"), ("long", "x" * 121), ("broken", "J\u00c3\u00a2nis🎁"),
     ("broken", "piens J\u00c3\u00a2nis"), ("missing", " ")],
)  # fmt: skip
def test_what_is_no_name_of_a_thing_is_not_said(fault: Fault, thing: str) -> None:
    assert judge_thing(thing) == (None, fault)


def test_marks_of_a_page_in_an_export_are_read_as_what_they_stand_for() -> None:
    assert sayable_thing("Salt &amp; Pepper\u00a0 40 g") == "Salt & Pepper 40 g"


def test_long_texts_are_looked_through_in_no_time() -> None:
    for text in ("a" * 20_000 + "@", "a-" * 10_000 + ".", "@." * 10_000, "a." * 10_000 + "@", "http:" * 4_000):
        addresses_in(text)
