"""Contact pressure: what counts for a person by day, hour, channel and class, and which topics rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vocative.records.acting import Contact
from vocative.records.caps import Cap, Caps, Most
from vocative.records.settings import Campaign

WEEK = 7
MONTH = 30
NAMED = "cap_named"
"""The reason of caps of `[caps.more.NAME]`; `cap_named:NAME` tells which."""
_DAY_US = 86_400_000_000
_HOUR_US = 3_600_000_000


class CapSpan(NamedTuple):
    """One cap as it is counted: the reason it gives, and at most how many in how long."""

    reason: str
    at_most: int
    length: int
    """Local days, or µs for rolling hours."""
    rolling: bool
    channels: Sequence[str] | None
    classes: Sequence[str]

    def is_about(self, message: Contact) -> bool:
        """Whether a message counts towards the cap and may be held back by it."""
        return message.message_class in self.classes and (self.channels is None or message.channel in self.channels)

    def place(self, message: Contact) -> int:
        """Where a message lies on the axis the cap is counted on."""
        return message.sent_at if self.rolling else message.local_day


@dataclass(slots=True)
class ContactLoad:
    """What one person has received or has waiting, and the last use of each topic."""

    messages: list[Contact] = field(default_factory=list)
    topics: dict[str, int] = field(default_factory=dict)

    def add(self, contact: Contact) -> None:
        """Count one message."""
        if contact.message_class:
            self.messages.append(contact)
        for topic in contact.topics:
            self.topics[topic] = max(contact.sent_at, self.topics.get(topic, contact.sent_at))

    def cap_reached(
        self, caps: Caps, message: Contact, wish: int | None = None, liked: int | None = None
    ) -> str | None:
        """The cap that one more message would break, or None.

        Messages waiting for later count as well: a cap holds for every span of days or hours that holds this one.

        Args:
            caps: What the business allows.
            message: What would be sent: its class, channel, local day and moment.
            wish: Marketing messages in thirty local days that the person asked for at most; None: never said.
            liked: As many as are worth it by how they react; None: as many as the caps allow.
        """
        for span in _spans(caps, wish, liked):
            if not span.is_about(message):
                continue
            places = [span.place(other) for other in self.messages if span.is_about(other)]
            if _fullest(places, span.place(message), span.length) >= span.at_most:
                return span.reason
        return None

    def rests(self, topic: str, pause_days: int | None, moment: int) -> bool:
        """Whether the topic was used less than `pause_days` before `moment` (µs UTC); None: ever."""
        last = self.topics.get(topic)
        return last is not None and (pause_days is None or moment - last < pause_days * _DAY_US)


def pressure_by_person(contacts: Iterable[Contact]) -> dict[str, ContactLoad]:
    """Sum up contacts by person."""
    pressure: defaultdict[str, ContactLoad] = defaultdict(ContactLoad)
    for contact in contacts:
        pressure[contact.person_id].add(contact)
    return pressure


def pause_of(campaign: Campaign) -> int | None:
    """For how many days the campaign's topic rests after each use; None: for ever."""
    return None if campaign.once else campaign.pause_days


def longest_days(caps: Caps) -> int:
    """Within how many days, rounded up, a message can count towards any cap."""
    return max([MONTH, *(cap.days or -(-(cap.hours or 0) // 24) for cap in caps.more.values())])


def caps_of_zero(caps: Caps) -> list[str]:
    """The caps that let nothing through, as they are written.

    >>> caps_of_zero(Caps(per_week=0))
    ['[caps] per_week']
    """
    plain = {"per_day": caps.per_day, "per_week": caps.per_week, "per_month": caps.per_month}
    found = [f"[caps] {name}" for name, most in plain.items() if most == 0]
    return found + [f"[caps.more.{name}] at_most" for name, cap in caps.more.items() if cap.at_most == 0]


def liked_per_month(caps: Caps, liking: Mapping[str, float]) -> int | None:
    """How many marketing messages in thirty days somebody likes to get, inside the range of the business.

    Args:
        caps: With the range: from `least_per_month` to `per_month`.
        liking: Channel → how often the person reacts, as a multiple of everybody; the best of them counts.

    Returns:
        None where there is no range, or nothing is known of the person.

    >>> caps = Caps(per_month=8, least_per_month=2)
    >>> [liked_per_month(caps, {"email": one}) for one in (0.0, 0.5, 3.0)], liked_per_month(caps, {})
    ([2, 4, 8], None)
    """
    if caps.least_per_month is None or not isinstance(caps.per_month, int) or not liking:
        return None
    wanted = round(caps.per_month * min(max(liking.values()), 1.0))
    return min(max(caps.least_per_month, wanted), caps.per_month)


def _spans(caps: Caps, wish: int | None, liked: int | None) -> Iterator[CapSpan]:
    """Every cap that holds, the tightest span of everything first."""
    plain: tuple[tuple[str, int, Most], ...] = (
        ("cap_per_day", 1, caps.per_day),
        ("cap_per_week", WEEK, caps.per_week),
        ("cap_per_month", MONTH, caps.per_month),
        ("cap_wished", MONTH, wish),
        ("cap_liked", MONTH, liked),
    )
    for reason, days, most in plain:
        if isinstance(most, int):
            yield CapSpan(reason, most, days, rolling=False, channels=None, classes=("marketing",))
    for name, cap in caps.more.items():
        yield _named(name, cap)


def _named(name: str, cap: Cap) -> CapSpan:
    rolling = cap.days is None
    length = (cap.hours or 0) * _HOUR_US if rolling else cap.days or 0
    return CapSpan(f"{NAMED}:{name}", cap.at_most, length, rolling, cap.channels, cap.classes)


def _fullest(places: Iterable[int], place: int, length: int) -> int:
    """The most messages in any span of `length` that holds `place`; a span begins where it has its first message.

    >>> _fullest([1, 3, 8, 9], place=7, length=7)
    3
    """
    near = [other for other in places if -length < other - place < length]
    if not near:
        return 0
    starts = {place, *(other for other in near if other < place)}
    return max(sum(start <= other < start + length for other in near) for start in starts)
