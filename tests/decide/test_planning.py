"""Decisions as a whole: budgets, control group, topics, determinism, and a reason for everything."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.decide.builders import NOW, assigned, campaign, contact, personal, recipient, settings, target
from vocative.decide.eligibility.filters import REASONS
from vocative.decide.planning import Plan, decide_all
from vocative.records.acting import Contact, Decision, Recipient, Target
from vocative.records.experiment import Assignment
from vocative.records.settings import Campaign, Settings

TODAY = NOW // 86_400_000_000 + 719_163


def plan(
    campaigns: Sequence[Campaign], *, spent: Mapping[str, float] | None = None, **tables: Mapping[str, object]
) -> Plan:
    return Plan(
        run_id="run",
        now=NOW,
        settings=settings(**tables),
        campaigns=campaigns,
        wordings={"en": frozenset({"Milk", "Bread", "Eggs", "Tea"})},
        spent=spent or {},
    )


def arms_of(arms: Mapping[str, str]) -> dict[str, Assignment]:
    return {person: assigned(person, arm, 0.2) for person, arm in arms.items()}


def decide(
    made: Plan,
    people: Sequence[Recipient],
    targets: Mapping[str, Sequence[Target]] | None = None,
    contacts: Sequence[Contact] = (),
    arms: Mapping[str, str] | None = None,
) -> list[Decision]:
    return decide_all(made, people, targets or {}, contacts, arms_of(arms or {})).decisions


def reasons(decisions: Sequence[Decision]) -> Counter[tuple[str, str]]:
    return Counter((decision.outcome, decision.reason) for decision in decisions)


def test_without_campaigns_or_people() -> None:
    assert decide(plan([campaign()]), []) == []
    only = decide(plan([]), [recipient()])[0]
    assert (only.outcome, only.reason, only.candidates, only.chosen) == ("silence", "no_campaign", (), None)


def test_all_people_filtered_out() -> None:
    people = [recipient(f"p{number}", contact={}) for number in range(5)]
    assert reasons(decide(plan([campaign()]), people)) == {("silence", "marketing_never_asked"): 5}


def test_the_most_valuable_candidate_is_chosen_and_the_others_are_recorded() -> None:
    made = plan([campaign("a", value=1.0), campaign("b", value=2.0), personal("c", value=3.0)])
    found = decide(made, [recipient()], {"p": [target(probability=0.5)]})[0]
    assert found.chosen is not None
    assert (found.outcome, found.reason, found.chosen.campaign) == ("contact", "b", "b")
    assert [one.campaign for one in found.candidates] == ["a", "b", "c"]
    assert [one.score for one in found.candidates] == pytest.approx([0.99, 1.99, 1.49])


def test_what_does_not_pay_is_not_done() -> None:
    made = plan([campaign(value=0.005)])
    assert reasons(decide(made, [recipient()])) == {("silence", "not_worth_it"): 1}


def test_service_is_neither_weighed_nor_withheld() -> None:
    made = plan(
        [campaign("news", value=5.0), campaign("recall", message_class="service", value=0.0)],
        caps={"per_day": 0},
    )
    assert reasons(decide(made, [recipient()])) == {("contact", "recall"): 1}
    made = plan([campaign("news", value=5.0), campaign("recall", message_class="service", value=0.0)])
    found = decide(made, [recipient("p"), recipient("q")], arms={"p": "control", "q": "treated"})
    assert reasons(found) == {("contact", "recall"): 2}
    assert {one.propensity for one in found} == {1.0}


def test_the_control_group_gets_no_marketing() -> None:
    made = plan([campaign()], control={"share": 0.2})
    found = decide(made, [recipient("p"), recipient("q"), recipient("r")], arms={"p": "control", "q": "treated"})
    assert [(one.outcome, one.propensity) for one in found] == [("control", 0.2), ("contact", 0.8), ("contact", 1.0)]
    assert found[0].chosen is not None, "what would have been said is recorded"
    silent = decide(made, [recipient("p", contact={})], arms={"p": "control"})
    assert reasons(silent) == {("silence", "marketing_never_asked"): 1}


def test_people_without_permission_never_get_a_personal_candidate() -> None:
    made = plan([personal(), replace(personal("disguised"), personalized=False)])
    for said in ("no", "never_asked"):
        found = decide(made, [recipient(personalization=said)], {"p": [target()]})[0]
        assert found.outcome == "silence"
        assert all(one.targets == () and one.removed is not None for one in found.candidates)


def test_a_campaign_that_does_not_call_itself_personal_is_told_no_predictions() -> None:
    found = decide(plan([personal("disguised", personalized=False)]), [recipient()], {"p": [target()]})[0]
    assert (found.outcome, found.reason, found.candidates[0].targets) == ("silence", "nothing_due", ())


def test_only_certain_enough_sayable_targets_are_spoken_of() -> None:
    found = decide(
        plan([personal(least_probability=0.5, least_support=3, exclude_targets=["Tea"])]),
        [recipient()],
        {
            "p": [
                target("Milk", probability=0.5, support=3),
                target("Bread", probability=0.49),
                target("Eggs", support=2.9),
                target("Tea"),
                target("Wine", probability=1.0),
                target("Milk", module="another"),
            ]
        },
    )[0]
    assert found.facts == {"targets": ["Milk"]}


def test_at_most_three_targets_the_most_probable_first() -> None:
    due = [
        target(name, probability=chance)
        for name, chance in (("Milk", 0.6), ("Bread", 0.9), ("Eggs", 0.9), ("Tea", 0.7))
    ]
    assert decide(plan([personal()]), [recipient()], {"p": due})[0].facts == {"targets": ["Bread", "Eggs", "Tea"]}


def test_words_are_looked_up_in_the_language_of_the_person() -> None:
    made = plan([personal()], business={"languages": ["en", "pt", "lv"]})
    made = Plan(
        run_id="run", now=NOW, settings=made.settings, campaigns=made.campaigns,
        wordings={"en": frozenset({"Milk"}), "pt": frozenset({"Bread"})},
    )  # fmt: skip
    due = {"p": [target("Milk"), target("Bread")]}
    for language, said in (("en-GB", "Milk"), ("pt-BR", "Bread"), ("lv", "Milk"), (None, "Milk")):
        assert decide(made, [recipient(language=language)], due)[0].facts == {"targets": [said]}, language


def test_a_target_rests_after_use_and_the_others_do_not() -> None:
    made = plan([personal(pause_days=14)])
    due = {"p": [target("Milk"), target("Bread")]}
    used = [contact(day=TODAY - 13, topics=("replenish/Milk",))]
    assert decide(made, [recipient()], due, used)[0].facts == {"targets": ["Bread"]}
    used = [contact(day=TODAY - 15, topics=("replenish/Milk",))]
    assert decide(made, [recipient()], due, used)[0].facts == {"targets": ["Bread", "Milk"]}
    both = [contact(day=TODAY - 1, topics=("replenish/Milk", "replenish/Bread"))]
    assert reasons(decide(made, [recipient()], due, both)) == {("silence", "nothing_due"): 1}


def test_two_angles_on_one_topic_compete_and_rest_together() -> None:
    made = plan(
        [personal(name, topic="refill", value=value) for name, value in (("saves-a-trip", 9.0), ("easy", 10.0))]
    )
    due = {"p": [target("Milk")]}
    only = decide(made, [recipient()], due)[0]
    assert (only.reason, [one.campaign for one in only.candidates]) == ("easy", ["saves-a-trip", "easy"])
    used = [contact(day=TODAY - 1, topics=("refill/Milk",))]
    later = decide(made, [recipient()], due, used)[0]
    assert [one.removed for one in later.candidates] == ["nothing_due", "nothing_due"]


def test_a_generic_topic_rests_as_a_whole() -> None:
    made = plan([campaign(pause_days=30)])
    assert reasons(decide(made, [recipient()], contacts=[contact(day=TODAY - 29, topics=("news",))])) == {
        ("silence", "topic_rests"): 1
    }
    assert reasons(decide(made, [recipient()], contacts=[contact(day=TODAY - 31, topics=("news",))])) == {
        ("contact", "news"): 1
    }


@given(
    people=st.integers(0, 30),
    cost=st.sampled_from([0.0, 0.01, 0.1, 0.3, 1.0]),
    budget=st.none() | st.sampled_from([0.0, 0.05, 0.3, 0.9, 1.0, 100.0]),
    spent=st.sampled_from([0.0, 0.1, 0.3, 0.9, 5.0]),
)
@hypothesis_settings(deadline=None)
def test_no_budget_is_ever_exceeded(people: int, cost: float, budget: float | None, spent: float) -> None:
    made = plan(
        [campaign(value=10.0)],
        channels={"email": {"driver": "file", "cost": cost, "daily_budget": budget}},
        spent={"email": spent, "sms": 1e9},
    )
    found = decide(made, [recipient(f"p{number}") for number in range(people)])
    sent = sum(one.outcome == "contact" for one in found)
    if budget is None:
        assert sent == people
        return
    assert sent == 0 or spent + sent * cost <= budget + 1e-9
    if budget == 0 or spent >= budget:
        assert sent == 0
    elif sent < people:
        assert spent + (sent + 1) * cost > budget + 1e-9, "the money would have paid for one more"
    for one in found:
        if one.outcome == "silence":
            assert (one.reason, one.chosen) == ("budget", None)
            # Who are worth the same come in an order drawn by lot; with many of them its odds are known.
            assert one.propensity == (pytest.approx(1.0 - sent / people) if sent and people >= 10 else 1.0)
            assert [candidate.removed for candidate in one.candidates] == ["budget"]


def test_money_goes_to_service_first_and_then_where_it_is_worth_most() -> None:
    made = plan(
        [personal(value=10.0), campaign("recall", message_class="service", audience="never_asked")],
        channels={"email": {"driver": "file", "cost": 1.0, "daily_budget": 2.0}},
    )
    people = [recipient("low"), recipient("high"), recipient("owed", personalization="never_asked")]
    due = {"low": [target(probability=0.6)], "high": [target(probability=0.95)]}
    found = {one.person_id: one.outcome for one in decide(made, people, due)}
    assert found == {"low": "silence", "high": "contact", "owed": "contact"}


SAID = st.sampled_from(["yes", "no", "never_asked"])
PEOPLE = st.lists(
    st.builds(
        recipient,
        st.integers(0, 40).map(lambda number: f"p{number}"),
        personalization=SAID,
        contact=st.fixed_dictionaries({"marketing/email": SAID, "service/email": SAID}),
        addresses=st.sampled_from([{}, {"email": "a@example.com"}]),
        zone=st.sampled_from([None, "UTC", "Pacific/Apia", "America/New_York"]),
        language=st.sampled_from([None, "en", "xx"]),
    ),
    max_size=12,
    unique_by=lambda one: one.person_id,
)
TARGETS = st.dictionaries(
    st.integers(0, 40).map(lambda number: f"p{number}"),
    st.lists(
        st.builds(
            target, st.sampled_from(["Milk", "Bread", "Wine"]), probability=st.floats(0, 1), support=st.floats(0, 9)
        ),
        max_size=4,
    ),
    max_size=12,
)
CONTACTS = st.lists(
    st.builds(
        contact,
        st.integers(0, 40).map(lambda number: f"p{number}"),
        day=st.integers(TODAY - 40, TODAY + 2),
        topics=st.sampled_from([("news",), ("replenish/Milk",), ("ask",)]),
    ),
    max_size=20,
)
EVERYTHING: tuple[Campaign, ...] = (
    campaign("news", audience="without_profile", value=0.5, send_hour=10),
    campaign("ask", audience="never_asked", value=0.6),
    campaign("recall", message_class="service", value=0.0, valid_hours=2),
    personal(),
)


def whole() -> Settings:
    return settings(
        caps={"per_day": 1, "per_week": 2, "per_month": 6},
        quiet_hours={"start": "20:00", "end": "08:00"},
        control={"share": 0.3},
        channels={"email": {"driver": "file", "cost": 0.2, "daily_budget": 1.0}},
    )


@given(
    PEOPLE,
    TARGETS,
    CONTACTS,
    st.dictionaries(st.sampled_from([f"p{n}" for n in range(40)]), st.sampled_from(["control", "treated"])),
    st.randoms(use_true_random=False),
)
def test_what_holds_of_every_decision(
    people: list[Recipient],
    targets: dict[str, list[Target]],
    contacts: list[Contact],
    arms: dict[str, str],
    mix: random.Random,
) -> None:
    made = Plan(
        run_id="r", now=NOW, settings=whole(), campaigns=EVERYTHING, wordings={"en": frozenset({"Milk", "Bread"})}
    )
    found = decide_all(made, people, targets, contacts, arms_of(arms)).decisions
    assert [one.person_id for one in found] == [one.person_id for one in people]
    names = {one.name for one in EVERYTHING}
    by_person = {one.person_id: one for one in people}
    for one in found:
        assert one.reason in (names if one.outcome == "contact" else REASONS)
        assert len(one.candidates) == len(EVERYTHING)
        assert all(candidate.removed is None or candidate.removed in REASONS for candidate in one.candidates)
        assert (one.chosen is not None) == (one.outcome in ("contact", "control"))
        if one.chosen is not None:
            who = by_person[one.person_id]
            assert one.chosen in one.candidates
            assert one.chosen.removed is None
            assert who.addresses.get("email")
            assert not one.chosen.personalized or who.personalization == "yes"
        if one.outcome == "control":
            assert arms.get(one.person_id) == "control"
    shuffled = list(people)
    mix.shuffle(shuffled)
    mixed_contacts = list(contacts)
    mix.shuffle(mixed_contacts)
    again = decide_all(made, shuffled, dict(reversed(targets.items())), mixed_contacts, arms_of(arms)).decisions
    assert sorted(again, key=lambda one: one.person_id) == sorted(found, key=lambda one: one.person_id)


def test_a_decision_has_an_id_of_its_own_in_every_run() -> None:
    first = decide(plan([campaign()]), [recipient("p"), recipient("q")])
    made = plan([campaign()])
    other = decide(
        Plan(run_id="other", now=NOW, settings=made.settings, campaigns=made.campaigns, wordings={}), [recipient("p")]
    )
    assert len({one.decision_id for one in [*first, *other]}) == 3
