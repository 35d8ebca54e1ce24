"""RFM: how recently, how often and for how much money somebody bought, each against the others of the business.

Scores run from 1 to 5, by fifths of the people. People with the same value have the same score, so fifths may be
uneven; where there are few people there are fewer steps. The grid of recency and frequency has the usual names.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.segment.population import Flags, Floats, Integers, Population

RECENCY, FREQUENCY, MONEY = "days_since_purchase", "orders_365d", "money_365d"
FEATURES = (RECENCY, FREQUENCY, MONEY)
STEPS = 5
_PEOPLE_PER_STEP = 20

CELLS: dict[str, str] = {
    "champions": "Best customers: recent and often",
    "loyal": "Loyal customers: they come again and again",
    "potential": "Could become loyal: recent, some orders",
    "recent": "Recent, with few orders so far",
    "promising": "Promising: a while ago, few orders",
    "attention": "Need attention: average, and getting rarer",
    "about_to_sleep": "About to fall asleep: rare and a while ago",
    "cannot_lose": "Not to be lost: came very often, and stay away",
    "at_risk": "At risk: came often, and stay away",
    "hibernating": "Asleep: few orders, long ago",
}
"""Names of the cells, best first."""

# Rows: recency 5 (just bought) to 1; columns: frequency 1 (rare) to 5.
_GRID = (
    ("recent", "potential", "potential", "champions", "champions"),
    ("promising", "potential", "potential", "loyal", "champions"),
    ("about_to_sleep", "about_to_sleep", "attention", "loyal", "loyal"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "cannot_lose", "cannot_lose"),
)


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores from 1 to 5 of each person; 0 for somebody who has not bought."""

    recency: Integers
    frequency: Integers
    money: Integers

    @property
    def known(self) -> Flags:
        """Who has bought."""
        return self.recency > 0


def rfm_scores(everybody: Population) -> Scores:
    """Score everybody who has bought; 5 is the most recent, the most frequent, the most money."""
    recency, frequency, money = (everybody.feature(name) for name in FEATURES)
    bought = ~np.isnan(recency)
    frequency, money = np.nan_to_num(frequency), np.nan_to_num(money)
    return Scores(_fifths(-recency, bought), _fifths(frequency, bought), _fifths(money, bought))


def rfm_cells(scores: Scores) -> list[str]:
    """The name of each person's cell in the grid of recency and frequency; empty for somebody who has not bought."""
    return [
        _GRID[STEPS - recency][frequency - 1] if recency else ""
        for recency, frequency in zip(scores.recency.tolist(), scores.frequency.tolist(), strict=True)
    ]


def cell_places() -> dict[str, tuple[float, float]]:
    """Where each named cell lies: mean recency and frequency of its squares, 1 to 5."""
    squares: dict[str, list[tuple[int, int]]] = {}
    for row, names in enumerate(_GRID):
        for column, name in enumerate(names):
            squares.setdefault(name, []).append((STEPS - row, column + 1))
    return {
        name: (sum(one[0] for one in found) / len(found), sum(one[1] for one in found) / len(found))
        for name, found in squares.items()
    }


def rfm_grid(scores: Scores) -> Integers:
    """People in each square: rows are recency 5 to 1, columns frequency 1 to 5."""
    grid = np.zeros((STEPS, STEPS), dtype=np.int64)
    known = scores.known
    np.add.at(grid, (STEPS - scores.recency[known], scores.frequency[known] - 1), 1)
    return grid


def _fifths(values: Floats, counted: Flags) -> Integers:
    """The step of each value among those counted: by the share of people below it and half of those equal to it."""
    scores = np.zeros(len(values), dtype=np.int64)
    chosen = values[counted]
    if not len(chosen):
        return scores
    steps = int(np.clip(len(chosen) // _PEOPLE_PER_STEP, 1, STEPS))
    order = np.sort(chosen)
    below, up_to = np.searchsorted(order, chosen, "left"), np.searchsorted(order, chosen, "right")
    step = np.minimum((below + up_to) * steps // (2 * len(chosen)), steps - 1)
    # Fewer steps are spread over the same scale, so that the best is always 5 and the middle the middle.
    scores[counted] = np.rint(1 + (STEPS - 1) * ((step + 0.5) / steps if steps < STEPS else step / (STEPS - 1)))
    return scores
