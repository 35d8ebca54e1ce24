"""From how many people on a prediction is probably admitted, if its signal is as strong as where it was measured.

Each predictor says how many (`about.people`), never below what a test needs at least. A business with a stronger signal
passes with fewer, so with fewer people a predictor is tested all the same.
"""

from __future__ import annotations

from msgspec.structs import replace

from vocative.records.results import Readiness


def with_demand(found: Readiness, measured: int, people: int, least: int) -> Readiness:
    """Readiness that also says how many people a proof asks for, and whether there are enough.

    Args:
        found: Whether it may run.
        measured: People with whom it was admitted elsewhere; 0 if nobody has measured it.
        people: People who may be profiled.
        least: People a test needs at each of its moments (`proving.least_people`).
    """
    if not measured:
        return found
    demanded = max(measured, least)
    if not found.ready or people >= demanded:
        return replace(found, people=demanded)
    few = f"{people:,} people are few to prove it; with about {demanded:,} a usual signal is admitted"
    return replace(found, people=demanded, why=f"{found.why}; {few}")
