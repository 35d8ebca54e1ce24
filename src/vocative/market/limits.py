"""What no policy may break: caps, quiet hours, budgets, permission; and the count of who broke it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from vocative.market.messages import MarketMessages
from vocative.market.nature import CHANNELS, COST, WEEK, Flags, Floats, Integers
from vocative.market.people import YES
from vocative.market.state import MarketState

PER_DAY, PER_WEEK, PER_MONTH, MONTH = 1, 2, 4, 30
QUIET_FROM, QUIET_UNTIL = 20, 8
"""Local hours from and until which nobody is contacted."""
_BUDGET_SHARE = np.array([0.6, 0.01])
RULES = ("caps", "quiet_hours", "budget", "permission")


def daily_budgets(count: int) -> Floats:
    """Money that each channel may cost on one day, for so many people."""
    return np.round(_BUDGET_SHARE * count * COST, 2).astype(np.float32)


def hours() -> Integers:
    """Local hours at which people may be contacted."""
    return np.arange(QUIET_UNTIL, QUIET_FROM, dtype=np.int32)


@dataclass(slots=True)
class Contacts:
    """How many messages each person had on each of the last thirty days."""

    recent: np.typing.NDArray[np.uint8]
    """People × days of a ring."""
    violations: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RULES, 0))
    spent: float = 0.0

    @classmethod
    def of(cls, count: int) -> Contacts:
        """Nobody has had anything yet."""
        return cls(np.zeros((count, MONTH), np.uint8))

    def turn(self, day: int) -> None:
        """Begin a day: what was thirty days ago counts no more."""
        self.recent[:, day % MONTH] = 0

    def allowed(self, day: int) -> Flags:
        """Who may get one more message today, as far as caps go."""
        found: Flags = (self._since(day, WEEK) < PER_WEEK) & (self._since(day, MONTH) < PER_MONTH)
        return found & (self.recent[:, day % MONTH] < PER_DAY)

    def _since(self, day: int, length: int) -> Integers:
        """Messages of each person in so many days, today included."""
        days = [(day - back) % MONTH for back in range(length)]
        found: Integers = self.recent[:, days].sum(axis=1, dtype=np.int32)
        return found

    def check(self, sent: MarketMessages, state: MarketState) -> None:
        """Count what the messages of one day break, before anybody has heard them.

        Args:
            sent: All messages of that day.
            state: The permissions as they stand.
        """
        if not len(sent):
            return
        day = int(sent.day[0])
        np.add.at(self.recent, (sent.who, sent.day % MONTH), 1)
        who = np.unique(sent.who)
        mine = self.recent[who].astype(np.int32)
        week = mine[:, [(day - back) % MONTH for back in range(WEEK)]].sum(axis=1)
        over = np.maximum(mine[:, day % MONTH] - PER_DAY, np.maximum(week - PER_WEEK, mine.sum(axis=1) - PER_MONTH))
        self.violations["caps"] += int(np.maximum(over, 0).sum())
        self.violations["quiet_hours"] += int(((sent.hour < QUIET_UNTIL) | (sent.hour >= QUIET_FROM)).sum())
        unwelcome = (state.marketing[sent.who, sent.channel] != YES) | (
            sent.personal & (state.personalization[sent.who] != YES)
        )
        self.violations["permission"] += int(unwelcome.sum())
        counts = np.bincount(sent.channel, minlength=len(CHANNELS))
        # A price is no round number to a machine: 48.00 pays for 12,000 messages of .004, not for 11,999.
        affordable = np.floor(daily_budgets(len(self.recent)) / COST + 1e-2)
        self.violations["budget"] += int(np.maximum(counts - affordable, 0).sum())
        self.spent += float((counts * COST).sum())


def within_budget(worth: Floats, rows: Integers, channel: int, count: int) -> Integers:
    """Of the rows those worth most, as many as the channel's budget of one day pays for."""
    most = int(np.floor(daily_budgets(count)[channel] / COST[channel] + 1e-4))
    if len(rows) <= most:
        return rows
    return np.sort(rows[np.argsort(-worth[rows], kind="stable")[:most]])
