"""The global control group: drawn once per person, at random, for good."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from vocative.records.settings import Control
from vocative.stats.hashing import stable_uniform

Arm = Literal["control", "treated"]
GLOBAL = "global"


def draw_arm(person_id: str, control: Control) -> Arm:
    """The arm a new person is assigned to; depends on nothing but the person and the salt."""
    return "control" if stable_uniform(GLOBAL, control.salt, person_id) < control.share else "treated"


def new_assignments(
    people: Iterable[str], assigned: Collection[str], control: Control, now: int
) -> list[dict[str, str | float | int]]:
    """Rows for the ledger table `control`, for people who have no arm yet."""
    return [
        {
            "person_id": person,
            "experiment": GLOBAL,
            "arm": draw_arm(person, control),
            "share": control.share,
            "assigned_at": now,
        }
        for person in people
        if person not in assigned
    ]


def propensity(outcome_is_control: bool, share: float) -> float:
    """Probability with which a person with something to say ended in this arm."""
    return share if outcome_is_control else 1.0 - share


def in_control(person_id: str, arms: Mapping[str, str]) -> bool:
    """Whether the recorded arm of the person is control."""
    return arms.get(person_id) == "control"
