"""What others would propose: counts, TIFU-KNN, EASE, implicit's ALS, and candidates ranked by LightGBM.

Reads `who`, `item`, `day` (days back from the moment, ascending people), `people`, `items`, `horizon`; answers for each
way the ten best of all and of new items of each person, and CPU seconds of learning and scoring.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import lightgbm
import numpy as np
import numpy.typing as npt
from implicit.als import AlternatingLeastSquares
from scipy import sparse

MOST, BLOCK, RECENT, HALF_LIFE, LEAST = 10, 512, 28.0, 168.0, 5
LOSSES = {"LightGBM binary": "binary", "LightGBM lambdarank": "lambdarank"}
Array = npt.NDArray[Any]


class World:
    """What was had before a moment, by day; a day counts once."""

    def __init__(self, who: Array, item: Array, day: Array, people: int, items: int) -> None:
        every = np.unique(np.stack([who, item, np.floor(day).astype(np.int64)]), axis=1)
        self.people, self.items = people, items
        self.who, self.item, self.day = every[0], every[1], every[2] + 0.5
        recent = self.day <= RECENT
        self.popular = np.bincount(self.item[recent], minlength=items).astype(np.float32)
        buyers = np.bincount(np.unique(self.who * items + self.item) % items, minlength=items)
        self.kept = buyers >= LEAST

    def matrix(self, value: Array) -> sparse.csr_matrix:
        """People × items: sums of a value of each day."""
        return sparse.csr_matrix((value.astype(np.float32), (self.who, self.item)), shape=(self.people, self.items))

    def counts(self, half_life: float | None = None) -> sparse.csr_matrix:
        """People × items: days it was had on, decayed with a half-life in days where one is given."""
        value = np.ones(len(self.who)) if half_life is None else np.exp2(-self.day / half_life)
        return self.matrix(value)

    def before(self, days: float) -> "World":
        """The world some days earlier."""
        old = self.day > days
        return World(self.who[old], self.item[old], self.day[old] - days, self.people, self.items)


def best(world: World, rows: Any) -> dict[str, Any]:
    """The best of all and of new items; `rows(slice)` scores people × items."""
    had, found = world.counts(), {"all": [], "new": []}
    for start in range(0, world.people, BLOCK):
        part = slice(start, min(start + BLOCK, world.people))
        # Ties, and what a way knows nothing of, go by popularity.
        score = np.asarray(rows(part), np.float64) + 1e-9 * world.popular
        for name in found:
            if name == "new":
                score[had[part].nonzero()] = -np.inf
            top = np.argpartition(-score, MOST, axis=1)[:, :MOST]
            order = np.argsort(-np.take_along_axis(score, top, axis=1), axis=1, kind="stable")
            found[name].extend(np.take_along_axis(top, order, axis=1).tolist())
    return found


def tifu(world: World, neighbours: int = 300, mix: float = 0.8) -> Any:
    """Decayed frequencies, mixed with those of the nearest people (Hu et al., 2020)."""
    mine = world.counts(56.0)
    length = np.sqrt(np.asarray(mine.multiply(mine).sum(axis=1)).ravel())
    unit = sparse.diags(1.0 / np.maximum(length, 1e-9)) @ mine

    def rows(part: slice) -> Array:
        alike = (unit[part] @ unit.T).toarray()
        alike[np.arange(alike.shape[0]), np.arange(part.start, part.stop)] = -1.0
        near = np.argpartition(-alike, neighbours, axis=1)[:, :neighbours]
        pick = sparse.csr_matrix(
            (
                np.full(near.size, 1.0 / neighbours),
                (np.repeat(np.arange(alike.shape[0]), neighbours), near.ravel()),
            ),
            shape=alike.shape,
        )
        return mix * mine[part].toarray() + (1.0 - mix) * (pick @ mine).toarray()

    return rows


def ease(world: World, ridge: float = 100.0) -> Any:
    """EASE through people (Steck, 2019), on roots of decayed counts of items that enough people have."""
    taste = world.counts(HALF_LIFE).sqrt() @ sparse.diags(world.kept.astype(np.float32))
    own = (taste @ taste.T).toarray().astype(np.float64)
    own[np.diag_indices_from(own)] += ridge
    inverse = np.linalg.inv(own).astype(np.float32)
    taste = taste.tocsr()
    across = taste.T.tocsr()
    alone = np.zeros(world.items)
    for start in range(0, world.people, BLOCK):
        part = slice(start, start + BLOCK)
        alone += np.asarray(taste[part].multiply((across @ inverse[part].T).T).sum(axis=0)).ravel()
    scale = np.maximum(1.0 - alone, 1e-6)
    return lambda part: taste[part].toarray() - ridge * (across @ inverse[part].T).T / scale


def als(world: World) -> Any:
    """Implicit feedback factorisation (Hu et al., 2008) by the package `implicit`."""
    model = AlternatingLeastSquares(64, regularization=10.0, alpha=5.0, iterations=15, random_state=1, num_threads=1)
    model.fit(world.counts(HALF_LIFE).tocsr(), show_progress=False)
    return lambda part: model.user_factors[part] @ model.item_factors.T


def described(world: World) -> tuple[Array, Array, Array]:
    """Candidates (own, those of EASE, popular ones) with the features one would write first."""
    lives = [world.counts(life).tocsr() for life in (14.0, 56.0, HALF_LIFE)]
    times, score = world.counts().tocsr(), ease(world)
    key = world.who * world.items + world.item
    order = np.lexsort((world.day, key))
    keys, first = np.unique(key[order], return_index=True)
    days = world.day[order][first]
    popular = np.argsort(-world.popular, kind="stable")[:40]
    activity = np.bincount(world.who, minlength=world.people)
    again = np.bincount(keys % world.items, minlength=world.items)
    back = np.bincount(world.item, minlength=world.items) / np.maximum(again, 1)
    found: list[tuple[Array, Array, Array]] = []
    for start in range(0, world.people, BLOCK):
        part = slice(start, min(start + BLOCK, world.people))
        dense = score(part)
        own = np.stack([life[part].toarray() for life in lives])
        had = times[part].toarray()
        chosen = np.zeros(had.shape, bool)
        strong = np.argsort(-own[2], axis=1)[:, :120]
        np.put_along_axis(chosen, strong, np.take_along_axis(had > 0, strong, axis=1), axis=1)
        open_ = np.where(had > 0, -np.inf, dense)
        np.put_along_axis(chosen, np.argpartition(-open_, 60, axis=1)[:, :60], True, axis=1)
        chosen[:, popular] = True
        row, item = np.nonzero(chosen)
        who = row + start
        place = np.minimum(np.searchsorted(keys, who * world.items + item), len(keys) - 1)
        since = np.where(keys[place] == who * world.items + item, days[place], np.nan)
        columns = [*(life[row, item] for life in own), had[row, item], since, dense[row, item]]
        columns += [world.popular[item], again[item], back[item], activity[who]]
        found.append((who, item, np.stack(columns, axis=1).astype(np.float32)))
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))  # type: ignore[return-value]


def two_stage(world: World, horizon: float, loss: str) -> Any:
    """Candidates of the last complete horizon teach a ranker, which orders those of now."""
    then = world.before(horizon)
    who, item, values = described(then)
    ahead = world.day <= horizon
    came = np.isin(who * world.items + item, np.unique(world.who[ahead] * world.items + world.item[ahead]))
    options = {
        "objective": loss,
        "num_leaves": 31,
        "learning_rate": 0.05,
        "min_data_in_leaf": 100,
        "num_threads": 1,
        "verbosity": -1,
        "seed": 1,
        "lambdarank_truncation_level": 20,
    }
    groups = np.unique(who, return_counts=True)[1] if loss == "lambdarank" else None
    model = lightgbm.train(options, lightgbm.Dataset(values, came.astype(np.float64), group=groups), 200)
    who, item, values = described(world)
    score = model.predict(values, raw_score=True)
    table = sparse.csr_matrix((score + 1_000.0, (who, item)), shape=(world.people, world.items))
    return lambda part: table[part].toarray()


def main() -> None:
    """Ask every way."""
    given = np.load(sys.argv[1])
    world = World(given["who"], given["item"], given["day"], int(given["people"]), int(given["items"]))
    ways: dict[str, Any] = {
        "popularity, 28 days": lambda: lambda part: np.tile(world.popular, (part.stop - part.start, 1)),
        "own frequency": lambda: lambda part: world.counts()[part].toarray(),
        "own frequency with decay": lambda: lambda part: world.counts(HALF_LIFE)[part].toarray(),
        "TIFU-KNN": lambda: tifu(world),
        "EASE": lambda: ease(world),
        "implicit ALS": lambda: als(world),
        **{name: (lambda loss=loss: two_stage(world, float(given["horizon"]), loss)) for name, loss in LOSSES.items()},
    }
    answer = {}
    for name, way in ways.items():
        start = time.process_time()
        answer[name] = {**best(world, way()), "seconds": time.process_time() - start}
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
