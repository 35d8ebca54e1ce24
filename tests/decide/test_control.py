"""The control group: sticky, of the right size, and independent of everything else."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from tests.decide.builders import NOW
from vocative.decide.experiment.control import NOBODY_IN_CONTROL, Assignment, draw_arm, new_assignments
from vocative.records.settings import Control
from vocative.stats.hashing import stable_uniform

PEOPLE = [f"person-{number}" for number in range(20_000)]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
@pytest.mark.parametrize("salt", ["global", "second", "ä"])
def test_the_share_lies_within_chance(share: float, salt: str) -> None:
    drawn = sum(draw_arm(person, Control(share=share, salt=salt)) == "control" for person in PEOPLE)
    low, high = binom.interval(1 - 1e-6, len(PEOPLE), share)
    assert low <= drawn <= high


def test_nobody_and_everybody_at_the_edges() -> None:
    assert all(draw_arm(person, Control(share=0.0)) == "treated" for person in PEOPLE[:2000])


def test_another_salt_is_another_draw() -> None:
    first, second = ({p for p in PEOPLE if draw_arm(p, Control(share=0.5, salt=salt)) == "control"} for salt in "ab")
    low, high = binom.interval(1 - 1e-6, len(PEOPLE), 0.25)
    assert low <= len(first & second) <= high


def test_the_draw_is_independent_of_other_draws_by_person() -> None:
    control = {person for person in PEOPLE if draw_arm(person, Control(share=0.5)) == "control"}
    other = {person for person in PEOPLE if stable_uniform("campaign", "global", person) < 0.5}
    low, high = binom.interval(1 - 1e-6, len(PEOPLE), 0.25)
    assert low <= len(control & other) <= high


def test_a_larger_share_keeps_those_who_were_in() -> None:
    small = {person for person in PEOPLE if draw_arm(person, Control(share=0.05)) == "control"}
    large = {person for person in PEOPLE if draw_arm(person, Control(share=0.2)) == "control"}
    assert small < large


def test_who_has_an_arm_keeps_it() -> None:
    first = new_assignments(PEOPLE[:100], {}, Control(share=0.5), NOW)
    assigned = {str(row["person_id"]): str(row["arm"]) for row in first}
    later = new_assignments(PEOPLE[:200], assigned, Control(share=0.1, salt="new"), NOW + 1)
    assert [row["person_id"] for row in later] == PEOPLE[100:200]
    assert {row["share"] for row in later} == {0.1}
    assert {row["assigned_at"] for row in later} == {NOW + 1}
    assert new_assignments(PEOPLE[:100], assigned, Control(share=0.5), NOW + 1) == []


def test_only_the_recorded_arm_counts() -> None:
    assert Assignment("control", 0.1).propensity == pytest.approx(0.1)
    assert Assignment("treated", 0.1).propensity == pytest.approx(0.9)
    assert NOBODY_IN_CONTROL.propensity == 1.0
