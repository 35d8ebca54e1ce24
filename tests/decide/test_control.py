"""The control group: sticky, of the right size, and independent of everything else; the first experiment of many."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from scipy.stats import binom

from tests.decide.builders import NOW, assigned, campaign, decided
from vocative.decide.experiment.assigning import draw_arm, exposures, new_assignments
from vocative.decide.experiment.control import control_group, exposed, held_back, in_control
from vocative.records.experiment import Experiment, ExperimentArm
from vocative.records.settings import Control
from vocative.stats.hashing import stable_uniform

PEOPLE = [f"person-{number}" for number in range(20_000)]


def in_group(share: float, salt: str = "global") -> set[str]:
    experiment = control_group(Control(share=share, salt=salt))
    return {person for person in PEOPLE if draw_arm(experiment, person) == "control"}


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
@pytest.mark.parametrize("salt", ["global", "second", "ä"])
def test_the_share_lies_within_chance(share: float, salt: str) -> None:
    low, high = binom.interval(1 - 1e-6, len(PEOPLE), share)
    assert low <= len(in_group(share, salt)) <= high


def test_nobody_and_everybody_at_the_edges() -> None:
    assert in_group(0.0) == set()


def test_another_salt_is_another_draw() -> None:
    low, high = binom.interval(1 - 1e-6, len(PEOPLE), 0.25)
    assert low <= len(in_group(0.5, "a") & in_group(0.5, "b")) <= high


def test_the_draw_is_independent_of_other_draws_by_person() -> None:
    other = {person for person in PEOPLE if stable_uniform("campaign", "global", person) < 0.5}
    low, high = binom.interval(1 - 1e-6, len(PEOPLE), 0.25)
    assert low <= len(in_group(0.5) & other) <= high


def test_a_larger_share_keeps_those_who_were_in() -> None:
    assert in_group(0.05) < in_group(0.2)


def test_an_experiment_of_three_arms_draws_each_with_its_share() -> None:
    arms = (ExperimentArm("plain", 0.5), ExperimentArm("short", 0.3), ExperimentArm("long", 0.2))
    drawn = [draw_arm(Experiment(name="subject", arms=arms, salt="one"), person) for person in PEOPLE]
    for arm in arms:
        low, high = binom.interval(1 - 1e-6, len(PEOPLE), arm.share)
        assert low <= drawn.count(arm.name) <= high


def test_who_has_an_arm_keeps_it() -> None:
    half = control_group(Control(share=0.5))
    first = {one.person_id for one in new_assignments(half, PEOPLE[:100], (), NOW)}
    assert first == set(PEOPLE[:100])
    later = new_assignments(control_group(Control(share=0.1, salt="new")), PEOPLE[:200], first, NOW + 1)
    assert [one.person_id for one in later] == PEOPLE[100:200]
    assert {(one.arm, one.share) for one in later} == {("control", 0.1), ("treated", 0.9)}
    assert {one.assigned_at for one in later} == {NOW + 1}
    assert new_assignments(half, PEOPLE[:100], first, NOW + 1) == []


def test_nobody_is_assigned_before_an_experiment_starts_or_after_it_ends() -> None:
    experiment = replace(control_group(Control(share=0.5)), starts=NOW, ends=NOW + 2)
    counts = [len(new_assignments(experiment, PEOPLE[:10], (), NOW + passed)) for passed in (-1, 0, 1, 2)]
    assert counts == [0, 10, 10, 0]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.15, 0.3, 0.5])
def test_how_likely_control_was_is_the_same_whichever_arm_was_drawn(share: float) -> None:
    made = new_assignments(control_group(Control(share=share)), PEOPLE[:200], (), NOW)
    assert {one.arm for one in made} == {"control", "treated"}
    assert {held_back(one) for one in made} == {share}
    assert [in_control(one) for one in made] == [one.arm == "control" for one in made]


def test_who_was_never_assigned_is_in_no_arm() -> None:
    assert (held_back(None), in_control(None)) == (0.0, False)
    assert exposures([decided("p")], {}) == []


def test_exposed_is_who_was_contacted_and_who_would_have_been() -> None:
    """Service messages are no part of it: the control group gets them too."""
    arms = {name: assigned(name, arm, 0.5) for name, arm in zip("abcd", ("treated", "control") * 2, strict=True)}
    made = [
        decided("a", "news"),
        decided("b", "news", "control"),
        decided("c"),
        decided("d", "receipt"),
        decided("stranger", "news"),
    ]
    found = exposed(made, arms, [campaign(), campaign("receipt", message_class="service")])
    assert [(one.person_id, one.arm, one.moment, one.decision_id) for one in found] == [
        ("a", "treated", NOW, "decision a"),
        ("b", "control", NOW, "decision b"),
    ]
