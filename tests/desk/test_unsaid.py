"""Names that may not be said cost nobody their mail, and the business is told how many there are, and why."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.line.shop import NOW, import_all, prepare
from vocative.cli.root import main
from vocative.desk.rehearse import preview
from vocative.desk.status import status
from vocative.desk.unsaid import items_unsaid
from vocative.line.act.decision_inputs import item_names
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.snapshot import Snapshot
from vocative.workspace.opening import OpenWorkspace

FIRM, LINK = "the name of a firm", "an address of a page or a mailbox"


def rewrite(path: Path, column: str, values: dict[int, str]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for place, value in values.items():
        rows[place][column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The invented shop, where everybody is a firm or carries an advert, and one item does."""
    raw = prepare(tmp_path)
    with (raw / "people.csv").open(encoding="utf-8", newline="") as file:
        people = len(list(csv.DictReader(file)))
    hostile = ("Smith & Sons Ltd", "http://evil.example/win")
    rewrite(raw / "people.csv", "first_name", {place: hostile[place % 2] for place in range(people)})
    rewrite(raw / "items.csv", "name", {0: "Win at evil.example"})
    import_all(tmp_path)
    return tmp_path


def test_status_and_preview_count_them_and_the_mail_goes_without(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        told = status(workspace, NOW)
        [shown] = preview.preview(workspace, ["news"], NOW)
    assert told["names_unsaid"] == {FIRM: told["people"] // 2, LINK: told["people"] // 2}  # type: ignore[operator]
    assert shown.failed == 0
    assert shown.would_receive == sum(shown.names_unsaid.values()) > 0
    assert set(shown.names_unsaid) == {FIRM, LINK}
    assert "a name that is not said" in {one.picked_for for one in shown.shown}
    assert not any("evil" in one.text or "Smith" in one.text for one in shown.shown)
    page = (root / "previews" / "news.html").read_text(encoding="utf-8")
    assert FIRM in page
    assert "evil" not in page
    for command in (["status"], ["campaign", "preview", "news"]):
        result = CliRunner().invoke(main, [*command, "-w", str(root), "--now", to_text(NOW)])
        assert result.exit_code == 0
        assert f"Greeted without their names: {LINK}" in result.output or f"names: {FIRM}" in result.output


def test_items_are_counted_where_a_campaign_calls_them_by_name(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        scene = Snapshot(workspace, NOW)
        assert items_unsaid(scene) == {}
        names = item_names(scene)
        assert "Win at evil.example" in names.values()
        assert item_names(scene, []) == {}
        some = sorted(names)[:2]
        assert item_names(scene, some) == {item: names[item] for item in some}
    path = root / "campaigns" / "replenish.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "about: item\n", encoding="utf-8")
    with OpenWorkspace.open(root) as workspace:
        assert items_unsaid(Snapshot(workspace, NOW)) == {LINK: 1}
