"""What has been said already: messages that count towards caps, pauses, budgets and limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from vocative.decide.eligibility.caps import longest_days
from vocative.deliver.recheck import contact_of, told_before
from vocative.records.acting import Contact
from vocative.records.cells import number
from vocative.records.ledger_tables import OUTBOX, TOLD
from vocative.records.limits import GlobalLimit
from vocative.records.schema import Row, Value
from vocative.stats.calendars import local_date
from vocative.store.permissions import owners_of
from vocative.workspace.opening import OpenWorkspace

_DAY_US = 86_400_000_000
_LONGEST_WAIT_DAYS = 31
# What was told before anybody said that it is told once counts as long as the outbox is kept.
_LONGEST_PAUSE_DAYS = OUTBOX.retention.days or 0
_COUNTED = ("queued", "claimed", "handing_over", "delivered", "unknown")


class ContactHistory(NamedTuple):
    """Messages that count, money committed by channel on this day, and what was used of each limit on its days."""

    contacts: list[Contact]
    spent: Mapping[str, float]
    used: Mapping[str, float]


def said_before(
    workspace: OpenWorkspace, now: int, *, before: int | None = None, imagined: Sequence[Row] = ()
) -> ContactHistory:
    """What counts as of `now` (µs UTC).

    Who looks at a span of the past as if something else had been said in it gives its beginning and what that was: of
    the outbox only what was there `before` counts, and rows like its own are `imagined` after that.
    """
    last = now if before is None else min(before, now)
    pauses = (_LONGEST_PAUSE_DAYS if one.once else one.pause_days for one in workspace.campaigns)
    # A message may leave as late as its hours allow after it was queued, and counts from then on.
    since = now - (max(longest_days(workspace.settings.caps), *pauses, 0) + _LONGEST_WAIT_DAYS) * _DAY_US
    with workspace.stores.ledger.transaction() as transaction:
        queued = transaction.select(OUTBOX, since=("queued_at", since))
        told = transaction.select(TOLD) if any(one.once for one in workspace.campaigns) else []
        owners = owners_of(transaction)
    zone = workspace.settings.business.timezone
    there = [row for row in queued if _micros(row["queued_at"]) < last]
    rows = [_as_of(row, now, zone) for row in (*there, *imagined) if _counts(row, now)]
    days = [(row, local_date(_micros(row["send_at"]), zone).toordinal()) for row in rows]
    today = local_date(now, zone).toordinal()
    spent: dict[str, float] = {}
    for row, day in days:
        if day == today:
            channel = str(row["channel"])
            spent[channel] = spent.get(channel, 0.0) + number(row["cost"])
    limits = workspace.settings.limits.items()
    used = {name: sum(_uses(row, limit) for row in _lately(days, today, limit.days)) for name, limit in limits}
    contacts = [
        contact_of({**row, "person_id": owners.get(str(row["person_id"]), row["person_id"])}, _local_day(row))
        for row in rows
    ]
    contacts += [
        told_before(row, owners.get(str(row["person_id"]), str(row["person_id"])))
        for row in told
        if _micros(row["told_at"]) < last
    ]
    return ContactHistory(contacts, spent, used)


def _lately(rows: Iterable[tuple[Row, int]], today: int, days: int) -> Iterable[Row]:
    # What waits for a later day counts too: a limit holds for every span of days that holds this one.
    return (row for row, day in rows if day > today - days)


def _uses(row: Row, limit: GlobalLimit) -> float:
    """What a message uses of a limit."""
    if limit.channels and row["channel"] not in limit.channels:
        return 0.0
    if limit.campaigns and row["campaign"] not in limit.campaigns:
        return 0.0
    if limit.counts == "offers":
        return 1.0 if row["offer"] else 0.0
    return number(row["cost"]) if limit.counts == "money" else 1.0


def _counts(row: Row, now: int) -> bool:
    """Whether a message counted as of `now`: it had left, or it waited and could still leave.

    What has expired waits until somebody drops it, and says nothing to anybody any more.
    """
    dropped = row["dropped_at"]
    standing = row["state"] in _COUNTED or (isinstance(dropped, int) and dropped >= now)
    if _micros(row["queued_at"]) >= now or not standing:
        return False
    return _has_left(row, now) or _micros(row["expires_at"]) > now


def _has_left(row: Row, now: int) -> bool:
    handed_over = row["handed_over_at"]
    return isinstance(handed_over, int) and handed_over < now


def _as_of(row: Row, now: int, business_zone: str) -> Row:
    """A message as it stood: one that was waiting counts on the day on which it can leave, today at the earliest."""
    if _has_left(row, now):
        return row
    send_at = max(_micros(row["send_at"]), now)
    day = local_date(send_at, str(row["zone"] or "") or business_zone)
    return {**row, "handed_over_at": None, "send_at": send_at, "local_day": day.isoformat()}


def _local_day(row: Row) -> int:
    return date.fromisoformat(str(row["local_day"])).toordinal()


def _micros(value: Value) -> int:
    return value if isinstance(value, int) else 0
