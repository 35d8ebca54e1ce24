"""What is written wrongly about campaigns and limits is told with file, line and remedy, and nothing is planned."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.line.shop import import_all, prepare
from vocative.cli import main
from vocative.records.ledger_tables import OUTBOX, RUNS
from vocative.workspace.opening import OpenWorkspace

NOW = "2025-05-02T03:00Z"
NEWS, SETTINGS = "campaigns/news.yaml", "vocative.toml"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    prepare(root, days=40, people=10)
    import_all(root)
    return root


@pytest.fixture
def root(shop: Path, tmp_path: Path) -> Path:
    """A copy that may be spoilt."""
    return Path(shutil.copytree(shop, tmp_path / "shop"))


def vocative(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "-w", str(root), "--now", NOW])


def edit(root: Path, file: str, pattern: str, replacement: str) -> None:
    path = root / file
    text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1, pattern
    path.write_text(text, encoding="utf-8")


def planned(root: Path) -> int:
    with OpenWorkspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        return len(transaction.select(OUTBOX)) + len(transaction.select(RUNS, {"stage": "decide"}))


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "line", "what", "remedy"),
    [
        (NEWS, "^value: .*", "value: 1\nvalu: 2", 10, "unknown key `valu`", "did you mean `value`?"),
        (NEWS, "^value: .*", "value: 1\nreach: 2", 10, "unknown key `reach`", "known here: name, goal"),
        (NEWS, "^channel: .*", "channel: pigeon", 3, "the channel 'pigeon' is not set up", "use one of: email"),
        (NEWS, "^value: .*", "value: -1", 9, "for `value`", "a number of 0 or more"),
        (NEWS, "^topic: .*", "topic: [", None, "this is not valid YAML", "mend that line"),
        (NEWS, "^goal: .*\n", "", None, "the key `goal` is missing", "add `goal: …`"),
        (SETTINGS, "^cost = 0.001", "daily_budget = -5", None, "for `channels.email.daily_budget`", "of 0 or more"),
        (SETTINGS, "^cost = 0.001", "cost = -0.1", None, "for `channels.email.cost`", "of 0 or more"),
        (SETTINGS, r"^\[control\]", "[limits.mails]\nat_most = -3\n[control]", None, "`limits.mails.at_most`",
         "of 0 or more"),
        (SETTINGS, r"^\[control\]", "[limits.mails]\nat_most = 3\nchannels = ['pigeon']\n[control]", None,
         "there is no channel named 'pigeon'", "there are: email"),
        (SETTINGS, r"^\[control\]", "[limits.mails]\nat_most = 3\ncampaigns = ['newz']\n[control]", None,
         "there is no campaign named 'newz'", "did you mean `news`?"),
        (SETTINGS, "^start = .*", 'start = "25:00"', None, "for `quiet_hours.start`", 'such as "08:00"'),
        (SETTINGS, "^per_day = .*", "per_day = -1", None, "for `caps.per_day`", "0 means none"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands_and_nothing_is_planned(
    root: Path, file: str, pattern: str, replacement: str, line: int | None, what: str, remedy: str
) -> None:
    before = (root / file).read_text(encoding="utf-8")
    edit(root, file, pattern, replacement)
    result = vocative(root, "run")
    told = " ".join(result.stderr.split())
    assert result.exit_code == 2
    assert re.search(rf"{re.escape(file)}:{line or '[0-9]+'}: ", result.stderr)
    assert what in told
    assert f"→ {remedy}" in told or remedy in told.partition("→")[2]
    assert "Traceback" not in result.output
    assert vocative(root, "campaign", "dry-run").exit_code == 2
    (root / file).write_text(before, encoding="utf-8")
    assert planned(root) == 0


def test_quiet_hours_across_midnight_work(root: Path) -> None:
    edit(root, SETTINGS, "^start = .*", 'start = "22:30"')
    edit(root, SETTINGS, "^end = .*", 'end = "12:15"')
    found = json.loads(vocative(root, "campaign", "dry-run", "--json").stdout)
    assert found["would_receive"] > 0
    assert {int(hour) for hour in found["by_local_hour"]} <= set(range(12, 23))


@pytest.mark.parametrize(
    "words", [("dry-run",), ("dry-run", "--month", "2025-04"), ("preview", "--all"), ("check",)], ids=" ".join
)
def test_an_empty_action_bank_is_told(root: Path, words: tuple[str, ...]) -> None:
    for path in (root / "campaigns").iterdir():
        path.unlink()
    result = vocative(root, "campaign", *words)
    assert result.exit_code == 2
    assert "there are no campaigns" in result.stderr
    assert "campaigns" in result.stderr.partition(":")[2]
    assert "→ write one as NAME.yaml" in " ".join(result.stderr.split())


def test_a_run_without_campaigns_profiles_and_says_that_nothing_is_said(root: Path) -> None:
    for path in (root / "campaigns").iterdir():
        path.unlink()
    ran = vocative(root, "run")
    assert ran.exit_code == 0
    assert "there is no campaign that could speak to this person" in " ".join(ran.stdout.split())
    assert "there are no campaigns" in vocative(root, "status").stdout
    with OpenWorkspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        assert transaction.select(OUTBOX) == []


def test_where_everybody_is_filtered_out_it_says_0_of_n_and_why(root: Path) -> None:
    rule = '[segments.nobody]\ntitle = "Nobody"\nall = [{ feature = "orders_365d", at_least = 100000 }]\n\n[control]'
    edit(root, SETTINGS, r"^\[control\]", rule)
    edit(root, "campaigns/replenish.yaml", "^name: replenish", "name: replenish\nsegment: nobody")
    result = vocative(root, "campaign", "dry-run", "replenish")
    assert result.exit_code == 0
    assert re.match(r"0 of 10 will receive it, because: .*the campaign is for another segment \(\d", result.stdout)
    assert "Nothing was written" in result.stdout
