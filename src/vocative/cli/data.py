"""`vocative import` and `vocative export`."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

import click
from rich.console import Console

from vocative.cli.output import emit, json_option, moment, now_option, progress_bar, table, workspace_option
from vocative.collect.files import import_file
from vocative.collect.guess import Guess, guess_mapping
from vocative.collect.redrive import redrive
from vocative.errors import MappingError
from vocative.line.exporting import EXPORTS, export_table
from vocative.records.results import ImportAccount
from vocative.records.settings import ImportMapping, Kind, Settings
from vocative.workspace.opening import Workspace

_KINDS = get_args(Kind)


@click.command("import")
@click.argument("kind", required=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--map", "mapping", metavar="NAME", help="Mapping to use: [imports.NAME] in vocative.toml.")
@click.option("--guess", is_flag=True, help="Look at a file and propose a mapping; nothing is imported.")
@click.option("--redrive", "again", is_flag=True, help="Take rejected rows through the (mended) mapping again.")
@workspace_option
@now_option
@json_option
def import_(
    kind: str | None,
    files: tuple[Path, ...],
    mapping: str | None,
    guess: bool,
    again: bool,
    workspace: Path,
    now: str | None,
    as_json: bool,
) -> None:
    r"""Import FILES of one KIND: events, people, items or permissions (CSV, Parquet, JSON lines; also .gz).

    \b
      vocative import events orders.csv --map orders
      vocative import --guess orders.csv
      vocative import events --redrive --map orders
    """
    if guess:
        _guess(kind, files, as_json=as_json)
        return
    if kind not in _KINDS:
        raise MappingError(
            f"{kind!r} is not a kind of data", remedy=f"say which: vocative import {'|'.join(_KINDS)} FILE…"
        )
    wanted = cast("Kind", kind)
    at = moment(now)
    with Workspace.open(workspace) as opened, progress_bar(quiet=as_json) as progress:
        chosen = _mapping(opened.settings, mapping, wanted)
        if again:
            accounts = [
                redrive(
                    opened.stores,
                    opened.settings,
                    kind=wanted,
                    mapping=chosen,
                    now=at,
                    progress=progress,
                    scratch=opened.scratch,
                )
            ]
        else:
            if not files:
                raise MappingError("no file was named", remedy=f"vocative import {kind} FILE…")
            accounts = [
                import_file(
                    opened.stores,
                    opened.settings,
                    path,
                    kind=wanted,
                    mapping=chosen,
                    now=at,
                    progress=progress,
                    scratch=opened.scratch,
                )
                for path in files
            ]
    emit(
        accounts[0] if len(accounts) == 1 else accounts,
        as_json=as_json,
        show=lambda console: _show_all(console, accounts),
    )


@click.command()
@click.argument("what", type=click.Choice(sorted(EXPORTS)))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help=".parquet, .csv or .jsonl")
@click.option("--since", metavar="MOMENT", help="Only rows from this moment on.")
@workspace_option
@json_option
def export(what: str, out: Path, since: str | None, workspace: Path, as_json: bool) -> None:
    """Export a table to Parquet, CSV or JSON lines."""
    with Workspace.open(workspace) as opened:
        rows = export_table(opened, what, out, since=moment(since) if since else None)
    emit(
        {"table": what, "file": str(out), "rows": rows},
        as_json=as_json,
        show=lambda console: console.print(f"{rows:,} rows of {what} written to {out}"),
    )


def _mapping(settings: Settings, name: str | None, kind: Kind) -> ImportMapping | None:
    if name is None:
        return None
    found = settings.imports.get(name)
    if found is None:
        known = ", ".join(sorted(settings.imports)) or "none"
        raise MappingError(
            f"there is no mapping named {name!r}", remedy=f"known: {known}; `vocative import --guess FILE` proposes one"
        )
    if found.kind != kind:
        raise MappingError(
            f"the mapping {name!r} is for {found.kind}, not {kind}", remedy=f"vocative import {found.kind} …"
        )
    return found


def _guess(kind: str | None, files: tuple[Path, ...], *, as_json: bool) -> None:
    # With --guess the first word is the file itself, unless it is a kind.
    paths = list(files)
    if kind is not None and kind not in _KINDS:
        paths.insert(0, Path(kind))
        kind = None
    if not paths:
        raise MappingError("no file was named", remedy="vocative import --guess FILE")
    found = guess_mapping(paths[0], kind=cast("Kind | None", kind))
    emit(found, as_json=as_json, show=lambda console: _show_guess(console, found))


def _show_guess(console: Console, guess: Guess) -> None:
    console.print(f"This looks like [bold]{guess.kind}[/bold]. Put this into vocative.toml and change what is wrong:\n")
    console.print(guess.toml(), markup=False, highlight=False, soft_wrap=True)
    if guess.preview:
        console.print(table("The first row would become", dict(guess.preview[0])))


def _show_all(console: Console, accounts: list[ImportAccount]) -> None:
    for account in accounts:
        _show(console, account)


def _show(console: Console, account: ImportAccount) -> None:
    if account.repeated:
        console.print(f"{account.file}: imported before, nothing changed")
    console.print(
        table(
            f"{account.file}: {account.kind}",
            {
                "read": account.read,
                "accepted": account.accepted,
                "merged (known already)": account.merged,
                "rejected (in quarantine)": account.rejected,
                "with a doubt": account.marked,
            },
        )
    )
    if account.rejected:
        console.print("  → vocative export quarantine --out rejected.csv shows each row with its reason")
