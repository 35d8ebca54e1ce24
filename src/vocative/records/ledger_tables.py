"""The ledger: everything that needs transactions. Each table is declared here and nowhere else."""

from __future__ import annotations

from vocative.records.schema import Column, Retention, Table

PERMISSIONS = Table(
    name="permissions",
    store="ledger",
    columns=(
        Column("permission_id", "text", "identifies the record; derived from its content"),
        Column("user_id", "text", "the person"),
        Column("purpose", "text", "service, marketing, personalization, emotion, exact_place or ads_audience"),
        Column("channel", "text", "the channel it is limited to; `*` for all"),
        Column("status", "text", "`yes` or `no`; no record at all means never asked"),
        Column("basis", "text", "legal basis: consent, existing_customer, contract, legitimate_interest …"),
        Column("at", "moment", "when it was given or withdrawn"),
        Column("known_at", "moment", "when the business knew it"),
        Column("expires_at", "moment", "when it ends by itself", optional=True),
        Column("source", "text", "form, import or person that recorded it"),
        Column("text", "text", "the words the person was shown", optional=True),
    ),
    key=("permission_id",),
    subjects=("user_id",),
    purpose="proof of what each person allowed, for what, on which basis; rows are only ever added",
    retention=Retention(None, "proof of permission is needed as long as it may be disputed"),
)

IDENTITIES = Table(
    name="identities",
    store="ledger",
    columns=(
        Column("link_id", "text", "identifies the link; derived from its content"),
        Column("alias", "text", "an identifier with its kind in front: `user:…`, `anonymous:…`, `email:…`"),
        Column("person_id", "text", "the person it belongs to"),
        Column("at", "moment", "when it was linked"),
        Column("source", "text", "the import or event that declared it"),
        Column("undone_at", "moment", "when the link was undone; empty while it holds", optional=True),
    ),
    key=("link_id",),
    subjects=("alias", "person_id"),
    purpose="which identifiers belong to one person; a link can be undone and stays on record",
    retention=Retention(None, "needed to read old events; erasure removes it"),
)

IMPORTS = Table(
    name="imports",
    store="ledger",
    columns=(
        Column("import_id", "text", "identifies the import; derived from file content, kind and mapping"),
        Column("kind", "text", "events, people, items or permissions"),
        Column("file", "text", "name of the file"),
        Column("content", "text", "hash of the file's content; empty for a redrive", optional=True),
        Column("state", "text", "`prepared` once the account is drawn up, `done` once all is on disk, `replaced`"),
        Column("read", "integer", "rows read"),
        Column("accepted", "integer", "rows that were new"),
        Column("merged", "integer", "rows that were known already"),
        Column("rejected", "integer", "rows in the quarantine"),
        Column("marked", "integer", "accepted rows with a doubt"),
        Column("at", "moment", "when it was imported"),
    ),
    key=("import_id",),
    subjects=(),
    purpose="the account of every import; it holds counts, no data of people",
    retention=Retention(None, "the account of where data came from"),
)

RUNS = Table(
    name="runs",
    store="ledger",
    columns=(
        Column("run_id", "text", "identifies the run; derived from its moment"),
        Column("stage", "text", "the stage of the line; empty for the run as a whole"),
        Column("moment", "moment", "the `now` the run was given"),
        Column("state", "text", "`started` or `done`"),
        Column("result", "json", "what the stage reported", optional=True),
    ),
    key=("run_id", "stage"),
    subjects=(),
    purpose="which stages of which run are done, so that a run can be resumed; it holds counts, no data of people",
    retention=Retention(400, "a year of daily runs", since="moment"),
)

OUTBOX = Table(
    name="outbox",
    store="ledger",
    columns=(
        Column("message_id", "text", "the message"),
        Column("decision_id", "text", "the decision it carries out"),
        Column("person_id", "text", "the person"),
        Column("campaign", "text", "the campaign"),
        Column("topics", "json", "what it is about, as a list of texts; the same is not said twice within its pause"),
        Column("class", "text", "`marketing` or `service`: which caps apply"),
        Column("channel", "text", "the channel"),
        Column("address", "text", "where it goes"),
        Column("state", "text", "queued, handing_over, delivered, dropped or unknown"),
        Column("queued_at", "moment", "when it entered the outbox"),
        Column("send_at", "moment", "the earliest moment to hand it over"),
        Column("expires_at", "moment", "after this moment it is dropped"),
        Column("zone", "text", "the person's own zone; empty when unknown", optional=True),
        Column("local_day", "text", "the day in the person's own zone on which it counts, as YYYY-MM-DD"),
        Column("cost", "number", "what handing it over costs, in the business's currency"),
        Column("handed_over_at", "moment", "when the channel took it", optional=True),
        Column("receipt", "text", "what the channel answered", optional=True),
        Column("reason", "text", "why it was dropped or is unknown", optional=True),
    ),
    key=("message_id",),
    subjects=("person_id", "address"),
    purpose="the life of each message; caps, topics and budgets are counted here",
    retention=Retention(400, "caps and pauses of up to a year", since="queued_at"),
)

CONTROL = Table(
    name="control",
    store="ledger",
    columns=(
        Column("person_id", "text", "the person"),
        Column("experiment", "text", "`global` for the global control group"),
        Column("arm", "text", "`control` or `treated`"),
        Column("share", "number", "share of people in control when assigned"),
        Column("assigned_at", "moment", "when it was assigned; it never changes afterwards"),
    ),
    key=("person_id", "experiment"),
    subjects=("person_id",),
    purpose="who is in the control group, so that effects can be measured against it",
    retention=Retention(None, "an assignment holds as long as the experiment is read"),
)

LEDGER_TABLES: tuple[Table, ...] = (PERMISSIONS, IDENTITIES, IMPORTS, RUNS, OUTBOX, CONTROL)
