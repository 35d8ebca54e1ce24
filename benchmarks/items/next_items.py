"""What households buy in the next four weeks: ours and peers on the same moments, at three levels of item.

NDCG@10, macro over the households that bought something (of new items: something new); of a household all ten places
are judged against all items. One model of ours answers both. Settings were chosen at moments up to 2017-09-03.

Standard errors are by household, over all its moments: of each figure, and of what ours is above another way for the
same households. So many peers on so many items take minutes: `--peer-moments` tells at how many moments they take part.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from benchmarks.items.next_items_data import LEVELS, past_of
from benchmarks.peers import PeerError, ask
from vocative.cli.demonstration.walking import demonstration_settings
from vocative.line.snapshot.clock import parse_moment
from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers
from vocative.predict.items.new_items import NEW_ITEMS
from vocative.predict.items.next_items import NEXT_ITEMS
from vocative.predict.predictor import Forecast, Outcome
from vocative.prove.ranking import judge_lists

MOMENTS = ("2017-10-01T00:00Z", "2017-11-01T00:00Z", "2017-12-01T00:00Z")
_NOW = "2017-12-31T00:00Z"
_HORIZON = NEXT_ITEMS.horizon_days
_OURS = "ours"
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Marks:
    """NDCG@10 of households (by number) at a moment."""

    who: Integers
    gain: Floats


@dataclass(frozen=True, slots=True)
class Judged:
    """Marks of lists of all and of new items, and CPU seconds: of learning, and of all together."""

    every: Marks
    new: Marks
    fit: float
    seconds: float


def run(
    data: Path | None = None,
    *,
    levels: Sequence[str] = LEVELS,
    peers: bool = True,
    peer_moments: int = len(MOMENTS),
) -> Iterator[Row]:
    """One row for each level, way and moment, and one with the means.

    Args:
        data: Not used: the data comes with the demonstration.
        levels: Levels of item.
        peers: Whether others take part.
        peer_moments: At how many of the moments, the first ones.
    """
    del data
    with tempfile.TemporaryDirectory() as folder:
        settings = demonstration_settings(Path(folder) / "demo")
        for level in levels:
            past = past_of(level, settings, parse_moment(_NOW), Path(folder))
            found: defaultdict[str, list[Judged]] = defaultdict(list)
            for place, told in enumerate(MOMENTS):
                now = dict(_ways(past, parse_moment(told), peers and place < peer_moments))
                for way, judged in now.items():
                    found[way].append(judged)
                yield from _rows(level, told[:10], {way: [judged] for way, judged in now.items()})
            for count in sorted({len(several) for several in found.values()} - {1}, reverse=True):
                told = "mean" if count == len(MOMENTS) else f"mean of the first {count}"
                yield from _rows(level, told, {way: one[:count] for way, one in found.items() if len(one) >= count})


def _ways(past: EventHistory, moment: int, peers: bool) -> Iterator[tuple[str, Judged]]:
    # What an earlier moment left behind would spare this one a part of its work.
    past = EventHistory(past.engine, past.sources, past.settings, past.now)
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


def _question(past: EventHistory, moment: int) -> dict[str, Any]:
    lines, people = past.lines_before(moment), past.present(moment)
    return {
        "who": np.searchsorted(people, lines.who),
        "item": lines.item,
        "day": (moment - lines.us) / DAY_US,
        "people": np.array(len(people)),
        "items": np.array(len(past.items)),
        "horizon": np.array(_HORIZON),
    }


def _lists(past: EventHistory, people: Integers, lists: list[list[int]]) -> Forecast:
    table = np.array(lists, np.int64)
    who = np.repeat(people, table.shape[1])
    none = np.zeros(len(who))
    return Forecast(who=who, value=none, low=none, high=none, support=none, target=table.ravel(), targets=past.items)


def _judged(forecasts: Sequence[Forecast], outcomes: Sequence[Outcome], fit: float, seconds: float) -> Judged:
    every, new = (
        Marks(who := np.unique(outcome.who), judge_lists(forecast, outcome, who).ndcg)
        for forecast, outcome in zip(forecasts, outcomes, strict=True)
    )
    return Judged(every, new, fit, seconds)


def mean_and_error(several: Sequence[Marks]) -> tuple[float, float]:
    """The mean over moments of the mean over households, and its standard error; moments share their households."""
    means = [float(one.gain.mean()) for one in several]
    drawn = np.zeros(1 + max(int(one.who.max(initial=0)) for one in several))
    for one, mean in zip(several, means, strict=True):
        drawn[one.who] += (one.gain - mean) / (len(one.who) * len(several))
    return float(np.mean(means)), float(np.sqrt((drawn**2).sum()))


def less(some: Sequence[Marks], others: Sequence[Marks]) -> list[Marks]:
    """What some marks are above others of the same households."""
    return [Marks(one.who, one.gain - other.gain) for one, other in zip(some, others, strict=True)]


def _rows(level: str, moment: str, ways: Mapping[str, Sequence[Judged]]) -> Iterator[Row]:
    for way, several in ways.items():
        row: Row = {"level": level, "way": way, "moment": moment}
        for told, name in (("all", "every"), ("new", "new")):
            marks = [getattr(one, name) for one in several]
            ours = [getattr(one, name) for one in ways[_OURS]]
            mean, error = mean_and_error(marks)
            above, apart = mean_and_error(less(ours, marks))
            row |= {f"NDCG@10 {told}": round(mean, 4), f"± {told}": round(error, 4)}
            row |= {f"ours above, {told}": round(above, 4), f"± above, {told}": round(apart, 4)}
        row["CPU s fit"] = round(float(np.mean([one.fit for one in several])), 1)
        row["CPU s fit and forecast"] = round(float(np.mean([one.seconds for one in several])), 1)
        yield row


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", choices=LEVELS, action="append")
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--peer-moments", type=int, default=len(MOMENTS))
    chosen = parser.parse_args()
    asked = chosen.level or LEVELS
    for line in run(levels=asked, peers=not chosen.ours_only, peer_moments=chosen.peer_moments):
        print("  ".join(f"{name}={value}" for name, value in line.items()), flush=True)
