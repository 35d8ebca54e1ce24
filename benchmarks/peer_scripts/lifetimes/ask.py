"""Lifetimes 0.11.3: BG/NBD, Pareto/NBD, Gamma-Gamma, as its documentation says."""

import json
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter  # noqa: E402


def main() -> None:
    """Fit to frequency, recency, age and mean value; expected purchases and money of so many days, and times."""
    given = dict(np.load(sys.argv[1], allow_pickle=False))
    frequency, recency, age, days = given["frequency"], given["recency"], given["age"], float(given["days"])
    told = {}
    ways = [("bg_nbd", BetaGeoFitter)]
    if int(given["pareto"]):
        ways.append(("pareto_nbd", ParetoNBDFitter))
    for name, kind in ways:
        start = time.process_time()
        fitter = kind(penalizer_coef=0.0)
        fitter.fit(frequency, recency, age)
        seconds = time.process_time() - start
        expected = fitter.conditional_expected_number_of_purchases_up_to_time(days, frequency, recency, age)
        told[name] = {
            "seconds": seconds,
            "expected": np.asarray(expected, float).round(9).tolist(),
            "parameters": {key: float(value) for key, value in fitter.params_.items()},
        }
        if name == "bg_nbd":
            alive = fitter.conditional_probability_alive(frequency, recency, age)
            told[name]["alive"] = np.asarray(alive, float).round(9).tolist()
    value = given["value"]
    if len(value):
        start = time.process_time()
        chosen = (frequency > 0) & (value > 0)
        money = GammaGammaFitter(penalizer_coef=0.0)
        money.fit(frequency[chosen], value[chosen])
        seconds = time.process_time() - start
        each = money.conditional_expected_average_profit(frequency, value)
        told["gamma_gamma"] = {"seconds": seconds, "each": np.asarray(each, float).round(9).tolist()}
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        json.dump(told, out)


main()
