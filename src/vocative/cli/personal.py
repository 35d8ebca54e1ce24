"""`vocative person ID export | erase | readmit`: the answers to what a person may ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console

from vocative.cli.clock import moment, now_option
from vocative.cli.opening import open_workspace
from vocative.cli.output import console, emit, json_option, table, workspace_option
from vocative.cli.printable import printable_json

if TYPE_CHECKING:
    from vocative.desk.person.erasure import Receipt


@click.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write, instead of the screen.")
@workspace_option
@now_option
@json_option
@click.pass_obj
def export(person_id: str, out: Path | None, workspace: Path, now: str | None, as_json: bool) -> None:
    """Write everything that is kept of this person as one JSON object: each table with its purpose and retention."""
    from vocative.desk.atomic_file import whole_file
    from vocative.desk.person.subject_access import personal_data

    with open_workspace(workspace) as opened:
        found = personal_data(opened, person_id, moment(now))
    text = msgspec.json.format(msgspec.json.encode(found), indent=2)
    if out is None:
        click.echo(printable_json(text.decode()))
        return
    with whole_file(out) as half:
        half.write_bytes(text)
    rows = sum(len(kept.rows) for kept in found.tables.values())
    text_of = f"{rows:,} rows of {len(found.tables)} tables written to {out}"
    emit(
        {"person_id": found.person_id, "file": str(out), "rows": rows, "tables": sorted(found.tables)},
        as_json=as_json,
        show=lambda console: console.print(text_of, markup=False, soft_wrap=True),
    )


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask whether to erase.")
@click.option("--by", default="", metavar="NAME", help="Who of the business does it; stands on the receipt.")
@workspace_option
@now_option
@json_option
@click.pass_obj
def erase(person_id: str, yes: bool, by: str, workspace: Path, now: str | None, as_json: bool) -> None:
    """Erase this person from every table and file, for good, and keep them erased when the same data comes again."""
    from vocative.desk.person.erasure import erase_person, look_for

    at = moment(now)
    if as_json and not yes:
        raise click.UsageError("--json cannot ask: say --yes as well, if the person is to be erased")
    with open_workspace(workspace) as opened:
        if not yes:
            found = look_for(opened, person_id)
            title = f"{found.person_id} is known as {', '.join(found.identifiers)}"
            console().print(table(title, found.rows or {"nothing": "an erasure is to be finished"}))
            click.confirm("Erase all of this? It cannot be undone", abort=True)
        receipt = erase_person(opened, person_id, at, by)
    emit(receipt, as_json=as_json, show=lambda console: _show(console, receipt))


@click.command()
@click.option("--by", required=True, metavar="NAME", help="Who of the business does it; stays on record.")
@workspace_option
@now_option
@json_option
@click.pass_obj
def readmit(person_id: str, by: str, workspace: Path, now: str | None, as_json: bool) -> None:
    """Let an erased person in again who came back; what was erased does not come back by itself."""
    from vocative.desk.person.erasure import readmit_person

    with open_workspace(workspace) as opened:
        lifted = readmit_person(opened, person_id, moment(now), by)
    emit(
        {"person_id": person_id, "lifted": lifted, "by": by},
        as_json=as_json,
        show=lambda console: console.print(f"{person_id} may be taken in again.", markup=False),
    )


def _show(console: Console, receipt: Receipt) -> None:
    by = f" by {receipt.by}" if receipt.by else ""
    console.print(table(f"Receipt {receipt.receipt_id}, {receipt.at}{by}", receipt.erased))
    if receipt.made_again:
        console.print(f"Pages that showed people are gone: {', '.join(receipt.made_again)}", markup=False)
    if receipt.left:
        console.print(
            f"Your own files still name this person; delete them or the rows in them: {', '.join(receipt.left)}",
            markup=False,
        )
