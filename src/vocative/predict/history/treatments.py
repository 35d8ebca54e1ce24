"""Who was contacted and who was left in peace by lot: the only ground on which an effect can be learnt.

A treatment is the first occasion on which the engine would have contacted a person. Up to then those who are contacted
and those in the control group have lived through the same; later occasions are not comparable, since those who were
contacted are kept from further messages for a while. People the engine would not have contacted do not count. What is
compared is having been chosen for contact (intention to treat), whether or not the message arrived, and all that
follows within the horizon.

Where it was drawn by lot which of several things a person gets, each is an arm of its own, silence among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from vocative.predict.history.event_history import Flags, Floats, Integers, Past
from vocative.records.action import SILENCE, Action

_FIELDS: list[pa.Field[Any]] = [
    pa.field("person_id", pa.string()),
    pa.field("moment", pa.int64()),
    pa.field("treated", pa.bool_()),
    pa.field("chance", pa.float64()),
    pa.field("campaign", pa.string()),
    pa.field("action_key", pa.string()),
    pa.field("chances", pa.map_(pa.string(), pa.float64())),
]
COLUMNS = pa.schema(_FIELDS)
"""What `Past` is told of treatments: a row for each person at most; `moment` in µs UTC, `chance` of being treated.

`action_key` is what was drawn, empty for nothing, and `chances` the probability of each key; where they are missing,
the campaign was the only thing that was possible. Actions are those that lots compare: over whichever channel.
"""


@dataclass(frozen=True, slots=True)
class Treatments:
    """Columns of one length, ordered by person: `who` is their number, `campaign` a place in `campaigns`.

    `arm` is 0 for nothing, or one more than the place in `arms`; `chances` has a column for each of these. `arms` are
    keys of actions.
    """

    who: Integers
    us: Integers
    treated: Flags
    chance: Floats
    campaign: Integers
    arm: Integers
    chances: Floats
    campaigns: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()

    def before(self, moment: float) -> Treatments:
        """Those that happened before the moment (µs UTC)."""
        return self.where(self.us < moment)

    def where(self, kept: Flags | Integers) -> Treatments:
        """Those that are chosen, by flags or by their places."""
        return Treatments(
            self.who[kept],
            self.us[kept],
            self.treated[kept],
            self.chance[kept],
            self.campaign[kept],
            self.arm[kept],
            self.chances[kept],
            self.campaigns,
            self.arms,
        )

    def __len__(self) -> int:
        return len(self.who)


def treatments_of(past: Past) -> Treatments:
    """Everybody who may be profiled and was treated or left in peace by lot before `past.now`."""
    return past.once("treatments", past.now, lambda known, now: _read(known).before(now))


def _read(past: Past) -> Treatments:
    table = COLUMNS.empty_table() if past.treated is None else past.treated().select(COLUMNS.names)
    chance = np.asarray(table["chance"], np.float64)
    who = past.numbers(table["person_id"])
    kept = np.flatnonzero((who >= 0) & (chance > 0) & (chance < 1))
    kept = kept[np.argsort(who[kept], kind="stable")]
    if len(np.unique(who[kept])) < len(kept):
        raise ValueError("a person has several first occasions of a treatment; tell only one row for each person")
    names = sorted({str(one) for one in table["campaign"].to_pylist()})
    place = {name: number for number, name in enumerate(names)}
    campaign = np.array([place[str(one)] for one in table["campaign"].to_pylist()], np.int64)
    arm, chances, arms = _arms(table, chance)
    return Treatments(
        who,
        np.asarray(table["moment"], np.int64),
        np.asarray(table["treated"].to_pylist(), bool),
        chance,
        campaign,
        arm,
        chances,
        tuple(names),
        arms,
    ).where(kept)


def _arms(table: pa.Table, chance: Floats) -> tuple[Integers, Floats, tuple[str, ...]]:
    """What was drawn for each, the probability of each arm, and the names of the arms."""
    drawn, odds = [], []
    columns = (table[name].to_pylist() for name in ("treated", "campaign", "action_key", "chances"))
    for treated, campaign, key, told, contacted in zip(*columns, chance.tolist(), strict=True):
        if told:
            odds.append(dict(told))
            drawn.append(key)
        else:
            only = Action(campaign=str(campaign)).key
            odds.append({SILENCE: 1.0 - contacted, only: contacted})
            drawn.append(only if treated else SILENCE)
    arms = tuple(sorted({arm for one in odds for arm in one} - {SILENCE}))
    place = {SILENCE: 0, **{arm: number for number, arm in enumerate(arms, 1)}}
    chances = np.zeros((len(odds), len(place)))
    for row, one in enumerate(odds):
        chances[row, [place[arm] for arm in one]] = list(one.values())
    return np.array([place[arm] for arm in drawn], np.int64), chances, arms
