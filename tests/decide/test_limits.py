"""Limits for everybody together, as decisions see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from tests.decide.builders import NOW, assigned, campaign, personal, recipient, settings, target
from vocative.decide.planning import Plan, Planned, decide_all
from vocative.records.acting import Recipient
from vocative.records.settings import Campaign

TWO_CHANNELS: Mapping[str, object] = {
    "email": {"driver": "file", "cost": 0.1},
    "sms": {"driver": "file", "cost": 0.5},
}


def planned(
    campaigns: list[Campaign],
    people: list[Recipient],
    limits: Mapping[str, object],
    *,
    chances: Mapping[str, float] | None = None,
    used: Mapping[str, float] | None = None,
    control: frozenset[str] = frozenset(),
    **tables: Mapping[str, object],
) -> Planned:
    made = Plan(
        run_id="run",
        now=NOW,
        settings=settings(channels=TWO_CHANNELS, limits=limits, **tables),
        campaigns=campaigns,
        wordings={"en": frozenset({"Milk"})},
        used=used or {},
    )
    due = {person: [target(probability=chance)] for person, chance in (chances or {}).items()}
    arms = {person: assigned(person, "control", 0.2) for person in control}
    return decide_all(made, people, due, [], arms)


def crowd(count: int) -> list[Recipient]:
    return [recipient(f"p{number:02d}") for number in range(count)]


def by_campaign(found: Planned) -> Counter[str]:
    return Counter(one.reason for one in found.decisions if one.outcome == "contact")


def test_a_capacity_goes_to_those_for_whom_it_is_worth_most() -> None:
    chances = {f"p{number:02d}": 0.5 + number / 100 for number in range(20)}
    found = planned([personal()], crowd(20), {"desk": {"at_most": 5}}, chances=chances)
    assert {one.person_id for one in found.decisions if one.outcome == "contact"} == {f"p{n}" for n in range(15, 20)}
    lost = found.decisions[0]
    assert (lost.outcome, lost.reason, [one.removed for one in lost.candidates]) == ("silence", "limit", ["limit"])
    (use,) = found.certificate.limits
    assert (use.name, use.used, use.at_most) == ("desk", 5.0, 5.0)
    assert use.price > 0.0


def test_who_loses_the_best_may_get_the_second_best() -> None:
    campaigns = [campaign("call", channel="sms", value=5.0), campaign("news", value=1.0)]
    found = planned(campaigns, crowd(10), {"calls": {"at_most": 3, "campaigns": ["call"]}})
    assert by_campaign(found) == {"call": 3, "news": 7}
    second = next(one for one in found.decisions if one.reason == "news")
    assert {one.campaign: one.removed for one in second.candidates} == {"call": "limit", "news": None}
    assert found.certificate.worth == pytest.approx(3 * 4.5 + 7 * 0.9)
    assert found.certificate.gap is not None
    assert found.certificate.gap < 0.01


def test_money_over_several_channels_is_one_limit() -> None:
    campaigns = [campaign("call", channel="sms", value=5.0), campaign("news", value=1.0)]
    found = planned(campaigns, crowd(10), {"money": {"counts": "money", "at_most": 2.1}})
    sent = by_campaign(found)
    assert 0.5 * sent["call"] + 0.1 * sent["news"] <= 2.1 + 1e-9
    # An euro buys nine of news and as many of calls: what counts is that nobody is left out who could be paid for.
    assert found.certificate.worth == pytest.approx(found.certificate.bound, rel=0.05)


def test_what_was_used_before_counts() -> None:
    found = planned([campaign()], crowd(6), {"week": {"at_most": 5, "days": 7}}, used={"week": 3.0})
    assert by_campaign(found) == {"news": 2}
    found = planned([campaign()], crowd(6), {"week": {"at_most": 5, "days": 7}}, used={"week": 30.0})
    assert by_campaign(found) == {}


def test_zero_is_none_and_missing_is_no_limit() -> None:
    assert by_campaign(planned([campaign()], crowd(4), {"none": {"at_most": 0}})) == {}
    assert by_campaign(planned([campaign()], crowd(4), {"some": {"at_least": 1}})) == {"news": 4}


def test_a_share_from_below_goes_before_worth() -> None:
    campaigns = [campaign("news", value=5.0), campaign("help", value=0.5)]
    found = planned(campaigns, crowd(10), {"help": {"at_least": 4, "campaigns": ["help"]}})
    assert by_campaign(found) == {"news": 6, "help": 4}
    assert found.certificate.limits[0].price < 0.0


def test_what_is_missing_of_a_share_is_told() -> None:
    found = planned([campaign()], crowd(3), {"many": {"at_least": 10}})
    assert by_campaign(found) == {"news": 3}
    assert found.certificate.gap is None
    assert found.certificate.limits[0].short == 7.0


def test_a_limit_for_a_segment_leaves_the_others_alone() -> None:
    rule = {"regulars": {"title": "Regulars", "all": [{"feature": "orders_365d", "at_least": 5}]}}
    people = [recipient(f"p{n}", segments=frozenset({"regulars"} if n < 5 else ())) for n in range(10)]
    found = planned([campaign()], people, {"few": {"at_most": 2, "segment": "regulars"}}, segments=rule)
    reached = [one.person_id in {f"p{n}" for n in range(5)} for one in found.decisions if one.outcome == "contact"]
    assert Counter(reached) == {True: 2, False: 5}


def test_service_uses_limits_up_and_is_not_held_back_by_them() -> None:
    campaigns = [campaign("recall", message_class="service", audience="never_asked"), campaign("news", value=5.0)]
    people = [*crowd(5), *(recipient(f"owed{n}", personalization="never_asked") for n in range(4))]
    assert by_campaign(planned(campaigns, people, {"day": {"at_most": 3}})) == {"recall": 4}
    assert by_campaign(planned(campaigns, people, {"day": {"at_most": 6}})) == {"recall": 4, "news": 2}


def test_service_to_others_uses_no_limit_of_a_segment_up() -> None:
    rule = {"regulars": {"title": "Regulars", "all": [{"feature": "orders_365d", "at_least": 5}]}}
    campaigns = [campaign("recall", message_class="service", audience="never_asked"), campaign("news", value=5.0)]
    people = [recipient(f"p{n}", segments=frozenset({"regulars"})) for n in range(4)]
    people += [recipient(f"owed{n}", personalization="never_asked") for n in range(4)]
    found = planned(campaigns, people, {"few": {"at_most": 3, "segment": "regulars"}}, segments=rule)
    assert by_campaign(found) == {"recall": 4, "news": 3}


def test_the_control_group_uses_nothing_up_and_is_held_back_from_what_it_would_have_got() -> None:
    chances = {f"p{number:02d}": 0.5 + number / 100 for number in range(20)}
    held = frozenset({"p19", "p00"})
    found = planned([personal()], crowd(20), {"desk": {"at_most": 5}}, chances=chances, control=held)
    outcome = {one.person_id: one.outcome for one in found.decisions}
    assert outcome["p19"] == "control"
    assert outcome["p00"] == "silence", "it would have got nothing at the price of the others"
    assert sum(one == "contact" for one in outcome.values()) == 5


def test_limits_on_offers_count_messages_that_make_one() -> None:
    found = planned([campaign()], crowd(3), {"coupons": {"counts": "offers", "at_most": 0}})
    assert by_campaign(found) == {"news": 3}
