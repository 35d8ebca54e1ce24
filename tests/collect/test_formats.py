"""Formats, rules and values on their way into the lake."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.collect.conftest import NOW, load, rows, shop
from vocative.collect.commit.files import import_file
from vocative.errors import ImportFileError, MappingError
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE, QUARANTINE
from vocative.records.ledger_tables import PERMISSIONS
from vocative.records.settings import ColumnRule, ImportMapping, Rule
from vocative.store.protocols import Stores

LINES = [
    {"message_id": "m1", "timestamp": "2024-05-01T10:00:00Z", "event": "buy", "user_id": 7, "amount": 1.5,
     "not_me": True, "properties": {"size": 4, "tags": ["a", "b"], "deep": {"x": True}, "none": None}},
    {"message_id": "m2", "timestamp": 1714557600, "event": "view", "user_id": "8", "extra": "Ā"},
]  # fmt: skip
TEXT = "\n".join(json.dumps(line) for line in LINES)


def test_json_lines_keep_types(stores: Stores, tmp_path: Path) -> None:
    account = load(stores, tmp_path / "a.jsonl", TEXT + '\n\n{"broken": \n[1]\n{"event": "view"}\n')
    assert (account.read, account.accepted, account.rejected) == (5, 2, 3)
    first, second = rows(stores, EVENTS, "message_id")
    assert (first["user_id"], first["amount"], first["not_me"]) == ("7", 1.5, True)
    assert json.loads(first["properties"]) == {"size": 4, "tags": ["a", "b"], "deep.x": True}
    assert second["timestamp"] == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert json.loads(second["properties"]) == {"extra": "Ā"}
    refused = rows(stores, QUARANTINE, "row")
    assert [row["row"] for row in refused] == [4, 5, 6]
    assert json.loads(refused[2]["content"]) == {"event": "view"}
    assert refused[2]["column"] == "timestamp"


def test_json_lines_without_a_required_column(stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="timestamp"):
        load(stores, tmp_path / "a.jsonl", '{"event": "view", "time": 1}\n')


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
def test_gzip(stores: Stores, tmp_path: Path, name: str) -> None:
    text = TEXT if "json" in name else "timestamp,event,user_id\n2024-05-01,view,p1\n2024-05-01,view,p2\n"
    assert load(stores, tmp_path / name, gzip.compress(text.encode())).accepted == 2


def test_parquet_keeps_types(stores: Stores, tmp_path: Path) -> None:
    moment = datetime(2024, 5, 1, 10)  # noqa: DTZ001 - Parquet has local times
    table = pa.table(
        {
            "timestamp": pa.array([moment, moment, None], pa.timestamp("ns")),
            "event": pa.array(["buy", "buy", "buy"]).dictionary_encode(),
            "user_id": pa.array([7.0, None, 9.0]),
            "quantity": pa.array([1, -2, 1], pa.int8()),
            "amount": pa.array([1.5, float("nan"), 1.0], pa.float32()),
            "day": pa.array([date(2024, 5, 1)] * 3),
            "many": pa.array([[1, 2], [], None]),
            "flag": [True, False, None],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    account = import_file(stores, shop(), tmp_path / "a.parquet", kind="events", mapping=None, now=NOW)
    assert (account.accepted, account.rejected) == (2, 1)
    first, second = rows(stores, EVENTS, "user_id NULLS LAST")
    assert first["timestamp"] == datetime(2024, 5, 1, 7, tzinfo=UTC)
    assert (first["user_id"], first["quantity"], first["amount"]) == ("7", 1.0, 1.5)
    assert json.loads(first["properties"]) == {"day": "2024-05-01", "flag": True, "many": [1, 2]}
    assert (second["user_id"], second["amount"]) == (None, None)
    assert rows(stores, QUARANTINE, "row")[0]["row"] == 3


def test_the_same_rows_in_another_format_are_recognised(stores: Stores, tmp_path: Path) -> None:
    text = "timestamp,event,user_id,amount,store,share,flag\n2024-05-01 10:00,buy,7,1.5,438,0,true\n"
    load(stores, tmp_path / "a.csv", text)
    row = {"timestamp": datetime(2024, 5, 1, 10), "event": "buy", "user_id": 7, "amount": 1.5}  # noqa: DTZ001
    table = pa.Table.from_pylist([{**row, "store": 438, "share": 0.0, "flag": True}])
    pq.write_table(table, tmp_path / "a.parquet")
    account = import_file(stores, shop(), tmp_path / "a.parquet", kind="events", mapping=None, now=NOW)
    assert (account.accepted, account.merged) == (0, 1)


def test_a_parquet_file_cut_in_the_middle(stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"timestamp": ["2024-05-01"] * 5_000, "event": [str(n) for n in range(5_000)]}), path)
    whole = path.read_bytes()
    for data in (whole[: len(whole) // 2], whole[:200] + bytes(4_000) + whole[4_200:]):
        with pytest.raises(ImportFileError):
            load(stores, path, data)
    assert rows(stores, EVENTS, "1") == []


def test_every_rule(stores: Stores, tmp_path: Path) -> None:
    columns: dict[str, ColumnRule] = {
        "timestamp": "t",
        "event": Rule(column="kind", values={"K": "buy", "-": ""}),
        "user_id": Rule(constant="p1"),
        "order_id": Rule(join=["shop", "bill"], separator="/"),
        "amount": Rule(sum=["net", "tax"]),
        "discount": Rule(column="off", negate=True),
        "known_at": "seen",
    }
    mapping = ImportMapping(kind="events", columns=columns, decimal=",", ignore=["secret"])
    text = (
        't;seen;kind;shop;bill;net;tax;off;secret;a"b\n'
        "2024-05-01;2024-05-03;K;A;1;1.000,50;0,50;-3;x;it's\n"
        "2024-05-01;;X;;2; 2 € ;;;x;\n"
        "2024-05-01;;-;;2;1;1;;x;\n"
        "2024-05-01;;K;;2;1;z;;x;\n"
    )
    account = load(stores, tmp_path / "a.csv", text, mapping=mapping)
    assert (account.accepted, account.rejected) == (2, 2)
    first, second = rows(stores, EVENTS, "amount DESC")
    assert (first["event"], first["order_id"], first["amount"], first["discount"]) == ("buy", "A/1", 1001.0, 3.0)
    assert first["properties"] == '{"a\\"b":"it\'s"}'
    assert first["known_at"] == datetime(2024, 5, 2, 21, tzinfo=UTC)
    assert (second["event"], second["order_id"], second["amount"], second["discount"]) == ("X", "2", 2.0, None)
    assert [row["column"] for row in rows(stores, QUARANTINE, "row")] == ["event", "amount"]


@pytest.mark.parametrize(
    "rule", [Rule(), Rule(column="a", constant="x"), Rule(join=["a"], sum=["a"])], ids=["none", "two", "both"]
)
def test_a_rule_has_exactly_one_source(stores: Stores, tmp_path: Path, rule: Rule) -> None:
    mapping = ImportMapping(kind="people", columns={"user_id": rule})
    with pytest.raises(MappingError, match="exactly one"):
        load(stores, tmp_path / "a.csv", "a\n1\n", "people", mapping)


def test_an_unknown_target_and_a_wrong_kind(stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="did you mean 'user_id'"):
        load(stores, tmp_path / "a.csv", "a\n1\n", "people", ImportMapping(kind="people", columns={"userid": "a"}))
    with pytest.raises(MappingError, match="not for items"):
        load(stores, tmp_path / "a.csv", "a\n1\n", "items", ImportMapping(kind="people", columns={"user_id": "a"}))


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [("1,234.50", ".", 1234.5), ("€ 12.00", ".", 12.0), ("12,5 zł", ",", 12.5), ("1 234,5", ",", 1234.5),
     ("-0.5", ".", -0.5), ("+3", ".", 3.0),
     ("1e3", ".", 1000.0), ("12,5", ".", None), ("1.2.3", ".", None), ("nan", ".", None),
     ("inf", ".", None), ("1.5", ",", None), ("--1", ".", None)],
)  # fmt: skip
def test_numbers(stores: Stores, tmp_path: Path, text: str, decimal: str, number: float | None) -> None:
    mapping = ImportMapping(
        kind="items", columns={"item_id": "id", "price": "price"}, decimal="," if decimal == "," else ".", delimiter=";"
    )
    account = load(stores, tmp_path / "a.csv", f"id;price\ni1;{text}\n", "items", mapping)
    assert account.rejected == (number is None)
    assert [row["price"] for row in rows(stores, ITEMS, "1")] == ([] if number is None else [number])


def test_doubts_of_events(stores: Stores, tmp_path: Path) -> None:
    header = "timestamp,event,user_id,order_id,quantity,amount,discount\n"
    text = header + "2024-05-01,buy,p1,o,1,0,0\n2024-05-01,buy,p2,o,1,2,-1\n2024-05-01,buy,p3,o,-1,-2,-1\n"
    many = "".join(f"2024-05-{1 + number % 28:02},buy,till,t{number},1,1,0\n" for number in range(1_001))
    few = "".join(f"2024-05-{1 + number % 28:02},buy,busy,b{number % 1_000},1,1,0\n" for number in range(1_500))
    account = load(stores, tmp_path / "a.csv", text + many + few)
    assert account.marked == 2 + 1_001
    found = {(row["user_id"], row["doubts"]) for row in rows(stores, EVENTS, "1")}
    assert found == {
        ("p1", "amount:zero"), ("p2", "discount:negative"), ("p3", ""), ("till", "row:too_many_orders"), ("busy", ""),
    }  # fmt: skip


def test_what_vocative_exports_it_takes_back(stores: Stores, tmp_path: Path) -> None:
    load(stores, tmp_path / "a.csv", "timestamp,event,user_id,color\n2024-05-01,view,p1,red\n2024-05-02,view,p1,\n")
    exported = stores.engine.query("SELECT * FROM t", {"t": stores.lake.scan(EVENTS)})
    before = rows(stores, EVENTS, "message_id")
    pq.write_table(exported, tmp_path / "b.parquet")
    account = import_file(stores, shop(), tmp_path / "b.parquet", kind="events", mapping=None, now=NOW)
    assert (account.accepted, account.merged) == (0, 2)
    assert rows(stores, EVENTS, "message_id") == before


def test_versions_in_a_file_with_times(stores: Stores, tmp_path: Path) -> None:
    text = "user_id,timestamp,first_name\np1,2024-01-01,Ann\np1,2024-02-01,Ann\np1,2024-03-01,Anna\np1,2024-01-15,Ann\n"
    account = load(stores, tmp_path / "a.csv", text, "people")
    assert (account.accepted, account.merged) == (2, 2)
    late = load(stores, tmp_path / "b.csv", "user_id,timestamp,first_name\np1,2024-02-15,Anne\n", "people")
    assert late.accepted == 1
    assert [row["first_name"] for row in rows(stores, PEOPLE, "timestamp")] == ["Ann", "Anne", "Anna"]
    last = load(stores, tmp_path / "c.csv", "user_id,first_name\np1,Anna\np2,x\np2,Bob\n", "people")
    assert (last.accepted, last.merged) == (1, 2)


def test_permissions_in_full(stores: Stores, tmp_path: Path) -> None:
    text = (
        "user_id,purpose,channel,status,basis,at,expires_at,source,text\n"
        "p1,personalization,email,ДА,consent,2024-05-01T10:00:00Z,2026-05-01,form,May we?\n"
        "p1,mind_reading,,yes,,2024-05-01,,,\n"
        "p1,marketing,,no,existing_customer,2024-05-02,,,\n"
    )
    account = load(stores, tmp_path / "a.csv", text, "permissions")
    assert (account.accepted, account.rejected) == (2, 1)
    assert "mind_reading" in rows(stores, QUARANTINE, "row")[0]["reason"]
    again = load(stores, tmp_path / "b.csv", text + "p2,marketing,,yes,,2024-05-01,,,\n", "permissions")
    assert (again.accepted, again.merged) == (1, 2)
    with stores.ledger.transaction() as transaction:
        first = transaction.select(PERMISSIONS, {"purpose": "personalization"})[0]
    assert (first["status"], first["channel"], first["text"], first["source"]) == ("yes", "email", "May we?", "form")
    assert first["at"] == first["known_at"] == 1_714_557_600_000_000


def test_a_changed_mind_is_a_new_record(stores: Stores, tmp_path: Path) -> None:
    for number, status in enumerate(["yes", "yes", "no", "yes"]):
        text = f"user_id,status\np1,{status}\n" + f"q{number},yes\n"
        load(stores, tmp_path / f"{number}.csv", text, "permissions", now=NOW + number)
    with stores.ledger.transaction() as transaction:
        found = transaction.select(PERMISSIONS, {"user_id": "p1"}, order_by=("at",))
    assert [row["status"] for row in found] == ["yes", "no", "yes"]


def test_a_product_of_columns(stores: Stores, tmp_path: Path) -> None:
    columns: dict[str, ColumnRule] = {"timestamp": "timestamp", "event": "event", "quantity": "pieces"}
    mapping = ImportMapping(
        kind="events", columns={**columns, "amount": Rule(product=["price", "pieces"])}, decimal=","
    )
    head = "timestamp;event;price;pieces\n"
    lines = "2024-05-01;buy;0,10;3\n2024-05-02;buy;1.200,50;-1\n2024-05-03;buy;;3\n2024-05-04;buy;much;3\n"
    account = load(stores, tmp_path / "a.csv", head + lines, mapping=mapping)
    assert (account.accepted, account.rejected) == (3, 1)
    assert [row["amount"] for row in rows(stores, EVENTS, "timestamp")] == [0.3, -1200.5, None]


@pytest.mark.parametrize("rule", [Rule(sum=["a"]), Rule(product=["a"]), Rule(column="a", negate=True)])
def test_only_numbers_can_be_computed(stores: Stores, tmp_path: Path, rule: Rule) -> None:
    mapping = ImportMapping(kind="events", columns={"timestamp": rule, "event": "a"})
    with pytest.raises(MappingError, match="no number"):
        load(stores, tmp_path / "a.csv", "a\nb\n", mapping=mapping)


@pytest.mark.parametrize(
    "deep", ["[" * 5_000 + "]" * 5_000, "[" * 600 + "]" * 600, '{"a":' * 5_000 + "1" + "}" * 5_000]
)
def test_a_line_that_is_nested_too_deeply_costs_nobody_else(stores: Stores, tmp_path: Path, deep: str) -> None:
    line = '{"timestamp": "2024-05-01", "event": "buy", "user_id": "p1", "x": %s}\n'
    account = load(stores, tmp_path / "a.jsonl", line % deep + line % "1")
    assert (account.accepted, account.rejected) == (1, 1)
    assert "deeply" in rows(stores, QUARANTINE, "row")[0]["reason"]


def test_properties_that_are_no_object_are_kept_as_they_stand(stores: Stores, tmp_path: Path) -> None:
    text = 'timestamp,event,properties\n2024-05-01,buy,{bad\n2024-05-02,buy,"[1,2]"\n2024-05-03,buy,\n'
    load(stores, tmp_path / "a.csv", text)
    found = [row["properties"] for row in rows(stores, EVENTS, "timestamp")]
    assert found == ['{"properties":"{bad"}', '{"properties":"[1,2]"}', None]
