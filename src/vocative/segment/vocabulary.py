"""The words for habits: how a feature that stands out is told, in names and in sentences."""

from __future__ import annotations

from msgspec import Struct


class FeatureWords(Struct, frozen=True, kw_only=True):
    """How it is said that a feature is higher (or lower) than usual."""

    front: str = ""
    """Before the noun of a name: *Evening* shoppers."""
    clause: str = ""
    """After *who*."""


class HabitWord(Struct, frozen=True, kw_only=True):
    """A feature that can tell people apart, with its words."""

    label: str
    """What is measured, before its two figures."""
    unit: str
    """`share`, `money`, `days`, `ratio` or `count`: how figures are written."""
    high: FeatureWords
    low: FeatureWords
    steadied: bool = False
    """A share of a person's own orders, to be drawn towards everybody's where there are few."""
    needs: tuple[str, ...] = ()
    """Features of which one has to be known for it to mean anything."""


def _habit(
    label: str,
    unit: str,
    high: tuple[str, str],
    low: tuple[str, str],
    *,
    steadied: bool = False,
    needs: tuple[str, ...] = (),
) -> HabitWord:
    return HabitWord(
        label=label,
        unit=unit,
        high=FeatureWords(front=high[0], clause=high[1]),
        low=FeatureWords(front=low[0], clause=low[1]),
        steadied=steadied,
        needs=needs,
    )


_NONE = ("", "")
BROWSED = ("views_91d", "uses_91d")
"""A visit has a length only where more than purchases is recorded."""

HABITS: dict[str, HabitWord] = {
    "active_morning_share": _habit("in the morning", "share", ("Morning", "come in the morning"), _NONE, steadied=True),
    "active_afternoon_share": _habit(
        "in the afternoon", "share", ("Afternoon", "come in the afternoon"), _NONE, steadied=True
    ),
    "active_evening_share": _habit("in the evening", "share", ("Evening", "come in the evening"), _NONE, steadied=True),
    "active_night_share": _habit("at night", "share", ("Night", "come at night"), _NONE, steadied=True),
    "active_weekend_share": _habit(
        "at the weekend",
        "share",
        ("Weekend", "come at the weekend"),
        ("Weekday", "come during the week"),
        steadied=True,
    ),
    "gap_days_mean": _habit(
        "days between purchases", "days", ("Occasional", "come now and then"), ("Frequent", "come often")
    ),
    "order_money_mean": _habit(
        "money per order", "money", ("Big-basket", "fill large baskets"), ("Small-basket", "buy little at a time")
    ),
    "price_level_365d": _habit(
        "price level (1 is average)",
        "ratio",
        ("Premium", "choose the dearer kind"),
        ("Price-minded", "choose the cheaper kind"),
    ),
    "discount_share_365d": _habit(
        "taken off by offers",
        "share",
        ("Offer-minded", "buy what is on offer"),
        ("Full-price", "rarely buy on offer"),
        steadied=True,
    ),
    "category_entropy_365d": _habit(
        "breadth of what they buy",
        "ratio",
        ("Whole-range", "buy across the whole range"),
        ("", "come for a few kinds of things"),
    ),
    "repeat_share_365d": _habit(
        "bought more than once",
        "share",
        ("", "stay with what they know"),
        ("Variety-seeking", "like variety"),
        steadied=True,
    ),
    "views_91d": _habit("views in three months", "count", ("Browsing", "look around a lot"), _NONE),
    "searches_91d": _habit("searches in three months", "count", ("Searching", "search a lot"), _NONE),
    "wish_adds_91d": _habit("put on the wish list in three months", "count", ("", "keep wish lists"), _NONE),
    "dwell_seconds_91d": _habit("seconds of looking in three months", "count", ("", "look closely"), _NONE),
    "use_seconds_91d": _habit(
        "seconds of use in three months", "count", ("Keen", "use it a lot"), ("Light", "use it little")
    ),
    "session_minutes_mean": _habit(
        "minutes of a visit",
        "ratio",
        ("", "stay long at each visit"),
        ("", "are in and out quickly"),
        needs=BROWSED,
    ),
    "email_open_rate_91d": _habit(
        "messages opened by e-mail", "share", ("", "read their mail"), ("", "leave their mail unread")
    ),
    "email_click_rate_91d": _habit("clicks by e-mail", "share", ("", "click in their mail"), _NONE),
    "return_share_365d": _habit("sent back", "share", ("", "often send things back"), _NONE, steadied=True),
}
"""Feature → its words. Recency, trends and counts of orders are left to lifecycle and RFM: they change with every
week, and groups made of them would not be found again."""

STANDING: dict[str, HabitWord] = {
    "days_since_purchase": _habit("days since the last purchase", "days", _NONE, _NONE),
    "orders_365d": _habit("orders in a year", "count", _NONE, _NONE),
    "money_365d": _habit("money in a year", "money", _NONE, _NONE),
}
"""Feature → its words, for what lifecycle and RFM are made of; it tells of segments and finds none."""

ALL = {**HABITS, **STANDING}
STEADIED = frozenset(name for name, habit in ALL.items() if habit.steadied)
