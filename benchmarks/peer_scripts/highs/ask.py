"""HiGHS 1.15 through highspy: the plan as a linear program, built as sparse columns at once."""

import json
import sys
import time
from pathlib import Path

import highspy
import numpy as np
from scipy.sparse import csc_array


def main() -> None:
    """Read worth (people × actions), rows of limits and bounds; write the best worth and CPU seconds."""
    given = dict(np.load(sys.argv[1], allow_pickle=False))
    worth, cost, masks, bound = given["worth"], given["cost"], given["masks"], given["bound"]
    start = time.process_time()
    who, action = np.nonzero(np.isfinite(worth))
    people, limits, pairs = len(worth), len(bound), len(who)
    # The first limit is money, the others count.
    load = np.where(np.arange(limits)[:, None] == 0, cost[who, action][None, :], 1.0) * masks[:, action]
    rows = np.concatenate([who, *(np.full(pairs, people + one) for one in range(limits))])
    columns = np.tile(np.arange(pairs), limits + 1)
    values = np.concatenate([np.ones(pairs), load.ravel()])
    some = values != 0
    matrix = csc_array((values[some], (rows[some], columns[some])), shape=(people + limits, pairs))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = pairs, people + limits
    model.col_cost_ = -worth[who, action].astype(np.float64)
    model.col_lower_, model.col_upper_ = np.zeros(pairs), np.ones(pairs)
    model.row_lower_ = np.full(people + limits, -highspy.kHighsInf)
    model.row_upper_ = np.concatenate([np.ones(people), bound])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    solver.run()
    told = {"worth": -solver.getInfo().objective_function_value, "seconds": time.process_time() - start}
    Path(sys.argv[2]).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
