"""What households buy in the next four weeks: ours and peers on the same moments, at three levels of item.

NDCG@10, macro over the households that bought something (of new items: something new); of a household all ten places
are judged against all items. One model of ours answers both. Settings were chosen at moments up to 2017-09-01.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from benchmarks.next_items_data import LEVELS, past_of
from benchmarks.peers import PeerError, ask
from vocative.cli.demonstration.walking import demonstration_settings
from vocative.line.clock import parse_moment
from vocative.predict.module import Forecast, Outcome
from vocative.predict.new_items import NEW_ITEMS
from vocative.predict.next_items import NEXT_ITEMS
from vocative.predict.past import DAY_US, Floats, Integers, Past
from vocative.prove.ranking import judge_lists

MOMENTS = ("2017-10-01T00:00Z", "2017-11-01T00:00Z", "2017-12-01T00:00Z")
_NOW = "2017-12-31T00:00Z"
_HORIZON = NEXT_ITEMS.horizon_days
_OURS = "ours"
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Judged:
    """NDCG@10 of every household, of all and of new items, and CPU seconds: of learning, and of all together."""

    every: Floats
    new: Floats
    fit: float
    seconds: float


def run(data: Path | None = None, *, levels: Sequence[str] = LEVELS, peers: bool = True) -> Iterator[Row]:
    """One row for each level, way and moment, and one with the means.

    Args:
        data: Not used: the data comes with the demonstration.
        levels: Levels of item.
        peers: Whether others take part.
    """
    del data
    with tempfile.TemporaryDirectory() as folder:
        settings = demonstration_settings(Path(folder) / "demo")
        for level in levels:
            past = past_of(level, settings, parse_moment(_NOW), Path(folder))
            found: defaultdict[str, list[Judged]] = defaultdict(list)
            for told in MOMENTS:
                for way, judged in _ways(past, parse_moment(told), peers):
                    found[way].append(judged)
                    yield _row(level, way, told[:10], [judged])
            for way, several in found.items():
                if len(several) == len(MOMENTS):
                    yield _row(level, way, "mean", several)


def _ways(past: Past, moment: int, peers: bool) -> Iterator[tuple[str, Judged]]:
    # What an earlier moment left behind would spare this one a part of its work.
    past = Past(past.engine, past.sources, past.settings, past.now)
    _ = past.lines
    start = process_time()
    content = NEXT_ITEMS.fit(past, moment)
    fitted = process_time() - start
    forecasts = [module.forecast(past, moment, content) for module in (NEXT_ITEMS, NEW_ITEMS)]
    outcomes = [module.outcome(past, moment, past.now) for module in (NEXT_ITEMS, NEW_ITEMS)]
    yield _OURS, _judged(forecasts, outcomes, fitted, process_time() - start)
    if peers:
        try:
            answers = ask("next_items", _question(past, moment))
        except PeerError as error:
            print(f"peers are left out: {error}")
            return
        people = past.present(moment)
        for name, answer in answers.items():
            lists = [_lists(past, people, answer[which]) for which in ("all", "new")]
            yield name, _judged(lists, outcomes, float(answer["seconds"]), float(answer["seconds"]))


def _question(past: Past, moment: int) -> dict[str, Any]:
    lines, people = past.lines_before(moment), past.present(moment)
    return {
        "who": np.searchsorted(people, lines.who),
        "item": lines.item,
        "day": (moment - lines.us) / DAY_US,
        "people": np.array(len(people)),
        "items": np.array(len(past.items)),
        "horizon": np.array(_HORIZON),
    }


def _lists(past: Past, people: Integers, lists: list[list[int]]) -> Forecast:
    table = np.array(lists, np.int64)
    who = np.repeat(people, table.shape[1])
    none = np.zeros(len(who))
    return Forecast(who=who, value=none, low=none, high=none, support=none, target=table.ravel(), targets=past.items)


def _judged(forecasts: Sequence[Forecast], outcomes: Sequence[Outcome], fit: float, seconds: float) -> Judged:
    every, new = (
        judge_lists(forecast, outcome, np.unique(outcome.who)).ndcg
        for forecast, outcome in zip(forecasts, outcomes, strict=True)
    )
    return Judged(every, new, fit, seconds)


def _row(level: str, way: str, moment: str, several: Sequence[Judged]) -> Row:
    def mean(name: str) -> float:
        return round(float(np.mean([getattr(one, name).mean() for one in several])), 4)

    def error(name: str) -> float:
        # Moments share their households, so errors of several are taken as of one.
        values = [getattr(one, name) for one in several]
        return round(float(np.mean([one.std() / np.sqrt(len(one)) for one in values])), 4)

    return {
        "level": level,
        "way": way,
        "moment": moment,
        "NDCG@10 all": mean("every"),
        "± all": error("every"),
        "NDCG@10 new": mean("new"),
        "± new": error("new"),
        "CPU s fit": round(float(np.mean([one.fit for one in several])), 1),
        "CPU s fit and forecast": round(float(np.mean([one.seconds for one in several])), 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", choices=LEVELS, action="append")
    parser.add_argument("--ours-only", action="store_true")
    chosen = parser.parse_args()
    for line in run(levels=chosen.level or LEVELS, peers=not chosen.ours_only):
        print("  ".join(f"{name}={value}" for name, value in line.items()), flush=True)
