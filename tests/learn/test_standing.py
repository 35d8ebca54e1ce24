"""Who acts, after any history of verdicts, outcomes, promotions and rollbacks."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocative.errors import ModelError
from vocative.learn import standing
from vocative.learn.standing import Change
from vocative.records.models import Standing


class Book:
    """A history that grows."""

    def __init__(self) -> None:
        self.rows: list[Standing] = []

    def add(self, changes: Iterable[Change], at: int = 0) -> None:
        for one in changes:
            self.rows.append(
                Standing(
                    module="m",
                    version=one.version,
                    state=one.state,
                    at=at,
                    place=len(self.rows),
                    by=standing.US,
                    why=one.why,
                )
            )

    def verdict(self, version: str, admitted: bool = True) -> None:
        self.add(standing.after_verdict(self.rows, version, admitted=admitted, why="as the past says"))

    def acts(self) -> str | None:
        return standing.champion(self.rows)

    def state(self, version: str) -> str | None:
        found = standing.states(self.rows).get(version)
        return None if found is None else found.state


def test_the_first_admitted_version_acts_and_the_next_waits() -> None:
    book = Book()
    book.verdict("a")
    book.verdict("b")
    assert book.acts() == "a"
    assert [one.version for one in standing.challengers(book.rows)] == ["b"]
    book.add(standing.promoted(book.rows, "b", "not worse"))
    assert book.acts() == "b"
    assert book.state("a") == "retired"


def test_the_same_version_fitted_again_changes_nothing() -> None:
    book = Book()
    book.verdict("a")
    book.verdict("b")
    before = list(book.rows)
    book.verdict("a")
    book.verdict("b")
    assert book.rows == before


def test_a_refusal_silences_the_module_and_an_admission_gives_it_its_voice_back() -> None:
    book = Book()
    book.verdict("a")
    book.verdict("b")
    book.verdict("c", admitted=False)
    assert book.acts() is None
    assert book.state("a") == book.state("b") == "retired"
    assert book.state("c") is None
    book.verdict("d")
    assert book.acts() == "d"


def test_after_a_failure_the_last_good_one_acts_and_a_new_one_has_to_wait() -> None:
    book = Book()
    book.verdict("a")
    book.verdict("b")
    book.add(standing.promoted(book.rows, "b", "not worse"))
    book.add(standing.failed(book.rows, "bad outcomes"))
    assert book.acts() == "a"
    assert book.state("b") == "failed"
    book.add(standing.failed(book.rows, "bad outcomes too"))
    assert book.acts() is None, "b has failed and does not come back"
    book.verdict("c")
    assert book.acts() is None, "what the past admitted has failed in practice; the next one waits in shadow"
    assert book.state("c") == "challenger"
    book.verdict("b")
    assert book.state("b") == "failed", "fitted again to the very same, it stays out"


def test_a_promotion_retires_older_ones_that_wait_and_leaves_newer_ones_waiting() -> None:
    book = Book()
    for version in "abcd":
        book.verdict(version)
    book.add(standing.promoted(book.rows, "c", "not worse"))
    assert (book.acts(), book.state("b"), book.state("d")) == ("c", "retired", "challenger")


def test_what_cannot_be_done_is_told() -> None:
    book = Book()
    with pytest.raises(ModelError, match="nothing to take back"):
        standing.failed(book.rows, "why")
    book.verdict("a")
    with pytest.raises(ModelError, match="acts already"):
        standing.promoted(book.rows, "a", "why")
    with pytest.raises(ModelError, match="no version 'z'"):
        standing.promoted(book.rows, "z", "why")


VERSIONS = st.sampled_from("abcdef")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("admit"), VERSIONS),
        st.tuples(st.just("refuse"), VERSIONS),
        st.tuples(st.just("promote"), VERSIONS),
        st.tuples(st.just("fail"), VERSIONS),
        st.tuples(st.just("lose"), VERSIONS),
    ),
    max_size=25,
)


@given(STEPS)
def test_at_most_one_acts_and_what_failed_comes_back_by_hand_only(steps: list[tuple[str, str]]) -> None:
    book = Book()
    for step, version in steps:
        gone = {one for one in "abcdef" if book.state(one) == "failed"}
        if step in ("admit", "refuse"):
            book.verdict(version, admitted=step == "admit")
        elif step == "promote" and book.state(version) not in (None, "champion"):
            book.add(standing.promoted(book.rows, version, "by hand"))
            gone -= {version}
        elif step == "fail" and book.acts() is not None:
            book.add(standing.failed(book.rows, "bad"))
        elif step == "lose" and book.state(version) == "challenger":
            book.add(standing.lost(version, "worse"))
        now = standing.states(book.rows)
        assert sum(one.state == "champion" for one in now.values()) <= 1
        assert all(now[one].state == "failed" for one in gone)
        assert standing.last_good(book.rows) not in {*gone, book.acts()} or standing.last_good(book.rows) is None
    for place in range(len(book.rows)):
        # What stood at an earlier moment is read from the changes up to it, whatever came later.
        assert standing.champion(book.rows[: place + 1]) == _acting(book.rows[: place + 1])


def _acting(rows: list[Standing]) -> str | None:
    """The same by walking: who was named last and was not sent away since."""
    acting = None
    for one in rows:
        if one.state == "champion":
            acting = one.version
        elif one.version == acting:
            acting = None
    return acting
