"""What a feature row is about: a moment, its windows, and which events mean what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from vocative.records.settings import Role, Settings

SLOT_S = 900
SLOT_US = SLOT_S * 1_000_000
SLOTS_PER_HOUR = 4
SLOTS_PER_DAY = 96
"""Time is counted in slots, quarter hours since 1970: every zone's offset is a whole number of them."""

FIXED = 10_000.0
"""Amounts are added up as whole ten-thousandths: such sums do not depend on the order of the events."""
LARGEST = 1e9
"""A number at or above this (or one that is none) is taken as missing."""

Marks = Literal["none", "then", "ever"]
FOR_GOOD = 2**63 - 1
"""The moment that never comes: until then an event is the person's own which nobody marked."""

Measure = Literal["lines", "units", "money", "discount", "seconds"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

ROLES: tuple[Role, ...] = get_args(Role)
CODES: Mapping[Role, int] = {role: code for code, role in enumerate(ROLES)}
"""Roles as small numbers."""

ACTIVE_ROLES: tuple[Role, ...] = tuple(role for role in ROLES if role not in ("sent", "shown"))
"""What a person does; a message sent to them, or a thing shown, is not their act."""
VISIT_ROLES: tuple[Role, ...] = ("purchase", "view", "search", "basket", "wish", "click", "use")
"""What makes up a visit."""
CONTACT_ROLES: tuple[Role, ...] = ("reply", "sent", "open", "click")
"""What is counted per channel."""

_MEASURED: dict[Role, tuple[Measure, ...]] = {
    "purchase": ("lines", "units", "money", "discount"),
    "return": ("lines", "units", "money"),
    "view": ("lines", "seconds"),
    "use": ("lines", "seconds"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def measures_of(role: Role) -> tuple[Measure, ...]:
    """What is added up for events of a role."""
    return _MEASURED.get(role, ("lines",))


def scale_of(measure: Measure) -> float:
    """How many counted units make one: 1 for lines, ten thousand for amounts."""
    return 1.0 if measure == "lines" else FIXED


@dataclass(frozen=True, slots=True)
class Scope:
    """The moment (µs UTC) of a row and the settings that say what events mean."""

    moment: int
    settings: Settings
    marks: Marks = "none"
    """What becomes of events that were marked as somebody else's after they had come: there are `none`; each is left
    out as it was known `then`; or all are kept, `ever` visible, each with the time in which it was."""
    staged: frozenset[str] = frozenset()
    """Names of grains that have been computed already: queries read them as relations of these names."""

    @property
    def now(self) -> int:
        """The slot of the moment."""
        return self.moment // SLOT_US

    def start(self, days: int) -> int:
        """The first slot of the window of that many days before the moment."""
        return self.now - days * SLOTS_PER_DAY

    @property
    def horizon(self) -> int:
        """The first slot of the history that is read at all."""
        return self.start(self.settings.features.history_days)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that this business's events can have; a purchase can always be sent back."""
        named = {role for role, names in self.settings.events.items() if names and role != "shown"}
        return frozenset(named | ({"return"} if "purchase" in named else set()))


def role_codes(settings: Settings) -> dict[str, int]:
    """Event name → code of its role; of a name under two roles the first role holds.

    What was shown is missing: it is no fact about a person (`vocative.predict.history.impressions` reads it).
    """
    codes: dict[str, int] = {}
    for role in (one for one in ROLES if one != "shown"):
        for name in settings.events.get(role, []):
            codes.setdefault(name, CODES[role])
    return codes


def moment_literal(moment: int) -> str:
    """A moment (µs UTC) as SQL."""
    text = (_EPOCH + timedelta(microseconds=moment)).isoformat(sep=" ", timespec="microseconds")
    return f"CAST('{text}' AS TIMESTAMPTZ)"


def text_literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"
