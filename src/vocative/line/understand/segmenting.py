"""The stage `segment`: rules, lifecycle, RFM and micro-segments of everybody who allowed personalization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vocative.compose.watching import watch_of
from vocative.line.snapshot.journal import Journal, Result
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand.micro_segments import Finder, MicroSegments, assigned, keep, labelled, newest, still_young
from vocative.profile.affinity import build_affinities
from vocative.profile.batch import build_features, feature_rows
from vocative.profile.standard.standard import STANDARD
from vocative.records.cells import integer
from vocative.records.lake_tables import AFFINITIES, FEATURES, PREDICTIONS, SEGMENT_CARDS, SEGMENTS
from vocative.records.ledger_tables import VERDICTS
from vocative.records.schema import Row
from vocative.records.settings import Wording
from vocative.segment.cards import Moved, SegmentCard, card, members_of, movements
from vocative.segment.describing import EVIDENCE, describe
from vocative.segment.lifecycle import FEATURES as LIFECYCLE_FEATURES
from vocative.segment.lifecycle import PLACES, STAGES, lifecycle_stages
from vocative.segment.population import Flags, Population, population
from vocative.segment.rfm import CELLS, cell_places, rfm_cells, rfm_scores
from vocative.segment.rfm import FEATURES as RFM_FEATURES
from vocative.segment.rules import features_of, members
from vocative.segment.sizes import merge_small
from vocative.segment.traits import Describer
from vocative.segment.vocabulary import BROWSED, HABITS, STANDING
from vocative.store.arrow import rows_to_arrow
from vocative.store.protocols import Relation

MONTH_DAYS = 28
KINDS = ("rule", "lifecycle", "rfm", "discovered")

_DAY_US = 86_400_000_000
_STANDARD = frozenset({*HABITS, *BROWSED, *LIFECYCLE_FEATURES, *RFM_FEATURES, EVIDENCE})


@dataclass(frozen=True, slots=True)
class Segmented:
    """Who belongs where, what each segment is, and what is told of the stage."""

    members: pa.Table
    """In the columns of the table `segments`."""
    cards: pa.Table
    """In the columns of the table `segment_cards`."""
    result: Result
    fresh: MicroSegments | None
    """Micro-segments found just now; None where people were assigned to those there were."""


def segment(scene: Snapshot, journal: Journal) -> Result:
    """Form segments from what this run has understood, and keep them in the lake.

    Returns:
        How many people and segments of each kind there are, rules whose segment is too small to be formed, and how
        well micro-segments were found again.
    """
    lake, run_id = scene.workspace.stores.lake, journal.run_id
    formed = look(scene, run_id, lake.scan(FEATURES), lake.scan(AFFINITIES), lake.scan(PREDICTIONS))
    if formed.fresh is not None:
        keep(scene, formed.fresh)
    lake.append(SEGMENTS, formed.members, token=f"run:{run_id}")
    lake.append(SEGMENT_CARDS, formed.cards, token=f"run:{run_id}")
    return formed.result


def by_rule(scene: Snapshot, run_id: str, features: Relation, affinities: Relation, predictions: Relation) -> pa.Table:
    """Members of the segments by rule alone, which is all that deciding asks for; arguments as for `look`."""
    work = _work(scene, run_id, features, affinities, predictions)
    return rows_to_arrow(SEGMENTS, work.member_rows(run_id, work.rules()))


def look(scene: Snapshot, run_id: str, features: Relation, affinities: Relation, predictions: Relation) -> Segmented:
    """Form all segments of one run, with nothing written; only people with a profile are in them.

    Args:
        scene: The workspace at one moment.
        run_id: The run whose rows are read.
        features: Rows of the table `features`.
        affinities: Rows of the table `affinities`.
        predictions: Rows of the table `predictions`; those of refused modules play no part.
    """
    work = _work(scene, run_id, features, affinities, predictions)
    cards = [*work.rules(), *work.lifecycle(), *work.rfm(), *work.discovered()]
    return Segmented(
        members=rows_to_arrow(SEGMENTS, work.member_rows(run_id, cards)),
        cards=rows_to_arrow(SEGMENT_CARDS, [_card_row(one, run_id, scene.now) for one in cards]),
        result=work.result(cards),
        fresh=work.fresh,
    )


def _work(scene: Snapshot, run_id: str, features: Relation, affinities: Relation, predictions: Relation) -> _Work:
    everybody = population(
        _of_run(scene, features, run_id),
        _of_run(scene, affinities, run_id),
        _admitted(scene, _of_run(scene, predictions, run_id)),
        wanted=_STANDARD | features_of(scene.workspace.settings),
    )
    return _Work(scene, everybody)


def tellable(wordings: Mapping[str, Wording], first: str) -> dict[str, str]:
    """Category → the words by which a segment may be told: none that make health, belief or love a trait of people.

    Args:
        wordings: Language → words for things.
        first: The business's first language; it serves where there are no English words.
    """
    tag = "en" if "en" in wordings else first
    told = wordings.get(tag, Wording()).category
    words = {name: one if isinstance(one, str) else one.nominative for name, one in told.items()}
    watched = [watch_of(one).sensitive for one in (tag, "en")]
    return {name: one for name, one in words.items() if not any(watch.search(f"{name}\n{one}") for watch in watched)}


class _Past:
    """The same people a month before, read when asked for."""

    def __init__(self, scene: Snapshot) -> None:
        self._scene = scene
        self._moment = scene.now - MONTH_DAYS * _DAY_US

    @cached_property
    def habits(self) -> Population:
        """Their features as of then; tastes are left out."""
        return population(self._features)

    @cached_property
    def whole(self) -> Population:
        """Their features and tastes as of then."""
        workspace = self._scene.workspace
        tastes = build_affinities(workspace.stores.engine, self._scene.sources, workspace.settings, self._moment)
        return population(self._features, tastes)

    @cached_property
    def _features(self) -> pa.Table:
        workspace = self._scene.workspace
        needed = [feature for feature in STANDARD if feature.name in _STANDARD]
        return feature_rows(
            build_features(
                workspace.stores.engine, self._scene.sources, workspace.settings, [self._moment], features=needed
            ),
            "",
        )


class _Work:
    """Forms the segments of each kind, and remembers who is in them."""

    def __init__(self, scene: Snapshot, everybody: Population) -> None:
        settings = scene.workspace.settings
        self._scene = scene
        self._settings = settings
        self._everybody = everybody
        self._past = _Past(scene)
        self._groups: dict[tuple[str, str], Flags] = {}
        self._too_small: list[str] = []
        self._minimum = settings.segmenting.minimum_size
        self._words = tellable(scene.workspace.wordings, settings.business.languages[0])
        self.fresh: MicroSegments | None = None

    @cached_property
    def _micro(self) -> MicroSegments | None:
        """The micro-segments that hold now: those kept, while they are young enough, or newly found ones."""
        kept = newest(self._scene)
        if still_young(self._scene):
            return kept
        finder = Finder(self._scene, self._words)
        self.fresh = finder.anew(self._everybody, lambda: self._past.whole, kept)
        return self.fresh

    @cached_property
    def _describer(self) -> Describer:
        description = describe(self._everybody, set(self._words), [*STANDING, *HABITS])
        return Describer(description, self._everybody, self._words, self._settings.business.currency)

    def _describer_of(self, micro: MicroSegments) -> Describer:
        return Describer(micro.found.description, self._everybody, self._words, self._settings.business.currency)

    def rules(self) -> list[SegmentCard]:
        """Segments by rule; one below the minimum size is not formed."""
        cards = []
        for name, rule in sorted(self._settings.segments.items()):
            group = members(rule, self._everybody)
            if int(group.sum()) >= self._minimum:
                cards.append(self._card("rule", name, rule.title, group, None))
            else:
                self._too_small.append(name)
        return cards

    def lifecycle(self) -> list[SegmentCard]:
        """The stages of the lifecycle."""
        now, before = lifecycle_stages(self._everybody), lifecycle_stages(self._past.habits)
        return self._named("lifecycle", now, before, STAGES, PLACES)

    def rfm(self) -> list[SegmentCard]:
        """The cells of the RFM grid."""
        now, before = rfm_cells(rfm_scores(self._everybody)), rfm_cells(rfm_scores(self._past.habits))
        return self._named("rfm", now, before, CELLS, cell_places())

    def discovered(self) -> list[SegmentCard]:
        """Micro-segments: found anew when the kept ones are too old, else the kept ones with today's people."""
        micro = self._micro
        if micro is None or len(self._everybody.people) < self._minimum:
            return []
        now = assigned(micro, self._everybody, self._minimum)
        # Tastes of a month before are computed on the days of discovery only; on others movements are not told.
        moved = {} if self.fresh is None else movements(now, assigned(micro, self._past.whole, 1))
        groups = members_of(list(now.values()))
        describer = self._describer_of(micro)
        return [
            self._card("discovered", one, name, groups[one], moved.get(one), stability, describer)
            for one, name, stability in zip(micro.ids, micro.names, micro.stability, strict=True)
            if one in groups
        ]

    def member_rows(self, run_id: str, cards: Sequence[SegmentCard]) -> list[Row]:
        """Rows of the table `segments`."""
        return [
            {
                "run_id": run_id,
                "moment": self._scene.now,
                "person_id": self._everybody.people[int(place)],
                "kind": one.kind,
                "segment": one.segment,
            }
            for one in cards
            for place in np.flatnonzero(self._groups[one.kind, one.segment])
        ]

    def result(self, cards: Sequence[SegmentCard]) -> Result:
        """What is told of the stage."""
        micro = self._micro
        return {
            "people": len(self._everybody.people),
            "segments": {kind: sum(one.kind == kind for one in cards) for kind in KINDS},
            "micro_segments": [{"name": one.name, "size": one.size} for one in cards if one.kind == "discovered"],
            "too_small": self._too_small,
            "minimum_size": self._minimum,
            "discovered_now": self.fresh is not None,
            "stability": None if micro is None else micro.whole,
        }

    def _named(
        self,
        kind: str,
        now: Sequence[str],
        before: Sequence[str],
        names: Mapping[str, str],
        places: Mapping[str, Sequence[float]],
    ) -> list[SegmentCard]:
        merged = merge_small(now, places, self._minimum)
        # Both moments are told by the same segments: what is joined now counts as joined before.
        joined = dict(zip(now, merged, strict=True))
        moved = movements(
            labelled(self._everybody, merged), labelled(self._past.habits, [joined.get(one, one) for one in before])
        )
        groups = members_of(merged)
        return [
            self._card(kind, one, name, groups[one], moved.get(one)) for one, name in names.items() if one in groups
        ]

    def _card(
        self,
        kind: str,
        one: str,
        name: str,
        group: Flags,
        moved: Moved | None,
        stability: float | None = None,
        describer: Describer | None = None,
    ) -> SegmentCard:
        self._groups[kind, one] = group
        return card(kind, one, name, group, describer or self._describer, stability=stability, moved=moved)


def _of_run(scene: Snapshot, rows: Relation, run_id: str) -> pa.Table:
    return scene.workspace.stores.engine.query(
        "SELECT * FROM rows_of WHERE run_id = $run", {"rows_of": rows}, {"run": run_id}
    )


def _admitted(scene: Snapshot, predictions: pa.Table) -> pa.Table:
    """Without the predictions of modules that were refused on the past."""
    with scene.workspace.stores.ledger.transaction() as transaction:
        verdicts = transaction.select(VERDICTS, order_by=("moment",))
    last = {str(row["module"]): bool(row["admitted"]) for row in verdicts if integer(row["moment"]) <= scene.now}
    refused = [module for module, admitted in last.items() if not admitted]
    if not refused:
        return predictions
    return predictions.filter(pc.invert(pc.is_in(predictions["module"], value_set=pa.array(refused, pa.string()))))


def _card_row(one: SegmentCard, run_id: str, now: int) -> Row:
    return {
        "run_id": run_id,
        "moment": now,
        "kind": one.kind,
        "segment": one.segment,
        "name": one.name,
        "size": one.size,
        "share": one.share,
        "traits": msgspec.json.encode(one.traits).decode(),
        "stability": one.stability,
        "moved": msgspec.json.encode(one.moved).decode(),
    }
