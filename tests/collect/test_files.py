"""Files through the whole import, on real stores."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.collect.conftest import NOW, load, rows, shop
from vocative.collect.commit.files import import_file
from vocative.errors import ImportFileError, MappingError
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE, QUARANTINE
from vocative.records.ledger_tables import IMPORTS, PERMISSIONS
from vocative.records.settings import ImportMapping, Rule
from vocative.store.protocols import Stores

ORDERS = """message_id,timestamp,event,user_id,order_id,item_id,quantity,amount,color
m1,2024-05-01T10:00:00Z,purchase,p1,o1,i1,1,9.99,red
m2,2024-05-02T10:00:00Z,purchase,p1,o2,i2,-1,-5,
m3,2024-05-03T10:00:00Z,view,p2,,i1,,,blue
"""


def utc(*parts: int) -> datetime:
    """A moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_canonical_events(stores: Stores, tmp_path: Path) -> None:
    account = load(stores, tmp_path / "orders.csv", ORDERS)
    assert (account.read, account.accepted, account.merged, account.rejected) == (3, 3, 0, 0)
    first, returned, view = rows(stores, EVENTS, "message_id")
    assert first["timestamp"] == first["known_at"] == utc(2024, 5, 1, 10)
    assert (first["user_id"], first["order_id"], first["amount"]) == ("p1", "o1", 9.99)
    assert (returned["quantity"], returned["amount"]) == (-1.0, -5.0)
    assert first["properties"] == '{"color":"red"}'
    assert returned["properties"] is None
    assert view["order_id"] is None
    assert first["source"].startswith("orders.csv#")


def test_the_same_file_twice_changes_nothing(stores: Stores, tmp_path: Path) -> None:
    load(stores, tmp_path / "a.csv", ORDERS + "bad row\n")
    before = rows(stores, EVENTS, "message_id"), rows(stores, QUARANTINE, "row")
    again = load(stores, tmp_path / "b.csv", ORDERS + "bad row\n")
    assert again.repeated
    assert (again.accepted, again.merged, again.rejected) == (0, 3, 1)
    assert (rows(stores, EVENTS, "message_id"), rows(stores, QUARANTINE, "row")) == before


def test_overlapping_files(stores: Stores, tmp_path: Path) -> None:
    load(stores, tmp_path / "a.csv", ORDERS)
    account = load(stores, tmp_path / "b.csv", ORDERS + "m4,2024-05-04T10:00:00Z,view,p2,,i1,,,\n")
    assert (account.accepted, account.merged) == (1, 3)
    assert len(rows(stores, EVENTS, "message_id")) == 4


def test_equal_lines_are_two_lines_and_overlap_is_recognised(stores: Stores, tmp_path: Path) -> None:
    header = "timestamp,event,user_id,order_id,item_id,quantity\n"
    line = "2024-05-01 10:00,purchase,p1,o1,milk,1\n"
    assert load(stores, tmp_path / "a.csv", header + line + line).accepted == 2
    other = "2024-05-02 10:00,purchase,p1,o2,milk,1\n"
    account = load(stores, tmp_path / "b.csv", header + other + line + line + line)
    assert (account.accepted, account.merged) == (2, 2)


def test_a_repeated_id_within_a_file_is_merged(stores: Stores, tmp_path: Path) -> None:
    text = "message_id,timestamp,event,user_id\nm1,2024-05-01,view,p1\nm1,2024-05-01,view,p1\n"
    account = load(stores, tmp_path / "a.csv", text)
    assert (account.accepted, account.merged) == (1, 1)


def test_a_broken_row_in_the_middle_costs_one_row(stores: Stores, tmp_path: Path) -> None:
    lines = ORDERS.splitlines()
    lines.insert(2, "m9,2024-05-01T10:00:00Z,purchase,p1")
    account = load(stores, tmp_path / "a.csv", "\n".join(lines))
    assert (account.accepted, account.rejected) == (3, 1)
    (refused,) = rows(stores, QUARANTINE, "row")
    assert refused["row"] == 3
    assert refused["reason"] == "the row has 4 fields where the header has 9"
    assert '"message_id":"m9"' in refused["content"]


def test_an_unclosed_quote_does_not_swallow_the_file(stores: Stores, tmp_path: Path) -> None:
    text = 'timestamp,event,user_id,text\n2024-05-01,chat,p1,"oh\n' + "2024-05-02,chat,p2,hello\n" * 5_000
    account = load(stores, tmp_path / "a.csv", text)
    assert (account.read, account.accepted, account.rejected) == (5_001, 5_000, 1)
    assert "quotation mark" in rows(stores, QUARANTINE, "row")[0]["reason"]


def test_quotes_and_line_breaks_inside_fields(stores: Stores, tmp_path: Path) -> None:
    text = 'timestamp,event,user_id,text\n2024-05-01,chat,p1,"a\nb ""c"", d"\n2024-13-01,chat,p2,x\n'
    account = load(stores, tmp_path / "a.csv", text)
    assert (account.accepted, account.rejected) == (1, 1)
    assert rows(stores, EVENTS, "user_id")[0]["text"] == 'a\nb "c", d'
    assert rows(stores, QUARANTINE, "row")[0]["row"] == 4


def test_missing_columns_are_named_with_the_nearest(stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(MappingError) as error:
        load(stores, tmp_path / "a.csv", "time_stamp,event,user\n2024-05-01,view,p1\n")
    assert "timestamp" in str(error.value)
    assert "did you mean 'time_stamp'" in str(error.value)
    mapping = ImportMapping(kind="events", columns={"timestamp": "when", "event": Rule(constant="view")})
    with pytest.raises(MappingError, match="'when', which the file does not have"):
        load(stores, tmp_path / "a.csv", "time_stamp,event,user\n2024-05-01,view,p1\n", mapping=mapping)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_cyrillic_encodings_are_recognised(stores: Stores, tmp_path: Path, encoding: str) -> None:
    text = "user_id,first_name,city\np1,Анна,Рига\np2,Олексій,Київ\n"
    load(stores, tmp_path / "people.csv", text.encode(encoding), "people")
    assert [row["first_name"] for row in rows(stores, PEOPLE, "user_id")] == ["Анна", "Олексій"]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Jürgen"), ("cp1250", "Małgorzata"), ("iso8859-2", "Paweł"), ("cp1257", "Jānis Bērziņš")],
)
def test_latin_encodings_are_recognised(stores: Stores, tmp_path: Path, encoding: str, name: str) -> None:
    load(stores, tmp_path / "people.csv", f"user_id,first_name\np1,{name}\n".encode(encoding), "people")
    assert rows(stores, PEOPLE, "user_id")[0]["first_name"] == name


def test_a_wrong_stated_encoding_says_which_is_right(stores: Stores, tmp_path: Path) -> None:
    mapping = ImportMapping(kind="people", columns={"user_id": "id"}, encoding="utf-8")
    with pytest.raises(ImportFileError, match='encoding = "cp1251"'):
        load(stores, tmp_path / "p.csv", "id,имя\n1,Анна\n2,Борис\n".encode("cp1251"), "people", mapping)


def test_single_broken_bytes_cost_one_row(stores: Stores, tmp_path: Path) -> None:
    good = "".join(f"p{number},Олексій\n" for number in range(50))
    data = ("user_id,first_name\n" + good).encode() + b"bad,Ol\xff\xfe\n"
    account = load(stores, tmp_path / "p.csv", data, "people")
    assert (account.accepted, account.rejected) == (50, 1)
    assert "UTF-8" in rows(stores, QUARANTINE, "row")[0]["reason"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n \n"),
        ("cut.parquet", b"PAR1\x15\x04\x15"),
        ("no.parquet", b"a,b\n1,2\n"),
        ("junk.bin", bytes(range(256)) * 40),
        ("book.xlsx", b"PK\x03\x04rest"),
        ("array.json", b'[{"a": 1}]'),
        ("cut.csv.gz", gzip.compress(ORDERS.encode() * 100, mtime=0)[:80]),
    ],
)
def test_files_that_cannot_be_read(stores: Stores, tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(ImportFileError):
        load(stores, tmp_path / name, data)
    assert rows(stores, EVENTS, "1") == []


def test_missing_file_and_folder(stores: Stores, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(ImportFileError):
            import_file(stores, shop(), path, kind="events", mapping=None, now=NOW)


def test_people_with_one_unknown_zone(stores: Stores, tmp_path: Path) -> None:
    text = (
        "user_id,email,first_name,gender,language,timezone,country,birth_date\n"
        "p1,a@example.com,Anna,K,lv_LV,europe/riga,lv,1990-02-03\n"
        "p2,b@example,Test,?,klingon,Mars/Base,Atlantis,1890-01-01\n"
    )
    account = load(stores, tmp_path / "people.csv", text, "people")
    assert (account.accepted, account.marked) == (2, 1)
    anna, other = rows(stores, PEOPLE, "user_id")
    assert (anna["gender"], anna["language"], anna["timezone"], anna["country"]) == (
        "female", "lv-LV", "Europe/Riga", "LV",
    )  # fmt: skip
    assert anna["doubts"] == ""
    assert other["timezone"] is None
    assert other["gender"] is None
    assert other["doubts"].split(",") == [
        "email:malformed", "first_name:not_a_name", "language:unknown", "timezone:unknown", "country:unknown",
        "birth_date:implausible",
    ]  # fmt: skip
    assert other["traits"] == '{"country":"Atlantis","language":"klingon","timezone":"Mars/Base"}'


def test_a_new_version_only_when_something_changed(stores: Stores, tmp_path: Path) -> None:
    load(stores, tmp_path / "a.csv", "item_id,name,price\ni1,Milk,1\ni2,Bread,0\n", "items")
    account = load(
        stores, tmp_path / "b.csv", "item_id,name,price\ni1,Milk,1.0\ni2,Bread,2\ni3,Salt,1\n", "items", now=NOW + 1
    )
    assert (account.accepted, account.merged) == (2, 1)
    assert [(row["item_id"], row["price"], row["doubts"]) for row in rows(stores, ITEMS, "item_id, timestamp")] == [
        ("i1", 1.0, ""), ("i2", 0.0, "price:not_positive"), ("i2", 2.0, ""), ("i3", 1.0, ""),
    ]  # fmt: skip


def test_subscribers_say_nothing_about_personalization(stores: Stores, tmp_path: Path) -> None:
    load(stores, tmp_path / "people.csv", "user_id,email\n7,Anna@Example.com\n", "people")
    mapping = ImportMapping(kind="permissions", columns={"user_id": "Email Address", "status": "Status"})
    text = "Email Address,Status\nanna@example.com,Subscribed\nb@example.com,cleaned\nc@example.com,perhaps\n"
    account = load(stores, tmp_path / "list.csv", text, "permissions", mapping)
    assert (account.accepted, account.rejected) == (2, 1)
    with stores.ledger.transaction() as transaction:
        records = transaction.select(PERMISSIONS, order_by=("user_id",))
    assert [(row["user_id"], row["purpose"], row["status"], row["basis"], row["source"]) for row in records] == [
        ("7", "marketing", "yes", "consent", "list.csv"),
        ("b@example.com", "marketing", "no", "consent", "list.csv"),
    ]
    again = load(stores, tmp_path / "list2.csv", text + "7,unsubscribed\n", "permissions", mapping, NOW + 5)
    assert (again.accepted, again.merged, again.rejected) == (1, 2, 1)


def test_the_journal_holds_the_account(stores: Stores, tmp_path: Path) -> None:
    account = load(stores, tmp_path / "a.csv", ORDERS)
    with stores.ledger.transaction() as transaction:
        (row,) = transaction.select(IMPORTS)
    assert row["import_id"] == account.import_id
    assert (row["state"], row["read"], row["accepted"], row["at"]) == ("done", 3, 3, NOW)


def test_what_a_killed_import_staged_is_gone_after_any_other_of_its_kind(stores: Stores, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    (scratch / "import-events-killed").mkdir(parents=True)
    (scratch / "import-people-running").mkdir()
    path = tmp_path / "a.csv"
    path.write_text(ORDERS)
    for _ in range(2):
        import_file(stores, shop(), path, kind="events", mapping=None, now=NOW, scratch=scratch)
        assert [left.name for left in scratch.iterdir()] == ["import-people-running"]
        # Killed after all was done and before it cleaned up: the next one finds nothing to do but that.
        (scratch / "import-events-done").mkdir()
    import_file(stores, shop(), path, kind="events", mapping=None, now=NOW, scratch=scratch)
    assert [left.name for left in scratch.iterdir()] == ["import-people-running"]


def test_a_correction_of_the_same_time_is_newer_than_what_it_corrects(stores: Stores, tmp_path: Path) -> None:
    head = "user_id,timestamp,email\n"
    emails = [f"{letter}@example.com" for letter in "cabd"]
    for day, email in enumerate(emails):
        load(stores, tmp_path / "p.csv", f"{head}p1,2024-01-05T10:00:00Z,{email}\n", "people", now=NOW + day)
    found = rows(stores, PEOPLE, "timestamp, known_at")
    assert [row["email"] for row in found] == emails
    assert [row["known_at"] == row["timestamp"] for row in found] == [True, False, False, False]
