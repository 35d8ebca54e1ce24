"""Among which people a prediction does better and worse: new and old, rare and frequent, or any trait given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vocative.predict.history.event_history import DAY_US, Flags, Floats, Integers, Past, distinct
from vocative.prove.backtest import MODEL, Trial
from vocative.prove.bootstrap import Judged, bootstrap, differences
from vocative.prove.measures import Combine, Measure
from vocative.records.proof import Group

_NEW_DAYS = 90
_BUSY_DAYS = 182
_FEWEST = 20
_DRAWS = 400
_THIRDS = ("lowest third", "middle third", "highest third")

Traits = Mapping[str, Sequence[str]]
"""Trait → the group of each person, by the person's number; empty: none."""
Parts = dict[tuple[str, str], Flags]
"""Trait and name of a group → which rows are of it."""


def groups_at(past: Past, moment: int, who: Integers, traits: Traits) -> Parts:
    """The groups of rows, by what was known of their people before a moment (µs UTC).

    New is who first acted less than 90 days before. Activity is the number of days with an act in half a year, in
    thirds of the people of the rows; who is equally active is in the same third.
    """
    acts = past.before(moment)
    first = np.full(len(past.people), moment)
    np.minimum.at(first, acts.who, acts.us)
    fresh = first[who] > moment - _NEW_DAYS * DAY_US
    found = {("acquaintance", "new"): fresh, ("acquaintance", "known"): ~fresh}
    recent = acts.us >= moment - _BUSY_DAYS * DAY_US
    days = np.bincount(distinct(acts.who[recent], acts.us[recent] // DAY_US)[0], minlength=len(past.people))
    people = np.unique(who)
    cuts = np.quantile(days[people], (1 / 3, 2 / 3)) if len(people) else np.zeros(2)
    third = np.searchsorted(cuts, days[who], side="left")
    found |= {("activity", name): third == place for place, name in enumerate(_THIRDS)}
    for trait, names in traits.items():
        theirs = np.array(names, dtype=str)[who]
        found |= {(trait, str(name)): theirs == name for name in np.unique(theirs) if name}
    return found


def judge_groups(
    trials: Sequence[Trial], parts: Sequence[Parts], metric: str, baseline: str, random: np.random.Generator
) -> list[Group]:
    """The deciding metric of the model and a baseline among each group of at least 20 people, all moments together.

    Intervals hold for all groups together, so that the best and the worst of them may be named (`differences`).

    Args:
        trials: The moments.
        parts: For each of them, the groups of its rows.
        metric: A measure that is told row by row.
        baseline: The best baseline.
        random: Draws people for the intervals.
    """
    who = np.concatenate([trial.judged.who for trial in trials])
    flags = {
        key: np.concatenate(
            [part.get(key, np.zeros(len(trial.judged.who), bool)) for trial, part in zip(trials, parts, strict=True)]
        )
        for key in dict.fromkeys(key for part in parts for key in part)
    }
    people = {key: len(np.unique(who[mine])) for key, mine in flags.items()}
    flags = {key: mine for key, mine in flags.items() if people[key] >= _FEWEST}
    if not flags:
        return []
    ways = {}
    for way in (MODEL, baseline):
        rows, combine = _rows(trials, way, metric)
        ways[way] = [Measure("/".join(key), rows * mine[:, None], combine) for key, mine in flags.items()]
    figures = bootstrap([Judged(who, ways)], random, _DRAWS)
    pairs = [(figures[MODEL, "/".join(key)], figures[baseline, "/".join(key)]) for key in flags]
    made = []
    for key, (model, naive), apart in zip(flags, pairs, differences(pairs), strict=True):
        made.append(
            Group(
                trait=key[0],
                name=key[1],
                people=people[key],
                value=model.value,
                baseline=naive.value,
                difference=apart.value,
                low=apart.low,
                high=apart.high,
            )
        )
    return made


def _rows(trials: Sequence[Trial], way: str, metric: str) -> tuple[Floats, Combine]:
    found = [one for trial in trials for one in trial.judged.ways[way] if one.name == metric]
    return np.vstack([one.columns for one in found]), found[0].combine
