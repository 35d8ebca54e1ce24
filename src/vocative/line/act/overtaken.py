"""Messages that what has come in since they were decided has made untrue: they are not handed over any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from vocative.facts.possessions import Done, done_since
from vocative.line.act.decision_inputs import redeemed
from vocative.line.snapshot.relationships import acts_of
from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.history.main_role import main_role
from vocative.records.acting import Recipient
from vocative.records.cells import integer
from vocative.records.ledger_tables import OUTBOX
from vocative.records.schema import Row
from vocative.records.settings import Campaign, Role
from vocative.stats.calendars import DAY_US

BOUGHT, BOUGHT_ANYTHING = "the person has bought it since it was decided", "the person has bought since it was decided"
COMPLAINED = "the person has complained since it was decided"
ANSWERED = "the person has answered since it was decided"
REDEEMED = "the person has used its offer since it was decided"
# What was bought long ago and became known only now, by an old file that was imported late, overtakes nothing.
_LATE_DAYS = 28


def overtaken(
    scene: Snapshot, messages: Collection[str], owners: Mapping[str, str], people: Collection[Recipient]
) -> dict[str, str]:
    """Message → why it is no longer true, of those of the `messages` (their ids) that are not.

    What people buy is looked at of those only who allowed personalization.

    Args:
        scene: The workspace at the moment of the hand-over, with everything taken in that waited.
        messages: Ids of messages of the outbox.
        owners: Identifiers that belong to another person → that person.
        people: The people they were written to, as they are known now.
    """
    with scene.workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(OUTBOX, {"message_id": sorted(messages)})
    if not rows:
        return {}
    campaigns = {campaign.name: campaign for campaign in scene.workspace.campaigns}
    known = {one.person_id: one for one in people}
    bought = _purchases(scene, min(map(_decided, rows)))
    used = redeemed(scene) if any(row["offer"] for row in rows) else {}
    complaints = {person: acts.complaints for person, acts in acts_of(scene).items() if acts.complaints}
    found = {}
    for row in rows:
        person = owners.get(str(row["person_id"]), str(row["person_id"]))
        campaign = campaigns.get(str(row["campaign"]))
        if campaign is None:
            continue
        reasons = (
            ANSWERED if _has_answered(campaign, known.get(person)) else None,
            REDEEMED if str(row["offer"] or "").rpartition("#")[0] in used.get(person, ()) else None,
            _bought(campaign, row, [one for one in bought.get(person, ()) if one.since >= _decided(row)]),
            COMPLAINED if _has_complained(row, complaints.get(person, ()), scene.now) else None,
        )
        why = next(filter(None, reasons), None)
        if why is not None:
            found[str(row["message_id"])] = why
    return found


def _decided(row: Row) -> int:
    return integer(row["queued_at"])


def _purchases(scene: Snapshot, since: int) -> Mapping[str, list[Done]]:
    """Person → what matters most to the business, as far as it has become known since a moment (µs UTC)."""
    settings, sources = scene.workspace.settings, scene.sources
    roles: set[Role] = {role for role in ("purchase", main_role(settings)) if role is not None}
    scope = sources.scope(scene.now, settings)
    return done_since(scene.workspace.stores.engine, sources, scope, sorted(roles), since, _LATE_DAYS)


def _has_answered(campaign: Campaign, person: Recipient | None) -> bool:
    """Whether the person belongs no longer to those whom the campaign asks."""
    if person is None or campaign.personalized:
        return False
    said = person.personalization
    return (
        said != "never_asked"
        if campaign.audience == "never_asked"
        else (campaign.audience == "without_profile" and said == "yes")
    )


def _has_complained(row: Row, days: Iterable[float], now: int) -> bool:
    """Whether the person has complained since the message was decided; what people are owed goes out all the same."""
    return row["class"] != "service" and any(now - day * DAY_US >= _decided(row) for day in days)


def _bought(campaign: Campaign, row: Row, purchases: Collection[Done]) -> str | None:
    """Whether what was bought is what the message is about, or the message only wanted that somebody buys at all."""
    if not purchases or not campaign.personalized:
        return None
    about = set(_targets(campaign, row))
    if about & {name for one in purchases for name in (one.item, one.category) if name}:
        return BOUGHT
    return BOUGHT_ANYTHING if campaign.sells and (campaign.segment or not about) else None


def _targets(campaign: Campaign, row: Row) -> Iterator[str]:
    """What a message speaks of."""
    for topic in msgspec.json.decode(str(row["topics"]), type=list[str]):
        if topic.startswith(f"{campaign.topic}/"):
            yield topic.removeprefix(f"{campaign.topic}/")
