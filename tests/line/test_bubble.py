"""The bubble: how far lists and messages lie outside what people do anyway, and what each asked for themselves."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.line.shop import NOW, change, import_all, prepare
from vocative.cli import main
from vocative.desk.person.erasure import erase_person
from vocative.desk.person.subject_access import personal_data
from vocative.desk.recommend.lists import Lister, recommend, wish_of
from vocative.line.act.bubble import Bubble, RunBubble, bubble_of_list, in_words, shown_by, top_interests
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.preferences import granted, wish_of_person, wishes
from vocative.line.snapshot.snapshot import Snapshot
from vocative.records.lake_tables import PREDICTIONS
from vocative.records.lists import Lists
from vocative.records.schema import Value
from vocative.store.arrow import rows_to_arrow
from vocative.workspace.opening import OpenWorkspace

KEEN, CALM, SILENT, REFUSED = "p0", "p3", "p5", "p1"
LATER = NOW + 3_600_000_000
MORE, LESS = "45 %", "less"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop after a run: two people said how much that is new they want to see, one of whom may not be profiled."""
    root = tmp_path_factory.mktemp("bubble")
    raw = prepare(root, days=90, people=25)
    lines = list(csv.reader((raw / "people.csv").read_text(encoding="utf-8").splitlines()))
    said = {KEEN: MORE, CALM: LESS, REFUSED: "more"}
    with (raw / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*lines[0], "discovery"], *([*row, said.get(row[0], "")] for row in lines[1:])])
    with (raw / "items.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[f"tea-{number}", f"tea {number}", "Tea", "Own", 3.0] for number in range(20)])
    import_all(root)
    with OpenWorkspace.open(root) as workspace:
        run(workspace, NOW)
        workspace.stores.lake.append(PREDICTIONS, rows_to_arrow(PREDICTIONS, planted()), token="planted")
    return root


def planted() -> list[dict[str, Value]]:
    """For three people ten teas they had and will have, and ten that are new to them and hardly probable."""
    return [
        {
            "run_id": "later", "moment": LATER, "person_id": person, "module": "next_items", "target": f"tea-{tea}",
            "value": 0.9 - tea / 40, "low": 0.0, "high": 1.0, "unit": "probability", "horizon_days": 28.0,
            "support": 9.0 * (tea < 10), "version": "a version that acts", "reasons": "{}",
        }
        for person in (KEEN, CALM, SILENT)
        for tea in range(20)
    ]  # fmt: skip


def told(root: Path, *words: str) -> dict[str, object]:
    result = CliRunner().invoke(main, [*words, "-w", str(root), "--now", to_text(NOW), "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.output)
    return found


def test_what_a_run_shows_is_measured_and_said_in_one_sentence(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        found = shown_by(workspace, NOW)
        assert shown_by(workspace, NOW - 1) is None
    assert found is not None
    assert found.wished == 2, "of those who did not allow personalization nothing is read"
    assert found.lists.lists > 5
    for one in (found.lists, found.messages):
        assert all(share is None or 0.0 <= share <= 1.0 for share in (one.diversity, one.outside, one.exposure))
    status, report = told(root, "status"), told(root, "report")
    assert status["shown"] == report["shown"]
    sentence = status["shown"]["in_words"] if isinstance(status["shown"], dict) else ""
    assert "outside the person's top interests" in sentence
    assert "2 people chose" in sentence
    assert sentence in CliRunner().invoke(main, ["status", "-w", str(root), "--now", to_text(NOW)]).output
    page = (root / "report.html").read_text(encoding="utf-8")
    assert "of what lists show lies outside" in page


def test_who_asked_for_more_that_is_new_gets_more_of_it(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        lister = Lister(workspace, NOW)
        assert lister.discovery_of(KEEN) == 0.45
        assert lister.discovery_of(CALM) == 0.1
        assert lister.discovery_of(SILENT) == lister.discovery_of(REFUSED) == Lists().discovery
        lists = {one: recommend(workspace, one, LATER, exploration=0.0) for one in (KEEN, CALM, SILENT)}
        new = {one: sum(thing.kind != "had before" for thing in found.items) for one, found in lists.items()}
        assert new == {KEEN: 5, CALM: 1, SILENT: 2}
        assert (lists[KEEN].bubble.asked, lists[KEEN].bubble.discovery) == (MORE, 0.45)
        asked = recommend(workspace, KEEN, NOW, discovery=0.0)
        assert asked.bubble.discovery == 0.0, "who asks for a list may ask for something else"
        assert lister.recommend(KEEN, wish_of(workspace)).bubble.discovery == Lists().discovery


def test_the_range_is_the_business_s(root: Path) -> None:
    change(root, r"\[control\]", "[lists]\nmost_discovery = 0.25\nleast_discovery = 0.2\n\n[control]")
    try:
        with OpenWorkspace.open(root) as workspace:
            assert wish_of_person(workspace, KEEN, NOW) == (0.25, MORE)
            assert wish_of_person(workspace, CALM, NOW) == (0.2, LESS)
    finally:
        change(root, r"\[lists\]\nmost_discovery = 0.25\nleast_discovery = 0.2\n\n", "")


def test_top_interests_are_those_that_hold_half(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        top = top_interests(Snapshot(workspace, NOW), KEEN)
        assert top
        assert top < {"Milk", "Bread", "Coffee"}
        found = recommend(workspace, KEEN, NOW)
    shares = [one.category not in top for one in found.items if one.category]
    assert found.bubble.outside == pytest.approx(sum(shares) / len(shares))


def test_a_wish_is_shown_exported_and_erased_like_everything_else(root: Path) -> None:
    shown = told(root, "person", KEEN, "show")
    assert shown["lists"] == {"discovery": 0.45, "asked": MORE}
    facts = shown["facts"]
    assert isinstance(facts, list)
    assert [one["value"] for one in facts if one["name"] == "traits.discovery"] == [MORE]
    with OpenWorkspace.open(root) as workspace:
        kept = personal_data(workspace, CALM, NOW).tables["people"].rows
        assert [row["traits"] for row in kept] == [{"discovery": LESS}]
        assert CALM in wishes(Snapshot(workspace, NOW))
        erase_person(workspace, CALM, NOW)
    with OpenWorkspace.open(root) as workspace:
        assert CALM not in wishes(Snapshot(workspace, NOW + 1))


@given(st.text(max_size=12))
def test_whatever_is_said_stays_inside_the_range(said: str) -> None:
    asked = Lists(discovery=0.2, least_discovery=0.1, most_discovery=0.4)
    share = granted(said, asked)
    assert share is None or 0.1 <= share <= 0.4


def test_a_wish_is_a_share_or_a_word() -> None:
    asked = Lists(discovery=0.2, least_discovery=0.0, most_discovery=1.0)
    assert [granted(one, asked) for one in ("0", "1", "0.25", "25", "25%", " MORE ")] == [
        0.0,
        1.0,
        0.25,
        0.25,
        0.25,
        1.0,
    ]
    assert [granted(one, asked) for one in ("", "-1", "101", "1e1", "a bit")] == [None] * 5
    narrow = Lists(discovery=0.0, least_discovery=0.1, most_discovery=0.1)
    assert granted("less", narrow) == 0.0, "what the business itself does is always inside"


def test_a_list_of_nothing_has_no_bubble() -> None:
    import numpy as np

    found = bubble_of_list(frozenset(), np.zeros((0, 2), np.int64), [], 0.2, "")
    assert found.outside is None
    assert found.diversity is None


def test_without_anything_shown_the_sentence_says_so() -> None:
    nothing = Bubble(lists=0, things=0, diversity=None, outside=None, exposure=None)
    assert in_words(RunBubble(messages=nothing, lists=nothing, wished=0)) == "Nothing was shown to anybody yet."
