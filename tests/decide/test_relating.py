"""What the relationship to a person allows: nothing that sells to the displeased, giving between what sells, caps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decide.builders import DAY_US, NOW, campaign, contact, personal, recipient, settings, target
from tests.decide.test_planning import decide, plan
from vocative.decide.eligibility.caps import ContactLoad
from vocative.decide.eligibility.relating import lower, sold_in_a_row
from vocative.decide.planning import decide_all
from vocative.decide.value.fitting import Fitting, Terms, fit
from vocative.records.acting import Contact, Offer
from vocative.records.caps import Caps, Most
from vocative.records.relationship import STATES, StateCaps
from vocative.records.settings import Settings
from vocative.records.worth import Worth
from vocative.trust.fairness import Floors

TODAY = NOW // DAY_US + 719_163
FLOORS: Floors = {("Milk", "percent"): 10.0}
limit = st.one_of(st.none(), st.integers(0, 9))


def past(days_ago: int, *, sells: bool = True, kind: str = "marketing") -> Contact:
    return msgspec.structs.replace(contact(day=TODAY - days_ago, kind=kind), sells=sells)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("sells", [True, False])
@pytest.mark.parametrize("personalized", [True, False])
@pytest.mark.parametrize("kind", ["marketing", "service"])
def test_the_displeased_hear_only_what_is_careful(state: str, sells: bool, personalized: bool, kind: str) -> None:
    made = campaign(sells=sells, personalized=personalized, message_class=kind)
    found = decide(plan([made]), [recipient(relationship=state, because="a reason")])[0]
    barred = state == "strained" and kind == "marketing" and (sells or personalized)
    assert found.outcome == ("silence" if barred else "contact")
    assert (found.reason == "strained") is barred
    assert (found.relationship, found.because) == (state, "a reason")


@pytest.mark.parametrize("state", STATES)
def test_thanks_are_for_those_who_know_the_business(state: str) -> None:
    thanks = campaign("thanks", personalized=True, sells=False, relationships=["regular", "close"])
    found = decide(plan([thanks]), [recipient(relationship=state)])[0]
    assert (found.outcome == "contact") is (state in ("regular", "close"))
    assert found.reason == {"strained": "strained", "regular": "thanks", "close": "thanks"}.get(state, "relationship")


def test_numbers_are_told_to_no_stranger() -> None:
    year = campaign("year", personalized=True, tells={"orders_365d": 1})
    numbers = {"orders_365d": 2.0}
    reasons = {
        state: decide(plan([year]), [recipient(relationship=state, numbers=numbers)])[0].reason for state in STATES
    }
    assert reasons == {
        "stranger": "relationship", "acquainted": "year", "regular": "year", "close": "year", "strained": "strained",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("history", "chosen"),
    [
        ([past(20), past(10)], "news"),
        ([past(20), past(10), past(5)], "thanks"),
        ([past(20), past(10, sells=False), past(5), past(3)], "news"),
        ([past(20), past(10), past(5, kind="service"), past(4, kind="service")], "news"),
        ([past(31), past(10), past(5)], "news"),
        ([past(9), past(8), past(7), past(2, sells=False)], "news"),
    ],
)
def test_after_three_that_sell_the_next_one_gives(history: Sequence[Contact], chosen: str) -> None:
    people = [recipient(relationship="close")]
    thanks = campaign("thanks", value=0.1, sells=False)
    assert decide(plan([campaign(), thanks]), people, contacts=history)[0].reason == chosen
    alone = decide(plan([campaign()]), people, contacts=history)[0]
    assert alone.reason == ("news" if chosen == "news" else "sold_in_a_row")


def test_how_many_may_sell_in_a_row_is_the_business_s_to_say() -> None:
    one = recipient()
    never = plan([campaign()], relationship={"selling_in_a_row": 0})
    assert decide(never, [one])[0].reason == "sold_in_a_row"
    often = plan([campaign()], relationship={"selling_in_a_row": 9})
    assert decide(often, [one], contacts=[past(day) for day in range(1, 9)])[0].reason == "news"


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=12), st.integers(1, 60))
def test_a_row_is_what_came_after_the_last_that_gave(messages: list[tuple[int, bool]], days: int) -> None:
    since = NOW - days * DAY_US
    history = [past(ago, sells=sells) for ago, sells in messages]
    row = sold_in_a_row(history, since)
    # The plain way: walk back from the newest until one gives, or is too old.
    expected = 0
    for one in sorted(history, key=lambda one: (one.sent_at, one.sells), reverse=True):
        if one.sent_at < since or not one.sells:
            break
        expected += 1
    assert row == expected


@given(limit, limit)
def test_a_state_never_raises_a_cap(most: int | None, own: int | None) -> None:
    cap: Most = "none" if most is None else most
    found = lower(Caps(per_day=cap, per_week=cap, per_month=cap), StateCaps(per_day=own, per_month=own))
    numbers = [one for one in (most, own) if one is not None]
    assert found.per_day == found.per_month == (min(numbers) if numbers else "none")
    assert found.per_week == cap


def test_strangers_get_fewer() -> None:
    made = plan([campaign()], caps={"per_month": 6}, relationship={"stranger": {"per_month": 1}, "selling_in_a_row": 9})
    reasons = [
        decide(made, [recipient(relationship=one)], contacts=[past(9)])[0].reason for one in ("stranger", "close")
    ]
    assert reasons == ["cap_per_month", "news"]


@pytest.mark.parametrize("table", [{"friend": {}}, {"stranger": {"per_month": -1}}, {"selling_in_a_row": -1}])
def test_settings_are_checked(table: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**msgspec.to_builtins(settings()), "relationship": table}, Settings)


def offered(state: str, floors: dict[tuple[str, str], float]) -> Fitting:
    offers = [
        Offer(offer_id="money", discount=12.0, unit="money"),
        Offer(offer_id="share", discount=10.0, unit="percent"),
    ]
    made, terms = personal("coupon", offers=True), Terms(floors, Worth())
    return fit(made, recipient(relationship=state), [target()], offers, {"Milk"}, ContactLoad(), NOW, terms)


def test_loyal_people_are_offered_what_occasional_ones_saw() -> None:
    floors = {("Milk", "percent"): 10.0}
    found = {state: {one.offer_id: one.personal for one in offered(state, floors).offers} for state in STATES}
    for state in STATES[:2]:
        assert found[state] == {"money": False, "share": False}
    for state in STATES[2:4]:
        assert found[state] == {"share": True}, "and it is said that the size is theirs"


def thanked(state: str = "regular", floors: Floors = FLOORS, *contacts: Contact) -> tuple[str, dict[str, str | None]]:
    """What somebody gets who could have a coupon, a reminder or thanks, and what removed the candidates."""
    made = plan(
        [
            personal("coupon", offers=True, value=50.0),
            personal("reminder"),
            campaign("thanks", personalized=True, sells=False),
        ]
    )
    offers = [Offer(offer_id="ten", discount=10.0, unit="percent")]
    made = replace(made, floors=floors, offers=offers, wordings={"en": frozenset({"Milk"})})
    (decision,) = decide_all(made, [recipient(relationship=state)], {"p": [target()]}, contacts, {}).decisions
    return decision.reason, {one.campaign: one.removed for one in decision.candidates}


def test_loyal_people_are_thanked_before_anything_is_sold_to_them_where_others_saw_an_offer() -> None:
    reason, removed = thanked()
    assert reason == "thanks"
    assert removed == {"coupon": "thanks_first", "reminder": "thanks_first", "thanks": None}
    assert thanked("acquainted")[0] == "coupon", "nobody owes them more"
    assert thanked("regular", {})[0] == "coupon", "nobody saw an offer"
    before = msgspec.structs.replace(past(60, sells=False), topics=("thanks",))
    assert thanked("regular", FLOORS, before)[0] == "coupon", "they were thanked within the quarter"
    earlier = msgspec.structs.replace(before, sent_at=before.sent_at - 40 * DAY_US)
    assert thanked("regular", FLOORS, earlier)[0] == "thanks"
