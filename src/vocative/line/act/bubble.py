"""How much of what people are shown lies outside what they do anyway: measured for the plan and the lists of every run.

A person's top interests are the fewest categories that together hold half of what they did lately (their affinities,
fading). What lies outside is the novelty of a list or a message; how unlike its things are is its diversity; how
unevenly the catalogue is shown is its exposure. Lists are those that people would get right after the run; some hundred
people are drawn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct

from vocative.facts.grain import select
from vocative.facts.items import CATALOGUE
from vocative.facts.scope import Scope
from vocative.line.snapshot.preferences import wishes
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand.build import Understanding
from vocative.line.understand.list_predictions import LISTED, NEW, UNTRIED
from vocative.predict.history.event_history import Integers
from vocative.predict.items.bubble import diversity, gini
from vocative.predict.items.diversity import Wish, rerank
from vocative.records.acting import Decision
from vocative.records.cells import integer
from vocative.records.lake_tables import AFFINITIES
from vocative.records.ledger_tables import RUNS
from vocative.store.protocols import Relation
from vocative.workspace.opening import OpenWorkspace

_DRAWN = 500
_FIELDS: list[pa.Field[Any]] = [
    pa.field("list", pa.int64()),
    *(pa.field(name, pa.string()) for name in ("person_id", "thing", "category", "brand")),
]
_NAMED = pa.schema(_FIELDS)
_TOP_SQL = """
SELECT person_id, value AS category FROM (
  SELECT person_id, value, share, sum(share) OVER (PARTITION BY person_id ORDER BY share DESC, value) AS held,
    sum(share) OVER (PARTITION BY person_id) AS whole
  FROM affinities WHERE run_id = $run AND attribute = 'category' AND share > 0
) WHERE held - share < 0.5 * whole - 1e-9
"""
_OUTSIDE_SQL = f"""
WITH top AS ({_TOP_SQL})
SELECT avg(CASE WHEN top.category IS NULL THEN 1.0 ELSE 0.0 END) AS outside
FROM named SEMI JOIN top AS anything ON anything.person_id = named.person_id
LEFT JOIN top ON top.person_id = named.person_id AND top.category = named.category
WHERE named.category IS NOT NULL
"""
_MINE_SQL = """
SELECT * FROM predictions WHERE run_id = $run AND list_contains(string_split($modules, chr(31)), module)
"""
_DRAWN_SQL = """
SELECT person_id FROM (SELECT DISTINCT person_id FROM mine) ORDER BY md5(person_id), person_id LIMIT $drawn
"""
_LISTS_SQL = """
SELECT mine.person_id, mine.target, any_value(catalogue.category) AS category, any_value(catalogue.brand) AS brand,
  arg_max(value, module = $first) AS value, max(support) AS support,
  bool_or(version = $untried OR coalesce(json_extract_string(reasons, '$.kind') = $new, false)) AS untried
FROM mine SEMI JOIN drawn ON drawn.person_id = mine.person_id
LEFT JOIN catalogue ON catalogue.item = mine.target
GROUP BY 1, 2 ORDER BY 1, 2
"""


class Bubble(Struct, frozen=True, kw_only=True):
    """What some lists or messages hold."""

    lists: int
    """How many."""
    things: int
    """How many things they hold together."""
    diversity: float | None
    """How unlike two things of one are: 0 if they share category and brand, 1 if neither; None: none holds two."""
    outside: float | None
    """Share of things outside the person's top interests; None where nobody's interests are known."""
    exposure: float | None
    """Gini coefficient over the catalogue of how often each thing (of messages: category) is shown: 0 to 1."""


class ListBubble(Struct, frozen=True, kw_only=True):
    """How far one list lies outside what its person does anyway."""

    diversity: float | None
    """How unlike two of its things are, 0 to 1; None if it holds fewer than two."""
    outside: float | None
    """Share of its things outside the person's top interests; None where these are not known."""
    discovery: float
    """The least share of what is new to them that it was made with."""
    asked: str
    """What they asked for themselves, in their own words; empty: they never said."""


class RunBubble(Struct, frozen=True, kw_only=True):
    """What a run shows people."""

    messages: Bubble
    lists: Bubble
    """Of people drawn at random."""
    wished: int
    """People who chose themselves how much that is new they see."""


class _Decided(Struct, frozen=True):
    """What is read of the result of deciding."""

    bubble: RunBubble | None = None


def bubble_of(scene: Snapshot, run_id: str, understood: Understanding, decisions: Iterable[Decision]) -> RunBubble:
    """Measure what a run says in messages and would show in lists."""
    catalogue = _catalogue(scene)
    own = {person: one.discovery for person, one in wishes(scene).items()}
    categories = len({one for one in catalogue["category"].to_pylist() if one is not None})
    named, listed = _named(decisions), _listed(scene, run_id, understood, own)
    return RunBubble(
        messages=_measured(scene, run_id, understood.affinities, named, categories, "category"),
        lists=_measured(scene, run_id, understood.affinities, listed, catalogue.num_rows, "thing"),
        wished=len(own),
    )


def top_interests(scene: Snapshot, person: str) -> frozenset[str]:
    """The categories that hold half of what a person did, as of the newest run before the scene."""
    affinities = scene.workspace.stores.lake.scan(AFFINITIES)
    rows = scene.workspace.stores.engine.query(
        f"""WITH affinities AS (
  SELECT * FROM kept WHERE person_id = $person AND moment <= make_timestamptz($now)
  QUALIFY moment = max(moment) OVER ()
) SELECT category FROM ({_TOP_SQL.replace("run_id = $run", "TRUE")})""",
        {"kept": affinities},
        {"person": person, "now": scene.now},
    )
    return frozenset(str(one) for one in rows["category"].to_pylist())


def bubble_of_list(
    top: Collection[str], groups: Integers, categories: Sequence[str], discovery: float, asked: str
) -> ListBubble:
    """Measure one list.

    Args:
        top: The person's top interests; empty where they are not known.
        groups: Things × groupings: the group of each, -1 for none.
        categories: Of each thing; empty where it has none.
        discovery: The least share of what is new that it was made with.
        asked: What the person asked for.
    """
    named = [one for one in categories if one]
    unlike = diversity(np.zeros(len(groups), np.int64), groups)
    return ListBubble(
        diversity=float(unlike.mean()) if len(unlike) else None,
        outside=sum(one not in top for one in named) / len(named) if named and top else None,
        discovery=discovery,
        asked=asked,
    )


def shown_by(workspace: OpenWorkspace, now: int) -> RunBubble | None:
    """What the newest run up to `now` (µs UTC) showed people, as it was measured then; None before the first."""
    with workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(RUNS, {"stage": "decide", "state": "done"}, order_by=("moment",))
    kept = [str(row["result"]) for row in rows if integer(row["moment"]) <= now]
    return msgspec.json.decode(kept[-1], type=_Decided).bubble if kept else None


def account(found: RunBubble | None) -> dict[str, object] | None:
    """What was measured as plain values, with it in words."""
    return None if found is None else {**msgspec.to_builtins(found), "in_words": in_words(found)}


def in_words(found: RunBubble) -> str:
    """What was measured, in one sentence."""
    parts = []
    for what, one in (("messages", found.messages), ("lists", found.lists)):
        if one.things:
            outside = "–" if one.outside is None else f"{one.outside:.0%}"
            unlike = "" if one.diversity is None else f", two things of one are {one.diversity:.0%} unlike"
            uneven = "" if one.exposure is None else f", exposure {one.exposure:.2f} (0 even, 1 one thing alone)"
            parts.append(f"{outside} of what {what} show lies outside the person's top interests{unlike}{uneven}")
    if not parts:
        return "Nothing was shown to anybody yet."
    asked = f"; {found.wished:,} people chose how much is new to them" if found.wished else ""
    told = "; ".join(parts) + asked
    return f"{told[0].upper()}{told[1:]}."


def _catalogue(scene: Snapshot) -> pa.Table:
    sql = select([CATALOGUE], _scope(scene), "SELECT item, category FROM catalogue")
    return scene.workspace.stores.engine.query(sql, scene.sources.relations())


def _scope(scene: Snapshot) -> Scope:
    return scene.sources.scope(scene.now, scene.workspace.settings)


def _named(decisions: Iterable[Decision]) -> pa.Table:
    """The things that messages name, a row for each."""
    rows = [
        (number, one.person_id, target.target, target.category or target.target, None)
        for number, one in enumerate(one for one in decisions if one.outcome == "contact" and one.chosen is not None)
        for target in (one.chosen.targets if one.chosen is not None else ())
    ]
    return _table(rows)


def _listed(scene: Snapshot, run_id: str, understood: Understanding, own: dict[str, float]) -> pa.Table:
    """The lists that people drawn would get, a row for each thing."""
    asked, stores = scene.workspace.settings.lists, scene.workspace.stores
    found = stores.engine.query(
        select([CATALOGUE], _scope(scene), _LISTS_SQL, mine=_MINE_SQL, drawn=_DRAWN_SQL),
        {**scene.sources.relations(), "predictions": understood.predictions},
        {
            "run": run_id,
            "modules": "\x1f".join(LISTED),
            "first": LISTED[0],
            "untried": UNTRIED,
            "new": NEW,
            "drawn": _DRAWN,
        },
    )
    people = [str(one) for one in found["person_id"].to_pylist()]
    value, support = (np.asarray(found[name], np.float64) for name in ("value", "support"))
    untried = np.asarray(found["untried"].to_pylist(), bool)
    groups = np.stack([_codes(found[name].to_pylist()) for name in ("category", "brand")], axis=1)
    starts = [place for place, one in enumerate(people) if place == 0 or one != people[place - 1]]
    kept: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(people)], strict=False)):
        mine = slice(start, end)
        wish = Wish(asked.length, asked.diversity, own.get(people[start], asked.discovery), asked.exploration)
        chosen = rerank(value[mine], groups[mine], support[mine] <= 0.0, untried[mine], wish)
        kept += [(number, start + place) for place in chosen.tolist()]
    columns = [found[name].to_pylist() for name in ("target", "category", "brand")]
    return _table([(number, people[row], *(column[row] for column in columns)) for number, row in kept])


def _measured(
    scene: Snapshot, run_id: str, affinities: Relation, named: pa.Table, catalogue: int, shown: str
) -> Bubble:
    lists = np.asarray(named["list"], np.int64)
    _, lists = np.unique(lists, return_inverse=True)
    groups = np.stack([_codes(named[name].to_pylist()) for name in ("category", "brand")], axis=1)
    # Where nothing has a brand, things are told apart by their category alone.
    groups = groups if (groups[:, 1] >= 0).any() else groups[:, :1]
    unlike = diversity(lists, groups)
    outside = scene.workspace.stores.engine.query(
        _OUTSIDE_SQL, {"named": named, "affinities": affinities}, {"run": run_id}
    )["outside"].to_pylist()[0]
    count = np.bincount(_codes([one for one in named[shown].to_pylist() if one is not None])).astype(np.float64)
    count = np.pad(count, (0, max(catalogue - len(count), 0)))
    return Bubble(
        lists=len(np.unique(lists)),
        things=named.num_rows,
        diversity=float(unlike.mean()) if len(unlike) else None,
        outside=None if outside is None else float(outside),
        exposure=gini(count) if count.any() else None,
    )


def _codes(names: Sequence[str | None]) -> Integers:
    """Names as numbers; -1 for one that is none."""
    code = {name: place for place, name in enumerate(sorted({one for one in names if one is not None}))}
    return np.array([-1 if name is None else code[name] for name in names], np.int64)


def _table(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((),) * len(_NAMED)
    return pa.Table.from_arrays(
        [pa.array(list(column), one.type) for column, one in zip(columns, _NAMED, strict=True)], schema=_NAMED
    )
