"""What is predicted of one person, by what right, and which segments they belong to."""

from __future__ import annotations

from msgspec import Struct

from vocative.facts.items import names_of
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.snapshot import Scene
from vocative.predict.registry import question
from vocative.records.lake_tables import PREDICTIONS, SEGMENT_CARDS, SEGMENTS
from vocative.records.schema import Row
from vocative.workspace.opening import Workspace

_BASELINE = "baseline:"
_MOST = 3

_PREDICTED_SQL = f"""
WITH newest AS (
  SELECT * FROM predictions WHERE person_id = $person AND moment <= make_timestamptz($now)
  QUALIFY moment = max(moment) OVER ()
)
SELECT epoch_us(newest.moment) AS moment, module, target, value, low, high, unit, version FROM newest
QUALIFY row_number() OVER (PARTITION BY module ORDER BY value DESC, target) <= {_MOST}
ORDER BY module, value DESC, target
"""
_BELONGS_SQL = """
WITH mine AS (
  SELECT * FROM segments WHERE person_id = $person AND moment <= make_timestamptz($now)
  QUALIFY moment = max(moment) OVER ()
)
SELECT mine.kind, cards.name FROM mine
JOIN cards ON cards.run_id = mine.run_id AND cards.kind = mine.kind AND cards.segment = mine.segment
ORDER BY mine.kind, cards.name
"""


class Prediction(Struct, frozen=True, kw_only=True):
    """One prediction about one person."""

    module: str
    question: str
    target: str
    """What it is about; empty for the person as a whole."""
    value: float
    low: float
    high: float
    unit: str
    acts: str
    """`model` where the past admitted it; else the name of the baseline that acts instead."""
    as_of: str


class Foreseen(Struct, frozen=True, kw_only=True):
    """Predictions and segments of one person; empty without permission for personalization."""

    predictions: list[Prediction]
    segments: dict[str, list[str]]
    """Kind → names of the segments."""


def foreseen(workspace: Workspace, person_id: str, now: int, scene: Scene | None = None) -> Foreseen:
    """What the newest run up to `now` (µs UTC) has predicted of a person, the strongest three of each module.

    `scene` is the one of the person, if it is there.
    """
    stores = workspace.stores
    person, own = Scene.of_person(workspace, person_id, now)
    scene = scene or own
    if person not in set(scene.sources.allowed["person_id"].to_pylist()):
        return Foreseen(predictions=[], segments={})
    asked: Row = {"person": person, "now": now}
    predicted = stores.engine.query(_PREDICTED_SQL, {"predictions": stores.lake.scan(PREDICTIONS)}, asked).to_pylist()
    # As they are called now; what they will be called is not known.
    scope = scene.sources.scope(now, workspace.settings)
    names = names_of(stores.engine, scene.sources, scope, {row["target"] for row in predicted})
    belongs = stores.engine.query(
        _BELONGS_SQL, {"segments": stores.lake.scan(SEGMENTS), "cards": stores.lake.scan(SEGMENT_CARDS)}, asked
    )
    segments: dict[str, list[str]] = {}
    for row in belongs.to_pylist():
        segments.setdefault(row["kind"], []).append(row["name"])
    return Foreseen(
        predictions=[
            Prediction(
                module=row["module"],
                question=question(row["module"], workspace.settings),
                target=names.get(row["target"], row["target"]),
                value=row["value"],
                low=row["low"],
                high=row["high"],
                unit=row["unit"],
                acts=row["version"].removeprefix(_BASELINE) if row["version"].startswith(_BASELINE) else "model",
                as_of=to_text(row["moment"]),
            )
            for row in predicted
        ],
        segments=segments,
    )
