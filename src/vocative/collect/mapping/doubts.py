"""What is possible but hard to believe: marked as `field:reason`, kept, and neither used nor said.

A doubt never costs a row. `row:reason` leaves an event out of the features as a whole.
"""

from __future__ import annotations

from vocative.collect.mapping import vocabulary
from vocative.collect.mapping.values import members

OLDEST_YEARS = 110
MOST_ORDERS = 1_000
"""Orders of one account within a year; more are a till, a reseller or a test."""


def events_sql() -> str:
    """Doubts of one event, as comma-separated text."""
    return _joined(
        ("n_amount = 0 AND n_quantity > 0", "amount:zero"),
        ("n_discount < 0 AND coalesce(n_quantity, 1) > 0 AND coalesce(n_amount, 0) >= 0", "discount:negative"),
        ("n_duration < 0", "duration:negative"),
    )


def people_sql() -> str:
    """Doubts of one person's data."""
    name = "lower(t_first_name)"
    return _joined(
        (r"NOT regexp_full_match(t_email, '[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>0-9]{2,}')", "email:malformed"),
        ("length(regexp_replace(t_phone, '[^0-9]', '', 'g')) NOT BETWEEN 6 AND 15", "phone:malformed"),
        (
            f"{name} IN {members(vocabulary.TEST_NAMES)} OR regexp_matches({name}, '[0-9@]') "
            f"OR regexp_full_match({name}, '[a-zа-яё]') "
            f"OR (length({name}) > 2 AND {name} = repeat(left({name}, 1), length({name})))",
            "first_name:not_a_name",
        ),
        ("t_gender IS NOT NULL AND k_gender IS NULL", "gender:unknown"),
        ("t_language IS NOT NULL AND k_language IS NULL", "language:unknown"),
        ("t_timezone IS NOT NULL AND k_timezone IS NULL", "timezone:unknown"),
        ("t_country IS NOT NULL AND k_country IS NULL", "country:unknown"),
        (
            "CAST(d_birth_date AS TIMESTAMP) > timezone('UTC', now_) "
            f"OR date_diff('month', d_birth_date, CAST(timezone('UTC', now_) AS DATE)) > {OLDEST_YEARS * 12}",
            "birth_date:implausible",
        ),
    )


def items_sql() -> str:
    """Doubts of one item's data."""
    return _joined(
        ("n_price <= 0", "price:not_positive"),
        ("n_margin > n_price AND n_price > 0", "margin:above_price"),
        ("n_stock < 0", "stock:negative"),
    )


def offers_sql() -> str:
    """Doubts of one offer."""
    return _joined(("n_discount = 0", "discount:zero"))


def _joined(*marks: tuple[str, str]) -> str:
    cases = ", ".join(f"CASE WHEN {condition} THEN '{doubt}' END" for condition, doubt in marks)
    return f"concat_ws(',', {cases})"
