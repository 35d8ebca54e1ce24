"""Time as an argument: reading `--now`, and the rule that it does not run backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from vocative.errors import ClockError
from vocative.records.cells import integer
from vocative.records.ledger_tables import RUNS

if TYPE_CHECKING:
    # Not for reading a moment: it draws in pyarrow.
    from vocative.store.protocols import Ledger

WHOLE_RUN = ""
# Clocks of two machines differ a little: a job that names its own moment is not refused for that.
_TOLERANCE_US = 60_000_000
SIMULATED = "A simulation: its time is not that of this machine's clock."
"""Said wherever a workspace that says `simulation = true` shows what it did."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# No business acted by e-mail before, and a year or two beyond the last one dates can be counted on.
_FIRST_YEAR, _LAST_YEAR = 1990, 2199
_SHOWN_CHARACTERS = 40


def to_micros(moment: datetime) -> int:
    """A moment with a zone as microseconds since 1970 in UTC.

    Raises:
        ClockError: the moment has no zone.
    """
    if moment.tzinfo is None:
        raise ClockError(
            f"the moment {moment.isoformat()} has no zone", remedy="write it like 2026-01-05T03:00Z or …T05:00+02:00"
        )
    return (moment - _EPOCH) // timedelta(microseconds=1)


def parse_moment(text: str) -> int:
    """Read a moment such as `2026-01-05T03:00Z`, as microseconds since 1970 in UTC.

    >>> parse_moment("1970-01-01T00:00:01Z")
    1000000

    Raises:
        ClockError: it is no moment, or has no zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ClockError(
            f"{text[:_SHOWN_CHARACTERS]!r} is not a moment", remedy="write it like 2026-01-05T03:00Z"
        ) from error
    return to_micros(moment)


def refuse_impossible(now: int) -> None:
    """Refuse a moment at which nobody can act: before 1990 or after 2199, which a slip of the finger makes of a year.

    Raises:
        ClockError: it lies outside.
    """
    if (
        not to_micros(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC))
        <= now
        < to_micros(datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC))
    ):
        raise ClockError(
            f"{_shown(now)} is no moment at which anything can be done",
            remedy=f"write one of the years {_FIRST_YEAR} to {_LAST_YEAR}, like 2026-01-05T03:00Z",
        )


def _shown(moment: int) -> str:
    try:
        return to_text(moment)
    except OverflowError:
        return f"{moment} µs since 1970"


def to_text(moment: int) -> str:
    """A moment as ISO 8601 text in UTC, such that `parse_moment` gives it back; no fraction for whole seconds.

    >>> to_text(1000000), to_text(1500000)
    ('1970-01-01T00:00:01Z', '1970-01-01T00:00:01.500000Z')
    """
    return (_EPOCH + timedelta(microseconds=moment)).replace(tzinfo=None).isoformat() + "Z"


def lies_ahead(now: int, clock: int) -> bool:
    """Whether a moment lies ahead of a machine's clock, both µs UTC, by more than two clocks differ.

    >>> lies_ahead(60_000_000, 0), lies_ahead(60_000_001, 0)
    (False, True)
    """
    return now > clock + _TOLERANCE_US


def refuse_going_back(ledger: Ledger, now: int) -> None:
    """Refuse a moment before the newest completed run, and one at which nobody can act.

    Raises:
        ClockError: a later run has been completed, or the year is a slip of the finger.
    """
    refuse_impossible(now)
    with ledger.transaction() as transaction:
        done = transaction.select(RUNS, {"stage": WHOLE_RUN, "state": "done"}, since=("moment", now + 1))
    if done:
        newest = max(integer(row["moment"]) for row in done)
        raise ClockError(
            f"{to_text(now)} lies before the last completed run ({to_text(newest)})",
            remedy="give a later --now, or look without acting: --dry-run; `vocative run --undo` takes that run back",
        )
