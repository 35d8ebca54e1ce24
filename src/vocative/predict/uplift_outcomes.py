"""What people do with and without a treatment: one regression for both arms, whose difference is pulled towards 0.

Of an outcome that is yes or no the log odds are linear, of any other the outcome itself. The weights of the treated are
`common + (1 - share) apart`, those of the others `common - share apart`, where `share` is the share of the treated: the
same as one regression with all interactions of the treatment, at a quarter of the work.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import expit

from vocative.predict.past import Flags, Floats
from vocative.predict.uplift_evidence import FREE, Pulled, best_pull

_HELD = 3.0
"""Pull on what both arms share, in observations."""
_START = 100.0
_STEPS, _LAST_STEPS = 12, 3
_CLOSE = 1e-7


@dataclass(frozen=True, slots=True)
class Arms:
    """Weights of the columns of the design among the treated and among the others."""

    treated: Floats
    others: Floats
    binary: bool
    strength: float
    covariance: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    """Of the weights of the treated and then of the others; empty where it was not asked for."""

    def outcomes(self, design: Floats) -> tuple[Floats, Floats]:
        """What each row would do with and without the treatment."""
        with_it, without = design @ self.treated, design @ self.others
        return (expit(with_it), expit(without)) if self.binary else (with_it, without)


def both_arms(
    design: Floats, treated: Flags, outcome: Floats, *, binary: bool, start: Arms | None = None, alone: bool = False
) -> Arms:
    """Learn the outcomes of both arms.

    Args:
        design: Rows × columns, the first of ones, the others of about mean 0 and variance 1.
        treated: Which rows were treated.
        outcome: What each did; 0 or 1 if `binary`.
        binary: Whether the outcome is yes or no.
        start: What was learnt from about the same rows: its strength is kept, and few steps lead from there.
        alone: Each arm for itself: nothing pulls their difference, the arms' own weights are pulled instead.
    """
    work = _Work(design, treated, outcome, binary, alone)
    if start is not None:
        weights, penalty = work.packed(start.treated, start.others), work.penalty(start.strength)
        weights = work.climb(weights, penalty, _LAST_STEPS)
        return work.unpacked(weights, start.strength)
    weights = work.climb(work.nothing(), work.penalty(_START), _STEPS)
    slope, curve = work.picture(weights)
    found = best_pull(weights, slope, curve, work.penalty(0.0), work.pulled)
    return replace(work.unpacked(found.weights, found.strength), covariance=work.spread(found))


class _Work:
    """Newton's method in the weights `common` and `apart`; both arms are looked at one after the other."""

    def __init__(self, design: Floats, treated: Flags, outcome: Floats, binary: bool, alone: bool) -> None:
        self.share = float(treated.mean())
        # Any other outcome in units of its own spread, so that a pull means the same in all currencies.
        self.scale = 1.0 if binary else max(float(outcome.std()), 1e-9)
        self.parts = tuple((design[mine], outcome[mine] / self.scale) for mine in (treated, ~treated))
        self.binary, self.wide = binary, design.shape[1]
        self.alone = alone
        # Of weights each arm has for itself: places `common` and `apart` hold those of the treated and of the others.
        self.mix = ((1.0, 0.0), (0.0, 1.0)) if alone else ((1.0, 1.0 - self.share), (1.0, -self.share))
        free = np.arange(2 * self.wide) % self.wide == 0
        self.pulled = ~free if alone else ~free & (np.arange(2 * self.wide) >= self.wide)
        self.held = np.where(free, FREE, _HELD)

    def penalty(self, strength: float) -> Floats:
        """The pull on every weight."""
        return np.where(self.pulled, strength, self.held)

    def nothing(self) -> Floats:
        """Weights that know the mean of each arm only."""
        means = [float((value.sum() + 0.5) / (len(value) + 1.0)) for _, value in self.parts]
        firsts = [np.log(one / (1.0 - one)) if self.binary else one * self.scale for one in means]
        first = np.arange(self.wide) == 0
        return self.packed(firsts[0] * first, firsts[1] * first)

    def packed(self, treated: Floats, others: Floats) -> Floats:
        """Weights of both arms as `common` and `apart`."""
        treated, others = treated / self.scale, others / self.scale
        if self.alone:
            return np.concatenate([treated, others])
        apart = treated - others
        return np.concatenate([others + self.share * apart, apart])

    def unpacked(self, weights: Floats, strength: float) -> Arms:
        """Weights of both arms."""
        found = [self._of(weights, place) * self.scale for place in (0, 1)]
        return Arms(found[0], found[1], self.binary, strength)

    def picture(self, weights: Floats) -> tuple[Floats, Floats]:
        """Derivative and curvature of the log likelihood."""
        wide = self.wide
        slope, curve = np.zeros(2 * wide), np.zeros((2 * wide, 2 * wide))
        for place, (design, value) in enumerate(self.parts):
            score = design @ self._of(weights, place)
            expected = expit(score) if self.binary else score
            weight = expected * (1.0 - expected) if self.binary else None
            gram = (design.T if weight is None else design.T * weight) @ design
            off = design.T @ (value - expected)
            for row in (0, 1):
                slope[row * wide : (row + 1) * wide] += self.mix[place][row] * off
                for column in (0, 1):
                    part = curve[row * wide : (row + 1) * wide, column * wide : (column + 1) * wide]
                    part += self.mix[place][row] * self.mix[place][column] * gram
        return slope, curve

    def spread(self, found: Pulled) -> Floats:
        """Covariance of the weights of the treated and of the others, in units of the outcome."""
        mix = np.kron(np.array(self.mix), np.eye(self.wide)) * self.scale * self._noise(found.weights)
        return np.asarray(mix @ found.covariance @ mix.T, np.float64)

    def _noise(self, weights: Floats) -> float:
        """What a line leaves of an outcome, as a standard deviation; of yes and no the curve knows it."""
        if self.binary:
            return 1.0
        left = [value - design @ self._of(weights, place) for place, (design, value) in enumerate(self.parts)]
        return float(np.sqrt(np.mean(np.concatenate(left) ** 2)))

    def climb(self, weights: Floats, penalty: Floats, steps: int) -> Floats:
        """Newton's steps, each halved until it does not lead down."""
        for _ in range(steps):
            slope, curve = self.picture(weights)
            step = np.asarray(np.linalg.solve(curve + np.diag(penalty), slope - penalty * weights), np.float64)
            won = 0.5 * float(step @ (slope - penalty * weights))
            if won < _CLOSE * sum(len(value) for _, value in self.parts):
                return weights + step
            weights = self._ahead(weights, step, penalty)
            if not self.binary:
                break
        return weights

    def _ahead(self, weights: Floats, step: Floats, penalty: Floats) -> Floats:
        if not self.binary:
            return weights + step
        before, size = self._height(weights, penalty), 1.0
        while size > 1e-3 and self._height(weights + size * step, penalty) < before:
            size /= 2.0
        return np.asarray(weights + size * step, np.float64)

    def _height(self, weights: Floats, penalty: Floats) -> float:
        found = -0.5 * float(penalty @ weights**2)
        for place, (design, value) in enumerate(self.parts):
            score = design @ self._of(weights, place)
            found += float(value @ score - np.logaddexp(0.0, score).sum())
        return found

    def _of(self, weights: Floats, place: int) -> Floats:
        first, second = self.mix[place]
        return np.asarray(first * weights[: self.wide] + second * weights[self.wide :], np.float64)
