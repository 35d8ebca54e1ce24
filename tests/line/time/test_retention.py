"""What is older than it is kept is deleted by the first run of a week; nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.line.shop import FIRST_MOMENT, NOW, approve_all, import_all, prepare
from vocative.collect.commit.files import import_file
from vocative.desk.person.subject_access import personal_data
from vocative.desk.status import status
from vocative.errors import SettingsError
from vocative.line.retention import expire
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.journal import Journal
from vocative.records.lake_tables import DECISIONS, EVENTS, FEATURES, LAKE_TABLES, MESSAGES, QUARANTINE
from vocative.records.ledger_tables import MODEL_CARDS, MODEL_STANDINGS, MODELS, TREATMENTS, VERDICTS
from vocative.records.schema import Table, Value
from vocative.store.arrow import rows_to_arrow
from vocative.trust.retention import CHOOSABLE
from vocative.workspace.opening import OpenWorkspace
from vocative.workspace.starting import make_workspace

DAY = 86_400_000_000
LATER = NOW + 91 * DAY


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[OpenWorkspace]:
    make_workspace(tmp_path)
    with OpenWorkspace.open(tmp_path) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with a run and a rejected row, and nothing since."""
    root = tmp_path_factory.mktemp("expiring") / "shop"
    raw = prepare(root)
    import_all(root)
    bad = raw / "bad.csv"
    bad.write_text("message_id,timestamp,event,user_id\nb1,yesterday,purchase,p1\n", encoding="utf-8")
    with OpenWorkspace.open(root) as workspace:
        import_file(workspace.stores, workspace.settings, bad, kind="events", mapping=None, now=NOW)
        assert run(workspace, NOW)["expire"] == {"rows": {}, "files": 0}
    return root


def rows_of(workspace: OpenWorkspace, table: Table) -> int:
    return workspace.stores.engine.query("SELECT 1 FROM t", {"t": workspace.stores.lake.scan(table)}).num_rows


def warned(workspace: OpenWorkspace, now: int) -> list[str]:
    return [str(one) for one in cast("list[object]", status(workspace, now)["warnings"])]


def letters(root: Path) -> set[str]:
    return {path.name for path in (root / "outbox").iterdir()} - {"index.html"}


def test_decisions_messages_and_their_files_go_after_ninety_days_and_events_stay(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        before = {table.name: rows_of(workspace, table) for table in LAKE_TABLES}
        written = letters(root)
        assert written
        assert before["quarantine"] == 1
        approve_all(workspace, NOW + DAY)
        gone = run(workspace, LATER, expire_confirmed=True)["expire"]
        assert gone == {
            "rows": {name: before[name] for name in ("quarantine", "decisions", "options", "messages")},
            "files": len(written),
        }
        after = {table.name: rows_of(workspace, table) for table in LAKE_TABLES}
    assert after["events"] == before["events"]
    assert after["features"] > before["features"], "a year is kept of these"
    assert after["decisions"] == before["people"], "those of the second run are there"
    assert after["quarantine"] == 0
    assert not letters(root) & written


def test_it_is_done_once_a_week_and_may_be_repeated(empty: OpenWorkspace) -> None:
    lake = empty.stores.lake
    monday = NOW - (NOW // DAY + 3) % 7 * DAY

    def old(token: str) -> None:
        row: dict[str, Value] = dict.fromkeys(QUARANTINE.column_names, "x")
        row |= {"known_at": monday - 91 * DAY, "row": 1}
        lake.append(QUARANTINE, rows_to_arrow(QUARANTINE, [row]), token=token)

    old("first")
    assert expire(empty, monday) == {"rows": {"quarantine": 1}, "files": 0}
    assert expire(empty, monday) == {"rows": {}, "files": 0}
    old("second")
    Journal(empty.stores.ledger, monday).note("", "done", {})
    assert expire(empty, monday + DAY) == {}
    assert expire(empty, monday + 6 * DAY) == {}
    assert rows_of(empty, QUARANTINE) == 1
    assert expire(empty, monday + 7 * DAY) == {"rows": {"quarantine": 1}, "files": 0}


def test_after_a_long_pause_it_waits_for_a_person_who_says_so(empty: OpenWorkspace) -> None:
    monday = NOW - (NOW // DAY + 3) % 7 * DAY
    row: dict[str, Value] = dict.fromkeys(QUARANTINE.column_names, "x")
    row |= {"known_at": monday - 91 * DAY, "row": 1}
    empty.stores.lake.append(QUARANTINE, rows_to_arrow(QUARANTINE, [row]), token="old")
    Journal(empty.stores.ledger, monday).note("", "done", {})
    late = monday + 36 * DAY
    assert expire(empty, late) == {"waits": [f"the last run lies 36 days back ({to_text(monday)[:10]})"]}
    assert rows_of(empty, QUARANTINE) == 1
    assert expire(empty, monday + DAY) == {}, "the second run of a week"
    assert expire(empty, monday + DAY, confirmed=True) == {"rows": {"quarantine": 1}, "files": 0}
    assert expire(empty, monday + 35 * DAY) == {"rows": {}, "files": 0}


def test_where_no_event_has_come_for_as_long_as_anything_is_kept_it_waits(tmp_path: Path) -> None:
    prepare(tmp_path, days=3, people=5)
    import_all(tmp_path)
    newest = FIRST_MOMENT + 3 * DAY
    with OpenWorkspace.open(tmp_path) as workspace:
        # The import of the rest of the shop is known from NOW on.
        late = max(NOW, newest + 91 * DAY) + DAY
        told = expire(workspace, late)["waits"]
        assert isinstance(told, list)
        assert told[0].startswith("the newest event lies ")
        assert "waits" not in expire(workspace, late, confirmed=True)


def test_lots_are_kept_for_two_years_and_no_longer(empty: OpenWorkspace) -> None:
    rows: list[dict[str, Value]] = [
        {
            "person_id": name,
            "moment": NOW + day * DAY,
            "treated": True,
            "chance": 0.5,
            "campaign": "news",
            "action_key": "news",
            "chances": "{}",
        }
        for name, day in (("a", 0), ("b", 30))
    ]
    with empty.stores.ledger.transaction() as transaction:
        transaction.insert(TREATMENTS, rows)
    for days, kept in ((730, ["a", "b"]), (731, ["b"]), (761, [])):
        expire(empty, NOW + days * DAY)
        with empty.stores.ledger.transaction() as transaction:
            assert [row["person_id"] for row in transaction.select(TREATMENTS, order_by=("person_id",))] == kept


def test_versions_that_act_wait_or_can_be_gone_back_to_are_kept_at_any_age(empty: OpenWorkspace) -> None:
    states = [("before", "champion"), ("before", "retired"), ("acts", "champion"), ("waits", "challenger")]
    versions = ["idle", "before", "acts", "waits", "tested"]
    model: dict[str, Value] = {"module": "buys_28d", "fitted_at": NOW}
    with empty.stores.ledger.transaction() as transaction:
        transaction.insert(MODELS, [{**model, "version": one, "content": "{}"} for one in versions])
        transaction.insert(MODEL_CARDS, [{**model, "version": one, "card": "{}"} for one in versions])
        transaction.insert(MODELS, [{"module": "buys_28d", "fitted_at": LATER, "version": "young", "content": "{}"}])
        told: dict[str, Value] = {"module": "buys_28d", "at": NOW, "by": "vocative", "why": "a test"}
        transaction.insert(
            MODEL_STANDINGS,
            [
                {**told, "place": place, "version": version, "state": state}
                for place, (version, state) in enumerate(states)
            ],
        )
        tests = [("idle", NOW - 1), ("tested", NOW)]
        verdict: dict[str, Value] = {"admitted": False, "result": "{}"}
        transaction.insert(
            VERDICTS, [{"module": "buys_28d", "moment": at, "version": one, **verdict} for one, at in tests]
        )
    assert expire(empty, NOW + 401 * DAY)["rows"] == {"models": 1, "model_cards": 1}
    with empty.stores.ledger.transaction() as transaction:
        kept = {str(row["version"]) for row in transaction.select(MODELS)}
    assert kept == {"before", "acts", "waits", "tested", "young"}


def test_a_business_may_choose_other_days(root: Path) -> None:
    path = root / "vocative.toml"
    path.write_text(
        path.read_text(encoding="utf-8") + '\n[retention]\nevents = 150\nfeatures = "none"\n', encoding="utf-8"
    )
    at = LATER + 30 * DAY
    with OpenWorkspace.open(root) as workspace:
        told = personal_data(workspace, "p0", at).tables
        assert told[EVENTS.name].retention == "150 days from timestamp on: the business chose so"
        assert told[FEATURES.name].retention == "until erased: the business chose so"
        assert told[DECISIONS.name].retention.startswith("90 days from moment on: ")
        before = rows_of(workspace, EVENTS)
        gone = expire(workspace, at, confirmed=True)["rows"]
        assert isinstance(gone, dict)
        assert 0 < gone["events"] < before
        oldest = workspace.stores.engine.query(
            "SELECT epoch_us(min(timestamp)) AS oldest FROM t", {"t": workspace.stores.lake.scan(EVENTS)}
        ).to_pylist()[0]["oldest"]
        assert oldest >= at - 150 * DAY
        assert rows_of(workspace, EVENTS) == before - gone["events"]
        # What was imported once does not come back with the same file.
        again = import_file(
            workspace.stores, workspace.settings, root / "raw" / "events.csv", kind="events", mapping=None, now=at
        )
        assert again.accepted == 0
        expire(workspace, at + 400 * DAY, confirmed=True)
        assert rows_of(workspace, FEATURES) > 0
        assert rows_of(workspace, MESSAGES) == 0


def test_status_tells_of_events_that_nothing_reads_until_the_business_says_how_long(tmp_path: Path) -> None:
    prepare(tmp_path, days=3)
    import_all(tmp_path)
    far = FIRST_MOMENT + 740 * DAY
    told = "events of more than 730 days ago are kept"
    with OpenWorkspace.open(tmp_path) as workspace:
        assert not [one for one in warned(workspace, FIRST_MOMENT + 100 * DAY) if told in one]
        assert [one for one in warned(workspace, far) if told in one and "events = 730" in one]
    path = tmp_path / "vocative.toml"
    path.write_text(path.read_text(encoding="utf-8") + '\n[retention]\nevents = "none"\n', encoding="utf-8")
    with OpenWorkspace.open(tmp_path) as workspace:
        assert not [one for one in warned(workspace, far) if told in one]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("event = 400", "did you mean `events`?"),
        ("outbox = 400", "no table whose days can be chosen named 'outbox'"),
        ("events = 89", ">= 90"),
        ('events = "never"', "Invalid enum value 'never' for `retention.events`"),
    ],
)
def test_days_that_cannot_be_are_refused_with_what_to_do(line: str, said: str, tmp_path: Path) -> None:
    make_workspace(tmp_path)
    path = tmp_path / "vocative.toml"
    path.write_text(path.read_text(encoding="utf-8") + f"\n[retention]\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"vocative\.toml:\d+") as caught:
        OpenWorkspace.open(tmp_path)
    assert said in str(caught.value)


def test_what_can_be_chosen_is_what_a_run_or_the_business_adds_to() -> None:
    assert {"events", "decisions", "messages", "features", "predictions"} <= set(CHOOSABLE)
    assert not {"people", "items", "outbox", "permissions", "treatments"} & set(CHOOSABLE)
