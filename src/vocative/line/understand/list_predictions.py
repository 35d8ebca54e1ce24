"""What stands in the table of predictions beside what modules predict, so that lists can be made of it.

Things for people without an act, by what they declared and what many have; and things that hardly anybody had yet. Both
carry a naive way as their version: no model predicted them, none is judged by them, and the tests on the past never see
them.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
from msgspec import json

from vocative.line.models.forecasting import NAIVE
from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.history.catalogue import ItemCatalogue, catalogue_at
from vocative.predict.history.event_history import EventHistory, Floats, Integers, find, places, unique
from vocative.predict.items.cold_items import untried
from vocative.predict.items.cold_start import Declared, Welcome, chances, declared_tastes, starting, welcome
from vocative.predict.registry import STANDARD
from vocative.stats.calendars import local_datetime

LISTED = ("next_items", "new_items")
"""Modules whose predictions are lists of things."""
WELCOME, UNTRIED = f"{NAIVE}welcome", f"{NAIVE}untried"
"""How it is told who made a prediction."""
NEW = "new in the catalogue"
_SECOND = 1_000_000
_SATURDAY = 5

Reasons = dict[str, object]


def beside(scene: Snapshot, past: EventHistory, told: Collection[str], kept: pa.Table) -> list[pa.Table]:
    """Rows in the columns of the table `predictions` but `run_id`.

    Args:
        scene: The moment.
        past: As modules look at it.
        told: Modules that predict at this moment; of others nothing is added.
        kept: What they predict; what stands there is not added again.
    """
    tables = [_welcomed(scene, past)] if "next_items" in told else []
    tables += [_tried(scene, past, name, kept) for name in LISTED if name in told]
    return [table for table in tables if table.num_rows]


def hints(
    scene: Snapshot, past: EventHistory, zone: str, declared: Declared, *, by_hour: bool, length: int = 10
) -> Welcome:
    """What is proposed to somebody without an act whose clock shows the time of a zone."""
    here = local_datetime(scene.now, zone).utcoffset()
    offset = 0 if here is None else round(here.total_seconds()) * _SECOND
    return welcome(past, scene.now, declared, offset_us=offset, by_hour=by_hour, length=length)


def reasons_of(found: Welcome, row: int, when: str) -> Reasons:
    """The facts behind one thing that is proposed to somebody without an act."""
    if found.because[row]:
        attribute, _, value = found.because[row].partition(": ")
        return {"kind": "declared", "because": value, "declared": attribute}
    return {"kind": "many have it", **({"when": when} if found.now[row] else {})}


def time_of(now: int, zone: str, *, by_hour: bool) -> str:
    """A moment (µs UTC) as people speak of such times: "weekday evenings", "weekends"."""
    local = local_datetime(now, zone)
    day = "weekend" if local.weekday() >= _SATURDAY else "weekday"
    if not by_hour:
        return f"{day}s"
    parts = ((5, "nights"), (12, "mornings"), (17, "afternoons"), (22, "evenings"), (24, "nights"))
    return f"{day} {next(name for end, name in parts if local.hour < end)}"


def _welcomed(scene: Snapshot, past: EventHistory) -> pa.Table:
    """Things for those who may be profiled and have no act yet."""
    strangers = np.setdiff1d(np.arange(len(past.people)), past.present(scene.now))
    people = [str(one) for one in past.people.take(strangers).to_pylist()]
    tastes = declared_tastes(past, scene.now, people) if people else {}
    zone, zones = past.zones(scene.now) if people else (np.zeros(0, np.int64), [])
    catalogue, start = past.once("catalogue", scene.now, catalogue_at), starting(past, scene.now)
    made: dict[str, tuple[Welcome, Floats, list[str]]] = {}
    who, item, value, reasons = [list[int](), list[int](), list[float](), list[str]()]
    for number, person in zip(strangers.tolist(), people, strict=True):
        where, taste = zones[zone[number]], tastes.get(person, {})
        key = json.encode([where, taste]).decode()
        if key not in made:
            # The list is looked at some time after the run, so its hour is not known; its kind of day is, nearly.
            found = hints(scene, past, where, taste, by_hour=False)
            when = time_of(scene.now, where, by_hour=False)
            told = [json.encode(reasons_of(found, row, when)).decode() for row in range(len(found.item))]
            made[key] = (found, chances(found, start), told)
        found, chance, told = made[key]
        who += [number] * len(found.item)
        item += found.item.tolist()
        value += chance.tolist()
        reasons += told
    columns = np.array(who, np.int64), np.array(item, np.int64), np.array(value, np.float64)
    return _table(scene, past, catalogue, "next_items", WELCOME, columns, reasons)


def _tried(scene: Snapshot, past: EventHistory, name: str, kept: pa.Table) -> pa.Table:
    """Things that hardly anybody had, drawn for everybody with an act, but those they are told anyway."""
    catalogue = past.once("catalogue", scene.now, catalogue_at)
    random = np.random.default_rng([scene.workspace.settings.seed, scene.now // _SECOND])
    found = past.once("untried", scene.now, lambda known, moment: untried(known, moment, known.present(moment), random))
    mine = kept.filter(pa.compute.equal(kept["module"], pa.scalar(name)))
    width = len(catalogue.items)
    there = unique(places(mine["person_id"], past.people) * width + places(mine["target"], catalogue.items))
    fresh = ~find(there, found.who * width + found.item)[1]
    named = catalogue.groupings[0] if catalogue.groupings else None
    told = ["" if named is None or code < 0 else named.names[code] for code in _codes(catalogue, found.item)]
    reasons = [
        json.encode({"kind": NEW, **({"because": because} if because else {})}).decode()
        for because, one in zip(told, fresh, strict=True)
        if one
    ]
    columns = found.who[fresh], found.item[fresh], found.value[fresh]
    return _table(scene, past, catalogue, name, UNTRIED, columns, reasons)


def _codes(catalogue: ItemCatalogue, item: Integers) -> list[int]:
    codes = catalogue.groupings[0].code[item] if catalogue.groupings else np.full(len(item), -1)
    return [int(code) for code in codes]


def _table(
    scene: Snapshot,
    past: EventHistory,
    catalogue: ItemCatalogue,
    name: str,
    version: str,
    columns: tuple[Integers, Integers, Floats],
    reasons: list[str],
) -> pa.Table:
    who, item, value = columns
    rows, module = len(who), STANDARD[name]
    return pa.table(
        {
            "moment": pa.array(np.full(rows, scene.now), pa.timestamp("us", tz="UTC")),
            "person_id": past.people.take(who),
            "module": pa.array([name] * rows, pa.string()),
            "target": catalogue.items.take(item),
            "value": pa.array(value),
            "low": pa.array(value),
            "high": pa.array(value),
            "unit": pa.array([module.unit] * rows, pa.string()),
            "horizon_days": pa.array(np.full(rows, float(module.horizon_days))),
            "support": pa.array(np.zeros(rows)),
            "version": pa.array([version] * rows, pa.string()),
            "reasons": pa.array(reasons, pa.string()),
        }
    )
