"""Charts as SVG: each with a title and its content in words, readable without colour."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_LIGHT, _DARK = (235, 243, 240), (11, 79, 74)
_WHITE_TEXT_FROM = 0.66
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WIDTH = 360.0


def grid(
    cells: Sequence[Sequence[int | None]], rows: Sequence[str], columns: Sequence[str], *, title: str, words: str
) -> str:
    """A heat map with its numbers in the cells; None is shown as fewer than five."""
    left, top, height = 70.0, 4.0, 42.0
    width = (_WIDTH - left) / max(len(columns), 1)
    most = max((value or 0 for row in cells for value in row), default=0) or 1
    parts = []
    for line, (name, row) in enumerate(zip(rows, cells, strict=True)):
        y = top + line * height
        parts.append(_text(left - 8, y + height / 2 + 4, name, "end"))
        for place, value in enumerate(row):
            x, share = left + place * width, (value or 0) / most
            shown = "<5" if value is None else f"{value:,}"
            parts.append(_cell(x, y, width - 2, height - 2, share))
            tone = "on-dark" if share >= _WHITE_TEXT_FROM else "name"
            parts.append(_text(x + width / 2 - 1, y + height / 2 + 4, shown, "middle", tone))
    bottom = top + len(rows) * height
    parts += [_text(left + (place + 0.5) * width, bottom + 14, name, "middle") for place, name in enumerate(columns)]
    return _svg(_WIDTH, bottom + 20, parts, title, words)


def week(shares: Sequence[Sequence[float | None]], *, title: str, words: str) -> str:
    """The hours of the week: a row for each day, a column for each hour."""
    left, size, height = 34.0, (_WIDTH - 34.0) / 24, 20.0
    most = max((value or 0.0 for row in shares for value in row), default=0.0) or 1.0
    parts = []
    for day, row in enumerate(shares):
        y = day * height
        parts.append(_text(left - 6, y + height / 2 + 4, _DAYS[day], "end"))
        for hour, value in enumerate(row):
            share = (value or 0.0) / most
            shown = "too few people" if value is None else f"{value:.2%}"
            tip = f"<title>{_DAYS[day]} {hour}:00 to {hour}:59: {shown}</title>"
            parts.append(_cell(left + hour * size, y, size - 1, height - 1, share, tip))
    bottom = len(shares) * height
    parts += [_text(left + hour * size, bottom + 14, f"{hour}:00", "start") for hour in (0, 6, 12, 18)]
    return _svg(_WIDTH, bottom + 20, parts, title, words)


def columns(values: Sequence[int | None], labels: Sequence[str], *, title: str, words: str, every: int = 2) -> str:
    """Columns with their numbers above; every second one has a label below."""
    height, bottom = 150.0, 172.0
    width = _WIDTH / max(len(values), 1)
    most = max((value or 0 for value in values), default=0) or 1
    parts = [f'<line class="axis" x1="0" x2="{_WIDTH:g}" y1="{bottom:g}" y2="{bottom:g}"/>']
    for place, (value, label) in enumerate(zip(values, labels, strict=True)):
        tall = height * (value or 0) / most
        x = place * width
        box = f'x="{x + 2:.1f}" y="{bottom - tall:.1f}" width="{width - 4:.1f}" height="{tall:.1f}"'
        parts.append(f'<rect class="bar" {box} rx="2"/>')
        parts.append(_text(x + width / 2, bottom - tall - 5, "<5" if value is None else f"{value:,}", "middle"))
        if place % every == 0:
            parts.append(_text(x + 2, bottom + 15, label, "start"))
    return _svg(_WIDTH, bottom + 22, parts, title, words)


def curves(
    lines: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    *,
    x_name: str,
    y_name: str,
    title: str,
    words: str,
    points: bool = False,
) -> str:
    """Curves from 0 to 1 in both directions over the diagonal; the first is solid, the second dashed."""
    left, top, side_x, side_y = 54.0, 8.0, 294.0, 216.0
    bottom = top + side_y
    parts = []
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        y, x = bottom - mark * side_y, left + mark * side_x
        parts.append(f'<line class="rule" x1="{left:g}" x2="{left + side_x:g}" y1="{y:g}" y2="{y:g}"/>')
        parts.append(_text(left - 6, y + 4, f"{mark:.0%}", "end"))
        parts.append(_text(x, bottom + 15, f"{mark:.0%}", "middle"))
    parts.append(f'<line class="diagonal" x1="{left:g}" y1="{bottom:g}" x2="{left + side_x:g}" y2="{top:g}"/>')
    for number, (_, line) in enumerate(lines):
        places = [(left + x * side_x, bottom - y * side_y) for x, y in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline class="curve c{number}" points="{path}"/>')
        if points:
            parts += [f'<circle class="dot c{number}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in places]
    parts.append(_text(left + side_x / 2, bottom + 32, x_name, "middle", "name"))
    turned = f'transform="translate(10 {top + side_y / 2:g}) rotate(-90)"'
    parts.append(f'<text class="name" text-anchor="middle" {turned}>{escape(y_name)}</text>')
    return _svg(_WIDTH, bottom + 38, parts, title, words)


class Interval(NamedTuple):
    """One line of a picture of intervals."""

    name: str
    value: float
    low: float
    high: float
    told: str
    """The three in words."""
    good: bool
    """Whether it was admitted: a filled disc, else an open square."""
    note: str = ""
    """What stands below it."""


def forest(rows: Sequence[tuple[str, float, float, float, bool]], *, title: str, words: str) -> str:
    """Differences with their intervals around zero.

    Args:
        rows: Name, difference, lower and upper end (as shares, better is positive), whether it was admitted.
        title: What is shown.
        words: The content in words.
    """
    lines = [
        Interval(name, value, low, high, f"{value:+.1%} ({low:+.1%} to {high:+.1%})", admitted)
        for name, value, low, high, admitted in rows
    ]
    return intervals(lines, zero="as good", title=title, words=words)


def intervals(rows: Sequence[Interval], *, zero: str, title: str, words: str) -> str:
    """Values with their intervals around zero, all to one scale; `zero` is what stands at its mark."""
    left, right = 12.0, _WIDTH - 12.0
    low = min(0.0, *(row.low for row in rows)) if rows else 0.0
    high = max(0.0, *(row.high for row in rows)) if rows else 1.0
    span = max(high - low, 1e-9)

    def x(value: float) -> float:
        return left + (value - low) / span * (right - left)

    parts = []
    y = 0.0
    for row in rows:
        tone = "good" if row.good else "bad"
        parts.append(f'<line class="zero" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="{y + 21:g}" y2="{y + 38:g}"/>')
        parts.append(_text(0, y + 15, row.name, "start", "strong"))
        parts.append(_text(_WIDTH, y + 15, row.told, "end"))
        ends = f'x1="{x(row.low):.1f}" x2="{x(row.high):.1f}" y1="{y + 29:g}" y2="{y + 29:g}"'
        parts.append(f'<line class="whisker {tone}" {ends}/>')
        parts.append(_mark(x(row.value), y + 29, admitted=row.good))
        if row.note:
            parts.append(_text(0, y + 51, row.note, "start"))
        y += 66.0 if row.note else 46.0
    parts.append(_text(x(0), y + 13, zero, "middle" if left + 20 < x(0) < right - 20 else _side(x(0))))
    return _svg(_WIDTH, y + 18, parts, title, words)


def _side(x: float) -> str:
    return "start" if x < _WIDTH / 2 else "end"


def _mark(x: float, y: float, *, admitted: bool) -> str:
    """A filled disc for what was admitted, an open square for what was refused."""
    if admitted:
        return f'<circle class="mark good" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
    return f'<rect class="mark bad" x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9"/>'


def _cell(x: float, y: float, width: float, height: float, share: float, inside: str = "") -> str:
    colour = ",".join(str(round(light + (dark - light) * share)) for light, dark in zip(_LIGHT, _DARK, strict=True))
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} rx="2" fill="rgb({colour})">{inside}</rect>'


def _text(x: float, y: float, words: str, anchor: str, tone: str = "") -> str:
    kind = f' class="{tone}"' if tone else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>{escape(words)}</text>'


def _svg(width: float, height: float, parts: Sequence[str], title: str, words: str) -> str:
    label = escape(f"{title}. {words}", quote=True)
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
