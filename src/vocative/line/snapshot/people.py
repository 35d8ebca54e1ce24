"""Everybody, as the acting half may see them: addresses, permissions and the few facts a greeting needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

import pyarrow as pa
from msgspec.structs import replace

from vocative.deliver.refused import Place, place, refused_places
from vocative.facts.everybody import newest_people
from vocative.facts.sources import Sources
from vocative.records.acting import Effect, Recipient
from vocative.records.settings import Settings
from vocative.records.uses import USES
from vocative.stats.calendars import local_date, zone_or_none
from vocative.store.permissions import read_permissions
from vocative.trust.permission import Verdicts, may_be_contacted, may_be_profiled, may_be_used, verdicts
from vocative.trust.relationship import STRANGE, Relationship
from vocative.workspace.opening import Workspace

ADULT_YEARS = 18
_NUMBER = re.compile(r"(?P<whole>\d{1,6})(\.\d*)?")
ADDRESS_FIELDS = {"email": "email", "sms": "phone"}
"""Channel → the column of people that holds the address for it."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """The people known at one moment, and what each has said about being written to and profiled."""

    rows: list[dict[str, object]]
    """Of each person the newest value of each field that carries no doubt; sorted by person."""
    said: dict[str, Verdicts]
    today: date
    refused: frozenset[Place] = frozenset()
    """Addresses that had been refused for good, whoever has them."""

    def allowed(self) -> pa.Table:
        """One column `person_id`: those who allowed personalization and are not known to be minors."""
        people = [
            str(row["person_id"])
            for row in self.rows
            if may_be_profiled(self.said.get(str(row["person_id"]))) and not is_minor(row["birth_date"], self.today)
        ]
        return pa.table({"person_id": pa.array(people, pa.string())})


def everybody(workspace: Workspace, recorded: Sources, now: int, among: Collection[str] | None = None) -> Everybody:
    """Everybody who is known at `now` (µs UTC), or of some people (`among`) those who are.

    Args:
        workspace: The opened workspace.
        recorded: What is known of them; who may be profiled is not asked.
        now: The moment.
        among: Those that `recorded` is about, if it is not about everybody.
    """
    found = newest_people(workspace.stores.engine, recorded, recorded.scope(now, workspace.settings))
    people: list[dict[str, object]] = found.to_pylist()
    with workspace.stores.ledger.transaction() as transaction:
        said = verdicts(read_permissions(transaction, None if among is None else sorted(among)), now)
        own = (str(row[field]) for row in people for field in ADDRESS_FIELDS.values() if row[field])
        refused = refused_places(transaction, before=now, among=None if among is None else own)
    today = local_date(now, workspace.settings.business.timezone)
    return Everybody(people, said, today, refused)


class Notes(NamedTuple):
    """What is known of one person who allowed personalization."""

    numbers: Mapping[str, float] = MappingProxyType({})
    segments: frozenset[str] = frozenset()
    hour: int | None = None
    hours: Mapping[str, tuple[int, ...]] = MappingProxyType({})
    liking: Mapping[str, float] = MappingProxyType({})
    acts: int = 0
    basket: float | None = None
    buys: float | None = None
    reacts: Mapping[str, float] = MappingProxyType({})
    invited: frozenset[str] = frozenset()
    redeemed: frozenset[str] = frozenset()
    effects: Mapping[str, Effect] = MappingProxyType({})


_NOTHING = Notes()


def recipients(
    people: Everybody,
    settings: Settings,
    notes: Mapping[str, Notes],
    relationships: Mapping[str, Relationship] = MappingProxyType({}),
) -> list[Recipient]:
    """Everybody as recipients.

    Args:
        people: Everybody who is known.
        settings: Which channels there are.
        notes: What is known of those who may be profiled; of nobody else are they used.
        relationships: How well each knows the business; who is missing is a stranger.
    """
    allowed = set(people.allowed()["person_id"].to_pylist())
    made = []
    for row in people.rows:
        person = str(row["person_id"])
        profiled = person in allowed
        known = notes.get(person, _NOTHING) if profiled else _NOTHING
        related = relationships.get(person, STRANGE)
        one = _recipient(row, people.said.get(person), settings, known, related, profiled=profiled)
        refused = frozenset(name for name, address in one.addresses.items() if place(name, address) in people.refused)
        made.append(replace(one, refused=refused) if refused else one)
    return made


def is_minor(born: object, today: date) -> bool:
    """Whether a date of birth says that the person is under eighteen; an unknown one does not.

    >>> is_minor(date(2010, 3, 1), date(2026, 1, 1)), is_minor(None, date(2026, 1, 1))
    (True, False)
    """
    if not isinstance(born, date):
        return False
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years < ADULT_YEARS


def _recipient(
    row: Mapping[str, object], said: Verdicts | None, settings: Settings, known: Notes, related: Relationship, *,
    profiled: bool,
) -> Recipient:  # fmt: skip
    person = str(row["person_id"])
    personalization = "never_asked" if said is None else said.anywhere("personalization")
    if personalization == "yes" and not profiled:
        personalization = "no"
    covered = frozenset(
        f"{use}/{channel}"
        for channel in settings.channels
        for use in USES
        if profiled and may_be_used(said, use, channel, settings.personalization.covers)
    )
    return Recipient(
        person_id=person,
        addresses={
            channel: str(row[field])
            for channel in settings.channels
            if (field := ADDRESS_FIELDS.get(channel)) and row[field]
        },
        contact={
            f"{kind}/{channel}": may_be_contacted(said, kind, channel)
            for channel in settings.channels
            for kind in ("marketing", "service")
        },
        personalization=personalization,
        covered=covered,
        first_name=_text(row["first_name"]),
        gender=_text(row["gender"]),
        language=_text(row["language"]),
        zone=zone_or_none(_text(row["timezone"])),
        country=_text(row["country"]),
        most_per_month=wished(row["frequency"]),
        relationship=related.state,
        because=related.because,
        segments=known.segments,
        hour=known.hour,
        hours=dict(known.hours),
        liking=dict(known.liking),
        numbers=dict(known.numbers),
        acts=known.acts,
        basket=known.basket,
        buys=known.buys,
        reacts=dict(known.reacts),
        invited=known.invited,
        redeemed=known.redeemed,
        # To the displeased nothing goes that rests on a profile: what is careful is not chosen by it either.
        effects={} if related.state == "strained" or not covered else dict(known.effects),
    )


def wished(text: object) -> int | None:
    """The number of messages a person asked for, rounded down; what is no number of messages is no wish.

    >>> wished("3"), wished("0"), wished("-1"), wished("seldom"), wished(None)
    (3, 0, None, None, None)
    """
    found = _NUMBER.fullmatch(str(text).strip())
    return int(found["whole"]) if found else None


def _text(value: object) -> str | None:
    return str(value) if value else None
