"""Two stages, as a data scientist would build them: candidates by transitions and popularity, ranked by LightGBM.

The ranker (lambdarank) learns from everybody's last known item, held back, and is then asked about the one after. Its
settings are chosen there too, by a fifth of the people it does not learn from. CPU seconds are those of the last fit
with its features and of the scoring, without the choice.
"""

import json
import os
import sys
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import lightgbm
import numpy as np
from scipy import sparse

warnings.filterwarnings("ignore")
MOST, BLOCK, CANDIDATES, POPULAR = 10, 1024, 100, 20
LAST = 3
DECAYS = (0.3, 0.6, 0.9)
GRID = [
    {"num_leaves": 15, "learning_rate": 0.05, "min_data_in_leaf": 50, "rounds": 300},
    {"num_leaves": 31, "learning_rate": 0.05, "min_data_in_leaf": 100, "rounds": 300},
    {"num_leaves": 31, "learning_rate": 0.03, "min_data_in_leaf": 100, "rounds": 600},
]


class History:
    """Rows ordered by person and time."""

    def __init__(self, who: np.ndarray, item: np.ndarray, people: int, items: int) -> None:
        self.who, self.item, self.people, self.items = who, item, people, items
        self.lengths = np.bincount(who, minlength=people)
        self.back = np.cumsum(self.lengths)[who] - 1 - np.arange(len(who))
        self.popular = np.bincount(item, minlength=items).astype(np.float32)

    def matrix(self, decay: float = 1.0) -> sparse.csr_matrix:
        """People × items; each step back takes the decay away."""
        value = np.power(decay, self.back).astype(np.float32)
        return sparse.csr_matrix((value, (self.who, self.item)), shape=(self.people, self.items))

    def latest(self, back: int) -> np.ndarray:
        """Everybody's item so many steps back; -1 for none."""
        found = np.full(self.people, -1)
        mine = self.back == back
        found[self.who[mine]] = self.item[mine]
        return found

    def earlier(self) -> "tuple[History, np.ndarray]":
        """The same without everybody's last row, and those items."""
        kept = self.back > 0
        return History(self.who[kept], self.item[kept], self.people, self.items), self.latest(0)


def steps(history: History, window: int, decay: float, backward: float, exponent: float) -> sparse.csr_matrix:
    """Items × items: how often the second came after the first, near ones counting more."""
    rows, columns, values = [], [], []
    for gap in range(1, window + 1):
        first = np.flatnonzero(history.who[gap:] == history.who[:-gap])
        rows.append(history.item[first])
        columns.append(history.item[first + gap])
        values.append(np.full(len(first), decay ** (gap - 1), np.float32))
    places = (np.concatenate(rows), np.concatenate(columns))
    forward = sparse.csr_matrix((np.concatenate(values), places), shape=(history.items,) * 2)
    scale = sparse.diags(np.maximum(history.popular, 1.0) ** -exponent)
    return ((forward + backward * forward.T) @ scale).tocsr().astype(np.float32)


def described(history: History) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Person and item of every candidate, ordered by person, and the features one would write first."""
    near = steps(history, 10, 0.9, 0.3, 0.15)
    ahead, behind = steps(history, 1, 1.0, 0.0, 0.0), steps(history, 10, 0.9, 0.0, 0.0).T.tocsr()
    had = history.matrix()
    scale = sparse.diags(np.maximum(history.popular, 1.0) ** -0.5)
    alike = (scale @ (had.T @ had) @ scale).tocsr().astype(np.float32)
    alike.setdiag(0.0)
    tastes = [history.matrix(decay) for decay in DECAYS]
    everybody = np.argsort(-history.popular, kind="stable")[:POPULAR]
    last = [history.latest(back) for back in range(LAST)]
    found = []
    for start in range(0, history.people, BLOCK):
        part = slice(start, min(start + BLOCK, history.people))
        scored = [(taste[part] @ near).toarray() for taste in tastes]
        main = scored[1].copy()
        main[had[part].nonzero()] = -np.inf
        chosen = np.zeros(main.shape, bool)
        np.put_along_axis(chosen, np.argpartition(-main, CANDIDATES, axis=1)[:, :CANDIDATES], True, axis=1)
        chosen &= main > 0.0
        chosen[:, everybody] = True
        chosen[had[part].nonzero()] = False
        row, item = np.nonzero(chosen)
        who = row + start
        order = np.lexsort((-main[row, item], row))
        place = np.empty(len(row), np.float32)
        place[order] = np.arange(len(row)) - np.searchsorted(row, row)
        columns = [*(one[row, item] for one in scored), place]
        columns.append(scored[1][row, item] / np.maximum(scored[1].max(axis=1), 1e-9)[row])
        columns.append(np.asarray((had[part] @ alike).toarray())[row, item])
        columns.append(np.asarray((had[part] @ behind).toarray())[row, item])
        for back in range(LAST):
            thing = last[back][who]
            told = (np.asarray(weights[thing, item]).ravel() for weights in (ahead, near, alike))
            columns.extend(np.where(thing >= 0, one, np.nan) for one in told)
        columns += [history.popular[item], history.lengths[who], history.popular[last[0][who]]]
        found.append((who, item, np.stack(columns, axis=1).astype(np.float32)))
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def train(who: np.ndarray, values: np.ndarray, came: np.ndarray, setting: dict[str, float]) -> lightgbm.Booster:
    """Learn from the lists that hold the truth."""
    reached = np.zeros(int(who.max()) + 1, bool)
    reached[who[came]] = True
    kept = reached[who]
    groups = np.unique(who[kept], return_counts=True)[1]
    options = {key: value for key, value in setting.items() if key != "rounds"} | {
        "objective": "lambdarank",
        "lambdarank_truncation_level": 20,
        "feature_fraction": 0.7,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "num_threads": 1,
        "verbosity": -1,
        "seed": 1,
    }
    data = lightgbm.Dataset(values[kept], came[kept].astype(np.float64), group=groups)
    return lightgbm.train(options, data, int(setting["rounds"]))


def best(who: np.ndarray, item: np.ndarray, score: np.ndarray, people: int) -> np.ndarray:
    """The ten best of everybody; -1 where there are fewer."""
    order = np.lexsort((-score, who))
    who, item = who[order], item[order]
    place = np.arange(len(who)) - np.searchsorted(who, who)
    found = np.full((people, MOST), -1)
    first = place < MOST
    found[who[first], place[first]] = item[first]
    return found


def ndcg(found: np.ndarray, target: np.ndarray) -> float:
    hit = found == target[:, None]
    return float((hit / np.log2(np.arange(MOST) + 2.0)).sum() / len(target))


def main() -> None:
    with np.load(sys.argv[1]) as given:
        history = History(given["who"], given["item"], int(given["people"]), int(given["items"]))
    before, held = history.earlier()
    start = time.process_time()
    who, item, values = described(before)
    features = time.process_time() - start
    came = item == held[who]
    out = np.arange(history.people) % 5 == 0
    gains = []
    for setting in GRID:
        inside = ~out[who]
        model = train(who[inside], values[inside], came[inside], setting)
        score = model.predict(values[~inside], num_threads=1)
        gains.append(ndcg(best(who[~inside], item[~inside], score, history.people)[out], held[out]))
    setting = GRID[int(np.argmax(gains))]
    start = time.process_time()
    model = train(who, values, came, setting)
    who, item, values = described(history)
    found = best(who, item, model.predict(values, num_threads=1), history.people)
    seconds = features + time.process_time() - start
    answer = {"seconds": seconds, "items": found.tolist(), "setting": str(setting)}
    with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"candidates and LightGBM lambdarank": answer}, file)


if __name__ == "__main__":
    main()
