"""Patterns found in the past: searched for whenever predictions are proved anew, and kept as data."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from vocative.facts.scope import ROLES
from vocative.line.models.proving import past_of, prove
from vocative.line.models.threads import small_matrices
from vocative.line.snapshot.clock import refuse_going_back, to_text
from vocative.line.snapshot.journal import Result
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand.pattern_words import measured, sentence
from vocative.line.understand.segmenting import tellable
from vocative.predict.history.event_history import DAY_US, EventHistory
from vocative.prove.patterns import MAIN_TOPICS, find_patterns
from vocative.prove.patterns_testing import LEVEL
from vocative.records.cells import integer
from vocative.records.ledger_tables import PATTERNS
from vocative.records.patterns import Patterns
from vocative.records.progress import Progress, no_progress
from vocative.records.proof import Verdict
from vocative.records.schema import Row
from vocative.stats.hashing import stable_id
from vocative.workspace.opening import OpenWorkspace


def newest(workspace: OpenWorkspace, now: int) -> Patterns | None:
    """What the newest search up to `now` (µs UTC) has found; None before the first."""
    with workspace.stores.ledger.transaction() as transaction:
        rows = [row for row in transaction.select(PATTERNS, order_by=("moment",)) if integer(row["moment"]) <= now]
    return msgspec.json.decode(str(rows[-1]["result"]), type=Patterns) if rows else None


def due(scene: Snapshot) -> bool:
    """Whether there was no search yet, or the newest is older than `proving.retrain_every` days."""
    last = newest(scene.workspace, scene.now)
    every = scene.workspace.settings.proving.retrain_every * DAY_US
    return last is None or last.moment <= scene.now - every


@small_matrices()
def look(scene: Snapshot, past: EventHistory) -> Patterns:
    """Search for patterns at the moment of the scene, with nothing written."""
    settings = scene.workspace.settings
    words = tellable(scene.workspace.wordings, settings.business.languages[0])
    seed = int(stable_id(str(settings.seed), "patterns", str(scene.now)), 16)
    topic = MAIN_TOPICS.get(ROLES[past.main] if past.main >= 0 else "", "")
    return find_patterns(past, measured(), sorted(words), topic, np.random.default_rng(seed))


def renew(scene: Snapshot, past: EventHistory, *, force: bool = False) -> Patterns:
    """Search if it is due (or `force`) and keep what is found; else what was found last."""
    last = newest(scene.workspace, scene.now)
    if last is not None and not force and not due(scene):
        return last
    found = look(scene, past)
    with scene.workspace.stores.ledger.transaction() as transaction:
        row: Row = {"moment": scene.now, "result": msgspec.json.encode(found).decode()}
        transaction.insert(PATTERNS, [row], on_conflict="replace")
    return found


def prove_and_search(
    workspace: OpenWorkspace, now: int, names: Iterable[str], progress: Progress = no_progress, *, force: bool = False
) -> tuple[dict[str, Verdict], Patterns]:
    """Prove predictions of a workspace at a moment (µs UTC) and search for patterns, with nobody else at work in it.

    Raises:
        ClockError: `now` lies before the last completed run.
    """
    with workspace.stores.ledger.lock("run"):
        refuse_going_back(workspace.stores.ledger, now)
        scene = Snapshot(workspace, now)
        past = past_of(scene)
        return prove(scene, past, names, progress, force=force), renew(scene, past, force=force)


def sentences(workspace: OpenWorkspace, found: Patterns) -> list[str]:
    """Each pattern in plain words."""
    words = tellable(workspace.wordings, workspace.settings.business.languages[0])
    return [sentence(one, workspace.settings, words, found.moment) for one in found.found]


def pattern_list(workspace: OpenWorkspace, now: int) -> Result:
    """The newest patterns up to `now` (µs UTC); before the first search, what it would find, not kept.

    Returns:
        `as_of`, `kept`, `looked_at`, `tested`, `people`, `why` (where nothing could be looked for), `level` (the chance
        of telling anything where there is nothing) and `patterns`, each with its sentence and its figures.
    """
    found, kept = newest(workspace, now), True
    if found is None:
        scene = Snapshot(workspace, now)
        found, kept = look(scene, past_of(scene)), False
    told = sentences(workspace, found)
    return {
        "as_of": to_text(found.moment),
        "invented": workspace.settings.business.invented,
        "kept": kept,
        "looked_at": found.looked_at,
        "tested": found.tested,
        "people": found.people,
        "level": LEVEL,
        "why": found.why,
        "patterns": [
            {"sentence": words, "association": True, **msgspec.to_builtins(one)}
            for words, one in zip(told, found.found, strict=True)
        ],
    }
