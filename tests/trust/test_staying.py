"""Who still buys and who said no, 90 and 180 days after a lot."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.trust.staying import StayingLot, staying

DAY = 86_400_000_000
NOW = 400 * DAY


def test_a_planted_effect_comes_back() -> None:
    rng = np.random.default_rng(3)
    lots, bought, refused = [], {}, {}
    for number in range(6_000):
        person, treated = str(number), bool(rng.random() < 0.8)
        lots.append(StayingLot(person, treated, 100 * DAY, 0.8 if treated else 0.2))
        bought[person] = [250 * DAY] if rng.random() < (0.5 if treated else 0.4) else []
        refused[person] = [150 * DAY] if rng.random() < (0.06 if treated else 0.01) else []
    found = staying(lots, bought, refused, NOW)
    early, late = found.still_buy
    assert early.days == 90
    assert early.contacted is not None
    assert early.contacted.value == 0.0
    assert late.effect is not None
    assert late.effect.low < 0.1 < late.effect.high
    assert late.effect.low > 0.04
    assert [one.effect is not None and one.effect.low < 0.05 < one.effect.high for one in found.said_no] == [True, True]


@pytest.mark.parametrize(
    ("day", "at_90", "at_180"),
    [(99, False, False), (101, True, False), (190, True, False), (191, False, True), (281, False, False)],
)
def test_only_the_days_before_the_horizon_count(day: int, at_90: bool, at_180: bool) -> None:
    lots = [StayingLot("p", True, 100 * DAY, 0.9)]
    found = staying(lots, {"p": [day * DAY]}, {}, NOW)
    assert [one.contacted is not None and one.contacted.value == 1.0 for one in found.still_buy] == [at_90, at_180]
    assert all(one.control is None and one.effect is None for one in found.still_buy)


def test_who_has_not_reached_a_horizon_and_who_may_not_be_looked_at_is_left_out() -> None:
    lots = [
        StayingLot("old", True, 100 * DAY, 0.9),
        StayingLot("new", False, 350 * DAY, 0.1),
        StayingLot("secret", False, 250 * DAY, 0.1),
    ]
    found = staying(lots, {"old": [], "new": []}, {"secret": [300 * DAY]}, NOW)
    assert [(one.days, one.people) for one in found.still_buy] == [(90, 1), (180, 1)]
    assert [(one.days, one.people) for one in found.said_no] == [(90, 2), (180, 1)]
    assert found.said_no[0].control is not None
    assert found.said_no[0].control.value == 1.0
    assert staying([], None, {}, NOW) == ([], [])


def test_unequal_chances_are_made_good() -> None:
    rng = np.random.default_rng(4)
    lots, bought = [], {}
    for number in range(8_000):
        keen = number % 2 == 0
        chance = 0.9 if keen else 0.5
        treated = bool(rng.random() < chance)
        lots.append(StayingLot(str(number), treated, 100 * DAY, chance if treated else 1 - chance))
        bought[str(number)] = [180 * DAY] if rng.random() < (0.8 if keen else 0.2) else []
    effect = staying(lots, bought, {}, NOW).still_buy[0].effect
    assert effect is not None
    assert effect.low < 0.0 < effect.high
