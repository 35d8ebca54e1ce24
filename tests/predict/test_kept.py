"""What is made once for all who ask, also where several ask at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from vocative.predict.history.kept import Kept, kept


def test_what_several_ask_for_at_the_same_time_is_made_once() -> None:
    answers, made, together = Kept(), [], Barrier(8)

    def ask(number: int) -> object:
        together.wait()

        def make() -> object:
            made.append(number)
            return object()

        return answers.get("key", make)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert len(made) == 1
    assert len({id(one) for one in found}) == 1


def test_making_one_thing_may_ask_for_another_meanwhile() -> None:
    answers = Kept()

    def outer() -> int:
        return answers.get("inner", lambda: 2) + 1

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(answers.get, name, outer) for name in ("one", "two")]
        assert [one.result() for one in both] == [3, 3]


def test_what_could_not_be_made_is_tried_again() -> None:
    answers = Kept()
    with pytest.raises(ZeroDivisionError):
        answers.get("key", lambda: 1 // 0)
    assert answers.get("key", lambda: 7) == 7


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    asked: list[int] = []

    def work(number: int) -> int:
        asked.append(number)
        return number

    remember = kept(work, 2)
    assert [remember(number) for number in (1, 2, 1, 3, 1, 2)] == [1, 2, 1, 3, 1, 2]
    assert asked == [1, 2, 3, 2]
