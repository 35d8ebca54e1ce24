"""Hard filters: each removes for one named reason, and every reason is explained."""

from __future__ import annotations

import pytest

from tests.decide.builders import NOW, campaign, personal, recipient, settings, target
from vocative.decide.eligibility.caps import ContactLoad
from vocative.decide.eligibility.filters import FILTERS, REASONS, Situation, closest_call, first_removal
from vocative.records.acting import Candidate, Recipient
from vocative.records.settings import Campaign


def removal(who: Recipient, what: Campaign, *, targets: bool = True) -> str | None:
    candidate = Candidate(
        campaign=what.name,
        channel=what.channel,
        personalized=what.personalized,
        targets=(target(),) if targets else (),
        send_at=NOW,
        local_day=739_000,
    )
    return first_removal(Situation(who, what, candidate, ContactLoad(), settings(), NOW))


@pytest.mark.parametrize("personalized", [True, False])
@pytest.mark.parametrize("audience", ["everyone", "without_profile", "never_asked"])
@pytest.mark.parametrize("said", ["yes", "no", "never_asked"])
def test_who_is_in_the_audience(personalized: bool, audience: str, said: str) -> None:
    fits = {
        "everyone": {"yes", "no", "never_asked"},
        "without_profile": {"no", "never_asked"},
        "never_asked": {"never_asked"},
    }[audience]
    expected = {"yes"} if personalized else fits
    removed = removal(recipient(personalization=said), campaign(personalized=personalized, audience=audience))
    assert removed == (None if said in expected else "not_in_audience")


@pytest.mark.parametrize(
    ("contact", "reason"),
    [
        ({"marketing/email": "yes"}, None),
        ({"marketing/email": "no"}, "marketing_refused"),
        ({"marketing/email": "never_asked"}, "marketing_never_asked"),
        ({}, "marketing_never_asked"),
        ({"marketing/sms": "yes", "service/email": "yes"}, "marketing_never_asked"),
    ],
)
def test_permission_is_for_this_class_over_this_channel(contact: dict[str, str], reason: str | None) -> None:
    assert removal(recipient(contact=contact), campaign()) == reason


def test_an_address_and_a_target_are_needed() -> None:
    assert removal(recipient(addresses={"sms": "+3712"}), campaign()) == "no_address"
    assert removal(recipient(addresses={"email": ""}), campaign()) == "no_address"
    assert removal(recipient(), personal(), targets=False) == "nothing_due"
    assert removal(recipient(), campaign(personalized=True), targets=False) is None


def test_every_filter_gives_only_reasons_that_are_explained() -> None:
    given = [reason for _, reasons in FILTERS for reason in reasons]
    assert len(given) == len(set(given))
    assert set(given) <= REASONS.keys()
    for reason in [*given, "not_worth_it"]:
        assert closest_call([reason]) == reason


def test_the_candidate_that_came_furthest_gives_the_reason() -> None:
    assert closest_call(["marketing_refused", "topic_rests", "not_in_audience"]) == "topic_rests"
    assert closest_call(["cap_per_month", "cap_per_day"]) == "cap_per_day"
    assert closest_call([]) == "no_campaign"
