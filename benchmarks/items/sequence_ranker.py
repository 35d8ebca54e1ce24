"""Ranking what comes next in a sequence: candidates by transitions, put in order by boosted trees (LambdaMART).

The trees learn from what came last: for a part of the people after another their last item is hidden, everything is
counted without it, and the candidates are described as if it were still to come. So no count holds what it is to
foretell (Burges, 2010, "From RankNet to LambdaRank to LambdaMART").
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np

from benchmarks.items.sequence_pairs import count_pairs
from benchmarks.items.sequence_signs import SIGNS, describe
from vocative.predict.history.event_history import Flags, Floats, Integers
from vocative.predict.history.sequences import Sequences
from vocative.predict.items.transitions import DEFAULT, Candidates, Shape
from vocative.predict.learners.trees import Trees, grow
from vocative.predict.predictor import Parameters

_OPTIONS = {
    "objective": "lambdarank",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "lambdarank_truncation_level": 20,
    "num_threads": 1,
}


@dataclass(frozen=True, slots=True)
class SequenceRanker:
    """How the next item of everybody is ranked.

    `candidates` is how many a person has at most, `folds` into how many parts people are divided whose last item is
    hidden in turn, `rounds` how many trees are grown.
    """

    shape: Shape = DEFAULT
    candidates: int = 80
    folds: int = 3
    rounds: int = 150

    def fit(self, sequences: Sequences, rng: np.random.Generator) -> Parameters:
        """Learn from everybody's last item. Where no last item is among the candidates, the transitions alone rank."""
        fold = rng.integers(0, self.folds, sequences.people)
        many = sequences.lengths() > 1
        designs: list[Floats] = [np.zeros((0, len(SIGNS)), np.float32)]
        truths: list[Flags] = [np.zeros(0, bool)]
        people: list[Integers] = [np.zeros(0, np.int64)]
        for one in range(self.folds):
            asked = (fold == one) & many
            design, truth, who = self._examples(sequences, asked, rng)
            designs.append(design)
            truths.append(truth)
            people.append(who)
        design, truth, who = np.concatenate(designs), np.concatenate(truths), np.concatenate(people)
        content: Parameters = {"signs": list(SIGNS), "shape": asdict(self.shape), "trees": ""}
        if truth.any():
            sizes = np.diff(np.flatnonzero(np.concatenate([[True], who[1:] != who[:-1], [True]])))
            content["trees"] = grow(design, truth.astype(np.float64), self.rounds, _OPTIONS, groups=sizes).text
        return content

    def rank(
        self,
        sequences: Sequences,
        content: Parameters,
        most: int,
        rng: np.random.Generator,
        people: Integers | None = None,
    ) -> Candidates:
        """The items that people have next most probably, those they had left out; `score` is the trees'.

        Args:
            sequences: What everybody had.
            content: What was learnt.
            most: How many items a person gets at most.
            rng: Draws where the search for vectors starts.
            people: Numbers of the people asked about, ascending; by default everybody.
        """
        shape = Shape(**content["shape"])
        pairs = count_pairs(sequences, shape, rng)
        found = pairs.transitions.candidates(sequences, self.candidates, people)
        if content["trees"] and len(found.who):
            found = replace(found, score=Trees(content["trees"]).score(describe(sequences, pairs, found)))
        order = np.lexsort((found.place, -found.score, found.who))
        who = found.who[order]
        sizes = np.bincount(who, minlength=sequences.people)
        place = np.arange(len(who)) - (np.cumsum(sizes) - sizes)[who]
        first = order[place < most]
        return Candidates(
            found.who[first], found.item[first], found.score[first], place[place < most], found.total[first]
        )

    def _examples(self, sequences: Sequences, asked: Flags, rng: np.random.Generator) -> tuple[Floats, Flags, Integers]:
        """Signs and truth of the candidates of people whose last item is hidden, where it is among them."""
        target = sequences.latest()
        before = sequences.without_last(asked)
        pairs = count_pairs(before, self.shape, rng)
        found = pairs.transitions.candidates(before, self.candidates, np.flatnonzero(asked))
        reached = np.zeros(sequences.people, bool)
        reached[found.who[found.item == target[found.who]]] = True
        # Lists without the truth teach nothing about order.
        found = chosen(found, reached[found.who])
        return describe(before, pairs, found), found.item == target[found.who], found.who


def chosen(found: Candidates, rows: Flags) -> Candidates:
    """The rows of candidates that are flagged."""
    return Candidates(found.who[rows], found.item[rows], found.score[rows], found.place[rows], found.total[rows])
