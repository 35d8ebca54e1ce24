"""Offers: what may be promised, for which item, until when; and rules that fill a property."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import convert

from tests.collect.conftest import NOW, load, open_stores, rows, shop
from vocative.collect.commit.redrive import redrive
from vocative.collect.guess.guess import guess_mapping
from vocative.errors import MappingError
from vocative.records.lake_tables import EVENTS, OFFERS, QUARANTINE
from vocative.records.settings import ImportMapping, Rule
from vocative.store.protocols import Stores

HEADER = "offer_id,item_id,group,name,code,discount,unit,starts_at,ends_at,shelf\n"
COUPONS = ImportMapping(
    kind="offers",
    columns={
        "offer_id": Rule(join=["campaign_id", "coupon_upc"]),
        "item_id": "product_id",
        "group": "campaign_id",
        "starts_at": "start",
        "ends_at": "end",
        "timestamp": "start",
        "attributes.pair": Rule(join=["campaign_id", "product_id"], separator="/"),
    },
)


def offers(stores: Stores) -> list[dict[str, Any]]:
    return rows(stores, OFFERS, "offer_id, item_id, known_at")


def test_an_offer_is_kept_with_all_it_says(stores: Stores, tmp_path: Path) -> None:
    text = HEADER + "o1,milk,winter,10 % off,SAVE10,10,%,2025-01-05,2025-02-01T10:00,4\no2,,,Gift,,5.5,money,,,\n"
    account = load(stores, tmp_path / "a.csv", text, "offers")
    assert (account.read, account.accepted, account.marked) == (2, 2, 0)
    first, second = offers(stores)
    assert (first["item_id"], first["group"], first["code"]) == ("milk", "winter", "SAVE10")
    assert (first["discount"], first["unit"]) == (10.0, "percent")
    assert first["starts_at"] == datetime(2025, 1, 4, 22, tzinfo=UTC)
    assert first["ends_at"] == datetime(2025, 2, 1, 8, tzinfo=UTC)
    assert json.loads(first["attributes"]) == {"shelf": "4"}
    assert (second["item_id"], second["discount"], second["unit"], second["ends_at"]) == (None, 5.5, "money", None)
    assert second["known_at"] == datetime.fromtimestamp(NOW / 1e6, UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2025-02-01", datetime(2025, 2, 1, 21, 59, 59, 999999, tzinfo=UTC)),
        ("01.02.2025", datetime(2025, 2, 1, 21, 59, 59, 999999, tzinfo=UTC)),
        ("2025-03-30", datetime(2025, 3, 30, 20, 59, 59, 999999, tzinfo=UTC)),
        ("2025-02-01 00:00:00", datetime(2025, 1, 31, 22, tzinfo=UTC)),
        ("1738360800", datetime(2025, 1, 31, 22, tzinfo=UTC)),
        ("9999-12-31", None),
        ("2299-12-31 23:59:59", None),
        ("", None),
    ],
)
def test_a_last_day_counts_whole_and_never_is_no_end(
    stores: Stores, tmp_path: Path, written: str, meant: datetime | None
) -> None:
    load(stores, tmp_path / "a.csv", f"offer_id,ends_at\no1,{written}\no2,2025-02-13\n", "offers")
    assert offers(stores)[0]["ends_at"] == meant


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (",milk,,,,,,,,", "offer_id", "empty"),
        ("o,,,,,10,EUR,,,", "unit", "values"),
        ("o,,,,,10,,,,", "unit", "no unit"),
        ("o,,,,,120,percent,,,", "discount", "100"),
        ("o,,,,,-3,money,,,", "discount", "negative"),
        ("o,,,,,ten,money,,,", "discount", "no number"),
        ("o,,,,,,,2025-02-02,2025-02-01,", "ends_at", "before"),
        ("o,,,,,,,soon,,", "starts_at", "date"),
    ],
)
def test_what_cannot_be_promised_is_refused(stores: Stores, tmp_path: Path, row: str, column: str, reason: str) -> None:
    account = load(stores, tmp_path / "a.csv", f"{HEADER}{row}\nok,,,,,1,percent,,,\n", "offers")
    assert (account.accepted, account.rejected) == (1, 1)
    (refused,) = rows(stores, QUARANTINE, "row")
    assert (refused["kind"], refused["row"], refused["column"]) == ("offers", 2, column)
    assert reason in refused["reason"]


def test_a_currency_is_translated_and_refused_rows_are_driven_again(stores: Stores, tmp_path: Path) -> None:
    text = "offer_id,discount,type\na,5,EUR\nb,10,rebate\n"
    columns = {"offer_id": "offer_id", "discount": "discount"}
    wrong = ImportMapping(kind="offers", columns={**columns, "unit": "type"})
    assert load(stores, tmp_path / "a.csv", text, "offers", wrong).rejected == 2
    words = Rule(column="type", values={"EUR": "money", "rebate": "percent"})
    mended = ImportMapping(kind="offers", columns={**columns, "unit": words})
    again = redrive(stores, shop(), kind="offers", mapping=mended, now=NOW)
    assert (again.read, again.accepted, again.rejected) == (2, 2, 0)
    assert [row["unit"] for row in offers(stores)] == ["money", "percent"]
    assert rows(stores, QUARANTINE, "row") == []


def test_a_coupon_of_several_items_has_a_row_for_each_and_versions_of_its_own(stores: Stores, tmp_path: Path) -> None:
    header = "coupon_upc,product_id,campaign_id,start,end\n"
    first = header + "10,p1,26,2024-11-01,2024-12-01\n10,p2,26,2024-11-01,2024-12-01\n10,p2,26,2024-11-01,2024-12-01\n"
    account = load(stores, tmp_path / "a.csv", first, "offers", COUPONS)
    assert (account.read, account.accepted, account.merged) == (3, 2, 1)
    later = header + "10,p1,26,2024-11-01,2024-12-01\n10,p2,26,2024-11-01,2024-12-24\n"
    account = load(stores, tmp_path / "b.csv", later, "offers", COUPONS, now=NOW + 5)
    assert (account.accepted, account.merged) == (1, 1)
    found = offers(stores)
    assert [(row["offer_id"], row["item_id"]) for row in found] == [("26-10", "p1"), ("26-10", "p2"), ("26-10", "p2")]
    assert json.loads(found[0]["attributes"]) == {"pair": "26/p1"}
    assert {row["group"] for row in found} == {"26"}
    assert found[-1]["known_at"] == datetime.fromtimestamp((NOW + 5) / 1e6, UTC)
    assert len({row["version_id"] for row in found}) == 3


row_texts = st.tuples(
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", "x"]),
    st.sampled_from(["", "5", "-1", "101", "what"]),
    st.sampled_from(["", "percent", "money", "PLN"]),
    st.sampled_from(["", "2025-01-05", "2025-01-07"]),
    st.sampled_from(["", "2025-01-06", "never"]),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(row_texts, min_size=1, max_size=8))
def test_every_row_of_any_file_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("offers")
    stores = open_stores(folder / "data")
    header = "offer_id,item_id,discount,unit,starts_at,ends_at\n"
    account = load(stores, folder / "a.csv", header + "\n".join(map(",".join, lines)) + "\n,,,,,2025-01-08\n", "offers")
    kept = rows(stores, OFFERS, "offer_id")
    assert (account.accepted, account.rejected) == (len(kept), len(rows(stores, QUARANTINE, "row")))
    for row in kept:
        assert row["unit"] in (None, "percent", "money")
        assert (row["discount"] is None) == (row["unit"] is None)
        assert row["ends_at"] is None or row["starts_at"] is None or row["starts_at"] <= row["ends_at"]
    stores.inbox.close()
    stores.ledger.close()


def test_a_rule_fills_a_property(stores: Stores, tmp_path: Path) -> None:
    mapping = convert(
        {
            "kind": "events",
            "columns": {
                "timestamp": "day", "event": {"constant": "redemption"}, "user_id": "who",
                "properties.offer_id": {"join": ["campaign_id", "coupon_upc"]}, "properties.group": "campaign_id",
                "properties.size": {"column": "size", "values": {"L": "large"}},
            },
        },
        ImportMapping,
    )  # fmt: skip
    text = "day,who,campaign_id,coupon_upc,size,shop\n2024-11-05,p1,26,10,L,7\n2024-11-06,p2,,,,7\n"
    load(stores, tmp_path / "a.csv", text, "events", mapping)
    first, second = rows(stores, EVENTS, "timestamp")
    assert json.loads(first["properties"]) == {"offer_id": "26-10", "group": "26", "size": "large", "shop": "7"}
    assert json.loads(second["properties"]) == {"shop": "7"}
    lines = '{"day": "2024-11-05", "who": "p1", "campaign_id": "26", "coupon_upc": "10", "size": "L", "shop": "7"}\n'
    assert load(stores, tmp_path / "a.jsonl", lines, "events", mapping).merged == 1


@pytest.mark.parametrize("target", ["properties", "properties.", "traits.color", "color"])
def test_only_names_inside_properties_can_be_made_up(stores: Stores, tmp_path: Path, target: str) -> None:
    mapping = ImportMapping(kind="events", columns={"timestamp": "t", "event": "e", target: "c"})
    with pytest.raises(MappingError, match="no column of events"):
        load(stores, tmp_path / "a.csv", "t,e,c\n2024-11-05,view,red\n", "events", mapping)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (
            "coupon_upc,product_id,campaign_id,start_date,end_date\n10,9,26,2024-01-05,2024-02-01\n",
            {"offer_id": "coupon_upc", "item_id": "product_id", "group": "campaign_id", "starts_at": "start_date",
             "ends_at": "end_date"},
        ),
        (
            "Coupon Code,SKU,Discount,Discount type,Valid from,Valid to\nSAVE10,X9,10,percent,2024-01-05,2024-02-01\n",
            {"offer_id": "Coupon Code", "code": "Coupon Code", "item_id": "SKU", "discount": "Discount",
             "unit": "Discount type", "starts_at": "Valid from", "ends_at": "Valid to"},
        ),
        (
            "Промокод;Действует с;Действует до\nЗИМА;05.01.2024;13.02.2024\n",
            {"offer_id": "Промокод", "code": "Промокод", "starts_at": "Действует с", "ends_at": "Действует до"},
        ),
    ],
)  # fmt: skip
def test_a_file_of_offers_is_recognised(stores: Stores, tmp_path: Path, text: str, columns: dict[str, str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    guess = guess_mapping(path)
    assert (guess.kind, guess.mapping.columns, guess.missing) == ("offers", columns, ())
    assert any("offers of the past" in question for question in guess.questions)
    assert load(stores, path, text, "offers", guess.mapping).accepted == 1


def test_an_order_that_used_a_coupon_is_no_offer(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("order_id,customer_id,date,amount,coupon_code,valid_to\n1,c,2024-01-13,5,SAVE,2024-02-01\n")
    assert guess_mapping(path).kind == "events"
    path.write_text("coupon,valid_to,discount\nSAVE,2024-02-13,5\n")
    assert any("percent or in money" in question for question in guess_mapping(path).questions)
