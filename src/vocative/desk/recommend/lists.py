"""A list of things for one person, as it is asked for: `vocative recommend`, and from Python.

What the newest run has predicted of a person is put in order by what is asked of the list. Somebody without an act gets
what fits what they declared and what many have at such an hour; somebody who has not allowed personalization gets what
many have, and nothing of theirs is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec
import numpy as np
import pyarrow.compute as pc

from vocative.desk.recommend.item_lookup import Listed, ThingList
from vocative.desk.recommend.reason_words import in_words, kind_of
from vocative.errors import UnknownPersonError, UserError
from vocative.line.act import decision_inputs
from vocative.line.act.bubble import bubble_of_list, top_interests
from vocative.line.models import proving
from vocative.line.models.forecasting import NAIVE
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.preferences import Wished, wishes
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand.list_predictions import LISTED, NEW, UNTRIED, WELCOME, Reasons, hints, reasons_of, time_of
from vocative.predict.history.catalogue import ItemCatalogue, catalogue_at
from vocative.predict.history.event_history import EventHistory, Flags, Integers
from vocative.predict.history.person_items import pairs_before
from vocative.predict.items.cold_items import untried
from vocative.predict.items.cold_start import Declared, chances, declared_tastes, starting
from vocative.predict.items.diversity import Wish, rerank
from vocative.predict.items.repurchasable import comes_back, days_since_return, may_be_proposed
from vocative.predict.registry import STANDARD
from vocative.records.lake_tables import PREDICTIONS
from vocative.store.permissions import owners_of
from vocative.workspace.opening import OpenWorkspace

_POOL = 40
_COMPARED = 2
"""Groupings of the catalogue by which things are alike: category and brand, as a rule."""
_NOT_ALLOWED = "has not allowed personalization: this is what many have, and nothing of theirs was looked at"
_NO_ACT = "has no act yet: this is what fits what they declared, and what many have at such an hour"
_KEPT_SQL = f"""
WITH newest AS (
  SELECT max(moment) AS moment FROM predictions
  WHERE moment <= make_timestamptz($now) AND module IN ({", ".join(f"'{name}'" for name in LISTED)})
)
SELECT module, target, value, support, version, reasons, epoch_us(p.moment) AS moment
FROM predictions p JOIN newest ON newest.moment = p.moment
WHERE person_id = $person AND module IN ({", ".join(f"'{name}'" for name in LISTED)})
ORDER BY module = '{LISTED[0]}' DESC, value DESC, target
"""


@dataclass(frozen=True, slots=True)
class _Thing:
    """A proposal: its place in the catalogue, chance, days on which the person had it, reasons and version."""

    item: int
    value: float
    support: float
    reasons: Reasons
    version: str
    untried: bool = False
    """Whether hardly anybody had it."""


def _once(pool: Sequence[_Thing]) -> list[_Thing]:
    """Each thing once, as it is proposed first; that hardly anybody had it holds whoever says so."""
    tried = {one.item for one in pool if one.untried}
    found: dict[int, _Thing] = {}
    for one in pool:
        found.setdefault(one.item, replace(one, untried=one.item in tried))
    return list(found.values())


class Lister:
    """Makes lists at one moment (`now`, µs UTC); what all lists share is read once."""

    def __init__(self, workspace: OpenWorkspace, now: int) -> None:
        self._scene = Snapshot(workspace, now, staged=False)
        self._now = now

    def recommend(self, person_id: str, wish: Wish | None = None, *, new_only: bool = False) -> ThingList:
        """A list for somebody who is known; see `recommend`."""
        person = self._owner(person_id)
        if person not in self._known:
            raise UnknownPersonError(
                f"nobody with the identifier {person_id!r} is known at this moment",
                remedy="use the identifier of the business's own files (user_id), and a moment after the data; "
                "a visitor without any record gets a list from Python: `recommend_to_visitor`",
            )
        at = pc.index(self._past.people, person).as_py() if len(self._past.people) else -1
        if at < 0:
            note = f"{_NOT_ALLOWED}; so it is not known what is new to them" if new_only else _NOT_ALLOWED
            return self._answer(person, self._popular(), self._wish(wish, person), personal=False, note=note)
        pool, as_of, note = self._pool(person, at)
        pool = self._allowed(at, pool)
        if new_only:
            pool = [one for one in pool if one.support <= 0.0]
        return self._answer(person, pool, self._wish(wish, person), note=note, as_of=as_of)

    def discovery_of(self, person_id: str) -> float:
        """The least share of what is new to a person in their lists: what they asked for, or that of `[lists]`."""
        own = self._wishes.get(self._owner(person_id))
        return self._scene.workspace.settings.lists.discovery if own is None else own.discovery

    def recommend_to_visitor(self, declared: Declared | None = None, wish: Wish | None = None) -> ThingList:
        """A list for somebody of whom there is no record; see `recommend_to_visitor`."""
        zone = self._scene.workspace.settings.business.timezone
        taste = {name: [value] if isinstance(value, str) else list(value) for name, value in (declared or {}).items()}
        pool = _once([*self._welcome(zone, taste), *self._untried(-1, self._begins())])
        return self._answer("", pool, self._wish(wish), personal=bool(taste))

    @cached_property
    def _past(self) -> EventHistory:
        return proving.past_of(self._scene)

    @cached_property
    def _known(self) -> set[str]:
        return {str(row["person_id"]) for row in self._scene.people.rows}

    @cached_property
    def _wishes(self) -> dict[str, Wished]:
        return wishes(self._scene)

    @cached_property
    def _catalogue(self) -> ItemCatalogue:
        return self._past.once("catalogue", self._now, catalogue_at)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {str(one): place for place, one in enumerate(self._catalogue.items.to_pylist())}

    def _owner(self, person_id: str) -> str:
        with self._scene.workspace.stores.ledger.transaction() as transaction:
            return owners_of(transaction, [person_id]).get(person_id, person_id)

    def _wish(self, wish: Wish | None, person: str = "") -> Wish:
        return wish or wish_of(self._scene.workspace, discovery=self.discovery_of(person))

    def _pool(self, person: str, at: int) -> tuple[list[_Thing], int, str]:
        """What may stand in the list of somebody who may be profiled, as of when, and what has to be said of it."""
        kept, moment = self._kept(person)
        if kept:
            return kept, moment, ""
        if not np.isin(at, self._past.present(self._now)):
            where, names = self._past.zones(self._now)
            taste = declared_tastes(self._past, self._now, [person]).get(person, {})
            pool = _once([*self._welcome(names[where[at]], taste), *self._untried(at, self._begins())])
            return pool, self._now, _NO_ACT
        note = "no run has predicted anything of them yet: a naive way does"
        return _once([*self._naive(at), *self._untried(at)]), self._now, note

    def _kept(self, person: str) -> tuple[list[_Thing], int]:
        """What the newest run has predicted of a person with an act, each thing once."""
        stores = self._scene.workspace.stores
        rows = stores.engine.query(
            _KEPT_SQL, {"predictions": stores.lake.scan(PREDICTIONS)}, {"person": person, "now": self._now}
        ).to_pylist()
        found: dict[int, _Thing] = {}
        for row in rows:
            item = self._place.get(row["target"], -1)
            # What was proposed while they had no act is no longer what fits.
            if item >= 0 and row["version"] != WELCOME:
                reasons = msgspec.json.decode(row["reasons"] or "{}", type=dict[str, object])
                new = reasons.get("kind") == NEW
                found.setdefault(item, _Thing(item, row["value"], row["support"], reasons, row["version"], new))
        return list(found.values()), int(rows[0]["moment"]) if found else self._now

    def _naive(self, at: int) -> list[_Thing]:
        found: dict[int, _Thing] = {}
        for name in LISTED:
            way, baseline = next(iter(STANDARD[name].baselines.items()))
            forecast = self._past.once(f"naive {name}", self._now, baseline)
            if forecast.target is None:
                continue
            for row in np.flatnonzero(forecast.who == at):
                value, support = float(forecast.value[row]), float(forecast.support[row])
                thing = _Thing(int(forecast.target[row]), value, support, {}, NAIVE + way)
                found.setdefault(thing.item, thing)
        return list(found.values())

    def _welcome(self, zone: str, taste: dict[str, list[str]]) -> list[_Thing]:
        found = hints(self._scene, self._past, zone, taste, by_hour=True, length=_POOL)
        chance, when = chances(found, starting(self._past, self._now)), time_of(self._now, zone, by_hour=True)
        return [
            _Thing(int(item), float(chance[row]), 0.0, reasons_of(found, row, when), WELCOME)
            for row, item in enumerate(found.item)
        ]

    def _begins(self) -> float:
        return starting(self._past, self._now)[0]

    def _untried(self, at: int, begins: float = 1.0) -> list[_Thing]:
        """Things hardly anybody had, for one person who does anything at all with the chance `begins`."""
        random = np.random.default_rng([self._scene.workspace.settings.seed, self._now // 1_000_000, at + 1])
        found = untried(self._past, self._now, np.array([at], np.int64), random)
        return [
            _Thing(int(item), begins * float(value), 0.0, {"kind": NEW}, UNTRIED, untried=True)
            for item, value in zip(found.item, found.value, strict=True)
        ]

    def _popular(self) -> list[_Thing]:
        """What many have, the same for everybody at every hour."""
        lines = self._past.lines_before(self._now)
        newest = int(lines.us.max(initial=0))
        lately = lines.where(lines.us > newest - 28 * 86_400_000_000)
        keys = np.unique(lately.who * max(len(self._past.items), 1) + lately.item)
        people = np.bincount(keys % max(len(self._past.items), 1), minlength=len(self._past.items))
        people = np.where(self._catalogue.stock[: len(people)] <= 0.0, 0, people)
        best = np.argsort(-people, kind="stable")[:_POOL]
        every = max(len(self._past.present(self._now)), 1)
        return [
            _Thing(int(one), float(people[one] / every), 0.0, {}, f"{NAIVE}popular_28d") for one in best if people[one]
        ]

    def _allowed(self, at: int, pool: Sequence[_Thing]) -> list[_Thing]:
        """Without what is out of stock by now, what was sent back, and what one has once and for all."""
        past, catalogue = self._past, self._catalogue
        item = np.array([one.item for one in pool], np.int64)
        back = past.once("comes back", self._now, lambda known, moment: _back(known, moment, catalogue))
        lines = past.lines_before(self._now)
        mine = lines.where(lines.who == at)
        last = np.array([mine.us[mine.item == one].max(initial=-1) for one in item], np.int64)
        returned = days_since_return(
            past.returns_before(self._now), self._now, np.full(len(item), at), item, len(catalogue.items)
        )
        since = np.where(last >= 0, (self._now - last) / 86_400_000_000, np.nan)
        allowed = may_be_proposed(catalogue.stock[item], back[item], last >= 0, since, returned)
        return [one for one, may in zip(pool, allowed, strict=True) if may]

    def _answer(
        self,
        person: str,
        pool: Sequence[_Thing],
        wish: Wish,
        *,
        personal: bool = True,
        note: str = "",
        as_of: int | None = None,
    ) -> ThingList:
        chosen = [pool[place] for place in self._ordered(pool, wish)]
        ids = [str(self._catalogue.items[one.item].as_py()) for one in chosen]
        others = [str(one.reasons["goes_with"]) for one in chosen if "goes_with" in one.reasons]
        names = decision_inputs.item_names(self._scene, [*ids, *others])
        category = self._catalogue.grouping("category")
        asked = self._wishes.get(person) if personal else None
        return ThingList(
            person_id=person,
            as_of=to_text(self._now if as_of is None else as_of),
            personal=personal,
            note=note if chosen else self._empty(note),
            invented=list(self._scene.workspace.settings.business.invented),
            items=[
                Listed(
                    item_id=item_id,
                    name=names.get(item_id, item_id),
                    category="" if category.code[one.item] < 0 else category.names[category.code[one.item]],
                    chance=one.value,
                    kind=kind_of(one.reasons, one.support),
                    reason=in_words(one.reasons, one.support, names),
                    acts=one.version.removeprefix(NAIVE) if one.version.startswith(NAIVE) else "model",
                )
                for item_id, one in zip(ids, chosen, strict=True)
            ],
            bubble=bubble_of_list(
                self._interests(person) if personal else frozenset(),
                self._alike([one.item for one in chosen]),
                [category.names[code] if code >= 0 else "" for code in category.code[[one.item for one in chosen]]],
                wish.discovery,
                "" if asked is None else asked.asked,
            ),
        )

    def _interests(self, person: str) -> frozenset[str]:
        return top_interests(self._scene, person) if person else frozenset()

    def _alike(self, items: Sequence[int]) -> Integers:
        """Things × groupings: the group of each."""
        alike = [one.code[list(items)] for one in self._catalogue.groupings[:_COMPARED]]
        return np.stack(alike, axis=1) if alike else np.zeros((len(items), 0), np.int64)

    def _empty(self, note: str) -> str:
        if len(self._past.lines_before(self._now)):
            return f"{note}; there is nothing that may be proposed".removeprefix("; ")
        days = self._scene.workspace.settings.features.history_days
        return f"nothing is known of the {days} days before this moment: ask for an earlier one"

    def _ordered(self, pool: Sequence[_Thing], wish: Wish) -> list[int]:
        if not pool:
            return []
        item = np.array([one.item for one in pool], np.int64)
        groups = self._alike(item.tolist())
        new: Flags = np.array([one.support <= 0.0 for one in pool])
        unknown: Flags = np.array([one.untried for one in pool])
        found: list[int] = rerank(np.array([one.value for one in pool]), groups, new, unknown, wish).tolist()
        return found


def _back(past: EventHistory, moment: int, catalogue: ItemCatalogue) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The share of its buyers that come back to each thing of the catalogue; of one nobody had, all."""
    group = catalogue.grouping("category").code
    known = comes_back(past.once("pairs", moment, pairs_before), group, len(past.items))
    return np.pad(known, (0, len(catalogue.items) - len(known)), constant_values=1.0)


def wish_of(
    workspace: OpenWorkspace,
    *,
    length: int | None = None,
    diversity: float | None = None,
    discovery: float | None = None,
    exploration: float | None = None,
) -> Wish:
    """What is asked of a list: what is given, and `[lists]` for the rest.

    Raises:
        UserError: a share is not between 0 and 1, or the list would be empty.
    """
    asked = workspace.settings.lists
    try:
        return Wish(
            length=asked.length if length is None else length,
            diversity=asked.diversity if diversity is None else diversity,
            discovery=asked.discovery if discovery is None else discovery,
            exploration=asked.exploration if exploration is None else exploration,
        )
    except ValueError as error:
        what, _, remedy = str(error).partition(": ")
        raise UserError(what, remedy=remedy) from error


def recommend(
    workspace: OpenWorkspace,
    person_id: str,
    now: int,
    *,
    length: int | None = None,
    diversity: float | None = None,
    discovery: float | None = None,
    exploration: float | None = None,
    new_only: bool = False,
) -> ThingList:
    """A list of things for a person at `now` (µs UTC), by the newest run before it.

    Args:
        workspace: The opened workspace; nothing is written to it.
        person_id: Any identifier of the person.
        now: The moment.
        length: Things in the list; like all that follows it is that of `[lists]` if it is not given.
        diversity: From 0 (by chance alone) to 1 (by unlikeness alone).
        discovery: The least share of things the person never had; what they asked for themselves goes before `[lists]`.
        exploration: The least share of things hardly anybody had.
        new_only: Only things the person never had.

    Raises:
        UnknownPersonError: nobody of that identifier is known.
        UserError: a share is not between 0 and 1, or the list would be empty.
    """
    lister = Lister(workspace, now)
    share = lister.discovery_of(person_id) if discovery is None else discovery
    wish = wish_of(workspace, length=length, diversity=diversity, discovery=share, exploration=exploration)
    return lister.recommend(person_id, wish, new_only=new_only)


def recommend_to_visitor(
    workspace: OpenWorkspace,
    now: int,
    declared: Mapping[str, str | Sequence[str]] | None = None,
    *,
    length: int | None = None,
    diversity: float | None = None,
    exploration: float | None = None,
) -> ThingList:
    """A list for somebody of whom there is no record, at `now` (µs UTC): by the hour, and by what they declared.

    Args:
        workspace: The opened workspace; nothing is written to it, nothing is kept of the visitor.
        now: When they came.
        declared: Their taste, if they said it: `{"category": "Tea", "likes": ["green tea"]}`.
        length: Things in the list; like all that follows it is that of `[lists]` if it is not given.
        diversity: From 0 (by chance alone) to 1 (by unlikeness alone).
        exploration: The least share of things hardly anybody had.

    Raises:
        UserError: a share is not between 0 and 1, or the list would be empty.
    """
    wish = wish_of(workspace, length=length, diversity=diversity, discovery=0.0, exploration=exploration)
    return Lister(workspace, now).recommend_to_visitor(declared, wish)
