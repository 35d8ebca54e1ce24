"""The content of the report as plain figures: what is on the page, before it has a form."""

from __future__ import annotations

from msgspec import Struct, field

from vocative.desk.rehearse.gains import Gains
from vocative.desk.report.patterns import FoundPatterns
from vocative.desk.report.relations import Relations
from vocative.records.models import Drift
from vocative.records.proof import Verdict

LEAST_SHOWN = 5
"""A figure about fewer people is not shown: it would be about them."""


class Counted(Struct, frozen=True, kw_only=True):
    """Something with a number of people (or messages); `people` is None where there are too few to be shown."""

    name: str
    people: int | None


class Headline(Struct, frozen=True, kw_only=True):
    """What is asked first."""

    people: int
    written_to: int
    left_in_peace: int
    control: int
    gains: Gains
    may_be_personalized: int
    never_asked: int
    """People whom nobody has asked whether they want personalization."""
    may_be_written_to: int
    approved_by: list[str]


class Import(Struct, frozen=True, kw_only=True):
    """The account of the imports of one kind: `read == accepted + merged + rejected`."""

    kind: str
    files: list[str]
    read: int
    accepted: int
    merged: int
    rejected: int
    marked: int


class Arrived(Struct, frozen=True, kw_only=True):
    """What came in."""

    imports: list[Import]
    customers: int
    interactions: int
    months: float
    newest: int | None
    """The newest event, µs UTC."""


class Stage(Struct, frozen=True, kw_only=True):
    """One stage of the lifecycle, with who came and went within a month."""

    name: str
    people: int
    share: float
    came: list[Counted]
    went: list[Counted]


class Bin(Struct, frozen=True, kw_only=True):
    """People who spent from `low` to below `high`; no upper end in the last."""

    low: float
    high: float | None
    people: int | None


class Hours(Struct, frozen=True, kw_only=True):
    """When people come: a row for each day from Monday, a column for each hour; shares of the whole week."""

    shares: list[list[float | None]]
    what: str
    """What is counted."""
    days: int
    """Over how many days."""


class Customers(Struct, frozen=True, kw_only=True):
    """Who the customers with a profile are."""

    profiles: int
    rfm: list[list[int | None]]
    """Rows: recency 5 to 1; columns: frequency 1 to 5."""
    stages: list[Stage]
    hours: Hours | None
    spend: list[Bin]
    spend_median: float | None
    spend_top_share: float | None
    """Share of all money that the tenth who spend most bring; None without money."""


class Trait(Struct, frozen=True, kw_only=True):
    """What tells a segment from everybody."""

    words: str
    effect: float


class Segment(Struct, frozen=True, kw_only=True):
    """One segment."""

    name: str
    kind: str
    people: int
    share: float
    traits: list[Trait]
    stability: float | None
    stability_words: str


class Segments(Struct, frozen=True, kw_only=True):
    """The segments by rule and the micro-segments."""

    rules: list[Segment]
    discovered: list[Segment]
    whole: float | None
    whole_words: str
    too_small: list[str]
    minimum: int


class Decided(Struct, frozen=True, kw_only=True):
    """What was decided, and why not."""

    reasons: list[Counted]
    """Why people are not written to."""
    campaigns: list[tuple[Counted, str]]
    """Contacts by campaign, with its goal."""
    channels: list[Counted]
    languages: list[Counted]


class Mail(Struct, frozen=True, kw_only=True):
    """One message as it arrives."""

    language: str
    language_name: str
    to: str
    """The address, with the person's part hidden."""
    sender: str
    subject: str
    paragraphs: list[str]
    small_print: list[str]
    """What stands below the signature."""
    channel: str
    campaign: str
    why: str
    personalized: bool


class Proof(Struct, frozen=True, kw_only=True):
    """How good one prediction was on the past."""

    module: str
    question: str
    verdict: Verdict | None
    acts: str | None = None
    """The version that predicts; None where the best naive way does."""
    drift: Drift | None = None
    """The newest look at how far the world has moved since it was fitted."""
    """None before the first test."""


class Refused(Struct, frozen=True, kw_only=True):
    """What was refused, and why."""

    modules: list[tuple[str, str]]
    rows: list[tuple[str, int]]
    """Reason → rows in the quarantine."""
    messages: list[str]
    """What kept messages from being written."""


class Report(Struct, frozen=True, kw_only=True):
    """The whole report."""

    business: str
    currency: str
    zone: str
    invented: list[str]
    simulation: bool
    moment: int
    """The moment of the run, µs UTC."""
    headline: Headline
    arrived: Arrived
    customers: Customers
    segments: Segments
    decided: Decided
    mails: list[Mail] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    refused: Refused
    plan: object = None
    """How good the plan was, as the run kept it; None where it did not."""
    shown: str = ""
    """How far what is shown lies outside what people do anyway, in one sentence."""
    patterns: FoundPatterns | None = None
    relations: Relations | None = None


def told(people: int) -> int | None:
    """The number, unless it is of too few people to be shown; nobody is nobody.

    >>> told(7), told(4), told(0)
    (7, None, 0)
    """
    return people if people >= LEAST_SHOWN or people == 0 else None
