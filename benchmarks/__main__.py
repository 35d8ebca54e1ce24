"""`make bench`: every figure, printed as tables and written as JSON to `bench/results.json`."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console

from benchmarks import (
    composition,
    days,
    doses,
    gate,
    imports,
    line,
    market,
    outcomes,
    patterns,
    plans,
    predictions,
    rhythm,
    small_business,
    training,
    uplift,
    value,
)
from benchmarks.commands import person, startup
from benchmarks.features import batch as features
from benchmarks.items import next_in_sequence, next_items
from benchmarks.legality import decisions as legality
from benchmarks.legality import outbox as legality_outbox
from benchmarks.tables import show

Rows = list[dict[str, object]]


def main() -> None:
    """Run all benchmarks, or those that are named."""
    parts: dict[str, Callable[[], Iterable[dict[str, object]]]] = {
        "import": imports.run,
        "features": features.run,
        "line": line.run,
        "startup": startup.run,
        "person-commands": person.run,
        "rhythm": rhythm.run,
        "predictions": predictions.run,
        "value": lambda: value.run(chosen.data),
        "outcomes": lambda: outcomes.run(chosen.data),
        "next-items": lambda: next_items.run(chosen.data),
        "next-in-sequence": lambda: next_in_sequence.run(chosen.data) if chosen.data else (),
        "uplift": lambda: uplift.run(chosen.data),
        "doses": doses.run,
        "gate": gate.run,
        "patterns": patterns.run,
        "small-business": small_business.run,
        "training": training.run,
        "plans": plans.run,
        "composition": composition.run,
        "decisions-at-scale": lambda: (*legality.run(chosen.decisions), *legality_outbox.run()),
        "market": market.run,
        "market-engine": market.engine,
        "days": lambda: days.run(chosen.days),
    }
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=sorted(parts), action="append", help="only this part; may be repeated")
    parser.add_argument("--days", type=int, default=days.DAYS, help="daily runs to replay in the part `days`")
    parser.add_argument(
        "--decisions",
        type=int,
        default=legality.DECISIONS,
        help="decisions to simulate in the part `decisions-at-scale`",
    )
    parser.add_argument("--data", type=Path, help="folder of public data; parts that need it are cut short without it")
    parser.add_argument("--out", type=Path, default=Path("bench/results.json"))
    chosen = parser.parse_args()
    console = Console(width=200)
    results: dict[str, Rows] = {}
    machine = {"system": platform.platform(), "python": platform.python_version()}
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    for name in chosen.only or parts:
        console.print(f"[bold]{name}[/bold]")
        results[name] = list(parts[name]())
        show(console, results[name])
        # Written after each part, so that one that fails costs no figure of those before.
        chosen.out.write_text(json.dumps({"machine": machine, "results": results}, indent=2) + "\n", encoding="utf-8")
    console.print(f"written to {chosen.out}")


if __name__ == "__main__":
    main()
