"""Writes docs/reference from the code, so that it cannot say anything else than the code does.

`make_docs.py` writes the pages, `make_docs.py --check` compares them with what would be written. Both name every
command, option, setting, table, column, feature and error class without a description, and exit with 1 if there is any.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast, get_args

import click
import msgspec

from python_page import Missing, python_page
from vocative import errors
from vocative.records import (
    caps,
    exploring,
    limits,
    lists,
    operation,
    questions,
    relationship,
    segmenting,
    settings,
    worth,
)
from vocative.records.lake_tables import LAKE_TABLES
from vocative.records.ledger_tables import LEDGER_TABLES
from vocative.records.schema import Table
from vocative.store.registry import Kind

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
_NOTE = "<!-- Written by `make docs` from the code: edit the code, not this page. -->"
_SECTIONS = {
    "Settings": "`vocative.toml`",
    "Brand": "`brand.toml`",
    "Campaign": "`campaigns/*.yaml`",
    "Wording": "`wording/*.toml`",
}


def cell(text: str) -> str:
    """Text as it may stand in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def rows(head: list[str], body: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(cell(value) for value in row)} |" for row in body)])


def commands_page(missing: Missing) -> str:
    """Every command with its arguments and options, by introspection of click."""
    main = importlib.import_module("vocative.cli").main
    parts = ["# Commands", inspect.cleandoc(main.help or ""), _shared(main)]
    for path, command, inherited in walk(main, "vocative"):
        parts.append(f"## `{path}`")
        text = re.sub(r"(\\b|\x08)\n", "", inspect.cleandoc(command.help or ""))
        if not text:
            missing.append(f"command `{path}` has no description")
        parts.append(prose(text))
        parts.append(f"```console\n{usage(path, command)}\n```")
        options = [option for option in (*inherited, *command.params) if isinstance(option, click.Option)]
        body = [option_row(path, option, missing) for option in options]
        if body:
            parts.append(rows(["option", "meaning", "default"], body))
    return "\n\n".join(part for part in parts if part)


def _shared(main: click.Command) -> str:
    names = ", ".join(f"[`{path}`](#{anchor(path)})" for path, *_ in walk(main, "vocative"))
    return (
        f"Commands: {names}.\n\nExit code 0 is success, 1 a failure that is not yours, 2 a mistake that you can mend."
    )


def anchor(title: str) -> str:
    """The fragment under which a heading is reached."""
    return "".join(sign for sign in title.lower().replace(" ", "-") if sign.isalnum() or sign in "-_")


def walk(
    command: click.Command, path: str, inherited: tuple[click.Parameter, ...] = ()
) -> Iterator[tuple[str, click.Command, tuple[click.Parameter, ...]]]:
    """Every command below this one that does something, with the words that call it and the options of its group."""
    if isinstance(command, click.Group):
        arguments = " ".join(str(part.name).upper() for part in command.params if isinstance(part, click.Argument))
        context = click.Context(command)
        for name in command.commands:
            inner = command.get_command(context, name)
            assert inner is not None
            words = f"{path} {arguments} {name}" if arguments else f"{path} {name}"
            yield from walk(inner, words, (*inherited, *command.params) if arguments else ())
    else:
        yield path, command, inherited


def prose(text: str) -> str:
    """Help text as Markdown: indented lines are examples."""
    parts: list[str] = []
    for block in text.split("\n\n"):
        lines = block.splitlines()
        example = len(lines) > 0 and all(line.startswith("  ") for line in lines)
        parts.append(f"```console\n{inspect.cleandoc(block)}\n```" if example else block)
    return "\n\n".join(parts)


def usage(path: str, command: click.Command) -> str:
    """How a command is called."""
    pieces = command.collect_usage_pieces(click.Context(command))
    return " ".join([path, *pieces])


def option_row(path: str, option: click.Option, missing: Missing) -> list[str]:
    """One option: its names, what it means, its default."""
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    value = "" if option.is_flag else f" `{option.make_metavar(click.Context(click.Command(path)))}`"
    if not option.help:
        missing.append(f"option {names} of `{path}` has no description")
    default = option.show_default if isinstance(option.show_default, str) else ""
    return [names + value, option.help or "", "required" if option.required else default]


def field_docs(module: object) -> dict[str, dict[str, str]]:
    """Class → field → the docstring that stands under the field."""
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    found: dict[str, dict[str, str]] = {}
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        docs: dict[str, str] = {}
        for before, after in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(before, ast.AnnAssign)
                and isinstance(before.target, ast.Name)
                and isinstance(after, ast.Expr)
            ):
                docs[before.target.id] = inspect.cleandoc(str(ast.literal_eval(after.value)))
        found[node.name] = docs
    return found


def settings_page(missing: Missing) -> str:
    """Every setting of every file with its type, default and meaning."""
    modules = (settings, questions, operation, lists, segmenting, limits, caps, relationship, exploring, worth)
    docs = {key: text for module in modules for key, text in field_docs(module).items()}
    structs = {name: struct for module in modules for name, struct in structs_of(module).items()}
    parts = ["# Settings", "An unknown key, a wrong type or a missing key is refused with file, line and remedy."]
    for name, struct in structs.items():
        parts.append(f"## {_SECTIONS.get(name, name)}")
        if not struct.__doc__:
            missing.append(f"settings class {name} has no description")
        parts.append(inspect.cleandoc(struct.__doc__ or ""))
        body = []
        for field in msgspec.structs.fields(struct):
            text = docs[name].get(field.name, "") or inspect.cleandoc(described(field.type))
            if not text:
                missing.append(f"setting {name}.{field.name} has no description")
            body.append([f"`{field.encode_name}`", f"`{annotation(struct, field.name)}`", default_of(field), text])
        parts.append(rows(["key", "type", "default", "meaning"], body))
    return "\n\n".join(parts)


def structs_of(module: object) -> dict[str, type[msgspec.Struct]]:
    """The settings classes of a module, in the order in which they are written."""
    own = getattr(module, "__name__", "")
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == own
    }


def described(kind: object) -> str:
    """The description of a section's own class, for a field that has none of its own."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct:
        return kind.__doc__ or ""
    return ""


def annotation(struct: type[msgspec.Struct], field: str) -> str:
    """The type of a field as it is written in the source."""
    tree = ast.parse(inspect.getsource(struct))
    cls = cast("ast.ClassDef", tree.body[0])
    for node in cls.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == field:
            return readable(node.annotation)
    return ""


def readable(node: ast.expr) -> str:
    """A type without its technical constraints' wrapping: `Annotated[int, Meta(ge=0)]` becomes `int, ge=0`."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Annotated":
        inner, *meta = cast("ast.Tuple", node.slice).elts
        limits = [ast.unparse(word) for call in meta if isinstance(call, ast.Call) for word in call.keywords]
        return ", ".join([ast.unparse(inner), *limits])
    return ast.unparse(node)


def default_of(field: msgspec.structs.FieldInfo) -> str:
    """The default of a field as one would write it; nothing when the key is required."""
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if isinstance(value, msgspec.Struct):
        return "its own defaults"
    return "none" if value is None else f"`{msgspec.json.encode(value).decode()}`"


def aliases_text() -> str:
    """The names of types that settings use, with what they allow."""
    hints = {"Kind": settings.Kind, "Purpose": settings.Purpose, "Role": settings.Role, "Weekday": caps.Weekday}
    lines = [
        f"- `{name}`: one of {', '.join(f'`{value}`' for value in get_args(kind))}" for name, kind in hints.items()
    ]
    for name in ("Share", "NotNegative", "Count", "Days", "LocalTime"):
        base, *meta = get_args(getattr(caps if name == "LocalTime" else settings, name))
        limits = {key: getattr(meta[0], key) for key in ("ge", "le", "pattern") if getattr(meta[0], key) is not None}
        lines.append(f"- `{name}`: {base.__name__}, {', '.join(f'{key} `{value}`' for key, value in limits.items())}")
    return "\n".join(["## Types", "", *lines])


def tables_page(missing: Missing) -> str:
    """Every table with purpose, subjects, retention and columns."""
    parts = [
        "# Tables",
        "The lake holds Parquet files under `data/` that any tool can read; the ledger is one SQLite file. "
        "A moment is an instant in UTC; in the ledger it is an integer of microseconds since 1970.",
    ]
    for store, tables in (("lake", LAKE_TABLES), ("ledger", LEDGER_TABLES)):
        parts.append(f"## The {store}")
        parts += [table_text(table, missing) for table in tables]
    return "\n\n".join(parts)


def table_text(table: Table, missing: Missing) -> str:
    """One table."""
    if not table.purpose or not table.retention.why:
        missing.append(f"table {table.name} has no purpose or no reason for its retention")
    missing.extend(
        f"column {table.name}.{column.name} has no meaning" for column in table.columns if not column.meaning
    )
    subjects = ", ".join(f"`{name}`" for name in table.subjects) or "nobody"
    kept = (
        "until erased"
        if table.retention.days is None
        else f"{table.retention.days} days after `{table.retention.since}`"
    )
    facts = [
        f"- Purpose: {table.purpose}.",
        f"- Whose data: {subjects}. Key: {', '.join(f'`{name}`' for name in table.key)}.",
        f"- Kept {kept}: {table.retention.why}.",
    ]
    body = [
        [f"`{column.name}`", column.type, "yes" if column.optional else "", column.meaning] for column in table.columns
    ]
    return "\n\n".join(
        [f"### `{table.name}`", "\n".join(facts), rows(["column", "type", "may be empty", "meaning"], body)]
    )


def errors_page(missing: Missing) -> str:
    """The tree of errors."""
    tree = inspect.cleandoc(errors.__doc__ or "").split("\n\n", 1)[-1]
    parts = ["# Errors", f"```text\n{tree}\n```"]
    for name, error in vars(errors).items():
        if not (isinstance(error, type) and issubclass(error, Exception)) or error.__module__ != errors.__name__:
            continue
        if not error.__dict__.get("__doc__"):
            missing.append(f"error class {name} has no description")
        if name not in tree:
            missing.append(f"error class {name} does not stand in the tree of vocative.errors")
        parts.append(f"## `{name}`\n\n{inspect.cleandoc(error.__dict__.get('__doc__') or '')}")
    return "\n\n".join(parts)


def features_page(missing: Missing) -> str:
    """Every standard feature."""
    standard = importlib.import_module("vocative.profile.standard.standard").STANDARD
    missing.extend(f"feature {one.name} has no meaning or unit" for one in standard if not (one.meaning and one.unit))
    body = [[f"`{one.name}`", one.unit, ", ".join(f"`{role}`" for role in one.roles), one.meaning] for one in standard]
    intro = (
        f"{len(standard)} standard features. Each is computed from what was known before a moment, in two ways that "
        "agree: from the lake for many people at many moments, and live as events arrive. A feature whose events the "
        "business does not have is absent."
    )
    return "\n\n".join(["# Features", intro, rows(["feature", "unit", "needs events", "meaning"], body)])


def reasons_page(missing: Missing) -> str:
    """Every reason for which a person is not contacted."""
    reasons = importlib.import_module("vocative.decide.eligibility.filters").REASONS
    missing.extend(f"reason {name} is not explained" for name, text in reasons.items() if not text)
    intro = "Why a person is not contacted, or a candidate was removed: the word in a decision, and what it means."
    body = [[f"`{name}`", text] for name, text in reasons.items()]
    return "\n\n".join(["# Reasons", intro, rows(["reason", "meaning"], body)])


def drivers_page(missing: Missing) -> str:
    """The entry points of the package, by kind."""
    parts = [
        "# Drivers",
        "Drivers are found by entry point, so that another package can bring its own: "
        "see [how to write a driver](../how-to/write-a-driver.md).",
    ]
    for kind in get_args(Kind):
        own = [
            point for point in entry_points(group=f"vocative.{kind}") if point.dist and point.dist.name == "vocative"
        ]
        body = []
        for point in sorted(own, key=lambda point: point.name):
            text = (inspect.getdoc(point.load()) or "").split("\n\n")[0]
            if not text:
                missing.append(f"the {kind} driver {point.name} has no description")
            body.append([f"`{point.name}`", f"`{point.value}`", text])
        parts.append(f"## `vocative.{kind}`\n\n{rows(['name', 'class', 'what it is'], body)}")
    return "\n\n".join(parts)


PAGES: dict[str, Callable[[Missing], str]] = {
    "commands": commands_page,
    "settings": lambda missing: f"{settings_page(missing)}\n\n{aliases_text()}",
    "tables": tables_page,
    "features": features_page,
    "reasons": reasons_page,
    "errors": errors_page,
    "python": python_page,
    "drivers": drivers_page,
}


def make_pages(missing: Missing) -> dict[str, str]:
    """The text of every page by its name; a page that cannot be made is a fault and stays as it is."""
    pages: dict[str, str] = {}
    for name, make in PAGES.items():
        try:
            pages[name] = f"{_NOTE}\n\n{make(missing).strip()}\n"
        except (ImportError, AttributeError) as error:
            missing.append(f"the page {name} cannot be made: {error}")
    return pages


def main(arguments: list[str], reference: Path = REFERENCE) -> int:
    """Write or check all pages; return the exit code."""
    missing: Missing = []
    pages = {reference / f"{name}.md": text for name, text in make_pages(missing).items()}
    if "--check" in arguments:
        stale = [path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
        missing += [f"{path} is not what the code says: run `make docs`" for path in stale]
        missing += [f"{path} is written by nobody" for path in sorted(reference.glob("*.md")) if path not in pages]
    else:
        reference.mkdir(parents=True, exist_ok=True)
        for path, text in pages.items():
            path.write_text(text, encoding="utf-8")
    print(*missing, f"{len(pages)} pages, {len(missing)} faults", sep="\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
