"""What the commands share: options, progress, and one way to print for people and for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click
import msgspec
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.errors import MarkupError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from vocative.cli.clock import is_simulation
from vocative.cli.printable import printable, printable_json
from vocative.records.progress import Progress as Report
from vocative.workspace.folder import refuse_other_folder

Command = TypeVar("Command", bound=Callable[..., object])


def workspace_option(command: Command, *, may_be_none: bool = False) -> Command:
    """`--workspace DIR`; any other folder is refused, unless the command can do without."""
    return click.option(
        "--workspace",
        "-w",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(),
        show_default="this folder",
        callback=None if may_be_none else _workspace,
        help="Folder of the workspace.",
    )(command)


def _workspace(context: click.Context, _: click.Parameter, folder: Path) -> Path:
    """The folder, if it is a workspace: told before a command loads what it needs."""
    if not context.resilient_parsing:
        refuse_other_folder(folder)
    return folder


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")(command)


def json_text(result: object) -> str:
    """A result as one JSON text, for programs."""
    return printable_json(msgspec.json.format(msgspec.json.encode(result), indent=2).decode())


class PrintableConsole(Console):
    """A console that styles what we say and shows what comes from data as letters, wherever in a table it stands."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is printed, piece by piece; a link that data has brought in is only its text."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                style = segment.style
                yield Segment(printable(segment.text), style.update_link(None) if style and style.link else style)

    def render_str(self, text: str, **settings: object) -> Text:
        """Text with our styles; brackets that are no style of ours are brackets."""
        try:
            return super().render_str(text, **settings)  # type: ignore[arg-type]
        except MarkupError:
            return super().render_str(text, **{**settings, "markup": False})  # type: ignore[arg-type]


def emit(result: object, *, as_json: bool, show: Callable[[Console], None]) -> None:
    """Print a result: as JSON on standard output, or by `show`; of a simulation that it is one."""
    if as_json:
        click.echo(json_text(result))
        return
    shown = console()
    show(shown)
    if is_simulation():
        from vocative.line.snapshot.clock import SIMULATED

        shown.print(Text(SIMULATED, style="yellow"))


def console() -> Console:
    """The console for people; without a terminal it is wide enough not to break words."""
    return PrintableConsole(width=None if sys.stdout.isatty() else 120, highlight=False)


def table(title: str, rows: Mapping[str, object]) -> Group:
    """A table of names and values under a title; what stands in brackets in a value is text, not style."""
    made = Table(show_header=False, box=None, padding=(0, 2))
    made.add_column(style="cyan", max_width=64)
    made.add_column()
    for name, value in rows.items():
        made.add_row(Text(str(name)), value if isinstance(value, Text) else Text(plain(value)))
    return Group(Text(title, style="bold"), made)


def without_fraction(moment: str) -> str:
    """A moment as text, to the second.

    >>> without_fraction("2026-01-05T03:00:01.250000Z")
    '2026-01-05T03:00:01Z'
    """
    whole, dot, _ = moment.partition(".")
    return f"{whole}Z" if dot else moment


def here(workspace: Path) -> str:
    """How a command that is shown has to name the workspace: not at all when it is the current folder."""
    return "" if workspace == Path() else f" -w {workspace}"


def plain(value: object) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {plain(inner)}" for name, inner in value.items())
    return "–" if value is None else str(value)


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Report]:
    """A progress bar on standard error; nothing when it is no terminal or `quiet`."""
    err = PrintableConsole(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=quiet or not err.is_terminal,
    )
    tasks: dict[str, TaskID] = {}

    def report(done: int, total: int | None, what: str) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done, total=total)

    with bar:
        yield report
