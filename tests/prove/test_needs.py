"""What a refusal says would make it pass."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vocative.prove.bootstrap import Difference
from vocative.prove.demand import with_demand
from vocative.prove.needs import more_people, people_needed
from vocative.prove.telling import GateFinding, needed_for, why_of
from vocative.records.proof import Reliability
from vocative.records.results import Readiness

RELIABLE = Reliability(error=0.01, low=0.0, high=0.02, limit=0.02, tolerated=0.02, bound=0.03, calibrated=True)
OFF = Reliability(error=0.06, low=0.05, high=0.07, limit=0.02, tolerated=0.02, bound=0.03, calibrated=False)


def finding(
    *rivals: Difference,
    reliability: Reliability | None = RELIABLE,
    instead: float | None = 0.02,
    leaks: tuple[str, ...] = (),
) -> GateFinding:
    return GateFinding(
        metric="log_loss", lower=True, value=0.5, rivals={f"way_{place}": one for place, one in enumerate(rivals)},
        reliability=reliability, instead=instead, leaks=leaks, people=400, joined=1.0, counted="people who came by",
    )  # fmt: skip


BEATEN = Difference(-0.02, -0.03, -0.01, 0.005)
NEARLY = Difference(-0.02, -0.045, 0.005, 0.0125)
WORSE = Difference(0.01, -0.01, 0.03, 0.01)


def test_every_naive_way_has_to_be_beaten() -> None:
    assert finding(BEATEN, BEATEN).admitted
    found = finding(BEATEN, NEARLY)
    assert not found.admitted
    assert why_of(found).startswith("refused: log_loss 0.5 against 0.52 of way 1")


def test_more_people_are_asked_for_if_it_was_better_and_something_new_if_it_was_not() -> None:
    need, people = needed_for(finding(NEARLY))
    assert people == people_needed(0.02, 0.0125, 400)
    assert people is not None
    assert need.startswith(f"about {people - 400:,} more people who came by (there were 400), if what was seen is true")
    assert "do not join fast enough" in need
    need, people = needed_for(finding(WORSE))
    assert people is None
    assert "nothing better" in need


def test_people_who_join_are_told_in_months() -> None:
    told = more_people(700, 0.02, 0.0125, 400, 2.5, "people who came by", "own rate")
    assert told == (
        "about 300 more people who came by (there were 400), if what was seen is true; as people join now, that is "
        "4 more months"
    )


def test_probabilities_that_are_off_act_only_in_place_of_worse_ones() -> None:
    refused = finding(BEATEN, reliability=OFF, instead=OFF.error)
    assert not refused.admitted
    assert why_of(refused).endswith("but its probabilities are off by 6.0% on average; at most 3.0% would be needed")
    lesser = finding(BEATEN, reliability=OFF, instead=0.08)
    assert lesser.admitted
    assert why_of(lesser).endswith("; its probabilities are off by 6.0% on average, those of way 0 by 8.0%")
    assert not finding(BEATEN, NEARLY, reliability=OFF, instead=0.08).admitted, "every naive way has to be beaten"
    assert not finding(BEATEN, reliability=OFF, instead=0.08, leaks=("days_since_view",)).admitted
    assert why_of(finding(BEATEN, instead=0.08)).startswith("admitted: log_loss 0.5 against 0.52 of way 0 (")


def test_what_is_not_calibrated_needs_other_probabilities_and_what_leaks_other_features() -> None:
    assert "off by at most 3.0%" in needed_for(finding(BEATEN, reliability=OFF))[0]
    leaking = finding(BEATEN, leaks=("days_since_view",))
    assert not leaking.admitted
    assert "days_since_view" in why_of(leaking)
    assert needed_for(finding(BEATEN))[0] == ""


@given(st.floats(1e-6, 1.0), st.floats(1e-6, 1.0), st.integers(20, 10_000))
def test_a_test_of_as_many_people_as_needed_would_pass(gain: float, error: float, people: int) -> None:
    needed = people_needed(gain, error, people)
    assert needed is not None
    assert gain > 1.96 * error * (people / needed) ** 0.5


def test_readiness_says_how_many_people_a_proof_asks_for() -> None:
    found = Readiness(ready=True, why="enough")
    few, many = with_demand(found, 1_300, 300, 200), with_demand(found, 1_300, 30_000, 200)
    assert few.ready, "it is tested all the same"
    assert few.people == 1_300
    assert "with about 1,300" in few.why
    assert many.why == "enough"
    assert with_demand(found, 0, 300, 200) == found, "nobody has measured it"
    assert with_demand(found, 1_300, 300, 5_000).people == 5_000
