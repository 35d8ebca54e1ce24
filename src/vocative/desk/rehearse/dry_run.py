"""What would be done at one moment, by the whole plan or by one campaign alone, with nothing written."""

from __future__ import annotations

from vocative.desk.rehearse.dry_run_tally import Tally
from vocative.line.act import approval, stages
from vocative.line.act.stages import DecisionOutcome
from vocative.line.act.studio import studio_of
from vocative.line.running import UnderstandingOfRun, understand
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.contact_history import ContactHistory
from vocative.line.snapshot.snapshot import Snapshot
from vocative.records.progress import Progress, no_progress
from vocative.workspace.opening import OpenWorkspace


def dry_run(
    workspace: OpenWorkspace, now: int, name: str | None = None, progress: Progress = no_progress
) -> dict[str, object]:
    """What would be done at `now` (µs UTC), also a past moment: who, what, when, why not, at what cost, for what gain.

    Args:
        workspace: The opened workspace; nothing is written to it.
        now: The moment.
        name: One campaign alone, or None for the whole plan with its competition.
        progress: Told which step is at work.

    Raises:
        ApprovalError: there is no such campaign, or none at all.
    """
    approval.refuse_none(workspace)
    found = decided(workspace, name, now, progress)
    tally = Tally(workspace.settings)
    tally.add(found.decisions, {one.person_id: one.zone for one in found.reached}, found.certificate)
    return {"now": to_text(now), "campaign": name, **tally.result(workspace.campaigns)}


def decided(workspace: OpenWorkspace, name: str | None, now: int, progress: Progress) -> DecisionOutcome:
    """Decide as if everything were approved, by one campaign alone if it is named.

    Raises:
        ApprovalError: there is no such campaign.
    """
    scene = Snapshot(workspace, now)
    if name is not None:
        scene = scene.by([approval.campaign_of(studio_of(workspace), name)])
    return decided_in(scene, understand(scene, progress))


def decided_in(scene: Snapshot, seen: UnderstandingOfRun, *, after_nothing: bool = False) -> DecisionOutcome:
    """Decide by the campaigns of a scene that is understood, as if all of them were approved; nothing is written.

    With `after_nothing` as if nobody had been written to before.
    """
    before = stages.as_it_was(scene)
    if after_nothing:
        before = before._replace(said=ContactHistory([], {}, {}))
    return stages.decide(scene, seen.run_id, seen.understood, keep=False, approved=False, before=before)
