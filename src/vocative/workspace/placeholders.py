"""What the starter files leave to the business: nobody would want to see it in a message."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

from vocative.records.settings import Brand
from vocative.workspace.configuration import BRAND_FILE, read_settings
from vocative.workspace.reading import read_toml

# A slot of a list stands right behind its name: `targets[0]`.
_BRACKETED = re.compile(r"(?<![\w\]])\[([^\[\]{}]+)\]")


class Placeholders(NamedTuple):
    """What the starter files leave to the business."""

    texts: frozenset[str]
    """Words of templates, which stand there in square brackets."""
    names: frozenset[str]
    """Names, an address and a signature, in small letters."""


@cache
def placeholders() -> Placeholders:
    """The placeholders of the starter files, read from these very files."""
    with as_file(files("vocative.workspace") / "starter") as starter:
        texts = [path.read_text(encoding="utf-8") for path in sorted(starter.rglob("*.txt"))]
        settings, brand = read_settings(starter), read_toml(starter / BRAND_FILE, Brand)
    given = (settings.business.name, settings.sender.name, settings.sender.email, settings.sender.address)
    signature = (brand.signature, brand.signature.strip("[]"))
    return Placeholders(
        frozenset(found for text in texts for found in _BRACKETED.findall(text)),
        frozenset(text.casefold() for text in (*given, *signature) if text),
    )
