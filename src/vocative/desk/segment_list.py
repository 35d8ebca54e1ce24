"""All segments at a glance: those of the newest run, or those that would be formed now."""

from __future__ import annotations

import msgspec
import pyarrow as pa

from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.journal import Result
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand import build
from vocative.line.understand.micro_segments import newest
from vocative.line.understand.segmenting import KINDS, look
from vocative.records.lake_tables import PREDICTIONS, SEGMENT_CARDS
from vocative.records.progress import Progress, no_progress
from vocative.records.schema import Row
from vocative.segment.rules import asks_for_predictions
from vocative.segment.stability import in_words
from vocative.segment.traits import Trait
from vocative.store.arrow import arrow_schema
from vocative.workspace.opening import OpenWorkspace

_NEWEST = """SELECT * REPLACE (epoch_us(moment) AS moment) FROM cards
WHERE run_id = (SELECT arg_max(run_id, moment) FROM cards WHERE moment <= make_timestamptz($now))"""


def segment_list(workspace: OpenWorkspace, now: int, progress: Progress = no_progress) -> Result:
    """Every segment of the newest run up to `now` (µs UTC); before the first run, what it would form, not kept.

    Returns:
        `as_of`, `kept` (whether a run has kept them), `stability` of the micro-segments as a whole with `in_words`,
        and `segments`: kind, segment, name, size, share, stability, traits (the strongest first) and movements.
    """
    scene = Snapshot(workspace, now)
    cards = workspace.stores.engine.query(_NEWEST, {"cards": workspace.stores.lake.scan(SEGMENT_CARDS)}, {"now": now})
    kept = cards.num_rows > 0
    if kept:
        micro = newest(scene)
        whole = None if micro is None else micro.whole
    else:
        cards, whole = _would_be(scene, progress)
    rows = cards.to_pylist()
    return {
        "as_of": to_text(rows[0]["moment"] if kept else now),
        "invented": workspace.settings.business.invented,
        "kept": kept,
        "stability": whole,
        "in_words": in_words(whole),
        "segments": [_told(row) for row in sorted(rows, key=lambda row: KINDS.index(str(row["kind"])))],
    }


def _would_be(scene: Snapshot, progress: Progress) -> tuple[pa.Table, float | None]:
    run_id = f"dry-run-{scene.now}"
    progress(0, 3, "profiles")
    features, affinities = build.profiles(scene, run_id)
    progress(1, 3, "predictions")
    predictions = arrow_schema(PREDICTIONS).empty_table()
    if asks_for_predictions(scene.workspace.settings):
        predictions = build.predictions(scene, run_id)
    progress(2, 3, "segments")
    formed = look(scene, run_id, features, affinities, predictions)
    whole = formed.result["stability"]
    return formed.cards, whole if isinstance(whole, float) else None


def _told(row: Row) -> Result:
    stability = row["stability"]
    return {
        **{name: row[name] for name in ("kind", "segment", "name", "size", "share", "stability")},
        "in_words": in_words(stability if isinstance(stability, float) else None),
        "traits": msgspec.to_builtins(msgspec.json.decode(str(row["traits"]), type=list[Trait])),
        "moved": msgspec.json.decode(str(row["moved"])),
    }
