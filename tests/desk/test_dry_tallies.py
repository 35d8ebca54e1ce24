"""Sums over dry runs: people are counted once, messages each time, and why not is told of those who got nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.decide.builders import campaign, settings
from vocative.desk.rehearse.dry_run_tally import Tally
from vocative.line.snapshot.clock import to_micros
from vocative.records.acting import Candidate, Certificate, Decision, LimitUse

MORNING = to_micros(datetime(2025, 1, 1, 23, 30, tzinfo=UTC))


def held(reason: str) -> Candidate:
    return Candidate(campaign="news", channel="email", personalized=False, removed=reason)


def contact(person: str, basis: str = "declared") -> Decision:
    chosen = Candidate(
        campaign="news", channel="email", personalized=False, send_at=MORNING, score=0.99, basis=basis,  # type: ignore[arg-type]
        low=0.5, high=1.5,
    )  # fmt: skip
    return Decision(decision_id=person, person_id=person, moment=0, outcome="contact", reason="news", propensity=1.0,
                    chosen=chosen, candidates=(chosen, held("budget")))  # fmt: skip


def silence(person: str, reason: str, outcome: str = "silence") -> Decision:
    return Decision(decision_id=person, person_id=person, moment=0, outcome=outcome, reason=reason, propensity=1.0,  # type: ignore[arg-type]
                    candidates=(held(reason),))  # fmt: skip


def plan(used: float, price: float) -> Certificate:
    use = LimitUse(name="budget of email", used=used, at_most=1.0, at_least=0.0, price=price, short=0.0)
    return Certificate(worth=1.0, bound=1.0, gap=0.0, limits=[use])


def test_two_days_together() -> None:
    tally = Tally(settings())
    zones = {"a": "Europe/Riga", "b": None}
    tally.add([contact("a"), silence("b", "cap_per_day"), silence("c", "no_address")], zones, plan(0.5, 0.0))
    tally.add([contact("a", "measured"), contact("b"), silence("c", "cap_named:texts")], zones, plan(1.0, 0.2))
    tally.add(
        [silence("a", "cap_per_day"), silence("c", "no_address"), silence("d", "control_group", "control")], {}, None
    )
    found = tally.result([campaign()])
    assert (found["people"], found["would_receive"], found["contacts"], found["control"]) == (4, 2, 3, 1)
    assert found["by_day"] == {"2025-01-01": 1, "2025-01-02": 2}, "the day of the person's own clock"
    assert found["by_local_hour"] == {"1": 2, "23": 1}
    assert found["why_not"] == {
        "has no usable address for the channel": 1,
        "belongs to the control group, so that effects can be measured": 1,
    }
    assert found["caps_hit"] == {
        "has had the day's messages": {"people": 2, "times": 2},
        "the channel's budget for the day went to people for whom it matters more": {"people": 2, "times": 3},
        "has had as many messages as a cap of `[caps.more]` allows (texts)": {"people": 1, "times": 1},
    }
    assert found["limits"] == {"budget of email": {"used": 1.5, "plans_it_binds": 1}}
    gains = found["expected_gain"]
    assert isinstance(gains, dict)
    assert (gains["measured"]["contacts"], gains["declared"]["contacts"]) == (1, 2)
    assert gains["measured"]["causal"] is True
    assert "guess" in gains["declared"]["assumes"]
    assert str(found["sentence"]).startswith("2 of 4 will receive it; what keeps most of the others (1) from it: ")


def test_nobody_is_known() -> None:
    found = Tally(settings()).result([])
    assert found["sentence"] == "0 of 0 will receive it, because nobody is known yet."
    assert found["expected_gain"] == {"measured": None, "declared": None}
