"""Peers to be measured beside us, each in an environment of its own, so that none of them is a dependency of ours.

`benchmarks/peer_scripts/NAME/` holds `requirements.txt` and `ask.py`. The environment is made at the first use, in
`bench/peers/NAME`. `ask.py` reads arrays from the `.npz` file named by its first argument, and writes one JSON object
to the file named by its second; it measures its own CPU seconds, without the time of its imports.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_HERE = Path(__file__).parent / "peer_scripts"
_ENVIRONMENTS = Path("bench/peers")
_TOLD = 600


class PeerError(Exception):
    """A peer that could not be installed or that failed; the text holds the end of what it said."""


def ask(name: str, arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, Any]:
    """What a peer answers to arrays.

    Raises:
        PeerError: It could not be installed, or failed.
    """
    python = _environment(name)
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder) / "question.npz", Path(folder) / "answer.json"
        np.savez(question, allow_pickle=False, **arrays)
        _call([str(python), str(_HERE / name / "ask.py"), str(question), str(answer)])
        told: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return told


def _environment(name: str) -> Path:
    """The interpreter of a peer's environment, which is made when it is not there or its requirements changed."""
    folder, wanted = _ENVIRONMENTS / name, _HERE / name / "requirements.txt"
    python, done = folder / "bin" / "python", folder / "requirements.txt"
    if not done.exists() or done.read_bytes() != wanted.read_bytes():
        shutil.rmtree(folder, ignore_errors=True)
        _call([sys.executable, "-m", "venv", str(folder)])
        uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
        _call([uv, "pip", "install", "--quiet", "--python", str(python), "--requirement", str(wanted)])
        shutil.copy(wanted, done)
    return python.absolute()


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerError((done.stderr or done.stdout)[-_TOLD:])
