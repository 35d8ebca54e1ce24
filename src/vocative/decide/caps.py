"""Contact pressure: how many messages count for a person on a local day, and which topics rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from vocative.records.acting import Contact
from vocative.records.settings import Caps

WEEK = 7
MONTH = 30
_DAY_US = 86_400_000_000


@dataclass(slots=True)
class Pressure:
    """What one person has received or has waiting: local days of marketing messages and the last use of each topic."""

    days: list[int] = field(default_factory=list)
    topics: dict[str, int] = field(default_factory=dict)

    def add(self, contact: Contact) -> None:
        """Count one message; service messages rest their topic but do not count towards caps."""
        if contact.message_class == "marketing":
            self.days.append(contact.local_day)
        for topic in contact.topics:
            self.topics[topic] = max(contact.sent_at, self.topics.get(topic, contact.sent_at))

    def cap_reached(self, caps: Caps, local_day: int) -> str | None:
        """The cap that one more message on this local day would break, or None.

        Messages waiting for a later day count as well: a cap holds for every span of days that holds this one.
        """
        spans = (
            ("cap_per_day", 1, caps.per_day),
            ("cap_per_week", WEEK, caps.per_week),
            ("cap_per_month", MONTH, caps.per_month),
        )
        for name, length, most in spans:
            if most is not None and _fullest(self.days, local_day, length) >= most:
                return name
        return None

    def rests(self, topic: str, pause_days: int, moment: int) -> bool:
        """Whether the topic was used less than `pause_days` before `moment` (µs UTC)."""
        last = self.topics.get(topic)
        return last is not None and moment - last < pause_days * _DAY_US


def pressure_by_person(contacts: Iterable[Contact]) -> dict[str, Pressure]:
    """Sum up contacts by person."""
    pressure: defaultdict[str, Pressure] = defaultdict(Pressure)
    for contact in contacts:
        pressure[contact.person_id].add(contact)
    return pressure


def _fullest(days: list[int], day: int, length: int) -> int:
    """The most messages in any span of `length` days that holds `day`.

    >>> _fullest([1, 3, 8, 9], day=7, length=7)
    3
    """
    near = [other for other in days if abs(other - day) < length]
    if not near:
        return 0
    return max(sum(start <= other < start + length for other in near) for start in range(day - length + 1, day + 1))
