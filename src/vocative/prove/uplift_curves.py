"""What is won by treating first those on whom the effect is said to be largest: Qini, AUUC, targeting; with intervals.

*Qini* (Radcliffe, 2007) counts what the treated did more, as the share of people treated grows, from the highest
predicted effect down: `treated × (mean of the treated - mean of the others)` among the people so far. It is given
normalised, as scikit-uplift's `qini_auc_score` does: the area above the straight line of treating by lot, divided by
that of a ranking which knew every outcome (treated who did it first, untreated who did it last). Where people were
treated with unequal chances, each is weighed by the inverse of theirs; with one chance for all it is the same number.

*AUUC* is the area under the same curve per person: what is won on average over all shares of people treated.

*Targeting* is the area between the two curves with unbiased guesses of the effects in place of outcomes, per person: it
says the same with less noise (the Qini form of the rank-weighted effect of Yadlowsky, Fleming, Shah, Brunskill & Wager,
2021, "Evaluating treatment prioritization rules via rank-weighted average treatment effects").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from vocative.predict.history.event_history import Flags, Floats
from vocative.prove.bootstrap import BootstrapDraws

_Sums: TypeAlias = tuple[Floats, Floats, Floats]

DRAWS = 400
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Treated:
    """What was done by lot and what came of it: columns of one length, as in `Randomised`."""

    treated: Flags
    chance: Floats
    outcome: Floats


class _Ranked:
    """People by predicted effect, the highest first; equal predictions count together."""

    def __init__(self, predicted: Floats, told: Treated) -> None:
        self.places = np.argsort(-predicted, kind="stable")
        self.last = np.flatnonzero(np.r_[np.diff(predicted[self.places]) != 0, True])
        with_it = np.where(told.treated, 1.0 / told.chance, 0.0)
        without = np.where(told.treated, 0.0, 1.0 / (1.0 - told.chance))
        columns = [np.ones(len(predicted)), with_it, with_it * told.outcome, without, without * told.outcome]
        self.columns = np.stack([*columns, told.chance])[:, self.places]

    def sums(self, times: Floats | None) -> tuple[Floats, Floats, Floats]:
        """After each place: people so far, the effect on them, and how many of them were treated."""
        columns = self.columns if times is None else self.columns * times[self.places]
        count, one, done, other, left, chance = np.cumsum(columns, axis=1)[:, self.last]
        both = (one > _TINY) & (other > _TINY)
        first = np.divide(done, one, out=np.zeros(len(one)), where=one > _TINY)
        second = np.divide(left, other, out=np.zeros(len(one)), where=both)
        return count, first - second, one * float(chance[-1] / max(count[-1], _TINY))

    def targeting(self, scores: Floats, times: Floats | None) -> float:
        """See the function of this name."""
        ranked = np.ones(len(scores)) if times is None else times[self.places]
        so_far = np.cumsum(ranked)
        starts = np.r_[0, self.last[:-1] + 1]
        before = np.r_[0.0, so_far][starts]
        # Equal predictions share the middle of their ranks.
        middle = np.repeat((before + so_far[self.last]) / 2.0, np.diff(np.r_[starts, len(ranked)]))
        won = ranked * scores[self.places] * (0.5 - middle / so_far[-1])
        return float(won.sum() / so_far[-1])


def qini(predicted: Floats, told: Treated, times: Floats | None = None) -> float:
    """Normalised area between the Qini curve and the line of treating by lot; 0 is by lot, 1 is perfect.

    Args:
        predicted: The effect on each person, or any number that ranks them.
        told: What was done and what came of it.
        times: How often each person counts; None: once.
    """
    perfect = _Ranked(_perfect(told), told).sums(times)
    return _qini(_Ranked(predicted, told).sums(times), perfect)


def auuc(predicted: Floats, told: Treated, times: Floats | None = None) -> float:
    """Mean over all shares of people treated, the best first, of what is won per person of all."""
    return _auuc(_Ranked(predicted, told).sums(times))


def targeting(predicted: Floats, told: Treated, scores: Floats, times: Floats | None = None) -> float:
    """Area between the curve of unbiased guesses of the effects (`scores`) and that of treating by lot, per person."""
    return _Ranked(predicted, told).targeting(scores, times)


def draw(
    ways: Mapping[str, Floats], told: Treated, scores: Floats, random: np.random.Generator, draws: int = DRAWS
) -> dict[tuple[str, str], BootstrapDraws]:
    """Qini, AUUC and targeting of several ways to rank the same people, on the same people drawn again.

    Returns:
        (way, `qini` | `auuc` | `targeting`) → value and draws.
    """
    perfect = _Ranked(_perfect(told), told)
    ranked = {way: _Ranked(predicted, told) for way, predicted in ways.items()}

    def figures(times: Floats | None) -> Floats:
        best = perfect.sums(times)
        found = []
        for one in ranked.values():
            sums = one.sums(times)
            found += [one.targeting(scores, times), _qini(sums, best), _auuc(sums)]
        return np.array(found)

    people, whole = len(scores), figures(None)
    found = np.zeros((draws, len(whole)))
    for number in range(draws):
        found[number] = figures(np.bincount(random.integers(0, people, people), minlength=people).astype(np.float64))
    keys = [(way, name) for way in ways for name in ("targeting", "qini", "auuc")]
    return {key: BootstrapDraws(float(whole[place]), found[:, place]) for place, key in enumerate(keys)}


def _perfect(told: Treated) -> Floats:
    return np.where(told.treated, told.outcome, -told.outcome)


def _qini(sums: _Sums, perfect: _Sums) -> float:
    count, effect, treated = sums
    by_lot = float(count[-1] * effect[-1] * treated[-1]) / 2.0
    best = _area(perfect[0], perfect[1] * perfect[2]) - by_lot
    return (_area(count, effect * treated) - by_lot) / best if abs(best) > _TINY else 0.0


def _auuc(sums: _Sums) -> float:
    count, effect, _ = sums
    share = count / count[-1]
    return _area(share, effect * share)


def _area(across: Floats, up: Floats) -> float:
    return float(np.trapezoid(np.r_[0.0, up], np.r_[0.0, across]))
