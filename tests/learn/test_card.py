"""The card tells in plain sentences what is known, and what a model looks at is read from what it learnt."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest

from vocative.learn.card import NOT_FOR, html, markdown, paragraphs
from vocative.learn.importance import importance
from vocative.learn.soundness import fault
from vocative.predict.learners.logistic import learn_encoding, packed
from vocative.predict.learners.trees import grow
from vocative.predict.predictor import Forecast, Predictor
from vocative.predict.registry import STANDARD
from vocative.records.models import DataVersion, ModelCard, Standing

PLAIN: Predictor = STANDARD["buys_28d"]
CARD = ModelCard(
    module="buys_28d",
    version="abc",
    kind="probability",
    unit="probability",
    horizon_days=28.0,
    fitted_at=1_767_603_600_000_000,
    seconds=1.25,
    code="0.1.0",
    data=DataVersion(
        tables={"events": 3}, acts=1_000, people=50, first=1_736_000_000_000_000, newest=1_767_000_000_000_000
    ),
    needs="acts <of any kind>",
    unseen="nothing",
    importance={f"f{number}": 1 / 12 for number in range(12)},
)


def test_a_card_without_verdict_says_so_and_always_says_what_it_is_not_for() -> None:
    parts = paragraphs("whether the person buys within 28 days", CARD, None)
    text = markdown("buys_28d", parts)
    assert "No verdict is kept" in text
    assert "has never acted" in text
    assert "1,000 acts of 50 people" in text
    assert "2026-01-05" in text
    assert "2 others weigh less" in text
    assert all(one in text for one in NOT_FOR)


def test_the_page_of_a_card_is_whole_and_text_stays_text() -> None:
    stands = Standing(
        module="m", version="abc", state="champion", at=CARD.fitted_at, place=0, by="Anna <b>", why="admitted"
    )
    page = html("<card>", paragraphs("whether", CARD, None, [stands]))
    open_: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag != "meta":
                open_.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_.pop() == tag

    Reader().feed(page)
    assert open_ == []
    assert "<b>" not in page
    assert "Anna &lt;b&gt;" in page


def test_weights_of_linear_models_and_trees_are_found_wherever_they_are_kept() -> None:
    random = np.random.default_rng(1)
    values = random.normal(0, 1, (400, 3))
    target = 2.0 * values[:, 1] + 0.2 * values[:, 0] + random.normal(0, 0.1, 400)
    names = ["a", "b", "c"]
    grown = grow(values, target, 20, {"objective": "regression", "num_leaves": 4, "num_threads": 1})
    trees = importance(PLAIN, {"trees": {"columns": names, "text": grown.text}})
    assert next(iter(trees)) == "b"
    assert sum(trees.values()) == pytest.approx(1.0, abs=1e-5)
    linear = {"encoding": packed(learn_encoding(tuple(names), values)), "weights": [9.0, 0.2, -2.0, 0.0]}
    found = importance(PLAIN, {"parts": [linear]})
    assert found == {"b": pytest.approx(2.0 / 2.2, abs=1e-5), "a": pytest.approx(0.2 / 2.2, abs=1e-5)}
    assert importance(PLAIN, {"signs": names, "weights": [1.0, 1.0, 1.0, 2.0]})["c"] == 0.5
    assert importance(PLAIN, {"half_life": 3.0, "weights": [1.0, 2.0]}) == {}


def test_a_forecast_that_cannot_be_used_is_told_in_words() -> None:
    def forecast(value: list[float], low: list[float] | None = None) -> Forecast:
        numbers = np.array(value)
        return Forecast(
            who=np.arange(2), value=numbers, low=np.array(low or value), high=numbers, support=np.ones(len(numbers))
        )

    assert fault("probability", forecast([0.0, 1.0])) == ""
    assert "no numbers (value)" in fault("money", forecast([np.nan, 1.0]))
    assert "no numbers (low)" in fault("money", forecast([1.0, 1.0], [-np.inf, 0.0]))
    assert "outside 0 to 1" in fault("probability", forecast([0.2, 1.2]))
    assert "outside 0 to 24" in fault("hour", forecast([3.0, -1.0]))
    assert "of 2 people" in fault("money", forecast([1.0]))
    assert fault("money", forecast([-3.0, 1e6])) == "", "who returns more than they buy is worth less than nothing"
