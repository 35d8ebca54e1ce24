"""The settings of a workspace: what `vocative.toml` may say, its types and its defaults.

An empty list, a zero and a missing key mean different things; where it matters the field says so.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from vocative.records.caps import Caps, Count, QuietHours
from vocative.records.exploring import Exploring
from vocative.records.limits import GlobalLimit
from vocative.records.lists import Lists
from vocative.records.operation import Operation
from vocative.records.questions import Question
from vocative.records.relationship import Relationships, State
from vocative.records.segmenting import Segmenting, SegmentRule
from vocative.records.uses import Personalization, Use
from vocative.records.worth import Worth

Kind = Literal["events", "people", "items", "permissions", "offers"]
Purpose = Literal["service", "marketing", "personalization", "emotion", "exact_place", "ads_audience"]
Role = Literal[
    "purchase", "return", "view", "search", "basket", "wish", "reply", "sent", "open", "click", "complaint", "use",
    "redeem", "shown",
]  # fmt: skip

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
NotNegative = Annotated[float, Meta(ge=0.0)]
Days = Annotated[int, Meta(ge=1, le=3650)]
LEAST_KEPT_DAYS = 90
"""What a quarter is compared over, and a decision replayed, asks for."""
Kept = Annotated[int, Meta(ge=LEAST_KEPT_DAYS, le=36500)] | Literal["none"]


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole of `vocative.toml`."""

    business: Business
    sender: Sender
    events: dict[Role, list[str]] = field(default_factory=dict)
    """Which event names of the business mean what: `purchase = ["Order Completed"]`; a name stands under one role.

    `shown` is what the business put before people, one event for each thing: no act of theirs, so it counts for nothing
    but for what a place in a list is worth."""
    imports: dict[str, ImportMapping] = field(default_factory=dict)
    """Named mappings, as `[imports.NAME]`: how the columns of a file fill the canonical columns."""
    features: FeatureSettings = field(default_factory=lambda: FeatureSettings())
    personalization: Personalization = field(default_factory=Personalization)
    channels: dict[str, ChannelSettings] = field(default_factory=dict)
    """Channels that may be used, as `[channels.email]`; a channel that is not here is never used."""
    limits: dict[str, GlobalLimit] = field(default_factory=dict)
    """Limits for everybody together, as `[limits.NAME]`, beside the daily budgets of channels."""
    caps: Caps = field(default_factory=lambda: Caps())
    relationship: Relationships = field(default_factory=Relationships)
    quiet_hours: QuietHours = field(default_factory=lambda: QuietHours())
    control: Control = field(default_factory=lambda: Control())
    exploring: Exploring = field(default_factory=Exploring)
    worth: Worth = field(default_factory=Worth)
    readiness: ReadinessBar = field(default_factory=lambda: ReadinessBar())
    offers: OfferSettings = field(default_factory=lambda: OfferSettings())
    proving: Proving = field(default_factory=lambda: Proving())
    lists: Lists = field(default_factory=lambda: Lists())
    models: Operation = field(default_factory=lambda: Operation())
    questions: dict[str, Question] = field(default_factory=dict)
    """Questions of your own, as `[questions.NAME]`."""
    segmenting: Segmenting = field(default_factory=lambda: Segmenting())
    segments: dict[str, SegmentRule] = field(default_factory=dict)
    """Segments by rule, as `[segments.NAME]`."""
    retention: dict[str, Kept] = field(default_factory=dict)
    """Table → days for which its rows are kept, 90 at least, or "none" for no end: `events = 1095`. Who is not here is
    kept as `docs/reference/tables.md` says; `events` without an end. The first run of a week deletes what is older."""
    stores: StoreSettings = field(default_factory=lambda: StoreSettings())
    seed: int = 1
    """Seed of every random choice; the same data, `now` and seed give the same run."""


class Business(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[business]`: who speaks, and where the clock hangs."""

    name: str
    """Name as customers know it."""
    timezone: str
    """IANA zone of the business; local times in files without a zone are read in it."""
    country: str = ""
    """ISO 3166-1 alpha-2 code; a person without one is taken to live here."""
    currency: str = "EUR"
    """ISO 4217 code of every amount of money."""
    languages: list[str] = field(default_factory=lambda: ["en"])
    """BCP 47 tags of the languages it writes in; the first is the fallback."""
    main_act: Role | None = None
    """Which meaning of `[events]` is the act that matters: what predictions ask about. Unless you say, it is a
    purchase; where nobody ever bought, a use (watching, playing, training), else a view (reading); where there is none
    of these either, what people do most often of their own accord (search, basket, wish, click, reply, redeem), else
    an open."""
    invented: list[str] = field(default_factory=list)
    """Which data is invented (demo, simulation); named wherever it is shown. Empty for a real business."""
    simulation: bool = False
    """Its time is simulated: commands may act ahead of this machine's clock without `--as-if`, and every summary and
    page says so. Demonstrations, recipes and simulated markets are made with it; a real business leaves it out."""


class Sender(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[sender]`: whose name and address messages carry."""

    name: str
    """Name in the From line."""
    email: str
    """Address in the From line."""
    reply_to: str = ""
    """Address for replies; empty means `email`."""
    address: str = ""
    """Postal address for the footer; many countries ask for one."""
    links: str = ""
    """Base URL of the pages behind "why" and "off"; empty while there are none, then replies serve."""


class ImportMapping(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[imports.NAME]`: how the columns of a file fill the canonical columns of one kind."""

    kind: Kind
    """What the file holds."""
    columns: dict[str, ColumnRule]
    """Canonical column → rule. Columns of the file that no rule reads go to `properties`, `traits` or `attributes`."""
    timezone: str = ""
    """IANA zone of local times in the file; empty means the zone of the business."""
    timestamp_format: str = ""
    """strptime pattern of times, such as `%d.%m.%Y %H:%M`; empty means: recognised, and refused when ambiguous."""
    encoding: str = ""
    """Encoding of the file; empty means: recognised."""
    delimiter: str = ""
    """Delimiter of a CSV file; empty means: recognised."""
    decimal: Literal[".", ","] = "."
    """Decimal mark of numbers."""
    known_after: NotNegative = 0.0
    """Seconds after `timestamp` at which the business knew the row, for files without a `known_at` column."""
    ignore: list[str] = field(default_factory=list)
    """Columns of the file that are not kept at all."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule of a mapping: exactly one of `column`, `join`, `sum`, `product`, `constant`."""

    column: str = ""
    """Column of the file that is taken as it stands."""
    join: list[str] = field(default_factory=list)
    """Columns joined by `separator` into one text."""
    separator: str = "-"
    """What stands between joined columns."""
    sum: list[str] = field(default_factory=list)
    """Columns added up; an empty one counts as zero."""
    product: list[str] = field(default_factory=list)
    """Columns multiplied, such as the price of a unit and the quantity; if one is empty, so is the product."""
    constant: str = ""
    """Text that every row gets."""
    values: dict[str, str] = field(default_factory=dict)
    """Translation of values; a value that is not listed stays as it is."""
    negate: bool = False
    """Change the sign of the number."""


ColumnRule = str | Rule


class FeatureSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[features]`: what the profile pays attention to."""

    affinities: list[str] = field(default_factory=lambda: ["category", "brand"])
    """Attributes of items to which affinities are computed: `category`, `brand` or a key of `attributes`."""
    session_gap_minutes: Annotated[int, Meta(ge=1, le=1440)] = 30
    """A pause longer than this starts a new session."""
    longest_dwell_seconds: NotNegative = 600.0
    """Attention to one thing is capped at this: a page left open is not interest."""
    history_days: Days = 730
    """Events older than this are not read."""


class ChannelSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[channels.NAME]`: one way to reach people."""

    driver: str
    """Name of the installed driver that hands messages over, for example `file`."""
    cost: NotNegative = 0.0
    """What one message costs, in the business's currency."""
    daily_budget: NotNegative | None = None
    """Money for one local day of the business; missing means no limit, 0 means nothing is sent."""
    options: dict[str, str | int | bool] = field(default_factory=dict)
    """What the driver itself asks for, as `[channels.NAME.options]`; docs/reference/drivers.md lists it."""


class Control(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[control]`: the global control group, which gets no marketing, so that effects can be measured."""

    share: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.1
    """Share of people in the group, 0 to 0.5."""
    salt: str = "global"
    """Changing it draws a new group; people assigned before keep their arm."""


class ReadinessBar(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[readiness]`: how much data is enough; below it `status` says what is missing."""

    customers: Count = 10_000
    """People with at least one event."""
    interactions: Count = 100_000
    """Events of all kinds."""
    months: NotNegative = 6.0
    """Months between the first and the newest event."""
    repeaters: Count = 100
    """People who bought on two days or more; fewer leave a shared rhythm to chance."""
    fresh_days: NotNegative = 7.0
    """Newest event at most this many days before `now`."""


StoreKind = Literal["inbox", "lake", "ledger", "engine"]
StoreOption = str | int | float | bool
"""One option of a driver."""


class StoreSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[stores]`: names of installed drivers, and what they may use."""

    inbox: str = "sqlite"
    """Driver that keeps events just accepted."""
    lake: str = "delta"
    """Driver that keeps tables that grow."""
    ledger: str = "sqlite"
    """Driver that keeps what needs transactions."""
    engine: str = "duckdb"
    """Driver that runs queries over the lake."""
    memory: Annotated[str, Meta(pattern=r"^\d+(MB|GB)$")] = "1GB"
    """Memory of the engine; what does not fit is spilled to disk."""
    options: dict[StoreKind, dict[str, StoreOption]] = field(default_factory=dict)
    """`[stores.options.KIND]`: what else a driver is told, such as the address of a server; the embedded ones need
    nothing."""


class OfferSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[offers]`: who may be offered what."""

    invited_by: str = ""
    """Event that entitles a person to the offers of a group; empty: every offer is for everybody."""
    invited_key: str = "group"
    """Property of that event that names the group."""
    redeemed_key: str = "offer_id"
    """Property of events with the role `redeem` that names the offer; an offer is used once."""


class Proving(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[proving]`: how predictions are tested on the past before they may act."""

    origins: Annotated[int, Meta(ge=4, le=24)] = 4
    """Moments of the past at which is predicted what then happened."""
    step_days: Days = 28
    """Days between them."""
    retrain_every: Days = 28
    """Days after which a verdict is too old, and models are fitted and tested again."""
    least_people: Count = 200
    """People with an outcome a test needs at least at each origin."""


class Brand(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole of `brand.toml`: the business's own voice."""

    signature: str
    """Last line of every message."""
    register: dict[str, Literal["informal", "formal"]] = field(default_factory=dict)
    """Language → how people are addressed; a language that is not here is formal."""
    avoid: list[str] = field(default_factory=list)
    """Words that never stand in a message, a ~ for any ending; a template that holds one is refused."""


class WordForms(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Words for one thing in a language with cases; a plain text serves where there are none."""

    nominative: str
    """As it stands alone: milk is due."""
    accusative: str = ""
    """As what somebody buys; a template that needs it and finds none is refused."""
    genitive: str = ""
    """As what somebody runs out of."""
    gender: Literal["", "masculine", "feminine", "neuter"] = ""
    """Its gender; empty where the number decides."""
    number: Literal["singular", "plural"] = "singular"
    """Whether verbs beside it stand in the singular or the plural."""


class Wording(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file in `wording/`, named after its language: how things are called in a message."""

    category: dict[str, str | WordForms] = field(default_factory=dict)
    """Category of the catalogue → words for it; a category without words is never mentioned."""
    texts: dict[str, str] = field(default_factory=dict)
    """Texts of `vocative.toml` and `brand.toml` that messages show (signature, what is invented) → in this language."""


class Campaign(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file in `campaigns/`: something the business would like to say, to whom it fits, and how."""

    name: str
    """Name, unique among the campaigns of the workspace."""
    goal: str
    """What it is for, in the business's own words."""
    channel: str
    """Channel it goes over; it stands in `[channels]`."""
    channels: list[str] = []
    """All channels it may go over, `channel` among them: each person gets it over the one that is worth most for them,
    of those they allow and have an address for. Empty: over `channel` only."""
    message_class: Literal["marketing", "service"] = "marketing"
    """Which permission it needs; caps hold for marketing, unless they name `service`."""
    personalized: bool
    """Whether it needs permission for personalization."""
    audience: Literal["everyone", "without_profile", "never_asked"] = "everyone"
    """Whom a campaign without personalization is for: `without_profile` are those who did not allow personalization,
    `never_asked` those whom nobody has asked about it yet."""
    use: Use | None = None
    """What a personalized campaign uses the profile for; only people who were asked for that get it. Unless you say, it
    is `offers` where it makes offers, `summaries` where it tells numbers, `reminders` where it rests on `repeat_rhythm`
    or `runs_out`, `discoveries` where it rests on another prediction; else `offers` where it sells, and `thanks`."""
    covers: list[Use] = field(default_factory=list)
    """What the text of a campaign for people who were `never_asked` asks for: the uses that a yes to it covers."""
    sells: bool = True
    """Whether it wants to sell something. Help, thanks and a report do not: then `false`."""
    relationships: list[State] = field(default_factory=list)
    """Only people whose relationship to the business is one of these; empty for all. It needs `personalized: true`."""
    topic: str
    """What it is about; nobody gets the same topic (and item) twice within `pause_days`."""
    pause_days: Days = 30
    """Days before the same person hears of the same topic (and target) again."""
    once: bool = False
    """Whether nobody ever hears of the topic (and target) a second time, over whichever campaign and channel; all
    campaigns of a topic have to say the same. What was told before this was said counts for 400 days."""
    module: str = ""
    """The prediction it rests on, for example `repeat_rhythm`; empty for a generic campaign."""
    least_probability: Share = 0.5
    """Only targets with at least this probability are candidates."""
    least_support: Count = 3
    """Only targets with at least this many observations of the person are candidates."""
    about: Literal["category", "item"] = "category"
    """What its targets are; predictions of items can also be spoken of by their category."""
    order: Literal["probability", "lift"] = "probability"
    """What is named first of the targets: the most probable one, or the one whose probability is the highest multiple
    of everybody's (`lift`): what the person wants more than others do, and not what all buy anyway."""
    offers: bool = False
    """Whether it needs a running offer for what it speaks of."""
    novelty: Literal["any", "known", "new"] = "any"
    """Whether its targets have to be of a category the person has bought before (`known`) or never (`new`)."""
    segment: str = ""
    """Only people of this segment of `[segments]`; empty for all."""
    tells: dict[str, NotNegative] = field(default_factory=dict)
    """Feature of the profile the text may tell as a number → the least worth telling; only people who reach all of
    them, and are above zero, are candidates."""
    exclude_targets: list[str] = field(default_factory=list)
    """Targets never to be mentioned: sensitive or not for sale by message."""
    template: str
    """Folder in `templates/` with a text for each language."""
    value: NotNegative = 0.0
    """What one success is worth, in the business's currency, before anything was measured."""
    needs_proof: bool = False
    """Whether it is chosen only where its effect was measured by lot. Until then it goes to those for whom it is drawn
    (`[exploring]`), and to nobody else."""
    send_hour: Annotated[int, Meta(ge=0, le=23)] = 10
    """Local hour at which it is handed over, if quiet hours allow; where the campaign is personalized, the
    hour at which the person reacts to messages over the channel goes before, else that at which they are about, as far
    as the prediction is admitted."""
    valid_hours: Annotated[int, Meta(ge=1, le=720)] = 48
    """Hours after which a message that was not handed over is dropped."""
