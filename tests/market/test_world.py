"""What is planted holds: the same lots for every policy, effects as they were planted, legality counted as it is."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.market import policies
from vocative.market.draws import draw_day
from vocative.market.limits import Contacts, daily_budgets
from vocative.market.messages import ASK, MarketMessages, joined, messages, none
from vocative.market.nature import BOOST_KEPT, BORROWED, COST, DEBT_KEPT, EMAIL, SMS
from vocative.market.oracle import gains, know_everything
from vocative.market.people import NEVER, NO, PERSUADABLE, SLEEPING_DOG, SURE_THING, YES
from vocative.market.reacting import best_category, reaction
from vocative.market.simulating import Run, branch, history, live_week
from vocative.market.world import Market, World, draw_market, newborn

PEOPLE, WEEKS = 3000, 8


@pytest.fixture(scope="module")
def market() -> Market:
    return draw_market(7, PEOPLE, WEEKS)


@pytest.fixture(scope="module")
def begun(market: Market) -> tuple[World, Contacts]:
    return history(market)


def lived(begun: tuple[World, Contacts], policy: policies.Policy, weeks: int = WEEKS) -> Run:
    run = branch(*begun, lambda _: policy)
    for week in range(weeks):
        live_week(run, week)
    return run


def test_the_same_seed_gives_the_same_world_and_another_seed_another(market: Market) -> None:
    again, other = draw_market(7, PEOPLE, WEEKS), draw_market(8, PEOPLE, WEEKS)
    np.testing.assert_array_equal(again.people.rate, market.people.rate)
    assert not np.array_equal(other.people.rate, market.people.rate)
    worlds = [newborn(one) for one in (market, again)]
    for day in range(-182, -170):
        first, second = (one.live(day, draw_day(7, day, PEOPLE), none()) for one in worlds)
        np.testing.assert_array_equal(first.trips.who, second.trips.who)
        np.testing.assert_array_equal(first.trips.value, second.trips.value)


def test_only_those_written_to_and_their_households_live_differently(begun: tuple[World, Contacts]) -> None:
    world, _ = begun
    spoken, silent = world.copy(), world.copy()
    few = np.arange(0, 300)
    for day in range(14):
        draws = draw_day(7, day, PEOPLE)
        sent = messages(few, day, 15, discount=0.3) if day == 0 else none()
        spoken.live(day, draws, sent)
        silent.live(day, draws, none())
    changed = np.flatnonzero(spoken.state.profit != silent.state.profit)
    partners = world.market.people.partner[few]
    assert set(changed) <= set(few) | set(partners[partners >= 0])
    assert len(changed) > 50


def test_what_a_message_brings_is_what_the_oracle_expects(begun: tuple[World, Contacts]) -> None:
    world, _ = begun
    people = world.market.people
    who = np.arange(PEOPLE)
    sent = messages(who, 0, 15, discount=0.1, category=best_category(people, world.state, 0), personal=True)
    expected = gains(people, world.state, sent, reaction(people, world.state, sent), 56)
    total = np.zeros(PEOPLE)
    lots = 16
    for lot in range(lots):
        spoken, silent = world.copy(), world.copy()
        for day in range(56):
            draws = draw_day(1000 + lot, day, PEOPLE)
            spoken.live(day, draws, sent if day == 0 else none())
            silent.live(day, draws, none())
        total += spoken.state.profit - silent.state.profit
    for kind in (PERSUADABLE, SURE_THING, SLEEPING_DOG):
        mine = (people.kind == kind) & world.state.active & (people.joined < 0) & (people.partner < 0)
        found, error = (total[mine] / lots).mean(), (total[mine] / lots).std() / np.sqrt(mine.sum())
        assert found == pytest.approx(expected[mine].mean(), abs=4 * error + 0.12 * abs(found))
    assert expected[people.kind == SLEEPING_DOG].mean() < 0


def test_a_message_brings_trips_forward_and_the_debt_is_the_share_that_is_planted() -> None:
    boost, debt, gained, owed = 1.0, 0.0, 0.0, 0.0
    for _ in range(400):
        gained, owed = gained + boost, owed + debt
        debt = debt * DEBT_KEPT + BORROWED * (1 - DEBT_KEPT) * max(boost, 0.0)
        boost *= BOOST_KEPT
    assert owed / gained == pytest.approx(BORROWED, abs=1e-3)


def test_every_policy_keeps_the_rules_and_the_oracle_gains_most(begun: tuple[World, Contacts]) -> None:
    silent = lived(begun, policies.silence)
    base = silent.world.state.profit.sum()
    gained = {}
    for name in ("mass", "plain", "rules", "random"):
        run = lived(begun, getattr(policies, name))
        assert not any(run.contacts.violations.values()), (name, run.contacts.violations)
        gained[name] = run.world.state.profit.sum() - base
        assert run.counts["contacts"] == run.world.state.contacts.sum() > 0
    run = branch(*begun, know_everything)
    for week in range(WEEKS):
        live_week(run, week)
    assert not any(run.contacts.violations.values())
    assert run.world.state.profit.sum() - base > max(0.0, *gained.values()) * 2
    dogs = run.world.market.people.kind == SLEEPING_DOG
    share = run.world.state.contacts[dogs].sum() / run.world.state.contacts.sum()
    assert share < 0.25 * dogs.mean()
    assert silent.counts["contacts"] == 0
    assert silent.counts["silent"] > 0


def _against_the_rules(day: int, who: int, market: Market) -> dict[str, MarketMessages]:
    budget = int(daily_budgets(PEOPLE)[SMS] / COST[SMS])
    phones = np.flatnonzero(market.people.marketing[:, SMS] == YES)
    one = np.array([who])
    return {
        "caps": joined([messages(one, day, 10), messages(one, day, 12)]),
        "quiet_hours": messages(one, day, 20),
        "budget": messages(phones[: budget + 1], day, 10, channel=SMS),
        "permission": messages(one, day, 10, personal=True),
    }


@pytest.mark.parametrize("rule", ["caps", "quiet_hours", "budget", "permission"])
def test_each_breach_is_counted_once_and_under_its_name(
    rule: str, market: Market, begun: tuple[World, Contacts]
) -> None:
    world, _ = begun
    state = world.state
    who = int(np.flatnonzero((state.marketing[:, EMAIL] == YES) & (state.personalization == NO))[0])
    contacts = Contacts.of(PEOPLE)
    contacts.turn(0)
    contacts.check(_against_the_rules(0, who, market)[rule], world.state)
    assert contacts.violations == {name: int(name == rule) for name in contacts.violations}


def test_caps_hold_over_weeks_and_months() -> None:
    contacts, world = Contacts.of(1), newborn(draw_market(1, 20, 1))
    world.state.marketing[:] = YES
    for day in (0, 7, 14, 21):
        contacts.turn(day)
        assert contacts.allowed(day).all()
        contacts.check(messages(np.zeros(1, np.int32), day, 10), world.state)
    for passed in range(22, 30):
        contacts.turn(passed)
        assert not contacts.allowed(passed).any()
    contacts.turn(30)
    assert contacts.allowed(30).all()


def test_who_leaves_gets_no_more_and_who_is_asked_may_say_yes(begun: tuple[World, Contacts]) -> None:
    world = begun[0].copy()
    who = np.flatnonzero((world.state.marketing[:, EMAIL] == YES) & (world.state.personalization == NEVER))
    done = world.live(0, draw_day(7, 0, PEOPLE), messages(who, 0, 15, about=ASK))
    heard = done.heard[0]
    assert (world.state.personalization[who[heard.agreed]] == YES).all()
    assert heard.agreed.sum() > 0
    assert (world.state.marketing[who[heard.left], EMAIL] == NO).all()
    assert (world.state.personalization[who[~heard.looked]] == NEVER).all()


def test_a_second_message_on_a_day_is_heard_too(begun: tuple[World, Contacts]) -> None:
    world = begun[0].copy()
    who = np.arange(200)
    done = world.live(0, draw_day(7, 0, PEOPLE), joined([messages(who, 0, 10), messages(who, 0, 17)]))
    assert [len(heard.sent) for heard in done.heard] == [200, 200]
    assert (world.state.contacts[who] == 2).all()
