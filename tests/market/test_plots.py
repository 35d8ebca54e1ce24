"""Markets that were simulated one by one, shown together."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from benchmarks.market_plots import Kept, draw, keep, table, together


@pytest.fixture(scope="module")
def markets() -> list[Kept]:
    return [keep(policy, 300, 3, seed) for seed in (1, 2) for policy in ("rules", "oracle")]


def test_every_market_counts_once_in_the_table(markets: list[Kept]) -> None:
    oracle, rules = table(together(markets))
    assert [oracle["policy"], rules["policy"]] == ["oracle", "rules"]
    gains = [one["told"]["incremental_profit"] for one in markets if one["policy"] == "rules"]
    assert rules["markets"] == 2
    assert rules["gain"] == round(sum(gains) / 2)
    assert rules["±"] == round(abs(gains[0] - gains[1]) / 2)
    assert oracle["of the oracle's"] == pytest.approx(1.0)
    assert rules["rules broken"] == 0


def test_plots_are_pictures_of_all_of_them(markets: list[Kept]) -> None:
    drawn = dict(draw(together(markets), "some"))
    assert list(drawn) == ["some-gain.svg", "some-kinds.svg"]
    for text in drawn.values():
        words = "".join(ET.fromstring(text).itertext())
        assert "300 people, 2 markets" in words
        assert "oracle" in words
