"""Offers in SQL: what a row of a coupon or offer file may say, and until when an offer holds."""

from __future__ import annotations

from vocative.collect.mapping.moments import quote

_PERCENT = "('percent', '%')"


def faults(cited_unit: str) -> list[str]:
    """Branches of the CASE that yields the first thing wrong with an offer, as `column|reason`.

    `cited_unit` is the expression that cites the unit as it stands in the file.
    """
    return [
        "WHEN m_ends_at < m_starts_at THEN 'ends_at|the offer ends before it starts'",
        f"WHEN lower(t_unit) NOT IN ('percent', '%', 'money') THEN 'unit|' || {cited_unit} || "
        "' is neither percent nor money; translate it with values in the mapping, for example "
        '{ column = "type", values = { EUR = "money" } }\'',
        "WHEN n_discount IS NOT NULL AND t_unit IS NULL THEN 'unit|the discount has no unit; "
        'fill it in the mapping, for example unit = { constant = "percent" }\'',
        "WHEN n_discount < 0 THEN 'discount|the discount is negative; if the file means money off, "
        "say negate = true in the mapping'",
        f"WHEN n_discount > 100 AND lower(t_unit) IN {_PERCENT} THEN 'discount|more than 100 percent'",
    ]


def unit_sql() -> str:
    """`percent` or `money`, null for an offer without a size."""
    return f"CASE WHEN n_discount IS NULL THEN NULL WHEN lower(t_unit) IN {_PERCENT} THEN 'percent' ELSE 'money' END"


def ends_sql(zone: str) -> str:
    """The last moment of an offer: of a day without a time its end in `zone`; null for a date that means never."""
    local = f"timezone({quote(zone)}, m_ends_at)"
    last = f"timezone({quote(zone)}, date_trunc('day', {local}) + INTERVAL 1 DAY) - to_microseconds(1)"
    # A number of seconds has no colon either, but at least nine digits.
    timed = r"contains(t_ends_at, ':') OR regexp_full_match(t_ends_at, '\d{9,}(\.\d+)?')"
    return (
        f"CASE WHEN m_ends_at >= TIMESTAMPTZ '2200-01-01' THEN NULL WHEN {timed} THEN m_ends_at "
        f"WHEN m_ends_at IS NOT NULL THEN {last} END"
    )
