"""Who became displeased between decision and hand-over gets nothing above the lower cap, over the whole line."""

from __future__ import annotations

from pathlib import Path

from tests.line.shop import ANSWERS, NOW, change, import_all, prepare
from vocative.collect.commit.files import import_file
from vocative.line.act.stages import send
from vocative.line.running import run
from vocative.records.ledger_tables import OUTBOX
from vocative.workspace.opening import OpenWorkspace

HOUR = 3_600_000_000


def test_a_complaint_after_the_decision_lowers_the_caps_of_the_hand_over(tmp_path: Path) -> None:
    prepare(tmp_path, days=30, people=20)
    change(tmp_path, r'purchase = \["purchase"\]', 'purchase = ["purchase"]\ncomplaint = ["complained"]')
    change(tmp_path, r"\[control\]\nshare = 0.1", "[relationship.strained]\nper_month = 0\n\n[control]\nshare = 0.0")
    import_all(tmp_path)
    asked = {f"p{person}" for person in range(20) if ANSWERS[person % len(ANSWERS)] == ("yes", "")}
    angry = {"p1", "p6"}
    assert angry < asked
    lines = [f"c{person},2025-05-01T01:00:00Z,complained,{person},email" for person in sorted(angry)]
    complaints = tmp_path / "complaints.csv"
    complaints.write_text("\n".join(["message_id,timestamp,event,user_id,channel", *lines]) + "\n", encoding="utf-8")
    with OpenWorkspace.open(tmp_path) as workspace:
        night = NOW - 8 * HOUR
        run(workspace, night)
        with workspace.stores.ledger.transaction() as transaction:
            waiting = {row["person_id"]: row for row in transaction.select(OUTBOX, {"campaign": "ask"})}
        assert set(waiting) == asked
        assert {row["state"] for row in waiting.values()} == {"queued"}
        assert not any(row["sells"] for row in waiting.values()), "what sells is dropped anyway"
        import_file(workspace.stores, workspace.settings, complaints, kind="events", mapping=None, now=night + HOUR * 2)
        send(workspace, night + 15 * HOUR)
        with workspace.stores.ledger.transaction() as transaction:
            found = {str(row["person_id"]): row for row in transaction.select(OUTBOX, {"campaign": "ask"})}
    assert {person for person, row in found.items() if row["state"] == "delivered"} == asked - angry
    assert {(row["state"], row["reason"]) for person, row in found.items() if person in angry} == {
        ("dropped", "cap_per_month")
    }
