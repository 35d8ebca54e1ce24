"""People without any history: what is proposed by what they declared, by the hour and weekday, and by what many have.

A forecast speaks of people with an act. This module is for everybody else: those who only gave their address, and the
visitor of the first minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import DecodeError, json

from vocative.facts.people import newest_traits
from vocative.predict.history.catalogue import Catalogue, catalogue_at
from vocative.predict.history.event_history import DAY_US, Acts, Flags, Floats, Integers, Past, unique
from vocative.profile.declared import preferences

Declared = Mapping[str, str | Sequence[str]]
"""A declared taste: values by the name of a grouping of the catalogue, and words under `likes` and `dislikes`."""

_RECENT_DAYS = 28.0
_HOUR_US = DAY_US // 24
_NEAR_HOURS = 3
_PRIOR = 20.0
_OFTEN, _LEAST_LINES = 1.2, 5.0
_DECLARED = 1.05
"""What the best answer to a declared liking counts, where what everybody wants most counts 1."""
_LEAST_OF_GROUP = 0.05
"""What a thing that nobody had yet counts among those somebody declared to like, of the one most wanted of them."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """Things for somebody new, the best first: places in `Catalogue.items`, a value that sums to one, and the reason.

    `because` is the declared taste a thing answers (as `attribute: value`), empty where it is popularity; `now` says
    whether people have it more at such an hour and on such a day than at other times.
    """

    item: Integers
    value: Floats
    because: tuple[str, ...]
    now: Flags


def welcome(
    past: Past,
    moment: int,
    declared: Declared | None = None,
    *,
    offset_us: int = 0,
    length: int = 10,
    by_hour: bool = True,
) -> Welcome:
    """What to propose to somebody without an act before the moment.

    Args:
        past: Of everybody else.
        moment: When they came, µs UTC; its hour and weekday are their context.
        declared: Their taste: `{"category": "Tea", "likes": ["green tea"]}`.
        offset_us: The offset of their clock from UTC, in µs.
        length: How many things at most.
        by_hour: Whether the hour counts as well as the kind of day; not for a list that is looked at later.
    """
    catalogue = past.once("catalogue", moment, catalogue_at)
    lines = past.once("lines of late", moment, _lately)
    total = np.bincount(lines.item, minlength=len(past.items)).astype(np.float64)
    moved = _in_context(lines, total, moment, offset_us, by_hour)
    wanted = np.pad(moved, (0, len(catalogue.items) - len(moved)))
    often = np.pad((moved > _OFTEN * total) & (total >= _LEAST_LINES), (0, len(wanted) - len(moved)))
    liked, because, refused = _declared(catalogue, wanted, declared or {})
    # A declared liking outweighs what is inferred from the crowd, also where few like what somebody likes.
    value = wanted + liked * _DECLARED * max(float(wanted.max(initial=0.0)), 1.0)
    value = np.where((catalogue.stock <= 0.0) | refused, 0.0, value)
    best = np.argsort(-value, kind="stable")[:length]
    best = best[value[best] > 0.0]
    told = tuple(because[one] for one in best.tolist())
    return Welcome(best, value[best] / max(float(value.sum()), 1e-12), told, often[best])


def starting(past: Past, moment: int) -> tuple[float, float]:
    """How many of those without an act begin within four weeks, and how many things each of these then has.

    Counted over the last four weeks before the moment in which anything was had; the first drawn to one in twenty.
    """
    lines = past.once("lines of late", moment, _lately)
    start = _end(past, moment) - round(_RECENT_DAYS * DAY_US)
    then = past.present(start)
    new = ~np.isin(lines.who, then)
    began, without = len(np.unique(lines.who[new])), len(past.people) - len(then)
    had = len(unique(lines.who[new] * max(len(past.items), 1) + lines.item[new]))
    return (began + 1.0) / (without + _PRIOR), max(had / began, 1.0) if began else 1.0


def chances(found: Welcome, start: tuple[float, float]) -> Floats:
    """The chance that somebody new has each thing within four weeks; `start` is what `starting` gives."""
    begin, things = start
    return np.asarray(begin * (1.0 - np.exp(-things * found.value)))


def declared_tastes(past: Past, moment: int, people: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """What people had declared by the moment: person → trait → its values; traits that are no texts are left out.

    Like every declaration it counts until it is older than the history that is read.
    """
    table = newest_traits(past.engine, past.sources, past.sources.scope(moment, past.settings))
    table = table.filter(pc.is_in(pc.field("person_id"), pa.array(people, pa.string())))
    rows = zip(table["person_id"].to_pylist(), table["traits"].to_pylist(), strict=True)
    return {str(person): _texts(str(traits)) for person, traits in rows}


def _texts(traits: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"likes": [], "dislikes": []}
    for wording, liked in preferences(traits):
        found["likes" if liked else "dislikes"].append(wording)
    try:
        content = json.decode(traits)
    except DecodeError:
        return {}
    for name, value in content.items() if isinstance(content, dict) else ():
        values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        found.setdefault(str(name), [one for one in values if isinstance(one, str)])
    return {name: values for name, values in found.items() if values}


def _end(past: Past, moment: int) -> int:
    """The moment, or right after the last thing that was had: a business whose data is old has lately, too."""
    lines = past.lines_before(moment)
    return min(moment, int(lines.us.max()) + 1) if len(lines) else moment


def _lately(past: Past, moment: int) -> Acts:
    lines = past.lines_before(moment)
    return lines.where(lines.us >= _end(past, moment) - round(_RECENT_DAYS * DAY_US))


def _in_context(lines: Acts, total: Floats, moment: int, offset_us: int, by_hour: bool) -> Floats:
    """How much each thing is wanted at such an hour and on such a day: popularity, moved by a shrunk lift."""
    if not len(lines):
        return total
    local, now = lines.us + offset_us, moment + offset_us
    apart = np.abs((local - now) // _HOUR_US % 24)
    near = np.minimum(apart, 24 - apart) <= _NEAR_HOURS
    # 1970-01-01 was a Thursday; 3 days on, a week begins.
    weekend = ((local // DAY_US + 3) % 7 >= 5) == ((now // DAY_US + 3) % 7 >= 5)
    found = total
    for alike in (near, weekend) if by_hour else (weekend,):
        here = np.bincount(lines.item[alike], minlength=len(total))
        share = alike.mean()
        found = found * (here + _PRIOR * share) / (total + _PRIOR) / max(float(share), 1e-9)
    return np.asarray(found)


def _declared(catalogue: Catalogue, wanted: Floats, declared: Declared) -> tuple[Floats, list[str], Flags]:
    """How far each thing answers what was declared (at most 1), the first it answers, and what answers a dislike.

    Of each group somebody likes, the thing most wanted answers most, the others as they are wanted beside it.
    """
    rows = len(catalogue.items)
    liked, because, refused = np.zeros(rows), [""] * rows, np.zeros(rows, bool)
    for _, _, mine in _groups(catalogue, {"likes": declared.get("dislikes", ())}):
        refused |= mine
    for name, value, mine in _groups(catalogue, {name: one for name, one in declared.items() if name != "dislikes"}):
        most = float(wanted[mine].max(initial=0.0))
        liked[mine] += np.maximum(wanted[mine] / most if most > 0.0 else 1.0, _LEAST_OF_GROUP)
        for one in np.flatnonzero(mine).tolist():
            because[one] = because[one] or f"{name}: {value}"
    return liked / max(float(liked.max(initial=0.0)), 1e-9), because, refused


def _groups(catalogue: Catalogue, declared: Declared) -> Iterator[tuple[str, str, Flags]]:
    """Groups that are meant: the grouping, the group, and which things are of it; cases of letters do not matter."""
    seen: set[tuple[str, str]] = set()
    for name, value in sorted(declared.items()):
        words = {one.strip().casefold() for one in ([value] if isinstance(value, str) else value)}
        for grouping in catalogue.groupings:
            if name not in ("likes", grouping.name):
                continue
            for code, group in enumerate(grouping.names):
                if group.casefold() in words and (grouping.name, group) not in seen:
                    seen.add((grouping.name, group))
                    yield grouping.name, group, grouping.code == code
