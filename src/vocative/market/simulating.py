"""Runs policies in worlds that share everything but what is said, and counts what each comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from vocative.market.draws import draw_day
from vocative.market.judging import Judge
from vocative.market.limits import Contacts
from vocative.market.messages import MarketMessages
from vocative.market.nature import HISTORY_WEEKS, WEEK, Flags
from vocative.market.people import SLEEPING_DOG, YES
from vocative.market.policies import Policy, look, newsletter
from vocative.market.world import Day, Market, World, days_of, newborn
from vocative.records.progress import Progress, no_progress

Watch = Callable[[World, Day], None]
"""Told of each day of a world, to write files of it."""
COUNTS = ("contacts", "silent", "unsubscribes", "complaints", "sleeping_dogs_contacted")
RETAINED_DAYS = 56
"""A customer is kept who has bought within so many days."""


@dataclass(slots=True)
class Run:
    """One policy in its own world, with what is counted on the way."""

    world: World
    contacts: Contacts
    policy: Policy
    watch: Watch | None = None
    judge: Judge | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    weeks: list[dict[str, float | int]] = field(default_factory=list)

    def live(self, day: int, sent: MarketMessages) -> None:
        """Check and count what is said on a day, and let the world live through it."""
        market = self.world.market
        self.contacts.check(sent, self.world.state)
        if self.judge is not None:
            self.judge.see(self.world, sent)
        done = self.world.live(day, draw_day(market.seed, day, len(market.people)), sent)
        for heard in done.heard:
            self.counts["contacts"] += len(heard.sent)
            self.counts["unsubscribes"] += int(heard.left.sum())
            self.counts["complaints"] += int(heard.complained.sum())
            self.counts["sleeping_dogs_contacted"] += int((market.people.kind[heard.sent.who] == SLEEPING_DOG).sum())
        if self.watch is not None:
            self.watch(self.world, done)


def history(market: Market, watch: Watch | None = None, progress: Progress = no_progress) -> tuple[World, Contacts]:
    """The weeks before any policy: the shop sends everybody the same news now and then."""
    run = Run(newborn(market), Contacts.of(len(market.people)), newsletter, watch)
    for week in range(-HISTORY_WEEKS, 0):
        progress(week + HISTORY_WEEKS, HISTORY_WEEKS, "history")
        live_week(run, week)
    state = run.world.state
    state.profit[:], state.discounts[:], state.contacts[:] = 0, 0, 0
    state.opted_out[:] = False
    return run.world, Contacts(run.contacts.recent)


def branch(world: World, contacts: Contacts, make: Callable[[World], Policy]) -> Run:
    """A run that starts where another world stands; `make` is given the world of its own that it will have."""
    own = world.copy()
    return Run(own, Contacts(contacts.recent.copy()), make(own))


def live_week(run: Run, week: int) -> None:
    """Let the policy decide each morning of a week, and live through it."""
    state = run.world.state
    before = {
        "profit": float(state.profit.sum()),
        "discounts": float(state.discounts.sum()),
        "spent": run.contacts.spent,
    }
    counts = dict(run.counts)
    spoken = np.zeros(len(run.world.market.people), np.bool_)
    reachable = _reachable(run, week * WEEK)
    for day in days_of(week):
        run.contacts.turn(day)
        random = np.random.default_rng([run.world.market.seed, 3, day + HISTORY_WEEKS * WEEK])
        sent = run.policy(look(run.world, run.contacts, day), random)
        spoken[sent.who] = True
        run.live(day, sent)
    run.counts["silent"] += int((reachable & ~spoken).sum())
    run.weeks.append(_week(run, week, before, counts))


def _reachable(run: Run, day: int) -> Flags:
    """Who is a customer and permits marketing over any channel."""
    found: Flags = (run.world.market.people.joined < day) & (run.world.state.marketing == YES).any(axis=1)
    return found


def _week(run: Run, week: int, before: dict[str, float], counts: dict[str, int]) -> dict[str, float | int]:
    """What one week came to, and what is left of the people who were customers when the policies began."""
    state, joined = run.world.state, run.world.market.people.joined
    old = joined < -RETAINED_DAYS
    day = (week + 1) * WEEK
    return {
        "week": week + 1,
        "day": day,
        "profit": float(state.profit.sum()) - before["profit"],
        "discounts": float(state.discounts.sum()) - before["discounts"],
        "spent": run.contacts.spent - before["spent"],
        **{name: run.counts[name] - counts[name] for name in COUNTS},
        "retained": float((state.last_trip[old] >= day - RETAINED_DAYS).mean()) if old.any() else 0.0,
        "opted_out": float(state.opted_out[joined < day].mean()),
    }
