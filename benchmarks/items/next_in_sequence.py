"""What comes next in a sequence: the last item of everybody in two public shops, hidden and ranked among all others.

Everybody's last item is the truth, and all items they did not have before are ranked. Items are numbered anew at
random for each seed, so that ties are broken at random and a number says nothing. The ways and their settings were
chosen with the last item left out altogether. CPU seconds hold the fit and the scoring of everybody, on one thread.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks.items.sequence_ranker import SequenceRanker
from benchmarks.peers import PeerError, ask
from vocative.predict.history.event_history import Floats, Integers
from vocative.predict.history.sequences import Sequences
from vocative.predict.items.transitions import Candidates, Transitions

SETS = {"Amazon Beauty": "amazon_beauty.txt", "Amazon Sports": "amazon_sports.txt"}
PEERS = ("next_in_sequence", "next_in_sequence_two_stage")
_MOST = 10
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Run:
    """One way on one numbering of the items: of everybody their gain (NDCG@10), and CPU seconds."""

    gain: Floats
    seconds: float


def run(data: Path, *, seeds: int = 3, full_seeds: int = 2, slow: bool = False) -> Iterator[Row]:
    """One row for each data set and way.

    Args:
        data: The folder with the data.
        seeds: Numberings of the items for the fast way.
        full_seeds: Numberings of the items for the ranker.
        slow: Whether peers that need minutes take part.
    """
    for name, file in SETS.items():
        every = read(data / file)
        yield _row(name, "ours, fast: transitions", [fast(renumbered(every, seed)) for seed in range(seeds)])
        yield _row(name, "ours, full: ranker", [full(renumbered(every, seed), seed) for seed in range(full_seeds)])
        yield from _peers(name, renumbered(every, 0), slow)


def read(path: Path) -> Sequences:
    """The sequences of a file: each line holds a user and the items in their order."""
    lines = [np.array(line.split(), np.int64) for line in path.read_text(encoding="utf-8").splitlines() if line]
    who = np.repeat(np.arange(len(lines)), [len(line) - 1 for line in lines])
    item = np.unique(np.concatenate([line[1:] for line in lines]), return_inverse=True)[1]
    return Sequences.of(who, item, np.arange(len(who)))


def renumbered(every: Sequences, seed: int) -> Sequences:
    """The same sequences with other numbers of the items."""
    number = np.random.default_rng(seed).permutation(every.items)
    return Sequences(every.who, number[every.item], every.people, every.items)


def fast(every: Sequences) -> Run:
    """By transitions alone."""
    known = every.without_last()
    start = process_time()
    found = Transitions.learn(known).candidates(known, _MOST)
    seconds = process_time() - start
    return Run(gains(found, every.latest()), seconds)


def full(every: Sequences, seed: int) -> Run:
    """By the ranker; its learning sees no more than what is known before the last item."""
    known, rng, ranker = every.without_last(), np.random.default_rng(seed), SequenceRanker()
    start = process_time()
    found = ranker.rank(known, ranker.fit(known, rng), _MOST, rng)
    seconds = process_time() - start
    return Run(gains(found, every.latest()), seconds)


def gains(found: Candidates, target: Integers) -> Floats:
    """Everybody's NDCG@10 with one truth: one over the binary logarithm of its place, counted from 2."""
    hit = (found.item == target[found.who]) & (found.place < _MOST)
    gain = np.zeros(len(target))
    gain[found.who[hit]] = 1.0 / np.log2(found.place[hit] + 2.0)
    return gain


def _peers(name: str, every: Sequences, slow: bool) -> Iterator[Row]:
    known, target = every.without_last(), every.latest()
    sizes = {"people": np.array(every.people), "items": np.array(every.items), "slow": np.array(slow)}
    for peer in PEERS:
        try:
            told = ask(peer, {"who": known.who, "item": known.item, **sizes})
        except PeerError as error:
            yield {"data": name, "method": peer, "failed": str(error)}
            continue
        for method, answer in told.items():
            hit = np.array(answer["items"]) == target[:, None]
            gain = (hit / np.log2(np.arange(_MOST) + 2.0)).sum(axis=1)
            yield _row(name, method, [Run(gain, float(answer["seconds"]))])


def _row(name: str, method: str, runs: list[Run]) -> Row:
    gain = np.mean([one.gain for one in runs], axis=0)
    return {
        "data": name,
        "method": method,
        "HR@10": round(float(np.mean([one.gain > 0 for one in runs])), 4),
        "NDCG@10": round(float(gain.mean()), 4),
        "standard error": round(float(gain.std() / np.sqrt(len(gain))), 4),
        "between seeds": round(float(np.std([one.gain.mean() for one in runs])), 4),
        "seeds": len(runs),
        "cpu seconds": round(float(np.mean([one.seconds for one in runs])), 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--slow", action="store_true")
    chosen = parser.parse_args()
    for row in run(chosen.data, slow=chosen.slow):
        print("  ".join(f"{name}={value}" for name, value in row.items()), flush=True)
