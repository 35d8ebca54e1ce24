"""The size of an offer: the smallest that is worth most, never below the floor; other sizes are drawn by lot."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.decide.builders import DAY_US, NOW, assigned, campaign, personal, recipient, settings, target
from vocative.decide.eligibility.offer_sizes import best_size, drawn_size, size_of
from vocative.decide.planning import Plan, decide_all
from vocative.records.acting import Candidate, Decision, Effect, Offer, Recipient
from vocative.records.settings import Campaign

SIZES = (5.0, 10.0, 20.0)
OFFERS = tuple(Offer(offer_id=f"{size:.0f}", discount=size, unit="percent") for size in SIZES)
COUPON = personal("coupon", offers=True, value=3.0, least_support=0)


def decided(
    who: list[Recipient],
    campaigns: list[Campaign] | None = None,
    share: float = 0.0,
    floor: float | None = None,
    **plan: object,
) -> list[Decision]:
    made = Plan(
        run_id="run",
        now=NOW,
        settings=settings(exploring={"share": share}, worth={"margin": 0.3, "floor": floor}),
        campaigns=campaigns or [COUPON],
        wordings={"en": frozenset({"Milk"})},
        **{"offers": OFFERS, **plan},  # type: ignore[arg-type]
    )
    targets = {one.person_id: [target(probability=0.5)] for one in who}
    return decide_all(made, who, targets, [], {}).decisions


def moved(*changes: float, unit: str = "probability") -> Recipient:
    """Somebody on whom the effect of each size was measured."""
    effects = {
        f"coupon offer={size:.0f}:percent": Effect(value=change, low=change - 0.1, high=change + 0.1, unit=unit)  # type: ignore[arg-type]
        for size, change in zip(SIZES, changes, strict=True)
    }
    return replace(recipient(), effects=effects)


def size(decision: Decision) -> float | None:
    offer = decision.chosen.offer if decision.chosen else None
    return offer.discount if offer else None


def test_without_evidence_the_smallest_will_do() -> None:
    (decision,) = decided([recipient()])
    assert size(decision) == 5.0
    chosen = decision.chosen
    assert chosen is not None
    assert [one.offer.discount for one in chosen.sizes] == [10.0, 20.0]
    # Of a success, bought for 3 / .3, the discount takes 5 %.
    assert chosen.score == pytest.approx(0.5 * (3.0 - 0.5) - 0.01)
    assert chosen.offer is not None
    assert not chosen.offer.personal, "everybody gets it"


def test_the_smallest_that_changes_the_decision_is_chosen_and_said_to_be_personal() -> None:
    # 10 per cent of 10.0 is 1.0: from .2 to .5 pays for it, from .5 to .55 not for 1.0 more.
    (decision,) = decided([moved(0.0, 0.4, 0.45)])
    assert size(decision) == 10.0
    chosen = decision.chosen
    assert chosen is not None
    assert chosen.basis == "measured"
    assert chosen.score == pytest.approx(0.4 * 3.0 - 1.0 * 0.9 - 0.01)
    assert chosen.offer is not None
    assert chosen.offer.personal


def test_whom_no_size_moves_gets_none() -> None:
    (decision,) = decided([moved(0.0, 0.0, 0.1)])
    assert (decision.outcome, decision.reason) == ("silence", "not_worth_it")


def test_what_leaves_too_little_margin_is_never_offered() -> None:
    # A fifth off leaves a tenth of margin.
    (decision,) = decided([moved(0.0, 0.0, 0.9)], floor=0.15)
    assert (decision.outcome, decision.reason) == ("silence", "not_worth_it")
    (decision,) = decided([recipient()], floor=0.28)
    assert (decision.outcome, decision.reason) == ("silence", "margin_floor")


def test_loyal_people_get_no_less_than_others_saw_and_are_told_that_it_is_theirs() -> None:
    (decision,) = decided([recipient()], floors={("Milk", "percent"): 10.0})
    assert size(decision) == 10.0
    assert decision.chosen is not None
    assert decision.chosen.offer is not None
    assert decision.chosen.offer.personal
    (stranger,) = decided([replace(recipient(), relationship="stranger")], floors={("Milk", "percent"): 10.0})
    assert size(stranger) == 5.0


def test_sizes_are_drawn_as_often_as_is_logged() -> None:
    people = [recipient(f"p{number}") for number in range(3_000)]
    decisions = decided(people, [COUPON, campaign("news")], share=0.6)
    got = Counter(size(one) if one.reason == "coupon" else one.reason for one in decisions)
    for one in decisions:
        chances = one.probabilities
        assert sum(chances.values()) == pytest.approx(1.0)
        # A third of .6 for each of silence, news and coupon; of the coupon a third for each size.
        assert chances["coupon offer=20:percent"] == pytest.approx(0.6 / 9)
        assert chances["news"] == pytest.approx(0.2)
        assert chances["coupon offer=5:percent"] == pytest.approx(0.4 + 0.6 / 9)
    assert got[20.0] / 3_000 == pytest.approx(0.6 / 9, abs=0.015)
    assert got[10.0] / 3_000 == pytest.approx(0.6 / 9, abs=0.015)
    for one in decisions:
        mine = next(each for each in one.candidates if each.campaign == "coupon")
        assert len(mine.sizes) == 2, "a decision keeps all sizes"
        if one.reason == "coupon":
            assert mine == one.chosen


def test_what_nobody_holds_to_be_worth_it_is_tried_by_lot_unless_it_was_measured_so() -> None:
    worthless = replace(COUPON, value=0.0)
    people = [recipient(f"p{number}") for number in range(400)]
    decisions = decided(people, [worthless], share=0.5)
    tried = [one for one in decisions if one.outcome == "contact"]
    assert 70 <= len(tried) <= 130
    assert {size(one) for one in tried} == set(SIZES)
    assert all(one.explored and one.chosen is not None and one.chosen.removed is None for one in tried)
    assert all(one.propensity == pytest.approx(0.5 / 6) for one in tried)
    assert {one.reason for one in decisions if one.outcome != "contact"} == {"not_worth_it", "explored"}
    assert not [one for one in decided(people, [worthless]) if one.outcome == "contact"], "only by lot"
    harmed = [replace(moved(-0.4, -0.4, -0.4), person_id=one.person_id) for one in people]
    assert not [one for one in decided(harmed, share=0.5) if one.outcome == "contact"]


def test_what_needs_proof_goes_out_by_lot_until_it_was_measured() -> None:
    proving = replace(COUPON, needs_proof=True)
    (decision,) = decided([recipient()], [proving])
    assert (decision.outcome, decision.reason) == ("silence", "not_measured")
    people = [recipient(f"p{number}") for number in range(200)]
    assert {one.explored for one in decided(people, [proving], share=0.5) if one.outcome == "contact"} == {True}
    (decision,) = decided([moved(0.5, 0.5, 0.5)], [proving])
    assert size(decision) == 5.0


def test_whoever_has_taught_what_a_lot_shows_is_not_drawn_again() -> None:
    people = [recipient(f"p{number}") for number in range(200)]
    half = frozenset(one.person_id for one in people[::2])
    decisions = decided(people, [replace(COUPON, value=0.0)], share=1.0, taught=half)
    assert {one.explored for one in decisions if one.person_id in half} == {False}
    assert {one.explored for one in decisions if one.person_id not in half} == {True}
    assert {one.propensity for one in decisions if one.person_id in half} == {1.0}


def test_a_share_on_everything_is_taken_of_the_own_basket_of_those_who_buy_anyway() -> None:
    week = tuple(replace(one, ends_at=NOW + 7 * DAY_US) for one in OFFERS)
    who = replace(recipient(), basket=30.0, buys=0.9)
    (decision,) = decided([who], offers=week)
    chosen = decision.chosen or decision.candidates[0]
    # Who buys with .9 in four weeks buys with 1 - .1 ** (1 / 4) in one.
    assert chosen.score == pytest.approx(0.5 * 3.0 - 1.5 * (1.0 - 0.1**0.25) - 0.01)
    (bound,) = decided([who], offers=tuple(replace(one, targets=frozenset({"Milk"})) for one in week))
    assert bound.candidates[0].score == pytest.approx(0.5 * 3.0 - 0.5 * 0.5 - 0.01), "an offer for one thing"


def test_nobody_of_the_control_group_is_drawn() -> None:
    held = {"p": assigned("p", "control", 0.1)}
    made = Plan(
        run_id="run",
        now=NOW,
        settings=settings(exploring={"share": 1.0}),
        campaigns=[replace(COUPON, value=0.0)],
        wordings={"en": frozenset({"Milk"})},
        offers=OFFERS,
    )
    (decision,) = decide_all(made, [recipient()], {"p": [target()]}, [], held).decisions
    assert (decision.outcome, decision.explored) == ("silence", False)


@given(st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=6), st.floats(0.0, 0.999))
def test_the_best_is_the_smallest_of_the_best_and_every_size_can_be_drawn(scores: list[float], uniform: float) -> None:
    every = [
        Candidate(
            campaign="coupon",
            channel="email",
            personalized=True,
            offer=Offer(offer_id=str(place), discount=float(place), unit="percent"),
            score=score,
            basis="declared",
        )
        for place, score in enumerate(scores)
    ]
    best = best_size(every)
    assert best.score == pytest.approx(max(scores))
    assert best.offer is not None
    assert all(score < max(scores) for score in scores[: int(best.offer.discount or 0.0)])
    drawn = drawn_size(best, uniform)
    assert sorted(one.offer.offer_id for one in (size_of(drawn), *drawn.sizes)) == [str(i) for i in range(len(scores))]
    assert drawn.score == scores[int(size_of(drawn).offer.offer_id)]
    assert size_of(drawn).offer.drawn is (len(scores) > 1)
    assert not any(one.offer.drawn for one in drawn.sizes)
    assert {size_of(drawn_size(best, place / len(scores))).offer.offer_id for place in range(len(scores))} == {
        str(place) for place in range(len(scores))
    }
