"""Effects of two e-mails on 64,000 people (Hillstrom, 2008, randomised), ours and the peers, on the same splits.

Ten times 70 % of the people are learnt from and 30 % judged, by the normalised Qini of `vocative.prove.uplift_curves`,
which is scikit-uplift's. Nothing is chosen on the judged people: strengths and the way to learn are chosen within the
70 %. Every way is given the same columns, of mean 0 and variance 1, as peers are used; a row of its own shows ours on
the columns the product makes, with logarithms of skewed numbers. CPU seconds are those of learning and telling; ours
include the columns, the cross-fitting of four ways, the choice among them, calibration and intervals. `paired` is ours
less the other, with the standard error of the mean of the ten differences (whose splits overlap, so it is too small).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks import peers
from vocative.predict.history.event_history import Flags, Floats, Integers
from vocative.predict.learners.logistic import learn_encoding
from vocative.predict.uplift import s_learner
from vocative.predict.uplift.effect import learn_effect
from vocative.predict.uplift.levels import best_arm, learn_levels
from vocative.predict.uplift.trial import Randomised
from vocative.prove.uplift import MODEL, OUTCOME, judge_effect, leave_out
from vocative.prove.uplift_curves import Treated, qini

SEEDS, SHARE = 10, 0.7
PERMUTATIONS, PERMUTED_PEOPLE, PERMUTED_DRAWS = 200, 8_000, 200
ARMS = {"No E-Mail": 0, "Womens E-Mail": 1, "Mens E-Mail": 2}
_NUMBERS = ("recency", "history", "mens", "womens", "newbie")
_WORDS = ("history_segment", "zip_code", "channel")

Row = dict[str, object]


class Mailing:
    """The experiment as arrays; a column for each number and for each word."""

    def __init__(self, data: Path) -> None:
        with (data / "hillstrom.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.arm: Integers = np.array([ARMS[row["segment"]] for row in rows], np.int64)
        columns = {name: [float(row[name]) for row in rows] for name in _NUMBERS}
        for name in _WORDS:
            for word in sorted({row[name] for row in rows}):
                columns[f"{name} {word}"] = [float(row[name] == word) for row in rows]
        self.names = tuple(columns)
        self.values: Floats = np.array(list(columns.values())).T
        self.outcomes: dict[str, Floats] = {
            name: np.array([float(row[name]) for row in rows]) for name in ("visit", "conversion", "spend")
        }


def run(data: Path | None) -> Iterator[Row]:
    """Every comparison, one row for each way; then several arms at once, the gate, and effects that are none.

    Without the folder of public data there is nothing to compare.
    """
    if data is None:
        return
    mailing = Mailing(data)
    for arm, outcome in ((1, "visit"), (2, "visit"), (1, "conversion"), (2, "conversion")):
        yield from _compared(mailing, arm, outcome)
    yield _several_arms(mailing)
    for arm, outcome in ((1, "visit"), (2, "visit"), (1, "conversion"), (1, "spend")):
        yield _gated(mailing, arm, outcome)
    yield _permuted(mailing)


def _compared(mailing: Mailing, arm: int, outcome: str) -> Iterator[Row]:
    mine = np.isin(mailing.arm, (0, arm))
    values, done, treated = mailing.values[mine], mailing.outcomes[outcome][mine], mailing.arm[mine] == arm
    splits = [_split(len(done), seed) for seed in range(SEEDS)]
    found: dict[str, list[tuple[float, float]]] = {}
    asked: dict[str, Floats] = {}
    for seed, (learn, tell) in enumerate(splits):
        told = Treated(treated[tell], np.full(len(tell), 0.5), done[tell])
        for name, (effect, cpu) in _ours(mailing, values, treated, done, learn, tell).items():
            found.setdefault(name, []).append((qini(effect, told), cpu))
        asked |= {f"learn_{seed}": values[learn], f"tell_{seed}": values[tell]}
        asked |= {f"treated_{seed}": treated[learn].astype(np.float64), f"outcome_{seed}": done[learn]}
    what = f"{next(name for name, number in ARMS.items() if number == arm)}, {outcome}"
    try:
        answers = peers.ask("uplift", asked)
    except peers.PeerError as error:
        answers = {}
        yield {"question": what, "way": "peers", "error": str(error)}
    for name, by_seed in answers.items():
        if wrong := next((one["error"] for one in by_seed.values() if "error" in one), None):
            yield {"question": what, "way": name, "error": wrong}
            continue
        for seed, (_, tell) in enumerate(splits):
            told = Treated(treated[tell], np.full(len(tell), 0.5), done[tell])
            one = by_seed[str(seed)]
            found.setdefault(name, []).append((qini(np.array(one["effect"]), told), one["cpu"]))
    ours = np.array([value for value, _ in found["ours"]])
    for name, figures in sorted(found.items(), key=lambda one: -float(np.mean([value for value, _ in one[1]]))):
        value = np.array([one for one, _ in figures])
        apart = ours - value
        yield {
            "question": what,
            "way": name,
            "qini": round(float(value.mean()), 4),
            "sd over seeds": round(float(value.std(ddof=1)), 4),
            "paired": f"{apart.mean():+.4f} ± {apart.std(ddof=1) / np.sqrt(SEEDS):.4f}",
            "cpu seconds": round(float(np.mean([cpu for _, cpu in figures])), 3),
        }


def _ours(
    mailing: Mailing, values: Floats, treated: Flags, done: Floats, learn: Integers, tell: Integers
) -> dict[str, tuple[Floats, float]]:
    found = {}
    for name in ("ours", "ours, with trees", "ours, S alone", "ours, logarithms of skewed numbers"):
        start = process_time()
        if name == "ours, logarithms of skewed numbers":
            encoding = learn_encoding(mailing.names, values[learn])
            design, asked = (encoding.columns(mailing.names, values[rows]) for rows in (learn, tell))
        else:
            mean, spread = values[learn].mean(axis=0), values[learn].std(axis=0)
            design, asked = (_with_ones((values[rows] - mean) / spread) for rows in (learn, tell))
        trial = Randomised(design, treated[learn], np.full(len(learn), 0.5), done[learn], binary=True)
        if name == "ours, S alone":
            effect = s_learner.effect(s_learner.learn(trial), asked)
        else:
            trees = name == "ours, with trees"
            effect = learn_effect(trial, np.random.default_rng(1), trees=trees).on(asked)[0]
        found[name] = (effect, process_time() - start)
    return found


def _with_ones(values: Floats) -> Floats:
    return np.hstack([np.ones((len(values), 1)), values])


def _several_arms(mailing: Mailing) -> Row:
    """Visits won by the arm said to be best for each, against each e-mail for everybody, on the judged people."""
    won: dict[str, list[float]] = {}
    done = mailing.outcomes["visit"]
    for seed in range(SEEDS):
        learn, tell = _split(len(done), seed)
        encoding = learn_encoding(mailing.names, mailing.values[learn])
        design, asked = (encoding.columns(mailing.names, mailing.values[rows]) for rows in (learn, tell))
        chances = np.full((len(learn), 3), 1 / 3)
        random = np.random.default_rng(1)
        effects = learn_levels(design, mailing.arm[learn], chances, done[learn], random, binary=True)
        chosen, got = best_arm(effects, asked), mailing.arm[tell]
        ways = {
            "none": np.zeros(len(tell)),
            "women's for all": np.ones(len(tell)),
            "men's for all": np.full(len(tell), 2),
        }
        for name, arm in {**ways, "the best for each": chosen}.items():
            won.setdefault(name, []).append(float(done[tell][got == arm].mean()))
    apart = np.array(won["the best for each"]) - np.array(won["men's for all"])
    shares = {name: round(float(np.mean(shares)), 4) for name, shares in won.items()}
    error = apart.std(ddof=1) / np.sqrt(SEEDS)
    return {"question": "three arms, visit", **shares, "best less men's": f"{apart.mean():+.4f} ± {error:.4f}"}


def _gated(mailing: Mailing, arm: int, outcome: str) -> Row:
    mine = np.isin(mailing.arm, (0, arm))
    trial = _trial(mailing, np.flatnonzero(mine), mailing.arm[mine] == arm, outcome)
    random = np.random.default_rng(1)
    start = process_time()
    found = judge_effect(trial, leave_out(trial, random), random)
    return {
        "gate": f"{next(name for name, number in ARMS.items() if number == arm)}, {outcome}",
        "admitted": found.admitted,
        "mean effect": f"{found.mean:.4f} ± {found.error:.4f}",
        "targeting": _told(found.figures[MODEL, "targeting"].value, found.figures[MODEL, "targeting"].interval()),
        "qini": _told(found.figures[MODEL, "qini"].value, found.figures[MODEL, "qini"].interval()),
        "qini of the outcome": _told(found.figures[OUTCOME, "qini"].value, found.figures[OUTCOME, "qini"].interval()),
        "off by chance": round(found.off, 3),
        "better left in peace": found.sleeping_dogs(),
        "cpu seconds": round(process_time() - start, 1),
    }


def _permuted(mailing: Mailing) -> Row:
    """How often the gate admits an effect that is none: who was treated is drawn again."""
    both = np.flatnonzero(np.isin(mailing.arm, (0, 1)))
    admitted = 0
    for seed in range(PERMUTATIONS):
        random = np.random.default_rng(seed)
        chosen = random.permutation(both)[:PERMUTED_PEOPLE]
        trial = _trial(mailing, chosen, random.permutation(mailing.arm[chosen] == 1), "visit")
        admitted += judge_effect(trial, leave_out(trial, random), random, PERMUTED_DRAWS).admitted
    return {"permuted treatments": PERMUTATIONS, "people in each": PERMUTED_PEOPLE, "admitted": admitted}


def _trial(mailing: Mailing, people: Integers, treated: Flags, outcome: str) -> Randomised:
    values = mailing.values[people]
    design = learn_encoding(mailing.names, values).columns(mailing.names, values)
    done = mailing.outcomes[outcome][people]
    return Randomised(design, treated, np.full(len(people), 0.5), done, binary=outcome != "spend")


def _split(people: int, seed: int) -> tuple[Integers, Integers]:
    order = np.random.default_rng(seed).permutation(people)
    return order[: int(SHARE * people)], order[int(SHARE * people) :]


def _told(value: float, interval: tuple[float, float]) -> str:
    return f"{value:.4f} ({interval[0]:.4f} to {interval[1]:.4f})"


if __name__ == "__main__":
    for row in run(Path(sys.argv[1])):
        print("  ".join(f"{name}={value}" for name, value in row.items()), flush=True)
