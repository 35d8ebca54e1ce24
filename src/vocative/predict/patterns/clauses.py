"""Readable conditions on profiles: where features are cut, which categories are liked, and of whom a condition holds.

Cuts lie at quantiles of everybody, moved to the next number people say: 20 %, 5 times, 30 days. They know nothing of
what happened later, so they take nothing from the proof of a pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import DAY_US, Flags, Floats, Integers, Past, Rows
from vocative.profile.declared import declared_preferences
from vocative.records.patterns import Clause

LIKED_TIMES = 2.0
"""A category is liked by whom it makes up at least so many times everybody's share of it …"""
LIKED_LINES = 3
"""… with at least so many lines, both in the last year."""

_YEAR_DAYS = 365
_QUANTILES = (0.2, 0.4, 0.6, 0.8)
_LEAST_SHARE = 0.05
_DAYS = np.array([1, 2, 3, 5, 7, 10, 14, 21, 28, 45, 60, 90, 120, 180, 270, 365], np.float64)
_FIGURES = np.array([1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0])
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Measured:
    """A feature that has words: its name, what it is about, its unit, and whether little of it has words too."""

    name: str
    about: str
    unit: str
    low: bool = True


def learn_clauses(past: Past, moment: int, measured: Sequence[Measured], tastes: Sequence[str]) -> list[Clause]:
    """The conditions worth looking at, by what was known at one moment.

    Args:
        past: Whose profiles are read.
        moment: µs UTC; the features of that moment set the cuts.
        measured: The features that have words; no other plays a part.
        tastes: Categories that may be named.

    Returns:
        Conditions that hold for neither almost nobody nor almost everybody.
    """
    rows = past.features(moment)
    place = {name: number for number, name in enumerate(rows.names)}
    tried = [clause for one in measured if one.name in place for clause in _cut(one, rows.values[:, place[one.name]])]
    tried += [Clause(what="likes", name=name) for name in sorted(tastes)]
    tried += [Clause(what="said", name=name) for name in sorted(tastes)]
    share = holds(past, moment, tried, rows.who).mean(axis=0) if len(rows.who) else np.zeros(len(tried))
    return [one for one, part in zip(tried, share, strict=True) if _LEAST_SHARE <= part <= 1.0 - _LEAST_SHARE]


def holds(past: Past, moment: int, clauses: Sequence[Clause], who: Integers) -> Flags:
    """Of whom each clause holds at a moment: a row for each person, a column for each clause; unknown is no."""
    rows = past.features(moment)
    found = np.zeros((len(who), len(clauses)), bool)
    place, inside = _places(rows, who)
    column = {name: number for number, name in enumerate(rows.names)}
    liked, said = _liked(past, moment, clauses), _said(past, moment, clauses)
    for number, clause in enumerate(clauses):
        if clause.what == "feature":
            values = np.where(inside, rows.values[place, column[clause.name]], np.nan)
            found[:, number] = within(values, clause)
        else:
            found[:, number] = (liked if clause.what == "likes" else said)[clause.name][who]
    return found


def within(values: Floats, clause: Clause) -> Flags:
    """Whether values lie between the bounds of a clause; a missing one never does."""
    found = ~np.isnan(values)
    if clause.at_least is not None:
        found &= values >= clause.at_least
    if clause.below is not None:
        found &= values < clause.below
    return np.asarray(found, np.bool_)


def readable(value: float, unit: str) -> float:
    """The next number that people say.

    >>> readable(0.37, "share"), readable(33.1, "days"), readable(13.7, "count"), readable(21.3, "money")
    (0.35, 28.0, 15.0, 20.0)
    """
    if unit == "share":
        return round(round(value * 20) / 20, 2)
    if unit == "percent":
        return round(value, 1)
    if unit == "seconds":
        return 60.0 * readable(value / 60.0, "minutes")
    if unit == "hour" or (unit == "count" and abs(value) < _FIGURES[-1]):
        return float(round(value))
    if unit == "days":
        return float(_DAYS[np.abs(_DAYS - value).argmin()])
    if value <= 0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(f"{_FIGURES[np.abs(_FIGURES * power - value).argmin()] * power:.6g}")


def _cut(one: Measured, values: Floats) -> list[Clause]:
    known = values[~np.isnan(values)]
    if not len(known):
        return []
    if one.unit == "weekday":
        days = [float(day) for day in range(_WEEK)]
        return [Clause(what="feature", name=one.name, at_least=day, below=day + 1.0) for day in days]
    cuts = {readable(float(cut), one.unit) for cut in np.quantile(known, _QUANTILES)}
    if one.unit == "count":
        cuts.add(1.0)
    found = []
    for cut in sorted(cut for cut in cuts if cut > 0):
        found.append(Clause(what="feature", name=one.name, at_least=cut))
        if one.low:
            found.append(Clause(what="feature", name=one.name, below=cut))
    return found


def _places(rows: Rows, who: Integers) -> tuple[Integers, Flags]:
    if not len(rows.who):
        return np.zeros(len(who), np.int64), np.zeros(len(who), bool)
    place = np.minimum(np.searchsorted(rows.who, who), len(rows.who) - 1)
    return place, np.asarray(rows.who[place] == who, np.bool_)


def _liked(past: Past, moment: int, clauses: Sequence[Clause]) -> Mapping[str, Flags]:
    wanted = [one.name for one in clauses if one.what == "likes"]
    nobody = np.zeros(len(past.people), bool)
    if not wanted:
        return {}
    lines = past.lines_before(moment)
    lines = lines.where(lines.us >= moment - _YEAR_DAYS * DAY_US)
    category, names = past.categories(moment)
    code = category[lines.item]
    who, code = lines.who[code >= 0], code[code >= 0]
    total = np.bincount(who, minlength=len(past.people))
    number = {name: place for place, name in enumerate(names)}

    usual = np.bincount(code, minlength=len(names)) / max(len(code), 1)
    number = {name: place for place, name in enumerate(names) if name in set(wanted)}
    column = np.full(len(names), -1)
    column[list(number.values())] = np.arange(len(number))
    mine = column[code] >= 0
    width = max(len(number), 1)
    cells = np.bincount(who[mine] * width + column[code[mine]], minlength=len(nobody) * width).reshape(-1, width)
    liked = (cells >= LIKED_LINES) & (cells >= LIKED_TIMES * total[:, None] * usual[list(number.values())])
    return {name: liked[:, column[number[name]]] if name in number else nobody for name in wanted}


def _said(past: Past, moment: int, clauses: Sequence[Clause]) -> Mapping[str, Flags]:
    wanted = [one.name for one in clauses if one.what == "said"]
    if not wanted:
        return {}
    told: Callable[[], Flags] = lambda: np.zeros(len(past.people), bool)  # noqa: E731
    found = {name: told() for name in wanted}
    by_words = {name.lower(): name for name in wanted}
    table = declared_preferences(past.engine, past.sources, past.sources.scope(moment, past.settings))
    numbers = past.numbers(table["person_id"])
    for number, wording, liked in zip(numbers, table["wording"].to_pylist(), table["liked"].to_pylist(), strict=True):
        if liked and number >= 0 and str(wording) in by_words:
            found[by_words[str(wording)]][number] = True
    return found
