"""How many threads learning takes: two models at a time, and one thread in each product of small matrices."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from threadpoolctl import threadpool_limits

from vocative.predict.learners.trees import MOST_THREADS

Name = TypeVar("Name")
Made = TypeVar("Made")

_AT_ONCE = 2
"""Each holds its own rows in memory, so more processors do not make more of them."""


@contextmanager
def small_matrices() -> Iterator[None]:
    """Let numpy and scipy multiply in the thread that asks; afterwards as many work together as before.

    Their threads (OpenBLAS) wait for each other in a loop. Over matrices of some dozens of columns they wait much
    longer than they multiply: beside other work on the machine a logistic regression took 27 times as many seconds.
    The limit holds for whoever uses the library as well, however numpy was loaded, and ends with the block.
    """
    # Scipy brings libraries of its own, and only those that are loaded can be told.
    import scipy.linalg  # noqa: F401

    with threadpool_limits(1, user_api="blas"):
        yield


@contextmanager
def side_by_side(work: Callable[[Name], Made], names: Iterable[Name]) -> Iterator[dict[Name, Future[Made]]]:
    """Do the same for several names, two at a time where there are processors for it; in the order of the names.

    What is done must not depend on the order. Where the block ends early, what has not begun is left undone.
    """
    processors = os.cpu_count() or 1
    at_once = min(_AT_ONCE, processors)
    pool = ThreadPoolExecutor(at_once, initializer=MOST_THREADS.set, initargs=(processors // at_once,))
    try:
        yield {name: pool.submit(work, name) for name in names}
    finally:
        pool.shutdown(cancel_futures=True)
