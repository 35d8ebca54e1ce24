"""A permission covers what people were asked for, over the channel they said, and nothing wider."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert
from msgspec.structs import replace

from tests.trust.test_permission import NOW, record
from vocative.records.results import Permission
from vocative.records.settings import Campaign
from vocative.records.uses import USES, Use
from vocative.trust.permission import Verdicts, may_be_profiled, may_be_used, verdicts
from vocative.trust.uses import WORDS, covered_by, use_of


def said(*records: Permission) -> Verdicts:
    return verdicts(records, NOW)["p"]


def asked(covers: str | None, *, status: str = "yes", at: int = 10, channel: str = "*") -> Permission:
    return replace(record(status, at=at, purpose="personalization", channel=channel), covers=covers)


def personal(**fields: object) -> Campaign:
    told = dict.fromkeys(["name", "goal", "channel", "template", "topic"], "c")
    return convert({**told, "personalized": True, **fields}, Campaign)


@pytest.mark.parametrize(
    ("campaign", "use"),
    [
        (personal(module="repeat_rhythm"), "reminders"),
        (personal(module="next_items", offers=True), "offers"),
        (personal(module="new_items"), "discoveries"),
        (personal(tells={"orders_28d": 2.0}, sells=False), "summaries"),
        (personal(sells=False), "thanks"),
        (personal(segment="interested"), "offers"),
        (personal(module="next_items", use="reminders"), "reminders"),
    ],
)
def test_each_kind_of_campaign_has_its_use(campaign: Campaign, use: Use) -> None:
    assert use_of(campaign) == use


def test_what_is_the_same_for_all_uses_no_profile() -> None:
    assert use_of(personal(personalized=False)) is None


def test_every_use_has_words() -> None:
    assert set(WORDS) == set(USES)


@given(st.sets(st.sampled_from(USES)), st.sampled_from(USES))
def test_a_yes_covers_what_its_words_named_and_nothing_wider(covers: set[Use], use: Use) -> None:
    person = said(asked(", ".join(sorted(covers)) or "nothing"))
    assert may_be_used(person, use, "email", USES) == (use in covers)


def test_a_record_that_names_nothing_covers_what_the_business_says_it_asks_for() -> None:
    person = said(asked(None))
    assert may_be_used(person, "reminders", "email", ["reminders"])
    assert not may_be_used(person, "offers", "email", ["reminders"])
    assert not may_be_used(person, "reminders", "email", [])


def test_unknown_words_cover_nothing() -> None:
    assert covered_by("everything, profiling", USES) == frozenset()


def test_who_is_asked_anew_is_covered_by_the_newer_words() -> None:
    assert may_be_used(said(asked("reminders"), asked("offers", at=11)), "offers", "email", [])
    assert not may_be_used(said(asked("reminders, offers"), asked("reminders", at=11)), "offers", "email", [])


@pytest.mark.parametrize(
    ("records", "profiled", "email", "sms"),
    [
        ([asked(None, channel="email")], True, True, False),
        ([asked(None), asked(None, status="no", channel="email", at=11)], True, False, True),
        ([asked(None, channel="email"), asked(None, status="no", at=11)], False, False, False),
        ([asked(None, status="no", channel="email")], False, False, False),
    ],
)
def test_personalization_over_one_channel_is_read_as_what_it_says(
    records: list[Permission], profiled: bool, email: bool, sms: bool
) -> None:
    person = said(*records)
    assert may_be_profiled(person) == profiled
    assert may_be_used(person, "thanks", "email", USES) == email
    assert may_be_used(person, "thanks", "sms", USES) == sms


def test_who_refused_over_one_channel_was_asked() -> None:
    assert said(asked(None, status="no", channel="email")).anywhere("personalization") == "no"


def test_nobody_who_never_answered_is_covered() -> None:
    assert not may_be_used(None, "thanks", "email", USES)
    assert not may_be_used(said(record()), "thanks", "email", USES)
