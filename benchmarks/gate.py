"""The gate on businesses whose truth is known: how often noise is admitted, and planted signal refused. All simulated.

People have signs at every moment, and something happens to them (a purchase, an amount, a choice of items) that depends
on nothing, or on some of the signs. Ours learns as the modules do (encoding, ridge by the newest moment, Platt's
calibration), naive ways answer beside it, and the very functions that judge modules judge here. Whole businesses made
of events go the whole way through `prove_module` as well; they are fewer, since each takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
from scipy.stats import beta
from tests.predict import planted

from benchmarks.gate_worlds import EQUAL, NAIVE, Trials, equal, money, probability, ranking
from vocative.predict.history.event_history import EventHistory
from vocative.predict.predictor import About, Baseline, Forecast, Kind
from vocative.predict.registry import STANDARD
from vocative.prove.judging import judge_trials, prove_module
from vocative.records.proof import Verdict
from vocative.store.adapters.duckdb_engine import DuckDBEngine

NOISE: dict[Kind, int] = {"probability": 200, "money": 100, "ranking": 100}
PEOPLE = (200, 1000)
PLANTED = 100
EQUAL_TRIED = 400
_PILOT = 20
_MOMENT = 1
_MAKE: Mapping[str, Trials] = {"probability": probability, "money": money, "ranking": ranking}
_STRENGTH: dict[Kind, tuple[float, ...]] = {"probability": (0.35, 0.6), "money": (0.3, 0.5), "ranking": (0.5, 0.9)}
_WHOLE = ("buys_28d", "quiet_56d", "spend_90d", "best_hour")


_ABOUT = About(title="Simulated", question="whether the person does it")


@dataclass(frozen=True)
class Asked:
    """As much of a predictor as judging needs."""

    kind: Kind
    name: str = "simulated"
    about: About = _ABOUT
    baselines: Mapping[str, Baseline] = field(default_factory=dict)


def verdict(kind: Kind, people: int, strength: float, seed: int) -> Verdict:
    """The gate's verdict on one simulated business; with a strength of 0 there is nothing to be found."""
    random = np.random.default_rng([seed, people])
    trials = _MAKE[kind](random, people, strength)
    asked = Asked(kind, baselines=dict.fromkeys(NAIVE[kind], _nothing))
    return judge_trials(asked, _MOMENT, "simulated", trials, random)  # type: ignore[arg-type]


def as_good(people: int, seed: int) -> Verdict:
    """The verdict on a model that is worth exactly as much as the one naive way beside it."""
    random = np.random.default_rng([seed, people, 1])
    trials = equal(random, people, 0.0)
    asked = Asked("probability", baselines=dict.fromkeys(EQUAL, _nothing))
    return judge_trials(asked, _MOMENT, "simulated", trials, random)  # type: ignore[arg-type]


def run() -> Iterator[dict[str, object]]:
    """Rates of admission with their 95 % intervals (Clopper and Pearson)."""
    for kind, often in NOISE.items():
        for people in PEOPLE:
            yield _row("noise", kind, people, 0.0, [verdict(kind, people, 0.0, seed) for seed in range(often)])
    for people in PEOPLE:
        yield _row("worth the same", "probability", people, 0.0, [as_good(people, seed) for seed in range(EQUAL_TRIED)])
    for kind, strengths in _STRENGTH.items():
        for strength in strengths:
            people = demanded(kind, strength)
            found = [verdict(kind, people, strength, 1000 + seed) for seed in range(PLANTED)]
            yield _row("planted, as many people as demanded", kind, people, strength, found)
    yield from _whole()


def demanded(kind: Kind, strength: float) -> int:
    """How many people refusals and admissions ask for where a signal is planted: the middle of twenty answers."""
    people = 1000
    for _ in range(2):
        told = [verdict(kind, people, strength, 500 + seed).people_needed for seed in range(_PILOT)]
        people = int(np.clip(np.median([100_000 if one is None else one for one in told]), PEOPLE[0], 8000))
    return people


def interval(hits: int, tried: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Clopper and Pearson 1934)."""
    low = 0.0 if hits == 0 else float(beta.ppf(0.025, hits, tried - hits + 1))
    high = 1.0 if hits == tried else float(beta.ppf(0.975, hits + 1, tried - hits))
    return low, high


def _row(world: str, what: str, people: int, strength: float, found: list[Verdict]) -> dict[str, object]:
    admitted = sum(one.admitted for one in found)
    low, high = interval(admitted, len(found))
    calibrated = [one.reliability.calibrated for one in found if one.reliability is not None]
    covered = [one.coverage.share for one in found if one.coverage is not None]
    return {
        "world": world,
        "kind or module": what,
        "people": people,
        "strength": strength,
        "tried": len(found),
        "admitted": admitted,
        "rate": f"{admitted / len(found):.1%}",
        "95 % interval": f"{low:.1%} to {high:.1%}",
        "calibrated": f"{np.mean(calibrated):.0%}" if calibrated else "",
        "coverage of 90 %": f"{np.mean(covered):.1%}" if covered else "",
    }


def _whole() -> Iterator[dict[str, object]]:
    """Businesses made of events, through fitting, forecasting and judging as they are in use."""
    with TemporaryDirectory() as folder:
        engine = DuckDBEngine(Path(folder), memory="1GB")
        for world, make, often in (("noise, whole way", planted.noise, 12), ("habits, whole way", planted.habits, 6)):
            people = planted.names(200)
            found: dict[str, list[Verdict]] = {}
            start = process_time()
            for seed in range(often):
                bought = make(len(people), 100 + seed)
                past = EventHistory(engine, planted.sources(bought, people), planted.SETTINGS, planted.NOW)
                for name in _WHOLE:
                    judged = prove_module(STANDARD[name], past, "simulated", np.random.default_rng(seed))
                    found.setdefault(name, []).append(judged)
            for name, verdicts in found.items():
                yield _row(world, name, len(people), 0.0, verdicts)
            yield {"world": world, "businesses": often, "cpu seconds": round(process_time() - start, 1)}


def _nothing(past: EventHistory, moment: int) -> Forecast:
    raise NotImplementedError


if __name__ == "__main__":
    for row in run():
        print("  ".join(f"{name}={value}" for name, value in row.items()), flush=True)
