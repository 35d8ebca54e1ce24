"""What offers people saw within a quarter: floors for the planner, and how loyal people and groups were treated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, cast

from vocative.facts.attribution import ACCOUNTS
from vocative.facts.grain import select
from vocative.facts.scope import Scope
from vocative.line.snapshot.snapshot import Scene
from vocative.records.lake_tables import DECISIONS, OPTIONS
from vocative.records.relationship import State
from vocative.records.settings import Campaign
from vocative.trust.fairness import (
    QUARTER_DAYS,
    Floors,
    GroupFigure,
    Loyalty,
    Member,
    Sight,
    audit,
    floors_of,
    loyalty,
)

_DAY_US = 86_400_000_000
_LINE = chr(31)
_BANDS = ((30, "under 30"), (45, "30 to 44"), (60, "45 to 59"), (200, "60 and older"))
_UNTOLD = "not told"

# Whoever an offer fitted, and who did not get it as others were worth more or nothing was left, could have had it.
_SIGHTS_SQL = """
SELECT coalesce(accounts.person_id, decisions.person_id) AS person_id, relationship AS state, target,
  coalesce(options.offer_unit, '') AS unit,
  max(CASE WHEN given THEN coalesce(options.offer_discount, 0.0) ELSE 0.0 END) AS size, bool_or(given) AS seen
FROM decisions JOIN options ON options.decision_id = decisions.decision_id
LEFT JOIN accounts ON accounts.account = decisions.person_id
WHERE decisions.moment > make_timestamptz($since) AND decisions.moment < make_timestamptz($until)
  AND best AND offer_id <> ''
  AND (given AND list_contains(string_split($offering, chr(31)), options.campaign)
    OR NOT $seen AND outcome <> 'control')
GROUP BY ALL ORDER BY ALL
"""
_THANKED_SQL = """
SELECT DISTINCT coalesce(accounts.person_id, decisions.person_id) AS person_id
FROM decisions LEFT JOIN accounts ON accounts.account = decisions.person_id
WHERE outcome = 'contact' AND list_contains(string_split($thanking, chr(31)), campaign)
  AND moment > make_timestamptz($since) AND moment < make_timestamptz($until)
"""


class Audited(NamedTuple):
    """How people were treated in the quarter up to a moment; `groups` are by what they are told apart by."""

    loyalty: Loyalty
    groups: Mapping[str, list[GroupFigure]]


def floors(scene: Scene, *, before: int | None = None, imagined: Iterable[Sight] = ()) -> Floors:
    """The best offers that occasional buyers saw within the quarter: what loyal people get at least.

    Who looks at a span of the past as if something else had been decided in it gives its beginning (`before`, µs UTC)
    and what people would have seen in it.
    """
    if not _offering(scene):
        return {}
    return floors_of([*(sight for sight, seen in _sights(scene, seen=True, until=before) if seen), *imagined])


def measured(scene: Scene) -> Loyalty | None:
    """Loyal people among those who saw an offer; None where nothing is offered.

    Who could have had one and saw none is not looked for: that asks for every decision of the quarter (`audited`).
    """
    if not _offering(scene):
        return None
    return loyalty((sight for sight, seen in _sights(scene, seen=True) if seen and sight.unit), _thanked(scene))


def audited(scene: Scene) -> Audited | None:
    """How loyal people and groups of people were treated; None where nothing is offered."""
    if not _offering(scene):
        return None
    found = _sights(scene, seen=False)
    # Without a size nothing is smaller or larger.
    sized = [sight for sight, _ in found if sight.unit]
    return Audited(loyalty(sized, _thanked(scene)), _groups(scene, found))


def age_band(born: object, today: date) -> str:
    """The band of years a person's age lies in.

    >>> age_band(date(1990, 6, 1), date(2026, 1, 1)), age_band(None, date(2026, 1, 1))
    ('30 to 44', 'not told')
    """
    if not isinstance(born, date):
        return _UNTOLD
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return next((band for below, band in _BANDS if years < below), _UNTOLD)


def _groups(scene: Scene, found: Iterable[tuple[Sight, bool]]) -> dict[str, list[GroupFigure]]:
    """Everybody who may be profiled, by what could be held against people; read for the audit only."""
    sizes: defaultdict[str, list[float]] = defaultdict(list)
    offered: set[str] = set()
    for sight, seen in found:
        if seen:
            offered.add(sight.person)
            if sight.unit == "percent":
                sizes[sight.person].append(sight.size)
    allowed = set(scene.people.allowed()["person_id"].to_pylist())
    rows = [row for row in scene.people.rows if row["person_id"] in allowed]
    by: dict[str, Callable[[Mapping[str, object]], str]] = {
        "gender": lambda row: str(row["gender"] or _UNTOLD),
        "age": lambda row: age_band(row["birth_date"], scene.people.today),
        "language": lambda row: str(row["language"] or _UNTOLD).partition("-")[0],
    }
    return {
        name: audit(
            Member(group(row), tuple(sizes.get(person, ())), person in offered)
            for row in rows
            for person in (str(row["person_id"]),)
        )
        for name, group in by.items()
    }


def _sights(scene: Scene, *, seen: bool, until: int | None = None) -> list[tuple[Sight, bool]]:
    rows = scene.workspace.stores.engine.query(
        select([ACCOUNTS], _scope(scene), _SIGHTS_SQL),
        {
            "decisions": scene.workspace.stores.lake.scan(DECISIONS),
            "options": scene.workspace.stores.lake.scan(OPTIONS),
            "identity": scene.identity,
        },
        # A decision rests on what was decided before it, the report tells of the newest too.
        {
            **_quarter(scene, scene.now + (not seen) if until is None else until),
            "offering": _LINE.join(one.name for one in _offering(scene)),
            "seen": seen,
        },
    )
    return [
        (
            Sight(row["person_id"], cast("State", row["state"]), row["target"] or "", row["unit"], float(row["size"])),
            bool(row["seen"]),
        )
        for row in rows.to_pylist()
    ]


def _thanked(scene: Scene) -> set[str]:
    thanking = [one.name for one in scene.workspace.campaigns if one.personalized and not one.sells]
    rows = scene.workspace.stores.engine.query(
        select([ACCOUNTS], _scope(scene), _THANKED_SQL),
        {"decisions": scene.workspace.stores.lake.scan(DECISIONS), "identity": scene.identity},
        {**_quarter(scene, scene.now + 1), "thanking": _LINE.join(thanking)},
    )
    return {str(person) for person in rows["person_id"].to_pylist()}


def _scope(scene: Scene) -> Scope:
    return Scope(scene.now, scene.workspace.settings)


def _offering(scene: Scene) -> Sequence[Campaign]:
    return [one for one in scene.workspace.campaigns if one.offers]


def _quarter(scene: Scene, until: int) -> dict[str, int]:
    return {"since": scene.now - QUARTER_DAYS * _DAY_US, "until": until}
