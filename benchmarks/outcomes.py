"""Whether something happens to people, ours beside scikit-learn and LightGBM, on the same rows in one run.

Complete Journey (installed with the demonstration): who buys within 28 days, who spends less than half of their usual,
who stays away for 56 days, each learnt and asked at four first days of a month. The peers get the profile's features at
six moments of the past, and choose out of time. Bank marketing (`--data`): calls in the order of their dates, without
their duration; asked once of the last quarter, and again of each twentieth of it, learnt from all before.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import process_time

import numpy as np
from scipy.stats import rankdata

from benchmarks.peers import PeerError, ask
from benchmarks.rhythm import households
from vocative.cli.demonstration.walking import AFTER, demonstration_settings
from vocative.line.snapshot.clock import parse_moment
from vocative.predict.events.event_probability import Happening
from vocative.predict.history.event_history import EventHistory, Floats, Integers
from vocative.predict.learners.ensemble import Sample
from vocative.predict.learners.logistic import log_loss
from vocative.predict.learners.tabular import TrainingView, learn, only_newest, tell
from vocative.predict.predictor import training_moments
from vocative.predict.registry import STANDARD
from vocative.prove.calibration import expected_error, perfect_limit
from vocative.store.adapters.duckdb_engine import DuckDBEngine

MONTHS = {"buys_28d": (9, 10, 11, 12), "slows_28d": (9, 10, 11, 12), "quiet_56d": (8, 9, 10, 11)}
"""Predictor → months of 2017 on whose first day is asked."""
_RFM = ("days_since_purchase", "orders_365d", "money_365d")
_BINS = 15
_PEER_MOMENTS = 6
_BLOCKS, _SPLIT, _STEPS = 5, 0.75, 5
_BANK = Path("bank_marketing") / "bank-additional-full.csv"
_NUMBERS = (
    *("age", "campaign", "pdays", "previous", "emp.var.rate"),
    *("cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed"),
)


@dataclass
class Way:
    """What one way to predict has said over all origins."""

    chance: list[Floats] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def run(data: Path | None = None) -> Iterator[dict[str, object]]:
    """One row for each question and way; with the folder of public data those of the bank too."""
    yield from _journey()
    if data is not None and (data / _BANK).exists():
        yield from _bank(data / _BANK)


def _journey() -> Iterator[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        settings = demonstration_settings(Path(folder) / "demo")
        engine = DuckDBEngine(Path(folder) / "spill", memory="1GB")
        past = EventHistory(engine, households(), settings, parse_moment(AFTER))
        for name, months in MONTHS.items():
            ways: dict[str, Way] = {}
            truth, who = [], []
            module = STANDARD[name]
            assert isinstance(module, Happening)
            for month in months:
                moment = parse_moment(f"2017-{month:02d}-01T00:00Z")
                outcome = module.outcome(past, moment, past.now)
                truth.append(outcome.value)
                who.append(outcome.who)
                _ask_all(ways, module, past, moment, outcome.who)
            yield from _rows(f"Complete Journey {name}", ways, truth, np.concatenate(who))


def _ask_all(ways: dict[str, Way], module: Happening, past: EventHistory, moment: int, who: Integers) -> None:
    """Every way's probabilities at one moment; features are built before any clock runs."""
    moments = training_moments(past, moment, module.horizon_days, _PEER_MOMENTS)
    for one in (moment, *moments):
        past.features(one)
    start = process_time()
    forecast = module.forecast(past, moment, module.fit(past, moment))
    _note(ways, "ours", forecast.value, process_time() - start)
    audiences = [module.asked.audience(past, one) for one in moments]
    learn_from = [_profile(past, one, mine) for one, mine in zip(moments, audiences, strict=True)]
    came = [
        module.asked.happened(past, one, moment, mine).astype(np.float64)
        for one, mine in zip(moments, audiences, strict=True)
    ]
    newest = np.repeat(np.arange(len(moments)) == 0, [len(one) for one in came])
    names = past.features(moment).names
    few = np.array([names.index(name) for name in _RFM])
    _peers(ways, np.vstack(learn_from), np.concatenate(came), newest, _profile(past, moment, who), few)


def _profile(past: EventHistory, moment: int, who: Integers) -> Floats:
    rows = past.features(moment)
    found = np.full((len(past.people), len(rows.names)), np.nan)
    found[rows.who] = rows.values
    return found[who]


def _peers(
    ways: dict[str, Way],
    learn_from: Floats,
    came: Floats,
    newest: Floats,
    asked: Floats,
    few: Integers,
    categorical: Floats | None = None,
) -> None:
    things = np.zeros(asked.shape[1], bool) if categorical is None else categorical
    given = {"learn": learn_from, "came": came, "newest": newest, "ask": asked, "few": few, "categorical": things}
    try:
        told = ask("outcomes", given)
    except PeerError as error:
        print(f"a peer failed: {error}")
        return
    for name, answer in told.items():
        _note(ways, name, np.array(answer["chance"]), float(answer["seconds"]))
    both = [told[name] for name in ("logistic", "lightgbm")]
    mean = np.mean([np.array(one["chance"]) for one in both], axis=0)
    _note(ways, "mean of the two", mean, sum(float(one["seconds"]) for one in both))


def _note(ways: dict[str, Way], name: str, chance: Floats, seconds: float) -> None:
    way = ways.setdefault(name, Way())
    way.chance.append(chance)
    way.seconds.append(seconds)


def _rows(what: str, ways: Mapping[str, Way], truth: list[Floats], who: Integers) -> Iterator[dict[str, object]]:
    """Figures: the mean over origins of log loss and area, the error of calibration of all rows together."""
    came = np.concatenate(truth)
    for name, way in ways.items():
        each = [log_loss(chance, one) for chance, one in zip(way.chance, truth, strict=True)]
        whole = np.concatenate(way.chance)
        lost = np.concatenate(each)
        by_person = np.bincount(np.unique(who, return_inverse=True)[1], lost - lost.mean())
        yield {
            "what": what,
            "way": name,
            "log loss": round(float(np.mean([one.mean() for one in each])), 4),
            "se": round(float(np.sqrt((by_person**2).sum()) / len(lost)), 4),
            "auc": round(float(np.mean([_area(a, b) for a, b in zip(way.chance, truth, strict=True)])), 4),
            "ece": round(expected_error(whole, came, _BINS), 4),
            "ece limit": round(perfect_limit(whole, who, np.random.default_rng(1), bins=_BINS), 4),
            "cpu seconds a fit": round(float(np.mean(way.seconds)), 2),
            "by origin": " ".join(f"{one.mean():.4f}" for one in each),
        }


def _area(chance: Floats, came: Floats) -> float:
    ranks, hits = rankdata(chance), float(came.sum())
    return float((ranks[came > 0].sum() - hits * (hits + 1) / 2) / (hits * (len(came) - hits)))


def _bank(file: Path) -> Iterator[dict[str, object]]:
    with file.open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened, delimiter=";"))
    names = tuple(name for name in rows[0] if name not in ("duration", "y"))
    values, levels = np.empty((len(rows), len(names))), {}
    for place, name in enumerate(names):
        if name in _NUMBERS:
            values[:, place] = [float(row[name]) for row in rows]
        else:
            levels[name] = sorted({row[name] for row in rows})
            number = {level: count for count, level in enumerate(levels[name])}
            values[:, place] = [number[row[name]] for row in rows]
    values[values[:, names.index("pdays")] == 999, names.index("pdays")] = np.nan
    came = np.array([row["y"] == "yes" for row in rows], np.float64)
    whole, start = Sample(names, values, levels), int(len(rows) * _SPLIT)
    yield from _calls("bank marketing, last quarter at once", whole, came, [start, len(rows)])
    steps = np.linspace(start, len(rows), _STEPS + 1).astype(int).tolist()
    yield from _calls("bank marketing, last quarter in five steps", whole, came, steps)


def _calls(what: str, whole: Sample, came: Floats, edges: list[int]) -> Iterator[dict[str, object]]:
    """Each part is asked after all before it was learnt."""
    ways: dict[str, Way] = {}
    categorical = np.array([name in whole.levels for name in whole.names])
    for start, end in pairwise(edges):
        cuts = np.linspace(0, start, _BLOCKS + 1).astype(int)
        blocks = [slice(cuts[place], cuts[place + 1]) for place in reversed(range(_BLOCKS))]
        clock = process_time()
        every = TrainingView([whole.chosen(one) for one in blocks], [came[one] for one in blocks])
        content = learn({"all": every, "newest": only_newest(every, 2)})
        asked = whole.chosen(slice(start, end))
        told = tell(content, {"all": asked, "newest": asked})
        _note(ways, "ours", told.chance, process_time() - clock)
        newest = np.arange(start) >= cuts[-2]
        none = np.zeros(0, np.int64)
        _peers(ways, whole.values[:start], came[:start], newest, asked.values, none, categorical)
    truth = [came[start:end] for start, end in pairwise(edges)]
    yield from _rows(what, ways, truth, np.arange(edges[-1] - edges[0]))


if __name__ == "__main__":
    import sys

    for row in run(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print("  ".join(f"{name}={value}" for name, value in row.items()), flush=True)
