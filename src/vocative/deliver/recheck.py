"""The last look before a message leaves: permission, caps, quiet hours, topics told once, budget, expiry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from vocative.decide.eligibility.caps import ContactLoad
from vocative.decide.eligibility.relating import lower
from vocative.decide.eligibility.send_time import free_moment, quiet_for, whereabouts
from vocative.deliver.refused import Place, place, refused_of
from vocative.records.acting import Contact, Recipient
from vocative.records.caps import Caps, QuietHours
from vocative.records.cells import integer, number
from vocative.records.ledger_tables import OUTBOX, TOLD
from vocative.records.relationship import Relationships
from vocative.records.schema import Row, Value
from vocative.records.settings import Business
from vocative.records.uses import Use
from vocative.stats.calendars import local_date
from vocative.store.approvals import approvals, is_stopped
from vocative.store.permissions import owners_of, read_permissions
from vocative.store.protocols import Transaction
from vocative.trust.permission import Verdicts, may_be_contacted, may_be_profiled, may_be_used, verdicts

_INTERRUPTED = "handing_over"
_COUNTED = ("claimed", _INTERRUPTED, "delivered", "unknown")
_TWO_DAYS_US = 2 * 86_400_000_000
# The sum of many small costs is not exact in binary; a millionth of a message is forgiven.
_FORGIVEN = 1e-6


@dataclass(frozen=True, slots=True)
class RecheckRules:
    """What holds at the hand-over."""

    caps: Caps
    quiet_hours: QuietHours
    business: Business
    budgets: Mapping[str, float] = field(default_factory=dict)
    """Channel → money for one local day of the business; a channel that is missing has no limit."""
    offers: frozenset[str] = frozenset()
    """Offers as they hold now: each with a hash of what messages say of it."""
    addressed: Mapping[tuple[str, str], str] | None = None
    """(person, channel) → hash of the name, gender and address as they are now; None where nobody knows."""
    versions: Mapping[str, str] | None = None
    """Campaign → its version as it is written now; None where nobody knows."""
    people: Mapping[str, Recipient] = field(default_factory=dict)
    """Person → where they are and how much they asked for, as it is known now; of others the message itself knows."""
    once: frozenset[str] = frozenset()
    """Campaigns whose topics are told once and never again."""
    uses: Mapping[str, Use | None] | None = None
    """Campaign → what it uses the profile for, None for one whose text is the same for all; None where nobody knows."""
    covers: Collection[Use] = ()
    """The uses covered by a permission that names none."""
    relationship: Relationships = field(default_factory=Relationships)
    """Lower caps of those in `people`, by how well they know the business now."""
    overtaken: Mapping[str, str] = field(default_factory=dict)
    """Message → why what has come in since it was decided has made it untrue."""


@dataclass(frozen=True, slots=True)
class RecheckVerdict:
    """What to do with one message: `drop` it for a reason, let it `wait`, or hand it over as of `local_day`."""

    drop: str | None
    wait: bool
    local_day: str


def verdict_now(
    transaction: Transaction,
    rows: Sequence[Mapping[str, Value]],
    rules: RecheckRules,
    now: int,
    personalized: Collection[str] = (),
    spent: defaultdict[str, float] | None = None,
) -> dict[str, RecheckVerdict]:
    """Judge messages, in order, so that two of one person are counted against each other; by message id.

    Args:
        transaction: The transaction that will claim the messages.
        rows: Rows of the outbox, queued or interrupted.
        rules: What holds at the hand-over.
        now: The moment, µs UTC.
        personalized: Ids of the messages that rest on a profile; they need permission for personalization as well.
        spent: Channel → money spent on this day so far, where the caller knows it; what leaves now is added to it.
    """
    people = {str(row["person_id"]) for row in rows}
    owners = owners_of(transaction, sorted(people))
    said = verdicts(read_permissions(transaction, sorted(people)), now)
    # What was queued and counts by now has been claimed by somebody else since it was read.
    again = {str(row["message_id"]) for row in rows if row["state"] == _INTERRUPTED}
    pressure = _pressure(transaction, people, owners, again)
    spent = spent_today(transaction, rules, now) if spent is None else spent
    approved = {key for key, one in approvals(transaction).items() if one.armed(now)}
    stopped = is_stopped(transaction)
    refused = refused_of(transaction, rows)
    judged: dict[str, RecheckVerdict] = {}
    for row in rows:
        person, message_id = str(row["person_id"]), str(row["message_id"])
        owner = owners.get(person, person)
        now_known = rules.people.get(owner)
        zone = (now_known.zone if now_known else None) or str(row["zone"] or "")
        day = local_date(now, zone or rules.business.timezone)
        mine = pressure[owner]
        leaving = contact_of({**row, "handed_over_at": now}, day.toordinal())
        drop = (
            _untrue(row, rules, approved, now)
            or _misaddressed(row, rules, owner)
            or _refused(row, refused)
            or _forbidden(row, said.get(owner), rules, personalized=message_id in personalized)
            or _untimely(row, now_known, personalized=message_id in personalized)
            or _repeated(row, mine, rules, now)
            or _too_often(leaving, mine, rules, now_known)
            or rules.overtaken.get(message_id)
        )
        wait = drop is None and (stopped or _quiet(row, zone, now_known, rules, now) or _too_dear(row, rules, spent))
        judged[message_id] = RecheckVerdict(drop, wait, day.isoformat())
        if drop is None and not wait:
            mine.add(leaving)
            spent[str(row["channel"])] += _cost(row)
        elif row["state"] == _INTERRUPTED:
            mine.add(contact_of(row, date.fromisoformat(str(row["local_day"])).toordinal()))
    return judged


def contact_of(row: Mapping[str, Value], local_day: int) -> Contact:
    """An outbox row as something that counts towards caps and pauses."""
    return Contact(
        person_id=str(row["person_id"]),
        topics=tuple(_topics(row)),
        message_class=str(row["class"]),
        channel=str(row["channel"]),
        local_day=local_day,
        sent_at=integer(row["handed_over_at"] or row["send_at"]),
        sells=row.get("sells") is None or bool(row["sells"]),
    )


def told_before(row: Mapping[str, Value], person: str) -> Contact:
    """What was told once, as something that counts towards no cap but never comes again."""
    return Contact(
        person_id=person,
        topics=(str(row["topic"]),),
        message_class="",
        local_day=0,
        sent_at=integer(row["told_at"]),
    )


def told_rows(row: Mapping[str, Value], now: int) -> list[Row]:
    """What is to be remembered for good of a message whose topics are told once: a row of `told` for each topic."""
    return [
        {"person_id": row["person_id"], "topic": topic, "message_id": row["message_id"], "told_at": now}
        for topic in _topics(row)
    ]


def _topics(row: Mapping[str, Value]) -> list[str]:
    return msgspec.json.decode(str(row["topics"]), type=list[str])


def _untrue(
    row: Mapping[str, Value], rules: RecheckRules, approved: Collection[tuple[str, str]], now: int
) -> str | None:
    """Why the message no longer says what the business stands for."""
    if integer(row["expires_at"]) <= now:
        return "expired before it could be handed over"
    if (str(row["campaign"]), str(row["version"])) not in approved:
        return "its text is no longer approved"
    if rules.versions is not None and rules.versions.get(str(row["campaign"])) != row["version"]:
        return "its campaign was changed after it was written"
    if row["offer"] and row["offer"] not in rules.offers:
        return "its offer no longer holds as it was told"
    return None


def _misaddressed(row: Mapping[str, Value], rules: RecheckRules, person: str) -> str | None:
    """Whether the person is called or reached otherwise than when the message was written."""
    if rules.addressed is None or row["addressed"] is None:
        return None
    if rules.addressed.get((person, str(row["channel"]))) == row["addressed"]:
        return None
    return "the person's name or address is no longer the one it was written to"


def _refused(row: Mapping[str, Value], refused: Collection[Place]) -> str | None:
    if place(str(row["channel"]), str(row["address"])) in refused:
        return "the address was refused for good"
    return None


def _untimely(row: Mapping[str, Value], person: Recipient | None, *, personalized: bool) -> str | None:
    """Whether the person has become displeased with the business since the message was written."""
    if person is None or person.relationship != "strained" or row["class"] == "service":
        return None
    sells = row.get("sells") is None or bool(row["sells"])
    return "the person had trouble with the business since it was decided" if sells or personalized else None


def _forbidden(
    row: Mapping[str, Value], said: Verdicts | None, rules: RecheckRules, *, personalized: bool
) -> str | None:
    if may_be_contacted(said, str(row["class"]), str(row["channel"])) != "yes":
        return "permission is gone"
    if not personalized:
        return None
    if not may_be_profiled(said):
        return "permission for personalization is gone"
    if rules.uses is None or may_be_used(said, rules.uses.get(str(row["campaign"])), str(row["channel"]), rules.covers):
        return None
    return "the person was not asked whether their profile may be used for this"


def _too_often(leaving: Contact, pressure: ContactLoad, rules: RecheckRules, person: Recipient | None) -> str | None:
    """The cap that the message would break, by the relationship as it is now: it may not be that of the decision."""
    if person is None:
        return pressure.cap_reached(rules.caps, leaving)
    caps = lower(rules.caps, rules.relationship.caps_of(person.relationship))
    return pressure.cap_reached(caps, leaving, person.most_per_month)


def _repeated(row: Mapping[str, Value], pressure: ContactLoad, rules: RecheckRules, now: int) -> str | None:
    """Whether the person has heard meanwhile of what is told once."""
    if row["campaign"] in rules.once and any(pressure.rests(topic, None, now) for topic in _topics(row)):
        return "told_once"
    return None


def _quiet(row: Mapping[str, Value], zone: str, known: Recipient | None, rules: RecheckRules, now: int) -> bool:
    quiet = quiet_for(rules.quiet_hours, str(row["channel"]), str(row["class"]))
    where = whereabouts(zone, known.country if known else None, rules.quiet_hours, rules.business)
    return free_moment(now, where, quiet) != now


def _too_dear(row: Mapping[str, Value], rules: RecheckRules, spent: Mapping[str, float]) -> bool:
    channel, cost = str(row["channel"]), _cost(row)
    budget = rules.budgets.get(channel)
    return budget is not None and (budget <= 0 or spent[channel] + cost * (1 - _FORGIVEN) > budget)


def spent_today(transaction: Transaction, rules: RecheckRules, now: int) -> defaultdict[str, float]:
    """Channel → money spent so far on this local day of the business."""
    spent: defaultdict[str, float] = defaultdict(float)
    if not rules.budgets:
        return spent
    today = local_date(now, rules.business.timezone)
    recent = transaction.select(OUTBOX, {"state": list(_COUNTED)}, since=("handed_over_at", now - _TWO_DAYS_US))
    for row in recent:
        if local_date(integer(row["handed_over_at"]), rules.business.timezone) == today:
            spent[str(row["channel"])] += _cost(row)
    return spent


def _pressure(
    transaction: Transaction, people: Collection[str], owners: Mapping[str, str], judged: Collection[str]
) -> defaultdict[str, ContactLoad]:
    """What counts for each person already, under all their identifiers, without the messages being judged."""
    pressure: defaultdict[str, ContactLoad] = defaultdict(ContactLoad)
    everybody = sorted({*people, *owners, *owners.values()})
    for row in transaction.select(OUTBOX, {"person_id": everybody, "state": list(_COUNTED)}):
        if row["message_id"] not in judged:
            person = str(row["person_id"])
            day = date.fromisoformat(str(row["local_day"])).toordinal()
            pressure[owners.get(person, person)].add(contact_of(row, day))
    for row in transaction.select(TOLD, {"person_id": everybody}):
        if row["message_id"] not in judged:
            person = str(row["person_id"])
            pressure[owners.get(person, person)].add(told_before(row, person))
    return pressure


def _cost(row: Mapping[str, Value]) -> float:
    return number(row["cost"])
