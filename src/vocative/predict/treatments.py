"""Who was contacted and who was left in peace by lot: the only ground on which an effect can be learnt.

A treatment is the first occasion on which the engine would have contacted a person. Up to then those who are contacted
and those in the control group have lived through the same; later occasions are not comparable, since those who were
contacted are kept from further messages for a while. People the engine would not have contacted do not count. What is
compared is having been chosen for contact (intention to treat), whether or not the message arrived, and all that
follows within the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from vocative.predict.past import Flags, Floats, Integers, Past

_FIELDS: list[pa.Field[Any]] = [
    pa.field("person_id", pa.string()),
    pa.field("moment", pa.int64()),
    pa.field("treated", pa.bool_()),
    pa.field("chance", pa.float64()),
    pa.field("campaign", pa.string()),
]
COLUMNS = pa.schema(_FIELDS)
"""What `Past` is told of treatments: a row for each person at most; `moment` in µs UTC, `chance` of being treated."""


@dataclass(frozen=True, slots=True)
class Treatments:
    """Columns of one length, ordered by person: `who` is their number, `campaign` a place in `campaigns`."""

    who: Integers
    us: Integers
    treated: Flags
    chance: Floats
    campaign: Integers
    campaigns: tuple[str, ...] = ()

    def before(self, moment: float) -> Treatments:
        """Those that happened before the moment (µs UTC)."""
        kept = self.us < moment
        return Treatments(
            self.who[kept],
            self.us[kept],
            self.treated[kept],
            self.chance[kept],
            self.campaign[kept],
            self.campaigns,
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
    return Treatments(
        who[kept],
        np.asarray(table["moment"], np.int64)[kept],
        np.asarray(table["treated"].to_pylist(), bool)[kept],
        chance[kept],
        campaign[kept],
        tuple(names),
    )
