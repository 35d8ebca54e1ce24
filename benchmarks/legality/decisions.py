"""Decisions at scale: eight planners at once, all zones, both changes of the clock, merges between; what broke a rule.

Two parts. In the first, eight planners read the same state, decide for everybody with `decide_all`, and all of them put
what they chose into one outbox, day after day over both seasons in which clocks change; `verdict_now` lets go or drops,
over tables held in memory. In the second, eight processes do the same on a real ledger with `hand_over`, all at once.
Between the days people withdraw and give permission and turn out to be one. Everybody and everything is invented.

What left is judged by `legality_checker`, which shares no code with the product. That the checker sees anything is
shown by a third row: what it finds if all that the planners chose had left at its moment without the last look.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from time import perf_counter, process_time

import numpy as np

from benchmarks.legality.checker import Person, Sent, Truth, both, violations
from benchmarks.legality.world import (
    DAY_US,
    PLANNERS,
    Memory,
    approved,
    campaigns,
    days,
    link,
    moments,
    outbox_row,
    people,
    permission,
    recipients_now,
    settings,
)
from vocative.decide.planning import Plan, decide_all
from vocative.deliver.recheck import RecheckRules, contact_of, told_before, told_rows, verdict_now
from vocative.records.acting import Contact, Recipient
from vocative.records.ledger_tables import APPROVALS, IDENTITIES, OUTBOX, PERMISSIONS, TOLD
from vocative.records.schema import Value
from vocative.records.settings import Settings
from vocative.store.permissions import owners_of

DECISIONS = 1_000_000
SHARDS = 2
_TOGETHER = 100
_KEPT_DAYS = 45


@dataclass
class Shard:
    """A part of the people, with all that happened to them."""

    truth: Truth
    known: dict[str, Person]
    recipients: dict[str, Recipient]
    settings: Settings
    memory: Memory = field(default_factory=Memory)
    log: list[Sent] = field(default_factory=list)
    chosen: list[Sent] = field(default_factory=list)
    decisions: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def run(decisions: int = DECISIONS) -> Iterator[dict[str, object]]:
    """Rows for the mass, for eight processes on one ledger, and for what would have left without the last look."""
    shards = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.legality.decisions", str(decisions // SHARDS), str(seed)],
            stdout=subprocess.PIPE, text=True,
        )
        for seed in range(SHARDS)
    ]  # fmt: skip
    told = [json.loads(shard.communicate()[0]) for shard in shards]
    yield _summed("planners over tables in memory", [one["mass"] for one in told])
    yield _summed("the same without the last look", [one["unchecked"] for one in told])


def _summed(part: str, rows: list[dict[str, float]]) -> dict[str, object]:
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    return {"part": part} | {
        name: round(value, 1) if name.endswith("seconds") else int(value) for name, value in total.items()
    }


def simulate(decisions: int, seed: int) -> dict[str, dict[str, float]]:
    """One shard from the first to the last day, and what the checker says of it."""
    rng = np.random.default_rng(seed)
    start, wall = process_time(), perf_counter()
    calendar = days()
    shard = _begin(max(1, decisions // (len(calendar) * len(PLANNERS))), rng)
    for number, day in enumerate(calendar):
        now, steps = moments(day, rng)
        _live(shard, now, rng)
        _plan(shard, now, f"{seed}-{number}")
        for step in steps:
            _hand_over(shard, step)
        shard.memory.forget(now - _KEPT_DAYS * DAY_US)
    budgets = {name: one.daily_budget or 0.0 for name, one in shard.settings.channels.items()}
    spent = process_time() - start
    broken = violations(shard.truth, shard.log, budgets)
    checked = process_time() - start - spent
    base = {
        "decisions": float(shard.decisions),
        "people": float(len(shard.known)),
        "merges": float(len(shard.truth.merges)),
    }
    return {
        "mass": base | {"chosen": float(len(shard.chosen)), "handed over": float(len(shard.log)), **broken,
                        "CPU seconds": spent, "of the checker, CPU seconds": checked,
                        "wall seconds": perf_counter() - wall},
        "unchecked": base | {"handed over": float(len(shard.chosen)), **violations(shard.truth, shard.chosen, budgets)},
    }  # fmt: skip


def _begin(count: int, rng: np.random.Generator) -> Shard:
    everybody = {one.name: one for one in people(count, rng)}
    # Money for less than what would be sent on a busy day, and for more than on others.
    budgets = {"email": 0.01 * max(5.0, 0.5 * count), "sms": 0.07 * max(2.0, 0.05 * count)}
    shard = Shard(Truth(dict(everybody)), everybody, {}, settings(budgets))
    shard.memory.insert(APPROVALS, approved(campaigns()))
    for name in everybody:
        _say(shard, name, "yes" if rng.random() < 0.85 else "no", 1)
    _look_again(shard, sorted(everybody), 2)
    return shard


def _say(shard: Shard, name: str, status: str, at: int) -> None:
    shard.memory.insert(PERMISSIONS, [permission(name, status, at)])
    shard.truth.permissions[name].append((at, status == "yes"))


def _look_again(shard: Shard, names: list[str], now: int) -> None:
    for name in names:
        shard.recipients.pop(name, None)
    for one in recipients_now(shard.memory, shard.known, names, now):
        shard.recipients[one.person_id] = one


def _live(shard: Shard, now: int, rng: np.random.Generator) -> None:
    """Before a day is planned some change their minds, and some turn out to be one."""
    standing = sorted(shard.recipients)
    at = now - 60_000_000
    changed = [standing[place] for place in rng.choice(len(standing), max(1, len(standing) // 100), replace=False)]
    for name in changed:
        _say(shard, name, "yes" if rng.random() < 0.6 else "no", at)
    pairs = rng.choice(len(standing), (max(1, len(standing) // 1_000), 2), replace=False)
    for one, other in pairs if len(standing) > len(shard.known) // 2 else []:
        user, person = standing[one], standing[other]
        shard.memory.insert(IDENTITIES, [link(user, person, at)])
        shard.truth.merges.append((at, user, person))
        shard.known[person] = both(shard.known[user], shard.known[person])
        changed += [user, person]
    _look_again(shard, sorted(set(changed)), now)


def _plan(shard: Shard, now: int, run_id: str) -> None:
    """All planners look at the same state, and then each puts into the outbox what it chose."""
    known = campaigns()
    contacts = _contacts(shard)
    everybody = list(shard.recipients.values())
    rows: list[dict[str, Value]] = []
    for number, names in enumerate(PLANNERS):
        plan = Plan(
            run_id=f"{run_id}-{number}", now=now, settings=shard.settings,
            campaigns=[known[name] for name in names], wordings={},
        )  # fmt: skip
        for decision in decide_all(plan, everybody, {}, contacts, {}).decisions:
            shard.reasons[decision.reason] += 1
            chosen = decision.chosen
            if decision.outcome == "contact" and chosen is not None and chosen.send_at and chosen.local_day:
                person, campaign = shard.known[decision.person_id], known[chosen.campaign]
                rows.append(
                    outbox_row(decision.decision_id, person, campaign, plan.now, chosen.send_at, chosen.local_day)
                )
                shard.chosen.append(_sent(rows[-1], chosen.send_at))
        shard.decisions += len(everybody)
    shard.memory.insert(OUTBOX, rows)


def _contacts(shard: Shard) -> list[Contact]:
    """What has been said and what waits, under the person each identifier belongs to."""
    owners = owners_of(shard.memory, sorted(shard.known))
    found = [
        contact_of({**row, "person_id": owners.get(name, name)}, date.fromisoformat(str(row["local_day"])).toordinal())
        for name, held in shard.memory.rows[OUTBOX.name].items()
        for row in held.values()
    ]
    return found + [
        told_before(row, owners.get(name, name))
        for name, held in shard.memory.rows[TOLD.name].items()
        for row in held.values()
    ]


def _hand_over(shard: Shard, now: int) -> None:
    """Let go of what is due, a hundred at a time, as the outbox does."""
    rules = RecheckRules(
        shard.settings.caps, shard.settings.quiet_hours, shard.settings.business,
        {name: one.daily_budget or 0.0 for name, one in shard.settings.channels.items()},
        people=shard.recipients, once=frozenset({"launch"}),
    )  # fmt: skip
    due = sorted(
        (row for row in shard.memory.queued.values() if int(str(row["send_at"])) <= now),
        key=lambda row: (int(str(row["send_at"])), str(row["message_id"])),
    )
    for start in range(0, len(due), _TOGETHER):
        batch = due[start : start + _TOGETHER]
        verdicts = verdict_now(shard.memory, batch, rules, now)
        for row in batch:
            verdict = verdicts[str(row["message_id"])]
            if verdict.drop is not None:
                shard.memory.settle(row, {"state": "dropped", "reason": verdict.drop})
            elif not verdict.wait:
                shard.memory.settle(row, {"state": "delivered", "handed_over_at": now, "local_day": verdict.local_day})
                shard.log.append(_sent(row, now))
                if row["campaign"] in rules.once:
                    shard.memory.insert(TOLD, told_rows(row, now))


def _sent(row: Mapping[str, Value], at: int) -> Sent:
    return Sent(
        str(row["person_id"]), str(row["campaign"]), str(row["class"]), str(row["channel"]), at,
        float(str(row["cost"])),
    )  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(simulate(int(sys.argv[1]), int(sys.argv[2]))))
