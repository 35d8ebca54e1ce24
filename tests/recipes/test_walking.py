"""Each recipe from `vocative init` to the report, by the very commands that `init` prints."""

from __future__ import annotations

import csv
import json
import shlex
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vocative.cli import main
from vocative.line.snapshot.clock import parse_moment, to_text
from vocative.recipes.known import NOW, RECIPES
from vocative.records.lake_tables import EVENTS, FEATURES, ITEMS, MESSAGES
from vocative.records.schema import Table
from vocative.workspace.opening import Workspace

pytestmark = pytest.mark.slow

PEOPLE = 150
AT = to_text(parse_moment(NOW))
PERSONAL = {"shop": {"replenish", "fresh", "coupon", "year"}, "streaming": {"tonight", "back", "month"}}
ADULT_BEFORE = date(2008, 10, 30)

Rows = list[dict[str, object]]


@dataclass
class Walk:
    """What a walk through a recipe left behind: the folder, and what each command printed, by its words."""

    name: str
    root: Path
    said: dict[str, dict[str, object]]

    def table(self, table: Table) -> Rows:
        with Workspace.open(self.root) as workspace:
            found: Rows = workspace.stores.engine.query(
                "SELECT * FROM t", {"t": workspace.stores.lake.scan(table)}
            ).to_pylist()
        return found

    def raw(self, file: str, delimiter: str = ",") -> list[dict[str, str]]:
        with (self.root / "raw" / file).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines, delimiter=delimiter))


def vocative(*words: str) -> Result:
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module", params=sorted(RECIPES))
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Everything that `init` says to type next, typed."""
    name = str(request.param)
    root = tmp_path_factory.mktemp("recipes") / name
    made = vocative("init", str(root), "--recipe", name, "--people", str(PEOPLE), "--json")
    assert made.exit_code == 0, made.output
    said: dict[str, dict[str, object]] = {}
    for command in json.loads(made.stdout)["next"]:
        words = shlex.split(command)[1:]
        result = vocative(*words, "--json")
        assert result.exit_code == 0, (command, result.output)
        told = json.loads(result.stdout)
        match words[:2]:
            case ["campaign", act]:
                said |= {f"{act} {place}": one for place, one in enumerate(told)}
            case ["import", _]:
                said[" ".join(words[:3])] = told
            case _:
                said[words[0]] = told
    return Walk(name, root, said)


def test_every_row_is_accounted_for_and_only_the_flawed_ones_are_rejected(walk: Walk) -> None:
    accounts = [said for words, said in walk.said.items() if words.startswith("import ")]
    assert len(accounts) == len(RECIPES[walk.name].imports)
    for account in accounts:
        numbers = [int(str(account[name])) for name in ("read", "accepted", "merged", "rejected")]
        assert numbers[0] == sum(numbers[1:])
        assert numbers[1] > 0
        assert account["rejected"] == RECIPES[walk.name].flawed[str(account["file"])], account["file"]


def test_every_campaign_was_shown_to_somebody_and_is_armed(walk: Walk) -> None:
    shown = [said for words, said in walk.said.items() if words.startswith("preview ")]
    states = [said for words, said in walk.said.items() if words.startswith("approve ")]
    assert len(shown) == len(states) >= len(PERSONAL[walk.name]) + 2
    assert all(state["state"] == "armed" for state in states)
    assert all(one["people"] == PEOPLE for one in shown)


def test_the_run_writes_in_several_languages_and_nothing_fails(walk: Walk) -> None:
    composed = walk.said["run"]["compose"]
    assert isinstance(composed, dict)
    assert composed["failed"] == 0
    assert composed["withheld"] == 0
    assert len(composed["languages"]) == 5
    decided = walk.said["run"]["decide"]
    assert isinstance(decided, dict)
    assert decided["control"] > 0
    assert set(decided["by_campaign"]) & PERSONAL[walk.name]
    segments = walk.said["segments"]["segments"]
    assert isinstance(segments, list)
    assert segments


def test_every_module_says_why_it_may_act_or_not(walk: Walk) -> None:
    modules = walk.said["run"]["predict"]
    assert isinstance(modules, dict)
    for module in modules.values():
        assert module["why"]
        assert module["ready"] or module["predictions"] == 0
    if walk.name == "streaming":
        assert modules["spend_90d"]["ready"] is False
        assert modules["new_items"]["predictions"] > 0


def test_nobody_is_written_to_or_profiled_against_their_word(walk: Walk) -> None:
    said: dict[tuple[str, str], tuple[str, str, str]] = {}
    for row in sorted(walk.raw("generated_consents.csv"), key=lambda row: row["when"]):
        if row["answer"] != "perhaps":
            said[row["account"], row["for"]] = (row["answer"], row["until"], row["when"])
    willing = {who for (who, purpose), (answer, _, _) in said.items() if purpose == "marketing" and answer == "yes"}
    profiled = {
        who
        for (who, purpose), (answer, until, _) in said.items()
        if purpose == "personalization" and answer == "yes" and (not until or until > AT)
    }
    minors = {
        row["account"]
        for row in walk.raw("generated_accounts.csv")
        if row["born"] and date.fromisoformat(row["born"]) > ADULT_BEFORE
    }
    messages = walk.table(MESSAGES)
    assert messages
    assert {str(row["person_id"]) for row in messages} <= willing
    personal = {str(row["person_id"]) for row in messages if row["template"] in PERSONAL[walk.name]}
    assert personal
    assert personal <= profiled - minors
    features = {str(row["person_id"]) for row in walk.table(FEATURES)}
    assert features
    assert features <= profiled - minors


def test_every_message_says_that_it_is_invented_and_shows_no_raw_words(walk: Walk) -> None:
    invented = {"en": "Not for real", "lv": "", "pl": "zmyślone", "ru": "", "uk": ""}
    for row in walk.table(MESSAGES):
        assert invented[str(row["language"])] in str(row["body_text"])
        assert "all data: generated" not in str(row["body_text"])
    assert (walk.root / "raw" / "GENERATED.md").exists()
    with Workspace.open(walk.root) as workspace:
        assert workspace.settings.business.invented == ["all data: generated"]


def test_what_is_named_is_in_the_catalogue_and_new_to_the_person(walk: Walk) -> None:
    items = {str(row["name"]): row for row in walk.table(ITEMS)}
    category = {str(row["item_id"]): str(row["category"]) for row in items.values()}
    roles = {"shop": ("order_line", "order_returned"), "streaming": ("watched",)}[walk.name]
    had: defaultdict[str, set[str]] = defaultdict(set)
    for event in walk.table(EVENTS):
        if event["event"] in roles and event["item_id"]:
            had[str(event["user_id"])].add(str(event["item_id"]))
    template = {"shop": "fresh", "streaming": "tonight"}[walk.name]
    named = 0
    for row in walk.table(MESSAGES):
        if row["template"] != template:
            continue
        lines = [line.removeprefix("- ") for line in str(row["body_text"]).splitlines() if line.startswith("- ")]
        assert lines
        for line in lines:
            item = str(items[line]["item_id"])
            mine = had[str(row["person_id"])]
            assert item not in mine
            if walk.name == "shop":
                assert category[item] not in {category[one] for one in mine}
            named += 1
    assert named > 10


def test_what_a_machine_opened_is_kept_and_counts_for_nothing(walk: Walk) -> None:
    mails = [row for row in walk.raw("generated_mail.csv") if row["action"] == "open" and row["at"].endswith("Z")]
    by_machine = sum(row["machine"] == "yes" for row in mails)
    assert by_machine > 0
    kept = [row for row in walk.table(EVENTS) if row["event"] == "mail_opened_by_machine"]
    assert len(kept) == by_machine
    readers = {row["recipient"] for row in mails if row["machine"] == "no"}
    proxied = {row["recipient"] for row in mails if row["machine"] == "yes"}
    counted = {
        str(row["person_id"]): dict(_pairs(row["features"])).get("opens_91d", 0.0) for row in walk.table(FEATURES)
    }
    assert any(counted.get(person, 0.0) > 0 for person in readers)
    only_machines = (proxied - readers) & counted.keys()
    assert only_machines
    assert all(counted[person] == 0 for person in only_machines)


def test_it_is_not_made_twice_and_mistakes_are_told(walk: Walk, tmp_path: Path) -> None:
    before = sorted((walk.root / "raw").iterdir())
    again = vocative("init", str(walk.root), "--recipe", walk.name)
    assert again.exit_code == 2
    assert "already" in again.stderr
    assert sorted((walk.root / "raw").iterdir()) == before
    assert vocative("init", str(tmp_path / "x"), "--recipe", "bakery").exit_code == 2
    assert vocative("init", str(tmp_path / "x"), "--recipe", walk.name, "--people", "3").exit_code == 2
    assert not (tmp_path / "x").exists()


def _pairs(values: object) -> list[tuple[str, float]]:
    return [(str(name), float(value)) for name, value in values] if isinstance(values, list) else []
