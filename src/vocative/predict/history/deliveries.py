"""Messages that were handed over to people, and what people did with them; what machines did with them is left out.

A message is an event of the role `sent`; where the business names none, one that Vocative handed over itself. An open,
a click or a reply that names its channel is an answer to the last message over this channel; so is a purchase or a use
of an offer that is said to have come through it. What is bought otherwise is none: people buy anyway.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa

from vocative.facts.facts import PERMITTED
from vocative.facts.grain import with_clause
from vocative.facts.people import KNOWN
from vocative.facts.scope import CODES, FOR_GOOD, SLOT_US, text_literal
from vocative.predict.history.bot_reactions import by_machine
from vocative.predict.history.event_history import DAY_US, Flags, Integers, Past, places
from vocative.predict.history.local_time import HOURS, local_seconds
from vocative.records.settings import Role

ANSWER_US = 3 * DAY_US
"""What comes later than this after a message (µs) is no answer to it."""
_FIELDS: list[pa.Field[Any]] = [
    pa.field("person_id", pa.string()),
    pa.field("channel", pa.string()),
    pa.field("us", pa.int64()),
]
COLUMNS = pa.schema(_FIELDS)
"""What `Past` is told of messages that Vocative handed over: a row for each; `us` is the moment, µs UTC."""
_ANSWERS: tuple[Role, ...] = ("open", "click", "reply", "purchase", "redeem")
_SENT, _OPEN, _CLICK = CODES["sent"], CODES["open"], CODES["click"]
_HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Messages:
    """Columns of one length, ordered by person, channel and moment: what was handed over, and what came of it.

    `channel` is a place in `channels`, `us` the moment (µs UTC), `hour` that on the clock of the person. `opened` and
    `answered` (a click, a reply, a purchase, a use of an offer) are people's; `machine` says that a machine was there.
    """

    who: Integers
    channel: Integers
    us: Integers
    hour: Integers
    opened: Flags
    answered: Flags
    machine: Flags
    channels: tuple[str, ...]

    @property
    def reacted(self) -> Flags:
        """Whether somebody opened or answered each."""
        return self.opened | self.answered

    def where(self, chosen: Flags) -> Messages:
        """The messages that are chosen."""
        columns = {one.name: getattr(self, one.name)[chosen] for one in fields(self) if one.name != "channels"}
        return Messages(**columns, channels=self.channels)

    def __len__(self) -> int:
        return len(self.us)


def handed_before(past: Past, moment: int) -> Messages:
    """Messages that people had time to answer before the moment (µs UTC), with the answers known by then."""
    every = past.once("messages", moment, _known)
    return every.where(every.us < moment - ANSWER_US)


def handed_during(past: Past, moment: int, days: float, by: int) -> Messages:
    """Messages from the moment on of which people had time to answer within some days, as known by another moment."""
    every = past.once("messages", by, _known)
    end = min(moment + round(days * DAY_US), by) - ANSWER_US
    return every.where((every.us >= moment) & (every.us < end))


@dataclass(frozen=True, slots=True)
class _Log:
    """Hand-overs and answers as they were recorded: `until` is up to when each was the person's own."""

    who: Integers
    us: Integers
    known: Integers
    until: Integers
    role: Integers
    channel: Integers
    channels: tuple[str, ...]

    def before(self, moment: int, reach: int) -> Flags:
        """What had happened, was known and was the person's own at a moment."""
        lately = (self.us < moment) & (self.us >= moment - reach)
        return lately & (self.known < moment) & (self.until >= moment)


def _known(past: Past, moment: int) -> Messages:
    log = past.once("log of messages", past.now, _read)
    told = log.before(moment, past.settings.features.history_days * DAY_US)
    sent, came = np.flatnonzero(told & (log.role == _SENT)), np.flatnonzero(told & (log.role != _SENT))
    pair = log.who * max(len(log.channels), 1) + log.channel
    sent = sent[np.lexsort((log.us[sent], pair[sent]))]
    place = _last_before(pair[sent], log.us[sent], pair[came], log.us[came])
    after = log.us[came] - log.us[sent][place] if len(sent) else came
    kept = (place >= 0) & (after < ANSWER_US)
    place, after, role = place[kept], after[kept], log.role[came][kept]
    machine = ((role == _OPEN) | (role == _CLICK)) & by_machine(place, after, role == _CLICK)

    def any_of(rows: Flags) -> Flags:
        return np.bincount(place[rows], minlength=len(sent)) > 0

    who, us = log.who[sent], log.us[sent]
    return Messages(
        who=who,
        channel=log.channel[sent],
        us=us,
        hour=local_seconds(past, moment, who, us) // _HOUR_S % HOURS,
        opened=any_of((role == _OPEN) & ~machine),
        answered=any_of((role != _OPEN) & ~machine),
        machine=any_of(machine),
        channels=log.channels,
    )


def _last_before(pair: Integers, us: Integers, wanted: Integers, at: Integers) -> Integers:
    """Of each wanted pair and moment the row of the same pair that came last by then; -1 where there is none."""
    rows = len(pair)
    order = np.lexsort(
        (np.arange(rows + len(wanted)) >= rows, np.concatenate([us, at]), np.concatenate([pair, wanted]))
    )
    latest = np.maximum.accumulate(np.where(order < rows, order, -1))
    found = np.full(rows + len(wanted), -1, np.int64)
    found[order] = latest
    found = found[rows:]
    if rows:
        found[(found >= 0) & (pair[found] != wanted)] = -1
    return found


def _read(past: Past, _: int) -> _Log:
    settings = past.settings
    scope = past.sources.scope(past.now, settings, ever=True)
    only = next(iter(settings.channels)) if len(settings.channels) == 1 else ""
    # Who has one channel does not have to name it; but what is bought without a channel is no answer.
    contact = ", ".join(str(CODES[role]) for role in ("sent", "open", "click", "reply"))
    channel = f"coalesce(channel, CASE WHEN role IN ({contact}) THEN nullif({text_literal(only)}, '') END)"
    roles = ", ".join(str(CODES[role]) for role in ("sent", *_ANSWERS))
    table = past.engine.query(
        f"""WITH {", ".join(with_clause([PERMITTED, KNOWN], scope))}
SELECT CAST(who - 1 AS BIGINT) AS who, us, min(known) AS known, max(until) AS until, CAST(role AS BIGINT) AS role,
  {channel} AS channel
FROM permitted_events
WHERE us >= {scope.horizon * SLOT_US} AND role IN ({roles}) AND {channel} IS NOT NULL
GROUP BY 1, 2, 5, 6 ORDER BY 1, 2, 5, 6""",
        past.sources.relations(),
    )
    if not settings.events.get("sent") and past.handed is not None:
        table = pa.concat_tables([table, _own(past, past.handed().select(COLUMNS.names))])
    names = tuple(sorted({str(one) for one in table["channel"].unique().to_pylist()}))
    who, us, known, until, role = (np.asarray(table[one], np.int64) for one in ("who", "us", "known", "until", "role"))
    return _Log(who, us, known, until, role, places(table["channel"], pa.array(names, pa.string())), names)


def _own(past: Past, handed: pa.Table) -> pa.Table:
    """Messages that Vocative handed over, in the columns of what was recorded."""
    who, us = past.numbers(handed["person_id"]), np.asarray(handed["us"], np.int64)
    rows = np.flatnonzero((who >= 0) & (us < past.now))
    channel = handed["channel"].combine_chunks().take(rows)
    who, us = who[rows], us[rows]
    columns = {"who": who, "us": us, "known": us, "until": np.full(len(us), FOR_GOOD), "role": np.full(len(us), _SENT)}
    return pa.table({**{name: pa.array(values, pa.int64()) for name, values in columns.items()}, "channel": channel})
