"""Cells of rows as the types their columns declare: what comes back from a store is looked at, never guessed."""

from __future__ import annotations

from decimal import Decimal
from numbers import Integral, Real


def integer(cell: object) -> int:
    """A whole number, such as a count or a moment (µs UTC); a sum that an engine gives as a decimal is one too.

    >>> integer(3), integer(Decimal(7))
    (3, 7)

    Raises:
        TypeError: The cell holds something else; the store does not keep what its table declares.
    """
    if isinstance(cell, Integral) or (isinstance(cell, Decimal) and cell == cell.to_integral_value()):
        return int(cell)
    raise TypeError(f"a whole number was expected, not {type(cell).__name__}")


def number(cell: object) -> float:
    """A number; whole ones are numbers too.

    >>> number(3), number(0.5)
    (3.0, 0.5)

    Raises:
        TypeError: The cell holds something else.
    """
    if isinstance(cell, Real | Decimal):
        return float(cell)
    raise TypeError(f"a number was expected, not {type(cell).__name__}")
