"""Ways others would guess the next item of a sequence; settings are chosen on the last known item, held back.

The CPU seconds are those of the last fit and of the scoring, without the choice.
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import fastslim
import numpy as np
from implicit.als import AlternatingLeastSquares
from irspack import IALSRecommender
from scipy import sparse

warnings.filterwarnings("ignore")
MOST = 10
BLOCK = 1024


class History:
    """Rows ordered by person and time."""

    def __init__(self, who: np.ndarray, item: np.ndarray, people: int, items: int) -> None:
        self.who, self.item, self.people, self.items = who, item, people, items
        lengths = np.bincount(who, minlength=people)
        self.back = np.cumsum(lengths)[who] - 1 - np.arange(len(who))
        self.popular = np.maximum(np.bincount(item, minlength=items), 1.0)

    def matrix(self, decay: float = 1.0) -> sparse.csr_matrix:
        """People × items; each step back takes the decay away."""
        value = np.power(decay, self.back).astype(np.float32)
        return sparse.csr_matrix((value, (self.who, self.item)), shape=(self.people, self.items))

    def earlier(self) -> "tuple[History, np.ndarray]":
        """The same without the last rows, and those."""
        kept = self.back > 0
        return History(self.who[kept], self.item[kept], self.people, self.items), self.item[~kept]


def best(history: History, rows: Callable[[int, int], np.ndarray]) -> np.ndarray:
    """The ten best new items of everybody; `rows(start, end)` scores some people against all items."""
    seen, found = history.matrix(), []
    for start in range(0, history.people, BLOCK):
        end = min(start + BLOCK, history.people)
        score = np.array(rows(start, end), np.float32)
        score[seen[start:end].nonzero()] = -np.inf
        top = np.argpartition(-score, MOST, axis=1)[:, :MOST]
        order = np.argsort(-np.take_along_axis(score, top, axis=1), axis=1, kind="stable")
        found.append(np.take_along_axis(top, order, axis=1))
    return np.concatenate(found)


def by_items(history: History, weights: object, decay: float) -> np.ndarray:
    mine = history.matrix(decay)
    if sparse.issparse(weights):
        return best(history, lambda start, end: (mine[start:end] @ weights).toarray())
    return best(history, lambda start, end: mine[start:end] @ weights)


def popularity(history: History, _: None) -> np.ndarray:
    return best(history, lambda start, end: np.tile(history.popular, (end - start, 1)))


def covisits(history: History, _: None) -> np.ndarray:
    had = history.matrix()
    scale = sparse.diags(history.popular**-0.5)
    both = (scale @ (had.T @ had) @ scale).tocsr()
    both.setdiag(0.0)
    return by_items(history, both, 1.0)


def transitions(history: History, decay: float) -> np.ndarray:
    rows, columns, values = [], [], []
    for gap in range(1, 11):
        first = np.flatnonzero(history.who[gap:] == history.who[:-gap])
        rows.append(history.item[first])
        columns.append(history.item[first + gap])
        values.append(np.full(len(first), 0.9 ** (gap - 1), np.float32))
    places = (np.concatenate(rows), np.concatenate(columns))
    forward = sparse.csr_matrix((np.concatenate(values), places), shape=(history.items,) * 2)
    weights = (forward + 0.3 * forward.T) @ sparse.diags((history.popular**-0.15).astype(np.float32))
    return by_items(history, weights.tocsr(), decay)


def alternating(history: History, setting: tuple[float, float]) -> np.ndarray:
    factors, alpha = setting
    model = AlternatingLeastSquares(factors=factors, alpha=alpha, regularization=0.05, num_threads=1, random_state=1)
    model.fit(history.matrix(), show_progress=False)
    return best(history, lambda start, end: model.user_factors[start:end] @ model.item_factors.T)


def ials(history: History, setting: tuple[float, float]) -> np.ndarray:
    factors, alpha = setting
    model = IALSRecommender(history.matrix(), n_components=factors, alpha0=alpha, reg=0.003, n_threads=1)
    model.learn()
    return best(history, lambda start, end: model.get_score_block(start, end))


def slim(history: History, setting: tuple[float, float]) -> np.ndarray:
    strength, decay = setting
    weights = fastslim.fit(history.matrix(), lambd=strength, beta=strength, max_iter=50, n_threads=1)
    return by_items(history, weights.tocsr().astype(np.float32), decay)


def ease(history: History, setting: tuple[float, float]) -> np.ndarray:
    ridge, decay = setting
    had = history.matrix()
    inverse = (had.T @ had).toarray()
    inverse[np.diag_indices_from(inverse)] += ridge
    inverse = np.linalg.inv(inverse)
    inverse /= -np.diag(inverse)
    np.fill_diagonal(inverse, 0.0)
    return by_items(history, inverse, decay)


METHODS = {
    "popularity": (popularity, [None]),
    "cosine co-visits": (covisits, [None]),
    "transitions, tuned by hand": (transitions, [0.5, 0.6, 0.7]),
    "implicit ALS": (alternating, [(64, 10.0), (128, 10.0)]),
    "irspack iALS": (ials, [(128, 0.05), (128, 0.2)]),
    "fastslim with decay": (slim, [(0.5, 0.6), (1.0, 0.6)]),
}
# Half a minute to some minutes each.
SLOW = {"EASE with decay": (ease, [(100.0, 0.6)])}


def ndcg(found: np.ndarray, target: np.ndarray) -> float:
    hit = found == target[:, None]
    return float((hit / np.log2(np.arange(MOST) + 2.0)).sum() / len(target))


def main() -> None:
    with np.load(sys.argv[1]) as given:
        history = History(given["who"], given["item"], int(given["people"]), int(given["items"]))
        methods = METHODS | SLOW if given["slow"] else METHODS
    before, held = history.earlier()
    told = {}
    for name, (method, settings) in methods.items():
        chosen = settings[0]
        if len(settings) > 1:
            chosen = max(settings, key=lambda one: ndcg(method(before, one), held))
        start = time.process_time()
        found = method(history, chosen)
        told[name] = {"seconds": time.process_time() - start, "items": found.tolist(), "setting": str(chosen)}
    with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump(told, file)


if __name__ == "__main__":
    main()
