"""One simulation from end to end: a policy beside silence and the oracle on the same lots, and what it came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vocative.market import policies
from vocative.market.clock import midnight
from vocative.market.engine import Command, Engine
from vocative.market.files import KINDS, Books, books_of, generated
from vocative.market.holdout import Gain, estimate, read_arms, read_costs
from vocative.market.judging import Judge
from vocative.market.limits import daily_budgets
from vocative.market.nature import WEEK, Floats
from vocative.market.oracle import know_everything
from vocative.market.policies import Policy
from vocative.market.simulating import Run, branch, history, live_week
from vocative.market.world import Market, World, draw_market
from vocative.records.progress import Progress, no_progress

SIMPLE: dict[str, Policy] = {
    "mass": policies.mass,
    "plain": policies.plain,
    "rules": policies.rules,
    "random": policies.random,
    "silence": policies.silence,
}
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a policy, beside silence and the oracle in the same market."""

    asked: Scenario
    run: Run
    silent: Run
    best: Run
    gain: Gain | None
    """What its own control group says; None where there is none."""

    def gained(self) -> Floats:
        """Profit of each person beyond what silence would have brought."""
        found: Floats = self.run.world.state.profit - self.silent.world.state.profit
        return found

    def told(self) -> dict[str, object]:
        """What `vocative simulate --json` prints; docs/explanation/market.md says what each figure means."""
        asked, run, gain = self.asked, self.run, self.gain
        gained = float(self.gained().sum())
        most = float((self.best.world.state.profit - self.silent.world.state.profit).sum())
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
            "by_week": [_week(week, still) for week, still in zip(run.weeks, self.silent.weeks, strict=True)],
        }  # fmt: skip


def simulate(
    asked: Scenario,
    engine: Driven | None = None,
    progress: Progress = no_progress,
    *,
    judged: bool = False,
    files: Path | None = None,
) -> Outcome:
    """Simulate a policy.

    Args:
        asked: The market and the policy.
        engine: Needed for the policy `engine`; its folder holds a workspace.
        progress: Told of the weeks that have passed.
        judged: Hold every discount of the policy against the truth, in `run.judge`.
        files: Folder for the files a shop would have at the end; not for the policies `engine` and `oracle`.
    """
    market = draw_market(asked.seed, asked.people, asked.weeks)
    folder = engine.root / RAW if engine is not None else files
    books = books_of(market, folder) if folder is not None else None
    begun = history(market, None if books is None else books.watch, progress)

    def lived(
        name: str, make: Callable[[World], Policy], watched: Books | None = None, judge: Judge | None = None
    ) -> Run:
        run = branch(*begun, make)
        run.watch, run.judge = None if watched is None else watched.watch, judge
        for week in range(asked.weeks):
            progress(week, asked.weeks, name)
            if watched is not None and name != "engine":
                watched.look_around(week * WEEK)
            live_week(run, week)
        progress(asked.weeks, asked.weeks, name)
        return run

    judge = Judge() if judged else None
    silent = lived("silence", lambda _: policies.silence)
    if asked.policy == "silence":
        return Outcome(asked, silent, silent, silent, None)
    best = lived("oracle", know_everything, None, judge if asked.policy == "oracle" else None)
    if asked.policy == "oracle":
        return Outcome(asked, best, silent, best, None)
    if asked.policy != "engine":
        run = lived(asked.policy, lambda _: SIMPLE[asked.policy], books, judge)
        if books is not None:
            _write_all(books, asked.weeks * WEEK)
        return Outcome(asked, run, silent, best, None)
    if engine is None or books is None:
        raise ValueError("the policy `engine` needs a workspace")
    driver = Engine(engine.root, books, engine.command)
    run = lived("engine", lambda _: driver, books, judge)
    driver.close(asked.weeks * WEEK)
    return Outcome(asked, run, silent, best, _estimated(engine, market))


def _write_all(books: Books, day: int) -> None:
    """One file of each kind, with all that happened before a day."""
    books.look_around(day)
    for kind in KINDS:
        books.write(kind, generated(kind))


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
    paths = {name: engine.root / f"{name}.parquet" for name in ("assignments", "receipts")}
    for name, path in paths.items():
        engine.command(["export", name, "--out", str(path), "-w", str(engine.root)])
    return estimate(
        engine.root / RAW, read_arms(paths["assignments"]), read_costs(paths["receipts"]), midnight(market.weeks * WEEK)
    )
