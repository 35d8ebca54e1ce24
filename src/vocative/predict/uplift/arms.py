"""Which of several things that were drawn by lot have evidence of their own, and the mean effect of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from vocative.predict.history.event_history import Floats, Integers
from vocative.predict.history.treatments import Treatments
from vocative.predict.uplift.levels import against_none
from vocative.predict.uplift.trial import Randomised
from vocative.records.action import action_of


class Arms(NamedTuple):
    """Arms with evidence of their own: their names, and who got which of them."""

    names: tuple[str, ...]
    """Keys of actions, as lots compare them."""
    arm: Integers
    """0 for nothing, 1 … for the arms in the order of their names, -1 for one without evidence."""
    chances: Floats
    """People × arms, nothing first."""

    def trial(self, design: Floats, outcome: Floats, level: int, *, binary: bool) -> Randomised:
        """The people who got one arm (1 …) or nothing, and could have got both."""
        return against_none(design, self.arm, self.chances, outcome, level, binary=binary)[0]

    def means(self, outcome: Floats) -> list[tuple[float, float]]:
        """Of each arm the mean effect against nothing, and its standard error; people are weighed by their chances."""
        nothing = np.ones((len(outcome), 1))
        found = []
        for level in range(1, len(self.names) + 1):
            one = self.trial(nothing, outcome, level, binary=False)
            (with_it, error), (without, other) = mean_of(one, treated=True), mean_of(one, treated=False)
            found.append((with_it - without, float(np.hypot(error, other))))
        return found


def several(done: Treatments, outcome: Floats, enough: Callable[[Floats, Floats], bool], fewest: int) -> Arms | None:
    """The arms with evidence of their own; None where fewer than two have it, or where nobody could have got several.

    Where there is too little of some size of an offer, its sizes are one arm, named as the campaign. Without people who
    could have got several, the people of the arms are not the same; then what is common to all is learnt together.

    Args:
        done: What was drawn for whom.
        outcome: What each then did.
        enough: Whether the outcomes of those who got an arm, and of those who got nothing, are enough to learn from.
        fewest: So many people at least could have got several arms.
    """
    if int(((done.chances[:, 1:] > 0).sum(axis=1) > 1).sum()) < fewest:
        return None
    own = {number for number in range(1, len(done.arms) + 1) if _is_enough(done, outcome, enough, [number])}
    thin = {_whole(name) for number, name in enumerate(done.arms, 1) if number not in own}
    groups: dict[str, list[int]] = {}
    for number, name in enumerate(done.arms, 1):
        groups.setdefault(whole if (whole := _whole(name)) in thin else name, []).append(number)
    kept = {name: mine for name, mine in groups.items() if _is_enough(done, outcome, enough, mine)}
    if len(kept) < 2:
        return None
    place = np.full(len(done.arms) + 1, -1)
    place[0] = 0
    for number, mine in enumerate(kept.values(), 1):
        place[mine] = number
    chances = np.column_stack([done.chances[:, 0], *(done.chances[:, mine].sum(axis=1) for mine in kept.values())])
    return Arms(tuple(kept), np.asarray(place[done.arm], np.int64), chances)


def _whole(arm: str) -> str:
    """The arm that all sizes of its offer together are."""
    return action_of(arm).without_offer.key


def _is_enough(
    done: Treatments, outcome: Floats, enough: Callable[[Floats, Floats], bool], numbers: Sequence[int]
) -> bool:
    both = (done.chances[:, 0] > 0) & (done.chances[:, numbers] > 0).any(axis=1)
    return enough(outcome[both & np.isin(done.arm, numbers)], outcome[both & (done.arm == 0)])


def mean_of(trial: Randomised, *, treated: bool) -> tuple[float, float]:
    """What those who were treated did, or the others, were everybody as likely to be; and its standard error."""
    mine = trial.treated if treated else ~trial.treated
    chance = trial.chance[mine] if treated else 1.0 - trial.chance[mine]
    return weighed(trial.outcome[mine], 1.0 / chance)


def weighed(values: Floats, weights: Floats) -> tuple[float, float]:
    """The weighted mean, and its standard error."""
    mean = float(np.average(values, weights=weights))
    return mean, float(np.sqrt((weights**2 * (values - mean) ** 2).sum()) / weights.sum())


def tiled(names: Sequence[str], people: int) -> Integers:
    """The place of the arm in each row, where the arms of a person stand together."""
    return np.tile(np.arange(len(names)), people)
