"""How many names of people and of items may not be said, and why: messages go without them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from vocative.line.act.decision_inputs import item_names
from vocative.line.snapshot.snapshot import Snapshot
from vocative.trust.sayable import FAULTS, TextJudgement, judge_name, judge_thing


def names_unsaid(told: Iterable[str | None]) -> dict[str, int]:
    """Why first names may not be said, in words → how many; those that were never told are not counted."""
    return _counted(judge_name(name) for name in told)


def items_unsaid(scene: Snapshot) -> dict[str, int]:
    """Why names of items may not be said, in words → how many, where a campaign calls items by their names."""
    if not any(campaign.about == "item" for campaign in scene.workspace.campaigns):
        return {}
    return _counted(judge_thing(name) for name in item_names(scene).values())


def _counted(judged: Iterable[TextJudgement]) -> dict[str, int]:
    faults = Counter(FAULTS[one.fault] for one in judged if one.fault is not None and one.fault != "missing")
    return dict(faults.most_common())
