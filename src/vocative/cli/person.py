"""`vocative person ID show | why | identities | not-me | export | erase | readmit`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from vocative.cli.clock import moment, now_option
from vocative.cli.not_me import not_me
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, json_option, plain, table, without_fraction, workspace_option
from vocative.cli.personal import erase, export, readmit
from vocative.records.cells import integer
from vocative.records.ledger_tables import IDENTITIES
from vocative.records.results import Permission
from vocative.records.schema import Value

if TYPE_CHECKING:
    from vocative.desk.person.forecasts import PersonForecast, Prediction
    from vocative.line.snapshot.preferences import Wished
    from vocative.profile.card.card import ProfileCard
    from vocative.profile.card.reach import Reach

_LIKED = 12
_ITEMS = 4
_WAYS = {"welcome": "by what fits somebody without an act", "untried": "hardly anybody had it yet"}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@click.group()
@click.argument("person_id")
@click.pass_context
def person(context: click.Context, person_id: str) -> None:
    """Everything about one person, by their identifier: `vocative person 1000 show`."""
    context.obj = person_id


for _command in (not_me, export, erase, readmit):
    person.add_command(_command)


@person.command()
@workspace_option
@now_option
@json_option
@click.pass_obj
def show(person_id: str, workspace: Path, now: str | None, as_json: bool) -> None:
    """Print the 360° profile: facts with origin and age, timeline, permissions, reachability, predictions, segments."""
    from vocative.desk.person.forecasts import foreseen
    from vocative.desk.person.subject_access import card_of
    from vocative.line.snapshot.preferences import wish_of_person
    from vocative.line.snapshot.relationships import relationship_of
    from vocative.line.snapshot.snapshot import Snapshot

    at = moment(now)
    with open_workspace(workspace) as opened:
        _, scene = Snapshot.of_person(opened, person_id, at)
        card, ahead = card_of(opened, person_id, at, scene), foreseen(opened, person_id, at, scene)
        related = relationship_of(opened, person_id, at, scene)
        wished = wish_of_person(opened, person_id, at, scene)

    def show_all(console: Console) -> None:
        _show_card(console, card)
        console.print(table("Relationship", {related.state: related.because}))
        console.print(table("Lists", {"new to them": f"{wished.discovery:.0%} at least, {_wish(wished)}"}))
        _show_ahead(console, ahead)

    told = {"relationship": related._asdict(), "lists": wished._asdict()}
    emit({**msgspec.to_builtins(card), **told, **msgspec.to_builtins(ahead)}, as_json=as_json, show=show_all)


@person.command()
@workspace_option
@now_option
@json_option
@click.pass_obj
def why(person_id: str, workspace: Path, now: str | None, as_json: bool) -> None:
    """Print the last decisions about this person: what was considered, what removed each, what was chosen."""
    from vocative.desk.person.subject_access import why_of

    with open_workspace(workspace) as opened:
        decisions = why_of(opened, person_id, moment(now))

    def show_all(console: Console) -> None:
        for decision in decisions:
            title = f"{without_fraction(decision.moment)}: {decision.outcome}, because: {decision.because}"
            rows = dict(decision.candidates)
            if decision.subject:
                rows["message"] = decision.subject
            console.print(table(title, rows))

    emit({"person_id": person_id, "decisions": decisions}, as_json=as_json, show=show_all)


@person.command()
@click.option("--same", "other", metavar="OTHER", help="Say that OTHER is another identifier of this person.")
@click.option("--undo", "link_id", metavar="LINK", help="Undo a link; it stays on record and does not come back.")
@workspace_option
@now_option
@json_option
@click.pass_obj
def identities(
    person_id: str, other: str | None, link_id: str | None, workspace: Path, now: str | None, as_json: bool
) -> None:
    """Print which identifiers belong to this person, add one, or undo a link."""
    from vocative.collect.identity.identity import declare_same, undo
    from vocative.line.snapshot.clock import to_text

    at = moment(now)
    with open_workspace(workspace) as opened:
        ledger = opened.stores.ledger
        if other is not None:
            declare_same(ledger, user_id=other, person_id=person_id, at=at, source="command line")
        if link_id is not None:
            undo(ledger, link_id, at)
        with ledger.transaction() as transaction:
            links = transaction.select(IDENTITIES, {"person_id": person_id}, order_by=("alias", "at"))
    rows = [
        {**link, "at": to_text(integer(link["at"])), "holds": link["undone_at"] is None, "undone_at": _day(link)}
        for link in links
    ]

    def show_links(console: Console) -> None:
        if not rows:
            console.print(f"No other identifier belongs to {person_id}.", markup=False)
            return
        made = Table("identifier", "holds", "since", "source", "link", title_justify="left", box=None)
        for row in rows:
            made.add_row(*(escape(plain(row[name])) for name in ("alias", "holds", "at", "source", "link_id")))
        console.print(made)

    emit({"person_id": person_id, "identities": rows}, as_json=as_json, show=show_links)


def _wish(wished: Wished) -> str:
    return f"as they asked for {wished.asked!r}" if wished.asked else "as for everybody"


def _show_ahead(console: Console, ahead: PersonForecast) -> None:
    if ahead.segments:
        console.print(table("Segments", {kind: "; ".join(names) for kind, names in ahead.segments.items()}))
    if ahead.predictions:
        rows = {f"{one.module} {one.target}".strip(): _predicted(one) for one in ahead.predictions}
        console.print(table(f"Predictions, as of {without_fraction(ahead.predictions[0].as_of)}", rows))


def _predicted(one: Prediction) -> str:
    if one.unit == "probability":
        told = f"{one.value:.1%} ({one.low:.1%} to {one.high:.1%})"
    elif one.unit == "hour":
        told = f"around {one.value:.0f}:00"
    elif one.unit == "weekday":
        told = _WEEKDAYS[int(one.value) % len(_WEEKDAYS)]
    else:
        told = f"{one.value:,.1f} {one.unit} ({one.low:,.1f} to {one.high:,.1f})"
    why = _WAYS.get(one.acts, f"by {one.acts.replace('_', ' ')}: the model is not admitted")
    return told if one.acts == "model" else f"{told}, {why}"


def _day(link: Mapping[str, Value]) -> str | None:
    from vocative.line.snapshot.clock import to_text

    return None if link["undone_at"] is None else to_text(integer(link["undone_at"]))


def _show_card(console: Console, card: ProfileCard) -> None:
    from vocative.line.snapshot.clock import to_text

    zone = card.timezone + ("" if card.timezone_known else " (not known: that of the business)")
    console.print(f"[bold]{escape(card.person_id)}[/bold], as of {without_fraction(to_text(card.moment))}, {zone}")
    if card.invented:
        console.print(f"[yellow]Invented here: {escape(', '.join(card.invented))}[/yellow]")
    if not card.profiled:
        console.print("[yellow]Has not allowed personalization: nothing is inferred, only orders are shown.[/yellow]")
    facts = Table("fact", "value", "origin", "age", "exactness", title="Facts", title_justify="left", box=None)
    for fact in card.facts:
        doubt = f" [red]({fact.doubt}: not used)[/red]" if fact.doubt else ""
        age = f"{fact.age_days:.0f} days"
        facts.add_row(escape(fact.name), f"{escape(str(fact.value))}{doubt}", fact.origin, age, fact.exactness)
    console.print(facts)
    liked = [one for one in card.affinities if one.affinity > 0]
    liked.sort(key=lambda one: -one.affinity * one.support)
    times = {f"{one.value} ({one.attribute})": f"{math.exp(one.affinity):.1f} times as much" for one in liked[:_LIKED]}
    if times:
        console.print(table("Likes more than others do", times))
    console.print(_timeline(card))
    console.print(table("Permissions", {_permission(one): _said(one) for one in card.permissions}))
    console.print(table("Reachable", {one.channel: _reach(one) for one in card.reachability}))


def _timeline(card: ProfileCard) -> Table:
    made = Table("day", "what", "lines", "money", "with", title="Latest", title_justify="left", box=None)
    for entry in card.timeline:
        what = f"{entry.what}{' (somebody else)' if entry.not_me else ''}"
        items = ", ".join(entry.items[:_ITEMS]) + (", …" if len(entry.items) > _ITEMS else "")
        made.add_row(entry.day, escape(what), plain(entry.count), plain(entry.money), escape(items))
    return made


def _permission(one: Permission) -> str:
    return f"{one.purpose}, {'every channel' if one.channel == '*' else one.channel}"


def _said(one: Permission) -> str:
    from vocative.line.snapshot.clock import to_text

    shown = f", asked: {one.text!r}" if one.text else ""
    return f"{one.status} on {to_text(one.at)[:10]}, basis {one.basis}, source {one.source}{shown}"


def _reach(one: Reach) -> str:
    reach = f"marketing {plain(one.marketing)}, service {plain(one.service)}"
    return f"{reach} ({one.why})" if one.why else reach
