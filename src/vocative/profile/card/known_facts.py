"""Single facts about a person, each with its origin, age and exactness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from vocative.records.cells import integer

Origin = Literal["told us", "bought", "viewed", "inferred", "from outside"]
Exactness = Literal["exact", "estimated"]

_DAY_US = 86_400_000_000
_FIELDS = ("email", "phone", "first_name", "gender", "language", "timezone", "country", "birth_date")
_OUTSIDE = "outside:"
"""Prefix of the source of data that neither the person nor the business's own dealings with them gave."""

_WORDS: dict[str, tuple[str, str]] = {
    "purchase_peak_hour": ("usual hour of purchase", "hour"),
    "purchase_peak_weekday": ("usual weekday of purchase (Monday is 0)", "weekday"),
    "gap_days_mean": ("days between days of purchase", "days"),
    "overdue_ratio": ("time since the last purchase over the usual pause", "ratio"),
    "order_money_mean": ("money of a usual order", "money"),
    "discount_share_365d": ("share of discounts in prices", "share"),
    "price_level_365d": ("price level (1 is average)", "ratio"),
    "novelty_share_91d": ("share of items never bought before", "share"),
}


class CardFact(Struct, frozen=True, kw_only=True):
    """One fact. `age_days` is how long ago it was learnt or happened; inferred facts are as old as the card."""

    name: str
    value: str
    origin: Origin
    age_days: float
    exactness: Exactness
    doubt: str = ""
    """Why it must be neither used nor said; empty if there is no doubt."""


def told_facts(versions: Sequence[Mapping[str, object]], moment: int) -> list[CardFact]:
    """What the person's data says, field by field, the newest value that is not empty.

    Args:
        versions: rows of the people table with `at` (µs), newest first.
        moment: µs since 1970 UTC.
    """
    found: dict[str, CardFact] = {}
    for version in versions:
        doubts = _doubts(str(version.get("doubts") or ""))
        values: dict[str, object] = {field: version.get(field) for field in _FIELDS}
        values.update({f"traits.{key}": value for key, value in _traits(version.get("traits")).items()})
        for name, value in values.items():
            if value in (None, "") or name in found:
                continue
            found[name] = CardFact(
                name=name,
                value=value if isinstance(value, str) else _text(value),
                origin="from outside" if str(version.get("source")).startswith(_OUTSIDE) else "told us",
                age_days=_age(version["at"], moment),
                exactness="exact",
                doubt=doubts.get(name.partition(".")[0], doubts.get("row", "")),
            )
    return list(found.values())


def bought_facts(events: Sequence[Mapping[str, object]], roles: Mapping[str, str], moment: int) -> list[CardFact]:
    """The first and last order and their number, and the last view, of events (newest first) that are the person's."""
    own = [event for event in events if not event["not_me"]]
    bought = [event for event in own if roles[str(event["event"])] == "purchase"]
    viewed = [event for event in own if roles[str(event["event"])] == "view"]
    facts = []
    if bought:
        orders = {event["order_id"] or event["at"] for event in bought}
        last, first = bought[0], bought[-1]
        facts.append(_fact("orders", str(len(orders)), "bought", last["at"], moment))
        facts.append(_fact("last bought", str(last["item"] or last["event"]), "bought", last["at"], moment))
        facts.append(_fact("first bought", str(first["item"] or first["event"]), "bought", first["at"], moment))
    if viewed:
        facts.append(
            _fact("last viewed", str(viewed[0]["item"] or viewed[0]["event"]), "viewed", viewed[0]["at"], moment)
        )
    return facts


def inferred_facts(features: Mapping[str, float]) -> list[CardFact]:
    """The telling ones among the features, in words."""
    return [
        CardFact(
            name=words, value=_figure(features[name], unit), origin="inferred", age_days=0.0, exactness="estimated"
        )
        for name, (words, unit) in _WORDS.items()
        if name in features
    ]


def _fact(name: str, value: str, origin: Origin, at: object, moment: int) -> CardFact:
    return CardFact(name=name, value=value, origin=origin, age_days=_age(at, moment), exactness="exact")


def _age(at: object, moment: int) -> float:
    return round((moment - integer(at)) / _DAY_US, 2)


def _figure(value: float, unit: str) -> str:
    if unit in ("hour", "weekday"):
        return str(round(value))
    return f"{value:.0%}" if unit == "share" else f"{value:.2f}"


def _doubts(text: str) -> dict[str, str]:
    marks = (mark.partition(":") for mark in text.split(",") if mark)
    return {field: reason for field, _, reason in marks}


def _traits(text: object) -> dict[str, object]:
    try:
        traits = msgspec.json.decode(str(text or "{}"))
    except msgspec.DecodeError:
        return {}
    return traits if isinstance(traits, dict) else {}


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else str(value)
