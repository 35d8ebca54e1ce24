"""The page on the Python API: public names with their signatures and docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import vocative

Missing = list[str]


def python_page(missing: Missing) -> str:
    """The public names of the package."""
    parts = ["# Python API", "Everything else is private and may change with any release."]
    for name in (name for name in getattr(vocative, "__all__", ()) if not name.startswith("_")):
        value = getattr(vocative, name)
        text = inspect.getdoc(value) if callable(value) else None
        if callable(value) and not text:
            missing.append(f"public name vocative.{name} has no description")
        parts += [f"## `vocative.{name}`", signature(name, value), inspect.cleandoc(text or "")]
        if isinstance(value, type):
            parts += list(methods(name, value, missing))
    return "\n\n".join(part for part in parts if part)


class Plain(str):
    """An annotation or default that is shown as it is written, without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def signature(name: str, value: object, skip: int = 0) -> str:
    """How something is called, without its first `skip` parameters."""
    if not callable(value) or (isinstance(value, type) and issubclass(value, BaseException)):
        return ""
    found = inspect.signature(value)
    plain = [shown(parameter) for parameter in list(found.parameters.values())[skip:]]
    result = Plain(found.return_annotation) if isinstance(found.return_annotation, str) else found.return_annotation
    return f"```python\n{name}{found.replace(parameters=plain, return_annotation=result)}\n```"


def shown(parameter: inspect.Parameter) -> inspect.Parameter:
    """A parameter whose type and default are shown by name: an address in memory differs from run to run."""
    if inspect.isfunction(parameter.default):
        parameter = parameter.replace(default=Plain(parameter.default.__name__))
    known = isinstance(parameter.annotation, str)
    return parameter.replace(annotation=Plain(parameter.annotation)) if known else parameter


def methods(name: str, cls: type, missing: Missing) -> Iterator[str]:
    """The public methods and properties of a class."""
    for own, value in vars(cls).items():
        inner = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if own.startswith("_") or not inspect.isfunction(inner):
            continue
        if not inner.__doc__:
            missing.append(f"vocative.{name}.{own} has no description")
        call = "" if isinstance(value, property) else signature(own, inner, skip=1)
        yield "\n\n".join(part for part in (f"### `{name}.{own}`", call, inspect.cleandoc(inner.__doc__ or "")) if part)
