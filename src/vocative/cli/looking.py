"""What a dry run would do, in the words of those who read it."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from vocative.cli.output import plain, table
from vocative.cli.words import mapping

_KINDS = {"measured": "measured gain", "declared": "declared gain (a guess)"}


def show_dry_run(console: Console, found: Mapping[str, object]) -> None:
    """Print what a dry run of a moment or of a span came to."""
    console.print(Text(str(found["sentence"]), style="bold"), soft_wrap=True)
    if "days_decided" in found:
        console.print(_span_words(found), soft_wrap=True)
    console.print()
    for title, name in (("By campaign", "by_campaign"), ("By day", "by_day"), ("By local hour", "by_local_hour")):
        counted = mapping(found[name])
        if counted and (name != "by_day" or len(counted) > 1):
            console.print(table(title, counted))
    console.print(table("Money", money(found)))
    for one in mapping(found["expected_gain"]).values():
        if one is not None:
            console.print(f"  {mapping(one)['assumes']}.", markup=False, soft_wrap=True)
    caps = {name: _times(mapping(one)) for name, one in mapping(found["caps_hit"]).items()}
    if caps:
        console.print(table("Held back by caps, pauses, budgets and limits", caps))
    limits = {name: mapping(one) for name, one in mapping(found["limits"]).items()}
    if limits:
        console.print(table("Used of limits", {name: _use(one) for name, one in limits.items()}))
    console.print(table("Why not, in people who get nothing", mapping(found["why_not"])))
    console.print("Nothing was written: this was a dry run.")


def money(found: Mapping[str, object]) -> dict[str, object]:
    """Cost and expected gain, what was measured apart from what was declared."""
    told: dict[str, object] = {"cost": found["cost"]}
    for kind, one in mapping(found["expected_gain"]).items():
        gain = mapping(one)
        if gain:
            low, high = (plain(end) for end in _ends(gain["interval"]))
            told[_KINDS[kind]] = (
                f"{plain(gain['value'])} (95% interval {low} to {high}), {plain(gain['contacts'])} messages"
            )
    if len(told) == 1:
        told["expected gain"] = "not known: nothing was measured, and no campaign chosen declares a value"
    return told


def _ends(interval: object) -> tuple[float, float]:
    assert isinstance(interval, list)
    return float(interval[0]), float(interval[1])


def _span_words(found: Mapping[str, object]) -> str:
    """Which days were decided, and by what right they were predicted."""
    every = "each day" if found["every"] == 1 else f"every {found['every']} days"
    told = f"{found['from']} to {found['until']}, decided {every} at {found['at']}: {plain(found['contacts'])} messages"
    if found["days_left_out"]:
        told += f". {plain(found['days_left_out'])} days lie ahead and are left out"
    by = "; ".join(f"{module}: {plain(mapping(one))}" for module, one in mapping(found["predicted_by"]).items())
    return f"{told}.\nPredicted on so many days by: {by}." if by else f"{told}."


def _times(one: Mapping[str, object]) -> str:
    return f"{plain(one['people'])} people, {plain(one['times'])} messages"


def _use(one: Mapping[str, object]) -> str:
    binds = f"; used up in {plain(one['plans_it_binds'])} plans" if one["plans_it_binds"] else ""
    return f"{plain(one['used'])}{binds}"
