"""Reads what the newest run has kept, and makes the figures of the report of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec

from vocative.desk.rehearse.gains import gains
from vocative.desk.report.customers import customers, hours_of, segments
from vocative.desk.report.deciding import decided, language_name, mails
from vocative.desk.report.figures import Arrived, Headline, Hours, Import, ProofRow, Refused, Report
from vocative.desk.report.patterns import found_patterns
from vocative.desk.report.relations import relations
from vocative.desk.status import permission_counts
from vocative.facts.week import hours_of_week
from vocative.line.act.bubble import in_words, shown_by
from vocative.line.models import registry
from vocative.line.models.proving import verdicts
from vocative.line.snapshot.records_io import decisions_of
from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.registry import predictors_of, question
from vocative.records.acting import Decision
from vocative.records.cells import integer
from vocative.records.lake_tables import FEATURES, MESSAGES, QUARANTINE, SEGMENT_CARDS
from vocative.records.ledger_tables import APPROVALS, IMPORTS, RUNS
from vocative.records.schema import Row, Table
from vocative.records.settings import Role, Wording
from vocative.workspace.opening import OpenWorkspace

_SECOND_US = 1_000_000
_HOURS_DAYS = 91
_MOST_REASONS = 8
_KINDS = ("events", "people", "items", "permissions", "offers")
_ACTS: tuple[tuple[Role, str], ...] = (("purchase", "visits with a purchase"), ("use", "uses"), ("view", "views"))

_REJECTED_SQL = "SELECT reason, count(*)::INTEGER AS rows_refused FROM quarantine GROUP BY 1 ORDER BY 2 DESC, 1"


def gather(workspace: OpenWorkspace, now: int) -> Report | None:
    """The figures of the newest run up to `now` (µs UTC) that has decided; None before the first."""
    run = _newest_run(workspace, now)
    if run is None:
        return None
    run_id, moment = run
    scene, settings = Snapshot(workspace, moment), workspace.settings
    decisions = decisions_of(workspace.stores, run_id)
    stages = _stages(workspace, run_id)
    messages = _rows(workspace, MESSAGES, run_id)
    cards = _rows(workspace, SEGMENT_CARDS, run_id)
    campaigns = {campaign.name: campaign for campaign in workspace.campaigns}
    found = workspace.stores.engine.query(
        "SELECT * FROM t WHERE run_id = $run", {"t": workspace.stores.lake.scan(FEATURES)}, {"run": run_id}
    )
    by_id = {decision.decision_id: decision for decision in decisions}
    return Report(
        business=settings.business.name,
        currency=settings.business.currency,
        zone=settings.business.timezone,
        invented=settings.business.invented,
        simulation=settings.business.simulation,
        moment=moment,
        headline=_headline(scene, decisions),
        arrived=_arrived(scene),
        customers=customers(found, cards, _hours(scene)),
        segments=segments(cards, stages.get("segment", {})),
        decided=decided(decisions, campaigns, (str(row["language"]) for row in messages)),
        mails=mails([_texts(row) for row in messages], by_id, _words(workspace), settings.sender.name),
        proofs=_proofs(workspace, moment),
        refused=_refused(workspace, stages, moment),
        plan=stages.get("decide", {}).get("plan"),
        shown="" if (shown := shown_by(workspace, moment)) is None else in_words(shown),
        patterns=found_patterns(workspace, moment),
        relations=relations(scene, decisions, language_name, _words(workspace)),
    )


def _newest_run(workspace: OpenWorkspace, now: int) -> tuple[str, int] | None:
    with workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(RUNS, {"stage": "decide", "state": "done"}, order_by=("moment",))
    done = [row for row in rows if integer(row["moment"]) <= now]
    return (str(done[-1]["run_id"]), integer(done[-1]["moment"])) if done else None


def _stages(workspace: OpenWorkspace, run_id: str) -> dict[str, dict[str, object]]:
    with workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(RUNS, {"run_id": run_id, "state": "done"})
    return {
        str(row["stage"]): msgspec.json.decode(str(row["result"]), type=dict[str, object])
        for row in rows
        if row["result"]
    }


def _rows(workspace: OpenWorkspace, table: Table, run_id: str) -> Sequence[Row]:
    return workspace.stores.engine.query(
        "SELECT * REPLACE (epoch_us(moment) AS moment) FROM t WHERE run_id = $run",
        {"t": workspace.stores.lake.scan(table)},
        {"run": run_id},
    ).to_pylist()


def _headline(scene: Snapshot, decisions: Sequence[Decision]) -> Headline:
    workspace, settings = scene.workspace, scene.workspace.settings
    permissions = permission_counts(workspace, scene.people)
    outcomes = [decision.outcome for decision in decisions]
    with workspace.stores.ledger.transaction() as transaction:
        approvals = transaction.select(APPROVALS, {"step": "approved"}, order_by=("at",))
    return Headline(
        people=len(decisions),
        written_to=outcomes.count("contact"),
        left_in_peace=outcomes.count("silence"),
        control=outcomes.count("control"),
        gains=gains(
            (one.chosen for one in decisions if one.outcome == "contact" and one.chosen is not None),
            {campaign.name: campaign for campaign in workspace.campaigns},
            settings,
        ),
        may_be_personalized=scene.people.allowed().num_rows,
        never_asked=permissions["personalization"]["never_asked"],
        may_be_written_to=scene.facts.may_be_contacted,
        # What is done at one moment is noted one after the other, a little later each.
        approved_by=sorted({str(row["by"]) for row in approvals if integer(row["at"]) < scene.now + _SECOND_US}),
    )


def _arrived(scene: Snapshot) -> Arrived:
    with scene.workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(IMPORTS, {"state": "done"}, order_by=("kind", "file"))
    imports = []
    for kind, found in groupby(rows, key=lambda row: str(row["kind"])):
        group = list(found)
        sums = {
            name: sum(integer(row[name]) for row in group)
            for name in ("read", "accepted", "merged", "rejected", "marked")
        }
        imports.append(Import(kind=kind, files=sorted({str(row["file"]) for row in group}), **sums))
    imports.sort(key=lambda one: _KINDS.index(one.kind) if one.kind in _KINDS else len(_KINDS))
    facts = scene.facts
    return Arrived(
        imports=imports,
        customers=facts.customers,
        interactions=facts.interactions,
        months=facts.months,
        newest=facts.newest,
    )


def _hours(scene: Snapshot) -> Hours | None:
    settings = scene.workspace.settings
    role, what = next(((role, what) for role, what in _ACTS if settings.events.get(role)), ("purchase", "visits"))
    scope = scene.sources.scope(scene.now, settings)
    rows = hours_of_week(scene.workspace.stores.engine, scene.sources, scope, role, _HOURS_DAYS)
    return hours_of(rows, what, _HOURS_DAYS)


def _proofs(workspace: OpenWorkspace, moment: int) -> list[ProofRow]:
    known, ledger = verdicts(workspace, moment), workspace.stores.ledger
    acting, drifts = registry.acting(ledger, moment), registry.drifts(ledger, moment)
    return [
        ProofRow(
            module=name,
            question=question(name, workspace.settings),
            verdict=known.get(name),
            acts=acting.get(name),
            drift=drifts.get(name),
        )
        for name in predictors_of(workspace.settings)
    ]


def _refused(workspace: OpenWorkspace, stages: Mapping[str, Mapping[str, object]], moment: int) -> Refused:
    rows = workspace.stores.engine.query(_REJECTED_SQL, {"quarantine": workspace.stores.lake.scan(QUARANTINE)})
    failed = stages.get("compose", {}).get("why_failed")
    return Refused(
        modules=[(name, verdict.why) for name, verdict in verdicts(workspace, moment).items() if not verdict.admitted],
        rows=[(str(row["reason"]), int(row["rows_refused"])) for row in rows.to_pylist()[:_MOST_REASONS]],
        messages=[str(one) for one in failed] if isinstance(failed, list) else [],
    )


def _texts(row: Row) -> dict[str, str]:
    return {name: str(value or "") for name, value in row.items()}


def _words(workspace: OpenWorkspace) -> dict[str, str]:
    first = workspace.settings.business.languages[0]
    told = workspace.wordings.get("en", workspace.wordings.get(first, Wording())).category
    return {name: one if isinstance(one, str) else one.nominative for name, one in told.items()}
