"""What people do with and without a treatment: one regression for both arms, whose difference is pulled towards 0.

Of an outcome that is yes or no the log odds are linear, of any other the outcome itself. The weights of the treated are
`common + (1 - share) apart`, those of the others `common - share apart`, where `share` is the share of the treated: the
same as one regression with all interactions of the treatment, at a quarter of the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vocative.predict.history.event_history import Flags, Floats
from vocative.predict.uplift.evidence import FREE, Pulled, best_pull

_HELD = 3.0
"""Pull on what both arms share, in observations."""
_START = 100.0
_STEPS = 12
_CLOSE = 1e-5


@dataclass(frozen=True, slots=True)
class ArmRows:
    """Weights of the columns of the design among the treated and among the others."""

    treated: Floats
    others: Floats
    binary: bool
    strength: float
    covariance: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    """Of the weights of the treated and then of the others; empty where it was not asked for."""

    def outcomes(self, design: Floats) -> tuple[Floats, Floats]:
        """What each row would do with and without the treatment."""
        from scipy.special import expit

        with_it, without = design @ self.treated, design @ self.others
        return (expit(with_it), expit(without)) if self.binary else (with_it, without)


def both_arms(design: Floats, treated: Flags, outcome: Floats, *, binary: bool, alone: bool = False) -> ArmRows:
    """Learn the outcomes of both arms.

    Args:
        design: Rows × columns, the first of ones, the others of about mean 0 and variance 1.
        treated: Which rows were treated.
        outcome: What each did; 0 or 1 if `binary`.
        binary: Whether the outcome is yes or no.
        alone: Each arm for itself: nothing pulls their difference, the arms' own weights are pulled instead.
    """
    form = _Form(design.shape[1], float(treated.mean()), _scale(outcome, binary), binary, alone)
    work = _Work(form, design, treated, outcome)
    weights = work.climb(work.nothing(), form.penalty(_START))
    slope, curve = work.picture(weights)
    found = best_pull(weights, slope, curve, form.penalty(0.0), form.pulled)
    return replace(form.unpacked(found.weights, found.strength), covariance=work.spread(found))


def without_parts(
    design: Floats, treated: Flags, outcome: Floats, parts: Sequence[slice], learnt: ArmRows, *, alone: bool = False
) -> list[ArmRows]:
    """What would have been learnt without each of the parts of the rows: one step of Newton's method from `learnt`.

    Args:
        design: As in `both_arms`, and the two next.
        treated: Which rows were treated.
        outcome: What each did.
        parts: Together all rows, none twice; a part is a small share, so one step comes close.
        learnt: What was learnt from all rows.
        alone: As it was learnt.
    """
    form = _Form(design.shape[1], float(treated.mean()), _scale(outcome, learnt.binary), learnt.binary, alone)
    weights, penalty = form.packed(learnt.treated, learnt.others), form.penalty(learnt.strength)
    pictures = [_Work(form, design[part], treated[part], outcome[part]).picture(weights) for part in parts]
    slopes, curves = sum(one[0] for one in pictures), sum(one[1] for one in pictures)
    found = []
    for slope, curve in pictures:
        step = np.linalg.solve(curves - curve + np.diag(penalty), slopes - slope - penalty * weights)
        found.append(form.unpacked(weights + step, learnt.strength))
    return found


def _scale(outcome: Floats, binary: bool) -> float:
    """An amount is taken in units of its own spread, so that a pull means the same in all currencies."""
    return 1.0 if binary else max(float(outcome.std()), 1e-9)


class _Form:
    """How the weights of both arms are written as one list, and which of them are pulled."""

    def __init__(self, wide: int, share: float, scale: float, binary: bool, alone: bool) -> None:
        self.wide, self.share, self.scale, self.binary, self.alone = wide, share, scale, binary, alone
        # Of weights each arm has for itself: places `common` and `apart` hold those of the treated and of the others.
        self.mix = ((1.0, 0.0), (0.0, 1.0)) if alone else ((1.0, 1.0 - share), (1.0, -share))
        free = np.arange(2 * wide) % wide == 0
        self.pulled = ~free if alone else ~free & (np.arange(2 * wide) >= wide)
        self.held = np.where(free, FREE, _HELD)

    def penalty(self, strength: float) -> Floats:
        """The pull on every weight."""
        return np.where(self.pulled, strength, self.held)

    def packed(self, treated: Floats, others: Floats) -> Floats:
        """Weights of both arms as `common` and `apart`."""
        treated, others = treated / self.scale, others / self.scale
        if self.alone:
            return np.concatenate([treated, others])
        apart = treated - others
        return np.concatenate([others + self.share * apart, apart])

    def unpacked(self, weights: Floats, strength: float) -> ArmRows:
        """Weights of both arms."""
        found = [self.of(weights, place) * self.scale for place in (0, 1)]
        return ArmRows(found[0], found[1], self.binary, strength)

    def of(self, weights: Floats, place: int) -> Floats:
        """Weights of one arm: of the treated, 0, or the others, 1."""
        first, second = self.mix[place]
        return np.asarray(first * weights[: self.wide] + second * weights[self.wide :], np.float64)


class _Work:
    """Newton's method in the weights `common` and `apart`; both arms are looked at one after the other."""

    def __init__(self, form: _Form, design: Floats, treated: Flags, outcome: Floats) -> None:
        self.form = form
        self.parts = tuple((design[mine], outcome[mine] / form.scale) for mine in (treated, ~treated))

    def nothing(self) -> Floats:
        """Weights that know the mean of each arm only."""
        form = self.form
        means = [float((value.sum() + 0.5) / (len(value) + 1.0)) for _, value in self.parts]
        firsts = [np.log(one / (1.0 - one)) if form.binary else one * form.scale for one in means]
        first = np.arange(form.wide) == 0
        return form.packed(firsts[0] * first, firsts[1] * first)

    def picture(self, weights: Floats) -> tuple[Floats, Floats]:
        """Derivative and curvature of the log likelihood."""
        from scipy.special import expit

        form, wide = self.form, self.form.wide
        slope, curve = np.zeros(2 * wide), np.zeros((2 * wide, 2 * wide))
        for place, (design, value) in enumerate(self.parts):
            score = design @ form.of(weights, place)
            expected = expit(score) if form.binary else score
            weight = expected * (1.0 - expected) if form.binary else None
            gram = (design.T if weight is None else design.T * weight) @ design
            mix = np.array(form.mix[place])
            slope += np.kron(mix, design.T @ (value - expected))
            curve += np.kron(np.outer(mix, mix), gram)
        return slope, curve

    def spread(self, found: Pulled) -> Floats:
        """Covariance of the weights of the treated and of the others, in units of the outcome."""
        form = self.form
        mix = np.kron(np.array(form.mix), np.eye(form.wide)) * form.scale * self._noise(found.weights)
        return np.asarray(mix @ found.covariance @ mix.T, np.float64)

    def _noise(self, weights: Floats) -> float:
        """What a line leaves of an outcome, as a standard deviation; of yes and no the curve knows it."""
        if self.form.binary:
            return 1.0
        left = [value - design @ self.form.of(weights, place) for place, (design, value) in enumerate(self.parts)]
        return float(np.sqrt(np.mean(np.concatenate(left) ** 2)))

    def climb(self, weights: Floats, penalty: Floats) -> Floats:
        """Newton's steps, each halved until it does not lead down."""
        for _ in range(_STEPS):
            slope, curve = self.picture(weights)
            step = np.asarray(np.linalg.solve(curve + np.diag(penalty), slope - penalty * weights), np.float64)
            won = 0.5 * float(step @ (slope - penalty * weights))
            if not self.form.binary or won < _CLOSE * sum(len(value) for _, value in self.parts):
                return weights + step
            before, size = self._height(weights, penalty), 1.0
            while size > 1e-3 and self._height(weights + size * step, penalty) < before:
                size /= 2.0
            weights = np.asarray(weights + size * step, np.float64)
        return weights

    def _height(self, weights: Floats, penalty: Floats) -> float:
        found = -0.5 * float(penalty @ weights**2)
        for place, (design, value) in enumerate(self.parts):
            score = design @ self.form.of(weights, place)
            found += float(value @ score - np.logaddexp(0.0, score).sum())
        return found
