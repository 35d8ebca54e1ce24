"""The best or worst of several is named only when all that were looked at are counted."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.predict.history.event_history import Floats
from vocative.predict.uplift.trial import Randomised
from vocative.prove.bootstrap import Judged, bootstrap, difference, differences
from vocative.prove.harm import harmed
from vocative.prove.measures import Measure
from vocative.prove.uplift import GROUPS, LeftOut, judge_effect
from vocative.prove.uplift_curves import Treated, draw

SPLITS = 200
PEOPLE = 400


def by_lot(seed: int, chance: float, rate: float, *, harm: float = 0.0, people: int = PEOPLE) -> Randomised:
    """People treated by lot, of whom the first tenth does less by it; nobody else does anything else."""
    random = np.random.default_rng(seed)
    treated = random.random(people) < chance
    rates = np.full(people, rate) - harm * treated * (np.arange(people) < people / GROUPS)
    outcome = (random.random(people) < rates).astype(np.float64)
    return Randomised(np.ones((people, 1)), treated, np.full(people, chance), outcome, binary=True)


def found(trial: Randomised, random: np.random.Generator, tests: int = 1) -> list[bool]:
    """Which tenths, formed by lot, are said to be harmed."""
    mean = np.full(len(trial), trial.outcome.mean())
    tenths = np.array_split(random.permutation(len(trial)), GROUPS)
    return harmed(trial, mean, mean, tenths, random, tests)


def uncorrected(trial: Randomised) -> bool:
    """Whether ten tests, each for itself and by the normal distribution, find any tenth harmed."""
    mean = np.full(len(trial), trial.outcome.mean())
    parts = np.array_split(trial.scores(mean, mean), GROUPS)
    return any(one.mean() + 1.96 * one.std() / np.sqrt(len(one)) < 0 for one in parts)


@pytest.mark.parametrize(("chance", "rate"), [(0.5, 0.3), (0.1, 0.1), (0.9, 0.1)])
def test_where_nobody_is_harmed_hardly_any_split_names_a_group(chance: float, rate: float) -> None:
    trials = [by_lot(seed, chance, rate) for seed in range(SPLITS)]
    named = sum(any(found(one, np.random.default_rng(seed))) for seed, one in enumerate(trials))
    assert named <= 0.05 * SPLITS
    if chance <= 0.5:
        assert sum(map(uncorrected, trials)) > 0.1 * SPLITS, "the test would see a missing correction"


def test_several_effects_share_the_chance_to_err() -> None:
    named = 0
    for seed in range(SPLITS // 2):
        trials = [by_lot(10 * seed + arm, 0.5, 0.3) for arm in range(3)]
        named += any(any(found(one, np.random.default_rng(seed), tests=3)) for one in trials)
    assert named <= 0.05 * SPLITS / 2 + 1


def test_who_is_harmed_is_found_all_the_same() -> None:
    trial = by_lot(1, 0.5, 0.5, harm=0.4, people=4_000)
    mean = np.full(len(trial), 0.5)
    tenths = np.array_split(np.arange(len(trial)), GROUPS)
    assert harmed(trial, mean, mean, tenths, np.random.default_rng(0)) == [True] + [False] * 9
    effect = np.arange(len(trial), dtype=np.float64)
    told = LeftOut(effect, mean, mean, trial.scores(mean, mean))
    assert judge_effect(trial, told, np.random.default_rng(0), 50).sleeping_dogs() == 400


def test_drawing_lots_again_leaves_other_figures_as_they_were() -> None:
    trial, random = by_lot(1, 0.5, 0.3), np.random.default_rng(5)
    mean = np.full(len(trial), 0.3)
    effect = np.random.default_rng(6).random(len(trial))
    told = LeftOut(effect, mean, mean, trial.scores(mean, mean))
    judge_effect(trial, told, random, 50)
    after = random.random()
    again = np.random.default_rng(5)
    draw({"a": effect}, Treated(trial.treated, trial.chance, trial.outcome), told.scores, again, 50)
    assert after == again.random()


def groups_of(seed: int, groups: int, people: int = 200) -> Judged:
    """Two ways that are equally good, among several groups."""
    random = np.random.default_rng(seed)
    ours, theirs = random.normal(size=(2, groups * people))
    part = np.repeat(np.arange(groups), people)

    def measures(loss: Floats) -> list[Measure]:
        rows = np.column_stack([loss, np.ones(len(loss))])
        return [
            Measure(str(one), rows * (part == one)[:, None], lambda sums: sums[:, 0] / np.maximum(sums[:, 1], 1.0))
            for one in range(groups)
        ]

    return Judged(np.arange(groups * people), {"ours": measures(ours), "theirs": measures(theirs)})


def test_intervals_of_groups_hold_together() -> None:
    alone = together = 0
    splits = SPLITS // 2
    for seed in range(splits):
        drawn = bootstrap([groups_of(seed, 8, 60)], np.random.default_rng(seed), 200)
        pairs = [(drawn["ours", str(one)], drawn["theirs", str(one)]) for one in range(8)]
        for one, wide in zip([difference(*pair) for pair in pairs], differences(pairs), strict=True):
            assert wide.low <= one.low <= one.value == wide.value <= one.high <= wide.high
        alone += any(one.low > 0 or one.high < 0 for one in (difference(*pair) for pair in pairs))
        together += any(one.low > 0 or one.high < 0 for one in differences(pairs))
    assert together <= 0.1 * splits
    assert alone > 0.2 * splits, "the test would see a missing correction"


def test_one_group_alone_needs_no_correction_and_none_no_interval() -> None:
    drawn = bootstrap([groups_of(1, 1)], np.random.default_rng(1), 200)
    pair = (drawn["ours", "0"], drawn["theirs", "0"])
    assert differences([pair])[0].high == pytest.approx(difference(*pair).high, rel=0.2)
    assert differences([]) == []


def test_the_best_of_several_has_a_wider_interval() -> None:
    drawn = bootstrap([groups_of(1, 1)], np.random.default_rng(1), 1000)["ours", "0"]
    low, high = drawn.interval()
    assert drawn.interval(5)[0] < low < high < drawn.interval(5)[1]
