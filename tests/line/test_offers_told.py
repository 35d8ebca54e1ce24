"""What of the offers may be told at a moment: each with exactly its own terms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.line.shop import CATEGORIES, FIRST_MOMENT, NOW, import_all, prepare
from vocative.collect.commit.files import import_file
from vocative.line.act import decision_inputs
from vocative.line.snapshot.snapshot import Snapshot
from vocative.workspace.opening import OpenWorkspace

DAY = 86_400_000_000
MILK, BREAD, COFFEE = (f"item-{name}" for name in CATEGORIES)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[OpenWorkspace]:
    """The invented shop with one campaign that makes offers."""
    prepare(tmp_path)
    import_all(tmp_path)
    path = tmp_path / "campaigns" / "replenish.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "offers: true\n", encoding="utf-8")
    with OpenWorkspace.open(tmp_path) as opened:
        yield opened


def bring(workspace: OpenWorkspace, *lines: str) -> None:
    path = workspace.root / "offers.csv"
    header = "offer_id,item_id,discount,unit,starts_at,ends_at,timestamp"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    account = import_file(workspace.stores, workspace.settings, path, kind="offers", mapping=None, now=FIRST_MOMENT)
    assert account.rejected == 0


def told(workspace: OpenWorkspace, now: int = NOW) -> list[tuple[str, float | None, set[str]]]:
    return [(one.offer_id, one.discount, set(one.targets)) for one in decision_inputs.offers(Snapshot(workspace, now))]


def test_items_of_one_offer_are_told_with_their_own_size(workspace: OpenWorkspace) -> None:
    bring(
        workspace,
        f"SALE,{MILK},10,percent,,,2024-12-01",
        f"SALE,{BREAD},50,percent,,,2024-12-01",
        f"SALE,{COFFEE},50,percent,,,2024-12-01",
    )
    assert told(workspace) == [("SALE", 10.0, {MILK, "Milk"}), ("SALE", 50.0, {BREAD, "Bread", COFFEE, "Coffee"})]


def test_of_two_spans_that_are_as_new_each_holds_for_itself(workspace: OpenWorkspace) -> None:
    bring(
        workspace,
        f"SALE,{MILK},20,percent,2025-01-01,2025-12-01,2024-12-01",
        f"SALE,{MILK},30,percent,2025-02-01,2025-03-01,2024-12-01",
    )
    milk = {MILK, "Milk"}
    assert told(workspace, FIRST_MOMENT + 40 * DAY) == [("SALE", 20.0, milk), ("SALE", 30.0, milk)]
    assert told(workspace, FIRST_MOMENT + 90 * DAY) == [("SALE", 20.0, milk)]


def test_a_newer_version_goes_before_and_may_end_the_offer(workspace: OpenWorkspace) -> None:
    bring(
        workspace,
        f"SALE,{MILK},20,percent,,2025-12-01,2024-12-01",
        f"SALE,{MILK},20,percent,,2025-01-20,2025-01-15",
    )
    assert told(workspace, FIRST_MOMENT + 10 * DAY)
    assert told(workspace, FIRST_MOMENT + 30 * DAY) == []
