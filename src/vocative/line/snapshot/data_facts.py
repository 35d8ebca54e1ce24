"""Counts of what has been imported and was known at a moment: what readiness is judged by."""

from __future__ import annotations

from vocative.facts.counts import count
from vocative.facts.sources import Sources
from vocative.line.snapshot.people import Everybody, recipients
from vocative.prove.readiness import DataFacts
from vocative.workspace.opening import Workspace


def data_facts(workspace: Workspace, sources: Sources, people: Everybody, now: int) -> DataFacts:
    """Count what had been imported and was known at `now` (µs UTC)."""
    counted = count(workspace.stores.engine, sources, sources.scope(now, workspace.settings))
    reached = recipients(people, workspace.settings, {})
    return DataFacts(
        **counted._asdict(),
        may_be_profiled=people.allowed().num_rows,
        may_be_contacted=sum(
            any(one.contact.get(f"marketing/{channel}") == "yes" for channel in one.addresses) for one in reached
        ),
        campaigns=len(workspace.campaigns),
    )
