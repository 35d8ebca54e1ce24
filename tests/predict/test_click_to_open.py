"""Who goes on once a message is open: learnt from the profile, asked of messages that people themselves opened."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.decide.builders import DAY_US, HOUR_US
from tests.predict.letters import SECOND_US, SETTINGS, events, sources
from tests.predict.planted import FIRST_DAY, NOW, TODAY, names
from tests.store import drivers
from vocative.facts.sources import Sources
from vocative.predict.history.event_history import EventHistory, Floats, Integers
from vocative.predict.predictor import Forecast, as_table
from vocative.predict.response.click_to_open import CLICK_TO_OPEN
from vocative.prove.judging import prove_module
from vocative.records.proof import Verdict
from vocative.store.protocols import Engine

PEOPLE = 240
ORIGIN = NOW - 60 * DAY_US
LAVISH = np.arange(PEOPLE) % 2 == 0
"""They spend six times as much at a time as the others, as often; everybody opens two messages in five."""
SCANNED = np.arange(PEOPLE) % 6 == 5


def letters(goes_on: Floats, *, machines: bool = False) -> Sources:
    """A letter a week to everybody, opened by two in five; whoever opened it clicks with their own probability."""
    random = np.random.default_rng(3)
    who = np.tile(np.arange(PEOPLE), TODAY // 7)
    at = (FIRST_DAY + np.repeat(np.arange(0, TODAY - 7, 7), PEOPLE)[: len(who)]) * DAY_US + 9 * HOUR_US
    who = who[: len(at)]
    opens = random.random(len(who)) < 0.4
    clicks = opens & (random.random(len(who)) < goes_on[who])
    later = at + 600 * SECOND_US
    parts = [
        _mail("sent", who, at),
        _mail("opened", who[opens], later[opens]),
        _mail("clicked", who[clicks], later[clicks] + 30 * SECOND_US),
    ]
    if machines:
        scanned = SCANNED[who] & ~opens
        parts.append(_mail("opened", who[scanned], at[scanned] + 2 * SECOND_US))
    day = np.arange(0, TODAY, 12)
    bought = np.repeat(np.arange(PEOPLE), len(day))
    purchases = events("purchase", bought, (FIRST_DAY + np.tile(day, PEOPLE)) * DAY_US + 12 * HOUR_US)
    money = pa.array(np.where(LAVISH[bought], 60.0, 10.0)[: len(purchases)])
    parts.append(purchases.set_column(purchases.column_names.index("amount"), "amount", money))
    return sources(parts, names(PEOPLE))


def _mail(name: str, who: Integers, at: Integers) -> pa.Table:
    return events(name, who, at, np.zeros(len(who), np.int64))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return drivers.engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def past(engine: Engine) -> EventHistory:
    return EventHistory(engine, letters(np.where(LAVISH, 0.6, 0.1)), SETTINGS, NOW)


def judged(past: EventHistory) -> Verdict:
    return prove_module(CLICK_TO_OPEN, past, "v", np.random.default_rng(1))


def told(past: EventHistory) -> Forecast:
    return CLICK_TO_OPEN.forecast(past, NOW, CLICK_TO_OPEN.fit(past, NOW))


def test_what_the_profile_tells_of_clicks_is_admitted(past: EventHistory) -> None:
    verdict = judged(past)
    assert verdict.admitted, verdict.why
    assert {one.name for one in verdict.baselines} == set(CLICK_TO_OPEN.baselines)


def test_where_all_go_on_alike_it_is_refused(engine: Engine) -> None:
    verdict = judged(EventHistory(engine, letters(np.full(PEOPLE, 0.3)), SETTINGS, NOW))
    assert not verdict.admitted
    assert verdict.why.startswith("refused")


def test_those_who_go_on_are_told_apart(past: EventHistory) -> None:
    found = told(past)
    assert found.who.tolist() == list(range(PEOPLE))
    assert found.value[LAVISH].mean() > 0.4
    assert found.value[~LAVISH].mean() < 0.25
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()
    assert found.reasons is not None
    assert "order_money_mean" in found.reasons(0)


def test_who_was_never_written_to_is_told_by_the_profile(engine: Engine) -> None:
    """The letters of the last forty people are taken away; what they spend still says how they would go on."""
    late = np.arange(PEOPLE) >= PEOPLE - 40
    every = letters(np.where(LAVISH, 0.6, 0.1)).events
    assert isinstance(every, pa.Table)
    mail = pc.is_in(every["event"], pa.array(["sent", "opened", "clicked"]))
    theirs = pc.is_in(every["user_id"], pa.array(np.array(names(PEOPLE))[late]))
    kept = every.filter(pc.invert(pc.and_(mail, theirs)))
    found = told(EventHistory(engine, sources([kept], names(PEOPLE)), SETTINGS, NOW))
    value = dict(zip(found.who.tolist(), found.value.tolist(), strict=True))
    lavish, thrifty = ([value[one] for one in np.flatnonzero(late & often)] for often in (LAVISH, ~LAVISH))
    assert min(lavish) > max(thrifty)
    assert found.support[late].max() == 0.0


def test_what_a_machine_opened_asks_nobody(engine: Engine, past: EventHistory) -> None:
    """Their opens are no opens of people who then failed to click."""
    scanned = EventHistory(engine, letters(np.where(LAVISH, 0.6, 0.1), machines=True), SETTINGS, NOW)
    with_them, without = (CLICK_TO_OPEN.outcome(one, ORIGIN, NOW) for one in (scanned, past))
    assert with_them.who.tolist() == without.who.tolist()
    assert with_them.value.tolist() == without.value.tolist()


def test_messages_that_tell_of_no_opens_are_not_asked_about(engine: Engine) -> None:
    """Of a text message nobody knows who only looked."""
    who, at = np.arange(PEOPLE), np.full(PEOPLE, NOW - 30 * DAY_US)
    sms = np.ones(PEOPLE, np.int64)
    parts = [events("sent", who, at, sms), events("answered", who, at + HOUR_US, sms)]
    given = letters(np.where(LAVISH, 0.6, 0.1)).events
    assert isinstance(given, pa.Table)
    mixed = EventHistory(engine, sources([given, *parts], names(PEOPLE)), SETTINGS, NOW)
    mail = EventHistory(engine, sources([given], names(PEOPLE)), SETTINGS, NOW)
    assert told(mixed).value.tolist() == told(mail).value.tolist()


def test_nothing_of_the_future_is_found(engine: Engine, past: EventHistory) -> None:
    every = past.sources.events
    assert isinstance(every, pa.Table)
    before = every.filter(pc.less(every["known_at"].cast(pa.int64()), pa.scalar(ORIGIN)))
    then = EventHistory(engine, sources([before], names(PEOPLE)), SETTINGS, ORIGIN)
    content = CLICK_TO_OPEN.fit(then, ORIGIN)
    assert content == CLICK_TO_OPEN.fit(past, ORIGIN)
    ways = [lambda one, at: CLICK_TO_OPEN.forecast(one, at, content), *CLICK_TO_OPEN.baselines.values()]
    for way in ways:
        mine, other = (as_table(CLICK_TO_OPEN, way(one, ORIGIN), one, ORIGIN, "v") for one in (then, past))
        assert mine.equals(other)


def test_without_clicks_it_says_what_is_missing(engine: Engine) -> None:
    silent = EventHistory(engine, letters(np.zeros(PEOPLE)), SETTINGS, NOW)
    assert CLICK_TO_OPEN.missing(silent) == "0 messages were answered; 50 are needed"
    assert CLICK_TO_OPEN.needed(silent) == "50 messages that were answered"
    assert judged(silent).why.startswith("not tested: 0 messages")
    bought = events("purchase", np.zeros(1, np.int64), np.array([NOW - DAY_US]))
    nothing = EventHistory(engine, sources([bought], ["p000"]), SETTINGS, NOW)
    assert "role sent" in CLICK_TO_OPEN.missing(nothing)
    for baseline in CLICK_TO_OPEN.baselines.values():
        assert as_table(CLICK_TO_OPEN, baseline(nothing, NOW), nothing, NOW, "v").num_rows == 0
