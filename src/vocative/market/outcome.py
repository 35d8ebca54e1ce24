"""One simulation from end to end: a policy beside silence and the oracle on the same lots, and what it came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vocative.market import policies
from vocative.market.clock import midnight
from vocative.market.engine import Command, Engine
from vocative.market.files import Books, books_of
from vocative.market.holdout import Gain, estimate, read_arms, read_costs
from vocative.market.limits import daily_budgets
from vocative.market.nature import WEEK, Floats
from vocative.market.oracle import know_everything
from vocative.market.policies import Policy
from vocative.market.simulating import Run, branch, history, live_week
from vocative.market.world import Market, World, draw_market
from vocative.records.progress import Progress, no_progress

SIMPLE: dict[str, Policy] = {
    "mass": policies.mass,
    "rules": policies.rules,
    "random": policies.random,
    "silence": policies.silence,
}
POLICIES = ("engine", *SIMPLE, "oracle")
RAW = "raw"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is simulated; the same scenario gives the same result."""

    policy: str
    people: int
    weeks: int
    seed: int


@dataclass(frozen=True, slots=True)
class Driven:
    """Where the engine works, and how its commands are typed."""

    root: Path
    command: Command


def simulate(asked: Scenario, engine: Driven | None = None, progress: Progress = no_progress) -> dict[str, object]:
    """Simulate a policy.

    Args:
        asked: The market and the policy.
        engine: Needed for the policy `engine`; its folder holds a workspace.
        progress: Told of the weeks that have passed.

    Returns:
        What `vocative simulate --json` prints; docs/explanation/market.md says what each figure means.
    """
    market = draw_market(asked.seed, asked.people, asked.weeks)
    books = books_of(market, engine.root / RAW) if engine is not None else None
    begun = history(market, None if books is None else books.watch, progress)

    def lived(name: str, make: Callable[[World], Policy], watched: Books | None = None) -> Run:
        run = branch(*begun, make, None if watched is None else watched.watch)
        for week in range(asked.weeks):
            progress(week, asked.weeks, name)
            live_week(run, week)
        progress(asked.weeks, asked.weeks, name)
        return run

    silent = lived("silence", lambda _: policies.silence)
    base, calm = silent.world.state.profit.copy(), silent.weeks
    best = lived("oracle", know_everything) if asked.policy != "silence" else silent
    most = float((best.world.state.profit - base).sum())
    gain = None
    if asked.policy == "engine":
        if engine is None or books is None:
            raise ValueError("the policy `engine` needs a workspace")
        driver = Engine(engine.root, books, engine.command)
        run = lived("engine", lambda _: driver, books)
        driver.close(asked.weeks * WEEK)
        gain = _estimated(engine, market)
    elif asked.policy in SIMPLE and asked.policy != "silence":
        run = lived(asked.policy, lambda _: SIMPLE[asked.policy])
    else:
        run = best if asked.policy == "oracle" else silent
    return _told(asked, run, base, calm, most, gain)


def _told(
    asked: Scenario, run: Run, base: Floats, calm: list[dict[str, float | int]], most: float, gain: Gain | None
) -> dict[str, object]:
    gained = float((run.world.state.profit - base).sum())
    return {
        "policy": asked.policy,
        "people": asked.people,
        "weeks": asked.weeks,
        "seed": asked.seed,
        "profit": round(float(run.world.state.profit.sum()), 2),
        "incremental_profit": round(gained, 2),
        "oracle_share": round(gained / most, 4) if most > 0 else None,
        **run.counts,
        "spent": round(run.contacts.spent, 2),
        "budget": round(float(daily_budgets(asked.people).sum()) * asked.weeks * WEEK, 2),
        "violations": run.contacts.violations,
        "estimated_gain": None if gain is None else {
            "value": round(gain.value, 2), "interval": [round(gain.low, 2), round(gain.high, 2)]
        },
        "true_gain": round(gained, 2),
        "by_week": [_week(week, still) for week, still in zip(run.weeks, calm, strict=True)],
    }  # fmt: skip


def _week(week: dict[str, float | int], still: dict[str, float | int]) -> dict[str, float | int]:
    """A week with what silence came to beside it."""
    told = {name: round(value, 4) if isinstance(value, float) else value for name, value in week.items()}
    return {
        **told,
        "incremental_profit": round(week["profit"] - still["profit"], 2),
        "retained_under_silence": round(still["retained"], 4),
    }


def _estimated(engine: Driven, market: Market) -> Gain | None:
    """What the engine's own control group says, from the files it was given and those it exported."""
    paths = {name: engine.root / f"{name}.parquet" for name in ("control", "receipts")}
    for name, path in paths.items():
        engine.command(["export", name, "--out", str(path), "-w", str(engine.root)])
    return estimate(
        engine.root / RAW, read_arms(paths["control"]), read_costs(paths["receipts"]), midnight(market.weeks * WEEK)
    )
