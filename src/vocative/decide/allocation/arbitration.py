"""Who gets what under limits that hold for everybody together, with a certificate of how good that is.

`allocate` returns a plan that keeps every limit from above, and a bound: no plan at all, not even one that may halve
actions, is worth more. The gap between the two is what is lost at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vocative.decide.allocation.exact import improve
from vocative.decide.allocation.limits import (
    AllocationProblem,
    Flags,
    Floats,
    Integers,
    Limit,
    LimitRules,
    allowed,
    rules_of,
)
from vocative.decide.allocation.prices import PriceSearch
from vocative.decide.allocation.rounding import Rounded, best_at, fill, keep_limits

CLOSE_ENOUGH = 1e-4
"""A plan is taken when no plan can be better by more than this part."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Which actions are taken, what they are worth, and how far the best possible plan could lie above.

    `who` and `action` are pairs, by person. `price` is what one more unit of each limit would be worth: negative for a
    limit from below, 0 where it does not bind. `short` is how much is missing of each limit from below.
    """

    who: Integers
    action: Integers
    worth: float
    bound: float
    used: Floats
    price: Floats
    short: Floats

    @property
    def gap(self) -> float:
        """The certificate: the part of the bound by which the best plan could be better, at most.

        Infinite where a limit from below is missed: then there is no plan to compare with.
        """
        if self.short.any():
            return np.inf
        return max(self.bound - self.worth, 0.0) / max(abs(self.bound), 1e-12)


def allocate(
    choices: AllocationProblem, limits: Sequence[Limit], *, close_enough: float = CLOSE_ENOUGH, exact: bool = False
) -> Allocation:
    """The most valuable plan within the limits.

    Limits from above always hold. Where limits from below cannot be met, the plan meets them as far as it can, tells
    what is missing in `short`, and the gap says nothing. Time and memory grow linearly with people.

    Args:
        choices: What each action is worth for each person, and what it uses.
        limits: Budgets, capacities, minimum shares.
        close_enough: The search ends at a gap of this part of the bound.
        exact: Whether a small problem is solved to its end. With fewer than some thousand people the gap is larger (a
            limit of three cannot be used by halves); it takes seconds, and the solver may print a line of its own.
    """
    rules = rules_of(choices, limits)
    if not choices.worth.size:
        nobody = Rounded(np.zeros(choices.worth.shape, bool), np.zeros(len(rules.bound)))
        return _told(choices, limits, rules, nobody, 0.0, 0.0, np.zeros(len(rules.bound)))
    search = PriceSearch(choices, rules)
    plan, bound, worth, prices = None, np.inf, -np.inf, search.prices
    going = True
    while going and (plan is None or bound - worth > close_enough * max(abs(bound), 1e-12) or rules.lower.any()):
        going = search.cool()
        if not going and plan is not None:
            break
        rounded, reduced, here = best_at(choices, rules, search.prices)
        keep_limits(rounded, choices, rules, reduced)
        fill(rounded, choices, rules, reduced)
        found = _worth(choices, rounded.chosen)
        if here < bound:
            bound, prices = here, search.prices
        if plan is None or _better(rounded, found, plan, worth, rules):
            plan, worth = rounded, found
    assert plan is not None
    if exact:
        plan, worth, bound = improve(choices, rules, prices, plan, worth, bound)
    return _told(choices, limits, rules, plan, worth, bound, prices)


def _better(new: Rounded, worth: float, old: Rounded, before: float, rules: LimitRules) -> bool:
    missing = np.maximum(new.usage - rules.bound, 0.0)[rules.lower].sum()
    missed = np.maximum(old.usage - rules.bound, 0.0)[rules.lower].sum()
    return bool((missing, -worth) < (missed, -before))


def _worth(choices: AllocationProblem, chosen: Flags) -> float:
    return sum(float(choices.worth[block][chosen[block]].sum(dtype=np.float64)) for block in choices.blocks())


def _told(
    choices: AllocationProblem,
    limits: Sequence[Limit],
    rules: LimitRules,
    plan: Rounded,
    worth: float,
    bound: float,
    prices: Floats,
) -> Allocation:
    used, price, short = np.zeros(len(limits)), np.zeros(len(limits)), np.zeros(len(limits))
    who, action = np.nonzero(plan.chosen)
    if len(who):
        ones = [np.ones(len(who)), *(amount[who, action].astype(np.float64) for amount in choices.amounts)]
        for place, one in enumerate(limits):
            counted = one.actions[action]
            if one.groups and choices.group is not None:
                counted = counted & np.isin(choices.group[who], one.groups)
            used[place] = float(ones[1 + one.amount][counted].sum())
    for row, place in enumerate(rules.limit.tolist()):
        price[place] += -prices[row] if rules.lower[row] else prices[row]
        if rules.lower[row] and not allowed(plan.usage[row : row + 1], rules.bound[row : row + 1])[0]:
            short[place] = plan.usage[row] - rules.bound[row]
    return Allocation(who, action, worth, bound, used, price, short)
