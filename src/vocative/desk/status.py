"""What is in a workspace, what may run on it, and who may get what; each number as of one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from vocative.decide.eligibility.caps import caps_of_zero
from vocative.deliver.outbox import states
from vocative.desk.unsaid import items_unsaid, names_unsaid
from vocative.errors import TemplateError
from vocative.line.act import approval, bubble
from vocative.line.act.fairness import measured
from vocative.line.act.studio import studio_of
from vocative.line.models import registry
from vocative.line.snapshot.clock import WHOLE_RUN, to_text
from vocative.line.snapshot.journal import Result
from vocative.line.snapshot.people import ADDRESS_FIELDS, Everybody, recipients
from vocative.line.snapshot.snapshot import Snapshot
from vocative.records.cells import integer
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.records.ledger_tables import IMPORTS, RUNS
from vocative.records.relationship import STATES
from vocative.records.schema import Row
from vocative.records.settings import LEAST_KEPT_DAYS, Settings
from vocative.stats.calendars import DAY_US
from vocative.stats.holidays import knows_holidays
from vocative.trust.permission import may_be_profiled, may_be_used
from vocative.trust.uses import use_of
from vocative.workspace.opening import OpenWorkspace


def permission_counts(workspace: OpenWorkspace, people: Everybody) -> dict[str, dict[str, int]]:
    """For marketing and personalization: how many people said yes, no, or were never asked."""
    verdicts = [people.said.get(str(row["person_id"])) for row in people.rows]
    counts = {
        "marketing": Counter("never_asked" if said is None else said.on("marketing") for said in verdicts),
        "personalization": Counter(
            "never_asked" if said is None else said.anywhere("personalization") for said in verdicts
        ),
    }
    for channel in workspace.settings.channels:
        counts[f"marketing/{channel}"] = Counter(
            "never_asked" if said is None else said.on("marketing", channel) for said in verdicts
        )
    return {
        purpose: {verdict: count[verdict] for verdict in ("yes", "no", "never_asked")}
        for purpose, count in counts.items()
    }


def status(workspace: OpenWorkspace, now: int) -> Result:
    """Everything `vocative status` shows, as plain values."""
    stores = workspace.stores
    scene = Snapshot(workspace, now)
    people, facts = scene.people, scene.facts
    campaigns = _campaigns(workspace, now)
    fair = measured(scene)
    worse = len({one.person for one in fair.violations}) if fair else 0
    with stores.ledger.transaction() as transaction:
        imports = transaction.select(IMPORTS, order_by=("at", "import_id"))
        runs = transaction.select(RUNS, {"stage": WHOLE_RUN}, order_by=("moment",))
    return {
        "as_of": to_text(now),
        "business": workspace.settings.business.name,
        "invented": workspace.settings.business.invented,
        "simulation": workspace.settings.business.simulation,
        "people": len(people.rows),
        "names_unsaid": names_unsaid(_name(row) for row in people.rows),
        "items_unsaid": items_unsaid(scene),
        "facts": msgspec.to_builtins(facts),
        "history": {
            "months": round(facts.months, 1),
            "first": to_text(facts.first) if facts.first else None,
            "newest": to_text(facts.newest) if facts.newest else None,
        },
        "permissions": permission_counts(workspace, people),
        "refused_addresses": _refused(workspace, people),
        "readiness": msgspec.to_builtins(scene.readiness),
        "imports": imports,
        "runs": _runs(runs),
        "shown": bubble.account(bubble.shown_by(workspace, now)),
        "outbox": states(stores.ledger),
        "campaigns": campaigns,
        "loyal": None if fair is None else {"saw_an_offer": fair.loyal, "saw_worse": worse},
        "warnings": [
            *warnings(workspace),
            *_not_expired(runs),
            *registry.warnings(workspace, now),
            *_held_back(workspace, campaigns),
            *_unfair(worse),
            *_unasked(workspace, people),
            *_never_read(workspace.settings, facts.first, now),
        ],
        "versions": {table.name: stores.lake.scan(table).version for table in (EVENTS, PEOPLE, ITEMS)},
    }


def _name(row: Mapping[str, object]) -> str | None:
    name = row["first_name"]
    return name if isinstance(name, str) else None


def _refused(workspace: OpenWorkspace, people: Everybody) -> dict[str, int]:
    """Channel → people whose address was refused for good; nothing is sent to them until they have another one."""
    reached = recipients(people, workspace.settings, {})
    return dict(sorted(Counter(name for one in reached for name in one.refused).items()))


def _campaigns(workspace: OpenWorkspace, now: int) -> dict[str, str]:
    """Campaign → how far it is on its way to going out; a template that cannot be read leaves it a draft."""
    try:
        states = approval.states(workspace, studio_of(workspace), now)
    except TemplateError:
        return {campaign.name: "draft" for campaign in workspace.campaigns}
    return {state.name: state.state for state in states}


def _held_back(workspace: OpenWorkspace, campaigns: Mapping[str, str]) -> list[str]:
    """What keeps messages from going out until a person of the business does something."""
    found = []
    if approval.stopped(workspace):
        found.append("everything is stopped: `vocative stop --lift --by NAME` lets it go on")
    drafts = sorted(name for name, state in campaigns.items() if state in ("draft", "previewed"))
    if drafts:
        found.append(f"not approved, so not sent: {', '.join(drafts)}; see `vocative campaign preview NAME`")
    return found


def _unfair(worse: int) -> list[str]:
    if not worse:
        return []
    return [f"{worse} loyal people saw smaller offers than people who buy now and then, within 90 days; see the report"]


def _unasked(workspace: OpenWorkspace, people: Everybody) -> list[str]:
    """Campaigns that do not go to people who allowed personalization, because they were asked for less."""
    covers = workspace.settings.personalization.covers
    allowed = [one for row in people.rows if may_be_profiled(one := people.said.get(str(row["person_id"])))]
    found = []
    for campaign in workspace.campaigns:
        if (use := use_of(campaign)) is None:
            continue
        channels = campaign.channels or [campaign.channel]
        left = sum(not any(may_be_used(said, use, channel, covers) for channel in channels) for said in allowed)
        if left:
            found.append(
                f"{campaign.name}: {left:,} people allowed personalization and were not asked for {use}, so it does "
                "not go to them; docs/how-to/ask-for-permission.md"
            )
    return found


def _never_read(settings: Settings, first: int | None, now: int) -> list[str]:
    """Events that no prediction reads any more, where the business has not said how long they are to be kept."""
    days = settings.features.history_days
    if first is None or first >= now - days * DAY_US or EVENTS.name in settings.retention:
        return []
    return [
        f"events of more than {days} days ago are kept, and no prediction reads them; `[retention] {EVENTS.name} = "
        f'{max(days, LEAST_KEPT_DAYS)}` would delete them, "none" keeps them on purpose'
    ]


def _not_expired(rows: Sequence[Row]) -> list[str]:
    """Why the newest run deleted nothing of what is older than it is kept, where it should have."""
    told = [str(row["result"]) for row in rows if row["state"] == "done" and row["result"]]
    newest = msgspec.json.decode(told[-1], type=_Told) if told else _Told()
    if not newest.expire.waits:
        return []
    return [
        f"the run of {newest.now} deleted nothing of what is older than it is kept: {'; '.join(newest.expire.waits)}. "
        "If its moment was right, `vocative run --expire` deletes it; if not, `vocative run --undo` takes the run back"
    ]


class _Waits(msgspec.Struct, frozen=True):
    """What the stage that deletes reported, as far as it waits."""

    waits: tuple[str, ...] = ()


class _Told(msgspec.Struct, frozen=True):
    """What a run reported, as far as it is read here."""

    now: str = ""
    expire: _Waits = _Waits()


def _runs(rows: Sequence[Row]) -> Result:
    """How many runs are done, the newest of them, and those after it that were cut off and can still be resumed."""
    done = [integer(row["moment"]) for row in rows if row["state"] == "done"]
    last = max(done, default=None)
    cut_off = [integer(row["moment"]) for row in rows if row["state"] == "started"]
    return {
        "done": len(done),
        "unfinished": [to_text(moment) for moment in cut_off if last is None or moment > last],
        "last": None if last is None else to_text(last),
    }


def warnings(workspace: OpenWorkspace) -> list[str]:
    """Settings that mean something a reader could overlook: a zero that stops everything, a channel without budget."""
    settings = workspace.settings
    found = [f"{name} = 0: nobody gets any message it is about" for name in caps_of_zero(settings.caps)]
    found += [
        f"[relationship.{state}] {name} = 0: nobody in this state gets any marketing"
        for state in STATES
        for name in ("per_day", "per_week", "per_month")
        if getattr(settings.relationship.caps_of(state), name) == 0
    ]
    if settings.relationship.selling_in_a_row == 0:
        found.append("[relationship] selling_in_a_row = 0: nothing that sells goes to anybody")
    asks = settings.quiet_hours.holidays or any(one.holidays for one in settings.quiet_hours.channels.values())
    if asks and not knows_holidays(settings.business.country):
        found.append(
            "[quiet_hours] holidays: those of the business's country are not known; set [business] country, such as LV"
        )
    found += [
        f"[channels.{name}] daily_budget = 0: nothing is sent over this channel"
        for name, channel in workspace.settings.channels.items()
        if channel.daily_budget == 0
    ]
    found += [
        f"[channels.{name}]: people have no addresses for it, so it reaches nobody; known: {', '.join(ADDRESS_FIELDS)}"
        for name in workspace.settings.channels
        if name not in ADDRESS_FIELDS
    ]
    if not workspace.campaigns:
        found.append("there are no campaigns: nothing is said to anybody; write one as campaigns/NAME.yaml")
    if not workspace.settings.channels:
        found.append("no channel is set up: nothing can be sent")
    if not workspace.settings.events.get("purchase"):
        found.append("[events] purchase is empty: no event counts as a purchase")
    return found
