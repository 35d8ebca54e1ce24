"""Relationships, fairness and staying, read from a workspace in which the truth was planted. All data is invented."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.line.shop import FIRST, approve_all, change, import_all, prepare
from tests.line.shop import NOW as SHOP_NOW
from vocative.collect.commit.files import import_file
from vocative.desk.rehearse.replay import replay
from vocative.desk.report.long_run import stayed
from vocative.errors import ClockError
from vocative.line.act.fairness import audited, floors
from vocative.line.act.stages import as_it_was, decide
from vocative.line.running import run
from vocative.line.snapshot.clock import to_micros
from vocative.line.snapshot.journal import Journal
from vocative.line.snapshot.records_io import decisions_of, keep_decisions
from vocative.line.snapshot.relationships import relationship_of, relationships
from vocative.line.snapshot.snapshot import Scene
from vocative.line.understand.build import kept
from vocative.records.acting import Candidate, Decision, Offer, Outcome, Target
from vocative.records.lake_tables import DECISIONS
from vocative.records.ledger_tables import ASSIGNMENTS, TREATMENTS
from vocative.records.relationship import State
from vocative.records.settings import Kind
from vocative.trust.fairness import Violation
from vocative.workspace.opening import Workspace
from vocative.workspace.starting import make_workspace

DAY_US = 86_400_000_000
NOW = FIRST + timedelta(days=300)
AT = to_micros(NOW)
VISITS = {"close": 20, "regular": 20, "acquainted": 4, "stranger": 1, "cross": 20, "late": 20, "gone": 20, "back": 6}
EVENTS = 'purchase = ["purchase"]\nreply = ["reply"]\nreturn = ["return"]\nwish = ["wish"]\ncomplaint = ["complaint"]'


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def events() -> Iterator[tuple[object, ...]]:
    """Columns `message_id, timestamp, event, user_id, order_id, item_id, channel, known_at`."""

    def one(what: str, who: str, ago: float, channel: str = "", known: float | None = None) -> tuple[object, ...]:
        at = days_ago(ago).isoformat()
        known_at = at if known is None else days_ago(known).isoformat()
        return (f"{what}-{who}-{ago}", at, what, who, f"{who}-{ago}", "milk", channel, known_at)

    for who, visits in VISITS.items():
        for visit in range(visits):
            yield one("purchase", who, 5 + visit * 14 if who != "back" else 5 + visit)
    yield one("reply", "close", 30, "email")
    yield one("wish", "close", 40)
    yield one("complaint", "cross", 20)
    yield one("complaint", "late", 20, known=-1)
    yield from (one("return", "back", 3 + number) for number in range(3))
    yield one("complaint", "unseen", 10, "email")
    yield one("complaint", "parcel", 10, "phone")
    yield one("complaint", "unseen-too", 90, "email")
    yield from (one("purchase", who, 3 + day) for who in ("unseen", "parcel") for day in range(15))


def permissions() -> Iterator[tuple[str, str, str, str]]:
    for who in VISITS:
        yield from ((who, purpose, "yes", days_ago(290).isoformat()) for purpose in ("marketing", "personalization"))
    for who in ("unseen", "parcel", "unseen-too", "stopped"):
        yield who, "marketing", "yes", days_ago(290).isoformat()
    yield "gone", "marketing", "no", days_ago(8).isoformat()
    yield "stopped", "marketing", "no", days_ago(8).isoformat()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("relations")
    make_workspace(folder / "shop")
    change(folder / "shop", r'purchase = \["purchase"\]', EVENTS)
    coupon = (folder / "shop" / "campaigns" / "replenish.yaml").read_text(encoding="utf-8")
    coupon = coupon.replace("name: replenish", "name: coupon").replace(
        "topic: replenish", "topic: coupon\noffers: true"
    )
    (folder / "shop" / "campaigns" / "coupon.yaml").write_text(coupon, encoding="utf-8")
    people = [(who, gender) for who, gender in zip(VISITS, ["female", "male"] * 4, strict=True)]
    tables: dict[Kind, tuple[Sequence[str], list[tuple[object, ...]]]] = {
        "events": (
            ("message_id", "timestamp", "event", "user_id", "order_id", "item_id", "channel", "known_at"),
            list(events()),
        ),
        "permissions": (("user_id", "purpose", "status", "at"), list(permissions())),
        "people": (("user_id", "gender"), list(people)),
    }
    with Workspace.open(folder / "shop") as workspace:
        for kind, (header, rows) in tables.items():
            path = folder / f"{kind}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([header, *rows])
            moment = to_micros(days_ago(295)) if kind == "people" else AT - 1
            account = import_file(workspace.stores, workspace.settings, path, kind=kind, mapping=None, now=moment)
            assert account.rejected == 0
        _plant(workspace)
    return folder / "shop"


def _plant(workspace: Workspace) -> None:
    """A quarter of decisions with offers, and first lots of 100 days ago."""
    seen: list[tuple[str, State, Outcome, float, str | None, float]] = [
        ("stranger", "stranger", "contact", 20.0, None, 30),
        ("acquainted", "acquainted", "contact", 10.0, None, 30),
        ("regular", "regular", "contact", 10.0, None, 20),
        ("close", "close", "silence", 20.0, "budget", 20),
        ("late", "regular", "contact", 20.0, None, 10),
        ("cross", "regular", "silence", 20.0, "strained", 10),
        ("back", "close", "contact", 5.0, None, 120),
        ("gone", "regular", "control", 20.0, None, 10),
    ]
    keep_decisions(workspace, "run", [_decided(*one) for one in seen])
    lots = [(who, number % 4 > 0) for number, who in enumerate([*VISITS, "stopped", "parcel"])]
    with workspace.stores.ledger.transaction() as transaction:
        transaction.insert(
            TREATMENTS,
            [
                {
                    "person_id": who, "moment": AT - 100 * DAY_US, "treated": treated,
                    "chance": 0.75 if treated else 0.25, "campaign": "coupon",
                    "action_key": "coupon" if treated else "",
                    "chances": '{"":0.25,"coupon":0.75}' if treated else '{"":0.75,"coupon":0.25}',
                }
                for who, treated in lots
            ],
        )  # fmt: skip
        transaction.insert(
            ASSIGNMENTS,
            [
                {
                    "person_id": who, "experiment": "global", "arm": "treated" if treated else "control", "share": 0.25,
                    "assigned_at": AT - 101 * DAY_US,
                }
                for who, treated in lots
            ],
        )  # fmt: skip


def _decided(who: str, state: State, outcome: Outcome, size: float, removed: str | None, ago: float) -> Decision:
    milk = Target(module="repeat_rhythm", target="Milk", probability=0.9, support=5.0, horizon_days=7.0)
    coupon = Candidate(
        campaign="coupon", channel="email", personalized=True, targets=(milk,), removed=removed, score=1.0,
        offer=Offer(offer_id=f"{size}", discount=size, unit="percent"),
    )  # fmt: skip
    return Decision(
        decision_id=f"d-{who}", person_id=who, moment=to_micros(days_ago(ago)), outcome=outcome, reason="coupon",
        propensity=1.0, relationship=state, because="planted", candidates=(coupon,),
        chosen=None if outcome == "silence" else coupon,
    )  # fmt: skip


def test_every_state_comes_back_with_its_reason(root: Path) -> None:
    with Workspace.open(root) as workspace:
        found = relationships(Scene(workspace, AT))
    assert {who: found[who].state for who in VISITS} == {
        "close": "close", "regular": "regular", "acquainted": "acquainted", "stranger": "stranger",
        "cross": "strained", "late": "regular", "gone": "strained", "back": "strained",
    }  # fmt: skip
    assert found["close"].because == "20 visits in a year, known for 271 days, answered or told something 2 times"
    assert found["cross"].because == "complained 20 days ago"
    assert found["gone"].because == "took back a permission 8 days ago"
    assert found["back"].because == "brought back 3 times within 90 days, the last 3 days ago"


def test_of_those_who_allowed_nothing_only_what_they_said_of_messages_counts(root: Path) -> None:
    with Workspace.open(root) as workspace:
        found = relationships(Scene(workspace, AT))
        alone = relationship_of(workspace, "parcel", AT)
    assert {who for who in found if who not in VISITS} == {"unseen", "stopped"}
    assert found["unseen"] == ("strained", "complained 10 days ago")
    assert alone.state == "stranger"


def test_of_one_person_the_same_is_told_as_among_everybody(root: Path) -> None:
    with Workspace.open(root) as workspace:
        everybody = relationships(Scene(workspace, AT))
        assert {who: relationship_of(workspace, who, AT) for who in everybody} == everybody


def test_only_what_was_known_before_the_moment_counts(root: Path) -> None:
    with Workspace.open(root) as workspace:
        before = relationships(Scene(workspace, to_micros(days_ago(21))))
        after = relationships(Scene(workspace, AT + 2 * DAY_US))
    assert before["cross"].state == before["gone"].state == "regular"
    assert before["back"].state == "stranger"
    assert "unseen" not in before
    assert after["late"] == ("strained", "complained 22 days ago")


def test_floors_and_whoever_is_below_them_come_from_the_last_quarter(root: Path) -> None:
    with Workspace.open(root) as workspace:
        scene = Scene(workspace, AT)
        assert floors(scene) == {("Milk", "percent"): 20.0}
        # A decision rests on what was decided before it.
        assert floors(Scene(workspace, to_micros(days_ago(30)))) == {}
        found = audited(scene)
    assert found is not None
    assert found.loyalty.loyal == 3
    assert found.loyalty.violations == [
        Violation("close", "Milk", "percent", 0.0, 20.0), Violation("regular", "Milk", "percent", 10.0, 20.0),
    ]  # fmt: skip
    gender = {one.group: one for one in found.groups["gender"]}
    assert {name: (one.people, one.offered.value) for name, one in gender.items()} == {
        "female": (4, 0.25), "male": (4, 0.75),
    }  # fmt: skip


def test_who_stayed_and_who_said_no(root: Path) -> None:
    with Workspace.open(root) as workspace:
        found = stayed(Scene(workspace, AT))
    assert [(one.days, one.people) for one in found.still_buy] == [(90, 8)]
    assert [(one.days, one.people) for one in found.said_no] == [(90, 10)]
    bought, said = found.still_buy[0], found.said_no[0]
    assert bought.contacted is not None
    assert bought.control is not None
    # Of the six who were contacted, one came only after those days.
    assert bought.contacted.value == pytest.approx(5 / 6)
    assert bought.control.value == 1.0
    assert said.contacted is not None
    assert said.contacted.value == 0.0


def test_a_replay_knows_the_floors_after_what_they_were_read_from_has_gone(tmp_path: Path) -> None:
    prepare(tmp_path)
    import_all(tmp_path)
    campaign = tmp_path / "campaigns" / "replenish.yaml"
    text = campaign.read_text(encoding="utf-8").replace("name: replenish", "name: coupon")
    campaign.write_text(text + "offers: true\n", encoding="utf-8")
    offers = tmp_path / "raw" / "offers.csv"
    offers.write_text(
        "offer_id,item_id,discount,unit,timestamp\n"
        + "".join(f"{size},item-Milk,{size},percent,2024-12-01\n" for size in (10, 20)),
        encoding="utf-8",
    )
    with Workspace.open(tmp_path) as workspace:
        import_file(
            workspace.stores, workspace.settings, offers, kind="offers", mapping=None, now=to_micros(FIRST) - DAY_US
        )
        approve_all(workspace)
        seen = _decided("a stranger", "stranger", "contact", 20.0, None, 210)
        keep_decisions(workspace, "before", [seen])
        told = run(workspace, SHOP_NOW)["decide"]
        assert isinstance(told, dict)
        assert told["floors"] == [{"target": "Milk", "unit": "percent", "size": 20.0}]
        workspace.stores.lake.expire(DECISIONS, "moment", SHOP_NOW)
        assert replay(workspace, SHOP_NOW).differing == []
        # Without them other decisions come out: loyal people would be made the smaller offer.
        scene, run_id = Scene(workspace, SHOP_NOW), Journal(workspace.stores.ledger, SHOP_NOW).run_id
        assert as_it_was(scene).floors == {}
        other = decide(scene, run_id, kept(workspace), keep=False).decisions
        made = decisions_of(workspace.stores, run_id)
        assert sorted(map(repr, other)) != sorted(map(repr, made))
        workspace.stores.lake.expire(DECISIONS, "moment", SHOP_NOW + 1)
        with pytest.raises(ClockError, match="kept no longer"):
            replay(workspace, SHOP_NOW)
