"""`vocative import` and `vocative export`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

import click
from rich.console import Console, Group

from vocative.cli.clock import moment, now_option
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, here, json_option, progress_bar, table, workspace_option
from vocative.cli.printable import say
from vocative.errors import MappingError, UserError
from vocative.records.exports import EXPORTS
from vocative.records.results import ImportAccount
from vocative.records.settings import ImportMapping, Kind, Settings
from vocative.workspace.folder import SETTINGS_FILE, refuse_other_folder

if TYPE_CHECKING:
    from vocative.collect.guess.guess import Guess

_KINDS = get_args(Kind)
_REST = {"events": "properties", "people": "traits", "items": "attributes", "offers": "attributes"}
# What the engine fills in by itself tells nobody whether a mapping fits.
_OURS = ("message_id", "version_id", "permission_id", "known_at", "not_me", "source")


@click.command("import")
@click.argument("kind", required=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--map", "mapping", metavar="NAME", help="Mapping to use: [imports.NAME] in vocative.toml.")
@click.option("--guess", is_flag=True, help="Look at a file and propose a mapping; nothing is imported.")
@click.option("--redrive", "again", is_flag=True, help="Take rejected rows through the (mended) mapping again.")
@click.option("--replace", is_flag=True, help="Take back the events the same file brought with another mapping.")
@partial(workspace_option, may_be_none=True)
@now_option
@json_option
def import_(
    kind: str | None,
    files: tuple[Path, ...],
    mapping: str | None,
    guess: bool,
    again: bool,
    replace: bool,
    workspace: Path,
    now: str | None,
    as_json: bool,
) -> None:
    r"""Import FILES of one KIND: events, people, items, permissions or offers (CSV, Parquet, JSON lines; also .gz).

    \b
      vocative import events orders.csv --map orders
      vocative import --guess orders.csv
      vocative import events --redrive --map orders
    """
    at = moment(now)
    if guess:
        _guess(kind, files, workspace, at, as_json=as_json)
        return
    if kind not in _KINDS:
        wrong = "no kind of data was named" if kind is None else f"{kind!r} is not a kind of data"
        raise MappingError(wrong, remedy=f"say which: vocative import {'|'.join(_KINDS)} FILE…")
    if not files and not again:
        raise MappingError("no file was named", remedy=f"vocative import {kind} FILE…")
    refuse_other_folder(workspace)
    from vocative.collect.commit.files import import_file
    from vocative.collect.commit.redrive import redrive

    with open_workspace(workspace) as opened, progress_bar(quiet=as_json) as progress:
        chosen = _mapping(opened.settings, mapping, cast("Kind", kind))
        take = partial(
            redrive if again else import_file,
            opened.stores,
            opened.settings,
            kind=cast("Kind", kind),
            mapping=chosen,
            now=at,
            progress=progress,
            scratch=opened.scratch,
        )
        accounts, failed = ([take()], {}) if again else _each(partial(take, replace=replace), files)
    emit(
        accounts[0] if len(accounts) + len(failed) == 1 else _together(accounts, failed),
        as_json=as_json,
        show=lambda console: _show_all(console, accounts, workspace),
    )
    if failed:
        say("\n".join(f"vocative: {text}" for text in failed.values()), err=True)
        click.get_current_context().exit(2)


def _each(take: Callable[[Path], ImportAccount], files: Sequence[Path]) -> tuple[list[ImportAccount], dict[str, str]]:
    """Take the files one by one; one that cannot be read is named, and the others go on."""
    accounts: list[ImportAccount] = []
    failed: dict[str, str] = {}
    for path in files:
        try:
            accounts.append(take(path))
        except UserError as error:
            if len(files) == 1:
                raise
            failed[str(path)] = str(error)
    return accounts, failed


def _together(accounts: Sequence[ImportAccount], failed: Mapping[str, str]) -> dict[str, object]:
    """One account of several files: their sums, each of them, and the files that could not be read."""
    sums = {
        name: sum(int(getattr(account, name)) for account in accounts)
        for name in ("read", "accepted", "merged", "rejected", "marked")
    }
    return {**sums, "files": accounts, "failed": failed}


@click.command(help=f"Export a table to Parquet, CSV or JSON lines.\n\nTABLE is one of: {', '.join(sorted(EXPORTS))}.")
@click.argument("what", metavar="TABLE", type=click.Choice(sorted(EXPORTS)))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help=".parquet, .csv or .jsonl")
@click.option("--since", metavar="MOMENT", help="Only rows from this moment on.")
@workspace_option
@json_option
def export(what: str, out: Path, since: str | None, workspace: Path, as_json: bool) -> None:
    """Export one table; the help text names them all."""
    from vocative.desk.export import export_table
    from vocative.line.snapshot.clock import parse_moment

    with open_workspace(workspace) as opened:
        rows = export_table(opened, what, out, since=None if since is None else parse_moment(since))
    emit(
        {"table": what, "file": str(out), "rows": rows},
        as_json=as_json,
        show=lambda console: console.print(f"{rows:,} rows of {what} written to {out}", markup=False),
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


def _guess(kind: str | None, files: tuple[Path, ...], workspace: Path, now: int, *, as_json: bool) -> None:
    # With --guess the first word is the file itself, unless it is a kind.
    from vocative.collect.guess.guess import guess_mapping
    from vocative.workspace.configuration import read_settings

    paths = list(files)
    if kind is not None and kind not in _KINDS:
        paths.insert(0, Path(kind))
        kind = None
    if not paths:
        raise MappingError("no file was named", remedy="vocative import --guess FILE")
    zone = read_settings(workspace).business.timezone if (workspace / SETTINGS_FILE).exists() else "UTC"
    found = guess_mapping(paths[0], kind=cast("Kind | None", kind), timezone=zone, now=now)
    emit(found, as_json=as_json, show=lambda console: _show_guess(console, found))


def _show_guess(console: Console, guess: Guess) -> None:
    console.print(f"This looks like [bold]{guess.kind}[/bold]. Put this into vocative.toml and change what is wrong:\n")
    console.print(guess.toml(), markup=False, highlight=False, soft_wrap=True)
    if guess.missing:
        names = ", ".join(guess.missing)
        console.print(
            f"Nothing was found for {names}. Without it nothing can be imported.", markup=False, soft_wrap=True
        )
    if guess.unmapped and guess.kind in _REST:
        names = ", ".join(guess.unmapped)
        console.print(f"Kept as they are, in {_REST[guess.kind]}: {names}", markup=False, soft_wrap=True)
    if guess.preview:
        console.print(_first_row(guess.preview[0]))


def _first_row(row: Mapping[str, object]) -> Group:
    """The first row as it would be imported, or why it would be refused."""
    if "_fault" in row:
        return table("The first row would be refused", {"column": row["_column"], "reason": row["_fault"]})
    shown = {name: value for name, value in row.items() if name not in _OURS and value not in ("", None)}
    return table("The first row would become", shown)


def _show_all(console: Console, accounts: Sequence[ImportAccount], workspace: Path) -> None:
    for account in accounts:
        _show(console, account, workspace)


def _show(console: Console, account: ImportAccount, workspace: Path) -> None:
    if account.repeated:
        console.print(f"{account.file}: imported before, nothing changed", markup=False, soft_wrap=True)
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
        export = f"vocative export quarantine --out rejected.csv{here(workspace)}"
        console.print(f"  → {export} shows each row with its reason", markup=False, soft_wrap=True)
