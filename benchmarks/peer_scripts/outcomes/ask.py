"""scikit-learn's logistic regression and LightGBM, as in a careful notebook: chosen out of time, refitted."""

import json
import sys
import time
import warnings
from pathlib import Path

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
STRENGTHS = (0.001, 0.01, 0.1, 1.0)
OPTIONS = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "verbosity": -1,
    "num_threads": 1,
    "seed": 1,
}
ROUNDS = 1500


def logistic(given: dict[str, np.ndarray], columns: np.ndarray) -> np.ndarray:
    """Numbers logged where they are skewed, scaled, 0 where missing; things one-hot; strength chosen out of time."""
    named = given["categorical"].astype(bool)[columns]
    learn, ask = given["learn"][:, columns], given["ask"][:, columns]
    every = np.vstack([learn, ask])
    numbers = every[:, ~named]
    wide = np.nanmax(np.abs(numbers), axis=0, initial=0.0) > 2.0
    numbers[:, wide] = np.sign(numbers[:, wide]) * np.log1p(np.abs(numbers[:, wide]))
    scaler = StandardScaler().fit(numbers[: len(learn)])
    parts = [np.clip(np.nan_to_num(scaler.transform(numbers)), -8.0, 8.0)]
    if named.any():
        coder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(learn[:, named])
        parts.append(coder.transform(every[:, named]))
    design = np.hstack(parts)
    first, came, newest = design[: len(learn)], given["came"], given["newest"].astype(bool)
    losses = []
    for strength in STRENGTHS:
        tried = LogisticRegression(C=strength, max_iter=300).fit(first[~newest], came[~newest])
        losses.append(surprise(tried.predict_proba(first[newest])[:, 1], came[newest]))
    chosen = STRENGTHS[int(np.argmin(losses))]
    found = LogisticRegression(C=chosen, max_iter=300).fit(first, came)
    return found.predict_proba(design[len(learn) :])[:, 1]


def boosted(given: dict[str, np.ndarray]) -> np.ndarray:
    """As many trees as were best on the newest rows; then grown anew on all."""
    things = np.flatnonzero(given["categorical"]).tolist()
    newest = given["newest"].astype(bool)

    def data(rows: np.ndarray, reference: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
        return lightgbm.Dataset(
            given["learn"][rows], given["came"][rows], categorical_feature=things, reference=reference
        )

    older = data(~newest)
    tried = lightgbm.train(
        OPTIONS, older, ROUNDS, valid_sets=[data(newest, older)], callbacks=[lightgbm.early_stopping(50, verbose=False)]
    )
    rounds = max(tried.best_iteration, 10)
    return lightgbm.train(OPTIONS, data(np.ones(len(newest), bool)), rounds).predict(given["ask"])


def surprise(chance: np.ndarray, came: np.ndarray) -> float:
    """Log loss."""
    chance = np.clip(chance, 1e-6, 1 - 1e-6)
    return float(-np.mean(came * np.log(chance) + (1 - came) * np.log(1 - chance)))


def main() -> None:
    """Rows to learn from, which of them are the newest, rows to ask for; the probabilities of every way."""
    given = dict(np.load(sys.argv[1], allow_pickle=False))
    every, few = np.arange(given["learn"].shape[1]), given["few"]
    told: dict[str, dict[str, object]] = {}
    ways = {"logistic": lambda: logistic(given, every), "lightgbm": lambda: boosted(given)}
    if len(few):
        ways = {"rfm_logistic": lambda: logistic(given, few), **ways}
    for name, way in ways.items():
        start = time.process_time()
        chance = way()
        told[name] = {"chance": np.round(chance, 7).tolist(), "seconds": time.process_time() - start}
    Path(sys.argv[2]).write_text(json.dumps(told), encoding="utf-8")


main()
