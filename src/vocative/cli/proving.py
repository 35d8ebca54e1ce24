"""`vocative prove`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vocative.cli.clock import moment, now_option
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, json_option, progress_bar, without_fraction, workspace_option
from vocative.records.proof import Verdict
from vocative.records.settings import Settings


@click.command()
@workspace_option
@now_option
@click.option(
    "--module",
    "names",
    metavar="NAME",
    multiple=True,
    help="Only this module; repeatable.",
)
@click.option("--force", is_flag=True, help="Test again even where there is a verdict for this moment.")
@json_option
def prove(workspace: Path, now: str | None, names: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Fit every prediction, test it on the past against naive ways, and write down whether it may act.

    Without `--module` the past is also searched for patterns, as `vocative patterns` shows them.
    """
    from vocative.line.models.proving import prove_workspace
    from vocative.line.snapshot.clock import to_text
    from vocative.line.understand.patterns import prove_and_search, sentences
    from vocative.predict.registry import predictors_of, question

    at = moment(now)
    with open_workspace(workspace) as opened, progress_bar(quiet=as_json) as progress:
        settings = opened.settings
        told: list[str] = []
        if names:
            found = prove_workspace(opened, at, _chosen(names, settings), progress, force=force)
        else:
            found, patterns = prove_and_search(opened, at, predictors_of(settings), progress, force=force)
            told = sentences(opened, patterns)

    def show(console: Console) -> None:
        console.print(f"[bold]Proved on the past, as of {without_fraction(to_text(at))}[/bold]")
        console.print(_table(found))
        for name, verdict in found.items():
            console.print(Text(f"\n{name}: {question(name, settings)}", style="cyan"))
            for line in _lines(verdict):
                console.print(Text(f"  {line}"))
        if told:
            console.print(Text("\nfound patterns", style="cyan"))
        for sentence in told:
            console.print(Text(f"  {sentence}"))

    emit({"now": to_text(at), "verdicts": found, "patterns": told}, as_json=as_json, show=show)


def _chosen(names: tuple[str, ...], settings: Settings) -> tuple[str, ...]:
    """The modules that are named; all, if none is."""
    from vocative.predict.registry import predictors_of

    known = predictors_of(settings)
    for name in names:
        if name not in known:
            raise click.BadParameter(f"there is no prediction {name!r}; there are: {', '.join(known)}")
    return names or tuple(known)


def _table(found: dict[str, Verdict]) -> Table:
    made = Table(box=None, padding=(0, 2), show_edge=False)
    for title in (
        "module",
        "may act",
        "metric",
        "ours",
        "best naive way",
        "difference",
        "95 % interval",
        "calibrated",
        "in 90 %",
    ):
        made.add_column(title, no_wrap=True)
    for name, verdict in found.items():
        tested = bool(verdict.origins)
        made.add_row(
            Text(name, style="cyan"),
            Text("yes", style="green") if verdict.admitted else Text("no", style="yellow"),
            Text(verdict.metric),
            Text(f"{verdict.value:.4g}" if tested else "–"),
            Text(f"{verdict.baseline_value:.4g} {verdict.baseline.replace('_', ' ')}" if tested else "–"),
            Text(f"{verdict.difference:+.3g}" if tested else "–"),
            Text(f"{verdict.low:+.3g} to {verdict.high:+.3g}" if tested else "–"),
            _calibrated(verdict),
            Text("–" if verdict.coverage is None else f"{verdict.coverage.share:.0%}"),
        )
    return made


def _calibrated(verdict: Verdict) -> Text:
    """Whether probabilities mean what they say, and how far off they are on average."""
    found = verdict.reliability
    if found is None:
        return Text("–")
    said, style = ("yes", "green") if found.calibrated else ("no", "yellow")
    return Text(f"{said}, {found.error:.1%}", style=style)


def _lines(verdict: Verdict) -> list[str]:
    """What there is to say of a verdict besides its figures, a line for each."""
    lines = [verdict.why]
    if verdict.needs:
        lines.append(f"it needs: {verdict.needs}")
    worse = [one for one in verdict.groups if (one.low if verdict.lower_is_better else -one.high) > 0.0]
    lines += [
        f"warning: worse than {verdict.baseline.replace('_', ' ')} among {one.people:,} people, {one.trait} {one.name}"
        for one in worse
    ]
    return lines + [f"warning: {one}" for one in verdict.warnings]
