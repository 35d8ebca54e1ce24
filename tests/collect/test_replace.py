"""The same file with a mended mapping: its events never count twice, and can be taken back and read anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.collect.conftest import NOW, rows, shop
from vocative.collect.commit import journal
from vocative.collect.commit.files import import_file
from vocative.errors import ImportFileError
from vocative.records.lake_tables import EVENTS, QUARANTINE
from vocative.records.ledger_tables import IMPORTS
from vocative.records.results import ImportAccount
from vocative.records.settings import ImportMapping, Rule
from vocative.store.protocols import Stores

FILE = "when,who,what,paid\n2024-05-01,p1,milk,2.50\n2024-05-02,p2,bread,3.10\nsomeday,p3,eggs,1.00\n"
WITHOUT_MONEY = ImportMapping(
    kind="events",
    columns={"timestamp": "when", "user_id": "who", "item_id": "what", "event": Rule(constant="purchase")},
    ignore=["paid"],
)
MENDED = ImportMapping(kind="events", columns={**WITHOUT_MONEY.columns, "amount": "paid"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def take(stores: Stores, path: Path, mapping: ImportMapping, *, replace: bool = False) -> ImportAccount:
    return import_file(stores, shop(), path, kind="events", mapping=mapping, now=NOW, replace=replace)


def amounts(stores: Stores) -> list[object]:
    return [row["amount"] for row in rows(stores, EVENTS, "timestamp")]


def test_a_changed_mapping_is_refused_and_changes_nothing(stores: Stores, path: Path) -> None:
    take(stores, path, WITHOUT_MONEY)
    with pytest.raises(ImportFileError, match="would count twice") as caught:
        take(stores, path, MENDED)
    assert str(path) in str(caught.value)
    assert "--replace" in caught.value.remedy
    assert amounts(stores) == [None, None]


def test_replacing_takes_back_what_the_file_brought_and_nothing_else(stores: Stores, path: Path) -> None:
    other = path.with_name("other.csv")
    other.write_text("when,who,what,paid\n2024-04-01,p9,tea,9.00\n", encoding="utf-8")
    take(stores, other, MENDED)
    take(stores, path, WITHOUT_MONEY)
    account = take(stores, path, MENDED, replace=True)
    assert (account.read, account.accepted, account.merged, account.rejected) == (3, 2, 0, 1)
    assert amounts(stores) == [9.0, 2.5, 3.1]
    assert len(rows(stores, QUARANTINE, "row")) == 1


def test_after_replacing_the_file_is_known_again(stores: Stores, path: Path) -> None:
    take(stores, path, WITHOUT_MONEY)
    take(stores, path, MENDED, replace=True)
    for replace in (False, True):
        assert take(stores, path, MENDED, replace=replace).repeated
    with pytest.raises(ImportFileError):
        take(stores, path, WITHOUT_MONEY)


def test_going_back_and_forth_loses_nothing(stores: Stores, path: Path) -> None:
    take(stores, path, WITHOUT_MONEY)
    for mapping, expected in ((MENDED, [2.5, 3.1]), (WITHOUT_MONEY, [None, None]), (MENDED, [2.5, 3.1])):
        assert take(stores, path, mapping, replace=True).accepted == 2
        assert amounts(stores) == expected
        assert len(rows(stores, QUARANTINE, "row")) == 1


def test_replacing_without_an_earlier_import_is_an_import(stores: Stores, path: Path) -> None:
    assert take(stores, path, MENDED, replace=True).accepted == 2


def test_cut_off_in_the_middle_the_same_command_ends_the_same(
    stores: Stores, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(stores, path, WITHOUT_MONEY)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(journal, "mark_replaced", cut_off)
        with pytest.raises(KeyboardInterrupt):
            take(stores, path, MENDED, replace=True)
    assert take(stores, path, MENDED, replace=True).accepted == 2
    assert amounts(stores) == [2.5, 3.1]
    with stores.ledger.transaction() as transaction:
        assert sorted(str(row["state"]) for row in transaction.select(IMPORTS)) == ["done", "replaced"]
