"""What a command costs before it does anything: the list of commands, refusals, and the list of campaigns.

Beside them stands what cannot be avoided: Python itself, with click, and with numpy and pyarrow, which whoever opens a
workspace needs.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.commands.measuring import cost, vocative
from vocative.workspace.starting import make_workspace


def run() -> Iterator[dict[str, object]]:
    """One row for each command; `ratio` is against `import click`, which no command goes below."""
    with tempfile.TemporaryDirectory() as folder:
        shop, nothing = str(Path(folder) / "shop"), str(Path(folder) / "nothing")
        make_workspace(Path(shop))
        asked = {
            "python -c pass": ["-c", "pass"],
            "import click": ["-c", "import click"],
            "import numpy, pyarrow": ["-c", "import numpy, pyarrow"],
            "vocative --help": vocative("--help"),
            "refused: unknown command": vocative("nonsense"),
            "refused: unknown option": vocative("run", "--nonsense"),
            "refused: no workspace": vocative("status", "-w", nothing),
            "vocative campaign list": vocative("campaign", "list", "-w", shop),
        }
        floor = cost(asked["import click"]).seconds
        for what, words in asked.items():
            found = cost(words)
            yield {
                "what": f"start-up: {what}",
                "cpu_seconds": found.seconds,
                "ratio": round(found.seconds / max(floor, 1e-3), 1),
                "peak_mb": found.peak_mb,
            }


def main() -> None:
    """Print the rows."""
    for row in run():
        sys.stdout.write("  ".join(f"{name}={value}" for name, value in row.items()) + "\n")


if __name__ == "__main__":
    main()
