"""What a campaign may say to one person: targets, offers, numbers; each thing that is missing has its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.decide.builders import DAY_US, NOW, assigned, campaign, personal, recipient, settings, target
from vocative.decide.eligibility.caps import Pressure
from vocative.decide.planning import Plan, decide_all
from vocative.decide.value.fitting import Fitting, fit, numbers_to_tell
from vocative.records.acting import Decision, Offer, Recipient, Target
from vocative.records.settings import Campaign

WORDS = frozenset({"Milk", "Bread", "Eggs"})
COUPON = personal("coupon", offers=True, least_support=0)


def offer(offer_id: str = "o1", *covers: str, **fields: object) -> Offer:
    return replace(Offer(offer_id=offer_id, targets=frozenset(covers)), **fields)


def fitted(
    what: Campaign, targets: list[Target], offers: list[Offer] | None = None, who: Recipient | None = None
) -> Fitting:
    return fit(what, who or recipient(), targets, offers or [], WORDS, Pressure(), NOW)


def decided(what: Campaign, who: Recipient, **plan: object) -> Decision:
    targets = {who.person_id: [target("Milk"), target("Bread", probability=0.8)]}
    made = Plan(run_id="r", now=NOW, settings=settings(), campaigns=[what], wordings={"en": WORDS}, **plan)  # type: ignore[arg-type]
    return decide_all(made, [who], targets, [], {}).decisions[0]


def test_items_are_spoken_of_by_their_category_the_likeliest_stands_for_it() -> None:
    items = [
        target("i1", category="Milk", probability=0.6),
        target("i2", category="Milk", probability=0.8),
        target("i3", category="Bread", probability=0.7),
        target("i4", category="Pills", probability=0.9),
    ]
    found = fitted(personal(), items)
    assert [(one.target, one.probability) for one in found.targets] == [("Milk", 0.8), ("Bread", 0.7)]


def test_items_can_be_spoken_of_by_their_own_name() -> None:
    found = fitted(personal(about="item"), [target("film-1", category="Drama")])
    assert [one.target for one in found.targets] == ["film-1"]


@pytest.mark.parametrize(("novelty", "left"), [("any", ["Milk", "Bread"]), ("known", ["Milk"]), ("new", ["Bread"])])
def test_a_campaign_can_be_for_known_or_for_new_things(novelty: str, left: list[str]) -> None:
    found = fitted(personal(novelty=novelty), [target("Milk", known=True), target("Bread", probability=0.6)])
    assert [one.target for one in found.targets] == left


def test_the_offer_follows_the_likeliest_target_it_holds_for() -> None:
    due = [target("Milk", probability=0.9), target("Bread", probability=0.8)]
    found = fitted(COUPON, due, [offer("o1", "Bread"), offer("o2", "Eggs")])
    assert found.offers
    assert (found.offers[0].offer_id, [one.target for one in found.targets]) == ("o1", ["Bread"])


def test_an_offer_for_everything_holds_for_each_target() -> None:
    assert fitted(COUPON, [target("Milk")], [offer("all")]).offers


def test_of_offers_of_one_size_the_longest_is_made() -> None:
    offers = [
        offer("a", "Milk", discount=5.0, unit="percent", ends_at=NOW + 9 * DAY_US),
        offer("b", "Milk", discount=10.0, unit="percent", ends_at=NOW + DAY_US),
        offer("c", "Milk", discount=10.0, unit="percent", ends_at=NOW + 2 * DAY_US),
    ]
    found = fitted(COUPON, [target("Milk")], offers)
    assert sorted(one.offer_id for one in found.offers) == ["a", "c"]


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ({}, "no_offer"),
        ({"invited": frozenset({"g2"})}, "no_offer"),
        ({"invited": frozenset({"g1"})}, None),
        ({"invited": frozenset({"g1"}), "redeemed": frozenset({"o1"})}, "already_redeemed"),
    ],
)
def test_an_offer_is_for_those_who_were_invited_and_have_not_used_it(
    who: dict[str, object], reason: str | None
) -> None:
    person = replace(recipient(), **who)
    decision = decided(COUPON, person, offers=[offer("o1", "Milk", group="g1")])
    assert decision.outcome == ("silence" if reason else "contact")
    assert decision.candidates[0].removed == reason


def test_what_is_offered_stands_in_the_facts() -> None:
    decision = decided(COUPON, recipient(), offers=[offer("o1", "Bread")])
    assert decision.facts == {"targets": ["Bread"], "offer": "o1"}


def test_a_campaign_for_a_segment_speaks_to_its_people_only() -> None:
    what = campaign(personalized=True, segment="regulars")
    assert decided(what, recipient()).reason == "not_in_segment"
    assert decided(what, replace(recipient(), segments=frozenset({"regulars"}))).outcome == "contact"


def test_numbers_are_told_when_there_are_all_of_them() -> None:
    what = campaign(personalized=True, tells={"orders_28d": 0, "discount_28d": 2})
    some = replace(recipient(), numbers={"orders_28d": 4.0, "discount_28d": 0.0, "secret": 3.0})
    little = replace(recipient(), numbers={"orders_28d": 4.0, "discount_28d": 0.02})
    every = replace(recipient(), numbers={"orders_28d": 4.0, "discount_28d": 2.5, "secret": 3.0})
    assert decided(what, some).reason == "nothing_to_tell"
    assert decided(what, little).reason == "nothing_to_tell", "two cents are not worth telling"
    decision = decided(what, every)
    assert decision.facts == {"numbers": {"orders_28d": 4.0, "discount_28d": 2.5}}
    assert decision.chosen is not None
    assert decision.chosen.numbers == {"orders_28d": 4.0, "discount_28d": 2.5}


@pytest.mark.parametrize("said", ["no", "never_asked"])
def test_without_permission_nothing_of_the_profile_is_used(said: str) -> None:
    who = replace(recipient(), personalization=said, numbers={"orders_28d": 4.0})
    assert numbers_to_tell(campaign(personalized=True, tells={"orders_28d": 0}), who) == {}
    assert fitted(COUPON, [target("Milk")], [offer("o1")], who) == Fitting()


@given(
    st.lists(st.tuples(st.sampled_from(["Milk", "Bread", "Eggs", "Pills"]), st.floats(0, 1)), max_size=8),
    st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sets(st.sampled_from(["Milk", "Eggs"]))), max_size=4),
    st.frozensets(st.sampled_from(["a", "b", "c"])),
)
def test_what_fits_is_always_due_worded_and_unused(
    due: list[tuple[str, float]], held: list[tuple[str, set[str]]], used: frozenset[str]
) -> None:
    who = replace(recipient(), redeemed=used)
    found = fitted(
        COUPON,
        [target(name, probability=chance) for name, chance in due],
        [offer(name, *covers) for name, covers in held],
        who,
    )
    assert (not found.offers) == (found.targets == ())
    for one in found.targets:
        assert one.target in WORDS
        assert one.probability >= COUPON.least_probability
        assert found.offers
        assert found.offers[0].offer_id not in used
        assert not found.offers[0].targets or one.target in found.offers[0].targets


def test_only_what_is_approved_may_be_chosen() -> None:
    assert decided(campaign("news"), recipient(), armed=frozenset({"other"})).reason == "not_approved"
    assert decided(campaign("news"), recipient(), armed=frozenset({"news"})).outcome == "contact"
    assert decided(campaign("news"), recipient()).outcome == "contact", "a look takes everything as approved"


def test_a_stop_silences_everybody() -> None:
    decision = decided(campaign("news"), recipient(), armed=frozenset({"news"}), stopped=True)
    assert (decision.outcome, decision.reason) == ("silence", "stopped")


def test_the_own_hour_goes_before_the_campaigns() -> None:
    who = replace(recipient(), hour=17)
    personal_hour = decided(campaign(personalized=True, send_hour=12), who).chosen
    generic_hour = decided(campaign(send_hour=12), who).chosen
    assert personal_hour is not None
    assert personal_hour.send_at == NOW + 8 * DAY_US // 24, "17:00 of the same day"
    assert generic_hour is not None
    assert generic_hour.send_at == NOW + 3 * DAY_US // 24, "what uses no profile keeps the campaign's hour"


def test_an_own_hour_at_night_is_not_used() -> None:
    who = replace(recipient(), hour=23)
    made = Plan(
        run_id="r",
        now=NOW,
        settings=settings(quiet_hours={"start": "20:00", "end": "08:00"}),
        campaigns=[campaign(personalized=True, send_hour=12)],
        wordings={"en": WORDS},
    )
    (decision,) = decide_all(made, [who], {}, [], {"p": assigned("p", "treated", 0.0)}).decisions
    assert decision.chosen is not None
    assert decision.chosen.send_at == NOW + 3 * DAY_US // 24
