"""Which of several things that were drawn by lot have evidence of their own, and the mean effect of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from vocative.predict.past import Floats, Integers
from vocative.predict.treatments import Treatments
from vocative.predict.uplift_levels import against_none
from vocative.predict.uplift_trial import Randomised


class Arms(NamedTuple):
    """Arms with evidence of their own: their names, and who got which of them."""

    names: tuple[str, ...]
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

    Without people who could have got several, the people of the arms are not the same; then what is common to all is
    learnt together.

    Args:
        done: What was drawn for whom.
        outcome: What each then did.
        enough: Whether the outcomes of those who got an arm, and of those who got nothing, are enough to learn from.
        fewest: So many people at least could have got several arms.
    """
    if int(((done.chances[:, 1:] > 0).sum(axis=1) > 1).sum()) < fewest:
        return None
    kept = []
    for number in range(1, len(done.arms) + 1):
        both = (done.chances[:, 0] > 0) & (done.chances[:, number] > 0)
        if enough(outcome[both & (done.arm == number)], outcome[both & (done.arm == 0)]):
            kept.append(number)
    if len(kept) < 2:
        return None
    place = np.full(len(done.arms) + 1, -1)
    place[[0, *kept]] = np.arange(len(kept) + 1)
    names = tuple(done.arms[number - 1] for number in kept)
    return Arms(names, np.asarray(place[done.arm], np.int64), done.chances[:, [0, *kept]])


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
