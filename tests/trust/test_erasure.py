"""Identifiers, their marks, and what names a person."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocative.trust.erasure import IDENTITY_COLUMNS, Identifiers, aliases_in, aliases_of, digits, is_telling, mark_of
from vocative.trust.secret_key import SecretKey

COLUMNS = {*IDENTITY_COLUMNS, "Customer no."}
WHO = Identifiers(
    users=frozenset({"7", "zz-quokka"}),
    devices=frozenset({"d1"}),
    emails=frozenset({"anna@example.com"}),
    phones=frozenset({"+371 2655 7781"}),
)


def names_her(content: object) -> bool:
    text = content if isinstance(content, str) else json.dumps(content)
    return not WHO.aliases.isdisjoint(aliases_in(text, COLUMNS))


@pytest.mark.parametrize(
    "content",
    [
        {"user_id": "7"},
        {"user_id": 7},
        {"user_id": 7.0},
        {"Customer no.": "7"},
        {"anonymous_id": "d1"},
        {"properties": {"user_id": "7"}},
        {"deep": [{"list": ["zz-quokka"]}]},
        {"note": "Anna@Example.com"},
        {"phone": "+371-26557781"},
        {"whatever": "+371 26 55 77 81"},
        {"_line": "7,2025-01-05,view"},
        {"_line": 'x;"anna@example.com";y'},
        "7;no JSON at all",
    ],
)
def test_a_row_that_names_the_person(content: object) -> None:
    assert names_her(content)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"quantity": 7},
        {"quantity": "7", "user_id": "8"},
        {"user_id": "77"},
        {"note": "we wrote to d1"},
        {"user_id": True, "amount": 7.5, "item": None},
        {"note": "anna@example.com.au"},
        {"_line": "77,2025-01-05,view"},
    ],
)
def test_a_row_of_somebody_else(content: object) -> None:
    assert not names_her(content)


def test_aliases_hold_addresses_in_every_place_they_can_stand() -> None:
    assert {"user:7", "anonymous:d1", "email:anna@example.com", "user:anna@example.com", "phone:37126557781"} < (
        WHO.aliases
    )
    assert "email:me@example.com" in Identifiers(users=frozenset({"me@example.com"})).aliases
    assert Identifiers().aliases == frozenset()


@given(st.text(), st.text(), st.binary(min_size=1, max_size=64), st.binary(min_size=1, max_size=64))
def test_marks_differ_by_alias_and_by_key_and_tell_neither(one: str, other: str, key: bytes, second: bytes) -> None:
    ours, theirs = SecretKey(key), SecretKey(second)
    assert (mark_of(one, ours) == mark_of(other, ours)) == (one == other)
    assert (mark_of(one, ours) == mark_of(one, theirs)) == (key.ljust(64, b"\0") == second.ljust(64, b"\0")) or (
        len(key) != len(second)
    )
    assert len(mark_of(one, ours)) == 40
    assert len(one) < 4 or one not in mark_of(one, ours)


@given(st.sampled_from(["user_id", "anonymous_id"]), st.text(min_size=1).filter(str.strip))
def test_an_identifier_in_its_own_column_is_always_found(column: str, name: str) -> None:
    kind = {"user_id": "user", "anonymous_id": "anonymous"}[column]
    found = aliases_in(json.dumps({column: name}), COLUMNS)
    expected = name.strip().lower() if kind == "user" and "@" in name else name.strip()
    assert f"{kind}:{expected}" in found
    assert aliases_of(name.strip()) == found


def test_digits_of_a_number() -> None:
    assert digits("+48 (22) 123-45.67") == "48221234567"


@pytest.mark.parametrize("text", ["a@b", "ab1cd", "87654321", "abcdefgh"])
def test_what_can_only_be_an_identifier_is_looked_for_everywhere(text: str) -> None:
    assert is_telling(text)


@pytest.mark.parametrize("text", ["a1b2", "abcde", "12345", "7654321", "abcdefg"])
def test_short_words_and_numbers_may_be_anything(text: str) -> None:
    assert not is_telling(text)
