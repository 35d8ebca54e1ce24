"""People without any history: what is proposed by what they declared, by the hour and weekday, and by what many have.

A forecast speaks of people with an act. This function is for everybody else: the visitor of the first minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vocative.predict.catalogue import Catalogue, catalogue_at
from vocative.predict.past import DAY_US, Acts, Floats, Integers, Past

_RECENT_DAYS = 28.0
_HOUR_US = DAY_US // 24
_NEAR_HOURS = 3
_PRIOR = 20.0
_DECLARED = 8.0
"""A declared liking outweighs what is inferred from the crowd: such things count as if so many times as wanted."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """Things for somebody new, the best first: places in `Catalogue.items`, a value that sums to one, and the reason.

    `because` is the declared taste a thing answers (as `attribute: value`), empty where it is popularity.
    """

    item: Integers
    value: Floats
    because: tuple[str, ...]


def welcome(
    past: Past,
    moment: int,
    declared: Mapping[str, str] | None = None,
    *,
    offset_us: int = 0,
    length: int = 10,
) -> Welcome:
    """What to propose to somebody without an act before the moment.

    Args:
        past: Of everybody else.
        moment: When they came, µs UTC; its hour and weekday are their context.
        declared: Their taste as traits: `{"category": "Tea"}`, by the names of the catalogue's groupings.
        offset_us: The offset of their clock from UTC, in µs.
        length: How many things at most.
    """
    catalogue = catalogue_at(past, moment)
    lines = past.lines_before(moment)
    lines = lines.where(lines.us >= moment - round(_RECENT_DAYS * DAY_US))
    wanted = np.zeros(len(catalogue.items))
    wanted[: len(past.items)] = _in_context(lines, moment, offset_us, len(past.items))
    liked, because = _declared(catalogue, declared or {})
    # What is declared holds for things nobody had yet, too.
    floor = float(wanted[wanted > 0].min(initial=1.0)) if wanted.any() else 1.0
    value = np.where(liked > 0, np.maximum(wanted, floor) * (1.0 + _DECLARED * liked), wanted)
    value = np.where(catalogue.stock <= 0.0, 0.0, value)
    best = np.argsort(-value, kind="stable")[:length]
    best = best[value[best] > 0.0]
    return Welcome(best, value[best] / max(float(value.sum()), 1e-12), tuple(because[one] for one in best.tolist()))


def _in_context(lines: Acts, moment: int, offset_us: int, items: int) -> Floats:
    """How much each thing is wanted at such an hour and on such a day: popularity, moved by a shrunk lift."""
    total = np.bincount(lines.item, minlength=items).astype(np.float64)
    if not len(lines):
        return total
    local, now = lines.us + offset_us, moment + offset_us
    apart = np.abs((local - now) // _HOUR_US % 24)
    near = np.minimum(apart, 24 - apart) <= _NEAR_HOURS
    # 1970-01-01 was a Thursday; 3 days on, a week begins.
    weekend = ((local // DAY_US + 3) % 7 >= 5) == ((now // DAY_US + 3) % 7 >= 5)
    found = total
    for alike in (near, weekend):
        here = np.bincount(lines.item[alike], minlength=items)
        share = alike.mean()
        found = found * (here + _PRIOR * share) / (total + _PRIOR) / max(float(share), 1e-9)
    return np.asarray(found)


def _declared(catalogue: Catalogue, declared: Mapping[str, str]) -> tuple[Floats, list[str]]:
    """The share of what was declared that each thing answers, and the first of it."""
    liked, because = np.zeros(len(catalogue.items)), [""] * len(catalogue.items)
    known = {one.name: one for one in catalogue.groupings}
    told = {name: value for name, value in sorted(declared.items()) if name in known}
    for name, value in told.items():
        if value not in known[name].names:
            continue
        mine = np.flatnonzero(known[name].code == known[name].names.index(value))
        liked[mine] += 1.0 / len(told)
        for one in mine.tolist():
            because[one] = because[one] or f"{name}: {value}"
    return liked, because
