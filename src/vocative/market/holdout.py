"""What the control group says the messages brought, from nothing but files: those imported and those exported.

People were drawn into the control group by lot, so the difference of mean profit between the arms, times the number of
the treated, estimates what the messages to them brought in all. What people had spent before takes out most of the
chance: a regression with its interactions (Lin, Agnostic notes on regression adjustments, Annals of Applied Statistics
7, 2013), evaluated at the treated, with robust errors (HC2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from vocative.market.clock import DAY_S, FIRST_DAY, midnight
from vocative.market.nature import Flags, Floats, Integers

_SURE = 1.959964


@dataclass(frozen=True, slots=True)
class Gain:
    """Estimated profit that messages to the treated brought, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Arms:
    """Who was drawn, when, and into which arm; columns of one length."""

    who: list[str]
    treated: Flags
    since: Integers
    """Seconds since 1970."""


def estimate(raw: Path, arms: Arms, cost: Mapping[str, float], until: int) -> Gain | None:
    """The gain by the files of a folder, from each person's assignment to a moment (seconds since 1970).

    Args:
        raw: The files that were imported.
        arms: The drawn arms.
        cost: Person → money spent on messages to them.
        until: The end.

    Returns:
        None where an arm has fewer than two people who may be written to.
    """
    place = {one: row for row, one in enumerate(arms.who)}
    allowed = np.zeros(len(place), np.bool_)
    for table in _tables(raw, "permissions", ("user_id", "purpose", "status", "at")):
        rows, row = _rows(table, place)
        yes = _is(table, "purpose", "marketing")[rows] & _is(table, "status", "yes")[rows]
        early = _moments(table["at"])[rows] < arms.since[row]
        allowed[row[yes & early]] = True
    before, after = np.zeros(len(place)), np.zeros(len(place))
    rates = _margins(raw)
    for table in _tables(raw, "events", ("timestamp", "event", "user_id", "item_id", "amount", "coupon", "cost")):
        rows, row = _rows(table, place)
        at, money = _moments(table["timestamp"])[rows], _profit(table, rates)[rows]
        later = at >= arms.since[row]
        np.add.at(after, row[later & (at < until)], money[later & (at < until)])
        np.add.at(before, row[~later], money[~later])
    after -= np.array([cost.get(one, 0.0) for one in arms.who])
    weeks = (until - arms.since) / (7 * DAY_S)
    known = np.maximum(arms.since - midnight(FIRST_DAY), DAY_S) / (7 * DAY_S)
    columns = [before / known * weeks, np.log1p(np.maximum(before, 0.0)), weeks]
    return adjusted(after[allowed], arms.treated[allowed], np.column_stack(columns)[allowed])


def adjusted(outcome: Floats, treated: Flags, known: Floats) -> Gain | None:
    """Total effect on the treated, adjusted for what was known of people before; columns that say nothing are dropped.

    Args:
        outcome: Of each person.
        treated: Who was treated, by lot.
        known: People × columns known before.
    """
    if min(int(treated.sum()), int((~treated).sum())) < 2:
        return None
    spread = known.std(axis=0)
    centred = (known - known[treated].mean(axis=0))[:, spread > 1e-9] / spread[spread > 1e-9]
    arm = treated.astype(np.float64)[:, None]
    design = np.hstack([np.ones((len(outcome), 1)), arm, centred, arm * centred])
    inverse = np.linalg.pinv(design.T @ design)
    weights = inverse @ design.T @ outcome
    leverage = np.clip(np.einsum("ij,jk,ik->i", design, inverse, design), 0, 0.999)
    rest = (outcome - design @ weights) ** 2 / (1 - leverage)
    error = float(np.sqrt((inverse @ (design.T * rest) @ design @ inverse)[1, 1]))
    count, effect = int(treated.sum()), float(weights[1])
    return Gain(count * effect, count * (effect - _SURE * error), count * (effect + _SURE * error))


def read_arms(path: Path) -> Arms:
    """The arms of the global control group from an exported table `assignments`."""
    rows = pq.read_table(path, filters=[("experiment", "=", "global")])
    since = rows["assigned_at"].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy() // 1_000_000
    who = [str(one) for one in rows["person_id"].to_pylist()]
    return Arms(who, np.array(rows["arm"].to_pylist(), object) == "treated", since)


def read_costs(path: Path) -> dict[str, float]:
    """Person → what messages to them cost, from an exported table `receipts`."""
    rows = pq.read_table(path, columns=["person_id", "cost", "handed_over_at"])
    found: dict[str, float] = {}
    for person, cost, at in zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True):
        if at is not None:
            found[person] = found.get(person, 0.0) + cost
    return found


def _tables(raw: Path, kind: str, columns: tuple[str, ...]) -> Iterable[pa.Table]:
    text = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.string()), include_columns=list(columns), include_missing_columns=True
    )
    for path in sorted(raw.glob(f"*_{kind}.csv")):
        yield pa_csv.read_csv(path, convert_options=text)


def _rows(table: pa.Table, place: Mapping[str, int]) -> tuple[Integers, Integers]:
    """Rows of the table that are about people with an arm, and the places of those people."""
    found = np.array([place.get(str(one), -1) for one in table["user_id"].to_pylist()], np.int64)
    rows = np.flatnonzero(found >= 0)
    return rows, found[rows]


def _margins(raw: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    for table in _tables(raw, "items", ("item_id", "price", "margin")):
        for item, price, margin in zip(*(table[name].to_pylist() for name in table.column_names), strict=True):
            found[item] = float(margin) / float(price)
    return found


def _profit(table: pa.Table, rates: Mapping[str, float]) -> Floats:
    """What each event brought: margin of what was bought at its full price, less the coupon, less costs."""
    amount, coupon, cost = (_numbers(table[name]) for name in ("amount", "coupon", "cost"))
    rate = np.array([rates.get(one or "", 0.0) for one in table["item_id"].to_pylist()])
    sold = _is(table, "event", "purchase")
    found: Floats = np.where(sold, (amount + coupon) * rate - coupon, 0.0) - cost
    return found


def _is(table: pa.Table, column: str, text: str) -> Flags:
    found: Flags = np.array(table[column].to_pylist(), object) == text
    return found


def _numbers(column: pa.ChunkedArray[pa.StringScalar]) -> Floats:
    return np.array([float(one) if one else 0.0 for one in column.to_pylist()])


def _moments(column: pa.ChunkedArray[pa.StringScalar]) -> Integers:
    texts = [str(one)[:-1] for one in column.to_pylist()]
    return np.array(texts, "datetime64[s]").astype(np.int64)
