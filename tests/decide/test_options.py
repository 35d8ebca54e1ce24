"""What a decision could have been, with propensity and cost: read from the record, not guessed from texts."""

from __future__ import annotations

import pytest

from tests.decide.builders import NOW, assigned, campaign, personal, recipient, settings, target
from vocative.decide.options import options_of
from vocative.decide.planning import Plan, decide_all
from vocative.records.acting import Decision, Offer, Option
from vocative.records.settings import Campaign

COSTS = {"email": 0.01, "sms": 0.5}
OFFERS = tuple(Offer(offer_id=f"o{size}", discount=float(size), unit="percent") for size in (5, 10, 20))
COUPON = personal("coupon", offers=True, value=3.0, least_support=0)


def decided(campaigns: list[Campaign], people: int = 1, *, share: float = 0.0, control: float = 0.0) -> list[Decision]:
    made = Plan(
        run_id="run",
        now=NOW,
        settings=settings(
            exploring={"share": share},
            channels={"email": {"driver": "file", "cost": 0.01}, "sms": {"driver": "file", "cost": 0.5}},
        ),
        campaigns=campaigns,
        wordings={"en": frozenset({"Milk"})},
        offers=OFFERS,
    )
    everybody = [recipient(f"p{number}") for number in range(people)]
    arms = {one.person_id: assigned(one.person_id, "treated", control) for one in everybody}
    return decide_all(made, everybody, {one.person_id: [target()] for one in everybody}, [], arms).decisions


def told(options: list[Option]) -> list[tuple[str, bool, bool, float | None]]:
    return sorted((one.action.compared.key, one.best, one.given, one.propensity) for one in options)


def test_what_was_certain_has_propensity_one_and_the_rest_zero() -> None:
    (decision,) = decided([COUPON, campaign("news")])
    assert decision.propensity == 1.0
    assert told(options_of(decision, COSTS)) == [
        ("coupon offer=10:percent", False, False, 0.0),
        ("coupon offer=20:percent", False, False, 0.0),
        ("coupon offer=5:percent", True, True, 1.0),
        ("news", True, False, 0.0),
    ]


def test_propensities_of_all_options_and_of_silence_add_up() -> None:
    for decision in decided([COUPON, campaign("news")], 200, share=0.6, control=0.1):
        options = options_of(decision, COSTS)
        chances = {one.action.compared.key: one.propensity or 0.0 for one in options}
        assert sum(chances.values()) + decision.probabilities[""] == pytest.approx(1.0)
        given = [one for one in options if one.given]
        assert len(given) == (decision.outcome == "contact")
        assert all(one.propensity == pytest.approx(decision.propensity) for one in given)
        assert all(decision.chosen is not None and one.action == decision.chosen.action for one in given)


def test_every_channel_is_an_option_with_its_own_cost() -> None:
    (decision,) = decided([campaign("news", channel="email", channels=["email", "sms"])])
    found = {one.action.channel: (one.action.medium, one.cost, one.best) for one in options_of(decision, COSTS)}
    assert found == {"email": ("email", 0.01, True), "sms": ("text", 0.5, False)}


def test_what_a_rule_forbids_was_no_option_and_what_is_not_worth_it_was() -> None:
    (decision,) = decided([campaign("worthless", value=0.0), personal("dear", relationships=["close"]), campaign()])
    assert {one.action.campaign: one.removed for one in options_of(decision, COSTS)} == {
        "worthless": "not_worth_it",
        "news": None,
    }
