"""`vocative person ID not-me`: what was a gift or somebody else's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from vocative.cli.clock import moment, now_option
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, json_option, plain, workspace_option

if TYPE_CHECKING:
    from vocative.desk.person.not_me import Disowned, OwnEvent


@click.command("not-me")
@click.argument("message_ids", metavar="[MESSAGE_ID]...", nargs=-1)
@click.option("--item", "items", multiple=True, metavar="ITEM", help="All this person's events of an item.")
@click.option("--order", "orders", multiple=True, metavar="ORDER", help="All this person's events of an order.")
@click.option("--undo", is_flag=True, help="The events are this person's own after all.")
@workspace_option
@now_option
@json_option
@click.pass_obj
def not_me(
    person_id: str,
    message_ids: tuple[str, ...],
    items: tuple[str, ...],
    orders: tuple[str, ...],
    undo: bool,
    workspace: Path,
    now: str | None,
    as_json: bool,
) -> None:
    """Mark events as a gift or as somebody else's, so that they shape this person's profile no longer.

    From now on no feature, affinity or prediction uses them; what was known of the past before stays as it was, and so
    does the record of what was paid. Without an event, an item or an order the latest events are listed with their ids.
    """
    from vocative.desk.person.not_me import disown, own_events

    at = moment(now)
    with open_workspace(workspace) as opened:
        if not (message_ids or items or orders):
            if undo:
                raise click.UsageError("say which events are to count again: their ids, --item or --order")
            events = own_events(opened, person_id, at)
            emit({"person_id": person_id, "events": events}, as_json=as_json, show=lambda to: to.print(_listed(events)))
            return
        done = disown(opened, person_id, at, message_ids=message_ids, items=items, orders=orders, undo=undo)
    emit(done, as_json=as_json, show=lambda to: _show(to, done, undo=undo))


def _listed(events: list[OwnEvent]) -> Table:
    made = Table("event", "when", "what", "item", "order", "money", "not me", title_justify="left", box=None)
    for one in events:
        cells = (one.message_id, one.at[:10], one.event, one.item_id, one.order_id, one.amount, one.not_me)
        made.add_row(*(escape(plain(cell)) for cell in cells))
    return made


def _show(console: Console, done: Disowned, *, undo: bool) -> None:
    events = f"{len(done.changed):,} event{'' if len(done.changed) == 1 else 's'}"
    what = f"count as those of {done.person_id} again" if undo else f"no longer count as those of {done.person_id}"
    so = f"; {len(done.unchanged):,} did so already" if done.unchanged else ""
    console.print(f"{events} {what}{so}.", markup=False)
    if done.changed:
        console.print("The next `vocative run` works with it.", markup=False)
