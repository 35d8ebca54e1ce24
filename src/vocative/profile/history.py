"""One person's live history at one moment, as features read it."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct, field

from vocative.facts.contacts import ContactState
from vocative.facts.facts import Fact
from vocative.facts.items import Bought, ItemState
from vocative.facts.local import LocalSlot, local_slots
from vocative.facts.orders import Order, OrderState
from vocative.facts.scope import ACTIVE_ROLES, CODES, Scope
from vocative.facts.slots import SlotState, SlotView
from vocative.facts.visits import Visit, VisitState
from vocative.records.settings import Role


class ItemFacts(Struct, frozen=True):
    """What the catalogue says about an item."""

    category: str | None
    brand: str | None


class Reference(Struct, frozen=True):
    """What a live profile needs to know of the rest of the world, as it was before `moment` (µs)."""

    moment: int
    items: dict[str, ItemFacts] = field(default_factory=dict)
    prices: dict[str, float] = field(default_factory=dict)
    """Category → mean price of a unit before discounts, over everybody who may be profiled."""


class FoldState(Struct):
    """Everything that is kept of one person's facts, apart from facts that still lie ahead."""

    slots: SlotState = field(default_factory=SlotState)
    orders: OrderState = field(default_factory=OrderState)
    items: ItemState = field(default_factory=ItemState)
    visits: VisitState = field(default_factory=VisitState)
    contacts: ContactState = field(default_factory=ContactState)

    def add(self, fact: Fact) -> None:
        """Count one fact, in any order."""
        self.slots.add(fact)
        self.orders.add(fact)
        self.items.add(fact)
        self.visits.add(fact)
        self.contacts.add(fact)

    def forget(self, before: int) -> None:
        """Drop what lies before a slot."""
        self.slots.forget(before)
        self.orders.forget(before)
        self.items.forget(before)
        self.visits.forget(before)
        self.contacts.forget(before)


class History:
    """Views over a state at the moment of a scope, each made at most once."""

    def __init__(self, state: FoldState, scope: Scope, zone: str, reference: Reference) -> None:
        self.scope = scope
        self.reference = reference
        self._state = state
        self._zone = zone
        self._views: dict[Role, SlotView] = {}

    def slots(self, role: Role) -> SlotView:
        """The slots of a role."""
        view = self._views.get(role)
        if view is None:
            view = self._views[role] = SlotView(self._state.slots.sums.get(CODES[role], {}), self.scope)
        return view

    @property
    def active(self) -> bool:
        """Whether anything at all is known of the person."""
        return any(self.slots(role).slots for role in self.scope.roles)

    @cached_property
    def orders(self) -> list[Order]:
        """The person's orders."""
        return self._state.orders.view(self.scope)

    @cached_property
    def visits(self) -> list[Visit]:
        """The person's visits."""
        return self._state.visits.view(self.scope)

    @cached_property
    def bought(self) -> list[Bought]:
        """The items the person bought."""
        return self._state.items.view(self.scope)

    def contacted(self, channel: str, role: Role, start: int) -> float:
        """How many contacts of a role came over a channel since a slot."""
        return self._state.contacts.count(channel, role, max(start, self.scope.horizon))

    def described(self, item: str) -> ItemFacts:
        """What the catalogue says about an item."""
        return self.reference.items.get(item, _UNKNOWN_ITEM)

    @cached_property
    def local(self) -> list[LocalSlot]:
        """Every slot in which the person was active, by their own clock."""
        roles = [role for role in ACTIVE_ROLES if role in self.scope.roles]
        active = {slot for role in roles for slot in self.slots(role).slots}
        bought, viewed = set(self.slots("purchase").slots), set(self.slots("view").slots)
        return local_slots(active, bought, viewed, self._zone, self.scope)


_UNKNOWN_ITEM = ItemFacts(None, None)
