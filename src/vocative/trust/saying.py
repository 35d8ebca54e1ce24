"""Knowing is not saying: how exactly a fact may be told to the person it is about."""

from __future__ import annotations

from typing import Literal

Relationship = Literal["stranger", "acquainted", "regular"]

_ACQUAINTED_ORDERS = 3
_REGULAR_ORDERS = 12


def relationship(orders_in_a_year: float) -> Relationship:
    """How well a person knows the business, from their orders in the last 365 days.

    >>> relationship(1), relationship(5), relationship(40)
    ('stranger', 'acquainted', 'regular')
    """
    if orders_in_a_year < _ACQUAINTED_ORDERS:
        return "stranger"
    return "acquainted" if orders_in_a_year < _REGULAR_ORDERS else "regular"


def rough_pause(days: float) -> str:
    """A span of days as people say it, never as a number that shows how closely somebody counts.

    >>> rough_pause(7.2), rough_pause(13), rough_pause(29), rough_pause(80)
    ('about once a week', 'about every two weeks', 'about once a month', 'now and then')
    """
    steps = (
        (4.5, "every few days"),
        (10, "about once a week"),
        (18, "about every two weeks"),
        (45, "about once a month"),
    )
    return next((words for limit, words in steps if days < limit), "now and then")
