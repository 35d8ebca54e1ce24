"""Effects by causalml, econml, scikit-uplift and a plain logistic regression, each learnt and told in one go.

Arrays in, of each seed N: `learn_N`, `tell_N` (rows × columns), `treated_N` (0 or 1), `outcome_N`. Out: way → seed →
`effect` of each row of `tell_N` and `cpu` seconds of learning and telling; or `error`.
"""

import json
import os
import sys
import warnings
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

# Before numpy is imported, which reads it then.
os.environ["OMP_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402


def logistic() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def trees(kind: str) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    made = LGBMClassifier if kind == "classifier" else LGBMRegressor
    return made(n_estimators=50, num_leaves=8, learning_rate=0.05, min_child_samples=200, n_jobs=1, verbosity=-1)


def logistic_s(learn: Any, treated: Any, outcome: Any, tell: Any) -> Any:
    scaler = StandardScaler().fit(learn)
    rows, asked = scaler.transform(learn), scaler.transform(tell)

    def columns(values: Any, with_it: Any) -> Any:
        return np.hstack([values, with_it[:, None], values * with_it[:, None]])

    model = LogisticRegression(max_iter=1000).fit(columns(rows, treated), outcome)
    ones = np.ones(len(tell))
    first, second = (model.predict_proba(columns(asked, one))[:, 1] for one in (ones, 0 * ones))
    return first - second


def causalml_x(learn: Any, treated: Any, outcome: Any, tell: Any) -> Any:
    from causalml.inference.meta import BaseXClassifier

    model = BaseXClassifier(outcome_learner=trees("classifier"), effect_learner=trees("regressor"))
    half = np.full(len(learn), treated.mean())
    model.fit(learn, treated, outcome, p=half)
    return model.predict(tell, p=np.full(len(tell), treated.mean())).ravel()


def causalml_x_linear(learn: Any, treated: Any, outcome: Any, tell: Any) -> Any:
    from causalml.inference.meta import BaseXClassifier
    from sklearn.linear_model import LinearRegression

    model = BaseXClassifier(outcome_learner=logistic(), effect_learner=LinearRegression())
    model.fit(learn, treated, outcome, p=np.full(len(learn), treated.mean()))
    return model.predict(tell, p=np.full(len(tell), treated.mean())).ravel()


def causalml_t(learn: Any, treated: Any, outcome: Any, tell: Any) -> Any:
    from causalml.inference.meta import BaseTClassifier

    model = BaseTClassifier(learner=logistic())
    model.fit(learn, treated, outcome)
    return model.predict(tell).ravel()


def causalml_s(learn: Any, treated: Any, outcome: Any, tell: Any) -> Any:
    from causalml.inference.meta import BaseSClassifier

    model = BaseSClassifier(learner=trees("classifier"))
    model.fit(learn, treated, outcome)
    return model.predict(tell).ravel()


def causalml_dr(learn: Any, treated: Any, outcome: Any, tell: Any) -> Any:
    from causalml.inference.meta import BaseDRLearner
    from sklearn.linear_model import LinearRegression

    model = BaseDRLearner(learner=LinearRegression(), treatment_effect_learner=LinearRegression())
    model.fit(learn, treated, outcome, p=np.full(len(learn), treated.mean()), seed=1)
    return model.predict(tell).ravel()


def econml_x(learn: Any, treated: Any, outcome: Any, tell: Any) -> Any:
    from econml.metalearners import XLearner
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LinearRegression

    model = XLearner(models=LinearRegression(), propensity_model=DummyClassifier(strategy="prior"))
    return model.fit(outcome, treated, X=learn).effect(tell).ravel()


def econml_linear_dr(learn: Any, treated: Any, outcome: Any, tell: Any) -> Any:
    from econml.dr import LinearDRLearner
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LinearRegression

    model = LinearDRLearner(
        model_propensity=DummyClassifier(strategy="prior"), model_regression=LinearRegression(), random_state=1
    )
    return (
        model.fit(outcome, treated, X=StandardScaler().fit_transform(learn))
        .effect(StandardScaler().fit(learn).transform(tell))
        .ravel()
    )


def sklift_two_models(learn: Any, treated: Any, outcome: Any, tell: Any) -> Any:
    from sklift.models import TwoModels

    return TwoModels(logistic(), logistic(), method="vanilla").fit(learn, outcome, treated).predict(tell)


def sklift_class_transformation(learn: Any, treated: Any, outcome: Any, tell: Any) -> Any:
    from sklift.models import ClassTransformation

    return ClassTransformation(logistic()).fit(learn, outcome, treated).predict(tell)


WAYS = {
    "logistic S, interactions (scikit-learn)": logistic_s,
    "X, trees (causalml)": causalml_x,
    "X, logistic and linear (causalml)": causalml_x_linear,
    "T, logistic (causalml)": causalml_t,
    "S, trees (causalml)": causalml_s,
    "DR, linear (causalml)": causalml_dr,
    "X, linear (econml)": econml_x,
    "LinearDR (econml)": econml_linear_dr,
    "two models, logistic (scikit-uplift)": sklift_two_models,
    "class transformation, logistic (scikit-uplift)": sklift_class_transformation,
}


def main() -> None:
    asked = np.load(sys.argv[1])
    for name in ("causalml.inference.meta", "econml.dr", "econml.metalearners", "lightgbm", "sklift.models"):
        import_module(name)

    seeds = sorted({int(name.split("_")[1]) for name in asked.files})
    told = {}
    for seed in seeds:
        learn, tell = asked[f"learn_{seed}"], asked[f"tell_{seed}"]
        treated, outcome = asked[f"treated_{seed}"], asked[f"outcome_{seed}"]
        for name, way in WAYS.items():
            start = process_time()
            try:
                effect = way(learn, treated.astype(int), outcome, tell)
            except Exception as error:
                told.setdefault(name, {})[str(seed)] = {"error": f"{type(error).__name__}: {error}"[:300]}
                continue
            cpu = process_time() - start
            told.setdefault(name, {})[str(seed)] = {"effect": [float(one) for one in effect], "cpu": cpu}
    Path(sys.argv[2]).write_text(json.dumps(told), encoding="utf-8")


main()
