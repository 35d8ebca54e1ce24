"""How good each prediction was on the past, drawn: verdicts, intervals, calibration and lift."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct

from vocative.desk.report import charts
from vocative.desk.report.figures import ProofRow
from vocative.predict.registry import STANDARD
from vocative.records.proof import Score, Verdict
from vocative.stats.calendars import local_datetime

METRICS: dict[str, str] = {
    "log_loss": "log loss (lower is better)",
    "auc": "AUC: how well it ranks (0.5 is chance)",
    "calibration_error": "calibration error (lower is better)",
    "rmse": "root mean square error (lower is better)",
    "spearman": "rank correlation",
    "total_error": "how far the sum of all predictions is off",
    "days_off": "mean days off, nobody waited for beyond the horizon",
    "coverage": "share inside the stated 90% interval",
    "ndcg@10": "NDCG@10: how well the first ten are ordered",
    "recall@10": "recall@10: share of what was then bought among the first ten",
    "novelty@10": "share of the ten that is new to the person",
    "variety@10": "share of the catalogue that is shown to anybody",
    "hit": "hits exactly",
    "hit_3h": "hits within an hour either way",
    "targeting": "won per person by contacting first those with the largest effect, less by lot",
    "qini": "Qini, normalised: 0 is by lot, 1 is perfect",
    "auuc": "won per person, over all shares of people contacted",
    "effect": "mean effect of a contact",
}
_MODEL = "model"
_LESS_IS_BETTER = ("log_loss", "calibration_error", "rmse", "total_error", "days_off")
_MORE_IS_BETTER = ("auc", "spearman", "ndcg@10", "recall@10", "hit", "hit_3h")


class OriginRow(Struct, frozen=True, kw_only=True):
    """One moment of the past in the table of a prediction."""

    day: str
    people: str
    model: str
    baseline: str
    better: str
    """By how much; empty where more is neither better nor worse."""


class OriginTable(Struct, frozen=True, kw_only=True):
    """One metric at every moment of the past."""

    metric: str
    rows: list[OriginRow]


class MetricRow(Struct, frozen=True, kw_only=True):
    """One metric of the model and of its baselines."""

    metric: str
    cells: list[tuple[str, str, str]]
    """Way to predict, value, interval; the model first."""


class TestedGroupRow(Struct, frozen=True, kw_only=True):
    """How a prediction did among some of the people."""

    name: str
    people: str
    model: str
    baseline: str
    difference: str
    """Model minus best simple way, with its interval."""


class DrawnProof(Struct, frozen=True, kw_only=True):
    """One prediction, ready for the page."""

    title: str
    module: str
    question: str
    state: str
    """`admitted`, `refused`, `not tested` or `not yet`."""
    why: str
    summary: str
    as_of: str
    baseline: str
    origins: list[OriginTable]
    metrics: list[MetricRow]
    calibration: str
    calibration_error: str
    lift: str
    coverage: str = ""
    groups: list[TestedGroupRow] = []
    warnings: list[str] = []
    needs: str = ""
    acts: str = ""
    drift: list[str] = []


def drawn_proofs(proofs: Sequence[ProofRow], zone: str) -> list[DrawnProof]:
    """Each prediction with its tables and curves; one that was never tested says so."""
    return [_drawn(proof, zone) for proof in proofs]


def overview(proofs: Sequence[ProofRow]) -> str:
    """All tested predictions against their best baselines: by how much better, in per cent of the baseline."""
    rows = []
    for proof in proofs:
        verdict = proof.verdict
        if verdict is not None and verdict.origins and verdict.baseline_value:
            rows.append((title_of(proof.module), *_gain(verdict), verdict.admitted))
    if not rows:
        return ""
    words = "; ".join(f"{name} {value:+.1%} ({low:+.1%} to {high:+.1%})" for name, value, low, high, _ in rows)
    return charts.forest(rows, title="Better than the best baseline by", words=words)


def title_of(module: str) -> str:
    """The name of a module on the page."""
    return STANDARD[module].about.title if module in STANDARD else _plain(module).capitalize()


def reason_of(why: str) -> str:
    """The sentence of a verdict as it stands on the page, without its first word."""
    told = why.removeprefix("refused: ").removeprefix("admitted: ").replace(" %", "%").replace("_", " ")
    told = told.replace("ndcg", "NDCG").replace("rmse", "RMSE")
    return told[:1].upper() + told[1:] + ("" if told.endswith(".") else ".")


def _drawn(proof: ProofRow, zone: str) -> DrawnProof:
    verdict = proof.verdict
    if verdict is None:
        return DrawnProof(
            title=title_of(proof.module), module=proof.module, question=proof.question, state="not yet",
            why="It has not been tested yet.",
            summary="", as_of="", baseline="", origins=[], metrics=[], calibration="",
            calibration_error="", lift="",
        )  # fmt: skip
    tested = bool(verdict.origins)
    return DrawnProof(
        title=title_of(proof.module),
        module=proof.module,
        question=proof.question,
        state="admitted" if verdict.admitted else "refused" if tested else "not tested",
        why=reason_of(verdict.why),
        summary=_summary(verdict) if tested else "",
        as_of=_day(verdict.moment, zone),
        baseline=_plain(verdict.baseline),
        origins=_origins(verdict, zone) if tested else [],
        metrics=_metrics(verdict.scores),
        calibration=_calibration(verdict),
        calibration_error=_reliability(verdict),
        lift=_lift(verdict),
        coverage=_coverage(verdict),
        groups=_groups(verdict),
        warnings=verdict.warnings,
        needs=verdict.needs,
        acts="" if proof.acts is None else proof.acts,
        drift=[] if proof.drift is None or proof.drift.level == "green" else proof.drift.why,
    )


def _gain(verdict: Verdict) -> tuple[float, float, float]:
    """Difference and interval as shares of the baseline; positive is better."""
    scale = (-1.0 if verdict.lower_is_better else 1.0) / abs(verdict.baseline_value)
    low, high = sorted((verdict.low * scale, verdict.high * scale))
    return verdict.difference * scale, low, high


def _summary(verdict: Verdict) -> str:
    value, low, high = _gain(verdict)
    side = "better" if value >= 0 else "worse"
    return (
        f"{_short(verdict.value)} against {_short(verdict.baseline_value)}: {abs(value):.1%} {side} than "
        f"{_plain(verdict.baseline)} (95% interval {low:+.1%} to {high:+.1%})"
    )


def _origins(verdict: Verdict, zone: str) -> list[OriginTable]:
    """The metric that decides, and every other one that was measured at all moments."""
    tables = [_origin_table(verdict.metric, [(one.value, one.baseline) for one in verdict.origins], verdict, zone)]
    others = dict.fromkeys(name for one in verdict.origins for name in one.measures if name != verdict.metric)
    complete = [name for name in others if all(name in one.measures for one in verdict.origins)]
    tables += [_origin_table(name, [one.measures[name] for one in verdict.origins], verdict, zone) for name in complete]
    return tables


def _origin_table(metric: str, figures: Sequence[tuple[float, float]], verdict: Verdict, zone: str) -> OriginTable:
    sign = _lower_or_higher(metric, verdict)
    rows = [
        OriginRow(
            day=_day(one.moment, zone),
            people=f"{one.people:,}",
            model=_short(model),
            baseline=_short(naive),
            better=f"{sign * (model - naive) / abs(naive):+.1%}" if sign and naive else "",
        )
        for one, (model, naive) in zip(verdict.origins, figures, strict=True)
    ]
    return OriginTable(metric=METRICS.get(metric, metric), rows=rows)


def _lower_or_higher(metric: str, verdict: Verdict) -> int:
    """1 where more is better, -1 where less is, 0 where neither is."""
    if metric == verdict.metric:
        return -1 if verdict.lower_is_better else 1
    return -1 if metric in _LESS_IS_BETTER else 1 if metric in _MORE_IS_BETTER else 0


def _metrics(scores: Sequence[Score]) -> list[MetricRow]:
    order = list(dict.fromkeys(score.metric for score in scores))
    ranked = sorted(scores, key=lambda score: order.index(score.metric))
    return [
        MetricRow(
            metric=METRICS.get(metric, metric),
            cells=[
                (_plain(score.name), _short(score.value), f"{_short(score.low)} to {_short(score.high)}")
                for score in sorted(found, key=lambda score: score.name != _MODEL)
            ],
        )
        for metric, found in groupby(ranked, key=lambda score: score.metric)
    ]


def _calibration(verdict: Verdict) -> str:
    if not verdict.calibration:
        return ""
    line = [(one.predicted, one.observed) for one in verdict.calibration]
    words = "; ".join(
        f"predicted {one.predicted:.0%}, happened {one.observed:.0%} ({one.people:,})" for one in verdict.calibration
    )
    return charts.curves(
        [("model", line)],
        x_name="predicted",
        y_name="happened",
        title=f"Calibration of {verdict.module}",
        words=words,
        points=True,
    )


def _reliability(verdict: Verdict) -> str:
    """How far off probabilities are on average, and how far off exactly right ones might look."""
    found = verdict.reliability
    if found is None:
        return "" if verdict.calibration_error is None else f"Off by {verdict.calibration_error:.1%} on average."
    told = f"Off by {found.error:.1%} on average (95% interval {found.low:.1%} to {found.high:.1%}). "
    told += f"With so many people, exactly right probabilities may show up to {found.limit:.1%}, and those that "
    told += f"are off by {found.tolerated:.0%}, which is let pass, up to {found.bound:.1%}"
    if found.calibrated:
        return f"{told}."
    # A prediction that is off may act where what would act in its place is off by more; its verdict tells both.
    return f"{told}. {'It acts, since what would act instead is further off' if verdict.admitted else 'It is refused'}."


def _coverage(verdict: Verdict) -> str:
    """How often what happened lay inside the interval that was told."""
    found = verdict.coverage
    if found is None:
        return ""
    told = f"What happened lay inside the stated {found.nominal:.0%} interval for {found.share:.1%} of people"
    told += f" (95% interval {found.low:.1%} to {found.high:.1%})"
    return told + ("." if found.kept else ": that is not what it promises.")


def _groups(verdict: Verdict) -> list[TestedGroupRow]:
    return [
        TestedGroupRow(
            name=f"{_plain(one.trait)}: {_plain(one.name)}",
            people=f"{one.people:,}",
            model=_short(one.value),
            baseline=_short(one.baseline),
            difference=f"{one.difference:+.3g} ({one.low:+.3g} to {one.high:+.3g})",
        )
        for one in verdict.groups
    ]


def _lift(verdict: Verdict) -> str:
    if not verdict.lift:
        return ""
    lines = [
        (name, _shares(shares)) for name, shares in (("model", verdict.lift), ("base", verdict.lift_baseline)) if shares
    ]
    words = f"Among the first tenth: {verdict.lift[0]:.0%}"
    if verdict.lift_baseline:
        words += f", by the baseline {verdict.lift_baseline[0]:.0%}"
    return charts.curves(
        lines,
        x_name="people, the most likely first",
        y_name="of all it caught",
        title=f"Lift of {verdict.module}",
        words=words,
    )


def _shares(shares: Sequence[float]) -> list[tuple[float, float]]:
    return [(0.0, 0.0), *(((place + 1) / len(shares), value) for place, value in enumerate(shares))]


def _plain(name: str) -> str:
    return name.replace("everybodys", "everybody's").replace("_", " ")


def _short(value: float) -> str:
    """A figure with three digits that mean something.

    >>> _short(0.44), _short(252.93), _short(0.0)
    ('0.440', '253', '0')
    """
    return f"{value:#.3g}".rstrip(".") if 0 < abs(value) < 1000 else f"{value:,.0f}"


def _day(moment: int, zone: str) -> str:
    local = local_datetime(moment, zone)
    return f"{local.day} {local:%b %Y}"
