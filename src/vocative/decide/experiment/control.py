"""The global control group: drawn once per person, at random, for good."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple

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


class Assignment(NamedTuple):
    """The recorded arm of one person, and the share of people in control when it was drawn."""

    arm: Arm
    share: float

    @property
    def propensity(self) -> float:
        """Probability with which the person was given this arm."""
        return self.share if self.arm == "control" else 1.0 - self.share


NOBODY_IN_CONTROL = Assignment("treated", 0.0)
"""What holds for a person who was never assigned."""
