"""Mappings proposed from names and values."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from tests.collect.conftest import NOW, load, rows
from vocative.collect.guess.guess import Guess, guess_mapping
from vocative.errors import MappingError
from vocative.records.lake_tables import EVENTS
from vocative.records.settings import ImportMapping, Kind, Rule
from vocative.store.protocols import Stores

CASES: list[tuple[str, Kind, dict[str, str], str]] = [
    (
        "Bestellnummer;Bestelldatum;Kundennummer;Artikelnummer;Menge;Betrag\nA1;05.01.2024;77;X9;2;1.234,50\n",
        "events",
        {"order_id": "Bestellnummer", "timestamp": "Bestelldatum", "user_id": "Kundennummer",
         "item_id": "Artikelnummer", "quantity": "Menge", "amount": "Betrag"},
        ",",
    ),
    (
        "Numer zamówienia,Data zamówienia,ID klienta,Produkt,Ilość,Kwota\nA1,2024-01-05,77,X9,2,12.50\n",
        "events",
        {"order_id": "Numer zamówienia", "timestamp": "Data zamówienia", "user_id": "ID klienta", "item_id": "Produkt",
         "quantity": "Ilość", "amount": "Kwota"},
        ".",
    ),
    (
        "Номер заказа,Дата заказа,Клиент,Артикул,Количество,Сумма\n1,05.01.2024 10:00,77,X9,2,12.50\n",
        "events",
        {"order_id": "Номер заказа", "timestamp": "Дата заказа", "user_id": "Клиент", "item_id": "Артикул",
         "quantity": "Количество", "amount": "Сумма"},
        ".",
    ),
    (
        "Клієнт,Ім'я,Пошта,Дата народження,Країна\n1,Олена,o@example.com,1990-05-06,UA\n",
        "people",
        {"user_id": "Клієнт", "first_name": "Ім'я", "email": "Пошта", "birth_date": "Дата народження",
         "country": "Країна"},
        ".",
    ),
    (
        "SKU,Nosaukums,Kategorija,Zīmols,Cena,Atlikums\nX9,Piens,Piena produkti,Rīga,1.20,5\n",
        "items",
        {"item_id": "SKU", "name": "Nosaukums", "category": "Kategorija", "brand": "Zīmols", "price": "Cena",
         "stock": "Atlikums"},
        ".",
    ),
    (
        "E-mail,Newsletter\na@example.com,yes\nb@example.com,no\n",
        "permissions",
        {"user_id": "E-mail", "status": "Newsletter"},
        ".",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "columns", "decimal"), CASES)
def test_names_of_several_languages(
    tmp_path: Path, text: str, kind: Kind, columns: dict[str, str], decimal: str
) -> None:
    path = tmp_path / "export 1.csv"
    path.write_text(text, encoding="utf-8")
    guess = guess_mapping(path)
    assert guess.kind == kind
    plain = {target: rule for target, rule in guess.mapping.columns.items() if isinstance(rule, str)}
    assert plain == columns
    assert guess.mapping.decimal == decimal
    assert guess.missing == ()
    assert all("_fault" not in row for row in guess.preview)
    assert reparsed(guess) == guess.mapping


def reparsed(guess: Guess) -> ImportMapping:
    """The mapping read back from its TOML."""
    return convert(tomllib.loads(guess.toml())["imports"][guess.name], ImportMapping)


EXPORTS = [
    ("Name,Email,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Phone\n"
     "#1,a@example.com,2024-01-05 12:33:01 +0200,3,Milk,0.10,X9,123456\n", "Shopify orders", "events"),
    ("Email Address,First Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME\na@example.com,Anna,2,,2024-01-05 12:33:01\n",
     "Mailchimp subscribed", "permissions"),
    ("event_timestamp,event_name,user_pseudo_id\n1704455581000000,page_view,12.34\n", "GA4 events", "events"),
    ("ID;Имя;Фамилия;Рабочий e-mail\n1;Анна;Иванова;a@example.com\n", "Bitrix24 contacts", "people"),
    ("ID,SKU,Name,Regular price,Categories\n1,X9,Milk,1.20,Dairy\n", "WooCommerce products", "items"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "export", "kind"), EXPORTS)
def test_known_exports(tmp_path: Path, text: str, export: str, kind: Kind) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    guess = guess_mapping(path)
    assert (guess.export, guess.kind) == (export, kind)
    assert len(guess.preview) == 1
    assert "_fault" not in guess.preview[0]
    assert reparsed(guess) == guess.mapping
    assert not {"Billing Phone", "Фамилия"} & set(guess.unmapped) or kind != "events"


def test_personal_columns_are_kept_out_of_events(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(EXPORTS[0][0])
    guess = guess_mapping(path)
    assert guess.mapping.ignore == ["Billing Phone"]
    assert guess.preview[0]["amount"] == 0.3


def test_a_guess_can_be_imported(stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    guess = guess_mapping(_written(path, CASES[0][0]))
    assert load(stores, path, CASES[0][0], "events", reparsed(guess)).accepted == 1
    (event,) = rows(stores, EVENTS, "1")
    assert (event["event"], event["amount"], event["quantity"]) == ("purchase", 1234.5, 2.0)
    assert guess.preview[0]["amount"] == 1234.5


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_what_cannot_be_known_is_asked(tmp_path: Path) -> None:
    guess = guess_mapping(_written(tmp_path / "a.csv", "order_id,date,user_id\n1,05/06/2024,p1\n2,06/07/2024,p2\n"))
    assert any("day or the month" in question for question in guess.questions)
    assert "# does the day" in guess.toml()
    with pytest.raises(MappingError):
        guess_mapping(_written(tmp_path / "b.csv", "a,b\nx,y\n"))
    named = guess_mapping(_written(tmp_path / "c.csv", "a,b\nx,y\n"), kind="events")
    assert named.missing == ("timestamp", "event")
    assert named.preview == ()


def test_parquet_and_json_lines(tmp_path: Path) -> None:
    table = pa.table({"household_id": [1], "basket_id": [2], "quantity": [1], "sales_value": [0.5],
                      "transaction_timestamp": pa.array([NOW], pa.timestamp("us"))})  # fmt: skip
    pq.write_table(table, tmp_path / "t.parquet")
    guess = guess_mapping(tmp_path / "t.parquet")
    assert guess.mapping.columns == {
        "timestamp": "transaction_timestamp", "event": Rule(constant="purchase"), "user_id": "household_id",
        "order_id": "basket_id", "quantity": "quantity", "amount": "sales_value",
    }  # fmt: skip
    line = '{"userId": "p1", "createdAt": "2024-01-05T10:00:00Z", "eventName": "view", "props": {"color": "red"}}\n'
    guess = guess_mapping(_written(tmp_path / "t.jsonl", line))
    assert guess.mapping.columns == {"timestamp": "createdAt", "event": "eventName", "user_id": "userId"}
    assert guess.preview[0]["event"] == "view"


@given(st.text(min_size=1), st.text(min_size=1), st.lists(st.text(min_size=1), max_size=3))
def test_toml_reads_back_whatever_columns_are_called(name: str, other: str, ignore: list[str]) -> None:
    mapping = ImportMapping(
        kind="events", columns={"timestamp": name, "event": Rule(constant=other)}, ignore=ignore, decimal=","
    )
    guess = Guess(kind="events", name="x", mapping=mapping, columns=(), unmapped=(), missing=(), questions=("a?\n[b]",))
    assert reparsed(guess) == mapping


WOO = (
    "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Email (Billing),Cart Discount Amount,"
    "Order Total Amount,SKU,Quantity (- Refund)\n1201,done,2024-01-05 13:05,leave it,Anna,a@example.com,0,24.00,X9,2\n"
)
KLAVIYO = (
    "Email,First Name,Email Marketing Consent,Email Marketing Consent Timestamp,Date Added\n"
    "a@example.com,Anna,SUBSCRIBED,2024-01-05 12:33:01,2023-01-05\n"
)


def test_a_word_inside_a_longer_name_is_weighed_by_its_length_and_to_be_checked(tmp_path: Path) -> None:
    guess = guess_mapping(_written(tmp_path / "woo.csv", WOO))
    columns = guess.mapping.columns
    assert (columns["user_id"], columns["amount"]) == ("Email (Billing)", "Order Total Amount")
    assert "discount" not in columns or columns["discount"] == "Cart Discount Amount"
    assert {"Customer Note", "First Name (Billing)"} <= set(guess.mapping.ignore)
    assert 'amount = "Order Total Amount"  # please check' in guess.toml()
    assert any("count several times" in question for question in guess.questions)
    assert reparsed(guess) == guess.mapping


def test_a_yes_to_mails_is_a_yes_to_mails_only(tmp_path: Path) -> None:
    guess = guess_mapping(_written(tmp_path / "klaviyo.csv", KLAVIYO), kind="permissions")
    assert guess.mapping.columns == {
        "user_id": "Email", "channel": Rule(constant="email"), "status": "Email Marketing Consent",
        "at": "Email Marketing Consent Timestamp",
    }  # fmt: skip
    for text, _, kind in EXPORTS:
        if kind == "permissions":
            known = guess_mapping(_written(tmp_path / "known.csv", text))
            assert known.mapping.columns["channel"] == Rule(constant="email")
            assert known.preview[0]["at"] == known.preview[0]["known_at"]
            assert str(known.preview[0]["at"]).startswith("2024-01-05")


def test_facts_about_people_hold_from_when_they_changed_not_from_when_somebody_signed_up(tmp_path: Path) -> None:
    guess = guess_mapping(_written(tmp_path / "klaviyo.csv", KLAVIYO), kind="people")
    assert set(guess.mapping.columns) == {"user_id", "email", "first_name"}
    changed = guess_mapping(_written(tmp_path / "b.csv", KLAVIYO.replace("Date Added", "Updated at")), kind="people")
    assert changed.mapping.columns["timestamp"] == "Updated at"


def test_calls_of_client_libraries_are_known_by_the_event_they_name(tmp_path: Path) -> None:
    line = (
        '{"type": "track", "event": "Viewed", "messageId": "m1", "anonymousId": "a1", "timestamp": '
        '"2024-01-05T10:00:00Z", "properties": {"product_id": "X9"}, "context": {"ip": "1.2.3.4"}}\n'
    )
    guess = guess_mapping(_written(tmp_path / "calls.jsonl", line))
    assert (guess.mapping.columns["event"], guess.preview[0]["event"]) == ("event", "Viewed")
    assert guess.mapping.ignore == ["context.ip"]


def test_events_of_nobody_are_asked_about(tmp_path: Path) -> None:
    guess = guess_mapping(_written(tmp_path / "a.csv", "order_id,date,customer\n1,2024-01-05,Anna Kalnina\n"))
    assert "user_id" not in guess.mapping.columns
    assert any("whose events" in question for question in guess.questions)
