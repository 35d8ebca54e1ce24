"""The last part of the gap: what the prices leave open is solved exactly where that is little.

A choice whose reduced worth lies further below the person's best than the gap is in no better plan, and a choice whose
second best lies further below is in every better plan (reduced-cost fixing: Nemhauser & Wolsey, 1988, section
II.5.2). What remains free goes to a solver of mixed-integer programs.
"""

from __future__ import annotations

import numpy as np

from vocative.decide.allocation.limits import AllocationProblem, Flags, Floats, LimitRules, Numbers, allowed
from vocative.decide.allocation.rounding import Rounded, best_at

_SMALL = 20_000
"""With more choices than that in all, the gap is small anyway and the solver's time is not worth it."""
_MOST_FREE = 2_000
"""With more choices left open the solver might not end."""
_NODES = 2_000
_EXACT = 1e-9


def improve(
    choices: AllocationProblem, rules: LimitRules, prices: Floats, plan: Rounded, worth: float, bound: float
) -> tuple[Rounded, float, float]:
    """The best plan and the bound, where what is open is little enough; else both as they were.

    Args:
        choices: What can be chosen.
        rules: The limits as rows.
        prices: Of the rows; those that gave the bound.
        plan: A plan that keeps the limits.
        worth: Of that plan.
        bound: That no plan passes.
    """
    gap = bound - worth
    kept = bool(allowed(plan.usage, rules.bound).all())
    if kept and gap <= _EXACT * max(abs(bound), 1.0):
        return plan, worth, bound
    if choices.worth.size > _SMALL:
        return plan, worth, bound
    best, reduced, _ = best_at(choices, rules, prices)
    free, fixed = _open(choices, reduced, best.chosen, gap if kept else np.inf)
    if int(free.sum()) > _MOST_FREE:
        return plan, worth, bound
    found = _solve(choices, rules, free, fixed)
    if found is None:
        return plan, worth, bound
    chosen, value, proved = found
    usage = _used(choices, rules, chosen)
    if value < worth and kept:
        return plan, worth, min(bound, max(proved, worth))
    return Rounded(chosen, usage), value, min(bound, max(proved, value))


def _open(choices: AllocationProblem, reduced: Numbers, best: Flags, gap: float) -> tuple[Flags, Flags]:
    """Choices that a better plan may or may not hold, and those that it must hold."""
    possible = np.isfinite(choices.worth)
    if choices.per_person == 1:
        top = np.where(best, reduced, 0.0).sum(axis=1)
        # The best of what a person has besides the best: another action, or nothing.
        other = np.maximum(np.where(best, -np.inf, reduced).max(axis=1, initial=-np.inf), 0.0)
        holds = best & ((top - other) > gap)[:, None]
        may = possible & ((top[:, None] - reduced) <= gap)
    else:
        # The weakest that is chosen (nothing where there is room) is what another choice would replace.
        room = best.sum(axis=1) < choices.per_person
        weakest = np.where(room, 0.0, np.where(best, reduced, np.inf).min(axis=1, initial=np.inf))
        next_best = np.maximum(np.where(best, -np.inf, reduced).max(axis=1, initial=-np.inf), 0.0)
        holds = best & ((reduced - next_best[:, None]) > gap)
        may = possible & (best | ((weakest[:, None] - reduced) <= gap))
    return may & ~holds, holds


def _solve(
    choices: AllocationProblem, rules: LimitRules, free: Flags, fixed: Flags
) -> tuple[Flags, float, float] | None:
    """The best completion of what is fixed: choices, worth, and a bound of it; None where none was found."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array, vstack

    who, action = np.nonzero(free)
    left = rules.bound - _used(choices, rules, fixed)
    chosen = fixed.copy()
    base = float(choices.worth[fixed].sum(dtype=np.float64))
    if not len(who):
        return (chosen, base, base) if bool((left >= -_EXACT).all()) else None
    people, row = np.unique(who, return_inverse=True)
    each = csr_array(coo_array((np.ones(len(who)), (row, np.arange(len(who))))))
    room = (choices.per_person - fixed.sum(axis=1))[people].astype(np.float64)
    uses = csr_array(rules.usage_of(choices, who, action).T)
    worth = choices.worth[who, action].astype(np.float64)
    found = milp(
        -worth,
        integrality=np.ones(len(who), np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(vstack([each, uses]), -np.inf, np.concatenate([room, left])),
        options={"node_limit": _NODES, "mip_rel_gap": _EXACT, "presolve": False},
    )
    if found.x is None:
        return None
    taken = np.asarray(found.x) > 0.5
    chosen[who[taken], action[taken]] = True
    return chosen, base + float(worth[taken].sum()), base - float(found.mip_dual_bound)


def _used(choices: AllocationProblem, rules: LimitRules, chosen: Flags) -> Floats:
    who, action = np.nonzero(chosen)
    return np.asarray(rules.usage_of(choices, who, action).sum(axis=0))
