"""Makes a workspace from a recipe: its configuration, generated data in `raw/`, and what to type next."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from vocative.recipes.known import DAYS, NOW, RECIPES, SEED, UNTIL, Recipe

RAW = "raw"
_MARK = "GENERATED.md"
_SAYS = """# Generated data

Every file in this folder is generated from a seed by Vocative's recipe `{name}`: {title}. There is no such business,
and none of these people exist.
"""


def configuration(name: str) -> Traversable:
    """The folder with the configuration of a recipe."""
    return files("vocative.recipes") / name / "workspace"


def write_data(name: str, root: Path, people: int, days: int = DAYS) -> list[Path]:
    """Write the generated files of a recipe into `root/raw` and return their paths."""
    recipe, raw = RECIPES[name], root / RAW
    recipe.write(raw, people=people, days=days, seed=SEED, until=UNTIL)
    (raw / _MARK).write_text(_SAYS.format(name=name, title=recipe.title), encoding="utf-8")
    return [raw / _MARK, *(raw / file for _, file, _ in recipe.imports)]


def next_commands(name: str, folder: str, campaigns: list[str]) -> list[str]:
    """What to type after a workspace has been made, in order, each command complete.

    Args:
        name: The recipe.
        folder: Where the workspace is, as the user named it.
        campaigns: Names of its campaigns.
    """
    recipe: Recipe = RECIPES[name]
    tail = f"-w {folder} --now {NOW}"
    imports = [
        f"vocative import {kind} {folder}/{RAW}/{file} --map {mapping} {tail}" for kind, file, mapping in recipe.imports
    ]
    approval = f'campaign approve {" ".join(campaigns)} --by "Your name"'
    acts = ("campaign preview --all", approval, "run", "segments", "report")
    return [*imports, *(f"vocative {command} {tail}" for command in acts)]
