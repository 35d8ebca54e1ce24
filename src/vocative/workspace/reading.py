"""Reads configuration files into typed settings; each mistake is named with file, line and remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
import yaml

from vocative.errors import SettingsError

_REMEDIES = dict.fromkeys(
    ("caps.per_day", "caps.per_week", "caps.per_month"),
    'write how many messages one person gets at most; 0 means none, "none" no limit, leave it out for the default',
)
T = TypeVar("T", bound=msgspec.Struct)
Locate = Callable[[str, Sequence[str]], int]

_PATH = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]+)`")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")
_BOUND = re.compile(r"(?P<sign>>=|<=) (?P<end>-?\d[\d.e+-]*)$")
_CLOCK = "2[0-3]):[0-5]"
_ANY_KEY = "[...]"
_YAML_KEYS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")
_BAD_KEY = re.compile(r"^Invalid enum value '(?P<name>.*)' - at `key` in `\$\.?(?P<path>[^`]*)`$", re.DOTALL)
_TOML_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


def read_toml(path: Path, shape: type[T]) -> T:
    """Read a TOML file into a struct.

    Raises:
        SettingsError: the file is missing, is no TOML, or holds an unknown key, a wrong type or a missing key.
    """
    text = read_text(path)
    try:
        data = tomllib.loads(text)
    except RecursionError as error:
        raise SettingsError(
            "this is nested too deeply", where=f"{path}:1", remedy="look for hundreds of brackets inside each other"
        ) from error
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.search(str(error))
        line = int(found["line"]) if found and found["line"] else len(text.rstrip().split("\n"))
        what = str(error)[: found.start()] if found else str(error)
        raise SettingsError(
            f"this is not valid TOML: {what}", where=f"{path}:{line}", remedy="mend that line, or the one before it"
        ) from error
    return _convert(data, shape, path, text, toml_line, " =")


def read_yaml(path: Path, shape: type[T]) -> T:
    """Read a YAML file into a struct; like `read_toml`, and a key that stands twice is a mistake too.

    Raises:
        SettingsError: as for `read_toml`.
    """
    text = read_text(path)
    try:
        data = yaml.safe_load(text)
        _refuse_keys(yaml.compose(text, Loader=yaml.SafeLoader), path)
    except SettingsError:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        what = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
        raise SettingsError(
            f"this is not valid YAML: {what}",
            where=f"{path}:{mark.line + 1 if mark else 1}",
            remedy="mend that line, or the one before it; put texts with special signs in quotes",
        ) from error
    if not isinstance(data, dict):
        raise SettingsError("the file holds no settings", where=f"{path}:1", remedy="write `key: value` lines")
    return _convert(data, shape, path, text, yaml_line, ":")


def toml_line(text: str, path: Sequence[str]) -> int:
    """The line, counted from 1, on which the key at `path` begins, or the nearest one above it; `text` is valid TOML.

    A TOML file cut off after a whole statement is a TOML file: the first cut after which the key is there is found by
    halving, and the statement begins after the last cut before it.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    wanted = list(path)
    while wanted and not _holds(tomllib.loads(text), wanted):
        wanted.pop()
    if not wanted:
        return 1
    before, after = 0, len(lines)
    while after - before > 1:
        middle = (before + after) // 2
        cut = next((at for at in range(middle, after) if _whole(lines[:at]) is not None), after)
        if cut < after and not _holds(_whole(lines[:cut]) or {}, wanted):
            before = cut
        elif cut < after:
            after = cut
        else:
            # From the middle on there is no cut within: look at what lies before it.
            cut = next((at for at in range(middle - 1, before, -1) if _whole(lines[:at]) is not None), before)
            if cut == before:
                break
            if _holds(_whole(lines[:cut]) or {}, wanted):
                after = cut
            else:
                before = cut
                break
    return before + 1


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


def read_text(path: Path) -> str:
    """The text of a configuration file.

    Raises:
        SettingsError: it is missing, not a file, or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = bytes(error.object[: error.start]).count(b"\n") + 1
        raise SettingsError(
            f"this file is not UTF-8 (byte {error.start})", where=f"{path}:{line}", remedy="save it as UTF-8"
        ) from error
    except OSError as error:
        what = "this file is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise SettingsError(
            what, where=str(path), remedy="run `vocative init` for a new workspace, or write the file"
        ) from error


def _whole(lines: Sequence[str]) -> dict[str, object] | None:
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return None


def _holds(data: object, path: Sequence[str]) -> bool:
    for key in path:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True


def _endless(data: object) -> list[str] | None:
    """The keys that lead to a number that is infinite or none; None if all numbers are such that one can count."""
    if isinstance(data, float):
        return None if isfinite(data) else []
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        if (found := _endless(value)) is not None:
            return [str(key), *found]
    return None


def _convert(
    data: dict[str, object], shape: type[T], path: Path, text: str, locate: Locate, sign: Literal[" =", ":"]
) -> T:
    if (endless := _endless(data)) is not None:
        raise SettingsError(
            f"`{'.'.join(endless)}` is infinite or no number",
            where=f"{path}:{locate(text, endless)}",
            remedy="write a number; leave the key out where there is no limit",
        )
    try:
        return msgspec.convert(data, shape, strict=True)
    except msgspec.ValidationError as error:
        message = _BAD_KEY.sub(r"Object contains unknown field `\g<name>` - at `$.\g<path>`", str(error))
        keys = _resolve(data, shape, message)
        what, keys, remedy = _explain(_PATH.sub("", message), keys, shape, sign)
        raise SettingsError(what, where=f"{path}:{locate(text, keys)}", remedy=remedy) from error


def _explain(
    message: str, keys: list[str], shape: type[msgspec.Struct], sign: Literal[" =", ":"]
) -> tuple[str, list[str], str]:
    place = ".".join(keys) or "the top level"
    if unknown := _UNKNOWN.search(message):
        name = unknown["name"]
        known = _known_keys(keys, shape)
        close = get_close_matches(name, known, n=1)
        remedy = f"did you mean `{close[0]}`?" if close else f"known here: {', '.join(known)}"
        return f"unknown key `{name}` in {place}", [*keys, name], remedy
    if missing := _MISSING.search(message):
        return (
            f"the key `{missing['name']}` is missing in {place}",
            keys,
            f"add `{missing['name']}{sign} …` there",
        )
    return f"{message} for `{place}`", keys, _REMEDIES.get(place) or _remedy(message)


def _remedy(message: str) -> str:
    if bound := _BOUND.search(message):
        side = "or more" if bound["sign"] == ">=" else "or less"
        return f"give a number of {float(bound['end']):g} {side}; docs/reference/settings.md lists the expected types"
    if _CLOCK in message:
        return 'write a time of day such as "08:00"; docs/reference/settings.md lists the expected types'
    return "give a value of the expected type; docs/reference/settings.md lists them"


def _resolve(data: dict[str, object], shape: type[msgspec.Struct], message: str) -> list[str]:
    """The keys of the path in a message; `[...]` stands for some key of a table, which is found by trying each."""
    found = _PATH.search(message)
    parts = re.findall(r"\[\.\.\.\]|\[\d+\]|[^.\[\]]+", found["path"] if found else "")
    keys: list[str] = []
    for part in parts:
        keys.append(_failing_key(data, keys, shape, message) if part == _ANY_KEY else part)
    return keys


def _failing_key(data: dict[str, object], keys: list[str], shape: type[msgspec.Struct], message: str) -> str:
    table: object = data
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    tried = table if isinstance(table, dict) else {}
    failing = (str(key) for key in tried if _complaint(_with(data, keys, {key: tried[key]}), shape) == message)
    return next(failing, _ANY_KEY)


def _complaint(data: dict[str, object], shape: type[msgspec.Struct]) -> str:
    try:
        msgspec.convert(data, shape, strict=True)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def _with(data: object, keys: Sequence[str], value: object) -> dict[str, object]:
    """The data with another value at the path."""
    table = data if isinstance(data, dict) else {}
    return {**table, keys[0]: _with(table.get(keys[0]), keys[1:], value) if len(keys) > 1 else value}


def _known_keys(keys: list[str], shape: type[msgspec.Struct]) -> list[str]:
    """The keys a table may hold, asked of msgspec by the type that stands at the path."""
    current: object = msgspec.inspect.type_info(shape)
    for key in keys:
        if isinstance(current, msgspec.inspect.StructType):
            current = next((field.type for field in current.fields if field.encode_name == key), None)
        else:
            current = current.value_type if isinstance(current, msgspec.inspect.DictType) else None
        if isinstance(current, msgspec.inspect.UnionType):
            current = next((part for part in current.types if isinstance(part, msgspec.inspect.StructType)), None)
    if isinstance(current, msgspec.inspect.DictType) and isinstance(current.key_type, msgspec.inspect.LiteralType):
        return [str(value) for value in current.key_type.values]
    return [field.encode_name for field in current.fields] if isinstance(current, msgspec.inspect.StructType) else []


def _refuse_keys(node: yaml.Node | None, path: Path) -> None:
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        where = f"{path}:{key.start_mark.line + 1}"
        if key.tag not in _YAML_KEYS:
            raise SettingsError(f"the key `{key.value}` is no text", where=where, remedy="put it in quotes")
        if key.value in seen:
            raise SettingsError(f"the key `{key.value}` stands twice", where=where, remedy="keep one of the two")
        seen.add(key.value)
        _refuse_keys(value, path)
