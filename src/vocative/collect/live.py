"""Events as they come in one by one: durable in the inbox before they are acknowledged, then moved to the lake once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vocative.collect.commit.commit import commit_again
from vocative.collect.commit.erased import erased_rows, keep_out
from vocative.collect.commit.files import LOCK_SECONDS, staging
from vocative.collect.commit.understand import Origin, Staged, understand
from vocative.collect.formats.json_rows import from_objects
from vocative.collect.formats.raw import json_text
from vocative.collect.mapping.canonical import LONGEST_IDENTIFIER
from vocative.collect.mapping.mapping import mapping_or_canonical, used_columns
from vocative.collect.mapping.staging import parquet_scan
from vocative.records.lake_tables import QUARANTINE
from vocative.records.progress import Progress, no_progress
from vocative.records.results import ImportAccount
from vocative.records.settings import Settings
from vocative.stats.hashing import stable_id
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Accepted, Inbox, Relation, Stores

_AT_ONCE = 100_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000_000
_OLDEST = -2_177_452_800_000_000
_TEXTS = ("message_id", "event", "user_id", "anonymous_id", "session_id", "order_id", "item_id", "channel", "text")
_NOT_REFUSED_BEFORE = """
    SELECT bad.* FROM bad ANTI JOIN
    (SELECT import_id, row, content FROM quarantine WHERE kind = 'events' AND file = $file) AS before
    ON before.content = bad.content
    AND (bad.content <> '{}' OR (before.import_id = bad.import_id AND before.row = bad.row))
"""
_NUMBERS = ("quantity", "amount", "discount", "duration")


@dataclass(frozen=True, slots=True)
class Rejected:
    """One event that was not taken: its place in the call, counted from 0, and why."""

    index: int
    reason: str


def accept(inbox: Inbox, events: Sequence[Mapping[str, object]], now: int) -> tuple[int, int, list[Rejected]]:
    """Check events and make the good ones durable.

    Args:
        inbox: where they wait.
        events: each with the canonical columns of an event as keys; `timestamp` as microseconds since 1970 or as ISO
            text with a zone, and `now` when missing; properties as an object. `message_id` is derived when missing.
        now: microseconds since 1970 in UTC: when the business came to know them.

    Returns:
        How many were accepted, how many were known already, and those refused with the reason.
    """
    good: list[Accepted] = []
    rejected: list[Rejected] = []
    for index, event in enumerate(events):
        try:
            good.append(_checked(event, now))
        except _RefusedError as error:
            rejected.append(Rejected(index, str(error)))
    accepted = inbox.put(good) if good else 0
    return accepted, len(good) - accepted, rejected


class _RefusedError(Exception):
    """An event that cannot be taken; the text says why."""


def _checked(event: Mapping[str, object], now: int) -> Accepted:
    if not isinstance(event, Mapping):
        raise _RefusedError("the event must be an object")
    row: dict[str, object] = {name: _text(event, name) for name in _TEXTS}
    row |= {name: _number(event, name) for name in _NUMBERS}
    if row["event"] is None:
        raise _RefusedError("event: event is empty")
    if row["user_id"] is None and row["anonymous_id"] is None:
        raise _RefusedError("user_id: neither user_id nor anonymous_id says whose event it is")
    moment = _moment(event.get("timestamp"), now)
    if moment > now + _DAY:
        raise _RefusedError("timestamp: it lies in the future")
    not_me = event.get("not_me", False)
    if not isinstance(not_me, bool):
        raise _RefusedError("not_me: must be true or false")
    row |= {
        "timestamp": _iso(moment),
        "known_at": _iso(now),
        "not_me": not_me,
        "properties": _properties(event.get("properties")),
    }
    content = json_text({name: value for name, value in row.items() if name != "known_at" and value is not None})
    row["message_id"] = row["message_id"] or stable_id(content)
    body = json_text({name: value for name, value in row.items() if value is not None})
    return Accepted(str(row["message_id"]), body.encode(), now)


def _text(event: Mapping[str, object], name: str) -> str | None:
    value = event.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _RefusedError(f"{name}: must be text")
    text = str(value).strip()
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _RefusedError(f"{name}: holds what is no text") from error
    if name.endswith("_id") and len(text) > LONGEST_IDENTIFIER:
        raise _RefusedError(f"{name}: {name} is longer than {LONGEST_IDENTIFIER} characters")
    return text or None


def _properties(value: object) -> dict[str, object] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _RefusedError("properties: must be an object")
    try:
        json_text(dict(value))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _RefusedError(f"properties: cannot be written as JSON ({error})") from error
    return dict(value) or None


def _number(event: Mapping[str, object], name: str) -> float | None:
    value = event.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _RefusedError(f"{name}: must be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _RefusedError(f"{name}: must be a number of usual size")
    return number


def _moment(value: object, now: int) -> int:
    if value is None:
        return now
    if isinstance(value, int) and not isinstance(value, bool):
        moment = value
    elif isinstance(value, str):
        try:
            moment = _from_iso(value)
        except ValueError as error:
            raise _RefusedError(f"timestamp: {value[:80]!r} is no moment with a zone") from error
    else:
        raise _RefusedError("timestamp: must be microseconds since 1970 or ISO text")
    if moment < _OLDEST:
        raise _RefusedError("timestamp: it lies before 1901")
    return moment


def _from_iso(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _iso(moment: int) -> str:
    return (_EPOCH + timedelta(microseconds=moment)).isoformat()


def drain(
    stores: Stores, settings: Settings, now: int, progress: Progress = no_progress, scratch: Path | None = None
) -> ImportAccount:
    """Move everything that waits in the inbox to the lake, exactly once even if killed anywhere.

    Events are appended first and forgotten by the inbox afterwards; killed in between, the next drain finds their ids
    in the lake and merges them.

    Args:
        stores: the inbox is emptied into the lake.
        settings: of the workspace.
        now: microseconds since 1970 in UTC.
        progress: told how many events were moved.
        scratch: folder for staging; the system's own when missing.

    Returns:
        The account of all events taken.
    """
    total = ImportAccount(import_id="", kind="events", file="inbox", read=0, accepted=0, merged=0, rejected=0)
    with stores.ledger.lock("collect.events", timeout=LOCK_SECONDS):
        while True:
            events, position = stores.inbox.take(_AT_ONCE)
            if not events:
                return total
            total = _sum(total, _move(stores, settings, events, now, scratch))
            stores.inbox.forget(position)
            progress(total.read, None, "moving")


def _move(
    stores: Stores, settings: Settings, events: Sequence[Accepted], now: int, scratch: Path | None
) -> ImportAccount:
    name = stable_id("inbox", *(event.message_id for event in events))
    mapping = mapping_or_canonical(None, "events", None)
    names = used_columns(mapping)
    raw = from_objects(lambda: _bodies(events), names, names, (), "properties.")
    with staging(scratch, "events", name) as folder:
        origin = Origin(name, "inbox", "inbox", now, loose=True)
        staged = understand(stores.engine, settings.business.timezone, raw, mapping, origin, folder, no_progress)
        staged = keep_out(stores, staged, mapping)
        account = commit_again(stores, staged)
        _refuse(stores, staged)
        erased = erased_rows(staged, stores.engine)
        if erased:
            # An id may tell whose event it was, so it is not kept either.
            stores.inbox.erase([events[row - 1].message_id for row in erased])
    return account


def _refuse(stores: Stores, staged: Staged) -> None:
    """Quarantine what was refused, but for what an earlier drain, killed before it forgot, has put there already.

    The batch of then and the batch of now need not be the same, so a token alone would not tell.
    """
    if not staged.refused:
        return
    known = stores.lake.scan(QUARANTINE)
    relations: dict[str, Relation] = {"bad": parquet_scan("bad", staged.bad), "quarantine": known}
    fresh = stores.engine.query(_NOT_REFUSED_BEFORE, relations, {"file": staged.name})
    if fresh.num_rows:
        schema = arrow_schema(QUARANTINE)
        token = f"again:{staged.import_id}:{known.version}"
        stores.lake.append(QUARANTINE, fresh.select(schema.names).cast(schema), token=token)


def _bodies(events: Sequence[Accepted]) -> Iterator[tuple[int, str]]:
    for number, event in enumerate(events, 1):
        yield number, event.body.decode()


def _sum(one: ImportAccount, other: ImportAccount) -> ImportAccount:
    return ImportAccount(
        import_id=other.import_id,
        kind="events",
        file="inbox",
        read=one.read + other.read,
        accepted=one.accepted + other.accepted,
        merged=one.merged + other.merged,
        rejected=one.rejected + other.rejected,
        marked=one.marked + other.marked,
    )
