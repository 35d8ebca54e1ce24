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
        Column(
            "covers",
            "text",
            "what these words said the profile is used for, as `reminders, offers`; empty: as `[personalization]` says",
            optional=True,
        ),
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

NOT_ME = Table(
    name="not_me",
    store="ledger",
    columns=(
        Column("mark_id", "text", "identifies the mark; derived from its content"),
        Column("message_id", "text", "the event"),
        Column("alias", "text", "whose event it is, with its kind in front: `user:…`, `anonymous:…`"),
        Column("at", "moment", "from when on it is known that the event was a gift or somebody else's"),
        Column("source", "text", "what marked it"),
        Column("undone_at", "moment", "when the mark was undone; empty while it holds", optional=True),
    ),
    key=("mark_id",),
    subjects=("alias",),
    purpose="events marked as a gift or as somebody else's after they had come, which shape no profile any more",
    retention=Retention(None, "a mark holds as long as its event; erasure removes it"),
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
        Column("state", "text", "`started` or `done`; of a whole run `undone` too, when it was taken back"),
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
        Column("version", "text", "the approved version of the campaign it was written by", optional=True),
        Column("offer", "text", "the offer it makes and a hash of what it says of it", optional=True),
        Column("addressed", "text", "hash of the name, gender and address it was written to", optional=True),
        Column("topics", "json", "what it is about, as a list of texts; the same is not said twice within its pause"),
        Column("class", "text", "`marketing` or `service`: which caps apply"),
        Column("sells", "flag", "whether it wants to sell something; empty: it may", optional=True),
        Column("channel", "text", "the channel"),
        Column("address", "text", "where it goes"),
        Column("state", "text", "queued, claimed, handing_over (it may be taken), delivered, dropped or unknown"),
        Column("queued_at", "moment", "when it entered the outbox"),
        Column("send_at", "moment", "the earliest moment to hand it over"),
        Column("expires_at", "moment", "after this moment it is dropped"),
        Column("zone", "text", "the person's own zone; empty when unknown", optional=True),
        Column("local_day", "text", "the day in the person's own zone on which it counts, as YYYY-MM-DD"),
        Column("cost", "number", "what handing it over costs, in the business's currency"),
        Column("handed_over_at", "moment", "when the channel took it", optional=True),
        Column("dropped_at", "moment", "when it was dropped; until then it counted", optional=True),
        Column("receipt", "text", "what the channel answered", optional=True),
        Column("reason", "text", "why it was dropped or is unknown", optional=True),
    ),
    key=("message_id",),
    subjects=("person_id", "address"),
    purpose="the life of each message; caps, topics and budgets are counted here",
    retention=Retention(400, "caps and pauses of up to a year", since="queued_at"),
)

REFUSED_ADDRESSES = Table(
    name="refused_addresses",
    store="ledger",
    columns=(
        Column("channel", "text", "the channel"),
        Column("address", "text", "the address, in small letters"),
        Column("person_id", "text", "the person whose message was refused"),
        Column("at", "moment", "when it was refused for good"),
        Column("answer", "text", "what the channel answered"),
    ),
    key=("channel", "address"),
    subjects=("person_id", "address"),
    purpose="addresses that are not there any more, so that nothing is sent to them until the person has another one",
    retention=Retention(None, "a dead address stays dead; erasure of the person removes it"),
)

TOLD = Table(
    name="told",
    store="ledger",
    columns=(
        Column("person_id", "text", "the person"),
        Column("topic", "text", "the topic, or topic and target, of a campaign that says `once`"),
        Column("message_id", "text", "the message that told it"),
        Column("told_at", "moment", "when it was handed over"),
    ),
    key=("person_id", "topic", "message_id"),
    subjects=("person_id",),
    purpose="what a person has been told and must never be told again, whichever campaign would do it",
    retention=Retention(None, "told once means never again; erasure of the person ends it"),
)

ASSIGNMENTS = Table(
    name="assignments",
    store="ledger",
    columns=(
        Column("person_id", "text", "the person"),
        Column("experiment", "text", "`global` for the global control group"),
        Column("arm", "text", "of the global control group: `control` or `treated`"),
        Column("share", "number", "share of people who were drawn into this arm when it was assigned"),
        Column("assigned_at", "moment", "when it was assigned; it never changes afterwards"),
    ),
    key=("person_id", "experiment"),
    subjects=("person_id",),
    purpose="who is in which arm of an experiment, the control group first, so that effects can be measured",
    retention=Retention(None, "an assignment holds as long as the experiment is read"),
)

TREATMENTS = Table(
    name="treatments",
    store="ledger",
    columns=(
        Column("person_id", "text", "the person"),
        Column("moment", "moment", "when a contact was drawn by lot for the first time"),
        Column("treated", "flag", "whether the lot said to contact them"),
        Column("chance", "number", "with which probability it did; 0 where that cannot be told"),
        Column("campaign", "text", "the campaign that was likeliest before the lot was drawn"),
        Column("action_key", "text", "what was drawn, as lots compare it: over whichever channel; empty: nothing"),
        Column("chances", "json", "key of each action → its probability; an empty object where that cannot be told"),
    ),
    key=("person_id",),
    subjects=("person_id",),
    purpose="what is learnt from of a contact drawn by lot, once the decision itself is no longer kept",
    retention=Retention(730, "effects are small: two years of lots are learnt from", since="moment"),
)

MODELS = Table(
    name="models",
    store="ledger",
    columns=(
        Column("module", "text", "the question it answers"),
        Column("version", "text", "identifies the fitted model; derived from its content"),
        Column("fitted_at", "moment", "it was fitted on what was known before this moment"),
        Column("content", "json", "everything needed to predict with it; numbers and names of things, no code"),
    ),
    key=("module", "version"),
    subjects=(),
    purpose="fitted models, each version for good; what is kept of each is sums over people, no data of people",
    retention=Retention(400, "a year of versions to go back to", since="fitted_at"),
)

VERDICTS = Table(
    name="verdicts",
    store="ledger",
    columns=(
        Column("module", "text", "the question"),
        Column("moment", "moment", "the back-test used only what was known before this moment"),
        Column("version", "text", "version of the way to predict that was tested"),
        Column("admitted", "flag", "whether it may act; else its baseline does"),
        Column("result", "json", "the verdict as a whole: `vocative.records.proof.Verdict`"),
    ),
    key=("module", "moment"),
    subjects=(),
    purpose="what each prediction reached on the past; it holds averages, no data of people",
    retention=Retention(None, "proof of why a prediction was allowed to act"),
)

MODEL_CARDS = Table(
    name="model_cards",
    store="ledger",
    columns=(
        Column("module", "text", "the question it answers"),
        Column("version", "text", "the fitted model"),
        Column("fitted_at", "moment", "it was fitted on what was known before this moment"),
        Column("card", "json", "what it learnt from and how that was spread: `vocative.records.models.ModelCard`"),
    ),
    key=("module", "version"),
    subjects=(),
    purpose="what is known of each fitted model; it holds quantiles and shares over people, no data of people",
    retention=Retention(400, "as long as the model it describes", since="fitted_at"),
)

MODEL_STANDINGS = Table(
    name="model_standings",
    store="ledger",
    columns=(
        Column("module", "text", "the question"),
        Column("place", "integer", "number of the change within its module, from 0"),
        Column("version", "text", "the fitted model"),
        Column("state", "text", "`champion`, `challenger`, `retired` or `failed`"),
        Column("at", "moment", "what it is from this moment on"),
        Column("by", "text", "name of the person of the business who did it, or `vocative`"),
        Column("why", "text", "the reason, in a sentence"),
    ),
    key=("module", "place"),
    subjects=(),
    purpose="which version of each model acted when, and who or what decided so; it holds no data of people",
    retention=Retention(None, "proof of which model acted when"),
)

MODEL_WATCHES = Table(
    name="model_watches",
    store="ledger",
    columns=(
        Column("module", "text", "the question"),
        Column("moment", "moment", "when was predicted"),
        Column("version", "text", "the version that is judged"),
        Column("against", "text", "what it is compared with: another version, or `baseline:NAME`"),
        Column("complete_at", "moment", "when what was predicted is over"),
        Column("judged_at", "moment", "when it was judged; empty until then", optional=True),
        Column(
            "result", "json", "what it came to: `vocative.records.models.Comparison`; empty until then", optional=True
        ),
    ),
    key=("module", "moment", "version", "against"),
    subjects=(),
    purpose="what predictions came to, by version; it holds averages, no data of people",
    retention=Retention(400, "the longest question and a margin", since="moment"),
)

MODEL_DRIFT = Table(
    name="model_drift",
    store="ledger",
    columns=(
        Column("module", "text", "the question"),
        Column("moment", "moment", "the run that looked"),
        Column("version", "text", "the version that acted, or `baseline:NAME`"),
        Column("level", "text", "`green`, `amber` or `red`"),
        Column("result", "json", "what was found: `vocative.records.models.Drift`"),
    ),
    key=("module", "moment"),
    subjects=(),
    purpose="how far the world has moved away from what each model has learnt; it holds averages, no data of people",
    retention=Retention(400, "a year of drift and a margin", since="moment"),
)

PATTERNS = Table(
    name="patterns",
    store="ledger",
    columns=(
        Column("moment", "moment", "the search used only what was known before this moment"),
        Column("result", "json", "what was found: `vocative.records.patterns.Patterns`"),
    ),
    key=("moment",),
    subjects=(),
    purpose="what goes with what, as rates of no fewer people than the smallest segment; it holds no data of people",
    retention=Retention(400, "a year to compare with", since="moment"),
)

APPROVALS = Table(
    name="approvals",
    store="ledger",
    columns=(
        Column("approval_id", "text", "identifies the record; derived from its content"),
        Column("campaign", "text", "the campaign"),
        Column("version", "text", "hash of the campaign, its texts and the voice: a change is another version"),
        Column("step", "text", "`previewed`, `approved` or `withdrawn`"),
        Column("by", "text", "name of the person of the business who did it"),
        Column("at", "moment", "when"),
        Column("armed_from", "moment", "an approval holds from this moment on", optional=True),
        Column("detail", "json", "what was previewed: counts by kind of recipient and by language"),
    ),
    key=("approval_id",),
    subjects=(),
    purpose="who of the business allowed which text to go out; it holds no data of people who are written to",
    retention=Retention(None, "proof of who approved what"),
)

SWITCHES = Table(
    name="switches",
    store="ledger",
    columns=(
        Column("switch", "text", "`stop`: nothing is sent while it is on"),
        Column("at", "moment", "when it was turned"),
        Column("state", "text", "`on` or `off`"),
        Column("by", "text", "name of the person of the business who turned it"),
        Column("why", "text", "the reason they gave", optional=True),
    ),
    key=("switch", "at"),
    subjects=(),
    purpose="the history of the emergency stop; it holds no data of people who are written to",
    retention=Retention(None, "proof of when sending was stopped"),
)

ERASURES = Table(
    name="erasures",
    store="ledger",
    columns=(
        Column("mark", "text", "keyed hash of an identifier of an erased person; it cannot be turned back"),
        Column("receipt_id", "text", "the receipt the person was given"),
        Column("at", "moment", "when they were erased"),
        Column(
            "counts",
            "json",
            "rows and files that were found, by table, before they were deleted; on the first mark of a receipt",
            optional=True,
        ),
        Column("by", "text", "name of the person of the business who did it", optional=True),
        Column(
            "lifted_at", "moment", "when the mark was lifted, as the person came back; empty: it holds", optional=True
        ),
        Column("lifted_by", "text", "name of the person of the business who lifted it", optional=True),
    ),
    key=("mark",),
    subjects=(),
    purpose="keeps an erased person erased when the same data comes again; a keyed hash is no data of people by itself",
    retention=Retention(None, "an erasure holds for good"),
)

LEDGER_TABLES: tuple[Table, ...] = (
    PERMISSIONS,
    IDENTITIES,
    NOT_ME,
    IMPORTS,
    RUNS,
    OUTBOX,
    REFUSED_ADDRESSES,
    TOLD,
    ASSIGNMENTS,
    TREATMENTS,
    MODELS,
    VERDICTS,
    MODEL_CARDS,
    MODEL_STANDINGS,
    MODEL_WATCHES,
    MODEL_DRIFT,
    PATTERNS,
    APPROVALS,
    SWITCHES,
    ERASURES,
)
