"""The verdict on a module: admitted if it beat every naive way on the past by more than chance and can be believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventHistory, FeatureRows, Floats, Integers
from vocative.predict.predictor import LEAST_HISTORY_DAYS, Predictor
from vocative.prove import needs, suspicion
from vocative.prove.backtest import DECIDING, MODEL, Trial, days_needed, origins, try_at
from vocative.prove.bootstrap import BootstrapDraws, Difference, bootstrap, difference
from vocative.prove.calibration import curve, expected_error, reliability_of
from vocative.prove.groups import Parts, Traits, groups_at, judge_groups
from vocative.prove.intervals import coverage_of, warning_of
from vocative.prove.leaks import leaking
from vocative.prove.measures import lift
from vocative.prove.telling import GateFinding, needed_for, why_of
from vocative.prove.uplift_verdict import measures_effect, prove_effect
from vocative.records.proof import Group, Origin, Rival, Score, Verdict

_FEWEST = 20
"""Nothing is learnt from fewer people."""
NO_VERSION = "none"
"""Version of a module that could not be fitted."""
_NO_TRAITS: Traits = {}


@dataclass(frozen=True, slots=True)
class _Comparison:
    """All figures, and the model against each naive way; the best of them stands first."""

    figures: Mapping[tuple[str, str], BootstrapDraws]
    rivals: Mapping[str, Difference]


def missing(module: Predictor, past: EventHistory) -> str:
    """Why a module cannot be tested yet, in one sentence with what would be needed; empty if it can."""
    if past.main < 0:
        return "no event tells of an act: name the events in `[events]`, such as purchase, use or view"
    if (why := module.missing(past)) or module.own_evidence:
        return why
    have, need = (past.now - past.first) / DAY_US, days_needed(module, past)
    if have < need:
        return (
            f"{have:.0f} days of history; {need:.0f} are needed to test it at "
            f"{past.settings.proving.origins} moments of the past"
        )
    known, least = _known_early(module, past), _least_known(past)
    if known < least:
        return f"{known:,} people were known at the oldest moment to learn from; {least:,} are needed"
    return ""


def needed(module: Predictor, past: EventHistory) -> str:
    """What a module that cannot be tested yet waits for, in one sentence without its full stop; empty if it can be."""
    if past.main < 0:
        return "events that tell of an act, such as purchase, use or view"
    if (need := module.needed(past)) or module.own_evidence:
        return need
    if (short := days_needed(module, past) - (past.now - past.first) / DAY_US) > 0:
        return needs.months(short)
    if (few := _least_known(past) - _known_early(module, past)) > 0:
        return f"{few:,} more people with a history as long as this, or {needs.months(days_needed(module, past))}"
    return ""


def prove_module(
    module: Predictor,
    past: EventHistory,
    version: str,
    random: np.random.Generator,
    tick: Callable[[], None] = lambda: None,
    traits: Traits = _NO_TRAITS,
) -> Verdict:
    """Test a module at moments of the past and judge it.

    Args:
        module: What is tested; it is fitted anew for each moment.
        past: All that is known at `past.now`.
        version: Version of the model that is fitted at `past.now`.
        random: Draws people for the intervals.
        tick: Called after each moment.
        traits: Groups of people to be judged apart, besides new and known, and the activity.
    """
    if why := missing(module, past):
        return refused(module, past.now, version, why, needed(module, past))
    if measures_effect(module):
        return prove_effect(module, past, version, random, tick)
    trials = []
    for moment in origins(past, module.horizon_days):
        trials.append(try_at(module, past, moment))
        tick()
    least, fewest = past.settings.proving.least_people, min(trial.people for trial in trials)
    if fewest < least:
        why = f"{fewest:,} people with an outcome at one of the moments; {least:,} are needed at each"
        return refused(module, past.now, version, why, f"about {least - fewest:,} more people with an outcome")
    parts = [groups_at(past, trial.moment, trial.judged.who, traits) for trial in trials]
    warnings = _suspicions(module, past, trials)
    return judge_trials(module, past.now, version, trials, random, parts, warnings=warnings, leaks=leaking(past))


def refused(module: Predictor, moment: int, version: str, why: str, need: str = "") -> Verdict:
    """The verdict on a module that could not be tested, with what it waits for."""
    metric, lower = DECIDING[module.kind]
    return Verdict(
        module=module.name,
        version=version,
        moment=moment,
        admitted=False,
        why=f"not tested: {why}",
        metric=metric,
        lower_is_better=lower,
        value=0.0,
        baseline=next(iter(module.baselines)),
        baseline_value=0.0,
        difference=0.0,
        low=0.0,
        high=0.0,
        needs=need,
    )


def judge_trials(
    module: Predictor,
    moment: int,
    version: str,
    trials: Sequence[Trial],
    random: np.random.Generator,
    parts: Sequence[Parts] = (),
    *,
    warnings: Sequence[str] = (),
    leaks: Sequence[str] = (),
) -> Verdict:
    """The verdict on what was predicted at moments of the past.

    Args:
        module: What was tested.
        moment: `now` of the test, µs UTC.
        version: Version of the model.
        trials: The moments, the newest first.
        random: Draws people for the intervals.
        parts: For each moment the groups of its rows.
        warnings: What was found suspicious already.
        leaks: Features that know the future; with any of them no figure is worth anything.
    """
    metric, lower = DECIDING[module.kind]
    found = _compare(module, trials, random)
    best, apart = next(iter(found.rivals.items()))
    value = found.figures[MODEL, metric].value
    pooled = _pooled(trials, MODEL) if module.kind == "probability" else None
    reliability = None if pooled is None else reliability_of(*pooled, random)
    covered = coverage_of(module.kind, trials, found.figures)
    finding = GateFinding(
        metric=metric,
        lower=lower,
        value=value,
        rivals=found.rivals,
        reliability=reliability,
        instead=None if pooled is None else expected_error(*_pooled(trials, best)[:2]),
        leaks=leaks,
        people=min(trial.people for trial in trials),
        joined=_joined(trials),
        counted=module.about.counted,
    )
    need, people = needed_for(finding)
    curved = module.kind in ("probability", "money")
    return Verdict(
        module=module.name,
        version=version,
        moment=moment,
        admitted=finding.admitted,
        why=why_of(finding),
        metric=metric,
        lower_is_better=lower,
        value=value,
        baseline=best,
        baseline_value=found.figures[best, metric].value,
        difference=apart.value,
        low=apart.low,
        high=apart.high,
        origins=[_origin(trial, metric, best) for trial in trials],
        scores=_scores(found.figures, trials),
        calibration=[] if pooled is None else curve(*pooled[:2]),
        calibration_error=None if reliability is None else reliability.error,
        lift=_lift(trials, MODEL) if curved else [],
        lift_baseline=_lift(trials, best) if curved else [],
        baselines=_rivals(found, finding),
        reliability=reliability,
        coverage=covered,
        groups=_groups(trials, parts, metric, best, random),
        warnings=[*warnings, *warning_of(covered), *suspicion.drift(trials, metric, best, lower=lower)],
        needs=need,
        people_needed=people,
    )


def _least_known(past: EventHistory) -> int:
    return max(2, min(past.settings.proving.least_people, _FEWEST))


def _known_early(module: Predictor, past: EventHistory) -> int:
    """People who were known at the oldest moment that is learnt from."""
    oldest = past.now - round(days_needed(module, past) * DAY_US) + round(LEAST_HISTORY_DAYS * DAY_US)
    return len(past.present(oldest))


def _compare(module: Predictor, trials: Sequence[Trial], random: np.random.Generator) -> _Comparison:
    """Every naive way has to be beaten: the best of them is known only from the data that judges."""
    metric, lower = DECIDING[module.kind]
    figures = bootstrap([trial.judged for trial in trials], random)
    sign = 1.0 if lower else -1.0
    names = sorted(module.baselines, key=lambda name: sign * figures[name, metric].value)
    return _Comparison(figures, {name: difference(figures[MODEL, metric], figures[name, metric]) for name in names})


def _pooled(trials: Sequence[Trial], way: str) -> tuple[Floats, Floats, Integers]:
    """Predictions of a way, what happened, and whose row it is: all moments together."""
    return (
        np.concatenate([trial.predicted[way] for trial in trials]),
        np.concatenate([trial.truth for trial in trials]),
        np.concatenate([trial.judged.who for trial in trials]),
    )


def _joined(trials: Sequence[Trial]) -> float:
    """By how many people the moments, the newest first, grow in a day."""
    days = (trials[0].moment - trials[-1].moment) / DAY_US
    return (trials[0].people - trials[-1].people) / days if days > 0 else 0.0


def _suspicions(module: Predictor, past: EventHistory, trials: Sequence[Trial]) -> list[str]:
    """Single features that look too good, at the newest moment; where people as a whole get a probability."""
    trial = trials[0]
    if module.kind != "probability" or trial.targeted:
        return []
    rows = past.features(trial.moment)
    mine = np.isin(rows.who, trial.judged.who)
    then = FeatureRows(rows.who[mine], rows.names, rows.values[mine])
    truth = trial.truth[np.searchsorted(trial.judged.who, then.who)] > 0
    model = next(one.value() for one in trial.judged.ways[MODEL] if one.name == "auc")
    return suspicion.too_good(then, truth, model, past.features(past.now))


def _groups(
    trials: Sequence[Trial], parts: Sequence[Parts], metric: str, best: str, random: np.random.Generator
) -> list[Group]:
    return judge_groups(trials, parts, metric, best, random) if parts else []


def _rivals(found: _Comparison, finding: GateFinding) -> list[Rival]:
    return [
        Rival(
            name=name,
            value=found.figures[name, finding.metric].value,
            difference=apart.value,
            low=apart.low,
            high=apart.high,
            beaten=finding.beaten(name),
        )
        for name, apart in found.rivals.items()
    ]


def _origin(trial: Trial, metric: str, best: str) -> Origin:
    model, naive = ({one.name: one.value() for one in trial.judged.ways[way]} for way in (MODEL, best))
    return Origin(
        moment=trial.moment,
        people=trial.people,
        value=model[metric],
        baseline=naive[metric],
        measures={name: (value, naive[name]) for name, value in model.items() if name in naive},
    )


def _scores(figures: Mapping[tuple[str, str], BootstrapDraws], trials: Sequence[Trial]) -> list[Score]:
    scores = []
    for (way, metric), drawn in figures.items():
        low, high = drawn.interval()
        scores.append(Score(name=way, metric=metric, value=drawn.value, low=low, high=high))
    for way in trials[0].varied:
        shares = [trial.varied[way] for trial in trials]
        score = Score(name=way, metric="variety@10", value=float(np.mean(shares)), low=min(shares), high=max(shares))
        scores.append(score)
    return scores


def _lift(trials: Sequence[Trial], way: str) -> list[float]:
    curves = [lift(trial.predicted[way], np.maximum(trial.truth, 0.0)) for trial in trials]
    curves = [curve for curve in curves if curve]
    return [float(share) for share in np.mean(curves, axis=0)] if curves else []
