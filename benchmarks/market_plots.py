"""Policies in many simulated markets, one after the other: a table, and plots as SVG.

    python -m benchmarks.market_plots run --policy rules --people 20000 --weeks 26 --seeds 3 --out bench/market
    python -m benchmarks.market_plots table --out bench/market
    python -m benchmarks.market_plots draw --out bench/market --to docs/explanation

`run` simulates one policy and keeps each market as soon as it is over; one that was kept is not run again. So the
engine, which takes longest, can be run alone, beside itself and on several days. `table` and `draw` show all of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
from rich.console import Console

from benchmarks.tables import show
from vocative.market.engine import prepare
from vocative.market.judging import by_kind
from vocative.market.names import POLICIES
from vocative.market.nature import LEVELS
from vocative.market.outcome import Driven, MarketOutcome, Scenario, simulate

ORDER = ("oracle", "engine", "plain", "rules", "silence", "mass", "random")
_COLOURS = {
    "oracle": "#6b7280", "engine": "#0f766e", "rules": "#b45309", "mass": "#b91c1c", "random": "#7c3aed",
    "silence": "#111827", "plain": "#0369a1",
}  # fmt: skip
_WIDE, _HIGH, _LEFT, _TOP, _RIGHT, _BOTTOM = 860, 360, 76, 44, 96, 44

Kept = dict[str, Any]


def keep(policy: str, people: int, weeks: int, seed: int) -> Kept:
    """Simulate a policy in one market; what is shown of it."""
    done = _one(Scenario(policy, people, weeks, seed))
    return {
        "policy": policy,
        "people": people,
        "weeks": weeks,
        "seed": seed,
        "told": done.told(),
        "kinds": [dict(row) for row in by_kind(done.run.world, done.silent.world, weeks)],
        "chosen": [] if done.run.judge is None else done.run.judge.chosen.tolist(),
    }


def together(markets: Sequence[Kept]) -> list[Kept]:
    """All markets of each policy as one, with the mean contacts of each kind of person, in the order of plots."""
    found = []
    for policy in ORDER:
        mine = [one for one in markets if one["policy"] == policy]
        if not mine:
            continue
        judged = [one["chosen"] for one in mine if one["chosen"]]
        rows = zip(*(one["kinds"] for one in mine), strict=True)
        kinds = [
            {"kind": row[0]["kind"], "contacts_a_week": float(np.mean([one["contacts_a_week"] for one in row]))}
            for row in rows
        ]
        found.append(
            {
                **{name: mine[0][name] for name in ("policy", "people", "weeks")},
                "seeds": [one["seed"] for one in mine],
                "told": [one["told"] for one in mine],
                "kinds": kinds,
                "chosen": np.sum(judged, axis=0).tolist() if judged else [],
            }
        )
    return found


def table(all_kept: Sequence[Kept]) -> Iterator[dict[str, object]]:
    """A row for each policy: means of its markets, of the gain with its standard error."""
    for kept in all_kept:
        told = kept["told"]
        gain = np.array([one["incremental_profit"] for one in told])
        own = [(one["estimated_gain"], one["true_gain"]) for one in told if one["estimated_gain"]]
        held = [low <= true <= high for (low, high), true in ((guess["interval"], true) for guess, true in own)]
        yield {
            "policy": kept["policy"],
            "markets": len(told),
            "gain": round(float(gain.mean())),
            "±": round(float(gain.std(ddof=1) / np.sqrt(len(gain)))) if len(gain) > 1 else "",
            "of the oracle's": _mean(told, lambda one: one["oracle_share"] or 0.0, 3),
            "contacts": _mean(told, lambda one: one["contacts"]),
            "sleeping dogs": _mean(told, lambda one: one["sleeping_dogs_contacted"]),
            "unsubscribed": _mean(told, lambda one: one["unsubscribes"]),
            "complained": _mean(told, lambda one: one["complaints"]),
            "opted out": _mean(told, lambda one: one["by_week"][-1]["opted_out"], 4),
            "still buy": _mean(told, lambda one: one["by_week"][-1]["retained"], 4),
            "rules broken": sum(sum(one["violations"].values()) for one in told),
            "own interval holds": f"{sum(held)} of {len(held)}" if held else "",
        }


def _mean(told: Sequence[Kept], of: Callable[[Kept], float], digits: int = 0) -> float:
    return round(float(np.mean([of(one) for one in told])), digits)


def _one(asked: Scenario) -> MarketOutcome:
    if asked.policy != "engine":
        return simulate(asked, judged=True)
    from vocative.cli import main
    from vocative.cli.simulate import commands_of

    with TemporaryDirectory() as folder:
        prepare(Path(folder), asked.people)
        return simulate(asked, Driven(Path(folder), commands_of(main)), judged=True)


def weekly(kept: Kept) -> list[float]:
    """Gain up to each week, mean of the markets."""
    rows = [[week["incremental_profit"] for week in told["by_week"]] for told in kept["told"]]
    return [float(one) for one in np.cumsum(np.mean(rows, axis=0))]


def gain_plot(all_kept: Sequence[Kept]) -> str:
    """Lines of the gain up to each week."""
    lines = {kept["policy"]: [0.0, *weekly(kept)] for kept in all_kept}
    low, high = min(map(min, lines.values())), max(map(max, lines.values()))
    weeks = max(len(line) for line in lines.values()) - 1
    parts = [_text(_LEFT, 24, f"Gain over silence up to each week ({_about(all_kept)})", bold=True)]
    for value in _ticks(low, high):
        y = _scaled(value, low, high)
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e5e7eb"/>')
        parts.append(_text(_LEFT - 8, y + 4, f"{value:,.0f}", anchor="end"))
    beside = _apart({policy: _scaled(line[-1], low, high) + 4 for policy, line in lines.items()})
    for policy, line in lines.items():
        points = " ".join(
            f"{_LEFT + (_WIDE - _LEFT - _RIGHT) * place / weeks:.1f},{_scaled(value, low, high):.1f}"
            for place, value in enumerate(line)
        )
        parts.append(f'<polyline fill="none" stroke="{_COLOURS[policy]}" stroke-width="2" points="{points}"/>')
        parts.append(_text(_WIDE - _RIGHT + 6, beside[policy], policy, colour=_COLOURS[policy]))
    parts.append(_text(_WIDE - _RIGHT, _HIGH - 14, f"week {weeks}", anchor="end"))
    return _page(parts, _HIGH)


def kinds_plot(all_kept: Sequence[Kept]) -> str:
    """Bars of contacts a week by kind of person."""
    shown = [kept for kept in all_kept if kept["policy"] != "silence"]
    most = max(row["contacts_a_week"] for kept in shown for row in kept["kinds"])
    parts = [_text(_LEFT, 24, f"Contacts a week, by kind of person ({_about(all_kept)})", bold=True)]
    y = float(_TOP)
    for row, kind in enumerate(one["kind"] for one in shown[0]["kinds"]):
        parts.append(_text(_LEFT, y + 12, str(kind), bold=True))
        y += 20
        for kept in shown:
            value = kept["kinds"][row]["contacts_a_week"]
            wide = (_WIDE - _LEFT - _RIGHT - 70) * value / most
            parts.append(_text(_LEFT + 62, y + 11, kept["policy"], anchor="end"))
            parts.append(
                f'<rect x="{_LEFT + 70}" y="{y}" width="{wide:.1f}" height="13" fill="{_COLOURS[kept["policy"]]}"/>'
            )
            parts.append(_text(_LEFT + 76 + wide, y + 11, f"{value:.2f}"))
            y += 17
        y += 8
    return _page(parts, int(y) + 12)


def sizes_plot(kept: Kept) -> str:
    """A grid of chosen sizes by the best ones; shares of those for whom a size was best."""
    counts = np.array(kept["chosen"], np.float64)
    share = counts / np.maximum(counts.sum(axis=0, keepdims=True), 1)
    names = [f"{level:.0%}" for level in LEVELS.tolist()]
    cell = 52
    title = f"{kept['policy']}: size chosen, by the size that was best ({_about([kept])})"
    parts = [_text(_LEFT, 24, title, bold=True), _text(_LEFT, 44, "best →; chosen ↓; share of each column")]
    for row, chosen in enumerate(names):
        y = _TOP + 32 + row * cell
        parts.append(_text(_LEFT - 8, y + cell / 2 + 4, chosen, anchor="end"))
        for column, best in enumerate(names):
            x = _LEFT + column * cell
            if row == 0:
                parts.append(_text(x + cell / 2, _TOP + 26, best, anchor="middle"))
            deep = share[row, column]
            parts.append(
                f'<rect x="{x}" y="{y}" width="{cell - 2}" height="{cell - 2}" fill="#0f766e" '
                f'fill-opacity="{max(deep, 0.03):.2f}"/>'
            )
            colour = "#ffffff" if deep > 0.55 else "#111827"
            parts.append(_text(x + cell / 2, y + cell / 2 + 4, f"{deep:.0%}", anchor="middle", colour=colour))
    return _page(parts, _TOP + 48 + len(names) * cell)


def draw(all_kept: Sequence[Kept], name: str = "market") -> Iterator[tuple[str, str]]:
    """Names and contents of all plots that what was kept allows."""
    yield f"{name}-gain.svg", gain_plot(all_kept)
    yield f"{name}-kinds.svg", kinds_plot(all_kept)
    for kept in all_kept:
        if kept["policy"] == "engine" and kept["chosen"]:
            yield f"{name}-sizes.svg", sizes_plot(kept)


def _about(all_kept: Sequence[Kept]) -> str:
    sizes = {(kept["people"], len(kept["seeds"])) for kept in all_kept}
    return "simulated; " + ", ".join(
        f"{people:,} people, {count} market{'s' * (count > 1)}" for people, count in sorted(sizes)
    )


def _scaled(value: float, low: float, high: float) -> float:
    return _HIGH - _BOTTOM - (_HIGH - _TOP - _BOTTOM) * (value - low) / max(high - low, 1e-9)


def _apart(heights: Mapping[str, float], least: float = 13.0) -> dict[str, float]:
    """Heights of labels, pushed down where one would stand on another."""
    made: dict[str, float] = {}
    for name, height in sorted(heights.items(), key=lambda one: one[1]):
        made[name] = max(height, max(made.values(), default=-least) + least)
    return made


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between two values, five or so."""
    rough = max(high - low, 1.0) / 5
    step = 10.0 ** np.floor(np.log10(rough))
    step *= next(one for one in (1, 2, 5, 10) if one * step >= rough)
    return [float(one) * step + 0.0 for one in np.arange(np.ceil(low / step), np.floor(high / step) + 1)]


def _text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = "#111827", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{words}</text>'


def _page(parts: Sequence[str], high: int) -> str:
    style = 'font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {high}" {style}>'
    ground = f'<rect width="{_WIDE}" height="{high}" fill="#ffffff"/>'
    return "\n".join([head, ground, *parts, "</svg>", ""])


def main() -> None:
    """Run one policy, or show all that were run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.market_plots")
    parser.add_argument("what", choices=("run", "table", "draw"))
    parser.add_argument("--policy", choices=POLICIES, default="rules")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=1, help="the first of the seeds")
    parser.add_argument("--name", default="market", help="how names of plots begin")
    parser.add_argument("--out", type=Path, default=Path("bench/market"))
    parser.add_argument("--to", type=Path, default=Path("docs/explanation"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    if chosen.what == "run":
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            path = chosen.out / f"{chosen.policy}-{chosen.people}-{chosen.weeks}-{seed}.json"
            if not path.exists():
                path.write_bytes(msgspec.json.encode(keep(chosen.policy, chosen.people, chosen.weeks, seed)))
        return
    markets = [msgspec.json.decode(path.read_bytes()) for path in sorted(chosen.out.glob("*.json"))]
    found = together([one for one in markets if (one["people"], one["weeks"]) == (chosen.people, chosen.weeks)])
    console = Console(width=200)
    if chosen.what == "table":
        show(console, list(table(found)))
        return
    for name, text in draw(found, chosen.name):
        (chosen.to / name).write_text(text, encoding="utf-8")
        console.print(f"written: {chosen.to / name}")


if __name__ == "__main__":
    main()
