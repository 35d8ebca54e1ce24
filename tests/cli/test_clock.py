"""No command acts ahead of this machine's clock by mistake, and no moment ends in a traceback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.line.shop import NOW, change, import_all, prepare
from tests.line.state import state_of
from vocative.cli import main
from vocative.cli.clock import moment
from vocative.errors import ClockError
from vocative.line.running import run
from vocative.line.snapshot.clock import SIMULATED, to_text
from vocative.market.engine import prepare as prepare_market
from vocative.recipes.known import RECIPES
from vocative.recipes.making import configuration
from vocative.workspace.configuration import read_settings
from vocative.workspace.opening import Workspace
from vocative.workspace.starting import make_workspace

FUTURE = to_text(moment(None) + 36 * 365 * 86_400_000_000)
MOMENTS = ("MOMENT", "DAY", "YYYY-MM", "HH:MM")
GARBAGE = ("", "9999", "yesterday", "\x1b[31m2026", "💥" * 999)
MORE_GARBAGE = (
    "", " ", "9999", "yesterday", "99999999999999999999", "-1", "NaN", "2026-13-45T99:99Z", "2026-02-30T00:00Z",
    "2026-01-05", "2026-01-05T03:00", "\u0662\u0660\u0662\u0666", "2026-01-05T03:00Z\n", "\x1b[31m2026", "💥",
    "2" * 9999,
)  # fmt: skip
FAR_OFF = (
    "0001-01-01T00:00Z",
    "0001-01-01T00:00+14:00",
    "1970-01-01T00:00Z",
    "9999-12-31T23:59Z",
    "9999-12-31T23:59-12:00",
)


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name in list(group.commands):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


ALL = dict(commands(main))
OPTIONS = [
    (words, option.opts[-1])
    for words, command in ALL.items()
    for option in command.params
    if isinstance(option, click.Option) and option.metavar in MOMENTS
]
ACTING = [one for one in OPTIONS if one[1] == "--now" or one == (("recommend",), "--at")]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("clock") / "shop"
    prepare(root, days=60, people=20)
    import_all(root)
    with Workspace.open(root) as workspace:
        run(workspace, NOW)
    return root


def typed(root: Path, words: tuple[str, ...], *more: str) -> tuple[int, str]:
    """Type a command with what else it needs; its exit code and all that it said."""
    needed: list[str] = []
    for one in ALL[words].params:
        if isinstance(one, click.Argument) and one.required:
            needed += ["events"] if one.name == "what" else ["news"]
        elif isinstance(one, click.Option) and one.required:
            needed += [one.opts[0], str(root.parent / "out.csv")]
    needed += ["news"] if words == ("campaign", "preview") else []
    # The person is named before what is asked about them.
    typed = ["person", "p1", *words[1:]] if words[0] == "person" else list(words)
    done = CliRunner().invoke(main, [*typed, *needed, "-w", str(root), *more])
    assert done.exception is None or isinstance(done.exception, SystemExit), (words, more, done.exception)
    return done.exit_code, done.output


def test_the_test_finds_the_options() -> None:
    assert len(ACTING) >= 25
    assert {option for _, option in OPTIONS} >= {"--now", "--at", "--since", "--from", "--until", "--month"}


@pytest.mark.parametrize(("words", "option"), OPTIONS, ids=lambda one: one if isinstance(one, str) else "_".join(one))
def test_what_is_no_moment_is_told_in_words(ran: Path, words: tuple[str, ...], option: str) -> None:
    for text in GARBAGE:
        code, said = typed(ran, words, f"{option}={text}")
        assert code == 2, (text, said)
        assert "Traceback" not in said
        assert "\x1b" not in said
        assert len(said) < 1_000


@pytest.mark.parametrize("text", MORE_GARBAGE)
def test_no_moment_is_guessed(text: str) -> None:
    with pytest.raises(ClockError) as caught:
        moment(text)
    assert len(str(caught.value)) < 200


def test_a_moment_at_the_end_of_the_calendar_is_told_in_words(ran: Path) -> None:
    before = state_of(ran)
    for words, option in OPTIONS:
        for text in FAR_OFF:
            code, said = typed(ran, words, f"{option}={text}", *(["--as-if"] if (words, option) in ACTING else []))
            # Rows from 1970 on are all rows.
            assert code == 2 or option == "--since", (words, option, text, said)
            assert "Traceback" not in said
    assert state_of(ran) == before


def test_no_command_acts_ahead_of_the_clock(ran: Path) -> None:
    before = state_of(ran)
    for words, option in ACTING:
        code, said = typed(ran, words, option, FUTURE)
        assert code == 2, words
        assert "lies ahead of this machine's clock" in said, (words, said)
        assert "--as-if" in said
    assert state_of(ran) == before


def test_whoever_means_the_future_says_so_and_can_come_back(ran: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(ran, tmp_path / "shop"))
    code, said = typed(root, ("run",), "--now", FUTURE, "--as-if")
    assert code == 0
    assert "acting as if it were" in said
    assert "Nothing was deleted of what is older than it is kept" in said
    assert "vocative run --expire" in said
    assert "deleted nothing" in typed(root, ("status",), "--now", FUTURE, "--as-if")[1]
    code, said = typed(root, ("run",))
    assert code == 2
    assert "vocative run --undo" in said
    code, said = typed(root, ("run",), "--undo", "--not-mailed")
    assert code == 0, said
    assert "is taken back" in said
    assert typed(root, ("run",), "--now", to_text(NOW + 3_600_000_000))[0] == 0


def test_a_person_may_confirm_that_what_is_old_goes(ran: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(ran, tmp_path / "shop"))
    code, said = typed(root, ("run",), "--now", "2026-06-01T08:00Z", "--expire", "--as-if")
    assert code == 0
    assert "rows of decisions" in said
    code, said = typed(root, ("run",), "--undo", "--not-mailed")
    assert code == 0, said
    assert "cannot come back" in said


@pytest.mark.parametrize("more", [("--undo", "--now", "2025-01-01T00:00Z"), ("--undo", "--dry-run"), ("--not-mailed",)])
def test_undoing_goes_with_nothing_else(ran: Path, more: tuple[str, ...]) -> None:
    code, said = typed(ran, ("run",), *more)
    assert code == 2
    assert "--undo" in said


def test_a_simulation_may_act_in_any_future_and_says_what_it_is(ran: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(ran, tmp_path / "shop"))
    assert SIMULATED not in typed(root, ("status",))[1]
    change(root, r"\[business\]\n", "[business]\nsimulation = true\n")
    for words in (("status",), ("run",), ("report",), ("segments",), ("campaign", "list"), ("send",)):
        code, said = typed(root, words, "--now", FUTURE)
        assert code == 0, said
        assert SIMULATED in said, words
    assert '"simulation": true' in typed(root, ("status",), "--now", FUTURE, "--json")[1]
    assert '"simulation": true' in typed(root, ("run",), "--now", FUTURE, "--json")[1]
    for page in ("report.html", "outbox/index.html"):
        assert SIMULATED.replace("'", "&#x27;") in (root / page).read_text(encoding="utf-8"), page


def test_what_is_made_to_be_tried_says_that_it_is_a_simulation(tmp_path: Path) -> None:
    prepare_market(tmp_path / "market", 20)
    for name in RECIPES:
        make_workspace(tmp_path / name, configuration(name))
    make_workspace(tmp_path / "own")
    made = {path.name: read_settings(path).business.simulation for path in tmp_path.iterdir()}
    assert made == {**dict.fromkeys(["market", *RECIPES], True), "own": False}


def test_without_a_moment_the_clock_counts_and_a_minute_ahead_of_it_is_no_future(tmp_path: Path) -> None:
    (tmp_path / "now").touch()
    now = moment(None)
    assert abs(now - (tmp_path / "now").stat().st_mtime_ns // 1000) < 60_000_000
    assert moment(to_text(now + 30_000_000)) == now + 30_000_000
    with pytest.raises(ClockError, match="ahead"):
        moment(to_text(now + 120_000_000))


@pytest.mark.parametrize(
    "more",
    [
        ("--month=0000-01",), ("--month=0001-01",), ("--month=9999-12",), ("--from=0001-01-01", "--until=0001-01-02"),
        ("--from=9999-12-30", "--until=9999-12-31"), ("--from=2025-01-01", "--until=9999-12-31"),
    ],
)  # fmt: skip
def test_days_at_the_end_of_the_calendar_are_told_in_words(ran: Path, more: tuple[str, ...]) -> None:
    code, said = typed(ran, ("campaign", "dry-run"), *more)
    assert code == 2
    assert "Traceback" not in said
