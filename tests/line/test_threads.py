"""Threads while models are learnt: one in products of matrices, two models at a time, in order, with faults told."""

from __future__ import annotations

import scipy.linalg  # noqa: F401
from threadpoolctl import threadpool_info, threadpool_limits

from vocative.line.models.threads import side_by_side, small_matrices
from vocative.predict.learners.trees import MOST_THREADS


def blas() -> set[int]:
    return {int(one["num_threads"]) for one in threadpool_info() if one["user_api"] == "blas"}


def test_matrices_are_multiplied_in_one_thread_inside_and_in_as_many_as_before_outside() -> None:
    with threadpool_limits(2, user_api="blas"):
        before = blas()
        with small_matrices():
            assert blas() == {1}
        assert blas() == before


def test_everything_is_done_in_the_order_of_the_names_and_a_fault_stays_with_its_own() -> None:
    with side_by_side(lambda number: 6 // number, [3, 0, 2]) as done:
        assert list(done) == [3, 0, 2]
        assert (done[3].result(), done[2].result()) == (2, 3)
        assert isinstance(done[0].exception(), ZeroDivisionError)


def test_trees_that_are_grown_side_by_side_share_the_processors() -> None:
    with side_by_side(lambda _: MOST_THREADS.get(), ["one"]) as done:
        assert done["one"].result() >= 1
    assert MOST_THREADS.get() == 0
