"""How long rows are kept: what is declared with each table, or what the business chose for it (GDPR, Art. 5 (1) e).

What rules count on (pauses of up to a year, lots that are learnt from) stands in the ledger and is not for choosing;
neither is what has no limit but erasure.
"""

from __future__ import annotations

from collections.abc import Mapping

from vocative.records.lake_tables import LAKE_TABLES
from vocative.records.schema import Table
from vocative.records.settings import Kept
from vocative.stats.calendars import DAY_US

_WEEK_DAYS, _THURSDAY = 7, 3

CHOOSABLE: tuple[str, ...] = tuple(table.name for table in LAKE_TABLES if table.retention.since)
"""Tables whose days a business may choose."""


def kept_days(table: Table, chosen: Mapping[str, Kept]) -> int | None:
    """Days for which rows of the table are kept; None: until they are erased.

    >>> from vocative.records.lake_tables import DECISIONS, EVENTS
    >>> kept_days(EVENTS, {}), kept_days(DECISIONS, {}), kept_days(DECISIONS, {"decisions": 365})
    (None, 90, 365)
    """
    days = chosen.get(table.name, table.retention.days)
    return None if days == "none" else days


def oldest_kept(table: Table, chosen: Mapping[str, Kept], now: int) -> int | None:
    """Rows whose moment in the column `table.retention.since` lies before this one (µs UTC) go; None: no row goes."""
    days = kept_days(table, chosen)
    return None if days is None else now - days * DAY_US


def in_words(table: Table, chosen: Mapping[str, Kept]) -> str:
    """For how long rows are kept and why, for the person whose rows they are.

    >>> from vocative.records.lake_tables import DECISIONS
    >>> in_words(DECISIONS, {})
    '90 days from moment on: as long as a decision can be asked about and replayed'
    """
    days, since = kept_days(table, chosen), table.retention.since
    until = "until erased" if days is None else f"{days} days from {since} on"
    return f"{until}: {'the business chose so' if table.name in chosen else table.retention.why}"


def is_due(now: int, last: int | None) -> bool:
    """Whether a run at `now` is the first of its week (Monday to Sunday, UTC) after one at `last` (µs UTC).

    Deleting writes files anew that also hold younger rows, so it is done once a week.

    >>> monday, tuesday = 4 * DAY_US, 5 * DAY_US
    >>> is_due(tuesday, None), is_due(tuesday, monday), is_due(monday, monday - 1)
    (True, False, True)
    """
    return last is None or _week(now) != _week(last)


def _week(moment: int) -> int:
    # The first of January 1970 was a Thursday.
    return (moment // DAY_US + _THURSDAY) // _WEEK_DAYS
