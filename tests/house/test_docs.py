"""The documentation says what the code does: all is described, every link leads somewhere, examples are valid."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest

from vocative import errors
from vocative.cli import main
from vocative.records import settings
from vocative.records.lake_tables import LAKE_TABLES
from vocative.records.ledger_tables import LEDGER_TABLES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_EXAMPLE = re.compile(r"<!-- whole vocative\.toml -->\s*```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def reference(name: str) -> str:
    return (DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8")


def commands(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.commands:
            inner = command.get_command(context, name)
            assert inner is not None, name
            yield from commands(inner, (*words, name))


def make_docs(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = str(ROOT / "scripts" / "make_docs.py")
    return subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False, cwd=ROOT)


def test_the_reference_is_what_the_code_says() -> None:
    done = make_docs("--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_and_option_is_documented() -> None:
    page = reference("commands")
    for words, command in commands(main, ("vocative",)):
        assert command.help, words
        for option in command.params:
            if isinstance(option, click.Option) and len(words) > 1:
                assert option.help, (words, option.name)
                assert all(f"`{name}`" in page for name in option.opts), (words, option.opts)
        if not isinstance(command, click.Group):
            heading = rf"^## `{words[0]}( [A-Z_]+)?( \w+)*{'' if len(words) == 1 else ' ' + words[-1]}`$"
            assert re.search(heading, page, re.MULTILINE), words


def test_every_setting_is_documented() -> None:
    page = reference("settings")
    structs = [
        value for value in vars(settings).values() if isinstance(value, type) and issubclass(value, msgspec.Struct)
    ]
    fields = [field for struct in structs if struct is not msgspec.Struct for field in msgspec.structs.fields(struct)]
    assert len(fields) > 50
    for field in fields:
        row = re.search(rf"^\| `{field.encode_name}` \|.*\| (.+) \|$", page, re.MULTILINE)
        assert row is not None, field.encode_name
        assert row[1].strip(), field.encode_name


def test_every_error_class_is_documented() -> None:
    page = reference("errors")
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(classes) > 10
    for error in classes:
        assert error.__dict__.get("__doc__"), error
        assert f"## `{error.__name__}`" in page
        assert re.search(rf"\b{error.__name__}\b", errors.__doc__ or ""), error


def test_every_table_and_column_is_documented() -> None:
    page = reference("tables")
    for table in (*LAKE_TABLES, *LEDGER_TABLES):
        assert f"### `{table.name}`" in page
        assert all(f"| `{column.name}` | {column.type} |" in page for column in table.columns), table.name


def anchors(page: Path) -> set[str]:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {"".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in _LINK.findall(text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


def test_every_page_is_reached_from_the_index() -> None:
    seen, waiting = set[Path](), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        links = [link.partition("#")[0] for link in _LINK.findall(page.read_text(encoding="utf-8"))]
        waiting += [(page.parent / link).resolve() for link in links if link and "://" not in link]
    assert [str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if page not in seen] == []


def examples() -> list[tuple[str, str]]:
    return [
        (f"{page.relative_to(ROOT)}-{number}", text)
        for page in PAGES
        for number, text in enumerate(_EXAMPLE.findall(page.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("example", [text for _, text in examples()], ids=[name for name, _ in examples()])
def test_whole_examples_are_valid_settings(example: str) -> None:
    msgspec.convert(tomllib.loads(example), settings.Settings)


def test_there_are_examples() -> None:
    assert len(examples()) >= 3


def test_commands_in_the_pages_exist() -> None:
    known = {words for words, _ in commands(main, ("vocative",))}
    for page in PAGES:
        for block in _CONSOLE.findall(page.read_text(encoding="utf-8")):
            for line in re.findall(r"^(?:\.venv/bin/)?vocative (\S+)(.*)$", block, re.MULTILINE):
                name, rest = line
                assert ("vocative", name) in known, f"{page.name}: {line}"
                for option in re.findall(r"(?<=\s)--[a-z-]+", rest):
                    assert f"`{option}`" in reference("commands"), f"{page.name}: {option}"


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (DOCS / "explanation" / "dependencies.md").read_text(encoding="utf-8")
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[<>=~!\[; ]", name)[0] for name in wanted}
    explained = set(re.findall(r"^\| ([a-z0-9-]+) \|", page, re.MULTILINE)) - {"package"}
    assert explained == names


def test_the_check_bites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    script = runpy.run_path(str(ROOT / "scripts" / "make_docs.py"))["main"]
    assert script([], tmp_path) == 0
    assert script(["--check"], tmp_path) == 0
    (tmp_path / "errors.md").write_text("something else", encoding="utf-8")
    assert script(["--check"], tmp_path) == 1
    (tmp_path / "errors.md").unlink()
    assert script(["--check"], tmp_path) == 1
    monkeypatch.setattr(errors.StoreError, "__doc__", None)
    assert script([], tmp_path) == 1
