"""The card of a model in plain sentences: what it answers, from what, how well, for whom, and what it is not for.

Its parts follow Mitchell et al., 2019, "Model Cards for Model Reporting".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape

from vocative.records.models import Drift, ModelCard, Standing
from vocative.records.proof import Verdict

FOR = (
    "Choosing what to say and offer to a person who allowed personalization, when and over which channel, or that "
    "silence is better."
)
"""What a prediction may be used for."""

NOT_FOR = (
    "Deciding about credit, insurance, work, housing or education of a person.",
    "Raising a price or withholding a service because of a prediction about the person.",
    "Concluding that something causes something else: it tells what goes together, not what brings about what.",
    "People who did not allow personalization: nothing is predicted of them.",
    "Guessing health, faith, origin, opinions or any other sensitive trait.",
)
"""What a prediction must not be used for."""

_MOST_INPUTS = 10
_BASELINE = "baseline:"


def paragraphs(
    question: str,
    card: ModelCard,
    verdict: Verdict | None,
    standings: Sequence[Standing] = (),
    drift: Drift | None = None,
) -> dict[str, list[str]]:
    """Title → sentences, in the order in which they are read."""
    return {
        "What it answers": list(_answers(question, card)),
        "Where it stands": [f"{_day(one.at)}: {one.state} (by {one.by}): {one.why}" for one in standings]
        or ["It has never acted: its verdict refused it, or that of its module did."],
        "What it learnt from": list(_learnt(card)),
        "How well it did on the past": list(_proved(verdict)),
        "Whether its probabilities and intervals can be trusted": list(_trusted(verdict)),
        "For whom it does better and worse": list(_groups(verdict)),
        "What it looks at": list(_inputs(card)),
        "How it does now": list(_now(drift)),
        "What it may be used for": [FOR],
        "What it must not be used for": list(NOT_FOR),
        "Limits": list(_limits(card, verdict)),
    }


def markdown(title: str, parts: dict[str, list[str]]) -> str:
    """The card as a page of Markdown."""
    lines = [f"# {title}"]
    for name, sentences in parts.items():
        lines += ["", f"## {name}", "", *(f"- {one}" for one in sentences)]
    return "\n".join(lines) + "\n"


def html(title: str, parts: dict[str, list[str]]) -> str:
    """The card as one page of HTML that needs nothing else."""
    body = "".join(
        f"<h2>{escape(name)}</h2>\n<ul>\n{''.join(f'<li>{escape(one)}</li>{chr(10)}' for one in sentences)}</ul>\n"
        for name, sentences in parts.items()
    )
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}h2{font-size:1.1rem}"
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{style}</style></head>\n<body>\n<h1>{escape(title)}</h1>\n{body}</body>\n</html>\n"
    )


def _answers(question: str, card: ModelCard) -> Iterator[str]:
    yield f"{card.module}: {question}."
    yield f"It tells a {card.kind} ({card.unit}), {card.horizon_days:g} days ahead."
    if card.needs:
        yield f"It needs {card.needs}."
    if card.unseen:
        yield f"Of a person it has never seen it says {card.unseen}."


def _learnt(card: ModelCard) -> Iterator[str]:
    data = card.data
    yield (
        f"{data.acts:,} acts of {data.people:,} people who allowed personalization, from {_day(data.first)} to "
        f"{_day(data.newest)}; fitted as of {_day(card.fitted_at)} in {card.seconds:.1f} seconds, Vocative {card.code}."
    )
    yield "Versions of the tables: " + ", ".join(f"{name} {number}" for name, number in data.tables.items()) + "."
    yield "It holds numbers and names of things, no identifier of a person."


def _proved(verdict: Verdict | None) -> Iterator[str]:
    if verdict is None:
        yield "No verdict is kept."
        return
    yield f"{verdict.why[:1].upper()}{verdict.why[1:]}."
    if verdict.origins:
        days = ", ".join(_day(one.moment) for one in verdict.origins)
        yield f"Tested at {len(verdict.origins)} moments, each time learnt anew from what was known then: {days}."
    for one in verdict.scores:
        name = "the model" if one.name == "model" else one.name.replace("_", " ")
        yield f"{one.metric} of {name}: {one.value:.3g} ({one.low:.3g} to {one.high:.3g})."


def _trusted(verdict: Verdict | None) -> Iterator[str]:
    found = False
    if verdict is not None and (curve := verdict.reliability) is not None:
        found = True
        yield (
            f"Its probabilities are off by {curve.error:.1%} on average ({curve.low:.1%} to {curve.high:.1%}); "
            f"exactly right ones would stay below {curve.limit:.1%}."
        )
    elif verdict is not None and verdict.calibration_error is not None:
        found = True
        yield f"Its probabilities are off by {verdict.calibration_error:.1%} on average."
    if verdict is not None and (told := verdict.coverage) is not None:
        found = True
        yield f"Its {told.nominal:.0%} intervals held {told.share:.1%} of outcomes ({told.low:.1%} to {told.high:.1%})."
    if not found:
        yield "It tells an order or a choice, neither probabilities nor intervals that were tested."


def _groups(verdict: Verdict | None) -> Iterator[str]:
    groups = verdict.groups if verdict is not None else []
    if not groups or verdict is None:
        yield "Groups were not compared."
    for one in groups:
        yield (
            f"{one.trait}, {one.name} ({one.people:,} people): {one.value:.3g} against {one.baseline:.3g} "
            f"(difference {one.low:.3g} to {one.high:.3g})."
        )


def _inputs(card: ModelCard) -> Iterator[str]:
    if not card.importance:
        yield "What weighs how much cannot be read from what it learnt."
        return
    for name, share in list(card.importance.items())[:_MOST_INPUTS]:
        yield f"{name}: {share:.0%} of its weight."
    if len(card.importance) > _MOST_INPUTS:
        yield f"{len(card.importance) - _MOST_INPUTS} others weigh less."


def _now(drift: Drift | None) -> Iterator[str]:
    if drift is None:
        yield "It has not been looked at while it acted."
        return
    yield f"As of {_day(drift.moment)}: {drift.level}."
    yield from (f"{one[:1].upper()}{one[1:]}." for one in drift.why)
    if (found := drift.compared) is not None:
        yield (
            f"What it predicted came to {found.metric} {found.value:.3g}, against {found.against_value:.3g} of "
            f"{found.against.removeprefix(_BASELINE).replace('_', ' ')}, for {found.people:,} people."
        )


def _limits(card: ModelCard, verdict: Verdict | None) -> Iterator[str]:
    yield f"It knows nothing of what happened after {_day(card.fitted_at)} but through the profiles it is shown."
    yield "Averages over people can hide that it does badly for some of them."
    for one in verdict.warnings if verdict is not None else ():
        yield f"{one[:1].upper()}{one[1:]}{'' if one.endswith('.') else '.'}"
    if verdict is not None and verdict.needs:
        yield f"To be admitted: {verdict.needs}."


def _day(moment: int) -> str:
    """A moment (µs UTC) as a day."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)).strftime("%Y-%m-%d")
