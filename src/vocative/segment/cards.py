"""What each segment is: its size, its traits, who came and who went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from vocative.segment.population import Flags
from vocative.segment.traits import Describer, Trait

LEAST_TOLD = 5
"""A movement of fewer people is not told: it would be about them and not about the segment."""
NOWHERE = "nowhere"
"""Where people come from who had no profile a month before."""


class Moved(Struct, frozen=True, kw_only=True):
    """Movements since a month before; those of fewer than five people are left out."""

    came: dict[str, int]
    """Segment they came from → people; `nowhere` for those who had no profile."""
    went: dict[str, int]
    """Segment they went to → people."""
    stayed: int | None
    """People in it at both moments; None if fewer than five."""


class SegmentCard(Struct, frozen=True, kw_only=True):
    """One segment."""

    kind: str
    segment: str
    name: str
    size: int
    share: float
    traits: list[Trait]
    stability: float | None
    moved: Moved


def movements(now: Mapping[str, str], before: Mapping[str, str]) -> dict[str, Moved]:
    """Who came to and went from each segment of now.

    Args:
        now: Person → segment; empty for none.
        before: Likewise a month before. People who have no profile now are not counted as gone.
    """
    flows = Counter((before.get(person, NOWHERE) or NOWHERE, segment or NOWHERE) for person, segment in now.items())
    told = {flow: count for flow, count in sorted(flows.items()) if count >= LEAST_TOLD}
    return {
        segment: Moved(
            came={old: count for (old, new), count in told.items() if new == segment != old} if before else {},
            went={new: count for (old, new), count in told.items() if old == segment != new},
            stayed=told.get((segment, segment)),
        )
        for segment in sorted({segment for segment in now.values() if segment})
    }


def card(
    kind: str,
    segment: str,
    name: str,
    group: Flags,
    describer: Describer,
    *,
    stability: float | None = None,
    moved: Moved | None = None,
) -> SegmentCard:
    """The card of the people for whom `group` holds."""
    size = int(group.sum())
    return SegmentCard(
        kind=kind,
        segment=segment,
        name=name,
        size=size,
        share=round(size / max(len(group), 1), 6),
        traits=describer.traits(group),
        stability=None if stability is None else round(stability, 4),
        moved=moved or Moved(came={}, went={}, stayed=None),
    )


def members_of(labels: list[str]) -> dict[str, Flags]:
    """Segment → for whom it holds; people without one are in none."""
    found = np.array(labels, dtype=object)
    return {segment: np.asarray(found == segment, dtype=bool) for segment in sorted(set(labels)) if segment}
