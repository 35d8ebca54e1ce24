"""Over which channels a person can be reached, and why not."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from vocative.profile.card.known_facts import CardFact
from vocative.records.results import Permission
from vocative.records.settings import Settings
from vocative.trust.permission import Verdict, may_be_contacted, verdicts

_ADDRESS = {"email": "email", "sms": "phone"}
_NO_ADDRESS = {"email": "no e-mail address is known", "phone": "no phone number is known"}


class Reach(Struct, frozen=True, kw_only=True):
    """Whether marketing and service messages may go out over a channel; `why` says what stands against it."""

    channel: str
    marketing: bool
    service: bool
    why: str


def reachability(
    facts: Sequence[CardFact], permissions: Sequence[Permission], settings: Settings, person_id: str, moment: int
) -> list[Reach]:
    """One answer per channel of the settings.

    Args:
        facts: what the person's data says.
        permissions: permission records.
        settings: the channels.
        person_id: the person.
        moment: µs since 1970 UTC.
    """
    said = verdicts(permissions, moment).get(person_id)
    known = {fact.name: fact for fact in facts}
    found = []
    for channel in settings.channels:
        hindrance = _address(channel, known)
        marketing = may_be_contacted(said, "marketing", channel)
        service = may_be_contacted(said, "service", channel)
        found.append(
            Reach(
                channel=channel,
                marketing=not hindrance and marketing == "yes",
                service=not hindrance and service == "yes",
                why="; ".join(filter(None, (hindrance, _permission(marketing, service, channel)))),
            )
        )
    return found


def _address(channel: str, known: dict[str, CardFact]) -> str:
    field = _ADDRESS.get(channel)
    if field is None:
        return ""
    fact = known.get(field)
    if fact is None:
        return _NO_ADDRESS[field]
    return f"the {field} is in doubt: {fact.doubt}" if fact.doubt else ""


def _permission(marketing: Verdict, service: Verdict, channel: str) -> str:
    if service == "no":
        return f"said no to every message by {channel}"
    return {
        "yes": "",
        "no": f"said no to marketing by {channel}",
        "never_asked": f"never asked about marketing by {channel}",
    }[marketing]
