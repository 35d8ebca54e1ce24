"""From prices to a plan that keeps every limit: everybody's best choice, then the fewest and cheapest changes.

At good prices all but a handful of people get what they would choose anyway. Where a limit is passed, those give way
who lose least for what they set free; where something is left over, those come in who gain most from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.decide.allocation.limits import AllocationProblem, Flags, Floats, Integers, LimitRules, Numbers, allowed

_MOVES = 20_000
"""Changes that are looked at in one pass: the cheapest ones."""
_MOST_MOVES = 100_000
_WINDOW = 256
_REPAIRS, _FILLS = 10, 25
_NOTHING = -1


@dataclass(slots=True)
class Rounded:
    """A plan in the making: people × actions, and what the rows of the limits use."""

    chosen: Flags
    usage: Floats


@dataclass(frozen=True, slots=True)
class _Moves:
    """Changes for one person each: an action given up (-1: none), one taken (-1: none), what it does.

    `regret` is the loss at prices, `gain` the change of worth, `change` moves × rows.
    """

    who: Integers
    gives: Integers
    takes: Integers
    regret: Floats
    gain: Floats
    change: Floats


def best_at(choices: AllocationProblem, rules: LimitRules, prices: Floats) -> tuple[Rounded, Numbers, float]:
    """What everybody chooses at the prices; reduced worth of all choices; the bound that no plan passes."""
    cost = rules.prices_by_action(prices).astype(choices.worth.dtype)
    reduced = np.empty_like(choices.worth)
    chosen = np.zeros(choices.worth.shape, bool)
    sums = np.zeros(cost.shape)
    bound = float(rules.bound @ prices)
    for block in choices.blocks():
        group = None if choices.group is None else choices.group[block]
        here = choices.worth[block] - (cost[0, 0] if group is None else cost[group, 0])
        for place, amount in enumerate(choices.amounts):
            here -= amount[block] * (cost[0, 1 + place] if group is None else cost[group, 1 + place])
        picked = _picked(here, choices.per_person)
        reduced[block], chosen[block] = here, picked
        bound += float(here[picked].sum(dtype=np.float64))
        used = [picked.astype(np.float64), *(picked * amount[block] for amount in choices.amounts)]
        for kind, one in enumerate(used):
            if group is None:
                sums[0, kind] += one.sum(axis=0, dtype=np.float64)
            else:
                np.add.at(sums[:, kind], group, one)
    return Rounded(chosen, rules.usage(sums)), reduced, bound


def keep_limits(plan: Rounded, choices: AllocationProblem, rules: LimitRules, reduced: Numbers) -> None:
    """Change the plan until it keeps the limits: those from above always, those from below as far as possible."""
    for _ in range(_REPAIRS):
        broken = ~allowed(plan.usage, rules.bound)
        if not broken.any():
            return
        moves = _moves(plan, choices, rules, reduced, broken, _MOVES)
        if not _walk(plan, moves, rules.bound, repairing=True):
            break
    _drop(plan, choices, rules, reduced)


def fill(plan: Rounded, choices: AllocationProblem, rules: LimitRules, reduced: Numbers) -> None:
    """Give what is left over to those who gain most, as long as it fits."""
    most = _MOVES
    for _ in range(_FILLS):
        moves = _moves(plan, choices, rules, reduced, None, most)
        made = _walk(plan, moves, rules.bound, repairing=False)
        if not made:
            return
        # Where people are alike, many stand at the price and come in one after the other.
        most = min(2 * most, _MOST_MOVES) if made * (1 + choices.actions) > most else _MOVES


def _picked(reduced: Numbers, per_person: int) -> Flags:
    """The best choices of each person that are worth more than nothing."""
    picked = np.zeros(reduced.shape, bool)
    if per_person == 1:
        best = reduced.argmax(axis=1)
        rows = np.flatnonzero(reduced[np.arange(len(reduced)), best] > 0.0)
        picked[rows, best[rows]] = True
        return picked
    order = np.argsort(-reduced, axis=1, kind="stable")[:, :per_person]
    np.put_along_axis(picked, order, True, axis=1)
    return np.asarray(picked & (reduced > 0.0))


def _moves(
    plan: Rounded, choices: AllocationProblem, rules: LimitRules, reduced: Numbers, broken: Flags | None, most: int
) -> _Moves:
    """The cheapest changes: of those that mend something broken, or of those that gain something."""
    value = np.where(plan.chosen, reduced, np.inf)
    count = plan.chosen.sum(axis=1)
    weakest = np.where(count > 0, value.argmin(axis=1), _NOTHING)
    full = count >= choices.per_person
    # Who is full gives up the weakest of what they have for another thing.
    given = np.where(full, weakest, _NOTHING)
    lost = np.where(full, np.take_along_axis(value, np.maximum(weakest, 0)[:, None], axis=1)[:, 0], 0.0)
    regret = lost[:, None] - reduced
    regret[plan.chosen | ~np.isfinite(choices.worth)] = np.inf
    if broken is None:
        # What gains nothing only stands in the way of what does.
        before = np.where(full, _worth(choices.worth, np.arange(len(given)), given), 0.0)
        regret[choices.worth <= before[:, None]] = np.inf
    who, takes = _cheapest(regret, most if broken is None else most // 2)
    gives = given[who]
    if broken is not None:
        drops = np.where(plan.chosen, reduced, np.inf)
        drops[:, ~_matters(rules, broken)] = np.inf
        gone, dropped = _cheapest(drops, most // 2)
        who, gives = np.concatenate([who, gone]), np.concatenate([gives, dropped])
        takes = np.concatenate([takes, np.full(len(gone), _NOTHING)])
    change = _part(choices, rules, who, takes, 1.0) + _part(choices, rules, who, gives, -1.0)
    gain = _worth(choices.worth, who, takes) - _worth(choices.worth, who, gives)
    cost = _worth(reduced, who, gives) - _worth(reduced, who, takes)
    if broken is None:
        useful = (gain > 0.0) & allowed(plan.usage + change, rules.bound).all(axis=1)
        order = np.argsort(np.where(useful, cost, np.inf), kind="stable")[: int(useful.sum())]
    else:
        over = np.maximum(plan.usage - rules.bound, 0.0)
        # How much of what is over a move takes away, of all broken rows together.
        relief = (np.minimum(np.maximum(-change, 0.0), over) / np.where(broken, over, np.inf)).sum(axis=1)
        useful = relief > 0.0
        each = np.divide(np.maximum(cost, 0.0), relief, out=np.full(len(cost), np.inf), where=useful)
        order = np.argsort(each, kind="stable")[: int(useful.sum())]
    return _Moves(who[order], gives[order], takes[order], cost[order], gain[order], change[order])


def _matters(rules: LimitRules, rows: Flags) -> Flags:
    """Actions that use something of one of the rows."""
    return np.asarray((rules.loads[rows] > 0.0).any(axis=(0, 1, 2)))


def _cheapest(regret: Numbers, most: int) -> tuple[Integers, Integers]:
    """People and actions of the smallest finite numbers, at most so many."""
    flat = regret.ravel()
    finite = np.flatnonzero(np.isfinite(flat))
    if len(finite) > most:
        finite = np.sort(finite[np.argpartition(flat[finite], most - 1)[:most]])
    who, action = np.divmod(finite, regret.shape[1])
    return who, action


def _part(choices: AllocationProblem, rules: LimitRules, who: Integers, action: Integers, sign: float) -> Floats:
    found = np.zeros((len(who), len(rules.bound)))
    some = np.flatnonzero(action != _NOTHING)
    found[some] = sign * rules.usage_of(choices, who[some], action[some])
    return found


def _worth(worth: Numbers, who: Integers, action: Integers) -> Floats:
    return np.asarray(np.where(action == _NOTHING, 0.0, worth[who, np.maximum(action, 0)]).astype(np.float64))


def _walk(plan: Rounded, moves: _Moves, bound: Floats, *, repairing: bool) -> int:
    """Make the changes one after the other, each person once, as far as each still helps; how many were made."""
    slack = bound - plan.usage
    close = 1e-9 * np.maximum(np.abs(bound), 1.0)
    open_ = np.zeros(len(moves.who), bool)
    # Of each person the first change; others would have to be looked at anew once it is made.
    open_[np.unique(moves.who, return_index=True)[1]] = True
    at = _together(np.where(open_[:, None], moves.change, 0.0), slack, close, repairing=repairing)
    made = np.flatnonzero(open_[:at])
    _make(plan, moves, made)
    slack = slack - moves.change[made].sum(axis=0)
    count = len(made)
    while at < len(open_):
        window = slice(at, at + _WINDOW)
        helps = open_[window] & _helps(moves.change[window], slack, close, repairing=repairing)
        if not helps.any():
            if repairing and not (slack < -close).any():
                break
            at += _WINDOW
            continue
        row = at + int(helps.argmax())
        at, count = row + 1, count + 1
        slack = slack - moves.change[row]
        _make(plan, moves, np.array([row]))
    plan.usage = bound - slack
    return count


def _make(plan: Rounded, moves: _Moves, rows: Integers) -> None:
    given, taken = rows[moves.gives[rows] != _NOTHING], rows[moves.takes[rows] != _NOTHING]
    plan.chosen[moves.who[given], moves.gives[given]] = False
    plan.chosen[moves.who[taken], moves.takes[taken]] = True


def _together(change: Floats, slack: Floats, close: Floats, *, repairing: bool) -> int:
    """How many of the changes, from the first on, can be made without looking at each."""
    if not len(change):
        return 0
    total = np.cumsum(change, axis=0)
    broken = slack < -close
    fine = (total <= slack + close)[:, ~broken].all(axis=1)
    if repairing:
        # Until the first row that is broken is mended; making another one worse is for the closer look.
        before = (total - change)[:, broken]
        fine &= (change[:, broken] <= 0.0).all(axis=1) & (before > (slack + close)[broken]).all(axis=1)
    return len(change) if bool(fine.all()) else int(fine.argmin())


def _helps(change: Floats, slack: Floats, close: Floats, *, repairing: bool) -> Flags:
    """Which changes fit; when repairing, which mend something, break nothing and make nothing broken worse."""
    over = slack - change < -close
    if not repairing:
        return np.asarray(~over.any(axis=1))
    mends = (change[:, slack < -close] < 0.0).any(axis=1)
    return np.asarray(mends & ~(over & (change > 0.0)).any(axis=1))


def _drop(plan: Rounded, choices: AllocationProblem, rules: LimitRules, reduced: Numbers) -> None:
    """Take away what is over the limits from above, whatever becomes of those from below."""
    for row in np.flatnonzero(~rules.lower).tolist():
        over = plan.usage[row] - rules.bound[row]
        if allowed(plan.usage[row : row + 1], rules.bound[row : row + 1])[0]:
            continue
        who, action = np.nonzero(plan.chosen)
        uses = rules.usage_of(choices, who, action)
        each = np.divide(reduced[who, action], uses[:, row], out=np.full(len(who), np.inf), where=uses[:, row] > 0)
        order = np.argsort(each, kind="stable")
        order = order[: int(np.searchsorted(np.cumsum(uses[order, row]), over - 1e-12 * abs(over))) + 1]
        order = order[uses[order, row] > 0]
        plan.chosen[who[order], action[order]] = False
        plan.usage = plan.usage - uses[order].sum(axis=0)
