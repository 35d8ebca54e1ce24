"""Who the customers are, in figures: from feature rows, cards of segments and counts of hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import pyarrow as pa

from vocative.desk.report.figures import BinRow, Counted, Customers, Hours, Segment, Segments, Stage, TraitRow, told
from vocative.records.cells import integer, number
from vocative.records.schema import Row
from vocative.segment.cards import NOWHERE, Moved
from vocative.segment.lifecycle import STAGES
from vocative.segment.population import Floats, Population, population
from vocative.segment.rfm import FEATURES, MONEY, rfm_grid, rfm_scores
from vocative.segment.stability import in_words
from vocative.segment.traits import Trait as CardTrait

_BINS = 14
_TAIL = 0.95
_TOP = 0.1
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def customers(features: pa.Table, cards: Sequence[Row], hours: Hours | None) -> Customers:
    """Figures about everybody who has a profile.

    Args:
        features: Rows of the table `features` of one run.
        cards: Rows of the table `segment_cards` of that run.
        hours: When they come.
    """
    everybody = population(features, wanted=set(FEATURES))
    money = everybody.feature(MONEY)
    spent = money[~np.isnan(money)]
    return Customers(
        profiles=len(everybody.people),
        rfm=_grid(everybody),
        stages=[_stage(card) for card in cards if card["kind"] == "lifecycle"],
        hours=hours,
        spend=spend_bins(spent),
        spend_median=float(np.median(spent)) if len(spent) else None,
        spend_top_share=_top_share(spent),
    )


def hours_of(rows: Sequence[Mapping[str, int]], what: str, days: int) -> Hours | None:
    """The week in shares; hours with too few people are not told.

    Args:
        rows: `weekday` (1 is Monday), `hour`, `acts` and `people`.
        what: What is counted.
        days: Over how many days.
    """
    total = sum(row["acts"] for row in rows)
    if not total:
        return None
    shares: list[list[float | None]] = [[0.0] * 24 for _ in range(7)]
    for row in rows:
        share = row["acts"] / total
        shares[row["weekday"] - 1][row["hour"]] = share if told(row["people"]) is not None else None
    return Hours(shares=shares, what=what, days=days)


def segments(cards: Sequence[Row], stage: Mapping[str, object]) -> Segments:
    """Segments by rule and micro-segments, the largest first.

    Args:
        cards: Rows of the table `segment_cards`.
        stage: What the stage `segment` reported.
    """
    found = sorted((_segment(card) for card in cards), key=lambda one: (-one.people, one.name))
    whole = stage.get("stability")
    small = stage.get("too_small")
    return Segments(
        rules=[one for one in found if one.kind == "rule"],
        discovered=[one for one in found if one.kind == "discovered"],
        whole=whole if isinstance(whole, float) else None,
        whole_words=in_words(whole if isinstance(whole, float) else None),
        too_small=[str(name) for name in small] if isinstance(small, list) else [],
        minimum=integer(stage.get("minimum_size", 0)),
    )


def spend_bins(spent: Floats) -> list[BinRow]:
    """People by what they spent, in steps of a round width; the last step is open."""
    if not len(spent) or spent.max() <= 0:
        return []
    tail = max(float(np.quantile(spent, _TAIL)), float(spent.max()) / 100)
    width = _round_step(tail / _BINS)
    bins = int(np.ceil(tail / width))
    edges = [width * place for place in range(bins + 1)]
    # Dividing rounds otherwise than multiplying: who stands at an end is counted by the end as it is told.
    place = np.clip(np.searchsorted(edges, spent, side="right") - 1, 0, bins)
    sizes = np.bincount(place, minlength=bins + 1)
    ends: list[float | None] = [*edges[1:], None]
    return [
        BinRow(low=low, high=high, people=told(int(size))) for low, high, size in zip(edges, ends, sizes, strict=True)
    ]


def _grid(everybody: Population) -> list[list[int | None]]:
    return [[told(int(people)) for people in row] for row in rfm_grid(rfm_scores(everybody))]


def _stage(card: Row) -> Stage:
    moved = msgspec.json.decode(str(card["moved"]), type=Moved)
    return Stage(
        name=str(card["name"]),
        people=integer(card["size"]),
        share=number(card["share"]),
        came=_flows(moved.came),
        went=_flows(moved.went),
    )


def _flows(flows: Mapping[str, int]) -> list[Counted]:
    return [
        Counted(name="no profile before" if name == NOWHERE else STAGES.get(name, name), people=people)
        for name, people in sorted(flows.items(), key=lambda one: -one[1])
    ]


def _segment(card: Row) -> Segment:
    traits = msgspec.json.decode(str(card["traits"]), type=list[CardTrait])
    stability = card["stability"]
    known = stability if isinstance(stability, float) else None
    return Segment(
        name=str(card["name"]),
        kind=str(card["kind"]),
        people=integer(card["size"]),
        share=number(card["share"]),
        traits=[TraitRow(words=one.words, effect=one.effect) for one in traits],
        stability=known,
        stability_words=in_words(known),
    )


def _round_step(width: float) -> float:
    """The next round number: 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(max(width, 1e-6)))
    return float(next(step * power for step in _STEPS if step * power >= width))


def _top_share(spent: Floats) -> float | None:
    total = float(spent.sum())
    if total <= 0:
        return None
    top = np.sort(spent)[::-1][: max(round(_TOP * len(spent)), 1)]
    return float(top.sum()) / total
