"""What is known of everybody's acts, as arrays, so that the past can be looked at from many moments.

People, items and categories are numbers here: places in sorted lists of names. Whatever is asked for "before a moment"
holds only what had happened and was known before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vocative.facts.facts import FACTS
from vocative.facts.grain import select, with_clause
from vocative.facts.items import CATALOGUE
from vocative.facts.people import HOMES, KNOWN
from vocative.facts.scope import CODES, FIXED, ROLES, VISIT_ROLES, Marks
from vocative.facts.sources import Sources
from vocative.predict.history.kept import Kept, kept
from vocative.predict.history.main_role import DELIBERATE, MAIN, main_role
from vocative.profile.batch import build_features, offsets_of
from vocative.profile.feature import Feature
from vocative.profile.standard.standard import STANDARD
from vocative.records.settings import Role, Settings
from vocative.store.protocols import Engine

DAY_US = 86_400_000_000

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

Made = TypeVar("Made")

UNTIL: dict[Marks, str] = {"none": "", "then": "", "ever": ", until"}
"""The column that a query of facts reads as well, if any of them was marked as somebody else's."""


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts as columns of one length: person, moment and moment known (µs UTC), role, item (-1: none) and money."""

    who: Integers
    us: Integers
    known: Integers
    role: Integers
    item: Integers
    money: Floats
    until: Integers | None = None
    """Up to which moment each was the person's own (µs UTC), where some were marked as somebody else's later."""

    def where(self, chosen: Flags) -> Acts:
        """The acts that are chosen."""
        return Acts(
            self.who[chosen],
            self.us[chosen],
            self.known[chosen],
            self.role[chosen],
            self.item[chosen],
            self.money[chosen],
            None if self.until is None else self.until[chosen],
        )

    def told(self, moment: int) -> Flags:
        """Whether each was known before the moment, and not yet marked as somebody else's."""
        known = self.known < moment
        return known if self.until is None else known & (self.until >= moment)

    def __len__(self) -> int:
        return len(self.us)


@dataclass(frozen=True, slots=True)
class Rows:
    """Feature rows at one moment: `who` (numbers of people, ascending), names, and values with NaN for none."""

    who: Integers
    names: tuple[str, ...]
    values: Floats


class Past:
    """The past of everybody who may be profiled, up to `now` (µs UTC); each part is read when it is first asked for."""

    def __init__(
        self,
        engine: Engine,
        sources: Sources,
        settings: Settings,
        now: int,
        *,
        present: Callable[[], pa.Table] | None = None,
        treated: Callable[[], pa.Table] | None = None,
        handed: Callable[[], pa.Table] | None = None,
    ) -> None:
        # Who was contacted or left in peace by lot, in the columns of `treatments.COLUMNS`.
        self.treated = treated
        # What was handed over by Vocative itself, in the columns of `handed.COLUMNS`.
        self.handed = handed
        # All features at `now`, where somebody has built them already.
        self._present = present
        self.engine = engine
        self.sources = sources
        self.settings = settings
        self.now = now
        self._kept = Kept()
        self.features = kept(self._features, 32)
        self.categories = kept(self._categories, 16)
        self.zones = kept(self._zones, 16)

    def once(self, name: str, moment: int, work: Callable[[Past, int], Made]) -> Made:
        """What `work` makes of the past at a moment: made once, kept for all who ask for it by this name."""
        return self._kept.get((name, moment), lambda: work(self, moment))

    def read(self) -> None:
        """Read what everybody asks for, before several ask at once."""
        _ = self.people, self.items, self.lines, self.returns, self.acts, self.main, self.first

    @cached_property
    def people(self) -> pa.Array[Any]:
        """Identifiers of people, sorted; a person's number is their place."""
        return pa.array(sorted({str(one) for one in self.sources.allowed["person_id"].to_pylist()}), pa.string())

    @cached_property
    def items(self) -> pa.Array[Any]:
        """Identifiers of the items of acts, sorted; an item's number is its place."""
        return self._read[1]

    @cached_property
    def lines(self) -> Acts:
        """Acts of the role that matters with an item, one for each line, ordered by person and moment."""
        acts = self._read[0]
        return acts.where((acts.role == self.main) & (acts.item >= 0))

    @cached_property
    def returns(self) -> Acts:
        """Returns with an item, ordered by person and moment."""
        acts = self._read[0]
        return acts.where((acts.role == CODES["return"]) & (acts.item >= 0))

    def touches_before(self, moment: int) -> Acts:
        """Acts of a visit with an item, one for each line, that had happened and were known before the moment."""
        acts = self._read[0]
        mine = acts.where((acts.role != CODES["return"]) & (acts.item >= 0))
        return _before(mine, moment, self._reach, ())

    @cached_property
    def acts(self) -> Acts:
        """All acts of a visit and all returns, without their items: what happened at one moment is one act."""
        acts = self._read[0]
        if not len(acts):
            return acts
        fresh = np.zeros(len(acts), bool)
        fresh[0] = True
        for column in (acts.who, acts.us, acts.role, acts.known, *(() if acts.until is None else (acts.until,))):
            fresh[1:] |= column[1:] != column[:-1]
        starts = np.flatnonzero(fresh)
        merged = acts.where(fresh)
        none = np.full(len(merged), -1, np.int64)
        return replace(merged, item=none, money=np.add.reduceat(acts.money, starts))

    @cached_property
    def main(self) -> int:
        """Code of the role that matters; -1 where the business has none."""
        counts = np.bincount(self._read[0].role, minlength=len(ROLES)).tolist()
        role = main_role(self.settings, dict(zip(ROLES, counts, strict=True)))
        return -1 if role is None else CODES[role]

    @cached_property
    def first(self) -> int:
        """The first act that matters, µs UTC; `now` if there is none."""
        mine = self.acts.us[self.acts.role == self.main]
        return int(mine.min()) if len(mine) else self.now

    def present(self, moment: int) -> Integers:
        """Numbers of people with an act of a visit before the moment, ascending."""
        return np.flatnonzero(np.bincount(self.before(moment).who, minlength=len(self.people)))

    def before(self, moment: int, *roles: int) -> Acts:
        """Acts of the roles (all, if none is named) that had happened and were known before the moment."""
        return _before(self.acts, moment, self._reach, roles)

    def during(self, moment: int, days: float, by: int, *roles: int) -> Acts:
        """Acts of the roles from the moment on for some days, as far as they were known by another moment."""
        return _during(self.acts, moment, days, by, roles)

    def lines_before(self, moment: int) -> Acts:
        """Lines that had happened and were known before the moment."""
        return _before(self.lines, moment, self._reach, ())

    def returns_before(self, moment: int) -> Acts:
        """Returns with an item that had happened and were known before the moment."""
        return _before(self.returns, moment, self._reach, ())

    def lines_during(self, moment: int, days: float, by: int) -> Acts:
        """Lines from the moment on for some days, as far as they were known by another moment."""
        return _during(self.lines, moment, days, by, ())

    @property
    def _reach(self) -> int:
        return self.settings.features.history_days * DAY_US

    def _features(self, moment: int, names: frozenset[str] | None = None) -> Rows:
        """Feature rows at the moment, of all standard features or of those that are named."""
        wanted: tuple[Feature, ...] = tuple(one for one in STANDARD if names is None or one.name in names)
        if moment == self.now and self._present is not None:
            table = self._present()
        else:
            table = build_features(self.engine, self.sources, self.settings, [moment], features=wanted)
        values = np.empty((table.num_rows, len(wanted)))
        for place, feature in enumerate(wanted):
            values[:, place] = table.column(feature.name).to_numpy()
        # The last digits of a sum depend on the order in which an engine adds up; nothing may depend on them.
        values = values.astype(np.float32).astype(np.float64)
        return Rows(self.numbers(table.column("person_id")), tuple(one.name for one in wanted), values)

    def numbers(self, people: pa.ChunkedArray[Any]) -> Integers:
        """The numbers of people."""
        return places(people, self.people)

    def _categories(self, moment: int) -> tuple[Integers, list[str]]:
        """Category of every item as known at the moment (-1: none), and the names of categories, sorted."""
        scope = self.sources.scope(moment, self.settings)
        sql = select([CATALOGUE], scope, "SELECT item, category FROM catalogue")
        table = self.engine.query(sql, self.sources.relations())
        names = sorted({str(name) for name in table["category"].unique().to_pylist() if name is not None})
        place = places(table["item"], self.items)
        code = places(table["category"], pa.array(names, pa.string()))
        found = np.full(len(self.items), -1, np.int64)
        found[place[place >= 0]] = code[place >= 0]
        return found, names

    def _zones(self, moment: int) -> tuple[Integers, list[str]]:
        """Everybody's zone as known at the moment, and the names of the zones."""
        scope = self.sources.scope(moment, self.settings)
        relations = {**self.sources.relations(), "offsets": offsets_of(self.engine, self.sources, scope)}
        sql = select([HOMES], scope, "SELECT zone FROM homes ORDER BY who")
        zone = self.engine.query(sql, relations)["zone"].combine_chunks().dictionary_encode()
        return np.asarray(zone.indices, np.int64), [str(name) for name in zone.dictionary.to_pylist()]

    @cached_property
    def _read(self) -> tuple[Acts, pa.Array[Any]]:
        wanted = {*VISIT_ROLES, "return", self.settings.business.main_act} - {None}
        found = self._facts([role for role in ROLES if role in wanted])
        if self.settings.business.main_act or np.isin(found[0].role, [CODES[role] for role in MAIN]).any():
            return found
        # Where nobody buys, uses or looks at anything, an answer to a message is an act like any other.
        return self._facts([role for role in ROLES if role in {*wanted, *DELIBERATE, "open"}])

    def _facts(self, wanted: Sequence[Role]) -> tuple[Acts, pa.Array[Any]]:
        scope = self.sources.scope(self.now, self.settings, ever=True)
        roles, until = ", ".join(str(CODES[role]) for role in wanted), UNTIL[scope.marks]
        sql = f"""WITH {", ".join(with_clause([FACTS, KNOWN], scope))}
SELECT CAST(who - 1 AS BIGINT) AS who, us, known{until}, CAST(role AS BIGINT) AS role, item, money / {FIXED!r} AS money
FROM facts WHERE role IN ({roles}) ORDER BY who, us, role, known{until}, item, money"""
        table = self.engine.query(sql, self.sources.relations())
        names = pa.array(
            sorted({str(one) for one in table["item"].unique().to_pylist() if one is not None}), pa.string()
        )
        item = places(table["item"], names)
        who, us, known, role = (np.asarray(table[name], np.int64) for name in ("who", "us", "known", "role"))
        acts = Acts(who, us, known, role, item, np.asarray(table["money"], np.float64), until_of(table))
        return acts, names


def until_of(table: pa.Table) -> Integers | None:
    """The column `until`, where a query has it."""
    return np.asarray(table["until"], np.int64) if "until" in table.column_names else None


def places(column: pa.ChunkedArray[Any], names: pa.Array[Any]) -> Integers:
    """Where each text stands among the names; -1 for one that is not there, or none."""
    found = cast("Any", pc.index_in(column, value_set=names))
    return np.asarray(found.fill_null(-1), np.int64)


def distinct(who: Integers, number: Integers) -> tuple[Integers, Integers]:
    """The different pairs of person and a number that is not negative, ordered."""
    if not len(who):
        return who, number
    width = int(number.max()) + 1
    pairs = unique(who * width + number)
    return pairs // width, pairs % width


def find(keys: Integers, wanted: Integers) -> tuple[Integers, Flags]:
    """Where wanted keys stand among keys in order, and whether they do; where one does not, the place means nothing."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted


def unique(keys: Integers) -> Integers:
    """The different keys in order; by sorting, which is much faster for many than a table of hashes."""
    ordered = np.sort(keys)
    fresh = np.ones(len(ordered), bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    return ordered[fresh]


def _before(acts: Acts, moment: int, reach: int, roles: tuple[int, ...]) -> Acts:
    chosen = (acts.us < moment) & acts.told(moment) & (acts.us >= moment - reach)
    return acts.where(chosen & _any(acts.role, roles))


def _during(acts: Acts, moment: int, days: float, by: int, roles: tuple[int, ...]) -> Acts:
    end = moment + round(days * DAY_US)
    chosen = (acts.us >= moment) & (acts.us < min(end, by)) & acts.told(by)
    return acts.where(chosen & _any(acts.role, roles))


def _any(role: Integers, roles: tuple[int, ...]) -> Flags:
    return np.isin(role, roles) if roles else np.ones(len(role), bool)
