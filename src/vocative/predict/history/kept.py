"""What is made once and kept for all who ask, also where several ask at the same time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from typing import TypeVar, cast

Made = TypeVar("Made")


class Kept:
    """Things by their keys. Who asks for one that is being made waits for it; who asks for another does not.

    Args:
        most: How many are kept; the one that was asked for longest ago goes first. None: all.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, object] = OrderedDict()
        self._being_made: dict[Hashable, RLock] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The thing of a key; `make` makes it where there is none. What cannot be made is tried anew by the next."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return cast("Made", self._made[key])
            mine = self._being_made.setdefault(key, RLock())
        with mine:
            with self._lock:
                if key in self._made:
                    return cast("Made", self._made[key])
            made = make()
            with self._lock:
                self._made[key] = made
                self._being_made.pop(key, None)
                while self._most is not None and len(self._made) > self._most:
                    self._made.popitem(last=False)
        return made


def kept(work: Callable[..., Made], most: int) -> Callable[..., Made]:
    """A function that remembers its newest answers."""
    answers = Kept(most)

    def ask(*asked: object) -> Made:
        return answers.get(asked, lambda: work(*asked))

    return ask
