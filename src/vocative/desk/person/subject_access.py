"""Everything about one person: the 360° profile, why each decision was made, and all that is kept, as one answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

import msgspec
import pyarrow as pa
from msgspec import Struct

from vocative.decide.eligibility.filters import in_words
from vocative.desk.person.subject_rows import (
    Subject,
    identify,
    own_lake_rows,
    own_ledger_rows,
    own_waiting,
    subject_tables,
)
from vocative.errors import UnknownPersonError
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.records_io import decision_of
from vocative.line.snapshot.snapshot import Snapshot
from vocative.profile.batch import build_features
from vocative.profile.card.card import ProfileCard, profile_card
from vocative.profile.standard.standard import STANDARD
from vocative.records.acting import Candidate, Decision, Offer
from vocative.records.cells import integer
from vocative.records.lake_tables import AFFINITIES, DECISIONS, FEATURES, MESSAGES
from vocative.records.schema import ColumnType, Row, Table
from vocative.records.settings import Kept
from vocative.stats.calendars import DAY_US
from vocative.store.permissions import owners_of, read_permissions
from vocative.trust.retention import in_words as kept_in_words
from vocative.workspace.opening import OpenWorkspace

_LATEST = 10
_FRESH_DAYS = 2
_FEATURES_SQL = """
WITH newest AS (
  SELECT max(moment) AS moment FROM features
  WHERE moment <= make_timestamptz($now) AND moment >= make_timestamptz($then)
)
SELECT epoch_us(newest.moment) AS newest, mine.features FROM newest
LEFT JOIN features AS mine ON mine.moment = newest.moment AND mine.person_id = $person
"""
_LIKED_SQL = "SELECT * FROM affinities WHERE moment = make_timestamptz($at) AND person_id = $person"


class Why(Struct, frozen=True, kw_only=True):
    """One decision about one person, in words."""

    moment: str
    outcome: str
    because: str
    candidates: dict[str, str]
    """Campaign → what became of it."""
    subject: str | None
    """Subject of the message, if one was written."""
    propensity: float
    """Probability with which this outcome was chosen."""


def card_of(workspace: OpenWorkspace, person_id: str, now: int, scene: Snapshot | None = None) -> ProfileCard:
    """The 360° profile of a person at `now` (µs UTC).

    What is inferred is that of the newest run, if it is not older than two days; else it is worked out now. `scene` is
    the one of the person, if it is there.

    Raises:
        UnknownPersonError: nothing is known of such a person.
    """
    person, own = Snapshot.of_person(workspace, person_id, now)
    with workspace.stores.ledger.transaction() as transaction:
        permissions = read_permissions(transaction, [person])
    sources = (scene or own).sources
    engine, settings = workspace.stores.engine, workspace.settings
    features, affinities = _understood(workspace, person, now, sources.marks)
    if features is None and build_features(engine, sources, settings, [now], features=STANDARD[:1]).num_rows:
        # Both tell a person from others, so of somebody who did anything they have to be worked out of everybody.
        sources = Snapshot(workspace, now).sources
    return profile_card(engine, sources, settings, permissions, person, now, features=features, affinities=affinities)


def _understood(
    workspace: OpenWorkspace, person: str, now: int, marks: pa.Table
) -> tuple[dict[str, float] | None, pa.Table | None]:
    """Features and affinities of a person as a run of the last days has kept them, so that nobody else is read.

    Both are none where there was no such run, or an event was marked as somebody else's (or no more) since.
    """
    stores = workspace.stores
    asked: Row = {"person": person, "now": now, "then": now - _FRESH_DAYS * DAY_US}
    own = stores.engine.query(_FEATURES_SQL, {"features": stores.lake.scan(FEATURES)}, asked).to_pylist()
    if not own or own[0]["newest"] is None:
        return None, None
    newest = int(own[0]["newest"])
    moved = [*marks["since"].to_pylist(), *marks["until"].to_pylist()]
    if any(moment is not None and newest <= moment < now for moment in moved):
        return None, None
    relations = {"affinities": stores.lake.scan(AFFINITIES)}
    return dict(own[0]["features"] or {}), stores.engine.query(_LIKED_SQL, relations, {"person": person, "at": newest})


class KeptRows(Struct, frozen=True, kw_only=True):
    """What one table keeps of a person, what for and for how long."""

    purpose: str
    retention: str
    rows: list[dict[str, object]]


class PersonalData(Struct, frozen=True, kw_only=True):
    """Everything that is kept of one person: the answer to their request."""

    person_id: str
    as_of: str
    business: str
    identifiers: list[str]
    """Every identifier they are known by, with its kind in front."""
    profile: ProfileCard | None
    """None if there is nothing to show."""
    decisions: list[Why]
    """Why each message was or was not sent, newest first."""
    tables: dict[str, KeptRows]


def personal_data(workspace: OpenWorkspace, person_id: str, now: int) -> PersonalData:
    """Collect everything that is kept of a person at `now` (µs UTC), over all tables and all their identifiers.

    Raises:
        UnknownPersonError: nothing is kept of such a person.
    """
    person = identify(workspace.stores, person_id)
    tables = {name: kept for name, kept in _kept_tables(workspace, person) if kept.rows}
    if not tables:
        raise UnknownPersonError(f"nothing is kept of {person_id!r}", remedy="check the identifier")
    profile: ProfileCard | None = None
    with suppress(UnknownPersonError):
        profile = card_of(workspace, person.person_id, now)
    decisions: list[Why] = []
    with suppress(UnknownPersonError):
        decisions = why_of(workspace, person.person_id, now, latest=None)
    return PersonalData(
        person_id=person.person_id,
        as_of=to_text(now),
        business=workspace.settings.business.name,
        identifiers=sorted(person.who.aliases),
        profile=profile,
        decisions=decisions,
        tables=tables,
    )


def _kept_tables(workspace: OpenWorkspace, person: Subject) -> Iterator[tuple[str, KeptRows]]:
    stores, chosen = workspace.stores, workspace.settings.retention
    for table in subject_tables("lake"):
        rows = own_lake_rows(stores, workspace.settings, person, table).to_pylist()
        yield table.name, _kept(table, rows, chosen)
    with stores.ledger.transaction() as transaction:
        found = {table: own_ledger_rows(transaction, person, table) for table in subject_tables("ledger")}
    for table, ledger_rows in found.items():
        yield table.name, _kept(table, ledger_rows, chosen)
    yield (
        "inbox",
        KeptRows(
            purpose="events just accepted, on their way into the table events",
            retention="until the next run",
            rows=[msgspec.json.decode(event.body) for event in own_waiting(stores.inbox, person)],
        ),
    )


def _kept(table: Table, rows: Iterable[Mapping[str, object]], chosen: Mapping[str, Kept]) -> KeptRows:
    return KeptRows(
        purpose=table.purpose,
        retention=kept_in_words(table, chosen),
        rows=[{column.name: _plain(column.type, row[column.name]) for column in table.columns} for row in rows],
    )


def _plain(kind: ColumnType, value: object) -> object:
    """A cell as JSON shows it best: moments as text, objects as objects."""
    if value is None:
        return None
    if kind == "moment":
        return to_text(integer(value))
    if kind == "json":
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(str(value))
    if kind == "numbers" and isinstance(value, list):
        return dict(value)
    return value


def why_of(workspace: OpenWorkspace, person_id: str, now: int, *, latest: int | None = _LATEST) -> list[Why]:
    """The latest decisions about a person up to `now` (µs UTC), newest first; all of them if `latest` is None.

    Raises:
        UnknownPersonError: nothing has been decided about such a person.
    """
    with workspace.stores.ledger.transaction() as transaction:
        person = owners_of(transaction, [person_id]).get(person_id, person_id)
    rows = _rows(workspace, DECISIONS, person, now)
    if not rows:
        raise UnknownPersonError(
            f"nothing has been decided about {person_id!r} yet", remedy="run `vocative run`, or check the identifier"
        )
    subjects = {str(row["decision_id"]): str(row["subject"]) for row in _rows(workspace, MESSAGES, person, now)}
    return [_why(decision_of(row), subjects.get(str(row["decision_id"]))) for row in rows[:latest]]


def _rows(workspace: OpenWorkspace, table: Table, person_id: str, now: int) -> list[dict[str, object]]:
    found = workspace.stores.engine.query(
        f"SELECT * REPLACE (epoch_us(moment) AS moment) FROM {table.name} "
        "WHERE person_id = $person AND moment <= make_timestamptz($now) ORDER BY moment DESC",
        {table.name: workspace.stores.lake.scan(table)},
        {"person": person_id, "now": now},
    )
    rows: list[dict[str, object]] = found.to_pylist()
    return rows


def _why(decision: Decision, subject: str | None) -> Why:
    return Why(
        moment=to_text(decision.moment),
        outcome=decision.outcome,
        because=_because(decision),
        candidates={candidate.campaign: _fate(candidate, decision) for candidate in decision.candidates},
        subject=subject,
        propensity=decision.propensity,
    )


def _because(decision: Decision) -> str:
    if decision.outcome != "contact":
        return in_words(decision.reason)
    if decision.explored:
        return f"the campaign {decision.reason!r} was drawn by lot, so that effects can be learnt"
    return f"the campaign {decision.reason!r} had the highest expected worth"


def _fate(candidate: Candidate, decision: Decision) -> str:
    targets = ", ".join(f"{target.target} {target.probability:.0%}" for target in candidate.targets)
    about = f" ({targets})" if targets else ""
    if candidate.removed is not None:
        return f"removed: {in_words(candidate.removed)}"
    chosen = decision.chosen is not None and decision.chosen.campaign == candidate.campaign
    kind = "control, not sent" if decision.outcome == "control" else "chosen"
    worth = f"{candidate.score:.3f}" if candidate.score is not None else "–"
    if candidate.basis == "measured":
        worth += f" as measured by lot ({candidate.low:.3f} to {candidate.high:.3f})"
    return f"{kind if chosen else 'not chosen'}, worth {worth}{about}{_sizes(candidate)}{_ways(candidate)}"


def _sizes(candidate: Candidate) -> str:
    """The size of the offer and what the others would have been worth, where there was a choice."""
    if candidate.offer is None or not candidate.sizes:
        return ""
    others = ", ".join(f"{_size(one.offer)} {one.score:.3f}" for one in candidate.sizes)
    return f"; {_size(candidate.offer)} off, other sizes would be worth: {others}"


def _ways(candidate: Candidate) -> str:
    """The channel, and what the message would have been worth over the others, where there was a choice."""
    others = ", ".join(f"{one.channel} {one.score or 0.0:.3f}" for one in candidate.over)
    return f"; over {candidate.channel}, worth over other channels: {others}" if others else ""


def _size(offer: Offer) -> str:
    unit = " %" if offer.unit == "percent" else f" {offer.unit}".rstrip()
    return "nothing" if offer.discount is None else f"{offer.discount:.12g}{unit}"
