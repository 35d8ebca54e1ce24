"""Plans under limits: they keep every limit, are as good as a solver's, and their certificate holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack

from vocative.decide.allocation.arbitration import Allocation, allocate
from vocative.decide.allocation.limits import AllocationProblem, Limit, rules_of


def _problem(seed: int, most_people: int = 60) -> tuple[AllocationProblem, list[Limit]]:
    rng = np.random.default_rng(seed)
    people, actions, groups = int(rng.integers(1, most_people)), int(rng.integers(1, 7)), int(rng.integers(1, 4))
    worth = rng.normal(0.5, 1.0, (people, actions))
    worth[rng.random((people, actions)) < 0.2] = -np.inf
    limits = [Limit("money", np.ones(actions, bool), at_most=float(rng.uniform(0.0, 0.4) * people), amount=0)]
    for number in range(int(rng.integers(0, 5))):
        marked = rng.random(actions) < 0.5
        top = float(rng.integers(0, people + 1))
        some = tuple(np.flatnonzero(rng.random(groups) < 0.5).tolist())
        limits.append(Limit(f"capacity {number}", marked, at_most=top, groups=some))
    return AllocationProblem(
        worth,
        (rng.uniform(0.1, 1.0, (people, actions)),),
        group=rng.integers(0, groups, people),
        per_person=int(rng.integers(1, 4)),
    ), limits


def _best(choices: AllocationProblem, limits: list[Limit], *, whole: bool) -> float:
    """The worth of the best plan by a solver; without `whole`, of one that may use parts of actions."""
    rules = rules_of(choices, limits)
    who, action = np.nonzero(np.isfinite(choices.worth))
    if not len(who):
        return 0.0
    each = csr_array(coo_array((np.ones(len(who)), (who, np.arange(len(who)))), shape=(choices.people, len(who))))
    uses = csr_array(rules.usage_of(choices, who, action).T)
    bound = np.concatenate([np.full(choices.people, float(choices.per_person)), rules.bound])
    found = milp(
        -choices.worth[who, action].astype(np.float64),
        integrality=np.full(len(who), int(whole)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(vstack([each, uses]), -np.inf, bound),
        options={"mip_rel_gap": 1e-9},
    )
    assert found.fun is not None
    return -float(found.fun)


def _check_limits(choices: AllocationProblem, limits: list[Limit], plan: Allocation) -> None:
    for limit, used in zip(limits, plan.used, strict=True):
        counted = limit.actions[plan.action]
        if limit.groups and choices.group is not None:
            counted = counted & np.isin(choices.group[plan.who], limit.groups)
        amount = np.ones(len(plan.who)) if limit.amount < 0 else choices.amounts[limit.amount][plan.who, plan.action]
        assert used == pytest.approx(amount[counted].sum())
        assert used <= limit.at_most * (1 + 1e-8) + 1e-8
    assert np.isfinite(choices.worth[plan.who, plan.action]).all()
    assert np.bincount(plan.who, minlength=1).max(initial=0) <= choices.per_person
    assert len(set(zip(plan.who.tolist(), plan.action.tolist(), strict=True))) == len(plan.who)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000))
def test_a_plan_keeps_every_limit_and_its_certificate_holds(seed: int) -> None:
    choices, limits = _problem(seed)
    plan = allocate(choices, limits)
    _check_limits(choices, limits, plan)
    best = _best(choices, limits, whole=False)
    assert plan.worth == pytest.approx(choices.worth[plan.who, plan.action].sum())
    assert plan.worth <= best + 1e-7
    assert plan.bound >= best - 1e-7 * max(1.0, abs(best))


@pytest.mark.parametrize("seed", [222, 234, 422, 691, 1271, 2208, 2425])
def test_a_price_that_hardly_moves_overflows_nothing(seed: int) -> None:
    choices, limits = _problem(seed)
    _check_limits(choices, limits, allocate(choices, limits))


@pytest.mark.parametrize("size", [5e-324, 1e-310, 1e-200, 1e-12, 1e12, 1e200])
@pytest.mark.parametrize("alone", [True, False])
def test_worth_of_any_size_is_planned_within_the_limits(size: float, alone: bool) -> None:
    for seed in range(6):
        choices, limits = _problem(seed)
        if alone:
            choices.worth[0, 0] = size
        else:
            choices = replace(choices, worth=choices.worth * size)
        _check_limits(choices, limits, allocate(choices, limits))


@pytest.mark.parametrize("seed", range(12))
def test_small_plans_agree_with_a_solver(seed: int) -> None:
    choices, limits = _problem(seed, 40)
    plan = allocate(choices, limits, exact=True)
    _check_limits(choices, limits, plan)
    assert plan.worth == pytest.approx(_best(choices, limits, whole=True), rel=1e-6, abs=1e-6)
    assert plan.gap <= 1e-6 or plan.bound == pytest.approx(plan.worth, abs=1e-6)


def test_the_bound_is_that_of_the_linear_program_for_many_people() -> None:
    rng = np.random.default_rng(5)
    worth = rng.gamma(1.0, 2.0, (3_000, 6)) - 1.0
    marked = np.array([True, True, False, False, True, False])
    cost = rng.uniform(0.5, 1.5, worth.shape)
    choices = AllocationProblem(worth, (cost,))
    limits = [Limit("money", np.ones(6, bool), at_most=500.0, amount=0), Limit("letters", marked, at_most=200.0)]
    plan = allocate(choices, limits)
    best = _best(choices, limits, whole=False)
    assert plan.bound == pytest.approx(best, rel=2e-5)
    assert plan.gap <= 1e-3


def test_prices_are_what_one_more_unit_is_worth() -> None:
    rng = np.random.default_rng(6)
    choices = AllocationProblem(rng.gamma(2.0, 1.0, (4_000, 3)))
    money = np.ones(3, bool)
    plan = allocate(choices, [Limit("contacts", money, at_most=1_000.0)])
    more = allocate(choices, [Limit("contacts", money, at_most=1_010.0)])
    assert plan.price[0] == pytest.approx((more.worth - plan.worth) / 10.0, rel=0.02)
    assert allocate(choices, [Limit("contacts", money, at_most=9_000.0)]).price[0] == 0.0


def test_limits_from_below_are_met_by_those_who_lose_least() -> None:
    rng = np.random.default_rng(7)
    worth = np.column_stack([rng.uniform(1.0, 2.0, 1_000), rng.uniform(-1.0, 0.0, 1_000)])
    choices = AllocationProblem(worth)
    news = np.array([False, True])
    plan = allocate(choices, [Limit("news", news, at_least=100.0)])
    assert plan.used[0] == 100.0
    assert plan.price[0] < 0.0
    # The hundred who lose least by getting the news instead.
    assert plan.worth == pytest.approx(worth[:, 0].sum() - np.sort(worth[:, 0] - worth[:, 1])[:100].sum(), rel=1e-3)


def test_a_limit_from_below_that_nobody_can_meet_is_told() -> None:
    worth = np.full((50, 2), 1.0)
    worth[10:, 1] = -np.inf
    plan = allocate(AllocationProblem(worth), [Limit("club", np.array([False, True]), at_least=30.0)])
    assert plan.short.tolist() == [20.0]
    assert plan.gap == np.inf
    assert len(plan.who) == 50


def test_limits_from_above_hold_where_they_contradict_those_from_below() -> None:
    choices = AllocationProblem(np.ones((50, 2)))
    first, both = np.array([True, False]), np.ones(2, bool)
    plan = allocate(choices, [Limit("share", first, at_least=40.0), Limit("all", both, at_most=25.0)])
    assert plan.used[1] <= 25.0
    assert plan.short[0] == 15.0


def test_several_actions_for_one_person() -> None:
    rng = np.random.default_rng(8)
    worth = rng.normal(0.0, 1.0, (500, 5))
    plan = allocate(AllocationProblem(worth, per_person=2), [])
    assert plan.worth == pytest.approx(np.maximum(np.sort(worth, axis=1)[:, -2:], 0.0).sum())


@pytest.mark.parametrize("people", [0, 1])
def test_nobody_and_nothing_worth_it(people: int) -> None:
    plan = allocate(AllocationProblem(np.full((people, 3), -np.inf)), [Limit("all", np.ones(3, bool), at_most=1.0)])
    assert (len(plan.who), plan.worth, plan.gap) == (0, 0.0, 0.0)
    assert allocate(AllocationProblem(np.zeros((people, 0))), []).worth == 0.0


def test_what_makes_no_sense_is_refused() -> None:
    marked = np.ones(2, bool)
    for above, below, text in (
        (-1.0, 0.0, "0 or more"),
        (float("nan"), 0.0, "0 or more"),
        (5.0, -2.0, "finite number"),
        (2.0, 3.0, "more than at most"),
    ):
        with pytest.raises(ValueError, match=text):
            Limit("x", marked, at_most=above, at_least=below)
    with pytest.raises(ValueError, match="worth must be numbers"):
        AllocationProblem(np.array([[np.nan, 1.0]]))
    with pytest.raises(ValueError, match="never negative"):
        AllocationProblem(np.ones((1, 2)), (-np.ones((1, 2)),))
    with pytest.raises(ValueError, match="at least one action"):
        AllocationProblem(np.ones((1, 2)), per_person=0)
    with pytest.raises(ValueError, match="no amount 0"):
        allocate(AllocationProblem(np.ones((1, 2))), [Limit("money", marked, at_most=1.0, amount=0)])
    with pytest.raises(ValueError, match="no groups"):
        allocate(AllocationProblem(np.ones((1, 2))), [Limit("north", marked, at_most=1.0, groups=(0,))])


def test_the_same_problem_gives_the_same_plan() -> None:
    choices, limits = _problem(3, 60)
    one, other = allocate(choices, limits), allocate(choices, limits)
    assert one.who.tolist() == other.who.tolist()
    assert one.action.tolist() == other.action.tolist()


def test_people_who_are_all_alike_use_up_what_there_is() -> None:
    choices = AllocationProblem(np.full((90_000, 2), 1.0), (np.full((90_000, 2), 0.5),))
    both = np.ones(2, bool)
    plan = allocate(choices, [Limit("money", both, at_most=20_000.0, amount=0), Limit("all", both, at_most=50_000.0)])
    assert len(plan.who) == 40_000
    assert plan.gap < 1e-3
