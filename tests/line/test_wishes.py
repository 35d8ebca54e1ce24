"""What people wish and have been told once, from their files to what leaves the house."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.line.shop import NOW, import_all, prepare
from vocative.line.running import run
from vocative.line.snapshot.people import recipients
from vocative.line.snapshot.snapshot import Snapshot
from vocative.records.ledger_tables import OUTBOX, TOLD
from vocative.records.schema import Value
from vocative.workspace.opening import OpenWorkspace

DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose generic news are told once; every third person asked for no messages at all."""
    root = tmp_path_factory.mktemp("wishes")
    raw = prepare(root, days=60, people=30)
    lines = (raw / "people.csv").read_text(encoding="utf-8").splitlines()
    wishes = [
        f"{line},{0 if number % 3 == 0 else ''},{'LV' if number % 2 else ''}" for number, line in enumerate(lines[1:])
    ]
    (raw / "people.csv").write_text("\n".join([f"{lines[0]},frequency,country", *wishes]) + "\n", encoding="utf-8")
    for path in (root / "campaigns").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text}\nonce: true\n", encoding="utf-8")
    import_all(root)
    return root


def outbox(workspace: OpenWorkspace) -> list[dict[str, Value]]:
    with workspace.stores.ledger.transaction() as transaction:
        return list(transaction.select(OUTBOX))


def test_wishes_and_countries_are_read_from_the_files_of_people(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        scene = Snapshot(workspace, NOW)
        found = {one.person_id: one for one in recipients(scene.people, workspace.settings, {})}
    assert len(found) == 30
    assert {name: one.most_per_month for name, one in found.items()} == {
        f"p{number}": 0 if number % 3 == 0 else None for number in range(30)
    }
    assert {name for name, one in found.items() if one.country == "LV"} == {f"p{n}" for n in range(1, 30, 2)}


def test_nobody_hears_more_than_they_asked_for_nor_of_a_topic_twice(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        for day in (0, 9, 60):
            run(workspace, NOW + day * DAY_US)
        rows = [row for row in outbox(workspace) if row["class"] == "marketing"]
        delivered = [row for row in outbox(workspace) if row["state"] == "delivered"]
        with workspace.stores.ledger.transaction() as transaction:
            told = transaction.select(TOLD)
    assert len(delivered) > 3
    assert not {str(row["person_id"]) for row in rows} & {f"p{number}" for number in range(0, 30, 3)}
    heard = Counter((row["person_id"], row["topics"]) for row in delivered)
    assert max(heard.values()) == 1
    assert {(row["person_id"], row["message_id"]) for row in told} == {
        (row["person_id"], row["message_id"]) for row in delivered
    }
