"""Held against the truth afterwards: whom a policy spoke to, and whether its discounts were the sizes that pay best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from vocative.market.draws import draw_day
from vocative.market.messages import OFFER, MarketMessages, none
from vocative.market.nature import LEVELS, WEEK, Floats, Integers
from vocative.market.oracle import gains
from vocative.market.people import KINDS
from vocative.market.reacting import reaction
from vocative.market.world import World

MATTERS = 0.1
"""Money by which the best size has to beat the wrong choice beside it, for a person for whom the size matters."""
_WRONG = int(np.flatnonzero(np.isclose(LEVELS, 0.10))[0])
"""What is wrong where no discount is best; elsewhere no discount is."""


def worths(world: World, sent: MarketMessages) -> Floats:
    """Expected profit of each message, had it carried each of the sizes that exist; messages × sizes."""
    people, state = world.market.people, world.state
    left = world.market.weeks * WEEK - (int(sent.day[0]) if len(sent) else 0)
    columns = []
    for level in LEVELS:
        other = replace(sent, discount=np.full(len(sent), level, np.float32))
        columns.append(gains(people, state, other, reaction(people, state, other), left))
    return np.column_stack(columns)


def otherwise(world: World, day: int, sent: MarketMessages, other: MarketMessages, days: int) -> Floats:
    """What messages of a day bring each person's profit more than others would have, exactly, on the same lots.

    Args:
        world: As it stands on the morning of the day; it is not changed.
        day: The day.
        sent: The messages in question.
        other: What would have been said in their place; `messages.none()` is silence.
        days: For so many days from then on, in which nothing else is said.
    """
    one, two = world.copy(), world.copy()
    for later in range(day, day + days):
        draws = draw_day(world.market.seed, later, len(world.market.people))
        one.live(later, draws, sent if later == day else none())
        two.live(later, draws, other if later == day else none())
    found: Floats = one.state.profit - two.state.profit
    return found


@dataclass(slots=True)
class Judge:
    """Counts, by the truth, what is said on each day."""

    chosen: Integers = field(default_factory=lambda: np.zeros((len(LEVELS), len(LEVELS)), np.int64))
    """Messages by the size chosen and the size that was best, of personal offers for whom the size matters."""
    lost: float = 0.0
    """Expected money that the best sizes would have brought more."""

    def see(self, world: World, sent: MarketMessages) -> None:
        """Judge the messages of a day, before anybody has heard them."""
        mine = sent.take(sent.personal & (sent.about == OFFER))
        if not len(mine):
            return
        worth = worths(world, mine)
        best = np.argmax(worth, axis=1)
        rows = np.arange(len(mine))
        wrong = np.where(best == 0, worth[:, _WRONG], worth[:, 0])
        matters = worth[rows, best] - wrong >= MATTERS
        size = np.argmin(np.abs(LEVELS[None, :] - mine.discount[:, None]), axis=1)
        np.add.at(self.chosen, (size[matters], best[matters]), 1)
        self.lost += float((worth[rows, best] - worth[rows, size]).sum())

    def agreement(self, *, discounted: bool = False) -> float | None:
        """Share of the sizes that were the best ones, of those that matter; None: nothing was judged.

        With `discounted` only of messages for which some discount was best.
        """
        counts = self.chosen[:, 1:] if discounted else self.chosen
        right = np.trace(self.chosen) - (self.chosen[0, 0] if discounted else 0)
        return float(right / counts.sum()) if counts.sum() else None

    def rows(self) -> Iterator[dict[str, object]]:
        """A row for each size chosen, with how often each size would have been best."""
        for place, level in enumerate(LEVELS.tolist()):
            best = {f"best {other:.0%}": int(count) for other, count in zip(LEVELS, self.chosen[place], strict=True)}
            yield {"chosen": f"{level:.0%}", **best}


def by_kind(world: World, silent: World, weeks: int) -> Iterator[dict[str, object]]:
    """A row for each kind of person: how many, contacts for each of them and week, and what it brought."""
    people, state = world.market.people, world.state
    gained = state.profit - silent.state.profit
    for place, kind in enumerate(KINDS):
        mine = people.kind == place
        yield {
            "kind": kind.replace("_", " "),
            "people": int(mine.sum()),
            "contacts_a_week": round(float(state.contacts[mine].mean()) / weeks, 3),
            "never_contacted": round(float((state.contacts[mine] == 0).mean()), 3),
            "gained": round(float(gained[mine].sum()), 2),
            "gained_each": round(float(gained[mine].mean()), 3),
            "opted_out": round(float(state.opted_out[mine].mean()), 4),
        }
