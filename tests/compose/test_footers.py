"""The reason below a message is the one it rested on, also when a naive way stood in for a model."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.decide.builders import campaign, personal, target
from vocative.compose.footers import footer_of, reason_of
from vocative.compose.phrases import phrases_of
from vocative.records.acting import Candidate, Offer
from vocative.records.settings import Business, Campaign, Sender, Settings

SETTINGS = Settings(
    business=Business(name="Shop", timezone="UTC"), sender=Sender(name="Shop", email="hello@shop.example")
)


@pytest.mark.parametrize(
    ("what", "changes", "reason"),
    [
        (campaign(message_class="service"), {}, "service"),
        (campaign(), {}, "generic"),
        (campaign(), {"basis": "declared"}, "generic"),
        (campaign(), {"basis": "measured"}, "measured"),
        (campaign(message_class="service"), {"basis": "measured"}, "service"),
        (campaign(audience="never_asked"), {}, "ask"),
        (personal(), {"targets": (target(),)}, "rhythm"),
        (personal(module="next_items"), {"targets": (target(),)}, "habits"),
        (personal(module="new_items"), {"targets": (target(),)}, "similar_taste"),
        (personal(module="new_items"), {"targets": (target(baseline="popular_28d"),)}, "popular"),
        (personal(module="next_items"), {"targets": (target(baseline="own_frequency"),)}, "rhythm"),
        (personal(module="next_items"), {"targets": (target(),), "offer": Offer(offer_id="o")}, "offer"),
        (personal(module="", tells={"orders_28d": 1}), {"numbers": {"orders_28d": 3.0}}, "numbers"),
    ],
)
def test_the_reason_is_what_it_rested_on(what: Campaign, changes: dict[str, object], reason: str) -> None:
    chosen = replace(Candidate(campaign=what.name, channel="email", personalized=what.personalized), **changes)
    assert reason_of(what, chosen) == reason


@pytest.mark.parametrize("language", ["en", "pl", "uk", "ru", "lv"])
def test_a_business_says_itself_what_people_allow_it_to_look_at(language: str) -> None:
    phrases = phrases_of(language)
    for manner in (phrases.informal, phrases.formal):
        usual = footer_of(SETTINGS, phrases, manner, "habits", {}, signed=False)
        own = footer_of(SETTINGS, phrases, manner, "habits", {"looking": "FILMS"}, signed=False)
        assert manner.looking in usual.before[0].text
        assert "FILMS" in own.before[0].text
        assert manner.looking not in own.before[0].text


@pytest.mark.parametrize("language", ["en", "pl", "uk", "ru", "lv"])
def test_who_was_chosen_by_a_measured_effect_hears_that_a_profile_was_used_and_how_to_end_it(language: str) -> None:
    phrases = phrases_of(language)
    for manner in (phrases.informal, phrases.formal):
        plain, measured = (
            [line.text for line in footer_of(SETTINGS, phrases, manner, reason, {}, signed=False).before]
            for reason in ("generic", "measured")
        )
        assert manner.looking in measured[0]
        assert manner.looking not in plain[0]
        assert (measured[1], plain[1]) == (manner.off, manner.off_generic)
