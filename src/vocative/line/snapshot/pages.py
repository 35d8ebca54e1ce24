"""Pages for people of the business: templates beside this file, rendered strictly, everything escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import minijinja


def render(name: str, **slots: object) -> str:
    """Render the page template `name`, such as `index.html`; a slot that is missing is a fault of ours."""
    return _environment().render_template(name, **slots)


@cache
def _environment() -> minijinja.Environment:
    templates = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in files("vocative.line.snapshot").iterdir()
        if entry.name.endswith(".html")
    }
    return minijinja.Environment(
        templates=templates, debug=False, undefined_behavior="strict", auto_escape_callback=lambda _: True
    )
