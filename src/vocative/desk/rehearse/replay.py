"""Deciding again what a run has decided, from what is kept of it: the same, or what has changed since."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from vocative.errors import ClockError
from vocative.line.act import stages
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.journal import Journal
from vocative.line.snapshot.records_io import Versions, decisions_of, settings_mark
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand.build import kept
from vocative.records.cells import integer
from vocative.records.lake_tables import DECISIONS
from vocative.records.ledger_tables import RUNS
from vocative.workspace.opening import OpenWorkspace

_MOST_NAMED = 20
_SECOND_US = 1_000_000


class Replay(Struct, frozen=True, kw_only=True):
    """How a run's decisions compare with the same decisions made again."""

    now: str
    decisions: int
    same: int
    """Decisions that are equal to the last byte."""
    differing: list[str]
    """People for whom another decision comes out, the first twenty."""
    settings_changed: bool
    """Whether settings or campaigns are others than at the run; then differences are to be expected."""


def replay(workspace: OpenWorkspace, now: int) -> Replay:
    """Decide again what the run at `now` (µs UTC) decided; nothing is written.

    It reads what was known then: events, people and permissions up to the moment, the run's own profiles, predictions
    and segments, what was approved when it decided, and the outbox as it stood. People erased since have no decision
    any more.

    Raises:
        ClockError: no run has decided anything at that moment, or its decisions are kept no longer.
    """
    run_id, now = _run_at(workspace, now)
    told = Journal(workspace.stores.ledger, now).result("decide") or {}
    made = {decision.person_id: decision for decision in decisions_of(workspace.stores, run_id)}
    if told.get("people") and not made:
        raise ClockError(
            f"what was decided at {to_text(now)} is kept no longer",
            remedy="take a later run; [retention] in vocative.toml says for how many days decisions are kept",
        )
    scene = Snapshot(workspace, now)
    before = stages.as_it_was(scene, told.get("floors"))
    then = _versions_then(workspace, run_id)
    again = stages.decide(scene, run_id, kept(workspace), keep=False, before=before, standing=then).decisions
    found = {decision.person_id: decision for decision in again if decision.person_id in made}
    differing = [
        person
        for person, decision in made.items()
        if person not in found or msgspec.json.encode(found[person]) != msgspec.json.encode(decision)
    ]
    return Replay(
        now=to_text(now),
        decisions=len(made),
        same=len(made) - len(differing),
        differing=differing[:_MOST_NAMED],
        settings_changed=then is not None and then.settings != settings_mark(workspace),
    )


def _run_at(workspace: OpenWorkspace, now: int) -> tuple[str, int]:
    """The run within the second that begins at `now`, and its moment: people write moments to the second."""
    with workspace.stores.ledger.transaction() as transaction:
        decided = transaction.select(RUNS, {"stage": "decide", "state": "done"}, ("moment",), since=("moment", now))
    moments = [(str(row["run_id"]), integer(row["moment"])) for row in decided]
    if not moments or moments[0][1] >= now + _SECOND_US:
        raise ClockError(
            f"no run has decided anything at {to_text(now)}", remedy="`vocative status` names the last run"
        )
    return moments[0]


def _versions_then(workspace: OpenWorkspace, run_id: str) -> Versions | None:
    """What the run decided under, as it stands in its decisions; None when none is kept."""
    found = workspace.stores.engine.query(
        "SELECT min(versions) AS versions FROM decisions WHERE run_id = $run",
        {"decisions": workspace.stores.lake.scan(DECISIONS)},
        {"run": run_id},
    )
    told = found["versions"][0].as_py()
    return None if told is None else msgspec.json.decode(told, type=Versions)
