"""CPU seconds and memory of a command in a process of its own, with byte code present, as from the second call on."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

TIMES = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """The cheapest of some calls: CPU seconds (user and system, all threads) and peak memory in MB."""

    seconds: float
    peak_mb: int


def cost(words: list[str], times: int = TIMES) -> Cost:
    """What `python WORDS` costs; it is called once more before, so that its byte code is there."""
    with tempfile.TemporaryDirectory() as cache:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = {**kept, "PYTHONPYCACHEPREFIX": cache}
        found = [_once(words, environment) for _ in range(times + 1)][1:]
    return Cost(round(min(one.seconds for one in found), 3), max(one.peak_mb for one in found))


def vocative(*words: str) -> list[str]:
    """A command of ours, to be measured."""
    return ["-c", "from vocative.cli import main; main()", *words]


def _once(words: list[str], environment: dict[str, str]) -> Cost:
    quiet = os.open(os.devnull, os.O_WRONLY)
    actions = [(os.POSIX_SPAWN_DUP2, quiet, 1), (os.POSIX_SPAWN_DUP2, quiet, 2)]
    child = os.posix_spawn(sys.executable, [sys.executable, *words], environment, file_actions=actions)
    os.close(quiet)
    _, _, used = os.wait4(child, 0)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)


def demonstration(folder: Path) -> Path:
    """The demonstration's workspace, made in a folder; it takes a minute or two."""
    from vocative.cli.demonstration.walking import walk
    from vocative.records.progress import no_progress

    walk(folder / "demo", no_progress)
    return folder / "demo"
