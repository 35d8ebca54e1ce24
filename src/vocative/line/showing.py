"""A page to look at: what the run at one moment decided, and the messages that are on disk."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from vocative.decide.filters import in_words
from vocative.line.pages import render
from vocative.line.resting import rests_on
from vocative.line.rows import decisions_of
from vocative.records.acting import Decision
from vocative.records.lake_tables import MESSAGES
from vocative.records.ledger_tables import OUTBOX, RUNS
from vocative.records.settings import Wording
from vocative.stats.calendars import local_datetime
from vocative.workspace.opening import Workspace

_MOST_SHOWN = 400


def write_page(workspace: Workspace) -> Path | None:
    """Write `outbox/index.html` about the newest run that has decided, and return its path; None before the first."""
    with workspace.stores.ledger.transaction() as transaction:
        decided = transaction.select(RUNS, {"stage": "decide", "state": "done"}, order_by=("moment",))
    if not decided:
        return None
    run_id, now = str(decided[-1]["run_id"]), int(str(decided[-1]["moment"]))
    decisions = decisions_of(workspace.stores, run_id)
    mails, waiting = _mails(workspace, run_id, now, decisions)
    outcomes = Counter(decision.outcome for decision in decisions)
    business = workspace.settings.business
    local = local_datetime(now, business.timezone)
    page = render(
        "index.html",
        business=business.name,
        as_of=f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({business.timezone})",
        day=f"{local:%Y-%m-%d}",
        invented=business.invented,
        figures=[
            ("people considered", f"{len(decisions):,}"),
            ("to be written to", f"{outcomes['contact']:,}"),
            ("left in peace", f"{outcomes['silence']:,}"),
            ("held back as control group", f"{outcomes['control']:,}"),
        ],
        reasons=_reasons(decisions),
        mails=mails[:_MOST_SHOWN],
        more=max(len(mails) - _MOST_SHOWN, 0),
        written=f"{len(mails):,}",
        waiting=waiting,
    )
    path = workspace.root / "outbox" / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def _mails(workspace: Workspace, run_id: str, now: int, decisions: list[Decision]) -> tuple[list[dict[str, str]], int]:
    """The messages that were written, those with the most to say first, and how many wait."""
    # A run that was cut off while composing has messages that are not in the outbox yet.
    with workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(OUTBOX, since=("queued_at", now))
    states = {str(row["decision_id"]): row["state"] for row in rows}
    found = workspace.stores.engine.query(
        "SELECT decision_id, message_id, address, subject FROM messages WHERE run_id = $run",
        {"messages": workspace.stores.lake.scan(MESSAGES)},
        {"run": run_id},
    )
    messages = {row["decision_id"]: row for row in found.to_pylist()}
    mine = [decision for decision in decisions if decision.decision_id in messages]
    mine.sort(key=lambda decision: (-len(decision.chosen.targets) if decision.chosen else 0, decision.person_id))
    written = [decision for decision in mine if states.get(decision.decision_id) == "delivered"]
    waiting = sum(states.get(decision.decision_id) == "queued" for decision in mine)
    told = workspace.wordings.get(workspace.settings.business.languages[0], Wording()).category
    words = {category: word if isinstance(word, str) else word.nominative for category, word in told.items()}
    return [_mail(messages[decision.decision_id], decision, words) for decision in written], waiting


def _mail(message: dict[str, str], decision: Decision, words: dict[str, str]) -> dict[str, str]:
    return {
        "address": message["address"],
        "subject": message["subject"],
        "page": f"{message['message_id']}.html",
        "file": f"{message['message_id']}.eml",
        "why": f"Person {decision.person_id}. {rests_on(decision, words)}",
    }


def _reasons(decisions: list[Decision]) -> list[dict[str, str | int]]:
    counted = Counter(decision.reason for decision in decisions if decision.outcome != "contact").most_common()
    most = counted[0][1] if counted else 1
    return [
        {"words": in_words(reason), "count": f"{count:,}", "percent": round(100 * count / most)}
        for reason, count in counted
    ]
