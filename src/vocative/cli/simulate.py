"""`vocative simulate`."""

from __future__ import annotations

import contextlib
import io
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from vocative.cli.output import emit, json_option, plain, progress_bar, table
from vocative.cli.words import mapping
from vocative.errors import WorkspaceError
from vocative.market.names import POLICIES
from vocative.records.cells import integer, number

if TYPE_CHECKING:
    from vocative.market.engine import Command
    from vocative.market.outcome import Driven, Scenario

_AFTER = (90, 180)


@click.command("simulate")
@click.option("--people", type=click.IntRange(20, 1_000_000), default=2_000, show_default=True, help="How many people.")
@click.option("--weeks", type=click.IntRange(1, 260), default=26, show_default=True, help="For how many weeks.")
@click.option("--policy", type=click.Choice(POLICIES), default="engine", show_default=True, help="Who decides.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="The same seed, the same market."
)
@click.option(
    "--workspace",
    "-w",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder in which the engine works: empty, or with settings of your own. Without it: one that is removed.",
)
@click.option(
    "--files",
    type=click.Path(path_type=Path, file_okay=False),
    help="Make a workspace in this folder, with the files the shop would have at the end, to start from.",
)
@json_option
def simulate_(
    people: int, weeks: int, policy: str, seed: int, workspace: Path | None, files: Path | None, as_json: bool
) -> None:
    """Let a policy act in a simulated market whose truth is known, beside silence and the best that is possible.

    Everything is simulated; nothing is sent to anybody. The policy `engine` is this product, driven by files and
    commands only; the others are what it has to beat, and the oracle, which knows the truth.
    """
    from vocative.market.engine import prepare
    from vocative.market.outcome import RAW, Scenario, simulate

    asked = Scenario(policy, people, weeks, seed)
    if files is not None:
        _refuse_files(asked, files)
    typed = commands_of(click.get_current_context().find_root().command)
    with _engine(asked, workspace, typed) as engine, progress_bar(quiet=as_json) as progress:
        raw = None if files is None else files / RAW
        result = simulate(asked, engine, progress, files=raw).told()
    if files is not None:
        # The settings make the folder a workspace, so they come last: what was cut off can be done again.
        prepare(files, people)
        result["next"] = _next(files, weeks)
    emit(result, as_json=as_json, show=lambda console: _show(console, result))


def _refuse_files(asked: Scenario, folder: Path) -> None:
    """Refuse what cannot end in a workspace with files to start from."""
    from vocative.market.outcome import SIMPLE
    from vocative.workspace.starting import refuse_taken

    if asked.policy not in SIMPLE or asked.policy == "silence":
        raise WorkspaceError(
            f"there are no files to start from under the policy {asked.policy}",
            remedy="take plain, rules, mass or random",
        )
    refuse_taken(folder)


def _next(folder: Path, weeks: int) -> list[str]:
    """What to type next, in order: on the Monday after."""
    from vocative.market.clock import iso, midnight
    from vocative.market.files import KINDS, generated
    from vocative.market.nature import WEEK
    from vocative.market.outcome import RAW

    named = shlex.quote(str(folder))
    now = f"{iso(np.array([midnight(weeks * WEEK)]))[0][:10]}T05:00Z"
    imports = [f"vocative import {kind} {named}/{RAW}/{generated(kind)} -w {named} --now {now}" for kind in KINDS]
    tail = f"-w {named} --now {now}"
    names = " ".join(sorted(path.stem for path in (folder / "campaigns").glob("*.yaml")))
    acts = ("campaign preview --all", f'campaign approve {names} --by "Your name"', "run", "report")
    return [*imports, *(f"vocative {command} {tail}" for command in acts)]


@contextlib.contextmanager
def _engine(asked: Scenario, workspace: Path | None, typed: Command) -> Iterator[Driven | None]:
    """Where the engine works, if it is asked for."""
    from vocative.market.engine import SETTINGS, prepare
    from vocative.market.outcome import RAW, Driven

    if asked.policy != "engine":
        if workspace is not None:
            raise WorkspaceError("only the policy engine works in a workspace", remedy="leave out --workspace")
        yield None
        return
    if workspace is None:
        root = Path(tempfile.mkdtemp(prefix="vocative-market-"))
        try:
            prepare(root, asked.people)
            yield Driven(root, typed)
        finally:
            shutil.rmtree(root, ignore_errors=True)
        return
    if (workspace / RAW).exists() or (workspace / "data").exists():
        raise WorkspaceError(
            "this workspace has seen a market already",
            where=str(workspace),
            remedy=f"name another folder, or one with nothing but {SETTINGS} and what belongs to it",
        )
    prepare(workspace, asked.people)
    from vocative.workspace.configuration import read_settings

    if not read_settings(workspace).business.simulation:
        raise WorkspaceError(
            "a simulated market works only in a workspace that says what it is",
            where=str(workspace / SETTINGS),
            remedy="add `simulation = true` to [business]",
        )
    yield Driven(workspace, typed)


def commands_of(main: click.Command) -> Command:
    """Types commands of `vocative` with `--json` in this process, which a whole simulation has thousands of."""

    def type_command(words: Sequence[str]) -> Mapping[str, object]:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            main.main(args=[*words, "--json"], prog_name="vocative", standalone_mode=False)
        found: Mapping[str, object] = msgspec.json.decode(said.getvalue())
        return found

    return type_command


def _show(console: Console, result: Mapping[str, object]) -> None:
    weeks = [mapping(one) for one in result["by_week"]] if isinstance(result["by_week"], list) else []
    console.print(
        f"[bold]{result['policy']}[/bold] in a market of {plain(result['people'])} people, seed {result['seed']}"
    )
    console.print("[yellow]Simulated: the people, what they do and all money.[/yellow]\n")
    gain = mapping(result["estimated_gain"]) if result["estimated_gain"] else {}
    interval = gain.get("interval")
    between = f" ({plain(interval[0])} to {plain(interval[1])})" if isinstance(interval, list) else ""
    share = result["oracle_share"]
    money = {
        "profit": result["profit"],
        "more than silence brings": result["incremental_profit"],
        "share of what the oracle brings": f"{share:.0%}" if isinstance(share, float) else "–",
        "estimated from its own control group": f"{plain(gain['value'])}{between}" if gain else "has no control group",
        "spent on contacts": result["spent"],
    }
    people = {
        "contacts": result["contacts"],
        "weeks in which a person was left in peace": result["silent"],
        "unsubscribed": result["unsubscribes"],
        "complained": result["complaints"],
        "contacts with people whom messages put off": result["sleeping_dogs_contacted"],
        **{f"after {days} days": _after(weeks, days) for days in _AFTER},
        "broken rules": result["violations"],
    }
    console.print(table("Money", money))
    console.print(table("People", people))
    console.print(_by_week(weeks))
    if isinstance(result.get("next"), list):
        console.print("\nThe folder is a workspace now. Next, in this order:")
        for command in cast("list[str]", result["next"]):
            console.print(f"  {command}", markup=False, soft_wrap=True)


def _after(weeks: Sequence[Mapping[str, object]], days: int) -> str:
    """Who is still there and who has opted out, at the end of the first week that reaches so many days."""
    reached = next((week for week in weeks if integer(week["day"]) >= days), None)
    if reached is None:
        return "not reached"
    kept, silent, out = (number(reached[name]) for name in ("retained", "retained_under_silence", "opted_out"))
    return f"{kept:.1%} still buy ({silent:.1%} under silence), {out:.1%} have opted out"


def _by_week(weeks: Sequence[Mapping[str, object]]) -> Table:
    made = Table(title="By week", title_justify="left", title_style="bold", box=None, padding=(0, 2))
    names = ("week", "incremental_profit", "contacts", "silent", "unsubscribes", "complaints", "discounts", "spent")
    for name in names:
        made.add_column(name.replace("_", " "), justify="right")
    for week in weeks:
        made.add_row(*(plain(week[name]) for name in names))
    return made
