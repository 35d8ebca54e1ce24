"""What messages change and what the plan used, on the report."""

from __future__ import annotations

import re

import msgspec
from msgspec.structs import replace

from tests.desk.test_report import EMPTY, VERDICT, check
from vocative.desk.rehearse.gains import Gain, Gains
from vocative.desk.report.effects import arm_words, drawn_effects
from vocative.desk.report.figures import Proof
from vocative.desk.report.limits import plan_figures
from vocative.desk.report.page import page
from vocative.records.acting import Certificate, LimitUse
from vocative.records.proof import Arm

ARMS = [
    Arm(name="coupon offer=10:percent", admitted=True, why="admitted: it wins", effect=0.023, low=0.011, high=0.035,
        people=8123, sleeping_dogs=412),
    Arm(name="<b>news", admitted=False, why="refused: chance", effect=-0.004, low=-0.014, high=0.006, people=9120,
        sleeping_dogs=3),
    Arm(name="thanks", admitted=False, why="refused: chance", effect=0.0, low=-0.01, high=0.01, people=90,
        sleeping_dogs=0),
]  # fmt: skip
PROOF = Proof(module="uplift", question="what it changes", verdict=replace(VERDICT, module="uplift", arms=ARMS))
PLAN = Certificate(
    worth=100.0,
    bound=100.5,
    gap=0.005,
    limits=[
        LimitUse(name="budget of email", used=2.5, at_most=2.5, at_least=0.0, price=0.43, short=0.0),
        LimitUse(name="coupons", used=100.0, at_most=400.0, at_least=0.0, price=0.0, short=0.0),
        LimitUse(name="thanks", used=25.0, at_most=None, at_least=50.0, price=-0.2, short=25.0),
        LimitUse(name="partners", used=9.0, at_most=None, at_least=9.0, price=-0.02, short=0.0),
    ],
)


def euros(value: float) -> str:
    return f"{value:.2f} EUR"


def test_each_arm_has_its_interval_and_names_its_sleeping_dogs() -> None:
    found = drawn_effects([PROOF], "UTC", euros)[0]
    assert found.picture.count("whisker good") == 1
    assert found.picture.count("whisker bad") == 2
    assert "coupon, 10% off" in found.picture
    assert "+2.30 points (+1.10 to +3.50)" in found.picture
    assert "8,123 people; 412 sleeping dogs" in found.picture
    assert "fewer than 5 sleeping dogs" in found.picture
    assert "no sleeping dogs found" in found.picture
    assert [name for name, _ in found.reasons] == ["coupon, 10% off", "<b>news", "thanks"]
    text = page(replace(EMPTY, proofs=[PROOF]))
    check(text)
    assert "<b>news" not in text
    assert "What messages change" in text


def test_marks_and_ends_lie_where_the_figures_are() -> None:
    picture = drawn_effects([PROOF], "UTC", euros)[0].picture
    lines = re.findall(r'class="whisker \w+" x1="([\d.]+)" x2="([\d.]+)"', picture)
    zero = float(re.findall(r'class="zero" x1="([\d.]+)"', picture)[0])
    scale = (float(lines[0][1]) - float(lines[0][0])) / 0.024
    for (left, right), arm in zip(lines, ARMS, strict=True):
        assert abs((float(left) - zero) / scale - arm.low) < 2e-4
        assert abs((float(right) - zero) / scale - arm.high) < 2e-4


def test_money_is_told_in_the_currency_and_a_verdict_without_arms_is_not_drawn() -> None:
    money = replace(PROOF, module="uplift_money", verdict=replace(VERDICT, module="uplift_money", arms=ARMS[1:2]))
    assert "−0.00 EUR (−0.01 EUR to +0.01 EUR)" in drawn_effects([money], "UTC", euros)[0].picture
    assert drawn_effects([replace(PROOF, verdict=VERDICT), replace(PROOF, verdict=None)], "UTC", euros) == []
    assert arm_words("", euros) == "any message"


def test_the_plan_says_what_each_limit_used_and_what_one_more_would_be_worth() -> None:
    found = plan_figures(msgspec.to_builtins(PLAN), euros)
    assert found is not None
    assert (found.worth, found.better) == ("100.00 EUR", "0.50%")
    assert [(one.used, one.percent, one.price) for one in found.limits] == [
        ("2.5 of 2.5", 100.0, "one more would be worth 0.43 EUR"),
        ("100 of 400", 25.0, "more of it would change nothing"),
        ("25, at least 50", 50.0, "25 are missing: there was nobody more for whom it would do"),
        ("9, at least 9", 100.0, "the last of them costs 0.02 EUR"),
    ]
    assert plan_figures(None, euros) is None
    text = page(replace(EMPTY, plan=msgspec.to_builtins(PLAN)))
    check(text)
    assert "one more would be worth €0.43" in text
    assert "What the plan used" not in page(EMPTY)


def test_measured_gain_and_a_guess_stand_apart_on_the_page() -> None:
    guess = Gain(contacts=5, value=50.0, low=40.0, high=60.0)
    both = Gains(measured=Gain(contacts=9, value=20.0, low=-5.0, high=45.0), declared=guess, cost=1.0)
    text = page(replace(EMPTY, headline=replace(EMPTY.headline, gains=both)))
    check(text)
    assert "Measured gain" in text
    assert "€20.00" in text
    assert "by values you declared, a guess" in text
    alone = page(replace(EMPTY, headline=replace(EMPTY.headline, gains=Gains(measured=None, declared=guess, cost=1.0))))
    assert "Measured gain" not in alone
    assert "a guess by values you declared" in alone
