"""Standard features of habits: when people act, how large their baskets are, how they choose and how they answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from vocative.profile.feature import Feature
from vocative.profile.kinds.baskets import OrderSize, OrderTrend
from vocative.profile.kinds.browsing import BrowseDays
from vocative.profile.kinds.novelty import NoveltyShare, RepeatShare
from vocative.profile.kinds.prices import PriceLevel
from vocative.profile.kinds.regularity import Gap, PurchaseDays
from vocative.profile.kinds.replies import ContactCount, ContactRate
from vocative.profile.kinds.rhythm import Act, HourRhythm, WeekdayRhythm
from vocative.profile.kinds.sessions import SessionCount, SessionSize
from vocative.profile.kinds.terms import Term
from vocative.profile.kinds.trend import Trend
from vocative.profile.kinds.variety import BrandVariety, CategoryVariety
from vocative.profile.kinds.windows import WindowRatio, WindowSum
from vocative.records.settings import Role

_BOUGHT: tuple[Role, ...] = ("purchase",)
_DAY_PARTS = {"night": (0, 5), "morning": (6, 11), "afternoon": (12, 17), "evening": (18, 23)}
_SIZES: tuple[tuple[Literal["lines", "units", "money"], Literal["mean", "median", "deviation", "max"], str], ...] = (
    ("lines", "mean", "mean lines of an order"),
    ("units", "mean", "mean units of an order"),
    ("money", "mean", "mean money of an order"),
    ("money", "median", "median money of an order"),
    ("money", "deviation", "standard deviation of the money of an order"),
    ("money", "max", "money of the largest order"),
)
_GAPS: tuple[tuple[Literal["mean", "median", "deviation", "variation", "overdue"], str, str, str], ...] = (
    ("mean", "gap_days_mean", "mean days between days of purchase", "days"),
    ("median", "gap_days_median", "median days between days of purchase", "days"),
    ("deviation", "gap_days_deviation", "standard deviation of the days between days of purchase", "days"),
    ("variation", "gap_variation", "standard deviation over mean of the days between days of purchase", "ratio"),
    ("overdue", "overdue_ratio", "time since the last purchase over the mean days between days of purchase", "ratio"),
)


def rhythm(act: Act) -> Iterator[Feature]:
    """When people act, by their own clock, over the last year."""
    prefix, of, roles = ("purchase", "purchases", _BOUGHT) if act == "bought" else ("active", "activity", ())
    for part, (first, last) in _DAY_PARTS.items():
        yield HourRhythm(
            name=f"{prefix}_{part}_share",
            meaning=f"share of {of} from {first}:00 to {last}:59 local time",
            unit="share",
            roles=roles,
            act=act,
            aspect="share",
            first=first,
            last=last,
        )
    yield WeekdayRhythm(
        name=f"{prefix}_weekend_share",
        meaning=f"share of {of} on Saturdays and Sundays",
        unit="share",
        roles=roles,
        act=act,
        aspect="share",
        first=5,
        last=6,
    )
    yield HourRhythm(
        name=f"{prefix}_peak_hour",
        meaning=f"local hour with most {of}",
        unit="hour",
        roles=roles,
        act=act,
        aspect="peak",
    )
    yield WeekdayRhythm(
        name=f"{prefix}_peak_weekday",
        meaning=f"weekday with most {of}; Monday is 0",
        unit="weekday",
        roles=roles,
        act=act,
        aspect="peak",
    )
    yield HourRhythm(
        name=f"{prefix}_hour_entropy",
        meaning=f"how widely {of} are spread over the hours; 0 is always the same hour",
        unit="nats",
        roles=roles,
        act=act,
        aspect="entropy",
    )
    yield WeekdayRhythm(
        name=f"{prefix}_weekday_entropy",
        meaning=f"how widely {of} are spread over the week; 0 is always the same day",
        unit="nats",
        roles=roles,
        act=act,
        aspect="entropy",
    )


def baskets() -> Iterator[Feature]:
    """How large orders are."""
    for value, aggregate, meaning in _SIZES:
        yield OrderSize(
            name=f"order_{value}_{aggregate}",
            meaning=f"{meaning} in the last 365 days",
            unit=value,
            roles=_BOUGHT,
            value=value,
            aggregate=aggregate,
            days=365,
        )


def sessions() -> Iterator[Feature]:
    """How often people come by, how long they stay and how much they do."""
    for days in (28, 91):
        yield SessionCount(
            name=f"sessions_{days}d", meaning=f"visits in the last {days} days", unit="visits", days=days
        )
    in_quarter = "of a visit in the last 91 days"
    yield SessionSize(
        name="session_minutes_mean",
        meaning=f"mean minutes from the first to the last act {in_quarter}",
        unit="minutes",
        value="minutes",
        aggregate="mean",
        days=91,
    )
    yield SessionSize(
        name="session_minutes_max",
        meaning="minutes of the longest visit in the last 91 days",
        unit="minutes",
        value="minutes",
        aggregate="max",
        days=91,
    )
    yield SessionSize(
        name="session_acts_mean",
        meaning=f"mean number of acts {in_quarter}",
        unit="count",
        value="acts",
        aggregate="mean",
        days=91,
    )
    for days in (28, 91, 182):
        yield BrowseDays(
            name=f"browse_days_{days}d",
            meaning=f"local days in the last {days} days on which something was looked at and nothing bought",
            unit="days",
            roles=("view",),
            days=days,
        )


def regularity() -> Iterator[Feature]:
    """How evenly days of purchase follow each other."""
    yield PurchaseDays(
        name="purchase_days_365d",
        meaning="different local days with a purchase in the last 365 days",
        unit="days",
        roles=_BOUGHT,
    )
    for aggregate, name, meaning, unit in _GAPS:
        yield Gap(name=name, meaning=f"{meaning}, of the last 365 days", unit=unit, roles=_BOUGHT, aggregate=aggregate)


def trends() -> Iterator[Feature]:
    """The newest weeks against as many weeks before them."""
    for days in (28, 91):
        against = f"in the last {days} days against the {days} before, from -1 (stopped) to 1 (new)"
        yield OrderTrend(
            name=f"orders_trend_{days}d", meaning=f"orders {against}", unit="ratio", roles=_BOUGHT, days=days
        )
        yield Trend(
            name=f"money_trend_{days}d",
            meaning=f"money paid {against}",
            unit="ratio",
            roles=_BOUGHT,
            terms=(Term("purchase", "money"),),
            days=days,
        )
        yield Trend(
            name=f"views_trend_{days}d",
            meaning=f"views {against}",
            unit="ratio",
            roles=("view",),
            terms=(Term("view"),),
            days=days,
        )


def choices() -> Iterator[Feature]:
    """What people pick: new or known, dear or cheap, everywhere or always the same; and what they send back."""
    for days in (28, 91):
        yield NoveltyShare(
            name=f"novelty_share_{days}d",
            meaning=f"share of the items bought in the last {days} days that were never bought before them",
            unit="share",
            roles=_BOUGHT,
            days=days,
        )
    yield RepeatShare(
        name="repeat_share_365d",
        meaning="share of the items bought in the last 365 days that are on more than one line",
        unit="share",
        roles=_BOUGHT,
    )
    for days in (91, 365):
        span = f"bought in the last {days} days"
        yield CategoryVariety(
            name=f"categories_{days}d",
            meaning=f"different categories {span}",
            unit="categories",
            roles=_BOUGHT,
            empty=0.0,
            aggregate="count",
            days=days,
        )
        yield BrandVariety(
            name=f"brands_{days}d",
            meaning=f"different brands {span}",
            unit="brands",
            roles=_BOUGHT,
            empty=0.0,
            aggregate="count",
            days=days,
        )
    yield CategoryVariety(
        name="top_category_share_365d",
        meaning="share of the lines of the last 365 days that fall into the commonest category",
        unit="share",
        roles=_BOUGHT,
        aggregate="top",
    )
    yield CategoryVariety(
        name="category_entropy_365d",
        meaning="how widely the lines of the last 365 days are spread over categories; 0 is always the same one",
        unit="nats",
        roles=_BOUGHT,
        aggregate="entropy",
    )
    yield PriceLevel(
        name="price_level_365d",
        meaning="prices before discounts over the mean prices of their categories, in the last 365 days; 1 is average",
        unit="ratio",
        roles=_BOUGHT,
    )


def returns() -> Iterator[Feature]:
    """What people send back, and what they complain about."""
    yield WindowSum(
        name="returns_365d",
        meaning="returned lines in the last 365 days",
        unit="lines",
        roles=("return",),
        terms=(Term("return"),),
        days=365,
    )
    yield WindowSum(
        name="returned_money_365d",
        meaning="money returned in the last 365 days",
        unit="money",
        roles=("return",),
        terms=(Term("return", "money"),),
        days=365,
    )
    yield WindowRatio(
        name="return_share_365d",
        meaning="units returned over units bought in the last 365 days",
        unit="share",
        roles=("purchase", "return"),
        above=(Term("return", "units"),),
        below=(Term("purchase", "units"),),
        days=365,
    )
    yield WindowSum(
        name="complaints_365d",
        meaning="complaints in the last 365 days",
        unit="count",
        roles=("complaint",),
        terms=(Term("complaint"),),
        days=365,
    )


def replies(channel: str) -> Iterator[Feature]:
    """What was sent over a channel and what came back."""
    yield ContactCount(
        name=f"{channel}_sent_91d",
        meaning=f"messages sent over {channel} in the last 91 days",
        unit="count",
        roles=("sent",),
        channel=channel,
        role="sent",
        days=91,
    )
    answers: tuple[tuple[Role, str, str], ...] = (
        ("open", "open", "opened messages"),
        ("click", "click", "clicks"),
        ("reply", "reply", "replies"),
    )
    for role, name, act in answers:
        yield ContactRate(
            name=f"{channel}_{name}_rate_91d",
            meaning=f"{act} per message sent over {channel} in the last 91 days",
            unit="ratio",
            roles=("sent", role),
            channel=channel,
            role=role,
            days=91,
        )
