"""What comes from data never steers a terminal: the one place through which everything that is printed passes.

A name, an identifier or the name of a file may hold escape sequences (which clear a screen, set its title or write into
its input), or signs that turn the order of letters around so that a text reads as another (Unicode Technical Report
36, Trojan Source). They are shown as what they are instead.
"""

from __future__ import annotations

import re

import click

# Control characters but line feed and tab, lone surrogates, line and paragraph separators, and what changes direction.
_UNPRINTABLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb]"
)
_PICTURES, _DELETE, _LAST_PICTURED = 0x2400, 0x7F, 0x1F
_REPLACEMENT, _DELETE_PICTURE = "\N{REPLACEMENT CHARACTER}", "\N{SYMBOL FOR DELETE}"


def printable(text: str) -> str:
    r"""The text with a picture in the place of each sign that would steer a terminal; it stays as long.

    >>> printable("Anna\x1b[2J"), printable("\u202etxt.exe")
    ('Anna␛[2J', '�txt.exe')
    """
    return _UNPRINTABLE.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code <= _LAST_PICTURED:
        return chr(_PICTURES + code)
    return _DELETE_PICTURE if code == _DELETE else _REPLACEMENT


def printable_json(text: str) -> str:
    r"""JSON in which such signs stand as escapes: a program reads what there was, a terminal shows only letters.

    >>> print(printable_json('"\u202etxt.exe"'))
    "\u202etxt.exe"
    """
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say(text: str, *, err: bool = False) -> None:
    """Print a line as it is, on standard output or standard error."""
    click.echo(printable(text), err=err)


def printable_mistake(error: click.ClickException) -> click.ClickException:
    """A mistake in the words of the command line, which quotes what was typed, such as names of files."""
    for name in ("message", "option_name", "param_hint", "filename", "ui_filename"):
        value = getattr(error, name, None)
        if isinstance(value, str):
            setattr(error, name, printable(value))
    if isinstance(getattr(error, "possibilities", None), list):
        error.possibilities = [printable(str(one)) for one in error.possibilities]  # type: ignore[attr-defined]
    return error
