"""What comes in between the run and the hand-over takes back the messages that it has made untrue, and only those."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.line.shop import NOW, change, import_all, prepare
from vocative.collect.commit.files import import_file
from vocative.desk.track import track
from vocative.line.act.overtaken import ANSWERED, BOUGHT, BOUGHT_ANYTHING, COMPLAINED
from vocative.line.act.stages import send
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.records.ledger_tables import OUTBOX
from vocative.records.schema import Value
from vocative.workspace.opening import OpenWorkspace

HOUR = 3_600_000_000
NIGHT = NOW - 6 * HOUR
"""When is decided; everybody sleeps."""
MORNING = NIGHT + 5 * HOUR
"""When something comes in."""
NOON = NIGHT + 16 * HOUR
"""When it is noon everywhere where somebody lives."""


@pytest.fixture(scope="module")
def decided(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose run has put messages into the outbox that wait for the day: reminders, or what a test asks for."""
    root = tmp_path_factory.mktemp("shop")
    prepare(root, people=20)
    change(root, r'purchase = \["purchase"\]', 'purchase = ["purchase"]\ncomplaint = ["complained"]')
    change(root, r"\[control\]\nshare = 0.1", "[control]\nshare = 0.0")
    wanted = getattr(request, "param", "replenish")
    thanks = root / "campaigns" / "thanks.yaml"
    if wanted == "replenish":
        rewrite(root / "campaigns" / "replenish.yaml", "least_support: 4\n", "exclude_targets: [Bread, Coffee]\n")
        thanks.unlink()
    else:
        (root / "campaigns" / "replenish.yaml").unlink()
        rewrite(thanks, "relationships: [regular, close]\n", "")
    if wanted == "back":
        rewrite(thanks, "sells: false\n", "")
    import_all(root)
    with OpenWorkspace.open(root) as workspace:
        run(workspace, NIGHT)
    return root


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def workspace(decided: Path, tmp_path: Path) -> Iterator[OpenWorkspace]:
    shutil.copytree(decided, tmp_path / "shop")
    with OpenWorkspace.open(tmp_path / "shop") as opened:
        yield opened


def outbox(workspace: OpenWorkspace) -> dict[str, dict[str, Value]]:
    with workspace.stores.ledger.transaction() as transaction:
        return {str(row["person_id"]): row for row in transaction.select(OUTBOX)}


def of(workspace: OpenWorkspace, campaign: str) -> list[str]:
    found = sorted(person for person, row in outbox(workspace).items() if row["campaign"] == campaign)
    assert len(found) > 1, f"the shop has to have messages of {campaign}"
    assert {outbox(workspace)[person]["state"] for person in found} == {"queued"}
    return found


def event(person: str, name: str, at: int = MORNING, **more: object) -> dict[str, object]:
    return {"event": name, "user_id": person, "timestamp": to_text(at), **more}


def dropped(workspace: OpenWorkspace) -> dict[str, str]:
    return {person: str(row["reason"]) for person, row in outbox(workspace).items() if row["state"] == "dropped"}


def sent_after(workspace: OpenWorkspace, *events: dict[str, object]) -> dict[str, str]:
    """Person → why their message was dropped, after these events had come in."""
    if events:
        assert track(workspace, events, MORNING)["accepted"] == len(events)
    send(workspace, NOON)
    return dropped(workspace)


def test_without_anything_new_everything_goes(workspace: OpenWorkspace) -> None:
    assert sent_after(workspace) == {}


def test_who_has_bought_it_is_not_reminded_of_it(workspace: OpenWorkspace) -> None:
    person, *_ = of(workspace, "replenish")
    bought = event(person, "purchase", item_id="item-Milk", quantity=1, amount=2.0)
    assert sent_after(workspace, bought) == {person: BOUGHT}
    assert workspace.stores.inbox.take(1)[0] == [], "the inbox was taken in"


def test_what_a_device_of_theirs_has_bought_counts(workspace: OpenWorkspace) -> None:
    person, *_ = of(workspace, "replenish")
    links = workspace.root / "links.csv"
    links.write_text(
        f"message_id,timestamp,event,user_id,anonymous_id\nl1,{to_text(MORNING - 1)},view,{person},phone\n",
        encoding="utf-8",
    )
    import_file(workspace.stores, workspace.settings, links, kind="events", mapping=None, now=MORNING - 1)
    bought = event("", "purchase", anonymous_id="phone", item_id="item-Milk", quantity=1, amount=2.0)
    del bought["user_id"]
    assert sent_after(workspace, bought) == {person: BOUGHT}


@pytest.mark.parametrize("change_it", ["other", "not_me", "returned", "before", "somebody"])
def test_what_does_not_make_it_untrue_takes_nothing_back(workspace: OpenWorkspace, change_it: str) -> None:
    person, other, *_ = of(workspace, "replenish")
    more: dict[str, object] = {"item_id": "item-Milk", "quantity": 1, "amount": 2.0}
    at = MORNING
    if change_it == "other":
        more["item_id"] = "item-Bread"
    elif change_it == "not_me":
        more["not_me"] = True
    elif change_it == "returned":
        more |= {"quantity": -1, "amount": -2.0}
    elif change_it == "before":
        at = NIGHT - 40 * 24 * HOUR
    else:
        person = "a stranger"
    assert sent_after(workspace, event(person, "purchase", at, **more)) == {}
    assert other in outbox(workspace)


@pytest.mark.parametrize("decided", ["thanks"], indirect=True)
def test_who_is_thanked_for_nothing_but_being_there_may_have_bought(workspace: OpenWorkspace) -> None:
    person, *_ = of(workspace, "thanks")
    bought = event(person, "purchase", item_id="item-Milk", quantity=1, amount=2.0)
    assert sent_after(workspace, bought) == {}


@pytest.mark.parametrize("decided", ["back"], indirect=True)
def test_who_is_to_buy_something_and_has_is_not_asked_to(workspace: OpenWorkspace) -> None:
    person, *_ = of(workspace, "thanks")
    bought = event(person, "purchase", item_id="item-Bread", quantity=1, amount=2.0)
    assert sent_after(workspace, bought) == {person: BOUGHT_ANYTHING}


def test_who_complained_is_left_alone(workspace: OpenWorkspace) -> None:
    asked, *_ = of(workspace, "ask")
    reminded, *_ = of(workspace, "replenish")
    found = sent_after(workspace, *(event(one, "complained", channel="email") for one in (asked, reminded)))
    assert set(found) == {asked, reminded}
    assert found[asked] == COMPLAINED


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_who_has_answered_is_not_asked(workspace: OpenWorkspace, answer: str) -> None:
    person, *_ = of(workspace, "ask")
    permit(workspace, person, "personalization", answer)
    assert sent_after(workspace) == {person: ANSWERED}


@pytest.mark.parametrize("campaign", ["ask", "replenish"])
def test_who_said_no_gets_nothing(workspace: OpenWorkspace, campaign: str) -> None:
    person, *_ = of(workspace, campaign)
    permit(workspace, person, "marketing", "no")
    assert sent_after(workspace) == {person: "permission is gone"}


def permit(workspace: OpenWorkspace, person: str, purpose: str, answer: str) -> None:
    path = workspace.root / "answers.csv"
    path.write_text(
        f"user_id,purpose,status,at,source,text\n{person},{purpose},{answer},{to_text(MORNING)},page,May we?\n",
        encoding="utf-8",
    )
    import_file(workspace.stores, workspace.settings, path, kind="permissions", mapping=None, now=MORNING)
