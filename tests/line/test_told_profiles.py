"""Who reads that a profile decided, and how much worse loyal people were treated."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from tests.decide.builders import settings
from vocative.desk.report.relations import worse_rows
from vocative.line.act.basis_text import rests_on
from vocative.line.snapshot.people import Everybody, Notes, recipients
from vocative.line.snapshot.records_io import decision_rows
from vocative.records.acting import Candidate, Decision, Effect
from vocative.records.relationship import STATES, State
from vocative.records.results import Permission
from vocative.records.uses import USES
from vocative.trust.fairness import Loyalty, Violation
from vocative.trust.permission import verdicts
from vocative.trust.relationship import Relationship
from vocative.workspace.opening import OpenWorkspace
from vocative.workspace.starting import make_workspace


def decided(basis: Literal["measured", "declared"], name: str = "news") -> Decision:
    chosen = Candidate(campaign=name, channel="email", personalized=False, basis=basis)
    return Decision(
        decision_id="d", person_id="p", moment=1, outcome="contact", reason=name, propensity=1.0, chosen=chosen
    )


@pytest.mark.parametrize(("basis", "profiled"), [("measured", True), ("declared", False)])
def test_a_generic_message_chosen_by_a_measured_effect_rests_on_a_profile(
    tmp_path: Path, basis: Literal["measured", "declared"], profiled: bool
) -> None:
    make_workspace(tmp_path)
    with OpenWorkspace.open(tmp_path) as workspace:
        row = decision_rows([decided(basis)], "r", workspace)[0]
    assert row["personalized"] is profiled
    assert ("no profile was used" in rests_on(decided(basis), {})) is not profiled


def test_what_people_are_owed_needs_no_profile_whatever_was_measured(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    path = tmp_path / "campaigns" / "news.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "message_class: service\n", encoding="utf-8")
    with OpenWorkspace.open(tmp_path) as workspace:
        assert decision_rows([decided("measured")], "r", workspace)[0]["personalized"] is False


@pytest.mark.parametrize("state", STATES)
def test_nothing_that_rests_on_a_profile_is_known_of_the_displeased(state: State) -> None:
    yes = Permission(
        user_id="p", purpose="personalization", channel="*", status="yes", basis="consent", at=1, known_at=1,
        expires_at=None, source="form", text="?",
    )  # fmt: skip
    fields = (
        "email",
        "phone",
        "first_name",
        "gender",
        "language",
        "timezone",
        "country",
        "birth_date",
        "frequency",
        "discovery",
    )
    everybody = Everybody([{"person_id": "p", **dict.fromkeys(fields)}], verdicts([yes], 2), date(2026, 1, 1))
    effects = {"": Effect(value=1.0, low=0.5, high=1.5, unit="money")}
    made = settings(personalization={"covers": sorted(USES)})
    known = recipients(everybody, made, {"p": Notes(effects=effects)}, {"p": Relationship(state, "")})[0]
    assert known.effects == ({} if state == "strained" else effects)


def test_how_much_worse_loyal_people_saw_is_told_of_five_people_or_more() -> None:
    many = [Violation(f"p{one}", "Milk", "percent", 5.0 if one else 0.0, 20.0) for one in range(6)]
    few = [Violation(f"p{one}", "Bread", "money", 1.0, 2.0) for one in range(4)]
    none = [Violation(f"p{one}", "", "money", 0.0, 1.5) for one in range(5)]
    found = worse_rows(Loyalty(9, [*many, *few, *none]), {"Milk": "milk"})
    assert [(one.name, one.people, one.saw, one.others_saw) for one in found] == [
        ("milk", 6, "5.0%", "20.0%"),
        ("everything", 5, "none so far", "1.50"),
    ]
