"""First occasions by lot, read from decisions: who counts, with which probability, and who must not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.line.shop import NOW, change, import_all, prepare
from vocative.decide.experiment.control import GLOBAL
from vocative.desk.person.erasure import erase_person
from vocative.desk.rehearse.replay import replay
from vocative.line.running import run
from vocative.line.snapshot.snapshot import Scene
from vocative.line.snapshot.treatments import note_treatments, treatments
from vocative.records.action import SILENCE, Action, OfferLevel
from vocative.records.lake_tables import DECISIONS
from vocative.records.ledger_tables import ASSIGNMENTS, TREATMENTS
from vocative.records.schema import Cell
from vocative.store.arrow import rows_to_arrow
from vocative.workspace.opening import Workspace
from vocative.workspace.starting import make_workspace

DAY = 86_400_000_000


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Workspace]:
    make_workspace(tmp_path)
    with Workspace.open(tmp_path) as workspace:
        yield workspace


def decision(person: str, outcome: str, day: int, *, propensity: float = 0.9) -> dict[str, Cell]:
    """A row of the table of decisions, of the run of the day: a contact had that propensity, nothing the rest."""
    return by_lot(person, outcome, day, {SILENCE: 1.0 - propensity, "news": propensity}, "news")


def by_lot(
    person: str, outcome: str, day: int, odds: Mapping[str, float], campaign: str | None, size: float | None = None
) -> dict[str, Cell]:
    """A decision that tells the probability of everything it could have been; the channel is e-mail."""
    offer = None if size is None else OfferLevel(size, "percent")
    action = Action(campaign=campaign, channel="email", offer=offer) if campaign else None
    happened = action.compared.key if action and outcome == "contact" else SILENCE
    return {
        "decision_id": f"{person} {day}",
        "run_id": f"run {day}",
        "moment": NOW + day * DAY,
        "person_id": person,
        "outcome": outcome,
        "campaign": campaign,
        "action_key": action.key if action else None,
        "personalized": False,
        "propensity": odds.get(happened, 0.5),
        "probabilities": list(odds.items()),
        "explored": True,
        "reason": campaign or "explored",
        "relationship": "regular",
        "relationship_reason": "planted",
        "candidates": "[]",
        "facts": "{}",
        "versions": "{}",
    }


def known(
    workspace: Workspace, rows: list[dict[str, Cell]], assigned: dict[str, int] | None = None, token: str = "test"
) -> list[object]:
    """What is read when these are all decisions; arms were drawn at the first day, or on the day that is told."""
    workspace.stores.lake.append(DECISIONS, rows_to_arrow(DECISIONS, rows), token=token)
    people = {str(row["person_id"]): str(row["outcome"]) for row in reversed(rows)}
    with workspace.stores.ledger.transaction() as transaction:
        transaction.insert(
            ASSIGNMENTS,
            [
                {
                    "person_id": person,
                    "experiment": GLOBAL,
                    "arm": "control" if outcome == "control" else "treated",
                    "share": 0.1,
                    "assigned_at": NOW + (assigned or {}).get(person, 0) * DAY,
                }
                for person, outcome in people.items()
            ],
            on_conflict="ignore",
        )
    found = treatments(Scene(workspace, NOW + 100 * DAY)).to_pylist()
    return [(row["person_id"], (row["moment"] - NOW) // DAY, row["treated"], round(row["chance"], 9)) for row in found]


def test_only_the_first_occasion_of_each_person_counts(empty: Workspace) -> None:
    rows = [decision("a", "contact", day) for day in (0, 7)] + [decision("b", "control", day) for day in (0, 1, 2)]
    assert known(empty, rows) == [("a", 0, True, 0.9), ("b", 0, False, 0.9)]


def test_a_contact_that_was_certain_tells_nothing(empty: Workspace) -> None:
    assert known(empty, [decision("a", "contact", 0, propensity=1.0), decision("b", "contact", 0)]) == [
        ("b", 0, True, 0.9)
    ]


def test_what_was_drawn_is_read_with_the_probability_of_each_action(empty: Workspace) -> None:
    odds = {SILENCE: 0.25, "news": 0.5, "coupon offer=10:percent": 0.25}
    rows = [
        by_lot("a", "contact", 0, odds, "coupon", 10.0),
        by_lot("b", "silence", 0, odds, None),
        by_lot("c", "contact", 0, odds, "news"),
        # Rounding decided: the first occasion cannot be told, and later ones are not the first.
        by_lot("d", "contact", 0, {}, "news"),
        by_lot("d", "contact", 1, odds, "news"),
        by_lot("a", "silence", 3, odds, None),
        {**by_lot("e", "silence", 0, {}, None), "propensity": 1.0},
        by_lot("e", "contact", 2, odds, "news"),
        # Nobody held back gets the message that the plan had for them.
        by_lot("f", "control", 0, odds, "coupon", 10.0),
    ]
    known(empty, rows)
    found = treatments(Scene(empty, NOW + 100 * DAY)).to_pylist()
    told = [(one["person_id"], one["treated"], one["action_key"], one["chance"], one["campaign"]) for one in found]
    assert told == [
        ("a", True, "coupon offer=10:percent", 0.75, "news"),
        ("b", False, SILENCE, 0.75, "news"),
        ("c", True, "news", 0.75, "news"),
        ("e", True, "news", 0.75, "news"),
        ("f", False, SILENCE, 0.75, "news"),
    ]
    assert [dict(one["chances"]) for one in found] == [odds] * 5
    assert note_treatments(empty, NOW + 3 * DAY) == 6
    empty.stores.lake.erase(DECISIONS, {"person_id": ["a", "b", "c", "d", "e", "f"]})
    assert treatments(Scene(empty, NOW + 100 * DAY)).to_pylist() == found


def test_whoever_may_have_been_contacted_before_what_is_kept_does_not_count(empty: Workspace) -> None:
    rows = [decision("long known", "contact", 0), decision("new", "contact", 0), decision("newer", "control", 5)]
    assert known(empty, rows, {"long known": -100, "newer": 5}) == [("new", 0, True, 0.9), ("newer", 5, False, 0.9)]


def test_what_was_decided_later_is_not_known_yet(empty: Workspace) -> None:
    assert known(empty, [decision("a", "contact", 0), decision("b", "contact", 200)]) == [("a", 0, True, 0.9)]


def test_after_a_run_both_arms_are_there_as_they_were_drawn(tmp_path: Path) -> None:
    prepare(tmp_path)
    change(tmp_path, r"share = [0-9.]+", "share = 0.5")
    import_all(tmp_path)
    with Workspace.open(tmp_path) as workspace:
        run(workspace, NOW)
        found = treatments(Scene(workspace, NOW + DAY)).to_pylist()
        lake = workspace.stores.lake.scan(DECISIONS)
        sql = "SELECT person_id, outcome, campaign FROM d WHERE outcome <> 'silence' AND propensity < 1 ORDER BY 1"
        decided = workspace.stores.engine.query(sql, {"d": lake}).to_pylist()
    assert [(row["person_id"], row["treated"], row["campaign"]) for row in found] == [
        (row["person_id"], row["outcome"] == "contact", row["campaign"]) for row in decided
    ]
    assert {row["treated"] for row in found} == {True, False}
    assert {row["chance"] for row in found} == {0.5}


def test_what_is_noted_outlives_the_decisions_and_the_same_note_changes_nothing(empty: Workspace) -> None:
    rows = [
        decision("a", "contact", 0),
        decision("b", "control", 0),
        # Whoever stood where money ran out cannot be told, later neither.
        by_lot("tied", "contact", 0, {}, "news"),
    ]
    found = known(empty, rows)
    assert found == [("a", 0, True, 0.9), ("b", 0, False, 0.9)]
    assert note_treatments(empty, NOW) == 3
    assert note_treatments(empty, NOW + DAY) == 0
    empty.stores.lake.erase(DECISIONS, {"decision_id": [str(row["decision_id"]) for row in rows]})
    later = [decision("a", "control", 95), decision("tied", "contact", 95), decision("new", "contact", 95)]
    assert known(empty, later, {"new": 95}, token="later") == [*found, ("new", 95, True, 0.9)]


def test_a_run_explores_keeps_the_odds_of_every_arm_and_comes_out_the_same_again(tmp_path: Path) -> None:
    prepare(tmp_path)
    change(tmp_path, r"share = [0-9.]+", "share = 0.3")
    settings = tmp_path / "vocative.toml"
    settings.write_text(f"{settings.read_text()}\n[exploring]\nshare = 0.6\n")
    import_all(tmp_path)
    with Workspace.open(tmp_path) as workspace:
        told = run(workspace, NOW)
        found = treatments(Scene(workspace, NOW + DAY)).to_pylist()
        again = replay(workspace, NOW)
        lake = workspace.stores.lake.scan(DECISIONS)
        decided = workspace.stores.engine.query("SELECT * FROM d WHERE propensity < 1 ORDER BY person_id", {"d": lake})
    rows = decided.to_pylist()
    assert again.same == again.decisions > 0
    assert [row["person_id"] for row in found] == [row["person_id"] for row in rows]
    assert any(row["explored"] and row["outcome"] == "contact" for row in rows)
    assert {row["reason"] for row in rows if row["explored"] and row["outcome"] == "silence"} == {"explored"}
    for row, read in zip(rows, found, strict=True):
        odds = dict(row["probabilities"])
        assert sum(odds.values()) == pytest.approx(1.0)
        assert odds[read["action_key"]] == pytest.approx(row["propensity"])
        assert read["chance"] == pytest.approx(1.0 - odds[SILENCE])
        assert read["treated"] == (row["outcome"] == "contact") == (read["action_key"] != SILENCE)
    decide = told["decide"]
    assert isinstance(decide, dict)
    assert decide["explored"] == sum(row["explored"] for row in rows)


def test_a_run_notes_what_it_drew_and_an_erased_person_is_not_in_it(tmp_path: Path) -> None:
    prepare(tmp_path)
    change(tmp_path, r"share = [0-9.]+", "share = 0.5")
    import_all(tmp_path)
    with Workspace.open(tmp_path) as workspace:
        run(workspace, NOW)
        before = treatments(Scene(workspace, NOW + DAY)).to_pylist()
        with workspace.stores.ledger.transaction() as transaction:
            noted = transaction.select(TREATMENTS, order_by=("person_id",))
        gone = str(noted[0]["person_id"])
        receipt = erase_person(workspace, gone, NOW + DAY)
        after = treatments(Scene(workspace, NOW + 2 * DAY)).to_pylist()
    assert [row["person_id"] for row in noted] == [row["person_id"] for row in before]
    assert receipt.erased["treatments"] == 1
    assert [row["person_id"] for row in after] == [row["person_id"] for row in before[1:]]
