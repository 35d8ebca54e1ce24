"""Over which channel, and at which hour, people get a message: by how they react, within what each channel allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decide.builders import HOUR_US, NOW, assigned, campaign, personal, recipient, settings, target
from vocative.decide.eligibility.channels import best_channel, channels_of, reach_of
from vocative.decide.planning import Plan, Planned, decide_all
from vocative.records.acting import Candidate, Recipient
from vocative.records.experiment import Assignment
from vocative.records.settings import Campaign

BOTH = ["email", "sms"]


def decided(made: Campaign, person: Recipient, **tables: Mapping[str, object]) -> Candidate:
    """The one candidate of a person."""
    channels = {"email": {"driver": "file", "cost": 0.01}, "sms": {"driver": "file", "cost": 0.05}}
    plan = Plan(
        run_id="run",
        now=NOW,
        settings=settings(**{"channels": channels, **tables}),
        campaigns=[made],
        wordings={"en": frozenset({"Milk"})},
    )
    (decision,) = decide_all(plan, [person], {"p": [target()]}, [], {}).decisions
    return decision.candidates[0]


def hour_of(candidate: Candidate) -> int:
    assert candidate.send_at is not None
    return candidate.send_at // HOUR_US % 24


def test_a_message_goes_over_the_channel_the_person_reacts_over() -> None:
    made = personal(channels=BOTH)
    assert decided(made, recipient(liking={"email": 2.0, "sms": 0.5})).channel == "email"
    assert decided(made, recipient(liking={"email": 0.2, "sms": 0.9})).channel == "sms"


def test_where_nothing_is_known_the_cheaper_channel_serves() -> None:
    assert decided(personal(channels=BOTH), recipient()).channel == "email"
    assert decided(personal(channel="sms", channels=BOTH), recipient()).channel == "email"


def test_a_campaign_of_one_channel_never_leaves_it() -> None:
    assert decided(personal(), recipient(liking={"email": 0.1, "sms": 9.0})).channel == "email"


def test_every_channel_has_its_own_filters() -> None:
    likes = {"email": 9.0, "sms": 0.5}
    allowed = {"marketing/email": "no", "marketing/sms": "yes"}
    assert decided(personal(channels=BOTH), recipient(liking=likes, contact=allowed)).channel == "sms"
    assert decided(personal(channels=BOTH), recipient(liking=likes, addresses={"sms": "+371"})).channel == "sms"
    neither = decided(personal(channels=BOTH), recipient(contact={}))
    assert neither.removed is not None


def test_the_reason_is_that_of_the_channel_that_came_closest() -> None:
    nowhere = recipient(contact={"marketing/email": "no", "marketing/sms": "yes"}, addresses={})
    assert decided(personal(channels=BOTH), nowhere).removed == "no_address"


def test_what_is_not_personalized_does_not_rest_on_what_people_did() -> None:
    person = recipient(liking={"email": 0.1, "sms": 9.0}, hours={"email": [18]})
    told = decided(campaign(channels=BOTH, send_hour=12), person)
    assert told.channel == "email"
    assert hour_of(told) == 12


def test_a_declared_worth_holds_for_who_reacts_as_everybody_does() -> None:
    plain = decided(personal(), recipient())
    keen = decided(personal(), recipient(liking={"email": 2.0}))
    assert keen.score == pytest.approx(2.0 * ((plain.score or 0.0) + 0.01) - 0.01)


def test_the_hour_is_that_of_the_channel_then_that_of_acts_then_that_of_the_campaign() -> None:
    made = personal(send_hour=10)
    both = recipient(hours={"email": [18, 12], "sms": [9]}, hour=15)
    assert hour_of(decided(made, both)) == 18
    assert hour_of(decided(personal(channel="sms", send_hour=10), both)) == 9
    assert hour_of(decided(made, recipient(hours={"sms": [18]}, hour=15))) == 15
    assert hour_of(decided(made, recipient())) == 10


def test_an_hour_that_is_quiet_gives_way_to_the_next_best() -> None:
    night = {"start": "17:00", "end": "08:00"}
    person = recipient(hours={"email": [18, 12]}, hour=15)
    assert hour_of(decided(personal(send_hour=10), person, quiet_hours=night)) == 12
    assert hour_of(decided(personal(send_hour=10), recipient(hours={"email": [18]}), quiet_hours=night)) == 10


likings = st.dictionaries(st.sampled_from(BOTH), st.floats(0.0, 10.0))


@given(likings, st.booleans())
def test_a_measured_effect_is_moved_only_between_the_channels_of_the_campaign(
    liking: dict[str, float], measured: bool
) -> None:
    person = recipient(liking=liking)
    alone, several = personal(), personal(channels=BOTH)
    for name in BOTH:
        reach = reach_of(several, name, person, measured=measured)
        assert reach >= 0.0
        if name not in liking:
            assert reach == 1.0
    if measured:
        assert reach_of(alone, "email", person, measured=True) == 1.0
    assert reach_of(campaign(), "email", person, measured=measured) == 1.0


scores = st.lists(st.tuples(st.floats(-5, 5), st.booleans()), min_size=1, max_size=4)


@given(scores)
def test_what_passes_goes_before_what_does_not(told: list[tuple[float, bool]]) -> None:
    made = [
        Candidate(
            campaign="c", channel=f"{place}", personalized=True, score=score, removed=None if passes else "no_address"
        )
        for place, (score, passes) in enumerate(told)
    ]
    best = best_channel(made)
    assert (best.removed is None) == any(one.removed is None for one in made)
    assert all(one.removed is not None or (one.score or 0.0) <= (best.score or 0.0) for one in made)


def test_the_first_choice_stands_first() -> None:
    assert channels_of(personal(channel="sms", channels=BOTH)) == ("sms", "email")
    assert channels_of(personal()) == ("email",)


def shared(
    made: Campaign, people: int, arms: Mapping[str, Assignment] = MappingProxyType({}), **spent: float
) -> Planned:
    """What as many people get who all like e-mail more, where e-mail has money for two and text messages for one."""
    channels = {
        "email": {"driver": "file", "cost": 0.01, "daily_budget": 0.02},
        "sms": {"driver": "file", "cost": 0.05, "daily_budget": 0.05},
    }
    tables: dict[str, Mapping[str, object]] = {"channels": channels, "exploring": {"share": 0.0}}
    words = {"en": frozenset({"Milk"})}
    plan = Plan(run_id="run", now=NOW, settings=settings(**tables), campaigns=[made], wordings=words, spent=spent)
    who = [recipient(f"p{number}", liking={"email": 2.0, "sms": 1.0}) for number in range(people)]
    return decide_all(plan, who, {one.person_id: [target()] for one in who}, [], arms)


def channels_got(planned: Planned) -> Counter[str]:
    return Counter(one.chosen.channel if one.chosen and one.outcome == "contact" else "" for one in planned.decisions)


@pytest.mark.parametrize("kind", ["marketing", "service"])
def test_where_the_money_of_a_channel_runs_out_messages_go_over_another(kind: str) -> None:
    made = personal(channels=BOTH, message_class=kind)
    planned = shared(made, 5)
    assert channels_got(planned) == {"email": 2, "sms": 1, "": 2}
    assert {one.reason for one in planned.decisions if one.outcome == "silence"} == {"budget"}
    sent = [one for one in planned.decisions if one.chosen is not None]
    assert all(one.chosen in one.candidates for one in sent), "the record shows the way it went"
    assert channels_got(shared(made, 5, email=0.02)) == {"sms": 1, "": 4}


def test_what_somebody_in_the_control_group_would_have_got_is_read_at_the_same_prices() -> None:
    held = {"p0": assigned("p0", "control", 0.5)}
    planned = shared(personal(channels=BOTH), 5, held)
    assert channels_got(planned) == {"email": 2, "sms": 1, "": 2}
    assert planned.decisions[0].outcome != "contact"


def test_a_channel_that_is_not_worth_it_is_no_way_out() -> None:
    made = personal(channels=BOTH, value=0.03)
    assert channels_got(shared(made, 5)) == {"email": 2, "": 3}
