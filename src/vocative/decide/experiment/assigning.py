"""Who is drawn into which arm of an experiment, and who came to the point where the arms differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from vocative.records.acting import Decision
from vocative.records.experiment import Assignment, Experiment, Exposure
from vocative.stats.hashing import stable_uniform


def draw_arm(experiment: Experiment, person_id: str) -> str:
    """The arm a new person is assigned to; depends on nothing but the experiment, its salt and the person."""
    drawn = stable_uniform(experiment.name, experiment.salt, person_id)
    reached = 0.0
    for arm in experiment.arms[:-1]:
        reached += arm.share
        if drawn < reached:
            return arm.name
    return experiment.arms[-1].name


def new_assignments(
    experiment: Experiment, people: Iterable[str], assigned: Collection[str], now: int
) -> list[Assignment]:
    """Assignments of people who have none yet, at a moment (µs UTC); nobody where the experiment is not on."""
    early = experiment.starts is not None and now < experiment.starts
    late = experiment.ends is not None and now >= experiment.ends
    if early or late:
        return []
    shares = {arm.name: arm.share for arm in experiment.arms}
    return [
        Assignment(person_id=person, experiment=experiment.name, arm=arm, share=shares[arm], assigned_at=now)
        for person in people
        if person not in assigned
        for arm in (draw_arm(experiment, person),)
    ]


def exposures(decisions: Iterable[Decision], assignments: Mapping[str, Assignment]) -> list[Exposure]:
    """One exposure for each decision about somebody who is assigned.

    Args:
        decisions: Those in which the arm made a difference.
        assignments: Of one experiment, by person.
    """
    return [
        Exposure(
            person_id=one.person_id,
            experiment=mine.experiment,
            arm=mine.arm,
            moment=one.moment,
            decision_id=one.decision_id,
        )
        for one in decisions
        if (mine := assignments.get(one.person_id)) is not None
    ]
