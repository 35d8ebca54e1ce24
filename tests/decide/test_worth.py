"""What a message is expected to bring: measured effects before declared guesses, discounts, goodwill, who is spared."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.decide.builders import DAY_US, NOW, campaign, contact, personal, recipient, settings, target
from vocative.decide.planning import Plan, decide_all
from vocative.decide.value.worth import expected
from vocative.records.acting import Candidate, Contact, Decision, Effect, Offer
from vocative.records.settings import Campaign
from vocative.records.worth import Worth

TODAY = 719_163 + NOW // DAY_US


def effect(value: float, error: float = 0.01, unit: str = "probability") -> Effect:
    return Effect(
        value=value, low=value - error, high=value + error, unit="money" if unit == "money" else "probability"
    )


def decided(
    campaigns: list[Campaign],
    effects: Mapping[str, Effect],
    contacts: list[Contact] | None = None,
    offers: list[Offer] | None = None,
    **tables: Mapping[str, object],
) -> Decision:
    made = Plan(
        run_id="run",
        now=NOW,
        settings=settings(channels={"email": {"driver": "file", "cost": 0.1}}, **tables),
        campaigns=campaigns,
        wordings={"en": frozenset({"Milk"})},
        offers=offers or [],
    )
    person = recipient(
        effects={name: {f: getattr(one, f) for f in one.__struct_fields__} for name, one in effects.items()}
    )
    return decide_all(made, [person], {"p": [target(probability=0.5)]}, contacts or [], {}).decisions[0]


def test_without_a_measured_effect_it_is_what_the_business_declares() -> None:
    (told,) = decided([personal(value=4.0)], {}).candidates
    assert told.score == pytest.approx(0.5 * 4.0 - 0.1)
    assert (told.basis, told.low, told.high) == ("declared", None, None)


def test_a_message_that_goes_unread_costs_goodwill() -> None:
    def score(what: Campaign, **reacts: float) -> float | None:
        made = Plan(
            run_id="run",
            now=NOW,
            settings=settings(worth={"unread": 0.5}),
            campaigns=[what],
            wordings={"en": frozenset({"Milk"})},
        )
        who = recipient(reacts=reacts)
        return decide_all(made, [who], {"p": [target(probability=0.5)]}, [], {}).decisions[0].candidates[0].score

    assert score(personal(value=4.0), email=0.2) == pytest.approx(0.5 * 4.0 - 0.01 - 0.5 * 0.8)
    assert score(personal(value=4.0), sms=0.2) == pytest.approx(0.5 * 4.0 - 0.01), "nothing is known of mails"
    assert score(campaign(value=4.0), email=0.2) == pytest.approx(4.0 - 0.01), "it is the same for all"


def test_a_measured_effect_is_worth_what_it_changes() -> None:
    (told,) = decided([personal(value=4.0)], {"replenish": effect(0.2, 0.05)}).candidates
    assert told.basis == "measured"
    assert (told.score, told.low, told.high) == pytest.approx((0.2 * 4 - 0.1, 0.15 * 4 - 0.1, 0.25 * 4 - 0.1))


def test_an_effect_on_spending_is_worth_its_margin() -> None:
    found = decided([campaign("news")], {"": effect(3.0, 1.0, "money")}, worth={"margin": 0.25})
    assert found.candidates[0].score == pytest.approx(0.25 * 3.0 - 0.1)


def test_the_effect_of_the_campaign_goes_before_that_of_any_contact() -> None:
    campaigns = [campaign("news", value=10.0), campaign("help", value=10.0)]
    found = decided(campaigns, {"": effect(0.05), "help": effect(0.3)})
    assert {one.campaign: one.score for one in found.candidates} == pytest.approx({"news": 0.4, "help": 2.9})
    assert found.reason == "help"


def test_sleeping_dogs_are_left_in_peace_and_sure_things_are_not_worth_a_message() -> None:
    dog = decided([personal(value=4.0)], {"replenish": effect(-0.2, 0.1)})
    assert (dog.outcome, dog.reason) == ("silence", "not_worth_it")
    assert dog.candidates[0].high is not None
    assert dog.candidates[0].high < 0
    sure = decided([personal(value=4.0)], {"replenish": effect(0.01, 0.3)})
    assert (sure.outcome, sure.reason) == ("silence", "not_worth_it")
    # By the declared value the same person would have been written to.
    assert decided([personal(value=4.0)], {}).outcome == "contact"


def test_who_is_owed_a_message_gets_it_whatever_it_changes() -> None:
    owed = [campaign("recall", message_class="service")]
    assert decided(owed, {"": effect(-0.5)}).outcome == "contact"


def test_a_discount_is_given_to_those_who_would_have_bought_anyway() -> None:
    coupon = personal("coupon", value=4.0, offers=True)
    money = Offer(offer_id="o", discount=1.0, unit="money")
    found = decided([coupon], {"coupon offer=1:money": effect(0.2)}, offers=[money])
    assert found.candidates[0].score == pytest.approx(0.2 * 4 - 0.7 * 1.0 - 0.1)
    # A tenth of what a success is bought for: at a margin of a half that is twice its value.
    share = Offer(offer_id="o", discount=10.0, unit="percent")
    found = decided([coupon], {"coupon": effect(0.2)}, offers=[share], worth={"margin": 0.5})
    assert found.candidates[0].score == pytest.approx(0.2 * 4 - 0.7 * 0.8 - 0.1)
    # Spending is recorded after discount: three quarters of it are missing in what the margin takes.
    found = decided([coupon], {"coupon": effect(2.0, unit="money")}, offers=[money], worth={"margin": 0.25})
    assert found.candidates[0].score == pytest.approx(0.25 * 2.0 - 0.75 * 1.0 * 0.5 - 0.1)


def test_each_message_of_the_last_month_costs_goodwill() -> None:
    had = [contact(day=TODAY - days) for days in (2, 20, 29, 31)] + [contact(day=TODAY - 3, kind="service")]
    (told,) = decided(
        [campaign("news", value=5.0)], {}, had, worth={"goodwill": 0.5}, relationship={"selling_in_a_row": 99}
    ).candidates
    assert told.score == pytest.approx(5.0 - 0.1 - 3 * 0.5)
    tired = decided(
        [campaign("news", value=1.0)], {}, had, worth={"goodwill": 0.5}, relationship={"selling_in_a_row": 99}
    )
    assert (tired.outcome, tired.reason) == ("silence", "not_worth_it")


@given(
    value=st.floats(-1, 1), error=st.floats(0, 1), chance=st.floats(0, 1), size=st.floats(0, 50),
    unit=st.sampled_from(["probability", "money"]), margin=st.floats(0.05, 1.0),
    kind=st.sampled_from(["percent", "money"]),
)  # fmt: skip
@hypothesis_settings(max_examples=60, deadline=None)
def test_the_worth_lies_in_its_interval_and_no_harm_is_ever_worth_it(
    value: float, error: float, chance: float, size: float, unit: str, margin: float, kind: str
) -> None:
    offer = Offer(offer_id="o", discount=size, unit=kind)
    made = Candidate(
        campaign="coupon", channel="email", personalized=True, offer=offer, targets=(target(probability=chance),)
    )
    person = recipient()
    person.effects["coupon"] = effect(value, error, unit)
    found = expected(personal("coupon", value=4.0), made, person, 0.1, Worth(margin=margin))
    assert found.low is not None
    assert found.high is not None
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    if value + error < 0:
        assert found.value < 0
