"""Caps and pauses: never too many messages in any span of days, never the same topic too soon."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.decide.builders import DAY_US, contact
from vocative.decide.eligibility.caps import ContactLoad, liked_per_month, pressure_by_person
from vocative.records.caps import Caps

FIRST_DAY = 739_000
CAPS = st.builds(
    Caps,
    per_day=st.just("none") | st.integers(0, 3),
    per_week=st.just("none") | st.integers(0, 5),
    per_month=st.none() | st.integers(0, 8),
)
SPANS = (1, 7, 30)


def limits(caps: Caps) -> dict[int, int | None]:
    plain = (caps.per_day, caps.per_week, caps.per_month)
    return {span: most if isinstance(most, int) else None for span, most in zip(SPANS, plain, strict=True)}


def fullest_span(days: list[int], length: int) -> int:
    return max((sum(start <= day < start + length for day in days) for start in days), default=0)


@given(CAPS, st.lists(st.tuples(st.integers(0, 70), st.booleans()), max_size=80))
def test_no_span_of_days_ever_holds_more_than_its_cap(caps: Caps, wishes: list[tuple[int, bool]]) -> None:
    pressure = ContactLoad()
    sent: list[int] = []
    for offset, is_service in wishes:
        day = FIRST_DAY + offset
        if is_service:
            pressure.add(contact(day=day, kind="service"))
            continue
        reached = pressure.cap_reached(caps, contact(day=day))
        would_break = [
            length
            for length, most in limits(caps).items()
            if most is not None and fullest_span([*sent, day], length) > most
        ]
        assert (reached is not None) == bool(would_break)
        if reached is None:
            pressure.add(contact(day=day))
            sent.append(day)
        for length, most in limits(caps).items():
            assert most is None or fullest_span(sent, length) <= most


@given(st.integers(0, 9), st.integers(0, 9), st.dictionaries(st.sampled_from(["email", "sms"]), st.floats(0, 20)))
def test_how_often_somebody_likes_to_hear_stays_in_the_range(least: int, most: int, liking: dict[str, float]) -> None:
    found = liked_per_month(Caps(per_month=most, least_per_month=least), liking)
    if not liking:
        assert found is None, "of whom nothing is known the cap of a month holds"
        return
    assert found is not None
    assert min(least, most) <= found <= most
    assert found == most or max(liking.values()) < 1.0 or least > most
    assert liked_per_month(Caps(per_month=most), liking) is None
    assert liked_per_month(Caps(per_month="none", least_per_month=least), liking) is None


def test_who_reacts_seldom_gets_fewer_messages() -> None:
    pressure, rules = ContactLoad(), Caps(per_day="none", per_week="none", per_month=8, least_per_month=2)
    for day in (1, 9):
        pressure.add(contact(day=FIRST_DAY + day))
    message = contact(day=FIRST_DAY + 20)
    assert pressure.cap_reached(rules, message, None, liked_per_month(rules, {"email": 0.2})) == "cap_liked"
    assert pressure.cap_reached(rules, message, None, liked_per_month(rules, {"email": 0.2, "sms": 0.9})) is None
    assert pressure.cap_reached(rules, contact(day=FIRST_DAY + 20, kind="service"), None, 0) is None


class Campaigning(RuleBasedStateMachine):
    """Several people, messages today and for later days, in any order, against a plain count of what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.caps = Caps(per_day=1, per_week=2, per_month=4)
        self.today = FIRST_DAY
        self.sent: list[tuple[str, int]] = []

    @rule(days=st.integers(0, 9))
    def time_passes(self, days: int) -> None:
        self.today += days

    @rule(person=st.sampled_from("ab"), ahead=st.integers(0, 8))
    def wish(self, person: str, ahead: int) -> None:
        contacts = [contact(who, day=day) for who, day in self.sent]
        pressure = pressure_by_person(contacts).get(person) or ContactLoad()
        if pressure.cap_reached(self.caps, contact(day=self.today + ahead)) is None:
            self.sent.append((person, self.today + ahead))

    @invariant()
    def caps_hold(self) -> None:
        for person in "ab":
            days = [day for who, day in self.sent if who == person]
            for length, most in limits(self.caps).items():
                assert most is not None
                assert fullest_span(days, length) <= most


TestCampaigning = Campaigning.TestCase


def test_the_tightest_span_is_named() -> None:
    pressure = ContactLoad()
    pressure.add(contact(day=FIRST_DAY))
    caps = Caps(per_day=1, per_week=1, per_month=1)
    assert pressure.cap_reached(caps, contact(day=FIRST_DAY)) == "cap_per_day"
    assert pressure.cap_reached(caps, contact(day=FIRST_DAY + 6)) == "cap_per_week"
    assert pressure.cap_reached(caps, contact(day=FIRST_DAY - 29)) == "cap_per_month"
    assert pressure.cap_reached(caps, contact(day=FIRST_DAY + 30)) is None


def test_zero_lets_nobody_through_and_none_everybody() -> None:
    assert ContactLoad().cap_reached(Caps(per_day=0), contact(day=FIRST_DAY)) == "cap_per_day"
    assert ContactLoad().cap_reached(Caps(per_day="none", per_week=0), contact(day=FIRST_DAY)) == "cap_per_week"
    crowded = ContactLoad()
    for _ in range(50):
        crowded.add(contact(day=FIRST_DAY))
    assert crowded.cap_reached(Caps(per_day=None, per_week=None, per_month=None), contact(day=FIRST_DAY)) is None


def test_a_topic_rests_for_its_pause_to_the_microsecond() -> None:
    pressure = ContactLoad()
    used = contact(day=FIRST_DAY, kind="service", topics=("milk",))
    pressure.add(used)
    assert pressure.rests("milk", 14, used.sent_at + 14 * DAY_US - 1)
    assert not pressure.rests("milk", 14, used.sent_at + 14 * DAY_US)
    assert pressure.rests("milk", 14, used.sent_at - DAY_US), "a message waiting for tomorrow counts today"
    assert not pressure.rests("bread", 14, used.sent_at)


@given(st.permutations([contact(day=FIRST_DAY + day, topics=("a", f"t{day % 2}")) for day in range(5)]))
def test_the_last_use_of_a_topic_counts_in_any_order(contacts: list[object]) -> None:
    found = pressure_by_person(contacts)["p"]  # type: ignore[arg-type]
    assert found.topics["a"] == contact(day=FIRST_DAY + 4).sent_at
    assert found.topics["t1"] == contact(day=FIRST_DAY + 3).sent_at
