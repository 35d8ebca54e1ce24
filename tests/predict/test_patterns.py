"""The search for pairs of conditions, and how conditions are cut and told."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocative.line.understand.pattern_words import clause_words, goal_words, measured, phrases
from vocative.predict.patterns.clauses import readable, within
from vocative.predict.patterns.mining import implied, kin_of, overlap, search, trial_of
from vocative.profile.standard.standard import STANDARD
from vocative.records.patterns import Clause, Deed, Goal
from vocative.records.settings import Business, Sender, Settings

SETTINGS = Settings(
    business=Business(name="Shop", timezone="Europe/Riga", currency="EUR"),
    sender=Sender(name="Shop", email="a@example.com"),
    events={"purchase": ["bought"]},
)
GOAL = Goal(deed="act", days=7)


def test_a_pair_that_matters_only_together_is_found_first_and_its_halves_are_not() -> None:
    random = np.random.default_rng(2)
    holds = random.random((4000, 30)) < 0.35
    chance = 0.2 + 0.25 * (holds[:, 4] & holds[:, 11])
    came = (random.random(4000) < chance).astype(np.float64)
    trial = trial_of(GOAL, np.arange(4000), holds, came, [random.normal(0, 1, (4000, 2))])
    found, count = search(trial, np.ones(30, bool), np.arange(30), 50)
    assert found[0].parts == (4, 11)
    assert count == 30 * 29 // 2
    none, _ = search(trial, np.ones(30, bool), np.arange(30) % 7, 50)
    assert all(one.parts != (4, 11) for one in none)  # near relatives are not joined
    assert (4, 11) not in [one.parts for one in search(trial, np.arange(30) != 4, np.arange(30), 50)[0]]


def test_what_is_expected_anyway_is_not_found() -> None:
    random = np.random.default_rng(3)
    often = random.normal(0, 1, 5000)
    holds = np.column_stack([often > 0.2, often > 0.8, random.random((5000, 6)) < 0.5]) == 1
    came = (random.random(5000) < 1 / (1 + np.exp(1 - 1.5 * often))).astype(np.float64)
    trial = trial_of(GOAL, np.arange(5000), holds, came, [often[:, None]])
    assert search(trial, np.ones(8, bool), np.arange(8), 50)[0] == []


@given(st.floats(0, 1e7), st.sampled_from(["share", "percent", "money", "days", "count", "seconds", "hour"]))
def test_a_readable_number_is_near_and_stays_as_it_is(value: float, unit: str) -> None:
    if unit in ("share", "percent"):
        value = min(value, 2.0)
    if unit in ("days", "hour"):
        value = min(value, 400.0)
    near = readable(value, unit)
    assert near >= 0
    assert readable(near, unit) == pytest.approx(near)
    if unit in ("money", "count"):
        assert abs(near - value) <= max(0.26 * value, 0.5)


def test_every_feature_with_words_exists_and_every_condition_reads_to_the_end() -> None:
    known = {feature.name for feature in STANDARD}
    assert set(phrases()) <= known
    for name, phrase in phrases().items():
        for bound in (0.25, 1.0, 5.0):
            clauses = [Clause(what="feature", name=name, at_least=bound)]
            if phrase.below:
                clauses.append(Clause(what="feature", name=name, below=bound))
            for clause in clauses:
                words = clause_words(clause, "EUR", {})
                assert words
                assert "{" not in words
    assert {one.name for one in measured()} == set(phrases())
    peak = Clause(what="feature", name="active_peak_weekday", at_least=5.0, below=6.0)
    assert clause_words(peak, "EUR", {}) == "come most often on Saturdays"
    some = Clause(what="feature", name="basket_adds_7d", at_least=1.0)
    assert clause_words(some, "EUR", {}) == "put something into the basket in the last week"
    assert clause_words(Clause(what="said", name="TEA"), "EUR", {"TEA": "tea"}) == "said they like tea"


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("act", "buy within 28 days"),
        ("away", "do not buy for 28 days"),
        ("more", "spend at least 25% more in the next 28 days than in the last 28"),
        ("open", "open an e-mail they get within 28 days"),
        ("redeem", "redeem an offer within 28 days"),
        ("return", "send something back within 28 days"),
    ],
)
def test_what_people_then_do_is_told_in_plain_words(deed: Deed, words: str) -> None:
    assert goal_words(Goal(deed=deed, days=28, channel="email"), SETTINGS) == words


def test_where_nothing_is_sold_people_use_or_look() -> None:
    film = msgspec.structs.replace(SETTINGS, events={"use": ["watched"]})
    assert goal_words(Goal(deed="away", days=56), film) == "do not use anything for 56 days"
    assert goal_words(Goal(deed="act", days=7), film) == "use something within 7 days"


def test_clauses_hold_within_their_bounds_and_never_of_what_is_unknown() -> None:
    values = np.array([np.nan, 0.0, 1.0, 2.0])
    assert within(values, Clause(what="feature", name="x", at_least=1.0)).tolist() == [False, False, True, True]
    assert within(values, Clause(what="feature", name="x", below=1.0)).tolist() == [False, True, False, False]
    assert within(values, Clause(what="feature", name="x", at_least=1.0, below=2.0)).tolist() == [False] * 2 + [
        True,
        False,
    ]


def test_windows_of_one_feature_are_kin_and_a_pair_implies_its_halves() -> None:
    names = ["views_7d", "views_28d", "searches_7d", "views_7d"]
    kin = kin_of([Clause(what="feature", name=name, at_least=1.0) for name in names])
    assert kin.tolist() == [0, 0, 1, 0]
    assert implied((1, 2), (2,))
    assert not implied((1, 2), (3,))
    assert overlap(np.array([True, True, False]), np.array([False, True, True])) == pytest.approx(1 / 3)
