"""From how many people on a prediction is probably admitted, if its signal is as strong as it was on public data.

Measured at the back-tests of the demonstration's 1,476 households (`vocative prove --json`, `people_needed` of each
verdict), never below what a test needs at least. Effects need people treated by lot, whom the demonstration has not:
theirs are from Hillstrom's e-mails to women (visits and spending, `benchmarks/uplift.py`), with half of the people
left in peace. It knows of no messages either: what reactions need is from the simulated market (all of it invented), in
which each person gets a message every other week at an hour by lot, and hours differ little between people; that of
`click_to_open` is reckoned from the differences in three markets, by their old newsletter, which moves people little. A
business with a stronger signal passes with fewer, so with fewer people a module is tested all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from vocative.records.results import Readiness

PEOPLE: Mapping[str, int] = {
    "repeat_rhythm": 120,
    "buys_28d": 1300,
    "quiet_56d": 1100,
    "slows_28d": 460,
    "spend_90d": 1500,
    "orders_90d": 3000,
    "next_order": 140,
    "runs_out": 19,
    "next_items": 110,
    "new_items": 150,
    "best_hour": 2600,
    "best_weekday": 690,
    "reacts": 1200,
    "reacts_when": 35_000,
    "click_to_open": 12_000,
    "uplift": 18_000,
    "uplift_money": 740_000,
}
"""Module → people with a profile; questions of a business's own are not here, since nobody has measured them."""


def with_demand(found: Mapping[str, Readiness], people: int, least: int) -> dict[str, Readiness]:
    """Readiness that also says how many people a proof asks for, and whether there are enough.

    Args:
        found: Name → whether it may run.
        people: People who may be profiled.
        least: People a test needs at each of its moments (`proving.least_people`).
    """
    return {name: _told(name, one, people, least) for name, one in found.items()}


def _told(name: str, found: Readiness, people: int, least: int) -> Readiness:
    if name not in PEOPLE:
        return found
    demanded = max(PEOPLE[name], least)
    if not found.ready or people >= demanded:
        return replace(found, people=demanded)
    few = f"{people:,} people are few to prove it; with about {demanded:,} a usual signal is admitted"
    return replace(found, people=demanded, why=f"{found.why}; {few}")
