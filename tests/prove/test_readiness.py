"""What the data carries: each module's yes and no, each with its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.decide.builders import DAY_US, NOW, settings
from vocative.predict.registry import STANDARD
from vocative.prove.readiness import DataFacts, assess
from vocative.records.settings import Settings

PLENTY = DataFacts(
    customers=12_000,
    interactions=150_000,
    first=NOW - 365 * DAY_US,
    newest=NOW - DAY_US,
    purchases=90_000,
    repeaters=8_000,
    with_category=0.97,
    may_be_profiled=6_000,
    may_be_contacted=11_000,
    campaigns=3,
)
SETTINGS = settings(control={"share": 0.1})


def verdict(module: str, facts: DataFacts, made: Settings = SETTINGS) -> tuple[bool, str]:
    found = assess(facts, made, NOW)[module]
    return found.ready, found.why


MODULES = [
    "profile",
    "affinities",
    "repeat_rhythm",
    "buys_28d",
    "quiet_56d",
    "slows_28d",
    "spend_90d",
    "orders_90d",
    "next_order",
    "runs_out",
    "next_items",
    "new_items",
    "best_hour",
    "best_weekday",
    "reacts",
    "reacts_when",
    "click_to_open",
    "uplift",
    "uplift_money",
    "decisions",
    "effect_measurement",
    "full_programme",
]


def test_with_plenty_of_data_everything_may_run() -> None:
    assert list(assess(PLENTY, SETTINGS, NOW)) == MODULES
    assert all(found.ready and found.why for found in assess(PLENTY, SETTINGS, NOW).values())


def test_what_a_business_does_without_is_not_waited_for() -> None:
    without = settings(models={"without": ["runs_out", "quiet_56d"]})
    assert list(assess(PLENTY, without, NOW)) == [name for name in MODULES if name not in ("runs_out", "quiet_56d")]


@pytest.mark.parametrize(
    ("module", "changes", "why"),
    [
        ("profile", {"interactions": 0}, "there are no events"),
        ("profile", {"may_be_profiled": 0}, "nobody has allowed personalization"),
        ("affinities", {"may_be_profiled": 0}, "nobody has allowed personalization"),
        ("affinities", {"with_category": 0.49}, "only 49% of purchases"),
        ("repeat_rhythm", {"with_category": 0.0}, "only 0% of purchases"),
        ("repeat_rhythm", {"repeaters": 99}, "99 people bought on two days or more, 100 are needed"),
        ("repeat_rhythm", {"first": NOW - 40 * DAY_US}, "1.3 months of history, 2 are needed"),
        ("decisions", {"campaigns": 0}, "there is no campaign"),
        ("decisions", {"may_be_contacted": 0}, "nobody has allowed messages"),
        ("effect_measurement", {"may_be_contacted": 9_999}, "about 999 people"),
        ("full_programme", {"customers": 9_999}, "9,999 customers are few (10,000 are needed)"),
        ("full_programme", {"interactions": 99_999}, "99,999 interactions are few (100,000 are needed)"),
        ("full_programme", {"first": NOW - 150 * DAY_US}, "4.9 months are short (6 are needed)"),
        ("full_programme", {"newest": NOW - 9 * DAY_US}, "the newest event is 9 days old (at most 7)"),
        ("full_programme", {"first": None, "newest": None}, "0.0 months are short"),
    ],
)
def test_what_is_missing_is_said(module: str, changes: dict[str, object], why: str) -> None:
    ready, said = verdict(module, replace(PLENTY, **changes))
    assert not ready
    assert why in said


@pytest.mark.parametrize(
    ("module", "changes"),
    [
        ("affinities", {"with_category": 0.5}),
        ("repeat_rhythm", {"repeaters": 100}),
        ("repeat_rhythm", {"first": NOW - 63 * DAY_US}),
        ("effect_measurement", {"may_be_contacted": 10_000}),
        ("full_programme", {"customers": 10_000, "interactions": 100_000}),
        ("full_programme", {"newest": NOW - 7 * DAY_US}),
        ("full_programme", {"may_be_profiled": 0}),
    ],
)
def test_just_enough_is_enough(module: str, changes: dict[str, object]) -> None:
    assert verdict(module, replace(PLENTY, **changes))[0]


def test_two_and_a_half_thousand_customers_are_said_to_be_few() -> None:
    ready, why = verdict("full_programme", replace(PLENTY, customers=2_469))
    assert not ready
    assert why == "2,469 customers are few (10,000 are needed): run a pilot on one channel with what is there"
    assert not verdict("effect_measurement", replace(PLENTY, may_be_contacted=2_469))[0]
    assert verdict("repeat_rhythm", replace(PLENTY, customers=2_469, repeaters=2_000))[0], "but a pilot may run"


def test_everything_that_is_missing_is_said_at_once() -> None:
    empty = DataFacts(
        customers=0, interactions=0, first=None, newest=None, purchases=0, repeaters=0, with_category=0.0,
        may_be_profiled=0, may_be_contacted=0, campaigns=0,
    )  # fmt: skip
    found = assess(empty, SETTINGS, NOW)
    assert not any(one.ready for one in found.values())
    assert found["full_programme"].why.count(";") == 2


def test_the_bar_is_a_setting() -> None:
    low = settings(
        control={"share": 0.5}, readiness={"customers": 10, "interactions": 10, "months": 0.1, "repeaters": 1}
    )
    small = replace(PLENTY, customers=10, interactions=10, repeaters=1, may_be_contacted=2_000)
    assert all(found.ready for found in assess(small, low, NOW).values())


COUNT = st.integers(0, 30_000)
FACTS = st.builds(
    DataFacts,
    customers=COUNT,
    interactions=st.integers(0, 300_000),
    first=st.integers(NOW - 900 * DAY_US, NOW - 400 * DAY_US),
    newest=st.integers(NOW - 20 * DAY_US, NOW),
    purchases=COUNT,
    repeaters=COUNT,
    with_category=st.floats(0, 1),
    may_be_profiled=COUNT,
    may_be_contacted=COUNT,
    campaigns=st.integers(0, 3),
)


@given(FACTS, st.sampled_from(["customers", "interactions", "repeaters", "may_be_profiled", "may_be_contacted"]))
def test_more_data_never_closes_a_module(facts: DataFacts, name: str) -> None:
    before = assess(facts, SETTINGS, NOW)
    after = assess(replace(facts, **{name: getattr(facts, name) + 1_000}), SETTINGS, NOW)
    assert all(after[module].ready for module, found in before.items() if found.ready)


def test_answers_to_messages_need_messages_where_the_business_names_them() -> None:
    named = replace(SETTINGS, events={**SETTINGS.events, "sent": ["mailed"]})
    ready, why = verdict("reacts", PLENTY, named)
    assert not ready
    assert "'mailed'" in why
    assert verdict("reacts_when", replace(PLENTY, named={"mailed": 9}), named)[0]
    assert verdict("reacts", PLENTY)[0], "what runs hand over is known without events"


def test_every_standard_module_says_how_many_people_a_proof_asks_for() -> None:
    found = assess(PLENTY, SETTINGS, NOW)
    assert all(found[name].people == max(one.about.people, 200) > 0 for name, one in STANDARD.items())
