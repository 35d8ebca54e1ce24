"""How many threads learning takes: one in each product of matrices, since they are small."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


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
