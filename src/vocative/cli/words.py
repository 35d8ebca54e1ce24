"""Results of a run in the words of those who read them; programs read the same results as JSON."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from rich.console import Console
from rich.text import Text

from vocative.cli.output import plain, table, without_fraction
from vocative.records.acting import Certificate

TROUBLE = "trouble"
_OUTBOX = {
    "queued": "waiting for their hour",
    "handing_over": "being handed over",
    "delivered": "handed over",
    "written": "handed over",
    "dropped": "let go (no longer allowed, or refused)",
    "unknown": "outcome unknown, not repeated",
}


def show_run(console: Console, title: str, result: Mapping[str, object]) -> None:
    """Print what a run, or a dry run, has done stage by stage."""
    console.print(f"[bold]{title}, as of {without_fraction(str(result['now']))}[/bold]")
    live = mapping(result.get("collect"))
    if live.get("read"):
        console.print(table("Live events", live))
    console.print(table("Understood", understood(mapping(result["build"]), mapping(result["predict"]))))
    show_decisions(console, mapping(result["decide"]))
    if "compose" in result:
        console.print(table("Messages", composed(mapping(result["compose"]))))
    if "send" in result:
        show_sent(console, "Outbox, of this run and earlier ones", mapping(result["send"]))
    for why in waits(mapping(result.get("expire"))):
        console.print(Text(why, style="bold red"), soft_wrap=True)
    if gone := expired(mapping(result.get("expire"))):
        console.print(table("Deleted, being older than it is kept", gone))
    if result.get("seconds"):
        console.print(table("Seconds", mapping(result["seconds"])))
    if result.get("dry_run"):
        console.print("Nothing was written: this was a dry run.")


def understood(build: Mapping[str, object], predict: Mapping[str, object]) -> dict[str, object]:
    """Counts of profiles and, of each module, of its predictions or why it made none."""
    found: dict[str, object] = {"people with a profile": build["profiles"], "affinities": build["affinities"]}
    for name, value in predict.items():
        one = mapping(value)
        none = f"{name} may not run yet: {one.get('why')}"
        found[f"predictions of {name}"] = _acting(one) if one.get("ready", True) else none
        found |= _looked_after(name, one)
    return found


def _looked_after(name: str, one: Mapping[str, object]) -> dict[str, object]:
    """What somebody should know of a model in a run: what broke, who acts from now on, how far the world has moved."""
    found: dict[str, object] = {}
    for title, told in (("trouble", one.get("faults")), ("change", one.get("changed"))):
        if isinstance(told, list) and told:
            style = "bold red" if title == "trouble" else ""
            found[f"  {title} in {name}"] = Text("; ".join(map(str, told)), style=style)
    drift = mapping(one.get("drift"))
    if drift.get("level") in ("amber", "red"):
        why = drift.get("why")
        sentences = "; ".join(map(str, why)) if isinstance(why, list) else ""
        style = "bold red" if drift["level"] == "red" else "yellow"
        found[f"  drift of {name}"] = Text(f"{drift['level']}: {sentences}", style=style)
    return found


def _acting(one: Mapping[str, object]) -> str:
    """How much a module predicted, and by what right."""
    told = plain(one["predictions"])
    acts = str(one.get("acts") or "")
    if one.get("admitted", True) and not acts.startswith("baseline:"):
        return told
    if one.get("admitted", True):
        return f"{told}, by {acts.removeprefix('baseline:').replace('_', ' ')}: no version of the model acts"
    by = str(mapping(one.get("baseline")).get("name", "the simplest way")).replace("_", " ")
    return f"{told}, by {by}: {one.get('verdict', 'not tested yet')}"


def show_decisions(console: Console, decide: Mapping[str, object]) -> None:
    """Print how many people are written to, by campaign, and how many are not, by reason."""
    from vocative.decide.eligibility.filters import in_words

    console.print(
        table(
            "Decisions",
            {
                "people": decide["people"],
                "to be written to": decide["contacted"],
                **{f"  {name}": count for name, count in mapping(decide["by_campaign"]).items()},
                "left in peace": decide["silent"],
                "held back as control group": decide["control"],
                **({"of all these, drawn by lot": decide["explored"]} if decide.get("explored") else {}),
            },
        )
    )
    reasons = mapping(decide["by_reason_not"])
    if reasons:
        console.print(table("Why not", {in_words(name): count for name, count in reasons.items()}))
    if decide.get("plan") is not None:
        console.print(table("The plan", plan_words(mapping(decide["plan"]))))


def plan_words(plan: Mapping[str, object]) -> dict[str, object]:
    """How good the plan is, and which limits bind."""
    found = msgspec.convert(plan, Certificate)
    better = "not known" if found.gap is None else f"at most {found.gap:.2%}"
    told: dict[str, object] = {
        "expected worth, measured or else as declared": f"{found.worth:,.2f}",
        "a better plan could be worth more by": better,
    }
    for one in found.limits:
        most = "" if one.at_most is None else f" of {one.at_most:,.6g}"
        binds = f"; one more would be worth {one.price:,.4g}" if one.price > 0 else ""
        short = f"; {one.short:,.6g} too few" if one.short else ""
        told[f"  {one.name}"] = f"{one.used:,.6g}{most}{binds}{short}"
    return told


def composed(compose: Mapping[str, object]) -> dict[str, object]:
    """How many messages were written, and what kept the others from it."""
    why = compose.get("why_failed")
    reasons = [str(one).replace("\n  → ", "; ") for one in why] if isinstance(why, list) else []
    return {
        "written": compose["composed"],
        "could not be written": compose["failed"],
        **{f"  reason {place}": reason for place, reason in enumerate(reasons, 1)},
    }


def readiness(verdicts: Mapping[str, object]) -> dict[str, object]:
    """Of each module, whether it may run, and why (not); modules of which the same is said stand together."""
    together: dict[str, list[str]] = {}
    for name, verdict in verdicts.items():
        together.setdefault(str(_verdict(mapping(verdict))), []).append(name)
    return {", ".join(names): _verdict(mapping(verdicts[names[0]])) for names in together.values()}


def _verdict(verdict: Mapping[str, object]) -> Text:
    may = ("may run", "green") if verdict["ready"] else ("may not yet", "yellow")
    return Text.assemble(may, f": {verdict['why']}")


def outbox(counts: Mapping[str, object]) -> dict[str, object]:
    """How many messages are in which state."""
    return {_OUTBOX.get(name, name): count for name, count in counts.items() if name != TROUBLE}


def show_sent(console: Console, title: str, sent: Mapping[str, object]) -> None:
    """Print how many messages are in which state, and in red what kept a channel from taking them."""
    console.print(table(title, outbox(sent)))
    for one in trouble(sent):
        console.print(Text(one, style="bold red"), soft_wrap=True)


def trouble(sent: Mapping[str, object]) -> list[str]:
    """What somebody has to look at after a hand-over, a sentence for each channel."""
    return [f"channel {name}: {why}" for name, why in mapping(sent.get(TROUBLE)).items()]


def expired(gone: Mapping[str, object]) -> dict[str, object]:
    """Rows by table, and files, that were deleted for their age; empty if none was."""
    files = {"files of messages": gone["files"]} if gone.get("files") else {}
    return {**{f"rows of {name}": count for name, count in mapping(gone.get("rows")).items()}, **files}


def waits(expire: Mapping[str, object]) -> list[str]:
    """Why nothing was deleted where something should have been, and what to do; empty if all is well."""
    why = expire.get("waits")
    if not isinstance(why, list):
        return []
    return [
        f"Nothing was deleted of what is older than it is kept: {'; '.join(map(str, why))}.",
        "If this moment is right, `vocative run --expire` deletes it; if not, `vocative run --undo` takes it back.",
    ]


def mapping(value: object) -> Mapping[str, object]:
    """The value, if it is a mapping, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def account(counts: Mapping[str, object]) -> str:
    """Counts in one line.

    >>> account({"yes": 1200, "never_asked": 3})
    'yes 1,200, never asked 3'
    """
    return ", ".join(f"{name.replace('_', ' ')} {plain(count)}" for name, count in counts.items())
