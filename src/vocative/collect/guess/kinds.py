"""What the rows of a file are, told from the columns that were recognised in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from vocative.records.settings import Kind

_TELLS: dict[Kind, tuple[str, ...]] = {
    "events": ("event", "order_id", "quantity", "amount", "session_id", "anonymous_id", "duration", "timestamp"),
    "people": ("email", "phone", "first_name", "gender", "birth_date", "language", "timezone", "country"),
    "items": ("name", "category", "brand", "price", "stock", "image", "url", "margin"),
    "permissions": ("status", "purpose", "basis", "at", "expires_at"),
    "offers": ("offer_id", "code", "starts_at", "ends_at"),
}
_ONLY_OFFERS = ("offer_id", "code")
_NEVER_OFFERS = ("user_id", "email", "order_id", "quantity", "phone", "anonymous_id")


def kind_of(found: Mapping[str, float]) -> Kind | None:
    """The kind that recognised columns tell of: canonical column → how sure it is, 0 to 1; None if they tell nothing.

    >>> kind_of({"user_id": 0.9, "email": 1.0})
    'people'
    """
    score = {kind: sum(found.get(target, 0.0) for target in tells) for kind, tells in _TELLS.items()}
    if "timestamp" not in found:
        score["events"] = 0.0
    if not found.keys() & {"user_id", "email"}:
        score["people"] = score["permissions"] = 0.0
    if "item_id" not in found or found.keys() & {"order_id", "quantity"}:
        score["items"] = 0.0
    if "status" not in found or found.keys() & {"order_id", "amount", "item_id"}:
        score["permissions"] = 0.0
    else:
        score["permissions"] *= 2
    if not found.keys() & {*_ONLY_OFFERS} or found.keys() & {*_NEVER_OFFERS}:
        score["offers"] = 0.0
    best = max(score, key=lambda kind: score[kind])
    return best if score[best] else None


def looks_like_offers(columns: Iterable[str], names: Mapping[str, Sequence[str]]) -> bool:
    """Whether a file names an offer and its time, and nobody's order; `names` are the usual names of each target.

    Many names of an offer's columns are common words, so they are looked for only in such a file.
    """
    plain = {re.sub(r"[\W_]+", "", column.lower()) for column in columns}

    def holds(target: str) -> bool:
        return bool(plain & {*names[target], target.replace("_", "")})

    timed = holds("starts_at") or holds("ends_at")
    return timed and any(map(holds, _ONLY_OFFERS)) and not any(map(holds, _NEVER_OFFERS))
