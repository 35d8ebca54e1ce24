"""The global control group: the experiment that compares marketing with none, drawn once per person, for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vocative.decide.experiment.assigning import exposures
from vocative.records.acting import Decision
from vocative.records.experiment import Assignment, Experiment, ExperimentArm, Exposure
from vocative.records.settings import Campaign, Control

GLOBAL = "global"
CONTROL = "control"
TREATED = "treated"


def control_group(settings: Control) -> Experiment:
    """The experiment that the settings describe."""
    arms = (ExperimentArm(CONTROL, settings.share), ExperimentArm(TREATED, _rest(settings.share)))
    return Experiment(name=GLOBAL, arms=arms, salt=settings.salt)


def held_back(assignment: Assignment | None) -> float:
    """How likely it was that the person is in the control group; 0 for a person who was never assigned."""
    if assignment is None:
        return 0.0
    return assignment.share if assignment.arm == CONTROL else _rest(assignment.share)


def in_control(assignment: Assignment | None) -> bool:
    """Whether the person gets no marketing."""
    return assignment is not None and assignment.arm == CONTROL


def exposed(
    decisions: Iterable[Decision], assignments: Mapping[str, Assignment], campaigns: Iterable[Campaign]
) -> list[Exposure]:
    """Everybody for whom marketing was decided, or would have been were they not in the control group."""
    marketing = {one.name for one in campaigns if one.message_class == "marketing"}
    return exposures(
        (
            one
            for one in decisions
            if one.outcome != "silence" and one.chosen is not None and one.chosen.campaign in marketing
        ),
        assignments,
    )


def _rest(share: float) -> float:
    # Of a share as people write it the rest of the rest is the share again, to the last digit.
    return round(1.0 - share, 12)
