"""Whose an event is, whether it counts and what it means has one answer, whoever asks.

The rules are written down once more below, event by event in plain Python; every reader of facts has to come to the
same: features, event history, readiness, novelty, offers used, hours of the week, relationship, complaints.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as replace_fields

from tests.profile.worlds import DAY, MOMENT, World, engine, make_event, make_item, make_settings
from vocative.facts.behaviour import behaviour, complaints
from vocative.facts.counts import count
from vocative.facts.everybody import newest_people
from vocative.facts.items import names_of
from vocative.facts.one_person import events_of
from vocative.facts.possessions import days_had, offers_named
from vocative.facts.sources import Sources
from vocative.facts.staging import stage, stage_some
from vocative.facts.week import hours_of_week
from vocative.predict.history.catalogue import catalogue_at
from vocative.predict.history.event_history import Past
from vocative.profile.batch import build_features
from vocative.records.schema import Row
from vocative.store.adapters.duckdb_engine import DuckDBEngine

ALIASES = (("user:cy-old", "cy"), ("anonymous:phone", "ada"), ("anonymous:tablet", "cy"))
ALLOWED = ("ada", "cy")
ASKED = (("ada", "i3"), ("ada", "i1"), ("bo", "i1"))
"""Whose acts with which item are asked for."""
CATEGORIES = {"i1": "tea", "i2": "cake"}
# What matters here is what is bought, also where nobody bought anything.
_SETTINGS = make_settings()
RULES = replace_fields(_SETTINGS, business=replace_fields(_SETTINGS.business, main_act="purchase"))
Marks = dict[str, tuple[tuple[int, int | None], ...]]


@st.composite
def _events(draw: st.DrawFn) -> tuple[Row, ...]:
    rows = []
    for number in range(draw(st.integers(1, 30))):
        at = MOMENT - draw(st.sampled_from([1, 2, 3, 30, 80, 800])) * DAY - draw(st.integers(0, 5)) * DAY // 24
        event = draw(st.sampled_from(["did_purchase"] * 4 + ["did_redeem", "did_use", "did_complaint", "did_shown"]))
        sign = draw(st.sampled_from([1.0, 1.0, 1.0, -1.0]))
        offer = draw(st.sampled_from(["OFF1", "OFF2", None]))
        rows.append(
            make_event(
                number,
                timestamp=at,
                known_at=at + draw(st.sampled_from([0, 0, 0, 0, DAY, 900 * DAY])),
                event=event,
                user_id=draw(st.sampled_from(["ada", "bo", "cy", "cy-old", None, None])),
                anonymous_id=draw(st.sampled_from([None, "phone", "tablet", "nobody's"])),
                order_id=f"o{number}",
                item_id=draw(st.sampled_from(["i1", "i2", "i3", None])),
                quantity=sign * draw(st.sampled_from([1.0, 2.0])),
                amount=sign * draw(st.sampled_from([0.0, 3.5])),
                channel=draw(st.sampled_from(["email", "web"])),
                not_me=draw(st.sampled_from([False] * 7 + [True])),
                doubts=draw(st.sampled_from([""] * 10 + ["row:odd", "timestamp:odd", "user_id:odd", "item_id:odd"])),
                properties=None if offer is None else f'{{"offer_id": "{offer}"}}',
            )
        )
    return tuple(rows)


@st.composite
def _marked(draw: st.DrawFn, events: Sequence[Row]) -> Marks:
    """Of some events the spans in which they were the person's own: marked before or after the moment, or undone."""
    spans: list[tuple[tuple[int, int | None], ...]] = [
        ((0, MOMENT - DAY // 2),), ((0, MOMENT + DAY),), ((0, MOMENT - DAY // 2), (MOMENT - DAY // 4, None)),
        ((0, MOMENT - DAY // 2), (MOMENT + DAY, None)),
    ]  # fmt: skip
    some = draw(st.lists(st.sampled_from([str(row["message_id"]) for row in events]), max_size=4, unique=True))
    return {name: draw(st.sampled_from(spans)) for name in some}


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[World, Marks]:
    events = draw(_events())
    return World(events=events, items=_items(), aliases=ALIASES, allowed=ALLOWED), draw(_marked(events))


def _items() -> tuple[Row, ...]:
    return tuple(
        make_item(number, item_id=name, category=category) for number, (name, category) in enumerate(CATEGORIES.items())
    )


def _sources(world: World, marks: Marks) -> Sources:
    rows = [(name, *span) for name, spans in sorted(marks.items()) for span in spans]
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    kinds = (pa.string(), pa.int64(), pa.int64())
    arrays = [pa.array(list(one), kind) for one, kind in zip(columns, kinds, strict=True)]
    return replace(world.sources(), marks=pa.table(arrays, names=["message_id", "since", "until"]))


def _counts(row: Row, marks: Marks) -> bool:
    """Whether an event had happened, was known, is plausible and was somebody's own at the moment."""
    spans = marks.get(str(row["message_id"]), ((0, None),))
    own = any(since < MOMENT and (until is None or until >= MOMENT) for since, until in spans)
    doubts = str(row["doubts"])
    known = int(str(row["timestamp"])) < MOMENT and int(str(row["known_at"])) < MOMENT
    return known and own and not row["not_me"] and "row:" not in doubts and "timestamp:" not in doubts


def _bought(row: Row) -> bool:
    return row["event"] == "did_purchase" and float(str(row["quantity"])) >= 0 and float(str(row["amount"])) >= 0


class Expected:
    """What every reader has to find."""

    def __init__(self, world: World, marks: Marks) -> None:
        own = [(world.person_of(row), row) for row in world.events if _counts(row, marks)]
        done = [(person, row) for person, row in own if row["event"] != "did_shown"]
        self.named = Counter(str(row["event"]) for _, row in own)
        self.interactions = len(done)
        self.customers = {person for person, _ in done} - {None}
        self.bought = [(person, row) for person, row in done if _bought(row)]
        days: defaultdict[str | None, set[int]] = defaultdict(set)
        for person, row in self.bought:
            days[person].add(int(str(row["timestamp"])) // DAY)
        self.repeaters = sum(person is not None and len(one) > 1 for person, one in days.items())
        self.lately = Counter(
            person
            for person, row in self.bought
            if person in ALLOWED and int(str(row["timestamp"])) >= MOMENT - 90 * DAY
        )
        self.lines = Counter(
            person
            for person, row in self.bought
            if person in ALLOWED and self._item(row) and int(str(row["timestamp"])) >= MOMENT - 90 * DAY
        )
        on: defaultdict[str, defaultdict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        self.redeemed: defaultdict[str, set[str]] = defaultdict(set)
        self.complained: defaultdict[str, set[float]] = defaultdict(set)
        for person, row in done:
            if person in ALLOWED and (_bought(row) or row["event"] == "did_use"):
                item = self._item(row)
                asked = item if (person, item) in ASKED else None
                for thing in {"", CATEGORIES.get(item or ""), asked} - {None}:
                    on[str(person)][str(thing)].add(int(str(row["timestamp"])) // DAY)
            if person in ALLOWED and row["event"] == "did_redeem" and row["properties"]:
                self.redeemed[str(person)].add(str(row["properties"])[14:18])
            if person == "bo" and row["event"] == "did_complaint" and row["channel"] == "email":
                self.complained["bo"].add(round((MOMENT - int(str(row["timestamp"]))) / DAY, 6))
        self.had = {person: {thing: len(days) for thing, days in mine.items()} for person, mine in on.items()}
        seen = [row for row in world.events if max(int(str(row[one])) for one in ("timestamp", "known_at")) < MOMENT]
        self.people = {world.person_of(row) for row in seen} - {None}

    @staticmethod
    def _item(row: Row) -> str | None:
        return None if row["item_id"] is None or "item_id:" in str(row["doubts"]) else str(row["item_id"])


HowStaged = Literal["not", "then", "later"]


def _staged(made: DuckDBEngine, sources: Sources, how: HowStaged) -> Sources:
    """The sources as they are read: from the tables, or staged at the moment, or staged later."""
    if how == "not":
        return sources
    return stage(made, sources, RULES, MOMENT if how == "then" else MOMENT + 2 * DAY)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=_worlds(), how=st.sampled_from(get_args(HowStaged)))
def test_everybody_who_asks_gets_the_same_answer(made: tuple[World, Marks], how: HowStaged, tmp_path: Path) -> None:
    world, marks = made
    expected, asked = Expected(world, marks), engine(tmp_path)
    sources = _staged(asked, _sources(world, marks), how)
    scope = sources.scope(MOMENT, RULES)
    found = count(asked, sources, scope)
    assert found.customers == len(expected.customers)
    assert (found.interactions, found.named) == (expected.interactions, dict(expected.named))
    assert (found.purchases, found.repeaters) == (len(expected.bought), expected.repeaters)

    people, things = zip(*ASKED, strict=True)
    named = pa.table({"person_id": list(people), "item": list(things)})
    assert days_had(asked, sources, scope, named) == expected.had
    assert offers_named(asked, sources, scope, "redeemed") == expected.redeemed

    features = build_features(asked, sources, RULES, [MOMENT]).to_pylist()
    assert {row["person_id"]: row["orders_365d"] for row in features if row["orders_365d"]} == expected.lately
    behaved = behaviour(asked, sources, scope, "purchase", year_days=365, returns_days=90)
    assert {row["person_id"]: row["visits"] for row in behaved if row["visits"]} == expected.lately
    hours = hours_of_week(asked, sources, scope, "purchase", 91)
    assert sum(row["acts"] for row in hours) == sum(expected.lately.values())

    past = Past(asked, sources, RULES, MOMENT)
    lines = past.lines_before(MOMENT)
    recent = lines.where(lines.us >= MOMENT - 90 * DAY)
    names = [str(person) for person in past.people.to_pylist()]
    held = dict(zip(names, np.bincount(recent.who, minlength=len(names)).tolist(), strict=True))
    assert {person: number for person, number in held.items() if number} == expected.lines

    told = complaints(asked, sources, scope, {"bo"}, ["email"])
    assert {person: {round(day, 6) for day in days} for person, days in told.items()} == expected.complained
    assert set(newest_people(asked, sources, scope)["person_id"].to_pylist()) == expected.people


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=_worlds(), person=st.sampled_from(["ada", "bo", "cy", "unheard of"]))
def test_of_one_person_the_same_is_found_as_among_everybody(
    made: tuple[World, Marks], person: str, tmp_path: Path
) -> None:
    world, marks = made
    asked, sources = engine(tmp_path), _sources(world, marks)
    every, mine = (stage(asked, sources, RULES, MOMENT), stage_some(asked, sources, RULES, MOMENT, [person]))
    query = f"SELECT * FROM attributed_events WHERE person_id = '{person}' ORDER BY ALL"
    assert asked.query(query, mine.relations()).equals(asked.query(query, every.relations()))
    assert set(asked.query("SELECT person_id FROM attributed_events", mine.relations())["person_id"].to_pylist()) <= {
        person
    }


def test_what_an_item_is_called_is_what_was_last_said_of_it_and_known(tmp_path: Path) -> None:
    versions = [
        make_item(1, item_id="i1", name="Old", category="tea", timestamp=MOMENT - 90 * DAY, known_at=MOMENT - 90 * DAY),
        # What holds from later on wins over what was learnt later.
        make_item(2, item_id="i1", name="New", timestamp=MOMENT - 20 * DAY, known_at=MOMENT - 20 * DAY),
        make_item(3, item_id="i1", name="Older", timestamp=MOMENT - 60 * DAY, known_at=MOMENT - DAY),
        # A feed of prices does not take the name back, and what is in doubt is not said.
        make_item(4, item_id="i1", price=2.0, timestamp=MOMENT - 5 * DAY, known_at=MOMENT - 5 * DAY),
        make_item(5, item_id="i1", name="???", doubts="name:odd", timestamp=MOMENT - DAY, known_at=MOMENT - DAY),
        make_item(6, item_id="i1", name="Announced", timestamp=MOMENT + DAY, known_at=MOMENT - DAY),
        make_item(7, item_id="i1", name="Learnt later", timestamp=MOMENT - DAY, known_at=MOMENT + DAY),
    ]
    world = World(events=(make_event(1, item_id="i1"),), items=tuple(versions))
    made = engine(tmp_path)
    for how in get_args(HowStaged):
        sources = _staged(made, world.sources(), how)
        scope = sources.scope(MOMENT, RULES)
        assert names_of(made, sources, scope, ["i1", "i2"]) == {"i1": "New"}
        assert days_had(made, sources, scope, pa.table({"person_id": ["cy"], "item": ["i1"]})) == {
            "ada": {"tea": 1, "": 1}
        }
        [event] = events_of(made, sources, scope, "ada", ["did_purchase"], 5)
        assert event["item"] == "New"
        catalogue = catalogue_at(Past(made, sources, RULES, MOMENT), MOMENT)
        assert catalogue.price.tolist() == [2.0]
