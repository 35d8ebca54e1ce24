"""Lifetimes 0.11.3: BG/NBD, Pareto/NBD, Gamma-Gamma, as its documentation says."""

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

warnings.filterwarnings("ignore")
from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter  # noqa: E402


def active(name: str, fitter: Any, days: float, frequency: Any, recency: Any, age: Any) -> list[float]:
    """P(a purchase in the days to come): of BG/NBD by its formula, as the package has none for Pareto/NBD in bulk."""
    if name != "bg_nbd":
        return []
    alive = fitter.conditional_probability_alive(frequency, recency, age)
    r, alpha = fitter.params_["r"], fitter.params_["alpha"]
    none = ((alpha + age) / (alpha + age + days)) ** (r + frequency)
    found: list[float] = np.asarray(alive * (1.0 - none), float).round(9).tolist()
    return found


def main() -> None:
    """Fit to frequency, recency, age and mean value; expected purchases and money of so many days, and times."""
    given = dict(np.load(sys.argv[1], allow_pickle=False))
    frequency, recency, age, days = given["frequency"], given["recency"], given["age"], float(given["days"])
    told: dict[str, dict[str, Any]] = {}
    ways = [("bg_nbd", BetaGeoFitter)]
    if int(given["pareto"]):
        ways.append(("pareto_nbd", ParetoNBDFitter))
    for name, kind in ways:
        start = time.process_time()
        fitter = kind(penalizer_coef=0.0)
        fitter.fit(frequency, recency, age)
        seconds = time.process_time() - start
        expected = fitter.conditional_expected_number_of_purchases_up_to_time(days, frequency, recency, age)
        told[name] = {"seconds": seconds, "expected": np.asarray(expected, float).round(9).tolist()}
        told[name]["active"] = active(name, fitter, days, frequency, recency, age)
    start = time.process_time()
    money = GammaGammaFitter(penalizer_coef=0.0)
    chosen = given["value"] > 0
    money.fit(given["purchases"][chosen], given["value"][chosen])
    seconds = time.process_time() - start
    each = money.conditional_expected_average_profit(given["purchases"], given["value"])
    told["gamma_gamma"] = {"seconds": seconds, "each": np.asarray(each, float).round(9).tolist()}
    Path(sys.argv[2]).write_text(json.dumps(told), encoding="utf-8")


main()
