"""One person's profile, kept up to date event by event; it reads the same numbers as the batch row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct, field

from vocative.errors import ClockError
from vocative.facts.facts import Fact, FactReader
from vocative.facts.scope import Scope
from vocative.profile.feature import Feature
from vocative.profile.history import FoldState, History, Reference
from vocative.profile.standard.standard import STANDARD
from vocative.records.schema import Value
from vocative.records.settings import Settings
from vocative.stats.calendars import zone_or_none


class _Home(Struct, frozen=True, array_like=True, order=True):
    """A time zone that a version of the person's data named."""

    at: int
    known_at: int
    version_id: str
    zone: str


class _Kept(Struct):
    """What is kept of a person."""

    as_of: int = 0
    state: FoldState = field(default_factory=FoldState)
    ahead: list[Fact] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    homes: list[_Home] = field(default_factory=list)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Kept)


class LiveProfile:
    """Folds events of one person, in any order and as often as they come, and reads their features at a moment.

    Counted is what happened and was known before the newest moment it was read at or advanced to; what lies ahead of
    that waits. Amounts are added up exactly, so the order of arrival leaves no trace, not even a rounding error.
    What is older than `settings.features.history_days` is forgotten.
    """

    def __init__(self, settings: Settings, *, content: bytes | None = None) -> None:
        """Start empty, or from the bytes that `to_bytes` gave.

        Raises:
            msgspec.DecodeError: the bytes are no profile.
        """
        self._settings = settings
        self._reader = FactReader(settings)
        self._kept = _Kept() if content is None else _DECODER.decode(content)

    def to_bytes(self) -> bytes:
        """Everything that is kept, as MessagePack."""
        return _ENCODER.encode(self._kept)

    def fold(self, event: Mapping[str, Value]) -> bool:
        """Take in one event (columns of the events table, moments in µs since 1970 UTC).

        Whose event it is has been settled before. The same message id again changes nothing.

        Returns:
            Whether the event counts: it means something, is the person's own and was not there yet.
        """
        kept = self._kept
        fact = self._reader.read(event)
        if fact is None or fact.message_id in kept.seen:
            return False
        kept.seen[fact.message_id] = fact.slot
        if fact.at < kept.as_of and fact.known_at < kept.as_of:
            kept.state.add(fact)
        else:
            kept.ahead.append(fact)
        return True

    def fold_person(self, version: Mapping[str, Value]) -> None:
        """Take in one version of the person's data (columns of the people table, moments in µs since 1970 UTC)."""
        zone = zone_or_none(str(version.get("timezone")))
        doubts = "," + str(version.get("doubts") or "")
        at, known_at = version["timestamp"], version["known_at"]
        if zone is None or ",timezone:" in doubts or ",row:" in doubts:
            return
        if not isinstance(at, int) or not isinstance(known_at, int):
            raise TypeError("a moment is whole microseconds since 1970")
        home = _Home(at, known_at, str(version["version_id"]), zone)
        if home not in self._kept.homes:
            self._kept.homes.append(home)

    def advance(self, moment: int) -> None:
        """Count what happened and was known before a moment, and forget what is too old.

        Raises:
            ClockError: the profile has already counted beyond that moment.
        """
        kept = self._kept
        if moment < kept.as_of:
            raise ClockError(
                "a live profile cannot go back in time", remedy="compute rows of past moments with build_features"
            )
        kept.as_of = moment
        horizon = Scope(moment, self._settings).horizon
        ahead = kept.ahead
        kept.ahead = []
        for fact in ahead:
            if fact.at >= moment or fact.known_at >= moment:
                kept.ahead.append(fact)
            elif fact.slot >= horizon:
                kept.state.add(fact)
        if any(slot < horizon for slot in kept.seen.values()):
            kept.state.forget(horizon)
            kept.seen = {message: slot for message, slot in kept.seen.items() if slot >= horizon}

    def read(self, moment: int, reference: Reference, *, features: Sequence[Feature] = STANDARD) -> dict[str, float]:
        """The features at a moment: names and values as in the batch row, those without a value left out.

        Args:
            moment: microseconds since 1970 UTC, not before any earlier read.
            reference: catalogue and population; the row equals the batch row if it is of the same moment.
            features: what to read.

        Raises:
            ClockError: the profile has already counted beyond that moment.
        """
        self.advance(moment)
        scope = Scope(moment, self._settings)
        history = History(self._kept.state, scope, self._zone(moment), reference)
        if not history.active:
            return {}
        values = ((feature.name, feature.read(history)) for feature in features if feature.available(scope))
        return {name: value for name, value in values if value is not None}

    def _zone(self, moment: int) -> str:
        told = [home for home in self._kept.homes if home.at < moment and home.known_at < moment]
        return max(told).zone if told else self._settings.business.timezone
