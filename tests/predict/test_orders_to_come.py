"""Orders, money, the next order and what runs out, over people whose habits were planted."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.decide.builders import DAY_US
from tests.predict.planted import FIRST_DAY, NOW, SETTINGS, TODAY, Bought, names, sources
from tests.store import drivers
from vocative.facts.sources import Sources
from vocative.predict.history.event_history import EventHistory, Floats
from vocative.predict.learners.conformal import interval, learn_interval
from vocative.predict.spending.consumption import consumables, stocks_at
from vocative.predict.spending.next_order import NEXT_ORDER
from vocative.predict.spending.order_process import foresee, learn
from vocative.predict.spending.orders_90d import ORDERS_90D, Orders
from vocative.predict.spending.purchases import bought_days, inner_moments, purchases_at
from vocative.predict.spending.runs_out import RUNS_OUT
from vocative.predict.spending.spend_90d import SPEND_90D
from vocative.predict.spending.waiting import Waited, foresee_waiting, learn_waiting
from vocative.prove.backtest import judge
from vocative.store.protocols import Engine

PEOPLE = names(200)
BEFORE = NOW - 90 * DAY_US


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return drivers.engine(tmp_path_factory.mktemp("engine"))


@lru_cache
def shoppers(seed: int = 4) -> list[Bought]:
    """Every other person comes every week, the others by lot about every 25 days; a third of all stop for good."""
    random = np.random.default_rng(seed)
    found = []
    for place, person in enumerate(PEOPLE):
        day = int(random.integers(0, 20))
        stops = TODAY if random.random() < 0.67 else int(random.integers(30, TODAY))
        while day < stops:
            found.append(Bought(person, "i00", day, 12, 10.0 + 30.0 * (place % 4)))
            day += 7 if place % 2 == 0 else 1 + int(random.exponential(24.0))
    return found


@pytest.fixture(scope="module")
def past(engine: Engine) -> EventHistory:
    return EventHistory(engine, sources(shoppers(), PEOPLE), SETTINGS, NOW)


def test_purchases_are_counted_by_days(past: EventHistory) -> None:
    bought = purchases_at(past, NOW)
    for row, number in enumerate(bought.who[:20]):
        mine = sorted({one.day for one in shoppers() if one.person == PEOPLE[number]})
        assert bought.lives.frequency[row] == len(mine) - 1
        assert bought.lives.recency[row] == mine[-1] - mine[0]
        assert bought.lives.age[row] == TODAY - mine[0]


def test_spans_to_learn_from_end_before_the_moment(past: EventHistory) -> None:
    for days in (30.0, 90.0, 400.0):
        for moment, span in inner_moments(past, BEFORE, days):
            assert moment + span * DAY_US <= BEFORE
            assert moment - past.first >= 28 * DAY_US
    assert {span for _, span in inner_moments(past, BEFORE, 90.0)} == {90.0}
    assert max(span for _, span in inner_moments(past, BEFORE, 400.0)) < 250.0


def test_orders_are_foreseen_in_sum_and_one_by_one(past: EventHistory) -> None:
    found = foresee(past, BEFORE, learn(past, BEFORE, 90.0), 90.0)
    came = bought_days(past, BEFORE, 90.0, NOW, found.bought.who)
    naive = found.bought.lives.frequency * 90.0 / np.maximum(found.bought.lives.age, 14)
    assert found.expected.sum() == pytest.approx(came.sum(), rel=0.15)
    assert ((found.expected - came) ** 2).mean() < 0.7 * ((naive - came) ** 2).mean()
    assert np.corrcoef(found.active, came > 0)[0, 1] > 0.7


def test_further_ahead_than_history_reaches(past: EventHistory) -> None:
    module = Orders(400)
    told = module.forecast(past, BEFORE, module.fit(past, BEFORE))
    near = ORDERS_90D.forecast(past, BEFORE, ORDERS_90D.fit(past, BEFORE))
    assert told.value.sum() > 2.0 * near.value.sum()
    assert (told.high >= told.value).all()


def test_intervals_of_orders_hold_about_nine_in_ten(past: EventHistory) -> None:
    told = ORDERS_90D.forecast(past, BEFORE, ORDERS_90D.fit(past, BEFORE))
    came = ORDERS_90D.outcome(past, BEFORE, NOW).value
    assert 0.84 <= ((told.low <= came) & (came <= told.high)).mean() <= 0.97


def test_what_is_sent_back_is_not_worth_anything(engine: Engine) -> None:
    """Half of the people send back all but a tenth of what they bought, two days later."""
    bought = shoppers()
    again = [one._replace(day=one.day + 2, amount=-0.9 * one.amount) for one in bought if one.person < "p100"]
    whole = sources(bought + [one for one in again if one.day < TODAY], PEOPLE)
    kept = EventHistory(engine, whole, SETTINGS, NOW)
    told = SPEND_90D.forecast(kept, BEFORE, SPEND_90D.fit(kept, BEFORE))
    plain = EventHistory(engine, sources(bought, PEOPLE), SETTINGS, NOW)
    without = SPEND_90D.forecast(plain, BEFORE, SPEND_90D.fit(plain, BEFORE))
    first = told.who < 100
    assert told.value[first].sum() < 0.35 * without.value[first].sum()
    assert told.value[~first].sum() == pytest.approx(without.value[~first].sum(), rel=0.2)


def test_who_comes_every_week_is_expected_in_time(past: EventHistory) -> None:
    told = NEXT_ORDER.forecast(past, BEFORE, NEXT_ORDER.fit(past, BEFORE))
    outcome = NEXT_ORDER.outcome(past, BEFORE, NOW)
    came = np.full(len(past.people), 90.0)
    came[outcome.who] = outcome.value
    truth, weekly = came[told.who], told.who % 2 == 0
    here = weekly & (truth < 90.0)
    assert np.median(np.abs(told.value - truth)[here]) < 2.0
    gone = weekly & (truth == 90.0)
    assert np.median(told.value[gone]) > 60.0, "who came every week and stopped does not come back"
    assert ((told.low <= truth) & (truth <= told.high)).mean() >= 0.8


def keepers(people: int = 200, seed: int = 6) -> Sources:
    """Coffee lasts ten days a unit, and people take one to four; once in a while everybody buys a new lamp."""
    random = np.random.default_rng(seed)
    rows, units = [], []
    for person in names(people):
        day = int(random.integers(0, 15))
        while day < TODAY:
            taken = int(random.integers(1, 5))
            rows.append(Bought(person, "coffee", day))
            units.append(float(taken))
            day += max(1, taken * 10 + int(random.integers(-1, 2)))
        rows.append(Bought(person, "lamp", int(random.integers(0, TODAY))))
        units.append(1.0)
    made = sources(rows, names(people))
    assert isinstance(made.events, pa.Table)
    assert isinstance(made.items, pa.Table)
    place = made.events.schema.get_field_index("quantity")
    events = made.events.set_column(place, made.events.schema.field(place), pa.array(units, pa.float64()))
    at = made.items.schema.get_field_index("category")
    items = made.items.set_column(at, made.items.schema.field(at), made.items["item_id"])
    return replace(made, events=events, items=items)


def test_it_runs_out_by_how_much_was_taken(engine: Engine) -> None:
    past = EventHistory(engine, keepers(), SETTINGS, NOW)
    stocks = stocks_at(past, BEFORE)
    _, categories = past.categories(BEFORE)
    assert {categories[place] for place in stocks.target} == {"coffee"}, "nobody comes back for lamps"
    told = RUNS_OUT.forecast(past, BEFORE, RUNS_OUT.fit(past, BEFORE))
    came = RUNS_OUT.outcome(past, BEFORE, NOW)
    assert told.target is not None
    assert came.target is not None
    until = dict(zip((came.who * 10 + came.target).tolist(), came.value.tolist(), strict=True))
    truth = np.array([until.get(key, 56.0) for key in (told.who * 10 + told.target).tolist()])
    gap = RUNS_OUT.baselines["own_mean_gap"](past, BEFORE)
    assert np.abs(told.value - truth).mean() < 3.0
    assert np.abs(gap.value - truth).mean() > 6.0, "the mean gap knows nothing of what was taken"
    assert ((told.low <= truth) & (truth <= told.high)).mean() >= 0.82


def test_consumables_are_what_people_come_back_to() -> None:
    pair = np.arange(100) * 2 + np.repeat([0, 1], 50)
    count = np.where(np.arange(100) < 50, 3, 1)
    which, share = consumables(pair, count, np.full(100, 200), 2)
    assert which.tolist() == [0]
    assert share.tolist() == [1.0, 0.0]


def test_waiting_stays_between_now_and_the_horizon() -> None:
    random = np.random.default_rng(1)
    gap = random.uniform(1.0, 80.0, 1500)
    days = np.minimum(random.exponential(gap), 50.0)
    seen = [Waited(gap[part][:, None], days[part]) for part in (slice(0, 500), slice(500, None))]
    low, value, high = foresee_waiting(gap[:, None], learn_waiting(seen, 50.0), 50.0)
    assert (low >= 0.0).all()
    assert (low <= value).all()
    assert (value <= high).all()
    assert (high <= 50.0).all()
    assert 0.86 <= ((low <= days) & (days <= high)).mean() <= 0.96
    nothing = foresee_waiting(gap[:, None], learn_waiting([], 50.0), 50.0)
    assert (nothing[1] == 50.0).all()


def test_errors_of_the_past_give_intervals_that_hold() -> None:
    random = np.random.default_rng(2)

    def drawn() -> tuple[Floats, Floats]:
        value = random.exponential(100.0, 4_000)
        return value, np.maximum(value + random.normal(0.0, 2.0 + 0.4 * value), 0.0)

    content = learn_interval(*drawn())
    value, came = drawn()
    low, high = interval(content, value)
    assert 0.88 <= ((low <= came) & (came <= high)).mean() <= 0.93
    for part in np.array_split(np.argsort(value), 3):
        assert ((low <= came) & (came <= high))[part].mean() > 0.84, "at every level, not only on average"


def test_days_are_judged_with_those_who_did_not_come(past: EventHistory) -> None:
    """Two ways over ten people, of whom two come on day 5: the others were right to be told the horizon."""
    told = NEXT_ORDER.baselines["everybodys_median"](past, BEFORE)
    who = told.who[:10]
    late = replace(
        told, who=who, value=np.full(10, 90.0), low=np.zeros(10), high=np.full(10, 90.0), support=np.ones(10)
    )
    early = replace(late, value=np.full(10, 5.0))
    came = replace(NEXT_ORDER.outcome(past, BEFORE, NOW), who=who[:2], value=np.array([5.0, 5.0]), target=None)
    trial = judge("days", BEFORE, {"model": late, "other": early}, came, 90.0)
    figures = {way: {one.name: one.value() for one in found} for way, found in trial.judged.ways.items()}
    assert figures["model"]["days_off"] == pytest.approx(0.2 * 85.0)
    assert figures["other"]["days_off"] == pytest.approx(0.8 * 85.0)
    assert figures["model"]["coverage"] == 1.0


@pytest.mark.parametrize("buyers", [0, 1])
def test_hardly_anybody_who_bought_is_no_fault(buyers: int, engine: Engine) -> None:
    few = EventHistory(engine, sources([Bought(one, "i00", 40) for one in PEOPLE[:buyers]], PEOPLE), SETTINGS, NOW)
    for module in (SPEND_90D, ORDERS_90D, NEXT_ORDER, RUNS_OUT):
        told = module.forecast(few, NOW, module.fit(few, NOW))
        assert len(told.who) <= buyers
        assert np.isfinite(told.value).all()


def test_the_first_day_is_a_day(tmp_path: Path) -> None:
    """A moment at midnight has the day before it as today."""
    past = EventHistory(
        drivers.engine(tmp_path), sources([Bought("a", "i", 3), Bought("a", "i", 8)], ["a"]), SETTINGS, NOW
    )
    bought = purchases_at(past, (FIRST_DAY + 10) * DAY_US)
    assert bought.lives.age.tolist() == [6]
