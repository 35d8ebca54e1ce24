"""A learner of probabilities for any rows × named columns, from several moments of the past.

Rows may be seen in more than one view (few columns at many moments, many columns at few). In each view a logistic
regression with a ridge and, where there is enough to learn from, boosted trees are learnt. How strong the ridge is, how
many trees there are, how the members are weighed, and the calibration of the whole are chosen on the newest moment,
learnt from older ones whose outcome was complete by then; all moments then give the members. A view of one moment only
learns from every second of its rows while choosing, and then all views are judged by the others.

Levels rise and fall with the season: how far the newest moment lay off for everybody is only believed as far as it
stands out from what moments differ by anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from vocative.predict.history.event_history import Floats
from vocative.predict.learners import ensemble
from vocative.predict.learners.calibration import NEUTRAL, PULL, calibrate, calibrated, pulled, shift, slope_at
from vocative.predict.learners.ensemble import MemberKind, Sample, stacked
from vocative.predict.learners.logistic import log_loss, rounded
from vocative.predict.predictor import Parameters

REASONS = 3
"""Columns that are told for each row."""

_RIDGES = (50.0, 500.0)
_ROUNDS = (40, 80, 120)
_TREES_ROWS = 1_000
_TREES_RARER = 100
_LEAST_RARER = 5
_EDGE = 1.645
_BLEND_PULL = 40.0
_USUAL_TIMES = 2.0
# What levels differ by from moment to moment where nothing is known of it, in log odds; as if so many had shown it.
_SEASON, _SEASON_MOMENTS = 0.3, 3
# Of a fitting strength: the plainer one is taken unless a finer one gains this much a row, in nats.
_GAIN = 2e-4


@dataclass(frozen=True, slots=True)
class TrainingView:
    """The same question seen at moments of the past, the newest first; the newest rows are the same in all views."""

    samples: Sequence[Sample]
    came: Sequence[Floats]
    clear: int = 1
    """Place of the first sample whose outcome was complete at the moment of the newest."""


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Of each row: its probability, the bounds of a 90 % interval, and by its place the columns that speak most."""

    chance: Floats
    low: Floats
    high: Floats
    reasons: Callable[[int], dict[str, object]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A member to be learnt: of which view, which kind, how strong, and its log odds on the newest rows."""

    view: str
    kind: MemberKind
    strength: float
    score: Floats
    tried: Parameters
    """What was learnt from the older rows."""


def learn(views: Mapping[str, TrainingView]) -> Parameters:
    """Learn the probability of what happened from rows of the past."""
    first = next(iter(views.values()))
    every = np.concatenate(list(first.came))
    # Half of one on either side: what never happened is not impossible.
    rate = (float(every.sum()) + 0.5) / (len(every) + 1.0)
    found: Parameters = {
        "rate": round(rate, 9),
        "rows": len(every),
        "members": [],
        "shift": 0.0,
        "calibration": NEUTRAL,
    }
    if _rarer(every) < _LEAST_RARER:
        return found
    inner = {name: _inner(view) for name, view in views.items()}
    halved = any(len(view.samples) == 1 for view in views.values())
    truth = _newest(first, halved=halved)[1]
    plans = [
        _planned(name, kind, inner[name], _newest(views[name], halved=halved)[0], truth)
        for name in views
        for kind in _kinds(np.concatenate(list(views[name].came)))
    ]
    if _rarer(truth) >= _LEAST_RARER:
        plans, weights = _blend(plans, truth)
        mixed = _mix(plans, weights)
        off = shift(mixed, truth)
        found["shift"] = round(_believed(off, plans[0], views[plans[0].view]), 9)
        # One moment's slope is as little the next one's as its level is: more rows of it do not make it surer.
        found["calibration"] = calibrate(mixed + off, truth, pull=max(PULL, float(len(truth))))
    else:
        weights = [1.0 / len(plans)] * len(plans)
    for place, (plan, weight) in enumerate(zip(plans, weights, strict=True)):
        member = _learnt(plan, views[plan.view], keep=place == 0)
        found["members"].append({"view": plan.view, "weight": weight, **member})
    return found


def tell(content: Parameters, samples: Mapping[str, Sample]) -> Probabilities:
    """Probabilities of rows, given in every view that was learnt."""
    from scipy.special import expit, logit

    rows = len(next(iter(samples.values())))
    if not content["members"]:
        flat = np.full(rows, float(content["rate"]))
        # Wilson's interval would need the rows one by one; the normal one on the log odds is as wide where it matters.
        wide = _EDGE / np.sqrt(max(content["rows"], 1) * content["rate"] * (1.0 - content["rate"]))
        odds = logit(flat)
        return Probabilities(flat, expit(odds - wide), expit(odds + wide), lambda _: {})
    each = np.stack([ensemble.score(one, samples[one["view"]]) for one in content["members"]], axis=1)
    weights = np.array([one["weight"] for one in content["members"]])
    middle = each @ weights
    mixed = middle + content["shift"]
    score, slope = calibrated(mixed, content["calibration"]), slope_at(mixed, content["calibration"])
    own = sum(ensemble.spread(one, samples[one["view"]]) ** 2 for one in content["members"])
    apart = ((each - middle[:, None]) ** 2) @ weights
    spread = slope * np.sqrt(own + apart)
    return Probabilities(
        expit(score), expit(score - _EDGE * spread), expit(score + _EDGE * spread), _reasons(content, samples, slope)
    )


def ranking(content: Parameters, samples: Mapping[str, Sample]) -> dict[str, float]:
    """How much each column moves the log odds of rows on average, the strongest first: all members in one ranking."""
    names, added = _added(content, samples)
    size = np.abs(added).mean(axis=0) if len(added) else np.zeros(len(names))
    order = np.argsort(-size, kind="stable")
    return {names[place]: round(float(size[place]), 6) for place in order}


def _kinds(came: Floats) -> tuple[MemberKind, ...]:
    """Trees need more rows than a line."""
    return ("linear", "trees") if len(came) >= _TREES_ROWS and _rarer(came) >= _TREES_RARER else ("linear",)


def _rarer(came: Floats) -> float:
    return min(float(came.sum()), float(len(came) - came.sum()))


def _newest(view: TrainingView, *, halved: bool) -> tuple[Sample, Floats]:
    """The rows on which is chosen, the same people in all views: half of the newest where one has no others."""
    if not halved:
        return view.samples[0], view.came[0]
    return view.samples[0].chosen(slice(1, None, 2)), view.came[0][1::2]


def _inner(view: TrainingView) -> tuple[Sample, Floats]:
    """The rows that are learnt from while choosing: those of moments that were over by then, if there are any."""
    if len(view.samples) == 1:
        return view.samples[0].chosen(slice(0, None, 2)), view.came[0][::2]
    start = view.clear if view.clear < len(view.samples) else 1
    return stacked(view.samples[start:]), np.concatenate(list(view.came[start:]))


def _planned(name: str, kind: MemberKind, inner: tuple[Sample, Floats], asked: Sample, truth: Floats) -> _Plan:
    """The member as strong as it did best on the newest rows, which are `asked`."""
    from scipy.special import expit

    tried: list[tuple[float, Floats, Parameters]]
    if kind == "linear":
        lines = ensemble.learn_lines(*inner, sorted(_RIDGES, reverse=True))
        tried = [
            (float(line["ridge"]), score, line)
            for line, score in zip(lines, ensemble.score_lines(lines, asked), strict=True)
        ]
    else:
        grown = ensemble.learn(kind, *inner, _ROUNDS[-1])
        scores = ensemble.score_rounds(grown, asked, _ROUNDS)
        tried = [(float(rounds), score, grown) for rounds, score in zip(_ROUNDS, scores, strict=True)]
    best, least = tried[0], np.inf
    for one in tried:
        # What is off for everybody is put right afterwards: strengths are compared without that.
        loss = float(log_loss(expit(one[1] + shift(one[1], truth)), truth).mean())
        if loss < least - _GAIN:
            best, least = one, loss
    return _Plan(name, kind, *best)


def _blend(plans: list[_Plan], truth: Floats) -> tuple[list[_Plan], list[float]]:
    """Weights of members that add up to 1, pulled towards equal ones; who would be counted against is left out."""
    while True:
        even = np.full(len(plans), 1.0 / len(plans))
        columns = np.stack([np.ones(len(truth)), *(plan.score for plan in plans)], axis=1)
        weights = pulled(columns, truth, np.r_[0.0, even], _BLEND_PULL)[1:]
        if len(plans) == 1 or weights.min() > 0.02:
            break
        plans = [plan for place, plan in enumerate(plans) if place != int(weights.argmin())]
    shares = weights / weights.sum() if weights.sum() > 0 else even
    return plans, [round(float(one), 6) for one in shares]


def _believed(off: float, plan: _Plan, view: TrainingView) -> float:
    """How much of the shift of the newest moment is expected to stay.

    Moments that were learnt from differ by a variance; what stands out from it is taken as lasting.
    """
    older = range(min(view.clear, len(view.samples) - 1), len(view.samples)) if len(view.samples) > 1 else range(0)
    rounds = int(plan.strength) if plan.kind == "trees" else None
    levels = [shift(ensemble.score(plan.tried, view.samples[one], rounds), view.came[one]) for one in older]
    usual = (float(np.sum(np.square(levels))) + _SEASON_MOMENTS * _SEASON**2) / (len(levels) + _SEASON_MOMENTS)
    return off * off**2 / (off**2 + _USUAL_TIMES * usual)


def _mix(plans: Sequence[_Plan], weights: Sequence[float]) -> Floats:
    return np.asarray(sum(weight * plan.score for plan, weight in zip(plans, weights, strict=True)), np.float64)


def _learnt(plan: _Plan, view: TrainingView, *, keep: bool) -> Parameters:
    """The member, learnt from all moments; one of them says how sure it is."""
    member = ensemble.learn(plan.kind, stacked(view.samples), np.concatenate(list(view.came)), plan.strength)
    if not keep or "covariance" not in member:
        return ensemble.without_covariance(member)
    # Rows of one person at several moments are no independent observations.
    wide = np.array(member["covariance"]) * len(view.samples)
    return {**member, "covariance": rounded(wide)}


def _reasons(content: Parameters, samples: Mapping[str, Sample], slope: Floats) -> Callable[[int], dict[str, object]]:
    """The strongest columns of each row; they are worked out when the first is asked for."""

    @cache
    def worked_out() -> tuple[list[str], Any]:
        names, added = _added(content, samples)
        return names, added * slope[:, None]

    def reasons(row: int) -> dict[str, object]:
        names, added = worked_out()
        best = np.argsort(-np.abs(added[row]), kind="stable")[:REASONS]
        return {names[place]: round(float(added[row, place]), 3) for place in best}

    return reasons


def _added(content: Parameters, samples: Mapping[str, Sample]) -> tuple[list[str], Floats]:
    """What each column adds to the log odds of each row, over all members."""
    place: dict[str, int] = {}
    rows = len(next(iter(samples.values())))
    found: list[Floats] = []
    for member in content["members"]:
        names, added = ensemble.parts(member, samples[member["view"]])
        for name, column in zip(names, added.T, strict=True):
            if name not in place:
                place[name] = len(found)
                found.append(np.zeros(rows))
            found[place[name]] = found[place[name]] + member["weight"] * column
    return list(place), np.stack(found, axis=1) if found else np.zeros((rows, 0))


def only_newest(view: TrainingView, most: int) -> TrainingView:
    """The view of the newest moments alone, for what changes fast."""
    return replace(view, samples=view.samples[:most], came=view.came[:most], clear=min(view.clear, most))
