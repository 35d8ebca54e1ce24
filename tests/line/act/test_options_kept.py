"""What a run keeps of its decisions in columns: options, exposures, and what becomes of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.line.shop import FIRST_MOMENT, NOW, approve_all, change, import_all, prepare
from vocative.collect.commit.files import import_file
from vocative.desk.export import export_table
from vocative.desk.person.erasure import erase_person
from vocative.line.running import run
from vocative.line.snapshot import records_io
from vocative.line.snapshot.journal import Journal
from vocative.line.snapshot.records_io import decisions_of
from vocative.records.lake_tables import DECISIONS, EXPOSURES, OPTIONS
from vocative.records.ledger_tables import ASSIGNMENTS
from vocative.workspace.opening import Workspace

_JOINED_SQL = """
SELECT decisions.person_id, outcome, decisions.action_key AS decided, options.action_key AS given, options.propensity,
  decisions.propensity AS chance, probabilities, options.cost,
  (decisions.campaign, decisions.variant, decisions.medium, decisions.channel, decisions.offer_discount)
    IS NOT DISTINCT FROM
    (options.campaign, options.variant, options.medium, options.channel, options.offer_discount) AS same
FROM decisions LEFT JOIN options ON options.decision_id = decisions.decision_id AND given
"""
_MET_SQL = "SELECT person_id, outcome, decision_id FROM decisions WHERE outcome <> 'silence' ORDER BY person_id"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that gives coupons of two sizes, explores, and holds some people back."""
    root = tmp_path_factory.mktemp("options") / "shop"
    prepare(root, people=40)
    change(root, r"share = [0-9.]+", "share = 0.3")
    settings = root / "vocative.toml"
    settings.write_text(f"{settings.read_text()}\n[exploring]\nshare = 0.5\n")
    import_all(root)
    campaign = root / "campaigns" / "replenish.yaml"
    text = (
        campaign.read_text(encoding="utf-8")
        .replace("name: replenish", "name: coupon")
        .replace("value: 1.0", "value: 9.0")
    )
    campaign.write_text(text + "offers: true\n", encoding="utf-8")
    offers = root / "raw" / "offers.csv"
    rows = (f"{size},item-{name},{size},percent,2024-12-01\n" for size in (10, 20) for name in ("Milk", "Bread"))
    offers.write_text("offer_id,item_id,discount,unit,timestamp\n" + "".join(rows), encoding="utf-8")
    with Workspace.open(root) as workspace:
        import_file(workspace.stores, workspace.settings, offers, kind="offers", mapping=None, now=FIRST_MOMENT - 1)
        approve_all(workspace)
    return root


@pytest.fixture
def root(imported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(imported, tmp_path / "shop"))


def asked(workspace: Workspace, sql: str) -> list[dict[str, object]]:
    lake = workspace.stores.lake
    relations = {table.name: lake.scan(table) for table in (DECISIONS, OPTIONS, EXPOSURES) if table.name in sql}
    return workspace.stores.engine.query(sql, relations).to_pylist()


def test_every_contact_is_one_of_its_options_and_every_exposure_a_decision(root: Path) -> None:
    with Workspace.open(root) as workspace:
        run(workspace, NOW)
        rows = asked(workspace, _JOINED_SQL)
        coupons = asked(workspace, "SELECT count(DISTINCT offer_discount) AS sizes FROM options WHERE offer_id <> ''")
        exposed = asked(workspace, "SELECT person_id, arm, decision_id FROM exposures ORDER BY person_id")
        met = asked(workspace, _MET_SQL)
        with workspace.stores.ledger.transaction() as transaction:
            arms = {str(row["person_id"]): row["arm"] for row in transaction.select(ASSIGNMENTS)}
        read = decisions_of(workspace.stores, Journal(workspace.stores.ledger, NOW).run_id)
    assert {row["outcome"] for row in rows} == {"contact", "silence", "control"}
    assert coupons == [{"sizes": 2}]
    for row in rows:
        contacted = row["outcome"] == "contact"
        assert (row["given"] is not None) == contacted
        if contacted:
            assert row["given"] == row["decided"]
            assert row["same"] is True
            if row["probabilities"]:
                assert row["propensity"] == pytest.approx(row["chance"])
    assert [(one["person_id"], one["decision_id"]) for one in exposed] == [
        (one["person_id"], one["decision_id"]) for one in met
    ]
    assert [one["arm"] for one in exposed] == ["control" if one["outcome"] == "control" else "treated" for one in met]
    assert all(arms[str(one["person_id"])] == one["arm"] for one in exposed)
    back = sorted((one.person_id, one.chosen.action.key) for one in read if one.chosen and one.outcome == "contact")
    assert back == sorted((str(row["person_id"]), str(row["decided"])) for row in rows if row["outcome"] == "contact")


def test_a_run_that_is_cut_off_before_its_options_keeps_them_when_it_is_taken_up(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path(shutil.copytree(root, tmp_path / "whole"))

    def cut_off(*_: object) -> object:
        raise OSError("power cut")

    with Workspace.open(root) as workspace, monkeypatch.context() as patched:
        patched.setattr(records_io, "_options_table", cut_off)
        with pytest.raises(OSError, match="power cut"):
            run(workspace, NOW)
        assert asked(workspace, "SELECT count(*) AS rows FROM options") == [{"rows": 0}]
        assert asked(workspace, "SELECT count(*) > 0 AS some FROM decisions") == [{"some": True}]
    found = []
    for folder in (root, whole):
        with Workspace.open(folder) as workspace:
            run(workspace, NOW)
            found.append(
                [asked(workspace, f"SELECT * FROM {table} ORDER BY ALL") for table in ("options", "exposures")]
            )
    assert found[0] == found[1]
    assert all(found[0])


def test_options_and_exposures_are_exported_erased_and_expire(root: Path, tmp_path: Path) -> None:
    with Workspace.open(root) as workspace:
        run(workspace, NOW)
        (first,) = asked(workspace, "SELECT min(person_id) AS person FROM exposures")
        gone = str(first["person"])
        for name in ("options", "exposures", "assignments"):
            assert export_table(workspace, name, tmp_path / f"{name}.csv") > 0
        receipt = erase_person(workspace, gone, NOW + 1)
        assert min(receipt.erased[name] for name in ("options", "exposures", "assignments")) > 0
        for table in ("options", "exposures"):
            assert asked(workspace, f"SELECT 1 FROM {table} WHERE person_id = '{gone}'") == []
        for kept in (OPTIONS, EXPOSURES):
            assert workspace.stores.lake.expire(kept, "moment", NOW) == 0
            assert workspace.stores.lake.expire(kept, "moment", NOW + 1) > 0
