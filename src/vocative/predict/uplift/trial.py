"""A randomised treatment as arrays, and the unbiased guess of the effect on each person (the doubly robust score)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import Flags, Floats, Integers

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Randomised:
    """People who by lot were treated or not; columns of one length.

    Attributes:
        design: Rows × columns known before the treatment; the first of ones, the others of about mean 0 and variance 1.
        treated: Who was treated.
        chance: With which probability each was treated, between 0 and 1.
        outcome: What each then did.
        binary: Whether the outcome is yes (1) or no (0).
    """

    design: Floats
    treated: Flags
    chance: Floats
    outcome: Floats
    binary: bool

    def where(self, chosen: Flags | Integers) -> Randomised:
        """The people who are chosen, by flags or by their places."""
        return Randomised(
            self.design[chosen], self.treated[chosen], self.chance[chosen], self.outcome[chosen], self.binary
        )

    def __len__(self) -> int:
        return len(self.outcome)

    def scores(self, with_it: Floats, without: Floats) -> Floats:
        """An unbiased guess of the effect on each, whatever the expected outcomes are worth (AIPW).

        Its mean over any group chosen without looking at their outcomes is the group's mean effect; good expectations
        make it less noisy (Robins, Rotnitzky & Zhao, 1994; Kennedy, 2020, "Optimal doubly robust estimation of
        heterogeneous causal effects").

        Args:
            with_it: Outcome of each that is expected with the treatment, learnt from other people.
            without: The same without the treatment.
        """
        missed = np.where(
            self.treated, (self.outcome - with_it) / self.chance, -(self.outcome - without) / (1.0 - self.chance)
        )
        return np.asarray(with_it - without + missed, np.float64)


def folds(people: int, random: np.random.Generator, count: int = FOLDS) -> Integers:
    """A fold for each of some people, by lot, all about equally large."""
    return np.asarray(random.permutation(people) % count, np.int64)
