"""What the report says of probabilities that are off."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from vocative.desk.report.tested import _reliability
from vocative.records.proof import Reliability, Verdict

OFF = Reliability(error=0.06, low=0.05, high=0.07, limit=0.02, tolerated=0.02, bound=0.03, calibrated=False)
VERDICT = Verdict(
    module="reacts", version="v", moment=0, admitted=True, why="", metric="log_loss", lower_is_better=True, value=0.6,
    baseline="as_last_time", baseline_value=0.7, difference=-0.1, low=-0.2, high=-0.05, reliability=OFF,
)  # fmt: skip


@pytest.mark.parametrize(("admitted", "said"), [(True, "It acts, since what would"), (False, "It is refused.")])
def test_what_is_off_says_whether_it_acts(admitted: bool, said: str) -> None:
    told = _reliability(replace(VERDICT, admitted=admitted))
    assert "Off by 6.0% on average" in told
    assert said in told


def test_what_is_calibrated_says_no_more() -> None:
    assert _reliability(replace(VERDICT, reliability=replace(OFF, calibrated=True))).endswith("up to 3.0%.")
