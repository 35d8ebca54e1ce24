"""What would be done, by the whole plan or by one campaign alone, with nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import sqrt

from vocative.decide.filters import in_words
from vocative.line import acting, approving
from vocative.line.clock import to_text
from vocative.line.running import Seen, understand
from vocative.line.scene import Scene
from vocative.records.acting import Decision, Recipient
from vocative.records.progress import Progress, no_progress
from vocative.stats.calendars import local_datetime
from vocative.workspace.opening import Workspace

_SIGMAS = 1.96


def dry_run(
    workspace: Workspace, now: int, name: str | None = None, progress: Progress = no_progress
) -> dict[str, object]:
    """What would be done at `now` (µs UTC), also a past moment: who, what, when, why not, at what cost, for what gain.

    Args:
        workspace: The opened workspace; nothing is written to it.
        now: The moment.
        name: One campaign alone, or None for the whole plan with its competition.
        progress: Told which step is at work.

    Raises:
        ApprovalError: there is no such campaign.
    """
    decisions, recipients = decided(workspace, name, now, progress)
    chosen = [(one, one.chosen) for one in decisions if one.outcome == "contact" and one.chosen is not None]
    zone = workspace.settings.business.timezone
    hours = Counter(
        local_datetime(best.send_at, recipients[one.person_id].zone or zone).hour
        for one, best in chosen
        if best.send_at is not None
    )
    reasons = Counter(one.reason for one in decisions if one.outcome != "contact")
    cost = sum(workspace.settings.channels[best.channel].cost for _, best in chosen)
    return {
        "now": to_text(now),
        "campaign": name,
        "people": len(decisions),
        "would_receive": len(chosen),
        "by_campaign": dict(Counter(best.campaign for _, best in chosen).most_common()),
        "by_channel": dict(Counter(best.channel for _, best in chosen)),
        "by_local_hour": {str(hour): count for hour, count in sorted(hours.items())},
        "control": sum(one.outcome == "control" for one in decisions),
        "cost": round(cost, 4),
        "declared_gain": declared_gain(workspace, decisions),
        "why_not": {in_words(reason): count for reason, count in reasons.most_common()},
        "sentence": _sentence(len(chosen), len(decisions), reasons),
    }


def declared_gain(workspace: Workspace, decisions: Sequence[Decision]) -> dict[str, object]:
    """What the chosen messages are expected to be worth by the business's own declared values, with a 95 % interval.

    The interval is that of independent successes with the predicted chances. It is no claim that the messages cause
    them: that needs the control group.
    """
    values = {campaign.name: campaign.value for campaign in workspace.campaigns}
    mean = spread = 0.0
    for decision in decisions:
        best = decision.chosen
        if decision.outcome != "contact" or best is None:
            continue
        chance = max((target.probability for target in best.targets), default=1.0)
        worth = values.get(best.campaign, 0.0)
        mean += chance * worth
        spread += chance * (1 - chance) * worth**2
    width = _SIGMAS * sqrt(spread)
    return {"value": round(mean, 2), "interval": [round(mean - width, 2), round(mean + width, 2)], "causal": False}


def decided(
    workspace: Workspace, name: str | None, now: int, progress: Progress
) -> tuple[list[Decision], dict[str, Recipient]]:
    """Decide as if everything were approved, by one campaign alone if it is named.

    Raises:
        ApprovalError: there is no such campaign.
    """
    scene = Scene(workspace, now)
    if name is not None:
        scene = scene.by([approving.campaign_of(acting.studio_of(workspace), name)])
    return decided_in(scene, understand(scene, progress))


def decided_in(scene: Scene, seen: Seen, *, after_nothing: bool = False) -> tuple[list[Decision], dict[str, Recipient]]:
    """Decide by the campaigns of a scene that is understood, as if all of them were approved; nothing is written.

    With `after_nothing` as if nobody had been written to before.
    """
    found = acting.decide(scene, seen.run_id, seen.understood, keep=False, approved=False, after_nothing=after_nothing)
    return found.decisions, {one.person_id: one for one in found.reached}


def _sentence(chosen: int, people: int, reasons: Counter[str]) -> str:
    """The answer in one sentence: "0 of 60 will receive it, because …"."""
    told = f"{chosen:,} of {people:,} will receive it"
    if not reasons:
        return f"{told}."
    most, count = reasons.most_common(1)[0]
    return f"{told}; what keeps most of the others ({count:,}) from it: {in_words(most)}."
