"""What the acting half is told of people, and what it decides: plain records, no tables."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from vocative.records.action import Action, OfferLevel, medium_of
from vocative.records.relationship import State

Outcome = Literal["contact", "silence", "control"]


class Effect(Struct, frozen=True, kw_only=True):
    """What a message changes for one person, as measured by lot: a mean, and the ends of its 90 % interval."""

    value: float
    low: float
    high: float
    unit: Literal["probability", "money"]


class Recipient(Struct, frozen=True, kw_only=True):
    """One person as the acting half may see them: reachability and permissions, no behaviour."""

    person_id: str
    addresses: dict[str, str]
    """Channel → usable address; a channel without one is missing."""
    contact: dict[str, str]
    """`class/channel` → yes, no or never_asked."""
    personalization: str
    """yes, no or never_asked; yes if it is allowed over one channel at least."""
    covered: frozenset[str] = frozenset()
    """`use/channel`: what the person was asked for and allowed their profile to be used for, over which channel."""
    refused: frozenset[str] = frozenset()
    """Channels over which their address was refused for good."""
    first_name: str | None = None
    """First name in its basic form, only if it may be said."""
    gender: str | None = None
    language: str | None = None
    zone: str | None = None
    """IANA zone; None when unknown, then the strictest rule holds."""
    country: str | None = None
    """ISO 3166-1 alpha-2 code; None when unknown."""
    most_per_month: int | None = None
    """Marketing messages in thirty days that the person asked for at most; None: they never said."""
    relationship: State = "stranger"
    """How well the person and the business know each other."""
    because: str = ""
    """Why the relationship is what it is, in words."""
    segments: frozenset[str] = frozenset()
    """Names of the rule segments the person belongs to; empty without permission for personalization."""
    hour: int | None = None
    """Local hour at which the person is usually about, where that prediction is admitted."""
    hours: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Channel → local hours at which the person reacts to messages over it, the likeliest first, where admitted."""
    liking: dict[str, float] = field(default_factory=dict)
    """Channel → how likely the person reacts to a message over it, as a multiple of everybody over all channels, where
    admitted; empty without permission for personalization."""
    numbers: dict[str, float] = field(default_factory=dict)
    """Features of the profile that a text may tell; empty without permission for personalization."""
    acts: int = 0
    """Days on which they bought or used anything; 0 without permission for personalization."""
    basket: float | None = None
    """Money they spend at a purchase on average; None where that is not known or not asked for."""
    buys: float | None = None
    """Probability that they buy anything within 28 days, by whichever way acts; None as above."""
    reacts: dict[str, float] = field(default_factory=dict)
    """Channel → probability that they react to the next message over it, by whichever way acts; empty without
    permission for personalization."""
    invited: frozenset[str] = frozenset()
    """Groups of offers the person is entitled to."""
    redeemed: frozenset[str] = frozenset()
    """Offers the person has used."""
    effects: dict[str, Effect] = field(default_factory=dict)
    """Key of an action as lots compare it, or empty for any contact → its effect on the person, where that was measured
    by lot and admitted; empty without permission for personalization."""


class Target(Struct, frozen=True, kw_only=True):
    """One thing a person will probably want: a prediction as the acting half may see it."""

    module: str
    target: str
    probability: float
    support: float
    typical_days: float | None = None
    """Usual number of days between two purchases of it; None where that is not known."""
    because: str = ""
    """The category or item it follows from, where the module can tell one."""
    category: str = ""
    """The category of an item; empty where the target is a category itself."""
    known: bool = False
    """Whether the person has bought of this category before."""
    times: int = 0
    """Days on which the person bought or used this very thing."""
    category_times: int = 0
    """Days on which they bought or used anything of its category."""
    because_times: int = 0
    """Days on which they bought or used what it follows from."""
    baseline: str = ""
    """The naive way that predicted it, where the model may not act; empty for a model that is admitted."""
    place: int = 0
    """Its place in the list of the person; 0 for all where there is no list."""
    rides: bool = False
    """Whether it is in the list for discovery or exploration: told beside what is due, whatever its probability."""
    horizon_days: float
    """The probability is that of buying it within so many days."""


class Offer(Struct, frozen=True, kw_only=True):
    """Something the business may offer, as it holds at the moment of the decision."""

    offer_id: str
    group: str = ""
    name: str = ""
    code: str = ""
    discount: float | None = None
    unit: str = ""
    """`percent` or `money`; empty when there is no size."""
    personal: bool = False
    """Whether its size was chosen for this person; then the message says so."""
    drawn: bool = False
    """Whether its size was drawn by lot among several; then the message says so."""
    ends_at: int | None = None
    """Until when it holds, µs UTC; None: without an end."""
    targets: frozenset[str] = frozenset()
    """Categories and items it holds for; empty: everything."""

    @property
    def level(self) -> OfferLevel | None:
        """Its size; None where it has none."""
        return None if self.discount is None else OfferLevel(self.discount, self.unit)


class Contact(Struct, frozen=True, kw_only=True):
    """One message of the past or in the outbox that counts towards caps and pauses."""

    person_id: str
    topics: tuple[str, ...]
    """`topic` and `topic/target` keys."""
    message_class: str
    """`marketing` or `service`; empty where nothing but the topics is known: then it counts towards no cap."""
    channel: str = ""
    local_day: int
    """Proleptic ordinal of the day in the person's own zone."""
    sent_at: int
    """Moment, µs UTC."""
    sells: bool = True
    """Whether it wanted to sell something."""


Basis = Literal["", "measured", "declared"]
"""What a worth rests on: an effect measured by lot, or what the business declares; empty where there is none."""


class Size(Struct, frozen=True, kw_only=True):
    """An offer of some size, and what the message that makes it is expected to be worth in money."""

    offer: Offer
    score: float
    basis: Basis
    low: float | None = None
    high: float | None = None


class Candidate(Struct, frozen=True, kw_only=True):
    """One thing that could be said to one person, with what became of it."""

    campaign: str
    channel: str
    personalized: bool
    targets: tuple[Target, ...] = ()
    offer: Offer | None = None
    """The offer it makes."""
    sizes: tuple[Size, ...] = ()
    """Offers of other sizes that it could make, the smallest first."""
    numbers: dict[str, float] = field(default_factory=dict)
    """Features of the profile it tells, as they were at the decision."""
    claims: tuple[str, ...] = ()
    """What a text may say of the person: the claims of `trust.claims` that held at the decision."""
    send_at: int | None = None
    local_day: int | None = None
    score: float | None = None
    """Expected worth in money."""
    basis: Basis = ""
    low: float | None = None
    high: float | None = None
    """Interval of the worth, where it was measured."""
    removed: str | None = None
    """The first hard filter that removed it; None if it passed all."""
    over: tuple[Candidate, ...] = ()
    """The same message over the other channels it may go over, of which one is taken where a limit is in the way."""

    @property
    def action(self) -> Action:
        """What is done if it is chosen."""
        level = None if self.offer is None else self.offer.level
        return Action(campaign=self.campaign, medium=medium_of(self.channel), channel=self.channel, offer=level)

    @property
    def ways(self) -> tuple[Candidate, ...]:
        """The message over every channel that it may go over, this one first."""
        return (self, *self.over)


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided for one person at one moment, and why."""

    decision_id: str
    person_id: str
    moment: int
    outcome: Outcome
    reason: str
    propensity: float
    """Probability of what this person got, over all lots that were drawn."""
    probabilities: dict[str, float] = field(default_factory=dict)
    """Key of an action as lots compare it, over whichever channel → probability that this person got it; empty key:
    nothing. Empty where what they got was certain, or where rounding decided and not a lot alone."""
    explored: bool = False
    """Whether what they got was drawn by lot, so that effects can be learnt."""
    relationship: State = "stranger"
    """How well the person and the business knew each other then."""
    because: str = ""
    """Why the relationship was what it was, in words."""
    chosen: Candidate | None = None
    candidates: tuple[Candidate, ...] = ()
    facts: dict[str, object] = field(default_factory=dict)


class Option(Struct, frozen=True, kw_only=True):
    """One action that could have been taken in a decision, with what it was held to be worth and how likely it was."""

    action: Action
    offer_id: str | None
    """The offer it makes; None: none."""
    best: bool
    """Whether it was the best channel and size of its campaign: the one that was weighed against other campaigns."""
    given: bool
    """Whether it is what the person got."""
    score: float | None
    """Expected worth in money."""
    low: float | None
    high: float | None
    """Interval of the worth, where it was measured."""
    basis: Basis
    cost: float
    """What handing it over costs, in money."""
    propensity: float | None
    """Probability that the person got it, over whichever channel; None where that cannot be told."""
    removed: str | None
    """Why it was not taken, though nothing forbade it: not worth it, or a limit; None: others were worth more."""
    targets: tuple[str, ...]
    """What the message names: categories or items, the most probable first."""


class LimitUse(Struct, frozen=True, kw_only=True):
    """What a plan uses of one limit."""

    name: str
    used: float
    """By this plan, what was used before not counted."""
    at_most: float | None
    """What was left of it for this plan; None: no limit from above."""
    at_least: float
    price: float
    """What one more unit would be worth, in the business's currency; negative for a limit from below, 0 where it does
    not bind."""
    short: float
    """What is missing of the limit from below."""


class Certificate(Struct, frozen=True, kw_only=True):
    """How good a plan is: no plan within the same limits is worth more than `bound`, by the same expectations."""

    worth: float
    """Expected worth of the plan's marketing messages, in the business's currency: measured, or else declared."""
    bound: float
    gap: float | None
    """The part of the bound by which the best plan could be better, at most; None where a limit from below is
    missed."""
    limits: list[LimitUse]
