"""An event that was marked as somebody else's counts up to the moment at which that was known, and not behind it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.profile.test_point_in_time import close
from tests.profile.worlds import DAY, MOMENT, World, engine, make_event, make_item, make_settings, times, worlds
from vocative.facts.sources import Sources
from vocative.predict.history.event_history import EventHistory
from vocative.profile.affinity import build_affinities
from vocative.profile.batch import build_features
from vocative.profile.card.card import profile_card
from vocative.profile.standard.standard import STANDARD

FAR = 2**62
SOME = STANDARD[::8]
Span = tuple[str, int, int | None]
Marks = dict[str, tuple[int, int | None]]
"""Message id → when it was marked, and when that was undone."""


def spans(marks: Marks) -> list[Span]:
    first: list[Span] = [(name, 0, at) for name, (at, _) in marks.items()]
    return first + [(name, undone, None) for name, (_, undone) in marks.items() if undone is not None]


def with_marks(world: World, marks: Marks) -> Sources:
    rows = spans(marks)
    table = {
        "message_id": pa.array([name for name, _, _ in rows], pa.string()),
        "since": pa.array([since for _, since, _ in rows], pa.int64()),
        "until": pa.array([until for _, _, until in rows], pa.int64()),
    }
    return replace(world.sources(), marks=pa.table(table))


def without_hidden(world: World, marks: Marks, moment: int) -> World:
    """The world as if what is hidden at the moment had never been."""

    def hidden(name: str) -> bool:
        at, undone = marks.get(name, (FAR, None))
        return at < moment and (undone is None or undone >= moment)

    return world.but(events=[event for event in world.events if not hidden(str(event["message_id"]))])


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), data=st.data())
def test_every_reader_sees_an_event_until_the_mark_is_known_and_again_when_it_is_undone(
    world: World, data: st.DataObject, tmp_path: Path
) -> None:
    marks: Marks = {}
    for event in world.events:
        if data.draw(st.booleans()):
            at = data.draw(times(before=200))
            marks[str(event["message_id"])] = (at, data.draw(st.sampled_from([None, at + DAY, at + 90 * DAY])))
    # Which act matters is told: found from the data, it may hang on an event that is hidden in one world only.
    plain_rules, run = make_settings(), engine(tmp_path)
    rules = structs.replace(plain_rules, business=structs.replace(plain_rules.business, main_act="purchase"))
    told, now = with_marks(world, marks), MOMENT + 30 * DAY
    past = EventHistory(run, told, rules, now)
    for moment in (MOMENT, now):
        plain = without_hidden(world, marks, moment).sources()
        rows, expected_rows = (
            [*build_features(run, one, rules, [moment], features=SOME).to_pylist(),
             *build_affinities(run, one, rules, moment).to_pylist()]
            for one in (told, plain)
        )  # fmt: skip
        assert close(rows, expected_rows)
        # How far back is read counts from now.
        other = EventHistory(run, plain, rules, now)
        for mine, expected in (
            (past.before(moment), other.before(moment)),
            (past.during(MOMENT - 120 * DAY, 60, moment), other.during(MOMENT - 120 * DAY, 60, moment)),
        ):
            assert sorted(zip(mine.who, mine.us, mine.role, mine.money, strict=True)) == sorted(
                zip(expected.who, expected.us, expected.role, expected.money, strict=True)
            )
        assert np.array_equal(past.lines_before(moment).us, other.lines_before(moment).us)


def test_the_card_shows_a_marked_event_as_somebody_elses_and_its_money(tmp_path: Path) -> None:
    world = World(
        events=(
            make_event(1, item_id="i1", order_id="o1", amount=20.0, quantity=1.0),
            make_event(2, item_id="i2", order_id="o2", amount=50.0, quantity=1.0),
        ),
        items=(make_item(1, item_id="i1", category="tea"), make_item(2, item_id="i2", category="cake")),
    )
    run, rules = engine(tmp_path), make_settings()
    card = profile_card(run, with_marks(world, {"m2": (MOMENT - 1, None)}), rules, [], "ada", MOMENT)
    assert {(entry.money, entry.not_me) for entry in card.timeline} == {(20.0, False), (50.0, True)}
    assert card.features["money_28d"] == 20.0
    before = profile_card(run, with_marks(world, {"m2": (MOMENT, None)}), rules, [], "ada", MOMENT)
    assert not any(entry.not_me for entry in before.timeline)
    assert before.features["money_28d"] == 70.0
