"""Reads configuration files into typed settings; each mistake is named with file, line and remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from vocative.errors import SettingsError

T = TypeVar("T", bound=msgspec.Struct)
Locate = Callable[[str, Sequence[str]], int]

_PATH = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]+)`")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")
_ANY_KEY = "[...]"


def read_toml(path: Path, shape: type[T]) -> T:
    """Read a TOML file into a struct.

    Raises:
        SettingsError: the file is missing, is no TOML, or holds an unknown key, a wrong type or a missing key.
    """
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"this is not valid TOML: {error}", where=str(path), remedy="mend that line") from error
    return _convert(data, shape, path, text, toml_line)


def read_yaml(path: Path, shape: type[T]) -> T:
    """Read a YAML file into a struct; like `read_toml`, and a key that stands twice is a mistake too.

    Raises:
        SettingsError: as for `read_toml`.
    """
    text = _text(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_doubles(node, path)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SettingsError(f"this is not valid YAML: {error.problem}", where=f"{path}{line}") from error
    if not isinstance(data, dict):
        raise SettingsError("the file holds no settings", where=str(path), remedy="write `key: value` lines")
    return _convert(data, shape, path, text, yaml_line)


def toml_line(text: str, path: Sequence[str]) -> int:
    """The line, counted from 1, on which the key at `path` stands, or the nearest table above it."""
    best, best_depth, table = 1, 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            table = _keys(header[1])
            here = table
        elif key := re.match(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"))*)\s*=""", line):
            here = [*table, *_keys(key[1])]
        else:
            continue
        depth = len(here) if list(path[: len(here)]) == here else 0
        if depth > best_depth:
            best, best_depth = number, depth
    return best


def yaml_line(text: str, path: Sequence[str]) -> int:
    """The line, counted from 1, on which the key at `path` stands, or the nearest one above it."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for part in path:
        if not isinstance(node, yaml.MappingNode):
            break
        found = next(((key, value) for key, value in node.value if key.value == part), None)
        if found is None:
            break
        line = found[0].start_mark.line + 1
        node = found[1]
    return line


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsError(
            "this file is missing", where=str(path), remedy="run `vocative init` for a new workspace, or write the file"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"this file is not UTF-8 (byte {error.start})", where=str(path), remedy="save it as UTF-8"
        ) from error


def _convert(data: dict[str, object], shape: type[T], path: Path, text: str, locate: Locate) -> T:
    try:
        return msgspec.convert(data, shape, strict=True)
    except msgspec.ValidationError as error:
        message = str(error)
        keys = _resolve(data, shape, message)
        what, keys, remedy = _explain(_PATH.sub("", message), keys, shape)
        raise SettingsError(what, where=f"{path}:{locate(text, keys)}", remedy=remedy) from error


def _explain(message: str, keys: list[str], shape: type[msgspec.Struct]) -> tuple[str, list[str], str]:
    place = ".".join(keys) or "the top level"
    if unknown := _UNKNOWN.search(message):
        name = unknown["name"]
        known = _known_keys(keys, shape)
        close = get_close_matches(name, known, n=1)
        remedy = f"did you mean `{close[0]}`?" if close else f"known here: {', '.join(known)}"
        return f"unknown key `{name}` in {place}", [*keys, name], remedy
    if missing := _MISSING.search(message):
        return f"the key `{missing['name']}` is missing in {place}", keys, f"add `{missing['name']} = …` there"
    return f"{message} for `{place}`", keys, "give a value of the expected type; docs/reference/settings.md lists them"


def _resolve(data: dict[str, object], shape: type[msgspec.Struct], message: str) -> list[str]:
    """The keys of the path in a message; `[...]` stands for some key of a table, which is found by trying each."""
    found = _PATH.search(message)
    parts = re.findall(r"\[\.\.\.\]|\[\d+\]|[^.\[\]]+", found["path"] if found else "")
    keys: list[str] = []
    for part in parts:
        keys.append(_failing_key(data, keys, shape, message) if part == _ANY_KEY else part)
    return keys


def _failing_key(data: dict[str, object], keys: list[str], shape: type[msgspec.Struct], message: str) -> str:
    table = _at(data, keys)
    if not isinstance(table, dict):
        return _ANY_KEY
    for key in table:
        try:
            msgspec.convert(_with(data, keys, {key: table[key]}), shape, strict=True)
        except msgspec.ValidationError as error:
            if str(error) == message:
                return str(key)
    return _ANY_KEY


def _at(data: object, keys: Sequence[str]) -> object:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _with(data: dict[str, object], keys: Sequence[str], value: object) -> dict[str, object]:
    if not keys:
        return value if isinstance(value, dict) else {}
    inner = data.get(keys[0])
    changed = _with(inner if isinstance(inner, dict) else {}, keys[1:], value) if len(keys) > 1 else value
    return {**data, keys[0]: changed}


def _known_keys(keys: list[str], shape: type[msgspec.Struct]) -> list[str]:
    """The keys a table may hold, asked of msgspec by the type that stands at the path."""
    current: object = msgspec.inspect.type_info(shape)
    for key in keys:
        if isinstance(current, msgspec.inspect.StructType):
            current = next((field.type for field in current.fields if field.encode_name == key), None)
        elif isinstance(current, msgspec.inspect.DictType):
            current = current.value_type
        if isinstance(current, msgspec.inspect.UnionType):
            current = next((part for part in current.types if isinstance(part, msgspec.inspect.StructType)), None)
    if isinstance(current, msgspec.inspect.StructType):
        return [field.encode_name for field in current.fields]
    return []


def _refuse_doubles(node: yaml.Node | None, path: Path) -> None:
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        if key.value in seen:
            where = f"{path}:{key.start_mark.line + 1}"
            raise SettingsError(f"the key `{key.value}` stands twice", where=where, remedy="keep one of the two")
        seen.add(key.value)
        _refuse_doubles(value, path)


def _keys(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r"""(?:[\w-]+|"[^"]*"|'[^']*')""", dotted)]
