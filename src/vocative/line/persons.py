"""Everything about one person: the 360° profile, and why each decision was made."""

from __future__ import annotations

from msgspec import Struct

from vocative.decide.filters import REASONS
from vocative.errors import UnknownPersonError
from vocative.line.clock import to_text
from vocative.line.rows import decision_of
from vocative.line.scene import Scene
from vocative.profile.card import Card, profile_card
from vocative.records.acting import Candidate, Decision
from vocative.records.lake_tables import DECISIONS, MESSAGES
from vocative.records.schema import Table
from vocative.store.permissions import owners_of, read_permissions
from vocative.workspace.opening import Workspace

_LATEST = 10


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


def card_of(workspace: Workspace, person_id: str, now: int) -> Card:
    """The 360° profile of a person at `now` (µs UTC).

    Raises:
        UnknownPersonError: nothing is known of such a person.
    """
    with workspace.stores.ledger.transaction() as transaction:
        person = owners_of(transaction, [person_id]).get(person_id, person_id)
        permissions = read_permissions(transaction, [person])
    return profile_card(
        workspace.stores.engine, Scene(workspace, now).sources, workspace.settings, permissions, person, now
    )


def why_of(workspace: Workspace, person_id: str, now: int) -> list[Why]:
    """The last ten decisions about a person up to `now` (µs UTC), newest first.

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
    return [_why(decision_of(row), subjects.get(str(row["decision_id"]))) for row in rows[:_LATEST]]


def _rows(workspace: Workspace, table: Table, person_id: str, now: int) -> list[dict[str, object]]:
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
        return REASONS.get(decision.reason, decision.reason)
    return f"the campaign {decision.reason!r} had the highest expected worth"


def _fate(candidate: Candidate, decision: Decision) -> str:
    targets = ", ".join(f"{target.target} {target.probability:.0%}" for target in candidate.targets)
    about = f" ({targets})" if targets else ""
    if candidate.removed is not None:
        return f"removed: {REASONS.get(candidate.removed, candidate.removed)}"
    chosen = decision.chosen is not None and decision.chosen.campaign == candidate.campaign
    kind = "control, not sent" if decision.outcome == "control" else "chosen"
    worth = f"{candidate.score:.3f}" if candidate.score is not None else "–"
    return f"{kind if chosen else 'not chosen'}, worth {worth}{about}"
