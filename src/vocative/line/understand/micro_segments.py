"""Micro-segments from month to month: found anew when they are old, compared with the month before, kept as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from vocative.line.snapshot.snapshot import Snapshot
from vocative.records.cells import integer
from vocative.records.ledger_tables import MODELS
from vocative.records.schema import Row
from vocative.segment.discover import Discovered, assign, discover
from vocative.segment.naming import names_of, slug
from vocative.segment.population import Population
from vocative.segment.stability import adjusted_rand, best_matches
from vocative.segment.traits import Describer
from vocative.stats.hashing import stable_id

MODULE = "micro_segments"
"""The name under which discovered micro-segments are kept among the models."""

_DAY_US = 86_400_000_000
_SAME = 0.5
_NOUNS = {True: "shoppers", False: "people"}


class MicroSegments(Struct, frozen=True, kw_only=True):
    """Micro-segments as they are kept: what was found, and what it is called; nothing of one person."""

    found: Discovered
    ids: list[str]
    names: list[str]
    stability: list[float | None]
    """How well each was found again in the data of a month before."""
    whole: float | None
    """Agreement (adjusted Rand) of the whole division with that of a month before."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds micro-segments by the settings of a workspace.

    `words` are the categories that may be named, with what they are called.
    """

    scene: Snapshot
    words: Mapping[str, str]

    def anew(
        self, everybody: Population, past: Callable[[], Population], kept: MicroSegments | None
    ) -> MicroSegments | None:
        """Find micro-segments, and see how well the data of a month before gives the same.

        Args:
            everybody: Those among whom to look.
            past: The same people a month before.
            kept: The micro-segments there were; one that holds mostly the same people keeps its identifier.
        """
        found = self._find(everybody)
        if found is None:
            return None
        labels = assign(found, everybody, self.scene.workspace.settings.segmenting.minimum_size)
        describer = Describer(found.description, everybody, self.words, self.scene.workspace.settings.business.currency)
        traits = [describer.traits(labels == place) for place in range(len(found.centres))]
        names = names_of(traits, describer.called, _NOUNS["orders_365d" in everybody.features])
        places = labelled(everybody, [str(label) for label in labels])
        ids = _carried([slug(name) for name in names], places, {} if kept is None else assigned(kept, everybody, 1))
        before = self._division(past(), found)
        matches = best_matches(places, before)
        both = sorted(places.keys() & before.keys())
        whole = adjusted_rand([places[one] for one in both], [before[one] for one in both]) if both else None
        return MicroSegments(
            found=found,
            ids=ids,
            names=names,
            stability=[
                round(matches[str(place)][1], 4) if str(place) in matches else None for place in range(len(names))
            ],
            whole=None if whole is None else round(whole, 4),
        )

    def _division(self, everybody: Population, like: Discovered) -> dict[str, str]:
        """Person → number of the segment in what their data gives by itself, in as many ways."""
        found = self._find(everybody, like)
        if found is None:
            return {}
        labels = assign(found, everybody, self.scene.workspace.settings.segmenting.minimum_size)
        return labelled(everybody, [str(label) for label in labels])

    def _find(self, everybody: Population, like: Discovered | None = None) -> Discovered | None:
        settings = self.scene.workspace.settings
        return discover(
            everybody,
            set(self.words),
            most=settings.segmenting.most_discovered,
            minimum=settings.segmenting.minimum_size,
            seed=settings.seed,
            like=like,
        )


def assigned(micro: MicroSegments, everybody: Population, minimum: int) -> dict[str, str]:
    """Person → identifier of their micro-segment; none has fewer people than the minimum."""
    labels = assign(micro.found, everybody, minimum).tolist()
    return labelled(everybody, [micro.ids[place] for place in labels])


def labelled(everybody: Population, labels: list[str]) -> dict[str, str]:
    """Person → label."""
    return dict(zip(everybody.people, labels, strict=True))


def newest(scene: Snapshot) -> MicroSegments | None:
    """The micro-segments that were found last."""
    kept = _kept(scene)
    return None if kept is None else kept[1]


def still_young(scene: Snapshot) -> bool:
    """Whether the newest micro-segments hold for now, so that people are only assigned to them."""
    kept = _kept(scene)
    return kept is not None and kept[0] > scene.now - scene.workspace.settings.segmenting.every_days * _DAY_US


def keep(scene: Snapshot, micro: MicroSegments) -> None:
    """Keep micro-segments among the models, as found at this moment."""
    content = msgspec.json.encode(micro).decode()
    row: Row = {"module": MODULE, "version": stable_id(content), "fitted_at": scene.now, "content": content}
    with scene.workspace.stores.ledger.transaction() as transaction:
        transaction.insert(MODELS, [row], on_conflict="ignore")


def _kept(scene: Snapshot) -> tuple[int, MicroSegments] | None:
    """When the newest micro-segments were found, and what they are; one that another release wrote is none."""
    with scene.workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(MODELS, {"module": MODULE}, order_by=("fitted_at", "version"))
    known = [row for row in rows if integer(row["fitted_at"]) <= scene.now]
    if not known:
        return None
    try:
        found = msgspec.json.decode(str(known[-1]["content"]), type=MicroSegments)
    except msgspec.ValidationError:
        return None
    return integer(known[-1]["fitted_at"]), found


def _carried(fresh: list[str], places: Mapping[str, str], old: Mapping[str, str]) -> list[str]:
    matches = best_matches(places, old)
    taken: set[str] = set()
    ids: list[str] = []
    for place, own in enumerate(fresh):
        same, alike = matches.get(str(place), ("", 0.0))
        one = same if alike >= _SAME and same not in taken else own
        ids.append(one if one not in taken else f"{own}-{place}")
        taken.add(ids[-1])
    return ids
