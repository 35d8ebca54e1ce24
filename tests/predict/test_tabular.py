"""The learner of probabilities, on rows whose truth is planted."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from scipy.special import expit

from vocative.predict.history.event_history import Floats
from vocative.predict.learners import ensemble
from vocative.predict.learners.ensemble import Sample
from vocative.predict.learners.logistic import log_loss
from vocative.predict.learners.tabular import Probabilities, TrainingView, learn, only_newest, ranking, tell

NAMES = ("pace", "curve", "noise", "place")
LEVELS = {"place": ["north", "south", "sea"]}


def planted(random: np.random.Generator, rows: int, level: float = 0.0) -> tuple[Sample, Floats, Floats]:
    """Rows, what happened, and its true probability: a line, a bend that no line has, and a place that matters."""
    values = random.normal(size=(rows, 4))
    values[:, 3] = random.integers(0, 3, rows)
    values[random.random(rows) < 0.1, 2] = np.nan
    truth = expit(values[:, 0] + np.abs(values[:, 1]) - 1.0 + 1.5 * (values[:, 3] == 2) + level)
    return Sample(NAMES, values, LEVELS), (random.random(rows) < truth).astype(np.float64), truth


def view(random: np.random.Generator, rows: int, moments: int = 3, level: float = 0.0) -> TrainingView:
    """Moments alike but the newest, whose level is another."""
    found = [planted(random, rows, level if place == 0 else 0.0) for place in range(moments)]
    return TrainingView([one[0] for one in found], [one[1] for one in found])


def loss(chance: Floats, came: Floats) -> float:
    return float(log_loss(chance, came).mean())


@pytest.fixture(scope="module")
def learnt() -> tuple[dict[str, object], Sample, Floats, Probabilities]:
    content = learn({"all": view(np.random.default_rng(3), 1500)})
    sample, _, truth = planted(np.random.default_rng(4), 4000)
    return content, sample, truth, tell(content, {"all": sample})


def test_what_is_planted_is_found(learnt: tuple[dict[str, object], Sample, Floats, Probabilities]) -> None:
    _, _, truth, told = learnt
    best, ours = loss(truth, truth), loss(told.chance, truth)
    flat = loss(np.full(len(truth), truth.mean()), truth)
    assert ours - best < 0.15 * (flat - best)
    assert abs(told.chance.mean() - truth.mean()) < 0.02
    assert ((told.low <= told.chance) & (told.chance <= told.high)).all()
    assert ((told.low <= truth) & (truth <= told.high)).mean() > 0.5


def test_reasons_name_what_matters(learnt: tuple[dict[str, object], Sample, Floats, Probabilities]) -> None:
    content, sample, _, told = learnt
    order = list(ranking(content, {"all": sample}))
    assert set(order[:3]) == {"pace", "curve", "place"}
    strongest = int(np.argmax(sample.values[:, 0]))
    assert next(iter(told.reasons(strongest))) == "pace"
    assert len(told.reasons(0)) == 3


def test_what_was_learnt_is_json(learnt: tuple[dict[str, object], Sample, Floats, Probabilities]) -> None:
    content, sample, _, told = learnt
    again = tell(msgspec.json.decode(msgspec.json.encode(content)), {"all": sample})
    assert np.array_equal(again.chance, told.chance)


def test_few_rows_have_no_trees() -> None:
    content = learn({"all": view(np.random.default_rng(5), 120)})
    assert [one["kind"] for one in content["members"]] == ["linear"]


@pytest.mark.parametrize("came", [0.0, 1.0])
def test_what_always_or_never_happened_is_still_no_certainty(came: float) -> None:
    sample = planted(np.random.default_rng(6), 200)[0]
    told = tell(learn({"all": TrainingView([sample], [np.full(200, came)])}), {"all": sample})
    assert ((told.chance > 0.0) & (told.chance < 1.0)).all()
    assert (np.abs(told.chance - came) < 0.01).all()
    assert (told.low < told.high).all()


def test_noise_is_told_as_the_rate() -> None:
    random = np.random.default_rng(7)
    samples = [planted(random, 1500)[0] for _ in range(3)]
    came = [(random.random(1500) < 0.3).astype(np.float64) for _ in samples]
    told = tell(learn({"all": TrainingView(samples, came)}), {"all": samples[0]})
    assert abs(told.chance.mean() - 0.3) < 0.03
    assert told.chance.std() < 0.05


def test_a_level_that_stands_out_is_believed_and_a_usual_one_is_not() -> None:
    content = {
        level: learn({"all": view(np.random.default_rng(8), 1200, moments=4, level=level)}) for level in (0.1, 2.0)
    }
    assert content[2.0]["shift"] > 1.4
    assert abs(content[0.1]["shift"]) < 0.05


def test_one_moment_alone_is_enough() -> None:
    content = learn({"all": view(np.random.default_rng(9), 2500, moments=1)})
    sample, _, truth = planted(np.random.default_rng(10), 2000)
    assert loss(tell(content, {"all": sample}).chance, truth) < loss(np.full(len(truth), truth.mean()), truth) - 0.05


@pytest.mark.parametrize("moments", [1, 2])
def test_views_with_other_columns_are_blended(moments: int) -> None:
    whole = view(np.random.default_rng(11), 1500)
    few = TrainingView([Sample(NAMES[:1], one.values[:, :1]) for one in whole.samples], whole.came)
    content = learn({"few": few, "all": only_newest(whole, moments)})
    assert {one["view"] for one in content["members"]} >= {"all"}
    assert sum(one["weight"] for one in content["members"]) == pytest.approx(1.0, abs=1e-4)
    sample, _, truth = planted(np.random.default_rng(12), 2000)
    told = tell(content, {"few": Sample(NAMES[:1], sample.values[:, :1]), "all": sample})
    assert loss(told.chance, truth) < loss(np.full(len(truth), truth.mean()), truth) - 0.05


def test_lines_learnt_together_are_those_learnt_one_by_one() -> None:
    random = np.random.default_rng(5)
    sample = Sample(("a", "b", "c"), random.normal(size=(700, 3)))
    came = (sample.values[:, 0] + random.normal(size=700) > 0.3).astype(np.float64)
    together = ensemble.learn_lines(sample, came, [500.0, 50.0])
    for ridge, one, score in zip((500.0, 50.0), together, ensemble.score_lines(together, sample), strict=True):
        alone = ensemble.learn("linear", sample, came, ridge)
        assert one.pop("covariance").tolist() == alone.pop("covariance").tolist()
        assert one == alone
        assert score.tolist() == ensemble.score(alone, sample).tolist()


def test_scores_of_the_first_trees_are_told_in_one_pass() -> None:
    random = np.random.default_rng(6)
    sample = Sample(("a", "b"), random.normal(size=(1500, 2)))
    came = (sample.values[:, 0] * sample.values[:, 1] > 0.0).astype(np.float64)
    member = ensemble.learn("trees", sample, came, 30)
    for rounds, score in zip((10, 20, 30), ensemble.score_rounds(member, sample, (10, 20, 30)), strict=True):
        np.testing.assert_allclose(score, ensemble.score(member, sample, rounds), rtol=1e-12, atol=1e-12)
