"""Plans under global limits: how fast, how far from the best possible at most, and a solver beside it.

People, what actions are worth for them and the limits are invented: worth has a long tail and is shared between the
actions of a person, a third of the actions is out, money is a tenth of what everybody's best would cost.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from time import perf_counter, process_time

import numpy as np
from tests.decide.builders import NOW, campaign, personal, recipient, settings, target

from benchmarks import peers
from vocative.decide.allocation.arbitration import allocate
from vocative.decide.allocation.limits import AllocationProblem, Limit
from vocative.decide.planning import Plan, decide_all

SIZES = ((20_000, 10, 3), (100_000, 10, 3), (1_000_000, 10, 3), (100_000, 20, 50), (1_000_000, 20, 50))
_FEW, _FEW_SEEDS = (50, 500, 5_000), 20
_DECIDED = (10_000, 100_000)
_SEEDS = 3
_PEER_SIZES = ((5_000, 10, 3), (20_000, 10, 3))


def run() -> Iterator[dict[str, object]]:
    """Gaps where people are few; a row for each size; then the solver beside us, on problems that it ends."""
    for people in _FEW:
        gaps = [allocate(*problem(people, 10, 3, seed)).gap for seed in range(_FEW_SEEDS)]
        yield {
            "people": people,
            "seeds": _FEW_SEEDS,
            "mean gap": f"{np.mean(gaps):.2%}",
            "largest gap": f"{max(gaps):.2%}",
        }
    for size in SIZES:
        yield _ours(*size, seed=0)
    for people in _DECIDED:
        yield _decided(people)
    for people, actions, limits in _PEER_SIZES:
        for seed in range(_SEEDS):
            yield _beside(people, actions, limits, seed)


def problem(people: int, actions: int, limits: int, seed: int) -> tuple[AllocationProblem, list[Limit]]:
    """Invented worth, costs and limits; single precision, as a plan for many people needs no more."""
    rng = np.random.default_rng(seed)
    liking = rng.gamma(1.0, 2.0, (people, 1)).astype(np.float32)
    worth = liking * rng.lognormal(0.0, 0.7, (people, actions)).astype(np.float32)
    worth -= rng.uniform(0.0, 3.0, (1, actions)).astype(np.float32)
    worth[rng.random((people, actions), np.float32) < 0.3] = -np.inf
    cost = (rng.uniform(0.1, 1.0, (1, actions)) * rng.lognormal(0.0, 0.3, (people, actions))).astype(np.float32)
    found = [Limit("money", np.ones(actions, bool), at_most=0.1 * people, amount=0)]
    for number in range(limits - 1):
        marked = np.zeros(actions, bool)
        marked[rng.choice(actions, max(1, actions // 3), replace=False)] = True
        found.append(Limit(f"capacity {number + 1}", marked, at_most=float(round(people * rng.uniform(0.02, 0.2)))))
    return AllocationProblem(worth, (cost,)), found


def _ours(people: int, actions: int, limits: int, seed: int) -> dict[str, object]:
    choices, given = problem(people, actions, limits, seed)
    start, wall = process_time(), perf_counter()
    plan = allocate(choices, given)
    return {
        "people": people,
        "actions": actions,
        "limits": limits,
        "gap": f"{plan.gap:.1e}",
        "limits that bind": int((plan.price != 0).sum()),
        "CPU seconds": round(process_time() - start, 2),
        "wall seconds": round(perf_counter() - wall, 2),
        "peak MB of the process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _decided(people: int) -> dict[str, object]:
    """Deciding as a whole, filters and records with it, for invented people and ten campaigns; nothing is read."""
    chances = np.random.default_rng(0).uniform(0.3, 1.0, people)
    campaigns = [personal(f"personal {number}", value=5.0 + number) for number in range(5)]
    campaigns += [campaign(f"generic {number}", value=0.3 + 0.1 * number) for number in range(5)]
    limits = {
        "personal 4": {"campaigns": ["personal 4"], "at_most": 0.05 * people},
        "all": {"at_most": 0.25 * people},
    }
    email = {"driver": "file", "cost": 0.01, "daily_budget": 0.003 * people}
    made = Plan(
        run_id="benchmark",
        now=NOW,
        settings=settings(channels={"email": email}, limits=limits),
        campaigns=campaigns,
        wordings={"en": frozenset({"Milk"})},
    )
    crowd = [recipient(f"p{number}") for number in range(people)]
    due = {f"p{number}": [target(probability=chance)] for number, chance in enumerate(chances.tolist())}
    start = process_time()
    found = decide_all(made, crowd, due, [], {})
    return {
        "people decided for": people,
        "campaigns": len(campaigns),
        "contacts": sum(one.outcome == "contact" for one in found.decisions),
        "gap": f"{found.certificate.gap:.1e}",
        "CPU seconds": round(process_time() - start, 1),
        "peak MB of the process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _beside(people: int, actions: int, limits: int, seed: int) -> dict[str, object]:
    choices, given = problem(people, actions, limits, seed)
    start = process_time()
    plan = allocate(choices, given)
    seconds = process_time() - start
    row: dict[str, object] = {
        "people": people,
        "actions": actions,
        "limits": limits,
        "seed": seed,
        "CPU seconds": round(seconds, 3),
        "certificate": f"{plan.gap:.1e}",
    }
    try:
        told = peers.ask(
            "highs",
            {
                "worth": choices.worth,
                "cost": choices.amounts[0],
                "masks": np.array([one.actions for one in given]),
                "bound": np.array([one.at_most for one in given]),
            },
        )
    except peers.PeerError as error:
        return row | {"HiGHS": str(error)[-200:]}
    return row | {
        "HiGHS CPU seconds": round(told["seconds"], 1),
        "times faster": round(told["seconds"] / seconds),
        "below its worth": f"{1.0 - plan.worth / told['worth']:.1e}",
    }
