"""Events that were a gift: marked by id, item or order, for good, and undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.line.shop import NOW, import_all, prepare
from vocative.cli import main
from vocative.collect.identity.not_me import visibility
from vocative.desk.person.not_me import disown, own_events
from vocative.errors import UnknownEventError, UnknownPersonError
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.snapshot import Snapshot
from vocative.workspace.opening import OpenWorkspace

PERSON, OTHER = "p0", "p5"
HOUR_US = 3_600_000_000


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("disowning") / "workspace"
    prepare(root, days=40, people=8)
    import_all(root)
    return root


def lines(root: Path, moment: int, person: str = PERSON) -> float:
    """How many units the person bought, by the features of a moment."""
    with OpenWorkspace.open(root) as workspace:
        table = Snapshot(workspace, moment).feature_table.to_pylist()
    return next(float(row["units_365d"]) for row in table if row["person_id"] == person)


def test_a_mark_counts_from_when_it_was_known_twice_is_once_and_it_can_be_undone(root: Path) -> None:
    marked, undone = NOW + HOUR_US, NOW + 3 * HOUR_US
    full, others = lines(root, NOW + 9), lines(root, NOW + 9, OTHER)
    with OpenWorkspace.open(root) as workspace:
        milk = disown(workspace, PERSON, marked, items=["item-Milk"])
        again = disown(workspace, PERSON, marked + HOUR_US, items=["item-Milk"], message_ids=milk.changed[:1])
        assert milk.changed
        assert (again.changed, sorted(again.unchanged)) == ([], sorted(milk.changed))
        assert {one.not_me for one in own_events(workspace, PERSON, marked) if one.item_id == "item-Milk"} == {True}
    assert [lines(root, moment) for moment in (marked, marked + 1)] == [full, full - len(milk.changed)]
    assert lines(root, marked + 1, OTHER) == others
    with OpenWorkspace.open(root) as workspace:
        assert disown(workspace, PERSON, undone, items=["item-Milk"], undo=True).changed == milk.changed
        assert disown(workspace, PERSON, undone, items=["item-Milk"], undo=True).changed == []
        table = visibility(workspace.stores.ledger).to_pylist()
        assert sorted((row["since"], row["until"]) for row in table) == sorted(
            [(0, marked), (undone, None)] * len(milk.changed), key=lambda span: span[0]
        )
    assert [lines(root, moment) for moment in (marked, undone, undone + 1)] == [full, full - len(milk.changed), full]
    with OpenWorkspace.open(root) as workspace:
        assert disown(workspace, PERSON, undone, message_ids=milk.changed[:1]).changed == milk.changed[:1]
    assert lines(root, undone + 1) == full - 1


def test_what_is_not_theirs_or_not_known_yet_is_refused(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        theirs = own_events(workspace, OTHER, NOW)[0].message_id
        for ids, items, orders in (([theirs], [], []), ([], ["item-Caviar"], []), ([], [], ["o-none"])):
            with pytest.raises(UnknownEventError, match="lists the latest events"):
                disown(workspace, PERSON, NOW, message_ids=ids, items=items, orders=orders)
        with pytest.raises(UnknownPersonError, match="check the identifier"):
            disown(workspace, "nobody", NOW, items=["item-Milk"])
        with pytest.raises(UnknownPersonError):
            disown(workspace, PERSON, NOW - 400 * 24 * HOUR_US, items=["item-Milk"])


def vocative(*words: str) -> Result:
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_the_command_lists_marks_and_refuses(root: Path) -> None:
    common = ["-w", str(root), "--now", to_text(NOW + HOUR_US)]
    listed = json.loads(vocative("person", "p6", "not-me", "--json", *common).stdout)["events"]
    done = vocative("person", "p6", "not-me", listed[0]["message_id"], "--order", listed[1]["order_id"], *common)
    assert done.exit_code == 0, done.output
    assert "no longer count as those of p6" in done.stdout
    shown = vocative("person", "p6", "not-me", *common)
    assert listed[0]["message_id"] in shown.stdout
    assert "yes" in shown.stdout
    back = vocative("person", "p6", "not-me", listed[0]["message_id"], "--undo", *common)
    assert "1 event count" in back.stdout
    wrong = vocative("person", "p6", "not-me", "no-such-event", *common)
    assert wrong.exit_code == 2
    assert "lists the latest events" in wrong.stderr
    assert vocative("person", "p6", "not-me", "--undo", *common).exit_code == 2
