"""What the plan of a run used of each limit, what one more unit would be worth, and how good the plan is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct

from vocative.records.acting import Certificate, LimitUse


class LimitRow(Struct, frozen=True, kw_only=True):
    """One limit for everybody together, in words."""

    name: str
    used: str
    percent: float
    """Used, of what was left of it, or of what there has to be at least where there is no limit from above."""
    price: str


class PlanFigures(Struct, frozen=True, kw_only=True):
    """How good the plan for marketing was, and what held it back."""

    worth: str
    better: str
    """How much better any other plan could be at most; empty where that is not known."""
    limits: list[LimitRow]


def plan_figures(plan: object, money: Callable[[float], str]) -> PlanFigures | None:
    """The certificate of a run as figures; None where the run kept none. `money` writes an amount."""
    if plan is None:
        return None
    found = msgspec.convert(plan, Certificate)
    return PlanFigures(
        worth=money(found.worth),
        better="" if found.gap is None else f"{found.gap:.2%}",
        limits=[_row(one, money) for one in found.limits],
    )


def _row(one: LimitUse, money: Callable[[float], str]) -> LimitRow:
    of = "" if one.at_most is None else f" of {one.at_most:,.6g}"
    least = f", at least {one.at_least:,.6g}" if one.at_least else ""
    return LimitRow(
        name=one.name,
        used=f"{one.used:,.6g}{of}{least}",
        percent=_percent(one.used, one.at_least if one.at_most is None else one.at_most),
        price=_price(one, money),
    )


def _percent(used: float, of: float) -> float:
    return round(min(100.0 * used / of, 100.0), 1) if of > 0 else 100.0


def _price(one: LimitUse, money: Callable[[float], str]) -> str:
    if one.short:
        return f"{one.short:,.6g} are missing: there was nobody more for whom it would do"
    if one.price > 0:
        return f"one more would be worth {money(one.price)}"
    return f"the last of them costs {money(-one.price)}" if one.price < 0 else "more of it would change nothing"
