"""What predictions came to, and what follows: no version falls or is promoted by luck, and none that is bad stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from vocative.learn.judging import answer, compare, fails, pooled
from vocative.predict.history.event_history import Floats
from vocative.predict.predictor import Forecast, Outcome
from vocative.records.models import Comparison
from vocative.records.operation import Operation
from vocative.records.proof import Verdict

RULES = Operation()
PEOPLE = 250
NAMES = ("version", "baseline:everybodys_rate")


def forecast(value: Floats) -> Forecast:
    return Forecast(who=np.arange(len(value)), value=value, low=value, high=value, support=np.ones(len(value)))


def judged(random: np.random.Generator, ours: Floats, theirs: Floats, truth: Floats, moment: int = 0) -> Comparison:
    came = (random.random(len(truth)) < truth).astype(np.float64)
    outcome = Outcome(who=np.arange(len(truth)), value=came)
    return compare("m", "probability", NAMES, (forecast(ours), forecast(theirs)), outcome, (moment, moment + 1), random)


def verdict(lead: float) -> Verdict:
    return Verdict(
        module="m",
        version="v",
        moment=0,
        admitted=True,
        why="admitted",
        metric="log_loss",
        lower_is_better=True,
        value=0.4,
        baseline="everybodys_rate",
        baseline_value=0.4 + lead,
        difference=-lead,
        low=-lead - 0.01,
        high=-lead + 0.01,
    )


def test_a_version_no_better_and_no_worse_than_naive_hardly_ever_fails() -> None:
    """Two ways that are off by the same amount, in opposite directions: neither is worse. 3 errors: 1 in 700 looks."""
    random, fallen, looks = np.random.default_rng(1), 0, 40
    for _ in range(looks):
        truth = random.uniform(0.2, 0.8, PEOPLE)
        sides = random.choice([-0.1, 0.1], PEOPLE)
        fallen += fails(judged(random, truth + sides, truth - sides, truth), RULES)
    assert fallen <= 1


def test_a_version_that_has_become_bad_fails_at_once() -> None:
    random = np.random.default_rng(2)
    for _ in range(20):
        truth = random.uniform(0.05, 0.95, PEOPLE)
        assert fails(judged(random, 1.0 - truth, np.full(PEOPLE, 0.5), truth), RULES)


def test_few_people_prove_nothing() -> None:
    random = np.random.default_rng(3)
    truth = random.uniform(0.05, 0.95, RULES.least_people - 1)
    found = judged(random, 1.0 - truth, np.full(len(truth), 0.5), truth)
    assert found.worse > 3 * found.error
    assert not fails(found, RULES)
    assert answer(found, verdict(0.2), 1.0, RULES) == "wait"


def test_pooling_makes_a_difference_no_surer_and_a_run_of_bad_luck_milder() -> None:
    random = np.random.default_rng(4)
    truth = random.uniform(0.1, 0.9, PEOPLE)
    moments = [judged(random, truth, np.full(PEOPLE, 0.5), truth, moment) for moment in range(4)]
    found = pooled(moments)
    assert found is not None
    assert found.error == pytest.approx(np.mean([one.error for one in moments]))
    assert min(one.worse for one in moments) <= found.worse <= max(one.worse for one in moments)
    assert found.moment == 3
    assert pooled([]) is None


def test_the_answer_to_one_that_waits() -> None:
    random = np.random.default_rng(5)
    truth = random.uniform(0.05, 0.95, 2_000)

    def found(ours: Floats) -> Comparison:
        return judged(random, ours, truth, truth)

    lead = verdict(0.2)
    assert answer(None, lead, 0.0, RULES) == "wait"
    assert answer(None, lead, RULES.wait_days, RULES) == "promote"
    assert answer(found(truth), lead, 0.0, RULES) == "promote", "it is the same"
    assert answer(found(1.0 - truth), lead, 0.0, RULES) == "drop"
    assert answer(found(1.0 - truth), lead, 1_000.0, RULES) == "drop", "waiting does not make it better"
    slightly = np.clip(truth + random.choice([-0.02, 0.02], len(truth)), 0.01, 0.99)
    sure = answer(found(slightly), verdict(0.000_1), 0.0, RULES)
    assert sure in ("wait", "drop"), "where the lead is next to nothing, next to nothing may be lost"


def test_rankings_are_better_when_higher() -> None:
    who, things = np.repeat(np.arange(200), 3), np.tile(np.arange(3), 200)
    outcome = Outcome(who=np.arange(200), value=np.ones(200), target=np.zeros(200, np.int64))

    def lists(order: list[int]) -> Forecast:
        value = np.tile([3.0, 2.0, 1.0], 200)
        target = np.array(order)[things]
        return Forecast(who=who, value=value, low=value, high=value, support=value, target=target, targets=None)

    names = pa.array(["a", "b", "c"])
    good, bad = (replace(lists(order), targets=names) for order in ([0, 1, 2], [2, 1, 0]))
    found = compare("m", "ranking", NAMES, (bad, good), outcome, (0, 1), np.random.default_rng(6))
    assert found.value < found.against_value
    assert found.worse == pytest.approx(found.against_value - found.value)
