"""The lake: everything that grows, as open Parquet. Each table is declared here and nowhere else."""

from __future__ import annotations

from vocative.records.schema import Column, Retention, Table

EVENTS = Table(
    name="events",
    store="lake",
    columns=(
        Column("message_id", "text", "identifies the event; the same id twice changes nothing"),
        Column("timestamp", "moment", "when it happened"),
        Column("known_at", "moment", "when the business knew it"),
        Column("event", "text", "the name the business gives it; `[events]` in vocative.toml says what it means"),
        Column("user_id", "text", "the business's own identifier of the person", optional=True),
        Column("anonymous_id", "text", "identifier of a browser or device", optional=True),
        Column("session_id", "text", "identifier of the visit", optional=True),
        Column("order_id", "text", "identifier of the order or basket", optional=True),
        Column("item_id", "text", "identifier of the item", optional=True),
        Column("quantity", "number", "units; negative for a return", optional=True),
        Column("amount", "number", "money for the line after discounts; negative for a refund", optional=True),
        Column("discount", "number", "money taken off the line, not negative", optional=True),
        Column("duration", "number", "seconds of attention (a view's dwell, a film's watch time)", optional=True),
        Column("channel", "text", "channel it came through or answered (email, sms, push, web …)", optional=True),
        Column("text", "text", "what the person wrote or searched for", optional=True),
        Column("not_me", "flag", "the person or the business marked it as a gift or as somebody else's"),
        Column(
            "doubts", "text", "comma-separated `field:reason` not to use; `row:reason` excludes the event from features"
        ),
        Column("properties", "json", "every other property, as one JSON object", optional=True),
        Column("source", "text", "the import (`file#import`) or endpoint it came through"),
    ),
    key=("message_id",),
    subjects=("user_id", "anonymous_id"),
    purpose="the record of what people did; basis of every feature",
    retention=Retention(None, "what predictions are proved on; `[retention]` can set an end to it", since="timestamp"),
)

PEOPLE = Table(
    name="people",
    store="lake",
    columns=(
        Column("version_id", "text", "identifies this version of the person's data"),
        Column("timestamp", "moment", "from when these facts hold"),
        Column("known_at", "moment", "when the business knew them"),
        Column("user_id", "text", "the business's own identifier of the person"),
        Column("email", "text", "e-mail address", optional=True),
        Column("phone", "text", "phone number", optional=True),
        Column("first_name", "text", "first name in its basic form", optional=True),
        Column("gender", "text", "`female`, `male` or empty when unknown", optional=True),
        Column("language", "text", "BCP 47 tag of the preferred language", optional=True),
        Column("timezone", "text", "IANA zone; empty when unknown", optional=True),
        Column("country", "text", "ISO 3166-1 alpha-2 code", optional=True),
        Column("birth_date", "day", "date of birth", optional=True),
        Column("doubts", "text", "comma-separated `field:reason` that must be neither used nor said"),
        Column("traits", "json", "every other fact, as one JSON object", optional=True),
        Column("source", "text", "the import or endpoint it came through"),
    ),
    key=("version_id",),
    subjects=("user_id",),
    purpose="who the person is and how to reach them, as dated versions",
    retention=Retention(None, "kept while the person is a customer; erasure removes it"),
)

ITEMS = Table(
    name="items",
    store="lake",
    columns=(
        Column("version_id", "text", "identifies this version of the item's data"),
        Column("timestamp", "moment", "from when these facts hold"),
        Column("known_at", "moment", "when the business knew them"),
        Column("item_id", "text", "identifier of the item"),
        Column("name", "text", "name as a customer reads it", optional=True),
        Column("category", "text", "category as a customer reads it", optional=True),
        Column("brand", "text", "brand", optional=True),
        Column("price", "number", "list price in the business's currency", optional=True),
        Column("margin", "number", "money earned on one unit at list price", optional=True),
        Column("stock", "number", "units available; empty when not tracked", optional=True),
        Column("url", "text", "page of the item", optional=True),
        Column("image", "text", "picture of the item", optional=True),
        Column("doubts", "text", "comma-separated `field:reason` that must be neither used nor said"),
        Column("attributes", "json", "every other attribute, as one JSON object", optional=True),
        Column("source", "text", "the import or endpoint it came through"),
    ),
    key=("version_id",),
    subjects=(),
    purpose="the catalogue, as dated versions; it holds no data of people",
    retention=Retention(None, "prices and names of the past are needed to read old events"),
)

OFFERS = Table(
    name="offers",
    store="lake",
    columns=(
        Column("version_id", "text", "identifies this version of this row; derived from its content"),
        Column("offer_id", "text", "the business's own identifier of the offer"),
        Column(
            "item_id", "text", "an item it holds for, one row for each; empty: it holds for everything", optional=True
        ),
        Column("group", "text", "the business's name for the action it belongs to", optional=True),
        Column("name", "text", "name as customers know it", optional=True),
        Column("code", "text", "what a customer has to show or type", optional=True),
        Column("discount", "number", "its size in `unit`; empty when the business does not say", optional=True),
        Column("unit", "text", "`percent` or `money`; empty when there is no size", optional=True),
        Column("starts_at", "moment", "from when it holds; empty: it holds already", optional=True),
        Column("ends_at", "moment", "until when it holds; empty: without an end", optional=True),
        Column("timestamp", "moment", "when this became true"),
        Column("known_at", "moment", "when the business knew it"),
        Column("doubts", "text", "comma-separated `field:reason` not to use"),
        Column("attributes", "json", "every other property, as one JSON object", optional=True),
        Column("source", "text", "the import it came through"),
    ),
    key=("version_id",),
    subjects=(),
    purpose="what the business may offer, as dated versions; it holds no data of people",
    retention=Retention(None, "needed to read the events that answer it"),
)

QUARANTINE = Table(
    name="quarantine",
    store="lake",
    columns=(
        Column("import_id", "text", "the import that refused the row"),
        Column("kind", "text", "events, people, items or permissions"),
        Column("file", "text", "name of the file"),
        Column("row", "integer", "line or row in the file, counted from 1 with the header as 1 where there is one"),
        Column("column", "text", "the canonical column at fault; empty for the whole row", optional=True),
        Column("reason", "text", "what was wrong and how to mend it"),
        Column("content", "json", "the row as read, as one JSON object"),
        Column("user_id", "text", "the person's identifier where it could be read", optional=True),
        Column("known_at", "moment", "when the row was refused"),
    ),
    key=("import_id", "row"),
    subjects=("user_id",),
    purpose="rows that could not be accepted, kept so that nothing vanishes and all can be re-driven",
    retention=Retention(90, "long enough to mend a feed", since="known_at"),
)

FEATURES = Table(
    name="features",
    store="lake",
    columns=(
        Column("run_id", "text", "the run that computed the row"),
        Column("moment", "moment", "the row uses only what was known before this moment"),
        Column("person_id", "text", "the person"),
        Column("features", "numbers", "feature name → number; a feature without a value is absent"),
    ),
    key=("run_id", "person_id"),
    subjects=("person_id",),
    purpose="what the engine knows of a person who allowed personalization, in numbers",
    retention=Retention(400, "a year of comparable rows and a margin", since="moment"),
)

AFFINITIES = Table(
    name="affinities",
    store="lake",
    columns=(
        Column("run_id", "text", "the run that computed the row"),
        Column("moment", "moment", "the row uses only what was known before this moment"),
        Column("person_id", "text", "the person"),
        Column("attribute", "text", "attribute of the item: category, brand or any key of `attributes`"),
        Column("value", "text", "value of that attribute"),
        Column("affinity", "number", "log of the person's smoothed share over the population's share; 0 is average"),
        Column("share", "number", "the value's decayed share in the person's own behaviour, 0 to 1"),
        Column("support", "number", "decayed number of units behind it"),
    ),
    key=("run_id", "person_id", "attribute", "value"),
    subjects=("person_id",),
    purpose="what a person who allowed personalization likes more than others do",
    retention=Retention(400, "a year of comparable rows and a margin", since="moment"),
)

PREDICTIONS = Table(
    name="predictions",
    store="lake",
    columns=(
        Column("run_id", "text", "the run that made the prediction"),
        Column("moment", "moment", "it uses only what was known before this moment"),
        Column("person_id", "text", "the person"),
        Column("module", "text", "the question that is answered, for example `repeat_rhythm`"),
        Column("target", "text", "what it is about: a category, an item; empty for the person as a whole"),
        Column("value", "number", "the prediction: a probability, or an amount in `unit`"),
        Column("low", "number", "lower end of the 90 % interval"),
        Column("high", "number", "upper end of the 90 % interval"),
        Column("unit", "text", "`probability`, `days`, `money` …"),
        Column("horizon_days", "number", "how far ahead it looks"),
        Column("support", "number", "observations of this person behind it"),
        Column("version", "text", "version of the model"),
        Column("reasons", "json", "the facts it rests on, as one JSON object"),
    ),
    key=("run_id", "person_id", "module", "target"),
    subjects=("person_id",),
    purpose="what a person who allowed personalization will probably do",
    retention=Retention(400, "a year, to be compared with what then happened", since="moment"),
)

SHADOWS = Table(
    name="shadows",
    store="lake",
    columns=(
        Column("run_id", "text", "the run that made the prediction"),
        Column("moment", "moment", "it uses only what was known before this moment"),
        Column("person_id", "text", "the person"),
        Column("module", "text", "the question that is answered"),
        Column("target", "text", "what it is about: a category, an item; empty for the person as a whole"),
        Column("value", "number", "the prediction"),
        Column("support", "number", "observations of this person behind it"),
        Column("version", "text", "the version of the model that waits in shadow"),
    ),
    key=("run_id", "person_id", "module", "target", "version"),
    subjects=("person_id",),
    purpose="what a new version of a model would have predicted; nothing acts on it, it is judged by what then happens",
    retention=Retention(400, "the longest question and a margin", since="moment"),
)

SEGMENTS = Table(
    name="segments",
    store="lake",
    columns=(
        Column("run_id", "text", "the run that formed the segments"),
        Column("moment", "moment", "it uses only what was known before this moment"),
        Column("person_id", "text", "the person"),
        Column("kind", "text", "`rule`, `lifecycle`, `rfm` or `discovered`"),
        Column("segment", "text", "identifies the segment within its kind"),
    ),
    key=("run_id", "person_id", "kind", "segment"),
    subjects=("person_id",),
    purpose="which segments a person who allowed personalization belongs to",
    retention=Retention(400, "a year of movements between segments and a margin", since="moment"),
)

SEGMENT_CARDS = Table(
    name="segment_cards",
    store="lake",
    columns=(
        Column("run_id", "text", "the run that formed the segments"),
        Column("moment", "moment", "it uses only what was known before this moment"),
        Column("kind", "text", "`rule`, `lifecycle`, `rfm` or `discovered`"),
        Column("segment", "text", "identifies the segment within its kind"),
        Column("name", "text", "its name in plain words"),
        Column("size", "integer", "people in it"),
        Column("share", "number", "their share of all who have a profile"),
        Column(
            "traits", "json", "what tells it from everybody: a list of objects `trait`, `here`, `everybody`, `words`"
        ),
        Column(
            "stability", "number", "how well it was found again a month before, 0 to 1; empty: not told", optional=True
        ),
        Column("moved", "json", "people who came and went since a month before, by segment they came from or went to"),
    ),
    key=("run_id", "kind", "segment"),
    subjects=(),
    purpose="what each segment is; none is below the minimum size, so it holds no data of people",
    retention=Retention(400, "a year of movements between segments and a margin", since="moment"),
)

DECISIONS = Table(
    name="decisions",
    store="lake",
    columns=(
        Column("decision_id", "text", "identifies the decision; derived from run and person"),
        Column("run_id", "text", "the run that decided"),
        Column("moment", "moment", "when it was decided"),
        Column("person_id", "text", "the person"),
        Column("outcome", "text", "`contact`, `silence` or `control`"),
        Column("campaign", "text", "the chosen campaign; empty for silence", optional=True),
        Column("variant", "text", "which of several wordings of it; empty where there is one", optional=True),
        Column("medium", "text", "the chosen medium: `email`, `text` …", optional=True),
        Column("channel", "text", "the chosen channel; empty for silence", optional=True),
        Column("offer_discount", "number", "size of the offer that is made, in `offer_unit`", optional=True),
        Column("offer_unit", "text", "`percent` or `money`; empty when there is no size", optional=True),
        Column("action_key", "text", "campaign, variant, medium, channel and size as one text", optional=True),
        Column("about", "text", "what is told: targets and the offer; empty for silence", optional=True),
        Column("send_at", "moment", "the earliest moment to hand the message over", optional=True),
        Column("expires_at", "moment", "after this moment it is not sent any more", optional=True),
        Column("personalized", "flag", "whether profile or predictions were used"),
        Column("score", "number", "expected value of the chosen action in money", optional=True),
        Column("propensity", "number", "probability with which this outcome was chosen"),
        Column(
            "probabilities",
            "numbers",
            "key of each action that was possible, over whichever channel → its probability; the empty key is silence; "
            "empty where certain or unknown",
        ),
        Column("explored", "flag", "whether it was drawn by lot, so that effects can be learnt"),
        Column("reason", "text", "the main reason for the outcome, one word of the glossary"),
        Column("relationship", "text", "how well the person and the business knew each other"),
        Column("relationship_reason", "text", "why the relationship was what it was, in words"),
        Column(
            "candidates", "json", "every candidate and what removed it, to replay and explain it; `options` has columns"
        ),
        Column("facts", "json", "the facts the message may use, as one JSON object"),
        Column("versions", "json", "versions of models, settings and campaign used"),
    ),
    key=("decision_id",),
    subjects=("person_id",),
    purpose="what was decided for each person and why, so that it can be explained and replayed",
    retention=Retention(90, "as long as a decision can be asked about and replayed", since="moment"),
)

OPTIONS = Table(
    name="options",
    store="lake",
    columns=(
        Column("decision_id", "text", "the decision it could have been"),
        Column("action_key", "text", "campaign, variant, medium, channel and size as one text"),
        Column("run_id", "text", "the run that decided"),
        Column("moment", "moment", "when it was decided"),
        Column("person_id", "text", "the person"),
        Column("campaign", "text", "the campaign"),
        Column("variant", "text", "which of several wordings of it; empty where there is one"),
        Column("medium", "text", "the medium: `email`, `text` …; empty where it is not told"),
        Column("channel", "text", "the channel"),
        Column("offer_id", "text", "the offer it makes; empty: none"),
        Column("offer_discount", "number", "size of the offer, in `offer_unit`", optional=True),
        Column("offer_unit", "text", "`percent` or `money`; empty when there is no size", optional=True),
        Column("target", "text", "what it is about most: a category or an item", optional=True),
        Column("targets", "integer", "how many things it names"),
        Column("best", "flag", "whether it was the best channel and size of its campaign, weighed against others"),
        Column("given", "flag", "whether it is what the person got"),
        Column("score", "number", "expected worth in money", optional=True),
        Column("low", "number", "lower end of the 90 % interval, where it was measured", optional=True),
        Column("high", "number", "upper end of the 90 % interval, where it was measured", optional=True),
        Column("basis", "text", "what the worth rests on: `measured` by lot or `declared`"),
        Column("cost", "number", "what handing it over costs, in the business's currency"),
        Column(
            "propensity",
            "number",
            "probability that the person got this campaign, variant and size, over whichever channel; empty: not told",
            optional=True,
        ),
        Column("removed", "text", "why it was not taken, though nothing forbade it", optional=True),
    ),
    key=("decision_id", "action_key", "offer_id"),
    subjects=("person_id",),
    purpose="what each person could have got, so that decisions can be compared, audited for fairness and evaluated",
    retention=Retention(90, "as long as the decision it belongs to", since="moment"),
)

EXPOSURES = Table(
    name="exposures",
    store="lake",
    columns=(
        Column("decision_id", "text", "the decision in which the arm made a difference"),
        Column("experiment", "text", "`global` for the global control group"),
        Column("run_id", "text", "the run that decided"),
        Column("moment", "moment", "when it was decided"),
        Column("person_id", "text", "the person"),
        Column("arm", "text", "the arm they are assigned to"),
    ),
    key=("decision_id", "experiment"),
    subjects=("person_id",),
    purpose="for whom an experiment made a difference: contacted, or held back though a contact was due",
    retention=Retention(730, "effects are small: two years of experiments are read", since="moment"),
)

MESSAGES = Table(
    name="messages",
    store="lake",
    columns=(
        Column("message_id", "text", "identifies the message; derived from the decision"),
        Column("decision_id", "text", "the decision it carries out"),
        Column("run_id", "text", "the run that composed it"),
        Column("moment", "moment", "when it was composed"),
        Column("person_id", "text", "the person"),
        Column("channel", "text", "the channel"),
        Column("language", "text", "BCP 47 tag"),
        Column("template", "text", "name of the template"),
        Column("template_hash", "text", "hash of its text"),
        Column("address", "text", "where it goes: an address, a number, a token"),
        Column("subject", "text", "subject line; empty where the channel has none"),
        Column("body_text", "text", "the plain text"),
        Column("body_html", "text", "the HTML; empty where the channel has none"),
    ),
    key=("message_id",),
    subjects=("person_id", "address"),
    purpose="the words each person was to receive",
    retention=Retention(90, "as long as the decision behind it", since="moment"),
)

LAKE_TABLES: tuple[Table, ...] = (
    EVENTS,
    PEOPLE,
    ITEMS,
    OFFERS,
    QUARANTINE,
    FEATURES,
    AFFINITIES,
    PREDICTIONS,
    SHADOWS,
    SEGMENTS,
    SEGMENT_CARDS,
    DECISIONS,
    OPTIONS,
    EXPOSURES,
    MESSAGES,
)
