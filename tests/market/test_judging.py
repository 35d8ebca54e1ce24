"""Held against the truth: the sizes of discounts, and whom a policy spoke to."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.market.judging import Judge, by_kind, otherwise, worths
from vocative.market.messages import NEWS, messages, none
from vocative.market.nature import LEVELS
from vocative.market.outcome import MarketOutcome, Scenario, simulate
from vocative.market.people import KINDS, PERSUADABLE, SURE_THING
from vocative.market.simulating import history
from vocative.market.world import World, draw_market


@pytest.fixture(scope="module")
def world() -> World:
    begun, _ = history(draw_market(6, 800, 4))
    return begun


@pytest.fixture(scope="module")
def oracle() -> MarketOutcome:
    return simulate(Scenario("oracle", 800, 4, 6), judged=True)


def test_a_policy_that_always_chooses_the_best_size_agrees_with_the_truth(world: World) -> None:
    who = np.arange(800)
    best = LEVELS[np.argmax(worths(world, messages(who, 0, 15, personal=True)), axis=1)]
    right, wrong = Judge(), Judge()
    right.see(world, messages(who, 0, 15, discount=best, personal=True))
    wrong.see(world, messages(who, 0, 15, discount=np.where(best > 0, 0.0, 0.3), personal=True))
    assert right.agreement() == 1.0
    assert right.agreement(discounted=True) == 1.0
    assert right.lost == pytest.approx(0.0, abs=1e-6)
    assert wrong.agreement() == 0.0
    assert wrong.lost > 0
    assert sum(int(str(row["best 0%"])) for row in right.rows()) == right.chosen[:, 0].sum()


def test_what_another_message_would_have_brought_is_known_exactly(world: World) -> None:
    who = np.arange(300)
    small, large = messages(who, 0, 15, discount=0.05), messages(who, 0, 15, discount=0.3)
    before = world.state.profit.copy()
    assert not otherwise(world, 0, small, small, 10).any()
    gained = [otherwise(world, 0, sent, none(), 20) for sent in (small, large)]
    np.testing.assert_allclose(gained[1] - gained[0], otherwise(world, 0, large, small, 20), atol=1e-6)
    partners = world.market.people.partner[who]
    assert set(np.flatnonzero(gained[1])) <= {*who.tolist(), *partners.tolist()}
    np.testing.assert_array_equal(world.state.profit, before)


def test_what_is_no_personal_offer_is_not_judged(world: World) -> None:
    judge = Judge()
    judge.see(world, messages(np.arange(800), 0, 15, about=NEWS, personal=True))
    judge.see(world, messages(np.arange(800), 0, 15, discount=0.1))
    assert judge.agreement() is None
    assert judge.lost == 0


def test_discounts_are_for_those_they_move(world: World) -> None:
    """The planted best: nobody who buys anyway should get money off, and sizes differ among those whom they move."""
    people = world.market.people
    best = np.argmax(worths(world, messages(np.arange(800), 0, 15, personal=True)), axis=1)
    assert (best[(people.kind == SURE_THING) & world.state.active] == 0).mean() > 0.9
    moved = best[(people.kind == PERSUADABLE) & world.state.active]
    assert len(np.unique(moved)) >= 4
    assert 0.2 < (moved > 0).mean() < 0.95


def test_the_oracle_chooses_by_the_truth_and_gains_from_those_who_can_be_moved(oracle: MarketOutcome) -> None:
    assert oracle.run.judge is not None
    agreed = oracle.run.judge.agreement()
    assert agreed is not None
    assert agreed > 0.95
    rows = {str(row["kind"]): row for row in by_kind(oracle.run.world, oracle.silent.world, 4)}
    assert list(rows) == [kind.replace("_", " ") for kind in KINDS]
    assert sum(int(str(row["people"])) for row in rows.values()) == 800
    assert sum(float(str(row["gained"])) for row in rows.values()) == pytest.approx(oracle.gained().sum(), abs=0.1)
    contacts = {kind: float(str(row["contacts_a_week"])) for kind, row in rows.items()}
    assert contacts["sleeping dog"] < 0.25 * contacts["persuadable"]
