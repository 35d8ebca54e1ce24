"""Experiments: what is compared, who was drawn into which arm, and who came to the point where the arms differ.

The global control group is the first experiment. Whoever is drawn into an arm is *assigned*; only those for whom the
arm made a difference are *exposed*: of the treated whoever a contact was decided for, of the control group whoever
would have been contacted. Comparing the exposed rather than the assigned leaves out all whom the arms treat alike.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class ExperimentArm(Struct, frozen=True):
    """One of the ways an experiment compares, and the part of the people who are drawn into it."""

    name: str
    share: float


class Experiment(Struct, frozen=True, kw_only=True):
    """What is compared, and how it is drawn who gets what."""

    name: str
    unit: Literal["person"] = "person"
    """What is drawn for: everybody stays in their arm for good."""
    arms: tuple[ExperimentArm, ...]
    """Their shares add up to 1."""
    salt: str = ""
    """Another salt draws other people into each arm."""
    starts: int | None = None
    """From when on people are assigned, µs UTC; None: from the beginning."""
    ends: int | None = None
    """Until when people are assigned, µs UTC; None: without an end."""


class Assignment(Struct, frozen=True, kw_only=True):
    """Which arm of an experiment a person was drawn into; it never changes."""

    person_id: str
    experiment: str
    arm: str
    share: float
    """The part of the people who were drawn into this arm at that moment: its probability."""
    assigned_at: int
    """µs UTC."""


class Exposure(Struct, frozen=True, kw_only=True):
    """The moment at which the arm of a person made a difference: a contact was decided, or would have been."""

    person_id: str
    experiment: str
    arm: str
    moment: int
    """µs UTC."""
    decision_id: str
