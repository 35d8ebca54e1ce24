"""Cells are looked at, never guessed."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from vocative.records.cells import integer, number


@pytest.mark.parametrize("cell", [7, np.int64(7), Decimal(7)])
def test_whole_numbers_come_as_integers(cell: object) -> None:
    assert (integer(cell), type(integer(cell))) == (7, int)
    assert (number(cell), type(number(cell))) == (7.0, float)


@pytest.mark.parametrize("cell", ["7", None, 7.0, Decimal("7.5"), b"7"])
def test_anything_else_is_no_whole_number(cell: object) -> None:
    with pytest.raises(TypeError, match="whole number was expected"):
        integer(cell)


@pytest.mark.parametrize("cell", ["7", None, b"7"])
def test_texts_are_no_numbers(cell: object) -> None:
    with pytest.raises(TypeError, match="number was expected"):
        number(cell)
