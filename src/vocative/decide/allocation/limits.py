"""What can be chosen for many people at once, and the global limits under which it is chosen.

People are rows and actions columns; doing nothing is always possible, is worth nothing and uses nothing. A limit counts
actions, or sums an amount (money, minutes of a call centre), over some of the actions and all people or one group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = npt.NDArray[np.floating]
Integers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

COUNT = -1
"""The amount of a limit that counts actions, each as one."""
BLOCK = 8_192
"""People that are looked at together; their numbers fit into the cache of a processor."""
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Limit:
    """At most, and at least, so much of something for chosen actions together.

    `actions` marks which actions count. `amount` is the place in `AllocationProblem.amounts` of what is summed, or
    `COUNT`. `groups` restricts it to the people of some groups (see `AllocationProblem.group`); empty: everybody.
    """

    name: str
    actions: Flags
    at_most: float = np.inf
    at_least: float = 0.0
    amount: int = COUNT
    groups: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError where the limit can be kept by no plan, or says nothing."""
        if not self.at_most >= 0.0:
            raise ValueError(f"limit {self.name}: at most {self.at_most} cannot be kept: give 0 or more")
        if not 0.0 <= self.at_least < np.inf:
            raise ValueError(f"limit {self.name}: at least {self.at_least}: give a finite number, 0 or more")
        if self.at_least > self.at_most:
            raise ValueError(f"limit {self.name}: at least {self.at_least} is more than at most {self.at_most}")


@dataclass(frozen=True, slots=True)
class AllocationProblem:
    """People × actions: what each choice is worth and what it uses.

    `worth` is expected money, -inf where a hard filter has removed the action. `amounts` are people × actions each,
    never negative. `group` is each person's group (from 0), for limits that hold for one group. `per_person` is how
    many actions one person may get.
    """

    worth: Numbers
    amounts: tuple[Numbers, ...] = ()
    group: Integers | None = None
    per_person: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for shapes that do not fit, worth that is no number, or negative amounts."""
        if self.worth.ndim != 2:
            raise ValueError("worth must be people × actions")
        if np.isnan(self.worth).any() or np.isposinf(self.worth).any():
            raise ValueError("worth must be numbers; -inf where an action is removed")
        for place, amount in enumerate(self.amounts):
            if amount.shape != self.worth.shape:
                raise ValueError(f"amount {place} is {amount.shape}, but worth is {self.worth.shape}")
            if not (np.isfinite(amount).all() and (amount >= 0).all()):
                raise ValueError(f"amount {place} must be finite and never negative")
        if self.group is not None and self.group.shape != (len(self.worth),):
            raise ValueError("group must give one number for each person")
        if self.per_person < 1:
            raise ValueError(f"per_person is {self.per_person}: give at least one action for each person")

    @property
    def people(self) -> int:
        """How many people there are."""
        return int(self.worth.shape[0])

    @property
    def actions(self) -> int:
        """How many actions there are, doing nothing not counted."""
        return int(self.worth.shape[1])

    def groups(self) -> int:
        """How many groups there are; one where none are given."""
        return 1 if self.group is None else int(self.group.max(initial=0)) + 1

    def take(self, chosen: Integers) -> AllocationProblem:
        """The choices of some people."""
        return AllocationProblem(
            self.worth[chosen],
            tuple(amount[chosen] for amount in self.amounts),
            None if self.group is None else self.group[chosen],
            self.per_person,
        )

    def blocks(self) -> Iterator[slice]:
        """People in blocks, in their order."""
        for start in range(0, self.people, BLOCK):
            yield slice(start, min(start + BLOCK, self.people))


@dataclass(frozen=True, slots=True)
class LimitRules:
    """Limits as one-sided rows, `loads @ usage <= bound`: an upper and a lower limit are two rows.

    `loads` is rows × groups × kinds × actions, where kind 0 counts actions and kind 1 + a sums amount a; -1 times the
    mask for a lower limit. `limit` is the place of the limit each row comes from; `lower` marks lower limits.
    """

    loads: Floats
    bound: Floats
    limit: Integers
    lower: Flags

    def usage(self, sums: Floats) -> Floats:
        """What each row uses, of sums by group, kind and action."""
        return np.asarray(np.tensordot(self.loads, sums, axes=3))

    def usage_of(self, choices: AllocationProblem, who: Integers, action: Integers) -> Floats:
        """What each pair of a person and an action uses: pairs × rows."""
        group = np.zeros(len(who), np.int64) if choices.group is None else choices.group[who]
        found = self.loads[:, group, 0, action].T.copy()
        for place, amount in enumerate(choices.amounts):
            found += self.loads[:, group, 1 + place, action].T * amount[who, action][:, None]
        return found

    def prices_by_action(self, prices: Floats) -> Floats:
        """What one unit costs, at prices of rows: groups × kinds × actions."""
        return np.asarray(np.tensordot(prices, self.loads, axes=1))


def rules_of(choices: AllocationProblem, limits: Sequence[Limit]) -> LimitRules:
    """Limits as rows; those that say nothing are left out.

    Raises:
        ValueError: A limit names an amount, a group or actions that are not there.
    """
    loads, bound, limit, lower = [], [], [], []
    shape = (choices.groups(), 1 + len(choices.amounts), choices.actions)
    for place, one in enumerate(limits):
        if one.actions.shape != (choices.actions,):
            raise ValueError(f"limit {one.name}: marks {len(one.actions)} actions, there are {choices.actions}")
        if not COUNT <= one.amount < len(choices.amounts):
            raise ValueError(f"limit {one.name}: there is no amount {one.amount}")
        if one.groups and choices.group is None:
            raise ValueError(f"limit {one.name}: holds for groups {one.groups}, but people have no groups")
        load = np.zeros(shape)
        for group in one.groups or range(shape[0]):
            if group < shape[0]:
                load[group, 1 + one.amount] = one.actions
        for sign, value in ((1.0, one.at_most), (-1.0, one.at_least)):
            if np.isfinite(value) and (sign > 0 or value > 0):
                loads.append(sign * load)
                bound.append(sign * value)
                limit.append(place)
                lower.append(sign < 0)
    return LimitRules(
        np.array(loads).reshape(len(loads), *shape), np.array(bound), np.array(limit, np.int64), np.array(lower, bool)
    )


def allowed(usage: Floats, bound: Floats) -> Flags:
    """Which rows are kept, but for the last digits of a sum."""
    return np.asarray(usage <= bound + _SLACK * np.maximum(np.abs(bound), 1.0))
