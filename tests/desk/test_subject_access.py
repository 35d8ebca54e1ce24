"""What is told to a person who asks what is kept of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.line.quokka import DEVICE, EARLIER, EMAIL, NAME, TOKENS, USER, make
from tests.line.shop import NOW
from tests.line.state import state_of
from vocative.desk.person.subject_access import PersonalData, _fate, personal_data, why_of
from vocative.desk.person.subject_rows import counts_of, identify
from vocative.errors import UnknownPersonError
from vocative.records.acting import Candidate, Decision, Offer, Size
from vocative.records.lake_tables import LAKE_TABLES
from vocative.records.ledger_tables import LEDGER_TABLES
from vocative.workspace.opening import OpenWorkspace


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("persons") / "workspace"
    make(root)
    return root


def answer(root: Path, person_id: str = USER) -> PersonalData:
    with OpenWorkspace.open(root) as workspace:
        return personal_data(workspace, person_id, NOW + 10)


def test_every_row_that_names_the_person_is_told_with_purpose_and_retention(root: Path) -> None:
    told = answer(root)
    state = state_of(root)
    for name, rows in state.items():
        if name == "outbox files":
            continue
        naming = [row for row in rows if any(token.lower() in row.lower() for token in TOKENS)]
        assert len(told.tables[name].rows if name in told.tables else []) == len(naming), name
    assert len(told.tables) >= 9
    declared = {table.name: table for table in (*LAKE_TABLES, *LEDGER_TABLES)}
    for name, kept in told.tables.items():
        assert kept.purpose
        assert kept.retention.startswith(("until", "90 days", "400 days", "730 days")), name
        if name in declared:
            assert kept.purpose == declared[name].purpose
            assert all(set(row) == set(declared[name].column_names) for row in kept.rows)
    assert told.tables["inbox"].rows[0]["text"] == "my secret wish"


def test_nothing_of_other_people_is_told(root: Path) -> None:
    told = answer(root)
    for kept in told.tables.values():
        for row in kept.rows:
            text = repr(row)
            assert any(token.lower() in text.lower() for token in TOKENS), row
            assert "p1@example.com" not in text
            assert "dev-of-p1" not in text
    other = repr(answer(root, "p1"))
    assert not any(token in other for token in TOKENS)


def test_profile_reasons_and_words_are_part_of_the_answer(root: Path) -> None:
    told = answer(root)
    assert told.profile is not None
    assert told.profile.profiled
    assert NAME in {fact.value for fact in told.profile.facts}
    assert {f"user:{USER}", f"user:{EARLIER}", f"anonymous:{DEVICE}", f"email:{EMAIL}"} <= set(told.identifiers)
    with OpenWorkspace.open(root) as workspace:
        assert told.decisions == why_of(workspace, USER, NOW + 10)
    (message,) = told.tables["messages"].rows
    assert NAME in str(message["body_text"])
    (decision,) = told.tables["decisions"].rows
    assert isinstance(decision["candidates"], list)
    assert str(decision["moment"]).endswith("Z")
    features = told.tables["features"].rows[0]["features"]
    assert isinstance(features, dict)
    assert all(isinstance(number, float) for number in features.values())


def test_any_identifier_gives_the_same_answer(root: Path) -> None:
    told, again = answer(root), answer(root, EARLIER)
    assert (again.person_id, again.identifiers) == (told.person_id, told.identifiers)
    assert again.tables == told.tables
    assert again.decisions == told.decisions


def test_who_is_unknown_is_told_so(root: Path) -> None:
    with pytest.raises(UnknownPersonError, match="nothing is kept"):
        answer(root, "nobody-at-all")


def test_counts_are_those_of_the_rows(root: Path) -> None:
    told = answer(root)
    with OpenWorkspace.open(root) as workspace:
        assert identify(workspace.stores, EMAIL.title()) == identify(workspace.stores, USER)
        person = counts_of(workspace.stores, workspace.settings, identify(workspace.stores, USER))
    assert person == {name: len(kept.rows) for name, kept in told.tables.items()}


def test_the_sizes_that_could_have_been_offered_are_told() -> None:
    def offer(size: float) -> Offer:
        return Offer(offer_id=f"{size:g}", discount=size, unit="percent")

    candidate = Candidate(
        campaign="coupon",
        channel="email",
        personalized=True,
        offer=offer(5.0),
        score=0.5,
        basis="declared",
        sizes=(Size(offer=offer(10.0), score=0.25, basis="declared"),),
    )
    silence = Decision(decision_id="d", person_id="p", moment=0, outcome="silence", reason="budget", propensity=1.0)
    assert _fate(candidate, silence) == "not chosen, worth 0.500; 5 % off, other sizes would be worth: 10 % 0.250"
    assert _fate(replace(candidate, sizes=()), silence) == "not chosen, worth 0.500"
