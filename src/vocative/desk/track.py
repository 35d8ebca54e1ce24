"""Takes in single events as they happen; the next run moves them to the lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vocative.collect.live import accept
from vocative.line.snapshot.journal import Result
from vocative.workspace.opening import OpenWorkspace


def track(workspace: OpenWorkspace, events: Sequence[Mapping[str, object]], now: int) -> Result:
    """Accept events in canonical columns, known at `now` (µs UTC).

    When it returns, what it counts as accepted is on disk. The same `message_id` again changes nothing.

    Returns:
        `accepted`, `merged` and `rejected`, the latter as a list of reasons in the order of the events refused.
    """
    accepted, merged, rejected = accept(workspace.stores.inbox, events, now)
    return {"accepted": accepted, "merged": merged, "rejected": rejected}
