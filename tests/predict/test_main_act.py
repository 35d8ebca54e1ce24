"""Which act matters: what the business says, else what people really do."""

from __future__ import annotations

import msgspec
import pytest

from tests.predict.planted import SETTINGS
from vocative.predict.history.main_role import main_role
from vocative.records.settings import Role


@pytest.mark.parametrize(
    ("named", "done", "chosen"),
    [
        (("purchase", "use", "view"), None, "purchase"),
        (("view", "use", "open"), None, "use"),
        (("purchase", "use", "view"), {"view": 900, "use": 1}, "use"),
        (("purchase", "view"), {}, "purchase"),
        (("open", "click", "reply"), {"open": 900, "click": 4, "reply": 5}, "reply"),
        (("open", "click", "reply"), {"open": 900}, "open"),
        (("sent",), {"sent": 5}, None),
        ((), None, None),
    ],
)
def test_the_act_that_matters(named: tuple[Role, ...], done: dict[Role, int] | None, chosen: Role | None) -> None:
    rules = msgspec.structs.replace(SETTINGS, events={role: [role] for role in named})
    assert main_role(rules, done) == chosen
    business = msgspec.structs.replace(rules.business, main_act="wish")
    assert main_role(msgspec.structs.replace(rules, business=business), done) == "wish"
