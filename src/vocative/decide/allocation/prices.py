"""What the global limits cost: one price for each, at which people choosing by themselves keep the limits together.

The limits are taken into the worth of each choice at a price (Lagrangian relaxation: Everett, 1963, "Generalized
Lagrange multiplier method"; for marketing contacts Zhang et al., 2020, "Solving billion-scale knapsack problems").
Then the people no longer depend on one another, and the sum of what each gets at best plus the price of the limits
is a bound that no plan can pass, at any prices. The prices that make the bound lowest are found by Newton's method on
a smooth form of it, in which people choose by the exponential of worth over a temperature (Nesterov, 2005, "Smooth
minimization of non-smooth functions"); the temperature falls until choices are sharp. The first steps look at a part
of the people only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vocative.decide.allocation.limits import BLOCK, AllocationProblem, Floats, LimitRules, Numbers
from vocative.stats.boxes import lowest_in_box

TEMPERATURES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
"""Parts of what a choice is typically worth."""
_SAMPLE = 20_000
_COARSE = 6
"""So many temperatures are passed at once, on a part of the people where there are many."""
_STEPS = 12
_HALVINGS = 12
_ARMIJO = 1e-4
_STILL = 1e-6
"""A step that is expected to gain less than this part of the bound is not taken."""
_THINNEST = 1e-9
_RIDGE = 1e-9
_NOTHING = 1e-100
"""Choices that are worth less are cooled as if they were worth that much: a temperature has to be divided by."""
_STEEPEST = 10.0
_BISECTIONS = 30


@dataclass(frozen=True, slots=True)
class _Columns:
    """Choices with a row for each action and amount, people in the order of their groups."""

    worth: Numbers
    amounts: tuple[Numbers, ...]
    starts: list[int]
    """Where the people of each group begin, and where the last end."""
    per_person: int

    def blocks(self) -> Iterator[tuple[int, slice]]:
        """Groups, and people of them in blocks."""
        for group, (start, end) in enumerate(zip(self.starts, self.starts[1:], strict=False)):
            for at in range(start, end, BLOCK):
                yield group, slice(at, min(at + BLOCK, end))


@dataclass(frozen=True, slots=True)
class _Smooth:
    """The smooth bound at some prices: its value, gradient and second derivative."""

    value: float
    slope: Floats
    bend: Floats


class PriceSearch:
    """The search for prices; each call of `cool` goes on to the next temperature.

    The first call passes the high ones, at which no plan would be good yet.
    """

    def __init__(self, choices: AllocationProblem, rules: LimitRules) -> None:
        self._choices, self._rules = choices, rules
        self._scale, self._highest = _typical(choices), _highest(choices, rules)
        self._full: _Columns | None = None
        self._part: _Columns | None = None
        self._level = 0
        self.prices: Floats = np.zeros(len(rules.bound))

    def cool(self) -> bool:
        """Find the prices of the next temperature; False where the last was reached before."""
        if self._level >= len(TEMPERATURES) or not len(self.prices):
            return False
        if self._choices.people <= 2 * _SAMPLE:
            self._full = self._full or _columns(self._choices, self._choices.groups())
        while self._level < _COARSE:
            if self._full is not None:
                self._descend(self._full, self._rules.bound)
            else:
                self._descend(self._sample(), self._rules.bound * (_SAMPLE / self._choices.people))
        self._full = self._full or _columns(self._choices, self._choices.groups())
        self._descend(self._full, self._rules.bound)
        return True

    def _sample(self) -> _Columns:
        """Every so many-th of the people, as they stand by groups."""
        if self._part is None:
            order = np.arange(self._choices.people)
            if self._choices.group is not None:
                order = np.argsort(self._choices.group, kind="stable")
            part = order[np.linspace(0, self._choices.people - 1, _SAMPLE).astype(np.int64)]
            self._part = _columns(self._choices.take(part), self._choices.groups())
        return self._part

    def _descend(self, columns: _Columns, bound: Floats) -> None:
        temperature = TEMPERATURES[self._level] * self._scale
        self._level += 1
        here = _smooth(columns, self._rules, bound, self.prices, temperature)
        for _ in range(_STEPS):
            step = _newton_step(here, self.prices, self._highest)
            gain = -float(here.slope @ step)
            if gain <= _STILL * max(abs(here.value), _THINNEST):
                return
            for halving in range(_HALVINGS):
                part = 0.5**halving
                prices = np.clip(self.prices + part * step, 0.0, self._highest)
                there = _smooth(columns, self._rules, bound, prices, temperature)
                if there.value <= here.value - _ARMIJO * part * gain:
                    break
            else:
                return
            self.prices, here = prices, there


def _columns(choices: AllocationProblem, groups: int) -> _Columns:
    """Rows turned into columns; people of one group stand together."""
    if choices.group is None:
        return _Columns(
            np.ascontiguousarray(choices.worth.T),
            tuple(np.ascontiguousarray(one.T) for one in choices.amounts),
            [0, choices.people],
            choices.per_person,
        )
    order = np.argsort(choices.group, kind="stable")
    starts = np.searchsorted(choices.group[order], np.arange(groups + 1))
    return _Columns(
        np.ascontiguousarray(choices.worth[order].T),
        tuple(np.ascontiguousarray(one[order].T) for one in choices.amounts),
        starts.tolist(),
        choices.per_person,
    )


def _typical(choices: AllocationProblem) -> float:
    """What the best choice of a person is worth on average, of those for whom there is one."""
    total, count = 0.0, 0
    for block in choices.blocks():
        best = choices.worth[block].max(axis=1, initial=0.0)
        total, count = total + float(best.sum(dtype=np.float64)), count + int((best > 0).sum())
    return max(total / count, _NOTHING) if count else 1.0


def _highest(choices: AllocationProblem, rules: LimitRules) -> Floats:
    """Prices beyond which nothing changes: limits from below that cannot be kept would drive them up for ever."""
    finite = choices.worth[np.isfinite(choices.worth)]
    reach = float(np.abs(finite).max(initial=0.0)) * 2.0 * _STEEPEST
    unit = np.array([1.0, *(float(one[one > 0].mean()) if (one > 0).any() else 1.0 for one in choices.amounts)])
    return np.array(
        [reach / float(unit[np.abs(load).max(axis=(0, 2)) > 0].min(initial=np.inf)) for load in rules.loads]
    )


def _smooth(columns: _Columns, rules: LimitRules, bound: Floats, prices: Floats, temperature: float) -> _Smooth:
    """The smooth bound, summed over blocks of people."""
    cost = rules.prices_by_action(prices).astype(columns.worth.dtype)
    groups, kinds, actions = cost.shape
    sums = np.zeros((groups, kinds, actions))
    outer = np.zeros((groups, kinds * actions, kinds * actions))
    own = np.zeros((groups, kinds, kinds, actions))
    value = float(bound @ prices)
    for group, block in columns.blocks():
        amounts = [one[:, block] for one in columns.amounts]
        reduced = _reduced(columns.worth[:, block], amounts, cost[group])
        total, chance, spread, pull = _choose(reduced, temperature, columns.per_person)
        value += total
        used = [chance, *(chance * one for one in amounts)]
        sums[group] += [one.sum(axis=1) for one in used]
        spreads = [spread, *(spread * one for one in amounts)]
        for kind, one in enumerate(spreads):
            own[group, kind, 0] += one.sum(axis=1)
            for other in range(1, kind + 1):
                own[group, kind, other] += np.einsum("jn,jn->j", one, amounts[other - 1])
        pulled = np.concatenate([pull, *(pull * one for one in amounts)])
        outer[group] += pulled @ pulled.T
    flat = rules.loads.reshape(len(prices), groups, kinds * actions)
    bend = -np.einsum("agx,gxy,bgy->ab", flat, outer, flat, optimize=True)
    for kind in range(kinds):
        for other in range(kinds):
            shared = own[:, max(kind, other), min(kind, other)]
            bend += np.einsum(
                "agj,gj,bgj->ab", rules.loads[:, :, kind], shared, rules.loads[:, :, other], optimize=True
            )
    return _Smooth(value, bound - rules.usage(sums), bend / temperature)


def _reduced(worth: Numbers, amounts: list[Numbers], cost: Numbers) -> Numbers:
    """Worth less the price of what is used: actions × people."""
    reduced: Numbers = worth - cost[0][:, None]
    for amount, price in zip(amounts, cost[1:], strict=True):
        if price.any():
            reduced -= amount * price[:, None]
    return reduced


def _choose(reduced: Numbers, temperature: float, per_person: int) -> tuple[float, Numbers, Numbers, Numbers]:
    """What people get at a temperature: the smooth best, chances, and both parts of their second derivative.

    The derivative of chances by reduced worth, times the temperature, is diag(spread) − pull pullᵀ for each person.
    """
    from scipy.special import expit

    if per_person == 1:
        best = np.maximum(reduced.max(axis=0), 0.0)
        chance = np.exp((reduced - best) / temperature)
        total = chance.sum(axis=0) + np.exp(-best / temperature)
        chance /= total
        return float(np.sum(best + temperature * np.log(total), dtype=np.float64)), chance, chance, chance
    threshold = _thresholds(reduced, temperature, per_person)
    above = (reduced - threshold) / temperature
    chance = expit(above)
    total = per_person * threshold + temperature * np.logaddexp(0.0, above).sum(axis=0)
    spread = chance * (1.0 - chance)
    # Who may have no more gives one thing up for another; who has room does not.
    full = np.where(threshold > 0.0, 1.0 / np.sqrt(np.maximum(spread.sum(axis=0), 1e-12)), 0.0)
    return float(np.sum(total, dtype=np.float64)), chance, spread, spread * full


def _thresholds(reduced: Numbers, temperature: float, per_person: int) -> Numbers:
    """For each person the reduced worth from which things are chosen, so that not more than allowed are."""
    from scipy.special import expit

    low = np.zeros(reduced.shape[1], reduced.dtype)
    high = np.maximum(reduced.max(axis=0), 0.0) + temperature * reduced.dtype.type(np.log(len(reduced) + 1.0))
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        many = expit((reduced - middle) / temperature).sum(axis=0) > per_person
        low, high = np.where(many, middle, low), np.where(many, high, middle)
    # A threshold at nothing is none.
    roomy = expit(reduced / temperature).sum(axis=0) <= per_person
    return np.where(roomy, reduced.dtype.type(0.0), 0.5 * (low + high))


def _newton_step(here: _Smooth, prices: Floats, highest: Floats) -> Floats:
    """The step to the lowest point of the parabola, inside the prices that are possible."""
    diagonal = np.diag(here.bend)
    size = np.sqrt(np.maximum(diagonal, _THINNEST * max(float(diagonal.max()), _THINNEST)))
    bend = here.bend / np.outer(size, size)
    # Limits that bind the same actions leave directions in which nothing bends; there the box ends the step.
    bend[np.diag_indices_from(bend)] += _RIDGE
    found = lowest_in_box(bend, here.slope / size, -prices * size, (highest - prices) * size)
    return np.asarray(np.clip(found / size, -prices, highest - prices))
