"""What each person has allowed: yes, no or never asked, per purpose and channel, at one moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Literal

from vocative.records.results import Permission
from vocative.records.uses import Use
from vocative.trust.uses import covered_by

Verdict = Literal["yes", "no", "never_asked"]
EVERY_CHANNEL = "*"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Everything one person has said, reduced to what holds now: (purpose, channel) → the newest record."""

    newest: Mapping[tuple[str, str], Permission]
    now: int

    def on(self, purpose: str, channel: str = EVERY_CHANNEL) -> Verdict:
        """The verdict for a purpose over a channel.

        A record for the channel and one for all channels both speak about it; the newer one holds, and of two of the
        same moment the *no*, then the one that ends sooner. A *yes* that has expired is as if the person had never been
        asked; an earlier answer does not come back.
        """
        record = self.record(purpose, channel)
        if record is None:
            return "never_asked"
        if record.status != "yes":
            return "no"
        expired = record.expires_at is not None and record.expires_at <= self.now
        return "never_asked" if expired else "yes"

    def record(self, purpose: str, channel: str = EVERY_CHANNEL) -> Permission | None:
        """The record that holds for a purpose over a channel; None if nobody asked."""
        found = [
            record
            for key in {(purpose, channel), (purpose, EVERY_CHANNEL)}
            if (record := self.newest.get(key)) is not None
        ]
        return max(found, key=_strength, default=None)

    def anywhere(self, purpose: str) -> Verdict:
        """The verdict for a purpose over any channel: *yes* if it is allowed over one, else *no* if it was refused.

        Who said no over one channel is not asked again over another.
        """
        channels = {channel for named, channel in self.newest if named == purpose}
        verdicts = {self.on(purpose, channel) for channel in channels}
        return "yes" if "yes" in verdicts else "no" if "no" in verdicts else "never_asked"


def verdicts(records: Iterable[Permission], now: int) -> dict[str, Verdicts]:
    """Reduce permission records to verdicts by person; only what was known at `now` (µs UTC) counts.

    >>> yes = Permission(user_id="p", purpose="marketing", channel="*", status="yes", basis="consent", at=1,
    ...                  known_at=1, expires_at=None, source="form", text="News?")
    >>> verdicts([yes], now=2)["p"].on("marketing", "email")
    'yes'
    >>> verdicts([yes], now=2)["p"].on("personalization")
    'never_asked'
    """
    newest: dict[str, dict[tuple[str, str], Permission]] = {}
    for record in records:
        if record.known_at > now or record.at > now:
            continue
        mine = newest.setdefault(record.user_id, {})
        key = (record.purpose, record.channel)
        if key not in mine or _strength(record) > _strength(mine[key]):
            mine[key] = record
    return {person: Verdicts(said, now) for person, said in newest.items()}


def may_be_profiled(said: Verdicts | None) -> bool:
    """Whether a person may have features, scores and segments: only after a *yes* to personalization.

    A *yes* over one channel is enough: what is worked out is then said over that channel only.
    """
    return said is not None and said.anywhere("personalization") == "yes"


def may_be_used(said: Verdicts | None, use: Use | None, channel: str, otherwise: Collection[Use]) -> bool:
    """Whether the profile may be used for this over a channel: the person allowed it there and was asked for it.

    Args:
        said: what the person said.
        use: what the profile is to be used for; None: only to choose who gets what is the same for all.
        channel: over which channel.
        otherwise: the uses covered by a record that names none.
    """
    if said is None or said.on("personalization", channel) != "yes":
        return False
    record = said.record("personalization", channel)
    covered = covered_by(record.covers, otherwise) if record is not None else frozenset()
    return bool(covered) if use is None else use in covered


def may_be_contacted(said: Verdicts | None, message_class: str, channel: str) -> Verdict:
    """Whether a message of this class may go to a person over this channel.

    Service messages (an order, a safety notice) rest on the contract: they go out unless the person said no.
    """
    verdict: Verdict = "never_asked" if said is None else said.on(message_class, channel)
    if message_class == "service" and verdict == "never_asked":
        return "yes"
    return verdict


def _strength(record: Permission) -> tuple[int, bool, float]:
    """What makes a record hold against another: it is newer, else a *no*, else it ends sooner."""
    ends = inf if record.expires_at is None else record.expires_at
    return record.at, record.status != "yes", -ends
