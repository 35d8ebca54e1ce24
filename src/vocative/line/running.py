"""The whole line at one moment: `vocative run`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import pyarrow as pa

from vocative.line.act import stages
from vocative.line.act.bubble import bubble_of
from vocative.line.act.incoming import take_in
from vocative.line.retention import expire
from vocative.line.snapshot.clock import WHOLE_RUN, refuse_going_back, to_text
from vocative.line.snapshot.journal import Journal, Result
from vocative.line.snapshot.snapshot import Scene
from vocative.line.snapshot.treatments import note_treatments
from vocative.line.understand import build, segmenting
from vocative.line.understand.build import Understood
from vocative.records.progress import Progress, no_progress
from vocative.workspace.opening import Workspace

STAGES = ("collect", "expire", "build", "predict", "segment", "decide", "compose", "send")


def run(
    workspace: Workspace,
    now: int,
    *,
    dry_run: bool = False,
    expire_confirmed: bool = False,
    progress: Progress = no_progress,
) -> Result:
    """Run the line: collect, expire, build, predict, segment, decide, compose, send.

    A run that was cut off is taken up at the stage where it stopped; a run that is complete changes nothing.

    Args:
        workspace: The opened workspace.
        now: The moment of the run, µs UTC.
        dry_run: Only look: nothing is written, nothing is sent, and `now` may lie in the past.
        expire_confirmed: What is older than it is kept goes also where the moment looks wrong, since a person said so.
        progress: Told which stage is at work.

    Returns:
        The result of each stage, and the seconds each took.

    Raises:
        ClockError: `now` lies before the last completed run.
    """
    if dry_run:
        return look(workspace, now, progress)
    with workspace.stores.ledger.lock("run"):
        refuse_going_back(workspace.stores.ledger, now)
        journal = Journal(workspace.stores.ledger, now)
        return journal.once(WHOLE_RUN, lambda: _walk(workspace, journal, now, progress, expire_confirmed))


def stage(workspace: Workspace, name: str, now: int, progress: Progress = no_progress) -> Result:
    """Run one stage, and those before it that this run has not done yet; return what each of them reported.

    Raises:
        ClockError: `now` lies before the last completed run.
    """
    with workspace.stores.ledger.lock("run"):
        refuse_going_back(workspace.stores.ledger, now)
        journal = Journal(workspace.stores.ledger, now)
        results: Result = {}
        for step, work in _steps(workspace, journal, now, progress).items():
            results[step] = journal.once(step, work)
            if step == name:
                break
        return results


def look(workspace: Workspace, now: int, progress: Progress = no_progress) -> Result:
    """A dry run: what would be decided at `now`, with nothing written."""
    scene = Scene(workspace, now)
    seen = understand(scene, progress)
    decided = stages.decide(scene, seen.run_id, seen.understood, keep=False, approved=False)
    return {
        "dry_run": True,
        "simulation": workspace.settings.business.simulation,
        "now": to_text(now),
        "build": {"profiles": seen.features.num_rows, "affinities": seen.affinities.num_rows},
        "predict": build.modules(scene, seen.predictions),
        "decide": _told(scene, seen.run_id, seen.understood, decided),
    }


class Seen(NamedTuple):
    """What is understood at one moment, held in memory, and the id its rows go by."""

    run_id: str
    features: pa.Table
    affinities: pa.Table
    predictions: pa.Table
    segments: pa.Table

    @property
    def understood(self) -> Understood:
        """As the acting half is told."""
        return Understood(self.features, self.affinities, self.predictions, self.segments)


def understand(scene: Scene, progress: Progress = no_progress) -> Seen:
    """Profiles, predictions and segments by rule at the moment of the scene, with nothing written."""
    run_id = f"dry-run-{scene.now}"
    progress(0, 4, "profiles")
    features, affinities = build.profiles(scene, run_id)
    progress(1, 4, "predictions")
    predictions = build.predictions(scene, run_id)
    progress(2, 4, "segments")
    segments = segmenting.by_rule(scene, run_id, features, affinities, predictions)
    progress(3, 4, "decisions")
    return Seen(run_id, features, affinities, predictions, segments)


def _told(scene: Scene, run_id: str, understood: Understood, decided: stages.Decided) -> Result:
    """What was decided, and how far what is shown lies outside what people do anyway."""
    shown = bubble_of(scene, run_id, understood, decided.decisions)
    return {**stages.summary(decided), "bubble": msgspec.to_builtins(shown)}


def _walk(workspace: Workspace, journal: Journal, now: int, progress: Progress, confirmed: bool) -> Result:
    results: Result = {
        "run_id": journal.run_id,
        "now": to_text(now),
        "simulation": workspace.settings.business.simulation,
    }
    for place, (name, work) in enumerate(_steps(workspace, journal, now, progress, confirmed).items()):
        progress(place, len(STAGES), name)
        results[name] = journal.once(name, work)
    results["seconds"] = journal.seconds
    return results


def _steps(
    workspace: Workspace,
    journal: Journal,
    now: int,
    progress: Progress,
    confirmed: bool = False,
) -> dict[str, Callable[[], Result]]:
    # Nothing of the scene is read before the first stage after `collect` asks for it.
    scene = Scene(workspace, now)

    def decide() -> Result:
        understood = build.kept(workspace)
        decided = stages.decide(scene, journal.run_id, understood, keep=True)
        note_treatments(workspace, now)
        return _told(scene, journal.run_id, understood, decided)

    def send() -> Result:
        return stages.hand_over_due(workspace, now, progress)

    def collect() -> Result:
        account = take_in(workspace, now, progress)
        return {
            "read": account.read,
            "accepted": account.accepted,
            "merged": account.merged,
            "rejected": account.rejected,
        }

    return {
        "collect": collect,
        "expire": lambda: expire(workspace, now, confirmed=confirmed),
        "build": lambda: build.build(scene, journal),
        "predict": lambda: build.predict(scene, journal, progress),
        "segment": lambda: segmenting.segment(scene, journal),
        "decide": decide,
        "compose": lambda: stages.compose(scene, journal.run_id),
        "send": send,
    }
