"""Knowing is not saying: how exactly a fact may be told to the person it is about."""

from __future__ import annotations

from typing import Literal

Relationship = Literal["stranger", "acquainted", "regular"]
Pause = Literal["every_few_days", "weekly", "two_weekly", "monthly", "now_and_then"]

_ACQUAINTED_ORDERS = 3
_REGULAR_ORDERS = 12
_PAUSES: tuple[tuple[float, Pause], ...] = (
    (4.5, "every_few_days"),
    (10, "weekly"),
    (18, "two_weekly"),
    (45, "monthly"),
)


def relationship(orders_in_a_year: float) -> Relationship:
    """How well a person knows the business, from their orders in the last 365 days.

    >>> relationship(1), relationship(5), relationship(40)
    ('stranger', 'acquainted', 'regular')
    """
    if orders_in_a_year < _ACQUAINTED_ORDERS:
        return "stranger"
    return "acquainted" if orders_in_a_year < _REGULAR_ORDERS else "regular"


def rough_pause(days: float) -> Pause:
    """A span of days as people think of it, never a number that shows how closely somebody counts.

    The words for it stand in each language's phrases.

    >>> rough_pause(3), rough_pause(7.2), rough_pause(13), rough_pause(29), rough_pause(80)
    ('every_few_days', 'weekly', 'two_weekly', 'monthly', 'now_and_then')
    """
    return next((pause for limit, pause in _PAUSES if days < limit), "now_and_then")
