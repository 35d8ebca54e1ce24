"""The judge of decisions at scale sees each kind of breach, and finds none in a small run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from benchmarks.legality import decisions as legality
from benchmarks.legality.checker import HOUR, Person, Sent, Truth, violations

BUDGETS = {"email": 1.0, "sms": 1.0}
# A Tuesday, noon in Riga.
NOON = round(datetime(2026, 3, 10, 10, tzinfo=UTC).timestamp()) * 1_000_000
DAY = 24 * HOUR


def sent(
    at: int,
    campaign: str = "news",
    *,
    name: str = "a",
    kind: str = "marketing",
    channel: str = "email",
    cost: float = 0.01,
) -> Sent:
    return Sent(name, campaign, kind, channel, at, cost)


def broken(*log: Sent, **changes: object) -> dict[str, int]:
    people = {"a": Person("a", "Europe/Riga", "LV", None), "b": Person("b", "", "US", None)}
    truth = Truth(people)
    for name in people:
        truth.permissions[name] = [(1, True)]
    for name, value in changes.items():
        setattr(truth, name, value)
    return {rule: count for rule, count in violations(truth, log, BUDGETS).items() if count}


def test_what_is_allowed_is_no_breach() -> None:
    assert broken(sent(NOON), sent(NOON + DAY), sent(NOON + 7 * DAY + HOUR)) == {}


@pytest.mark.parametrize(
    ("log", "rule"),
    [
        ([sent(NOON), sent(NOON + HOUR)], "caps"),
        ([sent(NOON), sent(NOON + DAY), sent(NOON + 2 * DAY)], "caps"),
        ([sent(NOON, channel="sms"), sent(NOON + 2 * DAY, channel="sms")], "caps"),
        ([sent(NOON, kind="service"), sent(NOON + 1, kind="service"), sent(NOON + 2, kind="service")], "caps"),
        ([sent(NOON + 9 * HOUR)], "quiet_hours"),
        ([sent(NOON - 3 * HOUR, channel="sms")], "quiet_hours"),
        ([sent(NOON + 5 * DAY)], "quiet_hours"),
        ([sent(NOON + 106 * DAY)], "quiet_hours"),
        ([sent(NOON, name="b")], "quiet_hours"),
        ([sent(NOON, cost=1.1)], "budget"),
        ([sent(NOON, "launch"), sent(NOON + 100 * DAY, "launch")], "told_once"),
    ],
)
def test_each_kind_of_breach_is_seen(log: list[Sent], rule: str) -> None:
    assert broken(*log) == {rule: 1}


def test_permission_and_merges_count_from_their_moment_on() -> None:
    said = {"a": [(1, True), (NOON + 5, False)], "b": [(1, True)]}
    assert broken(sent(NOON), permissions=said) == {}
    assert broken(sent(NOON + 6), permissions=said) == {"permission": 1}
    two = (sent(NOON, name="b", kind="service"), sent(NOON + HOUR, name="a"), sent(NOON + 2 * HOUR, name="b"))
    merges = [(NOON + HOUR + 1, "b", "a")]
    assert broken(*two, merges=merges).get("caps") == 1
    assert broken(*two).get("caps") is None


def test_a_small_run_breaks_nothing_and_would_without_the_last_look(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = datetime(2026, 3, 28, tzinfo=UTC)
    monkeypatch.setattr(legality, "days", lambda: [begin + timedelta(days=number) for number in range(3)])
    found = legality.simulate(3 * 8 * 80, 5)
    rules = ("caps", "quiet_hours", "budget", "permission", "told_once")
    assert {rule: found["mass"][rule] for rule in rules} == dict.fromkeys(rules, 0)
    assert found["mass"]["handed over"] > 50
    assert found["unchecked"]["caps"] > 0
