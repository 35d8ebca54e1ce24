"""What every inbox promises."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection

import numpy as np

from vocative.checks.suite import Check, Child, Make, fresh, require, run_checks, same, starting, together
from vocative.store.protocols import Accepted, Inbox

_KILLS = 60
_ALL = 10_000_000


def _event(name: str, number: int, body: bytes | None = None) -> Accepted:
    return Accepted(f"{name}-{number}", body if body is not None else _body(name, number), number)


def _body(name: str, number: int) -> bytes:
    # Long enough to spread over several pages of a file, so that a torn write would show.
    return f'{{"event": "{name}-{number}", "filler": "{str(number) * 300}"}}'.encode()


def _emptied(make: Make[Inbox]) -> Inbox:
    inbox = make()
    inbox.forget(inbox.take(_ALL)[1])
    return inbox


def _ids(events: Sequence[Accepted]) -> list[str]:
    return [event.message_id for event in events]


def accepted_events_survive_reopening(make: Make[Inbox]) -> None:
    """What `put` has returned from is there after closing and opening again, byte for byte."""
    name = fresh("reopen")
    inbox = _emptied(make)
    events = [
        _event(name, 0),
        _event(name, 1, b""),
        _event(name, 2, bytes(range(256))),
        Accepted(f"{name} 'ü' 漢 \"", b"{}", 2**53 + 1),
    ]
    same(inbox.put(events), 4, "new events")
    inbox.close()
    inbox = make()
    same(inbox.take(10)[0], events, "events after reopening")
    inbox.close()


def same_id_changes_nothing(make: Make[Inbox]) -> None:
    """An id already present changes nothing: in the same call, in a later one, and after reopening."""
    name = fresh("twice")
    inbox = _emptied(make)
    first = _event(name, 1, b"first")
    same(inbox.put([first, _event(name, 1, b"second")]), 1, "new events of one call with the same id twice")
    same(inbox.put([_event(name, 1, b"third"), _event(name, 2)]), 1, "new events of a later call")
    inbox.close()
    inbox = make()
    same(inbox.put([_event(name, 1, b"fourth")]), 0, "new events after reopening")
    same(inbox.take(10)[0], [first, _event(name, 2)], "events")
    inbox.close()


def oldest_events_are_taken_first(make: Make[Inbox]) -> None:
    """`take` gives events in the order they were put, up to the limit, and changes nothing itself."""
    name = fresh("order")
    inbox = _emptied(make)
    events = [_event(name, number) for number in (5, 3, 9, 1, 7)]
    inbox.put(events[:2])
    inbox.put(events[2:])
    same(inbox.take(3)[0], events[:3], "the oldest three")
    same(inbox.take(3)[0], events[:3], "the oldest three, taken again")
    same(inbox.take(100)[0], events, "all")
    inbox.close()


def forget_drops_what_was_taken_and_nothing_else(make: Make[Inbox]) -> None:
    """`forget` drops events up to the position that `take` gave, for good; later ones stay."""
    name = fresh("forget")
    inbox = _emptied(make)
    inbox.put([_event(name, number) for number in range(5)])
    taken, position = inbox.take(2)
    inbox.put([_event(name, 5)])
    inbox.forget(position)
    same(_ids(taken), [f"{name}-0", f"{name}-1"], "taken")
    same(_ids(inbox.take(10)[0]), [f"{name}-{number}" for number in range(2, 6)], "left")
    inbox.forget(position)
    inbox.close()
    inbox = make()
    same(_ids(inbox.take(10)[0]), [f"{name}-{number}" for number in range(2, 6)], "left after reopening")
    inbox.close()


def forgotten_ids_stay_known(make: Make[Inbox]) -> None:
    """An event that was forgotten and comes again changes nothing, also after reopening."""
    name = fresh("known")
    inbox = _emptied(make)
    inbox.put([_event(name, 1)])
    inbox.forget(inbox.take(10)[1])
    same(inbox.put([_event(name, 1)]), 0, "new events")
    inbox.close()
    inbox = make()
    same(inbox.put([_event(name, 1), _event(name, 2)]), 1, "new events after reopening")
    same(_ids(inbox.take(10)[0]), [f"{name}-2"], "waiting events")
    inbox.close()


def positions_only_grow(make: Make[Inbox]) -> None:
    """A position given out earlier never drops an event that came later, even if everything was forgotten between."""
    name = fresh("grow")
    inbox = _emptied(make)
    inbox.put([_event(name, 1)])
    old = inbox.take(10)[1]
    inbox.forget(old)
    inbox.close()
    inbox = make()
    inbox.put([_event(name, 2)])
    inbox.forget(old)
    same(_ids(inbox.take(10)[0]), [f"{name}-2"], "waiting events")
    inbox.close()


def waiting_events_can_be_paged(make: Make[Inbox]) -> None:
    """`take` behind a position goes on where another one ended, and at the end gives nothing and that position."""
    name = fresh("pages")
    inbox = _emptied(make)
    inbox.put([_event(name, number) for number in range(5)])
    first, position = inbox.take(2)
    second, end = inbox.take(10, after=position)
    same(_ids([*first, *second]), [f"{name}-{number}" for number in range(5)], "events of both pages")
    same(inbox.take(10, after=end), ([], end), "events behind the last")
    inbox.close()


def erased_events_are_gone_with_their_ids(make: Make[Inbox]) -> None:
    """Erased events are neither waiting nor known, whether forgotten or not; all others stay as they are."""
    name = fresh("erase")
    inbox = _emptied(make)
    inbox.put([_event(name, number) for number in range(3)])
    inbox.forget(inbox.take(10)[1])
    inbox.put([_event(name, number) for number in range(3, 7)])
    same(inbox.erase([f"{name}-{number}" for number in (1, 4, 99)]), 2, "events erased")
    same(inbox.erase([f"{name}-1", f"{name}-4"]), 0, "events erased again")
    same(inbox.erase([]), 0, "events erased of nobody")
    inbox.close()
    inbox = make()
    same(_ids(inbox.take(10)[0]), [f"{name}-{number}" for number in (3, 5, 6)], "waiting events")
    same(inbox.put([_event(name, number) for number in range(7)]), 2, "new events of all that come again")
    same(_ids(inbox.take(10)[0])[-2:], [f"{name}-1", f"{name}-4"], "the newest events")
    inbox.close()


def nothing_is_nothing(make: Make[Inbox]) -> None:
    """Putting nothing accepts nothing; taking from an empty inbox gives nothing, and its position drops nothing."""
    name = fresh("nothing")
    inbox = _emptied(make)
    same(inbox.put([]), 0, "new events")
    none, position = inbox.take(10)
    same(none, [], "events")
    inbox.put([_event(name, 1)])
    inbox.forget(position)
    same(_ids(inbox.take(10)[0]), [f"{name}-1"], "waiting events")
    inbox.close()


def many_callers_at_once(make: Make[Inbox]) -> None:
    """Threads that put the same ids at the same time: each id is new exactly once, and none is lost."""
    name = fresh("threads")
    inbox = _emptied(make)
    counts: list[int] = []

    def work() -> None:
        counts.extend(inbox.put([_event(name, number)]) for number in range(40))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(sum(counts), 40, "new events over all threads")
    same(sorted(_ids(inbox.take(100)[0])), sorted(f"{name}-{number}" for number in range(40)), "events")
    inbox.close()


def _put_range(say: Connection, gate: Connection, make: Make[Inbox], name: str, start: int) -> None:
    with starting(say, gate):
        inbox = make()
        say.send(sum(inbox.put([_event(name, number)]) for number in range(start, start + 40)))
        inbox.close()


def many_processes_at_once(make: Make[Inbox]) -> None:
    """Processes that put overlapping ids at the same time: each id is new exactly once, and none is lost."""
    name = fresh("processes")
    _emptied(make).close()
    said = together(_put_range, [(make, name, start) for start in (0, 20, 40, 60)])
    same(sum(count for (count,) in said if isinstance(count, int)), 100, "new events over all processes")
    inbox = make()
    same(sorted(_ids(inbox.take(200)[0])), sorted(f"{name}-{number}" for number in range(100)), "events")
    inbox.close()


def _put_forever(say: Connection, make: Make[Inbox], name: str, start: int) -> None:
    inbox = make()
    say.send(-1)
    for number in range(start, start + 1_000_000):
        inbox.put([_event(name, 2 * number), _event(name, 2 * number + 1)])
        say.send(number)


def killed_writer_loses_nothing(make: Make[Inbox]) -> None:
    """After `kill -9` at any instant, every acknowledged event is there, none is torn, and the inbox opens."""
    name = fresh("kill")
    _emptied(make).close()
    instants = np.random.default_rng(1).uniform(0.0, 0.03, _KILLS)
    acknowledged: set[int] = set()
    start = 0
    for instant in instants:
        child = Child(_put_forever, make, name, start)
        child.hear()
        acknowledged.update(
            number for number in child.kill_after(float(instant)) if isinstance(number, int) and number >= 0
        )
        start = max(acknowledged, default=-1) + 1
    require(bool(acknowledged), "no writer lived long enough to put an event")
    inbox = make()
    found = {event.message_id: event.body for event in inbox.take(_ALL)[0]}
    lost = [number for number in acknowledged if not {f"{name}-{2 * number}", f"{name}-{2 * number + 1}"} <= set(found)]
    require(not lost, f"{len(lost)} of {len(acknowledged)} acknowledged calls lost events after {_KILLS} kills")
    torn = [key for key, body in found.items() if body != _body(name, int(key.rsplit("-", 1)[1]))]
    require(not torn, f"{len(torn)} events are torn: {torn[:3]}")
    inbox.close()


INBOX_CHECKS: tuple[Check[Inbox], ...] = (
    accepted_events_survive_reopening,
    same_id_changes_nothing,
    oldest_events_are_taken_first,
    forget_drops_what_was_taken_and_nothing_else,
    forgotten_ids_stay_known,
    positions_only_grow,
    nothing_is_nothing,
    waiting_events_can_be_paged,
    erased_events_are_gone_with_their_ids,
    many_callers_at_once,
    many_processes_at_once,
    killed_writer_loses_nothing,
)


def check_inbox(make: Make[Inbox]) -> None:
    """Run all checks of an inbox; `make` opens it, the same one on every call.

    Raises:
        AssertionError: it broke a promise; the text says which.
    """
    run_checks(INBOX_CHECKS, make)
