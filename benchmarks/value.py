"""Orders and money to come: CDNOW and the households of the demonstration, ours beside what others reach for.

CDNOW: what is known ends on 1997-09-30, the 39 weeks after it are held out for all people. No model is fitted to them.
But their figures were seen while the method was made: the moments to learn from, the equal weights and the three ways
to P(active) were settled with these figures, and those of the four moments of the households, in view. So ours are
figures of development, and may flatter; the moments at which the gate tests are no untouched test either.

Online Retail: known until 2011-06-01, the 14 weeks after it are held out. Nothing was chosen with them in view, so this
is the clean test; the business sells wholesale too, and few purchases are very large.

The oracle is no way to predict: trees cross-validated on the held-out labels say what can be had.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks import online_retail
from benchmarks.cdnow import END, SPLIT, cdnow
from benchmarks.rhythm import households
from benchmarks.value_peers import bg_nbd_with_trees, lifetimes, oracle, rfm_ridge, tweedie_trees
from vocative.cli.demonstration.walking import NOW, demonstration_settings
from vocative.line.snapshot.clock import parse_moment, to_text
from vocative.predict.history.event_history import EventHistory, Floats, Integers
from vocative.predict.learners.buy_till_you_die import Lives, fit_buying
from vocative.predict.learners.logistic import log_loss
from vocative.predict.predictor import Predictor
from vocative.predict.spending.next_order import NEXT_ORDER
from vocative.predict.spending.order_process import foresee, learn
from vocative.predict.spending.orders_90d import ORDERS_90D
from vocative.predict.spending.purchases import bought_days, purchases_at, spent
from vocative.predict.spending.runs_out import RUNS_OUT
from vocative.predict.spending.spend_90d import SPEND_90D, Spend
from vocative.prove.backtest import MODEL, origins
from vocative.prove.judging import prove_module
from vocative.prove.measures import calibration_error, rmse, spearman
from vocative.store.adapters.duckdb_engine import DuckDBEngine

Row = dict[str, object]

_MODULES: tuple[Predictor, ...] = (SPEND_90D, ORDERS_90D, NEXT_ORDER, RUNS_OUT)
"""CDNOW names no items, so nothing of what runs out can be told there."""
_WEEKS = 39
_MILLION = 1_000_000
_SEEDS = 3
_DRAWS = 500


def run(data: Path | None = None) -> Iterator[Row]:
    """Rows of CDNOW where its folder is given, then of the households."""
    with tempfile.TemporaryDirectory() as folder:
        settings = demonstration_settings(Path(folder) / "demo")
        engine = DuckDBEngine(Path(folder) / "spill", memory="1GB")
        if data is not None:
            past = EventHistory(engine, cdnow(data), settings, parse_moment(END))
            yield from _held_out("CDNOW", past, parse_moment(SPLIT), _WEEKS * 7.0)
            yield from _fit_times(past, parse_moment(SPLIT))
            for module in _MODULES[:-1]:
                yield from _proved("CDNOW", past, module)
            other = EventHistory(engine, online_retail.purchases(data), settings, parse_moment(online_retail.END))
            yield from _held_out("Online Retail", other, parse_moment(online_retail.SPLIT), online_retail.DAYS)
        past = EventHistory(engine, households(), settings, parse_moment(NOW))
        yield from _spending(past)
        for module in _MODULES:
            yield from _proved("Complete Journey", past, module)


def _held_out(data: str, past: EventHistory, moment: int, days: float) -> Iterator[Row]:
    bought = purchases_at(past, moment)
    came = bought_days(past, moment, days, past.now, bought.who)
    money = spent(past, moment, days, past.now, bought.who)
    start = process_time()
    content = learn(past, moment, days)
    seconds = process_time() - start
    seen = foresee(past, moment, content, days)
    start = process_time()
    told = Spend(int(days))
    value = told.forecast(past, moment, told.fit(past, moment)).value
    both = process_time() - start
    yield _figures(data, "ours", came, money, seen.expected, seen.active, value, seconds)
    yield {"data": data, "way": "ours, money too", "cpu seconds": round(both, 2)}
    offset, chance, seconds = bg_nbd_with_trees(past, moment, days)
    yield _figures(data, "BG/NBD as offset + LightGBM", came, money, offset, chance, None, seconds)
    for name, one in lifetimes(bought, days, pareto=True).items():
        yield _figures(data, f"Lifetimes {name}", came, money, one.expected, one.active, one.money, one.seconds)
    none = np.zeros(len(came))
    yield _figures(data, "predict zero", came, money, none, None, none, 0.0)
    for seed in range(_SEEDS):
        best, active, seconds = oracle(bought, came, days, seed)
        yield _figures(data, f"oracle, seed {seed}", came, money, best, active, None, seconds)
    yield _difference(data, came, seen.expected, offset, "RMSE of ours less that of BG/NBD as offset + LightGBM")


def _figures(
    data: str,
    way: str,
    came: Floats,
    money: Floats,
    expected: Floats,
    active: Floats | None,
    value: Floats | None,
    seconds: float,
) -> Row:
    some = (came > 0).astype(np.float64)
    row: Row = {"data": data, "way": way}
    row["count RMSE"] = round(rmse(expected, came).value(), 4)
    row["total bias"] = f"{expected.sum() / came.sum() - 1.0:+.1%}"
    row["log loss active"] = "" if active is None else round(float(log_loss(active, some).mean()), 4)
    row["ECE active"] = "" if active is None else round(calibration_error(active, some).value(), 4)
    row["spend RMSE"] = "" if value is None else round(rmse(value, money).value(), 2)
    row["fit CPU seconds"] = round(seconds, 2)
    return row


def _difference(data: str, came: Floats, ours: Floats, theirs: Floats, what: str) -> Row:
    """The middle 95 % of the difference when people are drawn again."""
    random = np.random.default_rng(1)
    first, second, found = (ours - came) ** 2, (theirs - came) ** 2, []
    for _ in range(_DRAWS):
        drawn = random.integers(0, len(came), len(came))
        found.append(np.sqrt(first[drawn].mean()) - np.sqrt(second[drawn].mean()))
    low, high = (float(one) for one in np.quantile(found, (0.025, 0.975)))
    whole = float(np.sqrt(first.mean()) - np.sqrt(second.mean()))
    return {"data": data, "what": what, "difference": round(whole, 4), "low": round(low, 4), "high": round(high, 4)}


def _fit_times(past: EventHistory, moment: int) -> Iterator[Row]:
    """Seconds of fitting BG/NBD to everybody, and to a million people drawn from them."""
    bought = purchases_at(past, moment)
    theirs = lifetimes(bought, 1.0, pareto=False)["BG/NBD"].seconds
    people = len(bought.who)
    each = theirs / people
    yield _fit_time("Lifetimes BG/NBD", people, theirs, each)
    for seed in range(_SEEDS):
        drawn = np.random.default_rng(seed).integers(0, people, _MILLION)
        for lives in (bought.lives, _of(bought.lives, drawn)):
            start = process_time()
            fit_buying(lives)
            yield _fit_time(f"ours, seed {seed}", len(lives.age), process_time() - start, each)


def _of(lives: Lives, places: Integers) -> Lives:
    return Lives(lives.frequency[places], lives.recency[places], lives.age[places])


def _fit_time(way: str, people: int, seconds: float, theirs: float) -> Row:
    return {
        "data": "CDNOW, fit of BG/NBD",
        "way": way,
        "people": people,
        "fit CPU seconds": round(seconds, 3),
        "µs a person": round(seconds / people * 1e6, 3),
        "times faster a person": round(theirs / (seconds / people), 1),
    }


def _spending(past: EventHistory) -> Iterator[Row]:
    """Money of 90 days at the moments that the gate tests, by ours and others."""
    ways: dict[str, list[tuple[float, float, float]]] = {}
    for moment in origins(past, SPEND_90D.horizon_days):
        truth = SPEND_90D.outcome(past, moment, past.now)
        start = process_time()
        found = {"ours": SPEND_90D.forecast(past, moment, SPEND_90D.fit(past, moment))}
        times = {"ours": process_time() - start}
        for name, way in (("RFM ridge", rfm_ridge), ("LightGBM-Tweedie, all features", tweedie_trees)):
            found[name], times[name] = way(past, moment, SPEND_90D.horizon_days)
        found["trailing rate"], times["trailing rate"] = SPEND_90D.baselines["trailing_rate"](past, moment), 0.0
        for name, one in found.items():
            value = np.zeros(len(truth.who))
            value[np.searchsorted(truth.who, one.who)] = one.value
            figures = rmse(value, truth.value).value(), spearman(value, truth.value).value()
            ways.setdefault(name, []).append((*figures, times[name]))
            yield _spend_row(to_text(moment), name, *figures, times[name])
    for name, rows in ways.items():
        yield _spend_row("mean of four", name, *(float(one) for one in np.mean(rows, axis=0)))


def _spend_row(moment: str, way: str, off: float, ranks: float, seconds: float) -> Row:
    return {
        "data": "Complete Journey, money of 90 days",
        "moment": moment,
        "way": way,
        "RMSE": round(off, 1),
        "Spearman": round(ranks, 4),
        "fit CPU seconds": round(seconds, 1),
    }


def _proved(data: str, past: EventHistory, module: Predictor) -> Iterator[Row]:
    """Every figure of every way at the moments that the gate tests; four fits of the module are in the seconds."""
    start = process_time()
    verdict = prove_module(module, past, MODEL, np.random.default_rng(1))
    seconds = process_time() - start
    for score in verdict.scores:
        yield {
            "data": data,
            "module": module.name,
            "admitted": verdict.admitted,
            "way": score.name,
            "figure": score.metric,
            "value": round(score.value, 4),
            "low": round(score.low, 4),
            "high": round(score.high, 4),
            "cpu seconds, four moments": round(seconds, 1),
        }


if __name__ == "__main__":
    for found in run(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print("  ".join(f"{name}={value}" for name, value in found.items()), flush=True)
