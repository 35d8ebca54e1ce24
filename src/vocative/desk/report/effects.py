"""What each message, and each size of an offer, was found to change: drawn, with intervals and sleeping dogs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from vocative.desk.report import charts
from vocative.desk.report.figures import Proof, told
from vocative.records.action import action_of
from vocative.records.proof import Arm, Verdict
from vocative.stats.calendars import local_datetime


class Effects(Struct, frozen=True, kw_only=True):
    """The arms of one question about effects, ready for the page."""

    module: str
    question: str
    as_of: str
    picture: str
    reasons: list[tuple[str, str]]
    """Arm → why effects of it may act on single people, or why not."""


def drawn_effects(proofs: Sequence[Proof], zone: str, money: Callable[[float], str]) -> list[Effects]:
    """Every question about effects whose arms have evidence of their own; `money` writes an amount."""
    return [
        _drawn(proof, proof.verdict, zone, money)
        for proof in proofs
        if proof.verdict is not None and proof.verdict.arms
    ]


def arm_words(arm: str, money: Callable[[float], str]) -> str:
    """An arm as people call it.

    >>> arm_words("coupon offer=10:percent", "{:.2f} EUR".format), arm_words("news variant=b", "{:.2f} EUR".format)
    ('coupon, 10% off', 'news, variant b')
    """
    if not arm:
        return "any message"
    action = action_of(arm)
    words = [action.campaign, *([f"variant {action.variant}"] if action.variant else [])]
    if (size := action.offer) is not None:
        words.append(f"{money(size.discount) if size.unit == 'money' else f'{size.discount:g}%'} off")
    return ", ".join(words)


def _drawn(proof: Proof, verdict: Verdict, zone: str, money: Callable[[float], str]) -> Effects:
    def size(value: float) -> str:
        if verdict.module.endswith("_money"):
            return f"{'+' if value > 0 else '−' if value < 0 else ''}{money(abs(value))}"
        return f"{100 * value:+.2f}".replace("-", "−")

    def row(arm: Arm) -> charts.Interval:
        unit = "" if verdict.module.endswith("_money") else " points"
        words = f"{size(arm.effect)}{unit} ({size(arm.low)} to {size(arm.high)})"
        name = arm_words(arm.name, money)
        return charts.Interval(name, arm.effect, arm.low, arm.high, words, arm.admitted, _note(arm))

    rows = [row(arm) for arm in verdict.arms]
    local = local_datetime(verdict.moment, zone)
    words = "; ".join(f"{one.name} {one.told}: {one.note}" for one in rows)
    return Effects(
        module=verdict.module,
        question=proof.question,
        as_of=f"{local.day} {local:%b %Y}",
        picture=charts.intervals(rows, zero="changes nothing", title=f"Effects by {verdict.module}", words=words),
        reasons=[(arm_words(arm.name, money), arm.why) for arm in verdict.arms],
    )


def _note(arm: Arm) -> str:
    """How many people it rests on, and how many it surely harms."""
    people = f"{arm.people:,} people"
    if not arm.sleeping_dogs:
        return f"{people}; no sleeping dogs found"
    dogs = told(arm.sleeping_dogs)
    return f"{people}; {'fewer than 5' if dogs is None else f'{dogs:,}'} sleeping dogs"
