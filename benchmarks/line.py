"""The whole line on the real data: seconds by stage of one run, and peak memory of the process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.features.batch import peak_mb
from vocative.cli.demonstration.walking import walk
from vocative.records.progress import no_progress


def run() -> Iterator[dict[str, object]]:
    """One row for each stage of `vocative demo`, and one for the whole."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.line", "one"], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    for stage, seconds in found["seconds"].items():
        yield {"what": f"demonstration: {stage}", "customers": 2_469, "seconds": seconds}
    yield {
        "what": "demonstration: all stages",
        "customers": 2_469,
        "seconds": round(sum(found["seconds"].values()), 2),
        "cpu_seconds": found["cpu_seconds"],
        "peak_mb": found["peak_mb"],
    }


def main() -> None:
    """Print the rows; or, as a process of its own, one measurement as JSON."""
    if sys.argv[1:] == ["one"]:
        with tempfile.TemporaryDirectory() as folder:
            result = walk(Path(folder) / "demo", no_progress)
        cpu = round(time.process_time(), 1)
        print(json.dumps({"seconds": result["seconds"], "cpu_seconds": cpu, "peak_mb": peak_mb()}))
        return
    for row in run():
        print("  ".join(f"{name}={value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
