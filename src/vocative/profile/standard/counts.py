"""Standard features that count: how recently, how often, how much."""

from __future__ import annotations

from collections.abc import Iterator

from vocative.facts.scope import ACTIVE_ROLES
from vocative.profile.feature import Feature
from vocative.profile.kinds.baskets import OrderCount
from vocative.profile.kinds.decay import Decayed
from vocative.profile.kinds.novelty import ItemCount
from vocative.profile.kinds.recency import DaysSince
from vocative.profile.kinds.terms import Term
from vocative.profile.kinds.windows import WindowRatio, WindowSum
from vocative.records.settings import Role

_BOUGHT: tuple[Role, ...] = ("purchase",)
_MONEY = (Term("purchase", "money"), Term("return", "money", -1.0))
_UNITS = (Term("purchase", "units"), Term("return", "units", -1.0))
_PAID = Term("purchase", "money")
_OFF = Term("purchase", "discount")
_ACTS: tuple[tuple[Role, str], ...] = (
    ("purchase", "purchase"),
    ("return", "return"),
    ("view", "view"),
    ("search", "search"),
    ("basket", "addition to the basket"),
    ("wish", "addition to the wish list"),
    ("use", "use"),
    ("open", "opened message"),
    ("click", "clicked message"),
    ("reply", "reply"),
    ("complaint", "complaint"),
)


def recency() -> Iterator[Feature]:
    """Days since the first and the last act of each kind."""
    yield DaysSince(
        name="tenure_days",
        meaning="days since the first act in the history that is read",
        unit="days",
        acts=ACTIVE_ROLES,
        first=True,
    )
    yield DaysSince(
        name="days_since_active", meaning="days since the last act of any kind", unit="days", acts=ACTIVE_ROLES
    )
    yield DaysSince(
        name="days_since_first_purchase",
        meaning="days since the first purchase",
        unit="days",
        roles=_BOUGHT,
        acts=_BOUGHT,
        first=True,
    )
    for role, act in _ACTS:
        yield DaysSince(
            name=f"days_since_{role}", meaning=f"days since the last {act}", unit="days", roles=(role,), acts=(role,)
        )


def purchases(days: int) -> Iterator[Feature]:
    """Orders, money, units, discounts and items of a window."""
    span = f"in the last {days} days"
    yield OrderCount(name=f"orders_{days}d", meaning=f"orders {span}", unit="orders", roles=_BOUGHT, days=days)
    yield WindowSum(
        name=f"money_{days}d",
        meaning=f"money paid less money returned {span}",
        unit="money",
        roles=_BOUGHT,
        terms=_MONEY,
        days=days,
    )
    yield WindowSum(
        name=f"units_{days}d",
        meaning=f"units bought less units returned {span}",
        unit="units",
        roles=_BOUGHT,
        terms=_UNITS,
        days=days,
    )
    yield WindowSum(
        name=f"discount_{days}d",
        meaning=f"money taken off purchases {span}",
        unit="money",
        roles=_BOUGHT,
        terms=(_OFF,),
        days=days,
    )
    yield WindowRatio(
        name=f"discount_share_{days}d",
        meaning=f"discounts over prices before discounts, of purchases {span}",
        unit="share",
        roles=_BOUGHT,
        above=(_OFF,),
        below=(_PAID, _OFF),
        days=days,
    )
    yield ItemCount(
        name=f"items_{days}d", meaning=f"different items bought {span}", unit="items", roles=_BOUGHT, days=days
    )


def behaviour(days: int) -> Iterator[Feature]:
    """What people do besides buying, in a window."""
    span = f"in the last {days} days"
    counts: tuple[tuple[str, Role, str], ...] = (
        ("views", "view", "views"),
        ("searches", "search", "searches"),
        ("basket_adds", "basket", "additions to the basket"),
        ("wish_adds", "wish", "additions to the wish list"),
        ("uses", "use", "uses of what was bought"),
        ("opens", "open", "opened messages"),
        ("clicks", "click", "clicked messages"),
        ("replies", "reply", "replies"),
    )
    for name, role, act in counts:
        yield WindowSum(
            name=f"{name}_{days}d", meaning=f"{act} {span}", unit="count", roles=(role,), terms=(Term(role),), days=days
        )
    yield WindowSum(
        name=f"dwell_seconds_{days}d",
        meaning=f"seconds of attention to views, each view capped, {span}",
        unit="seconds",
        roles=("view",),
        terms=(Term("view", "seconds"),),
        days=days,
    )
    yield WindowSum(
        name=f"use_seconds_{days}d",
        meaning=f"seconds of use {span}",
        unit="seconds",
        roles=("use",),
        terms=(Term("use", "seconds"),),
        days=days,
    )


def decayed(half_life: float) -> Iterator[Feature]:
    """Purchases and views that fade with a half-life in days."""
    counted = f"each counting half after every {half_life:g} days"
    yield Decayed(
        name=f"lines_decayed_{half_life:g}d",
        meaning=f"purchased lines, {counted}",
        unit="lines",
        roles=_BOUGHT,
        role="purchase",
        half_life_days=half_life,
    )
    yield Decayed(
        name=f"money_decayed_{half_life:g}d",
        meaning=f"money paid, {counted}",
        unit="money",
        roles=_BOUGHT,
        role="purchase",
        measure="money",
        half_life_days=half_life,
    )
    yield Decayed(
        name=f"views_decayed_{half_life:g}d",
        meaning=f"views, {counted}",
        unit="count",
        roles=("view",),
        role="view",
        half_life_days=half_life,
    )
