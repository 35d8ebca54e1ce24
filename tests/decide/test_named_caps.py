"""Caps by channel, class, days of the calendar and rolling hours, held against a count of every window there is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decide.builders import DAY_US, HOUR_US
from vocative.decide.eligibility.caps import ContactLoad, caps_of_zero, longest_days
from vocative.records.acting import Contact
from vocative.records.caps import Cap, Caps, MessageClass

FREE = Caps(per_day="none", per_week="none", per_month="none")
_CLASSES = st.sampled_from([["marketing"], ["service"], ["marketing", "service"]])
_CHANNELS = st.none() | st.sampled_from([["sms"], ["email"], ["email", "sms"]])
_DAYS = st.builds(
    Cap, at_most=st.integers(0, 3), days=st.integers(1, 9), channels=_CHANNELS, classes=_CLASSES.map(list)
)
_HOURS = st.builds(
    Cap, at_most=st.integers(0, 3), hours=st.integers(1, 100), channels=_CHANNELS, classes=_CLASSES.map(list)
)
_WISHES = st.lists(
    st.tuples(st.sampled_from(["email", "sms"]), st.sampled_from(["marketing", "service"]), st.integers(0, 20 * 24)),
    max_size=40,
)


def message(channel: str, kind: MessageClass, hour: int, topics: tuple[str, ...] = ()) -> Contact:
    return Contact(
        person_id="p", topics=topics, message_class=kind, channel=channel, local_day=740_000 + hour // 24,
        sent_at=hour * HOUR_US,
    )  # fmt: skip


def is_about(cap: Cap, one: Contact) -> bool:
    return one.message_class in cap.classes and (cap.channels is None or one.channel in cap.channels)


def too_many(cap: Cap, sent: list[Contact]) -> bool:
    """Whether any window at all, tried from each message on, holds more than the cap allows."""
    mine = [one for one in sent if is_about(cap, one)]
    if cap.days is not None:
        return any(sum(0 <= b.local_day - a.local_day < cap.days for b in mine) > cap.at_most for a in mine)
    length = (cap.hours or 0) * HOUR_US
    return any(sum(0 <= b.sent_at - a.sent_at < length for b in mine) > cap.at_most for a in mine)


@settings(max_examples=200, deadline=None)
@given(st.lists(_DAYS | _HOURS, min_size=1, max_size=3), _WISHES)
def test_a_message_goes_exactly_if_no_window_would_hold_too_many(
    more: list[Cap], wishes: list[tuple[str, MessageClass, int]]
) -> None:
    caps = Caps(per_day="none", per_week="none", per_month="none", more={f"c{n}": cap for n, cap in enumerate(more)})
    pressure, sent = ContactLoad(), list[Contact]()
    for wish in wishes:
        one = message(*wish)
        reason = pressure.cap_reached(caps, one)
        broken = [f"cap_named:c{n}" for n, cap in enumerate(more) if is_about(cap, one) and too_many(cap, [*sent, one])]
        assert reason == (broken[0] if broken else None)
        if reason is None:
            pressure.add(one)
            sent.append(one)
        assert not any(too_many(cap, sent) for cap in more)


def test_rolling_hours_look_past_midnight_and_days_of_the_calendar_do_not() -> None:
    pressure = ContactLoad()
    pressure.add(message("sms", "marketing", 23))
    rolling = Caps(per_day="none", more={"a": Cap(at_most=1, hours=24)})
    assert pressure.cap_reached(Caps(per_day=1), message("sms", "marketing", 24)) is None
    assert pressure.cap_reached(rolling, message("sms", "marketing", 24)) == "cap_named:a"
    assert pressure.cap_reached(rolling, message("sms", "marketing", 46)) == "cap_named:a"
    assert pressure.cap_reached(rolling, message("sms", "marketing", 47)) is None, "24 hours later to the minute"


def test_service_is_exempt_unless_a_cap_names_it() -> None:
    pressure = ContactLoad()
    for hour in range(5):
        pressure.add(message("email", "service", hour))
    owed = message("email", "service", 6)
    assert pressure.cap_reached(Caps(per_day=0, per_week=0, per_month=0), owed, wish=0) is None
    assert pressure.cap_reached(Caps(more={"all": Cap(at_most=0, days=1)}), owed) is None
    named = Caps(more={"owed": Cap(at_most=5, days=1, classes=["service"])})
    assert pressure.cap_reached(named, owed) == "cap_named:owed"
    assert pressure.cap_reached(named, message("email", "marketing", 6)) is None


@given(st.integers(0, 8), st.integers(0, 8), st.lists(st.integers(0, 40), max_size=12))
def test_a_wish_lowers_the_month_and_never_raises_it(wish: int, allowed: int, days: list[int]) -> None:
    caps = Caps(per_day="none", per_week="none", per_month=allowed)
    pressure, sent = ContactLoad(), 0
    for day in days:
        one = message("email", "marketing", 24 * day)
        plain, wished = pressure.cap_reached(caps, one), pressure.cap_reached(caps, one, wish)
        lowered = pressure.cap_reached(Caps(per_day="none", per_week="none", per_month=min(wish, allowed)), one)
        assert (wished is None) == (lowered is None)
        assert wished is not None or plain is None
        if wished is None:
            pressure.add(one)
            sent += 1


def test_told_once_rests_for_ever_and_counts_towards_nothing() -> None:
    pressure = ContactLoad()
    told = Contact(person_id="p", topics=("news",), message_class="", local_day=0, sent_at=5)
    pressure.add(told)
    assert pressure.rests("news", None, 5 + 4_000 * DAY_US)
    assert not pressure.rests("other", None, 5)
    assert pressure.cap_reached(Caps(per_day=1), message("email", "marketing", 1)) is None


def test_what_counts_is_read_as_far_back_as_the_longest_cap() -> None:
    assert longest_days(FREE) == 30
    assert longest_days(Caps(more={"a": Cap(at_most=1, days=90), "b": Cap(at_most=1, hours=25)})) == 90
    assert longest_days(Caps(more={"b": Cap(at_most=1, hours=24 * 60 + 1)})) == 61
    assert caps_of_zero(Caps(per_day=0, more={"a": Cap(at_most=0, days=1)})) == [
        "[caps] per_day",
        "[caps.more.a] at_most",
    ]
