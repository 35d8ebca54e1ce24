"""Gender and language decide nothing but the words; deciding is not even told of an age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.decide.builders import campaign, personal, recipient, target
from tests.decide.test_planning import decide, plan
from vocative.decide.planning import Plan
from vocative.records.acting import Decision, Effect, Offer, Recipient
from vocative.records.relationship import STATES

PEOPLE = 7
WORDS = frozenset({"Milk"})
LANGUAGES = ("en", "lv", "pl")
TARGETS = {f"p{one}": [target(probability=0.1 * one + 0.2)] for one in range(PEOPLE)}
MADE = replace(
    plan(
        [
            personal("coupon", offers=True, value=2.0),
            personal("replenish", value=1.0),
            campaign(value=0.5),
            campaign("thanks", sells=False, value=0.2),
        ],
        business={"languages": list(LANGUAGES)},
        channels={"email": {"driver": "file", "cost": 0.01, "daily_budget": 0.03}},
        exploring={"share": 0.3},
    ),
    offers=[Offer(offer_id=f"{size}", discount=size, unit="percent") for size in (5.0, 9.0)],
    wordings=dict.fromkeys(LANGUAGES, WORDS),
)
genders = st.lists(st.sampled_from(["female", "male", None]), min_size=PEOPLE, max_size=PEOPLE)
languages = st.lists(st.sampled_from([*LANGUAGES, "uk", "en-GB", None]), min_size=PEOPLE, max_size=PEOPLE)


def people(genders: Sequence[str | None], languages: Sequence[str | None]) -> list[Recipient]:
    effect = {"news": Effect(value=0.4, low=0.1, high=0.7, unit="money")}
    return [
        recipient(
            f"p{one}",
            gender=genders[one],
            language=languages[one],
            relationship=STATES[one % 5],
            effects=effect if one % 2 else {},
        )
        for one in range(PEOPLE)
    ]


def decided(made: Plan, who: Sequence[Recipient]) -> list[Decision]:
    return decide(made, who, TARGETS)


PLAIN = decided(MADE, people([None] * PEOPLE, ["en"] * PEOPLE))


def test_there_is_something_that_could_change() -> None:
    assert {"contact", "silence"} <= {one.outcome for one in PLAIN}
    assert any(one.chosen is not None and one.chosen.offer is not None for one in PLAIN)
    assert any(one.explored for one in PLAIN)
    assert {candidate.basis for one in PLAIN for candidate in one.candidates} >= {"measured", "declared"}


@given(genders, languages)
def test_gender_and_language_change_no_decision(genders: list[str | None], languages: list[str | None]) -> None:
    assert msgspec.json.encode(decided(MADE, people(genders, languages))) == msgspec.json.encode(PLAIN)


def test_where_a_language_has_no_words_for_a_thing_it_cannot_be_spoken_of() -> None:
    """The one way in which a language counts: nobody hears of a thing in words that are not there."""
    made = replace(MADE, wordings={**MADE.wordings, "lv": frozenset()})
    found = decided(made, people([None] * PEOPLE, ["lv"] * PEOPLE))
    assert all(one.removed is not None for decision in found for one in decision.candidates if one.targets == ()
               and one.campaign in ("coupon", "replenish"))  # fmt: skip
    assert found != PLAIN


def test_deciding_is_told_of_no_age() -> None:
    assert not {"age", "birth_date", "born", "birthday"} & set(Recipient.__struct_fields__)
