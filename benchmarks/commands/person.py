"""What the commands about one person cost in the demonstration, and whether that grows with the number of people."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.commands.measuring import cost, demonstration, vocative

PERSON = "1"


def run(demo: Path | None = None) -> Iterator[dict[str, object]]:
    """One row for each command; `ratio` is against the list of campaigns, which opens the same workspace.

    Args:
        demo: A demonstration that is there already; without it one is made.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = str(demo or demonstration(Path(folder)))
        floor = cost(vocative("campaign", "list", "-w", root)).seconds
        commands = {
            "person ID show": ["person", PERSON, "show"],
            "person ID why": ["person", PERSON, "why"],
            "recommend ID": ["recommend", PERSON],
            "person NOBODY show, refused": ["person", "nobody-of-that-name", "show"],
        }
        for what, words in commands.items():
            found = cost(vocative(*words, "-w", root))
            yield {
                "what": f"one person: {what}",
                "customers": 2_469,
                "cpu_seconds": found.seconds,
                "ratio": round(found.seconds / floor, 1),
                "peak_mb": found.peak_mb,
            }


def main() -> None:
    """Print the rows; an argument names a demonstration that is there already."""
    for row in run(Path(sys.argv[1]) if sys.argv[1:] else None):
        sys.stdout.write("  ".join(f"{name}={value}" for name, value in row.items()) + "\n")


if __name__ == "__main__":
    main()
