"""Feature rows of everybody at past or present moments, computed by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from vocative.facts.people import zones_named
from vocative.facts.scope import SLOT_S, Scope
from vocative.facts.sources import Sources
from vocative.profile.compile import feature_query
from vocative.profile.feature import Feature
from vocative.profile.standard.standard import STANDARD
from vocative.records.lake_tables import FEATURES
from vocative.records.settings import Settings
from vocative.stats.calendars import transition_table
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Engine

_MOMENT = pa.timestamp("us", tz="UTC")


def build_features(
    engine: Engine,
    sources: Sources,
    settings: Settings,
    moments: Sequence[int],
    *,
    features: Sequence[Feature] = STANDARD,
) -> pa.Table:
    """Compute feature rows at one or more moments; a row uses only what was known before its moment.

    Args:
        engine: runs the query.
        sources: events, people, items, identities and who may have a row.
        settings: what events mean, the business's zone, how far back to read.
        moments: microseconds since 1970 UTC.
        features: what to compute.

    Returns:
        Columns `moment` (timestamp), `person_id`, and one float64 per feature, null where there is no value; sorted by
        moment as given and person. A person without an act before a moment has no row at it.
    """
    relations = sources.relations()
    tables = []
    for moment in moments:
        scope = sources.scope(moment, settings)
        relations["offsets"] = offsets_of(engine, sources, scope)
        rows = engine.query(feature_query(features, scope), relations)
        tables.append(rows.add_column(0, "moment", pa.repeat(pa.scalar(moment, _MOMENT), rows.num_rows)))
    return pa.concat_tables(tables) if tables else _empty(features)


def feature_rows(table: pa.Table, run_id: str) -> pa.Table:
    """Rows of `build_features` in the shape of the lake's table of features: one map per person, nulls left out."""
    names = table.column_names[2:]
    count = table.num_rows
    values = np.full((count, len(names)), np.nan)
    for place, name in enumerate(names):
        values[:, place] = table.column(name).to_numpy()
    present = ~np.isnan(values)
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
    keys = pa.array(np.broadcast_to(np.array(names, dtype=object), values.shape)[present], pa.string())
    maps = pa.MapArray.from_arrays(pa.array(offsets, pa.int64()), keys, pa.array(values[present], pa.float64()))
    moments, people = table.column("moment"), table.column("person_id")
    columns: list[pa.Array[Any] | pa.ChunkedArray[Any]] = [pa.repeat(pa.scalar(run_id), count), moments, people, maps]
    return pa.Table.from_arrays(columns, schema=arrow_schema(FEATURES))


def offsets_of(engine: Engine, sources: Sources, scope: Scope) -> pa.Table:
    """The offsets of all zones that people live in, over the history that is read: the relation `offsets`."""
    zones = zones_named(engine, sources, scope) | {scope.settings.business.timezone}
    return transition_table(zones, scope.horizon * SLOT_S, (scope.now + 1) * SLOT_S)


def _empty(features: Sequence[Feature]) -> pa.Table:
    columns: dict[str, pa.DataType] = {"moment": _MOMENT, "person_id": pa.string()}
    columns.update((feature.name, pa.float64()) for feature in features)
    return pa.schema(columns).empty_table()
