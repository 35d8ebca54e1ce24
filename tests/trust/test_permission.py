"""What holds of all that a person has said: never more than a newest, unexpired yes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocative.records.results import Permission
from vocative.trust.permission import EVERY_CHANNEL, Verdict, may_be_contacted, may_be_profiled, verdicts

NOW = 100


def record(
    status: str = "yes",
    *,
    at: int = 10,
    known_at: int | None = None,
    purpose: str = "marketing",
    channel: str = EVERY_CHANNEL,
    expires_at: int | None = None,
    user_id: str = "p",
) -> Permission:
    return Permission(
        user_id=user_id,
        purpose=purpose,
        channel=channel,
        status=status,
        basis="consent",
        at=at,
        known_at=at if known_at is None else known_at,
        expires_at=expires_at,
        source="test",
        text=None,
    )


def on(records: list[Permission], purpose: str = "marketing", channel: str = "email") -> Verdict:
    said = verdicts(records, NOW).get("p")
    return "never_asked" if said is None else said.on(purpose, channel)


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ([], "never_asked"),
        ([record("yes")], "yes"),
        ([record("no")], "no"),
        ([record("yes", at=10), record("no", at=11)], "no"),
        ([record("no", at=10), record("yes", at=11)], "yes"),
        ([record("yes"), record("no")], "no"),
        ([record("perhaps")], "no"),
        ([record("yes", channel="email")], "yes"),
        ([record("yes", channel="sms")], "never_asked"),
        ([record("yes", at=10), record("no", channel="email", at=11)], "no"),
        ([record("yes", at=12), record("no", channel="email", at=11)], "yes"),
        ([record("yes", channel="email", at=11), record("no", at=12)], "no"),
        ([record("yes", channel="email", at=12), record("no", at=12)], "no"),
        ([record("yes", purpose="personalization")], "never_asked"),
        ([record("yes", expires_at=NOW)], "never_asked"),
        ([record("yes", expires_at=NOW + 1)], "yes"),
        ([record("no", expires_at=NOW)], "no"),
        ([record("yes", at=10), record("yes", at=11, expires_at=NOW)], "never_asked"),
        ([record("yes", at=11), record("yes", at=11, expires_at=NOW)], "never_asked"),
        ([record("yes", known_at=NOW + 1)], "never_asked"),
        ([record("yes"), record("no", at=20, known_at=NOW + 1)], "yes"),
        ([record("yes"), record("no", at=20, known_at=NOW)], "no"),
        ([record("yes", at=NOW + 1, known_at=5)], "never_asked"),
        ([record("no", at=NOW)], "no"),
    ],
)
def test_the_newest_answer_that_is_known_holds(records: list[Permission], verdict: Verdict) -> None:
    assert on(records) == verdict
    assert on(records[::-1]) == verdict


def test_an_answer_about_one_channel_says_nothing_about_the_others() -> None:
    said = verdicts([record("yes", channel="email")], NOW)["p"]
    assert (said.on("marketing", "email"), said.on("marketing", "sms"), said.on("marketing")) == (
        "yes",
        "never_asked",
        "never_asked",
    )


def test_only_a_yes_to_personalization_allows_a_profile() -> None:
    assert not may_be_profiled(None)
    assert not may_be_profiled(verdicts([record("yes", purpose="marketing")], NOW)["p"])
    assert not may_be_profiled(verdicts([record("no", purpose="personalization")], NOW)["p"])
    assert may_be_profiled(verdicts([record("yes", purpose="personalization")], NOW)["p"])
    limited = record("yes", purpose="personalization", channel="email")
    assert may_be_profiled(verdicts([limited], NOW)["p"]), "what is worked out is said by e-mail only: test_uses.py"
    refused = record("no", purpose="personalization", at=11)
    assert not may_be_profiled(verdicts([limited, refused], NOW)["p"])


def test_service_messages_rest_on_the_contract_unless_refused() -> None:
    assert may_be_contacted(None, "service", "email") == "yes"
    assert may_be_contacted(None, "marketing", "email") == "never_asked"
    refused = verdicts([record("no", purpose="service")], NOW)["p"]
    assert may_be_contacted(refused, "service", "email") == "no"
    marketing_only = verdicts([record("no", purpose="marketing")], NOW)["p"]
    assert may_be_contacted(marketing_only, "service", "email") == "yes"


RECORDS = st.lists(
    st.builds(
        record,
        st.sampled_from(["yes", "no"]),
        at=st.integers(80, 110),
        known_at=st.integers(80, 110),
        purpose=st.sampled_from(["marketing", "personalization", "service"]),
        channel=st.sampled_from([EVERY_CHANNEL, "email", "sms"]),
        expires_at=st.none() | st.integers(85, 115),
        user_id=st.sampled_from(["p", "q"]),
    ),
    max_size=12,
)
CHANNELS = ["email", "sms", EVERY_CHANNEL]


@given(RECORDS, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(records: list[Permission], mix: random.Random) -> None:
    def all_verdicts(given_records: list[Permission]) -> dict[tuple[str, str, str], str]:
        return {
            (person, purpose, channel): said.on(purpose, channel)
            for person, said in verdicts(given_records, NOW).items()
            for purpose in ("marketing", "personalization", "service")
            for channel in CHANNELS
        }

    shuffled = list(records)
    mix.shuffle(shuffled)
    assert all_verdicts(shuffled) == all_verdicts(records)
    assert all_verdicts(records + records) == all_verdicts(records)


@given(RECORDS, st.sampled_from(["marketing", "personalization"]), st.sampled_from(CHANNELS))
def test_nobody_is_allowed_without_a_newest_unexpired_yes(
    records: list[Permission], purpose: str, channel: str
) -> None:
    verdict = on(records, purpose, channel)
    about = [
        one
        for one in records
        if one.user_id == "p"
        and one.purpose == purpose
        and one.channel in (channel, EVERY_CHANNEL)
        and max(one.at, one.known_at) <= NOW
    ]
    newest = [one for one in about if one.at == max(other.at for other in about)]
    all_yes = bool(newest) and all(
        one.status == "yes" and (one.expires_at is None or one.expires_at > NOW) for one in newest
    )
    assert (verdict == "yes") == all_yes
    assert (verdict == "no") == any(one.status == "no" for one in newest)


@given(RECORDS)
def test_what_is_not_known_yet_changes_nothing(records: list[Permission]) -> None:
    later = [record("no", at=95, known_at=NOW + 1, purpose=one.purpose, channel=one.channel) for one in records]
    for channel in CHANNELS:
        assert on(records + later, "marketing", channel) == on(records, "marketing", channel)
