"""The faults that are planted are those people make, each one change, and the code with them is still code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mutants import mutants_of

_CODE = '''"""Not = this."""
SQL = f"""
SELECT who FROM events e LEFT JOIN linked ON linked.user_id = e.user_id
WHERE e.at < {moment} AND NOT e.not_me AND e.kind IN ('a', 'b') GROUP BY who
"""

def both(first: int | None, second: float = 2.5) -> bool:
    """And says what it does."""
    if not first:
        raise ValueError(f"{first + 1} is none")
    return first < second - 1 and min(first, 3) in (4,)
'''


def planted() -> set[tuple[str, str]]:
    return {(one.old, one.new) for one in mutants_of(Path("some.py"), _CODE)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("first < second - 1", "(first <= second - 1)"),
        ("second - 1", "(second + 1)"),
        ("first < second - 1 and min(first, 3) in (4,)", "(first < second - 1 or min(first, 3) in (4,))"),
        ("not first", "(first)"),
        ("min(first, 3)", "(max(first, 3))"),
        ("min(first, 3) in (4,)", "(min(first, 3) not in (4,))"),
        ("3", "4"),
        ("2.5", "3.5"),
        ("LEFT JOIN", "JOIN"),
        ("<", "<="),
        ("user_id", "item_id"),
        ("AND NOT e.not_me ", ""),
        ("AND e.kind IN ('a', 'b') ", ""),
        ("e.at < {moment} AND ", ""),
        ("NOT ", ""),
        ("AND", "OR"),
    ],
)
def test_one_change_of_the_kind_that_people_make(old: str, new: str) -> None:
    assert (old, new) in planted()


def test_what_is_only_said_or_declared_is_left_alone() -> None:
    texts = {one.old for one in mutants_of(Path("some.py"), _CODE) if not one.sql}
    assert not any("ValueError" in one or "is none" in one or "| None" in one or one == "first + 1" for one in texts)


def test_the_rest_of_the_file_stays_and_is_code() -> None:
    for one in mutants_of(Path("some.py"), _CODE):
        text = one.planted(_CODE)
        ast.parse(text)
        assert text != _CODE
        assert (text[: one.start], text[one.start + len(one.new) :]) == (_CODE[: one.start], _CODE[one.end :])


def test_a_constant_is_watched_by_all_tests_of_its_file_and_a_line_by_its_own() -> None:
    by_place = {(one.old, one.sql): one.lines for one in mutants_of(Path("some.py"), _CODE)}
    assert by_place["LEFT JOIN", True] == frozenset()
    assert by_place["not first", False] == {9}
