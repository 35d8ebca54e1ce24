"""Reactions to messages: people's are learnt from, machines' are not, and noise is refused."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decide.builders import DAY_US, HOUR_US
from tests.predict.letters import (
    CHANNELS,
    HOURS,
    SECOND_US,
    SETTINGS,
    Readers,
    all_alike,
    events,
    mornings_and_evenings,
    sources,
    written_to,
)
from tests.predict.planted import NOW, names
from tests.store import drivers
from vocative.predict.history.bot_reactions import AT_ONCE_US, BURST_US, by_machine
from vocative.predict.history.deliveries import COLUMNS, handed_before, handed_during
from vocative.predict.history.event_history import EventHistory
from vocative.predict.predictor import as_table
from vocative.predict.response.reactions import comparable_reaction
from vocative.predict.response.reacts import REACTS, Reacts
from vocative.predict.response.reacts_when import PARTS, REACTS_WHEN, ReactsWhen
from vocative.prove.judging import prove_module
from vocative.records.proof import Verdict
from vocative.store.protocols import Engine

PEOPLE = 120
ORIGIN = NOW - 60 * DAY_US
MODULES = (REACTS, REACTS_WHEN)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return drivers.engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def readers() -> Readers:
    return mornings_and_evenings(PEOPLE, np.random.default_rng(1))


@pytest.fixture(scope="module")
def past(engine: Engine, readers: Readers) -> EventHistory:
    return EventHistory(engine, written_to(readers, np.random.default_rng(2)), SETTINGS, NOW)


@pytest.fixture(scope="module")
def noise(engine: Engine) -> EventHistory:
    return EventHistory(engine, written_to(all_alike(PEOPLE), np.random.default_rng(2)), SETTINGS, NOW)


def judged(module: Reacts | ReactsWhen, past: EventHistory) -> Verdict:
    return prove_module(module, past, "v", np.random.default_rng(1))


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.name)
def test_what_is_planted_is_admitted(module: Reacts | ReactsWhen, past: EventHistory) -> None:
    verdict = judged(module, past)
    assert verdict.admitted, verdict.why
    assert {one.name for one in verdict.baselines} == set(module.baselines)


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.name)
def test_noise_is_refused(module: Reacts | ReactsWhen, noise: EventHistory) -> None:
    verdict = judged(module, noise)
    assert not verdict.admitted
    assert verdict.why.startswith("refused")


def test_the_liking_of_a_channel_is_found(past: EventHistory, readers: Readers) -> None:
    """Who looks at their mail five times as often as others is told so; machines' opens make nobody a reader."""
    told = REACTS.forecast(past, NOW, REACTS.fit(past, NOW))
    truth = readers.looks.mean(axis=2)
    assert told.target is not None
    assert np.corrcoef(told.value, truth[told.who, told.target])[0, 1] > 0.8
    lazy = (told.target == 0) & (truth[told.who, 0] < 0.1)
    scanned = readers.machine[told.who]
    assert told.value[lazy & scanned].mean() < 0.2
    assert (told.low <= told.value).all()
    assert (told.value <= told.high).all()


def test_the_part_of_the_day_is_found(past: EventHistory) -> None:
    told = REACTS_WHEN.forecast(past, NOW, REACTS_WHEN.fit(past, NOW))
    assert told.target is not None
    channel, part = np.divmod(told.target, len(PARTS))
    value = np.full((PEOPLE, len(CHANNELS), len(PARTS)), -1.0)
    value[told.who, channel, part] = told.value
    early = value[:, 0, 1] > value[:, 0, 4]
    assert (early == (np.arange(PEOPLE) % 2 == 0)).mean() > 0.85
    assert (value[:, :, 0] == -1.0).all(), "nobody was written to at night"


def test_an_hour_is_one_at_which_messages_went(past: EventHistory) -> None:
    told = REACTS_WHEN.forecast(past, NOW, REACTS_WHEN.fit(past, NOW))
    assert told.reasons is not None
    assert {told.reasons(row)["hour"] for row in range(len(told.who))} == set(HOURS)


def test_machines_count_for_nothing(engine: Engine, past: EventHistory, readers: Readers) -> None:
    """The same business with and without machines gives the same reactions."""
    without = EventHistory(engine, written_to(readers, np.random.default_rng(2), machines=False), SETTINGS, NOW)
    with_them, calm = handed_before(past, NOW), handed_before(without, NOW)
    assert with_them.machine[readers.machine[with_them.who] & (with_them.channel == 0)].all()
    assert not with_them.machine[~readers.machine[with_them.who]].any()
    assert np.array_equal(with_them.opened, calm.opened)
    assert np.array_equal(with_them.answered, calm.answered)


def test_only_what_every_channel_tells_compares_channels(past: EventHistory) -> None:
    """Text messages report no opens here, so an open is no argument for mail."""
    messages = handed_before(past, NOW)
    assert not messages.opened[messages.channel == 1].any()
    assert np.array_equal(comparable_reaction(past, NOW, messages), messages.answered)
    assert (messages.reacted & ~messages.answered).any()


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.name)
def test_nothing_of_the_future_is_found(module: Reacts | ReactsWhen, engine: Engine, past: EventHistory) -> None:
    cut = written_to(mornings_and_evenings(PEOPLE, np.random.default_rng(1)), np.random.default_rng(2))
    assert isinstance(cut.events, pa.Table)
    before = cut.events.filter(pc.less(cut.events["known_at"].cast(pa.int64()), pa.scalar(ORIGIN)))
    then = EventHistory(engine, sources([before], names(PEOPLE)), SETTINGS, ORIGIN)
    content = module.fit(then, ORIGIN)
    assert content == module.fit(past, ORIGIN)
    ours, theirs = (as_table(module, module.forecast(one, ORIGIN, content), one, ORIGIN, "v") for one in (then, past))
    assert ours.equals(theirs)
    for baseline in module.baselines.values():
        mine, other = (as_table(module, baseline(one, ORIGIN), one, ORIGIN, "v") for one in (then, past))
        assert mine.equals(other)


def test_who_may_not_be_profiled_leaves_no_trace(engine: Engine, past: EventHistory) -> None:
    given_all = past.sources
    assert isinstance(given_all.events, pa.Table)
    half = names(PEOPLE)[::2]
    few = EventHistory(engine, sources([given_all.events], half), SETTINGS, NOW)
    assert set(handed_before(few, NOW).who.tolist()) == set(range(len(half)))


def test_messages_too_young_to_be_answered_do_not_count(past: EventHistory) -> None:
    messages = handed_during(past, ORIGIN, 28.0, ORIGIN + 10 * DAY_US)
    assert messages.us.max() < ORIGIN + 7 * DAY_US
    assert messages.us.min() >= ORIGIN


def test_an_answer_belongs_to_the_last_message_over_its_channel(engine: Engine) -> None:
    day = NOW - 20 * DAY_US
    who, zero = np.zeros(2, np.int64), np.zeros(2, np.int64)
    parts = [
        events("sent", who, np.array([day, day + HOUR_US]), zero),
        events("sent", who[:1], np.array([day + 2 * HOUR_US]), zero[:1] + 1),
        events("opened", who[:1], np.array([day + 3 * HOUR_US]), zero[:1]),
        events("clicked", who[:1], np.array([day + 5 * DAY_US]), zero[:1]),
        events("purchase", who[:1], np.array([day + 4 * HOUR_US])),
    ]
    messages = handed_before(EventHistory(engine, sources(parts, ["p000"]), SETTINGS, NOW), NOW)
    assert messages.opened.tolist() == [False, True, False]
    assert not messages.answered.any(), "what comes days later, or without a channel, is no answer"


def test_messages_of_runs_are_learnt_from_where_none_are_imported(engine: Engine, past: EventHistory) -> None:
    quiet = msgspec.structs.replace(SETTINGS, events={**SETTINGS.events, "sent": []})
    at = NOW - 30 * DAY_US
    own = pa.table({"person_id": ["p000", "stranger"], "channel": ["email", "email"], "us": [at, at]}, schema=COLUMNS)
    opened = events("opened", np.zeros(1, np.int64), np.array([at + 600 * SECOND_US]), np.zeros(1, np.int64))
    told = EventHistory(engine, sources([opened], ["p000"]), quiet, NOW, handed=lambda: own)
    messages = handed_before(told, NOW)
    assert messages.us.tolist() == [at]
    assert messages.opened.tolist() == [True]
    assert not len(handed_before(EventHistory(engine, past.sources, quiet, NOW), NOW))


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.name)
def test_without_messages_it_says_what_is_missing(module: Reacts | ReactsWhen, engine: Engine) -> None:
    past = EventHistory(
        engine, sources([events("purchase", np.zeros(1, np.int64), np.array([NOW - DAY_US]))], ["p000"]), SETTINGS, NOW
    )
    assert "role sent" in module.missing(past)
    assert module.needed(past)
    verdict = judged(module, past)
    assert verdict.why.startswith("not tested: no message")
    for baseline in module.baselines.values():
        assert as_table(module, baseline(past, NOW), past, NOW, "v").num_rows == 0


seconds = st.integers(0, 2 * 86_400)


@given(st.lists(st.tuples(st.integers(0, 2), seconds, st.booleans()), max_size=30))
def test_a_machine_is_at_once_or_beside_a_burst(hits: list[tuple[int, int, bool]]) -> None:
    message, after = (np.array([one[place] for one in hits], np.int64) for place in (0, 1))
    click = np.array([one[2] for one in hits], bool)
    found = by_machine(message, after * SECOND_US, click)
    for row, (mine, at, _) in enumerate(hits):
        clicks = sorted(one[1] for one in hits if one[0] == mine and one[2])
        bursts = [
            (first, last)
            for first, last in zip(clicks, clicks[2:], strict=False)
            if last - first < BURST_US // SECOND_US
        ]
        near = any(first - 5 <= at <= last + 5 for first, last in bursts)
        assert found[row] == (at < AT_ONCE_US // SECOND_US or near)
