"""A page to look at: what the run at one moment decided, and the messages that are on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from vocative.decide.eligibility.filters import in_words
from vocative.line.act.basis_text import rests_on
from vocative.line.snapshot.clock import SIMULATED
from vocative.line.snapshot.pages import render
from vocative.line.snapshot.records_io import decision_of
from vocative.records.cells import integer
from vocative.records.lake_tables import DECISIONS, MESSAGES, OPTIONS
from vocative.records.ledger_tables import OUTBOX, RUNS
from vocative.records.settings import Wording
from vocative.stats.calendars import local_datetime
from vocative.store.private import private_folder, write_private
from vocative.store.protocols import Relation
from vocative.workspace.opening import OpenWorkspace

_MOST_SHOWN = 400
_COUNTED_SQL = """
SELECT outcome, reason, count(*) AS people, min(person_id) AS first FROM decisions WHERE run_id = $run GROUP BY ALL
"""
_AIMED_SQL = """
SELECT messages.decision_id, messages.person_id, coalesce(options.targets, 0) AS targets FROM messages
LEFT JOIN options ON options.decision_id = messages.decision_id AND options.run_id = $run AND given
WHERE messages.run_id = $run
"""
_SHOWN_SQL = """
SELECT decisions.* REPLACE (epoch_us(decisions.moment) AS moment), message_id, address, subject FROM shown
JOIN decisions ON decisions.decision_id = shown.decision_id AND decisions.run_id = $run
JOIN messages ON messages.decision_id = shown.decision_id AND messages.run_id = $run
ORDER BY shown.place
"""


class _Mails(NamedTuple):
    """The messages that were written, those with the most to say first; how many there are, and how many wait."""

    shown: list[dict[str, str]]
    written: int
    waiting: int


def write_page(workspace: OpenWorkspace) -> Path | None:
    """Write `outbox/index.html` about the newest run that has decided, and return its path; None before the first."""
    with workspace.stores.ledger.transaction() as transaction:
        decided = transaction.select(RUNS, {"stage": "decide", "state": "done"}, order_by=("moment",))
    if not decided:
        return None
    run_id, now = str(decided[-1]["run_id"]), integer(decided[-1]["moment"])
    counted = workspace.stores.engine.query(
        _COUNTED_SQL, {"decisions": workspace.stores.lake.scan(DECISIONS)}, {"run": run_id}
    ).to_pylist()
    mails = _mails(workspace, run_id, now)
    outcomes: Counter[str] = Counter()
    for row in counted:
        outcomes[row["outcome"]] += row["people"]
    business = workspace.settings.business
    local = local_datetime(now, business.timezone)
    page = render(
        "index.html",
        business=business.name,
        as_of=f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({business.timezone})",
        day=f"{local:%Y-%m-%d}",
        invented=business.invented,
        simulated=SIMULATED if business.simulation else "",
        figures=[
            ("people considered", f"{outcomes.total():,}"),
            ("to be written to", f"{outcomes['contact']:,}"),
            ("left in peace", f"{outcomes['silence']:,}"),
            ("held back as control group", f"{outcomes['control']:,}"),
        ],
        reasons=_reasons(counted),
        mails=mails.shown,
        more=mails.written - len(mails.shown),
        written=f"{mails.written:,}",
        waiting=mails.waiting,
    )
    path = workspace.root / "outbox" / "index.html"
    private_folder(path.parent)
    write_private(path, page.encode())
    return path


def _mails(workspace: OpenWorkspace, run_id: str, now: int) -> _Mails:
    stores = workspace.stores
    # A run that was cut off while composing has messages that are not in the outbox yet.
    with stores.ledger.transaction() as transaction:
        rows = transaction.select(OUTBOX, since=("queued_at", now))
    states = {str(row["decision_id"]): row["state"] for row in rows}
    messages, decisions = stores.lake.scan(MESSAGES), stores.lake.scan(DECISIONS)
    aimed = stores.engine.query(
        _AIMED_SQL, {"messages": messages, "options": stores.lake.scan(OPTIONS)}, {"run": run_id}
    ).to_pylist()
    waiting = sum(states.get(row["decision_id"]) == "queued" for row in aimed)
    written = [row for row in aimed if states.get(row["decision_id"]) == "delivered"]
    first = sorted(written, key=lambda row: (-row["targets"], row["person_id"]))[:_MOST_SHOWN]
    shown = pa.table(
        {
            "decision_id": pa.array([row["decision_id"] for row in first], pa.string()),
            "place": pa.array(range(len(first)), pa.int64()),
        }
    )
    relations: dict[str, Relation] = {"messages": messages, "decisions": decisions, "shown": shown}
    found = stores.engine.query(_SHOWN_SQL, relations, {"run": run_id}).to_pylist()
    told = workspace.wordings.get(workspace.settings.business.languages[0], Wording()).category
    words = {category: word if isinstance(word, str) else word.nominative for category, word in told.items()}
    return _Mails([_mail(row, words) for row in found], len(written), waiting)


def _mail(row: dict[str, Any], words: dict[str, str]) -> dict[str, str]:
    decision = decision_of(row)
    return {
        "address": row["address"],
        "subject": row["subject"],
        "page": f"{row['message_id']}.html",
        "file": f"{row['message_id']}.eml",
        "why": f"Person {decision.person_id}. {rests_on(decision, words)}",
    }


def _reasons(counted: Iterable[dict[str, Any]]) -> list[dict[str, str | int]]:
    people: Counter[str] = Counter()
    first: dict[str, str] = {}
    for row in counted:
        if row["outcome"] != "contact":
            reason = row["reason"]
            people[reason] += row["people"]
            first[reason] = min(first.get(reason, row["first"]), row["first"])
    most = max(people.values(), default=1)
    return [
        {"words": in_words(reason), "count": f"{count:,}", "percent": round(100 * count / most)}
        for reason, count in sorted(people.items(), key=lambda one: (-one[1], first[one[0]]))
    ]
