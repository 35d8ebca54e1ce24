"""What was shown at which place: read as it was known, never an act, and taken out of what is learnt (planted)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from msgspec import json

from tests.decide.builders import settings
from tests.predict.planted import FIRST_DAY, NOW, TODAY, Bought, names, sources
from tests.store import drivers
from vocative.predict.history.event_history import DAY_US, Past, find
from vocative.predict.history.impressions import exposures_before, first_answers
from vocative.predict.history.position_bias import LEAST_EXPOSURES, examination_before, worth_of
from vocative.predict.items.next_items import NEXT_ITEMS
from vocative.records.lake_tables import EVENTS
from vocative.records.schema import Value
from vocative.records.settings import Settings
from vocative.store.arrow import rows_to_arrow

LOOKED = np.array([1.0, 0.8, 0.6, 0.45, 0.35, 0.25])
FILLERS = 10
WANTED = np.array([0.3, 0.3, *np.linspace(0.05, 0.5, FILLERS)])
"""Of the two that always stand at the same place, and of the things that stand anywhere."""
PROVING = {"origins": 4, "step_days": 28, "least_people": 40}
BLIND = settings(events={"purchase": ["purchase"]}, proving=PROVING)
SEEING = settings(events={"purchase": ["purchase"], "shown": ["seen in a list"]}, proving=PROVING)


def shown(number: int, person: str, item: str, at: int, place: object) -> dict[str, Value]:
    return {
        "message_id": f"s{number}", "timestamp": at, "known_at": at, "event": "seen in a list", "user_id": person,
        "item_id": item, "properties": json.encode({"position": place}).decode(), "not_me": False, "doubts": "",
        "source": "test",
    }  # fmt: skip


def world() -> tuple[list[Bought], list[dict[str, Value]]]:
    """Every third day everybody sees a list; two equally wanted things stand at the first and at the last place."""
    random = np.random.default_rng(4)
    bought, seen = list[Bought](), list[dict[str, Value]]()
    for person in names(60):
        for day in range(int(random.integers(3)), TODAY, 3):
            items = 2 + random.choice(FILLERS, size=len(LOOKED), replace=False)
            if random.random() < 0.5:
                items[0], items[-1] = 0, 1
            taken = random.random(len(LOOKED)) < LOOKED * WANTED[items]
            at = (FIRST_DAY + day) * DAY_US + 12 * DAY_US // 24
            for place, item in enumerate(items.tolist()):
                seen.append(shown(len(seen), person, f"i{item:02}", at, place + 1))
                if taken[place]:
                    bought.append(Bought(person, f"i{item:02}", day, 13))
    return bought, seen


def past_of(
    root: Path, told: Settings, bought: list[Bought], seen: list[dict[str, Value]], people: list[str] | None = None
) -> Past:
    marks = pa.table({"message_id": ["s7"], "since": [0], "until": [NOW - DAY_US]})
    tables = sources(bought, people or sorted({one.person for one in bought}))
    assert isinstance(tables.events, pa.Table)
    both = pa.concat_tables([tables.events, rows_to_arrow(EVENTS, seen)])
    found = replace(tables, events=both, marks=marks if people else tables.marks)
    return Past(drivers.engine(root), found, told, NOW)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Past, Past]:
    bought, seen = world()
    root = tmp_path_factory.mktemp("shown")
    return past_of(root / "a", BLIND, bought, seen), past_of(root / "b", SEEING, bought, seen)


def test_how_often_places_are_looked_at_is_learnt_from_what_was_shown(planted: tuple[Past, Past]) -> None:
    blind, seeing = planted
    assert len(examination_before(blind, NOW)) == 0
    assert examination_before(seeing, NOW) == pytest.approx(LOOKED, abs=0.12)


def test_what_was_shown_is_no_act(planted: tuple[Past, Past]) -> None:
    blind, seeing = planted
    assert len(seeing.acts) == len(blind.acts)
    assert len(seeing.lines) == len(blind.lines)
    assert seeing.items.equals(blind.items)
    assert np.array_equal(seeing.features(NOW).values, blind.features(NOW).values, equal_nan=True)


def test_equally_wanted_things_come_closer_when_places_are_known(planted: tuple[Past, Past]) -> None:
    apart = []
    for past in planted:
        module = NEXT_ITEMS
        found = module.forecast(past, NOW, module.fit(past, NOW))
        assert found.target is not None
        odds = np.log(found.value / (1.0 - found.value))
        apart.append(odds[found.target == 0].mean() - odds[found.target == 1].mean())
    plain, corrected = apart
    assert plain > 0.0, "a place at the top makes a thing look more wanted"
    assert abs(corrected) < 0.85 * plain


def test_worth_is_the_inverse_of_being_looked_at_and_one_in_the_mean(planted: tuple[Past, Past]) -> None:
    _, seeing = planted
    start, width = NOW - 28 * DAY_US, len(seeing.items)
    lines = seeing.lines_during(start, 28, NOW)
    keys = np.unique(lines.who * width + lines.item)
    worth = worth_of(seeing, start, 28, NOW, keys, width, LOOKED)
    assert worth.mean() == pytest.approx(1.0)
    first, last = worth[keys % width == 0], worth[keys % width == 1]
    # Somebody may have taken it up from the last place more than once.
    assert last.max() / first.max() == pytest.approx(1.0 / LOOKED[-1])


def test_exposures_are_read_as_they_were_known(tmp_path: Path) -> None:
    """Late ones, those of others, those of nothing known, and places that are none."""
    at = NOW - 5 * DAY_US
    seen = [
        shown(0, "p000", "i00", at, 3),
        shown(1, "p000", "i01", at, "4"),
        {**shown(2, "p000", "i00", at, 5), "known_at": NOW - DAY_US},
        shown(3, "nobody", "i00", at, 1),
        shown(4, "p000", "never had", at, 1),
        shown(5, "p000", "i00", at, "top"),
        {**shown(6, "p000", "i00", at, 1), "not_me": True},
        shown(7, "p000", "i00", at, 1),
    ]
    bought = [Bought("p000", "i00", 5), Bought("p000", "i01", 6)]
    past = past_of(tmp_path, SEEING, bought, seen, ["p000"])
    then = exposures_before(past, NOW - 2 * DAY_US)
    assert then.place.tolist() == [0, 1]
    assert exposures_before(past, NOW).place.tolist() == [0, 2, 1]
    assert not len(exposures_before(past, at))
    assert len(then) < LEAST_EXPOSURES
    assert not len(examination_before(past, NOW))


def test_an_answer_comes_from_the_same_person_with_the_same_thing_within_a_day(tmp_path: Path) -> None:
    at = NOW - 5 * DAY_US
    seen = [shown(0, "p000", "i00", at, 1), shown(1, "p000", "i01", at, 2), shown(2, "p001", "i00", at, 1)]
    bought = [Bought("p000", "i00", 5), Bought("p000", "i01", 6), Bought("p001", "i00", 7)]
    found = exposures_before(past_of(tmp_path, SEEING, bought, seen), NOW)
    who, item = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 0])
    us = at + np.array([-1, 3, DAY_US, DAY_US - 1])
    answers = first_answers(found, who, item, us)
    told = {(int(found.who[row]), int(found.item[row])): int(answers[row]) for row in range(3)}
    assert told == {(0, 0): 1, (0, 1): -1, (1, 0): 3}
    assert find(np.array([1, 3]), np.array([3]))[1].all()
