"""A claim holds only where what is known of the person says so; of a stranger without history nothing does."""

from __future__ import annotations

import pytest

from tests.decide.builders import target
from vocative.profile.standard.standard import STANDARD
from vocative.records.acting import Target
from vocative.trust.claims import FEATURES, MEANINGS, OFTEN, PREDICATES, Known, claims_that_hold


def bought(times: int, because_times: int = 0) -> Target:
    return target(times=times, category_times=times, because="Bread", because_times=because_times)


def test_of_somebody_who_never_did_anything_nothing_may_be_said_but_what_is_new() -> None:
    assert claims_that_hold(Known()) == ()
    assert claims_that_hold(Known(targets=[bought(0)])) == ("untried",)


@pytest.mark.parametrize(
    ("known", "claim"),
    [
        (Known(targets=[bought(1)]), "buys"),
        (Known(targets=[bought(OFTEN)]), "usual"),
        (Known(targets=[bought(0, OFTEN)]), "often"),
        (Known(acts=1), "bought"),
        (Known(relationship="close"), "regular"),
        (Known(acts=2), "returns"),
        (Known(numbers={"orders_28d": 2.0}), "numbers"),
        (Known(numbers={"discount_28d": 2.0}), "saved"),
        (Known(targets=[bought(0)]), "untried"),
        (Known(features={"days_since_active": 21.0}), "away"),
        (Known(acts=9, features={"active_weekend_share": 0.8}), "weekend"),
        (Known(acts=9, features={"active_peak_weekday": 2.0, "active_weekday_entropy": 0.4}), "wednesday"),
    ],
)
def test_each_claim_holds_where_it_is_so(known: Known, claim: str) -> None:
    assert claim in claims_that_hold(known)


@pytest.mark.parametrize(
    ("known", "claim"),
    [
        (Known(targets=[bought(1), bought(0)]), "buys"),
        (Known(targets=[bought(OFTEN), bought(OFTEN - 1)]), "usual"),
        (Known(targets=[bought(9, OFTEN - 1)]), "often"),
        (Known(targets=[target(times=0, category_times=5)], by_category=False), "buys"),
        (Known(relationship="acquainted"), "regular"),
        (Known(relationship="strained"), "regular"),
        (Known(acts=1), "returns"),
        (Known(numbers={"orders_28d": 0.0}), "numbers"),
        (Known(numbers={"orders_28d": 3.0}), "saved"),
        (Known(targets=[bought(0), bought(1)]), "untried"),
        (Known(features={"days_since_active": 3.0}), "away"),
        (Known(acts=3, features={"active_weekend_share": 0.8}), "weekend"),
        (Known(acts=9, features={"active_peak_weekday": 2.0, "active_weekday_entropy": 2.7}), "wednesday"),
        (Known(acts=9, features={"active_peak_weekday": 2.0, "active_weekday_entropy": 0.4}), "thursday"),
    ],
)
def test_no_claim_holds_where_it_is_not_so(known: Known, claim: str) -> None:
    assert claim not in claims_that_hold(known)


def test_every_claim_is_told_in_words_and_rests_on_features_there_are() -> None:
    assert set(MEANINGS) == set(PREDICATES)
    assert set(FEATURES) <= {feature.name for feature in STANDARD}
