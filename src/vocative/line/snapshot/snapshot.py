"""What every stage of a run looks at, read once: identities, people, permissions, sources, readiness."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from vocative.collect.identity.identity import identity_table
from vocative.collect.identity.not_me import visibility
from vocative.facts.counts import newest_event
from vocative.facts.sources import Sources
from vocative.facts.staging import stage, stage_some
from vocative.line.snapshot.people import Everybody, everybody
from vocative.profile.batch import build_features
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.records.results import Readiness
from vocative.records.settings import Campaign
from vocative.store.permissions import owners_of
from vocative.workspace.opening import OpenWorkspace

if TYPE_CHECKING:
    from vocative.prove.readiness import DataFacts

Made = TypeVar("Made")


class Snapshot:
    """A workspace at one moment (`now`, µs UTC). Each part is read when it is first asked for, and kept.

    A permission that changes meanwhile is seen all the same where it counts: it is checked again at the hand-over.
    With `among` nobody but these people is looked at; what is counted over people is then counted over them. Whoever
    asks too little of a moment to make up for staging it gives `staged=False`; the answers are the same.
    """

    def __init__(
        self, workspace: OpenWorkspace, now: int, *, among: Collection[str] | None = None, staged: bool = True
    ) -> None:
        self.workspace = workspace
        self.now = now
        self.among = among
        self._staged = staged
        self._kept: dict[str, object] = {}

    @classmethod
    def of_person(cls, workspace: OpenWorkspace, person_id: str, now: int) -> tuple[str, Snapshot]:
        """Who an identifier belongs to, and the scene in which nobody but that person is looked at."""
        with workspace.stores.ledger.transaction() as transaction:
            person = owners_of(transaction, [person_id]).get(person_id, person_id)
        return person, cls(workspace, now, among=[person])

    def once(self, name: str, work: Callable[[Snapshot], Made]) -> Made:
        """What `work` makes of the scene: made once, kept for all who ask for it by this name."""
        if name not in self._kept:
            self._kept[name] = work(self)
        made: Made = self._kept[name]  # type: ignore[assignment]
        return made

    def by(self, campaigns: Sequence[Campaign]) -> Snapshot:
        """The same scene for some of the campaigns alone; what does not depend on them is not read again."""
        scene = copy(self)
        scene.workspace = replace(self.workspace, campaigns=tuple(campaigns))
        return scene

    @cached_property
    def identity(self) -> pa.Table:
        """The links that hold: columns `alias`, `person_id`."""
        return identity_table(self.workspace.stores.ledger, self.among)

    @cached_property
    def people(self) -> Everybody:
        """Everybody who is known, of those who are looked at."""
        return everybody(self.workspace, self._recorded, self.now, self.among)

    @cached_property
    def sources(self) -> Sources:
        """What profiling may read: what was known, and only the people who allowed it."""
        return replace(self._recorded, allowed=self.people.allowed())

    @cached_property
    def _recorded(self) -> Sources:
        """What was known at the moment, each table read once; before anybody was asked who allowed what."""
        stores, settings = self.workspace.stores, self.workspace.settings
        tables = Sources(
            events=stores.lake.scan(EVENTS),
            people=stores.lake.scan(PEOPLE),
            items=stores.lake.scan(ITEMS),
            identity=self.identity,
            allowed=pa.table({"person_id": pa.array([], pa.string())}),
            marks=visibility(stores.ledger, self._aliases()),
        )
        if self.among is not None:
            return stage_some(stores.engine, tables, settings, self.now, self.among)
        if not self._staged:
            return tables
        return stage(stores.engine, tables, settings, self.now)

    def _aliases(self) -> list[str] | None:
        """Every identifier of those who are looked at; None: of everybody."""
        if self.among is None:
            return None
        return sorted(
            {f"user:{person}" for person in self.among} | {str(one) for one in self.identity["alias"].to_pylist()}
        )

    @cached_property
    def feature_table(self) -> pa.Table:
        """Every standard feature at this moment, as `build_features` gives them."""
        return build_features(self.workspace.stores.engine, self.sources, self.workspace.settings, [self.now])

    @cached_property
    def newest_event(self) -> int | None:
        """When the newest event happened (µs UTC), without anything else being read; None if there is none."""
        stores = self.workspace.stores
        return newest_event(stores.engine, stores.lake.scan(EVENTS), self.now)

    @cached_property
    def facts(self) -> DataFacts:
        """Counts of what has been imported."""
        from vocative.line.snapshot.data_facts import data_facts

        return data_facts(self.workspace, self.sources, self.people, self.now)

    @cached_property
    def readiness(self) -> dict[str, Readiness]:
        """Which modules may run, and why (not)."""
        from vocative.prove.readiness import assess

        return assess(self.facts, self.workspace.settings, self.now)
