"""Marketing by lot: what is drawn, within all limits, and whether the logged probabilities are the true ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.decide.builders import NOW, assigned, campaign, personal, recipient, settings, target
from vocative.decide.allocation.odds import FEWEST_ALIKE
from vocative.decide.planning import Plan, Planned, decide_all
from vocative.records.acting import Decision, Recipient
from vocative.records.settings import Campaign
from vocative.stats.hashing import stable_uniform

CHANNELS: Mapping[str, object] = {"email": {"driver": "file", "cost": 0.1}, "sms": {"driver": "file", "cost": 0.5}}
CAMPAIGNS = [campaign("call", channel="sms", value=5.0), campaign("news", value=1.0)]


def planned(
    share: float,
    people: list[Recipient],
    campaigns: list[Campaign] = CAMPAIGNS,
    limits: Mapping[str, object] | None = None,
    control: float = 0.0,
    run: str = "run",
) -> Planned:
    made = Plan(
        run_id=run,
        now=NOW,
        settings=settings(channels=CHANNELS, limits=limits or {}, exploring={"share": share}),
        campaigns=campaigns,
        wordings={"en": frozenset({"Milk"})},
    )
    arms = {
        one.person_id: assigned(
            one.person_id, "control" if stable_uniform(run, one.person_id) < control else "treated", control
        )
        for one in people
    }
    return decide_all(made, people, {one.person_id: [target()] for one in people}, [], arms)


def crowd(count: int) -> list[Recipient]:
    return [recipient(f"p{number}") for number in range(count)]


def got(decision: Decision) -> str:
    return decision.reason if decision.outcome == "contact" else ""


def logged(decision: Decision) -> Mapping[str, float]:
    """The probability of each option, also where it was certain."""
    return decision.probabilities or {got(decision): decision.propensity}


def off(decisions: Iterable[Decision]) -> dict[str, float]:
    """How far frequencies lie from the logged probabilities, in standard errors, by option."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one in decisions:
        for option, chance in logged(one).items():
            sums[option][0] += (got(one) == option) - chance
            sums[option][1] += chance * (1.0 - chance)
    return {option: gap / max(spread, 1e-9) ** 0.5 for option, (gap, spread) in sums.items()}


@given(
    share=st.floats(0.0, 1.0),
    control=st.floats(0.0, 0.5),
    calls=st.one_of(st.none(), st.integers(0, 12)),
    money=st.one_of(st.none(), st.floats(0.0, 9.0)),
    run=st.text("abc", min_size=1, max_size=4),
)
@hypothesis_settings(max_examples=25, deadline=None)
def test_propensities_are_probabilities_and_limits_hold(
    share: float, control: float, calls: int | None, money: float | None, run: str
) -> None:
    limits: dict[str, object] = {}
    if calls is not None:
        limits["calls"] = {"at_most": calls, "campaigns": ["call"]}
    if money is not None:
        limits["money"] = {"at_most": money, "counts": "money"}
    found = planned(share, crowd(14), limits=limits, control=control, run=run).decisions
    sent = Counter(got(one) for one in found)
    assert calls is None or sent["call"] <= calls
    assert money is None or 0.5 * sent["call"] + 0.1 * sent["news"] <= money + 1e-9
    for one in found:
        assert 0.0 < one.propensity <= 1.0
        if one.probabilities:
            assert sum(one.probabilities.values()) == pytest.approx(1.0)
            assert all(0.0 < chance <= 1.0 for chance in one.probabilities.values())
            assert one.probabilities[got(one)] == pytest.approx(one.propensity)


def test_frequencies_match_what_is_logged() -> None:
    found = planned(0.6, crowd(4_000), control=0.2).decisions
    assert {one.outcome for one in found} == {"contact", "silence", "control"}
    expected = {"": 0.2 + 0.8 * 0.2, "call": 0.8 * (0.2 + 0.4), "news": 0.8 * 0.2}
    assert all(one.probabilities == pytest.approx(expected) for one in found)
    assert max(map(abs, off(found).values())) < 4.0
    drawn = [one for one in found if one.explored]
    assert len(drawn) / 4_000 == pytest.approx(0.8 * 0.6, abs=0.03)
    silent = [one for one in drawn if one.outcome == "silence"]
    assert {one.reason for one in silent} == {"explored"}
    assert len(silent) / len(drawn) == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_frequencies_match_where_limits_leave_room_for_some_only(share: float) -> None:
    limits = {"calls": {"at_most": 20, "campaigns": ["call"]}, "all": {"at_most": 45}}
    runs = [planned(share, crowd(60), limits=limits, control=0.2, run=str(number)) for number in range(25)]
    found = [one for run in runs for one in run.decisions if one.probabilities]
    assert len(found) > 0.9 * 25 * 60
    assert all(Counter(got(one) for one in run.decisions)["call"] <= 20 for run in runs)
    assert max(map(abs, off(found).values())) < 4.0


def test_whoever_rounding_decided_about_is_told_no_probability() -> None:
    """Everybody is worth something else: at the price of three seats stand too few for a share."""
    campaigns = [campaign("news", value=1.0, personalized=True, module="repeat_rhythm")]
    made = Plan(
        run_id="run",
        now=NOW,
        settings=settings(channels=CHANNELS, limits={"money": {"at_most": 0.35, "counts": "money"}}),
        campaigns=campaigns,
        wordings={"en": frozenset({"Milk"})},
    )
    due = {f"p{number}": [target(probability=0.6 + number / 100)] for number in range(8)}
    arms = {f"p{number}": assigned(f"p{number}", "treated", 0.2) for number in range(8)}
    found = decide_all(made, crowd(8), due, [], arms).decisions
    sent = {one.person_id: one for one in found if one.outcome == "contact"}
    assert set(sent) == {"p5", "p6", "p7"}
    assert sent["p7"].probabilities == pytest.approx({"": 0.2, "news": 0.8})
    assert all(one.propensity == pytest.approx(0.8) for one in sent.values())
    assert FEWEST_ALIKE > 8


def test_what_is_drawn_uses_limits_first_and_without_room_nobody_is_in_an_arm() -> None:
    found = planned(1.0, crowd(40), limits={"all": {"at_most": 10}}).decisions
    sent = [one for one in found if one.outcome == "contact"]
    assert len(sent) == 10
    assert all(one.explored and one.propensity == pytest.approx(1 / 3) for one in sent)
    refused = [one for one in found if one.reason == "limit"]
    assert refused
    assert all((one.outcome, one.probabilities, one.propensity) == ("silence", {}, 1.0) for one in refused)
    assert {one.removed for one in refused[0].candidates} == {"limit"}
    # Whoever came before the seats were gone could get all three.
    assert Counter(one.reason for one in found)["explored"] + len(sent) + len(refused) == 40


def test_service_is_never_drawn_by_lot() -> None:
    owed = [campaign("recall", message_class="service"), *CAMPAIGNS]
    found = planned(1.0, crowd(50), owed).decisions
    assert {(one.outcome, one.reason, one.propensity, one.explored) for one in found} == {
        ("contact", "recall", 1.0, False)
    }


def test_what_is_drawn_depends_on_the_run_and_the_person_alone() -> None:
    people = crowd(30)
    once, again = planned(0.5, people).decisions, planned(0.5, people[::-1]).decisions
    assert once == again[::-1]
    other = planned(0.5, people, run="another").decisions
    assert [one.explored for one in once] != [one.explored for one in other]
    assert planned(0.5, people[:1]).decisions[0].explored == once[0].explored


def test_the_plan_for_the_others_keeps_its_certificate() -> None:
    whole = planned(0.0, crowd(200), limits={"calls": {"at_most": 30, "campaigns": ["call"]}})
    found = planned(0.3, crowd(200), limits={"calls": {"at_most": 30, "campaigns": ["call"]}})
    (use,) = found.certificate.limits
    drawn = [got(one) for one in found.decisions if one.explored]
    assert use.at_most == 30 - drawn.count("call")
    assert found.certificate.worth < whole.certificate.worth
    assert np.isfinite(found.certificate.worth)
    assert drawn.count("news") == pytest.approx(200 * 0.3 / 3, abs=15)


def test_what_each_arm_would_have_brought_is_found_from_the_log_although_limits_cut_people_off() -> None:
    """The likelier somebody is, the more they buy anyway and the less a call does: arms must hold the same people."""
    random, sums = np.random.default_rng(0), np.zeros(2)
    for number in range(30):
        due = {f"p{place}": float(random.uniform(0.5, 1.0)) for place in range(80)}
        made = Plan(
            run_id=str(number),
            now=NOW,
            settings=settings(
                channels=CHANNELS, exploring={"share": 0.3}, limits={"calls": {"at_most": 25, "campaigns": ["call"]}}
            ),
            campaigns=[personal("call", channel="sms", value=5.0), personal("news", value=2.0)],
            wordings={"en": frozenset({"Milk"})},
        )
        arms = {
            person: assigned(person, "control" if stable_uniform(str(number), person) < 0.3 else "treated", 0.3)
            for person in due
        }
        told = {person: [target(probability=chance)] for person, chance in due.items()}
        for one in decide_all(made, crowd(80), told, [], arms).decisions:
            if "call" not in one.probabilities:
                continue
            likely = due[one.person_id]
            brought = 10.0 * likely + (1.0 - likely if got(one) == "call" else 0.0)
            weight = {"call": 1.0, "": -1.0}.get(got(one), 0.0) / one.propensity
            off_by = weight * (brought - 10.0 * 0.75) - (1.0 - likely)
            sums += off_by, off_by**2
    assert abs(sums[0]) < 4.0 * sums[1] ** 0.5
