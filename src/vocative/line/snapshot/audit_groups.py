"""What divides people when a prediction is judged among some of them: language, and where they stand as customers."""

from __future__ import annotations

from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.history.event_history import EventHistory
from vocative.records.lake_tables import SEGMENTS

_LIFECYCLE_SQL = """
SELECT person_id, segment FROM segments WHERE kind = 'lifecycle' AND moment <= make_timestamptz($now)
QUALIFY moment = max(moment) OVER ()
"""


def traits(scene: Snapshot, past: EventHistory) -> dict[str, list[str]]:
    """Trait → the group of everybody in `past.people`, empty for none; segments are those of the last run before."""
    stores = scene.workspace.stores
    language = {str(row["person_id"]): str(row["language"] or "") for row in scene.people.rows}
    rows = stores.engine.query(_LIFECYCLE_SQL, {"segments": stores.lake.scan(SEGMENTS)}, {"now": scene.now})
    lifecycle = {str(row["person_id"]): str(row["segment"]) for row in rows.to_pylist()}
    people = [str(one) for one in past.people.to_pylist()]
    found = {
        "language": [language.get(person, "").partition("-")[0] for person in people],
        "segment": [lifecycle.get(person, "") for person in people],
    }
    # A trait that nobody has, or everybody the same, divides nobody.
    return {name: labels for name, labels in found.items() if len({one for one in labels if one}) > 1}
