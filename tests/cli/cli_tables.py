"""A small table for the command line's tests (not in conftest.py, whose name other folders share)."""

import numpy as np
import pandas as pd


def table(n_rows=60, seed=0):
    """Three columns of ordinary rows, and three rows far away at the end, two of them labelled."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 3))
    X[-3:] += 8
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    frame.insert(0, "id", [f"p{row}" for row in range(n_rows)])
    frame["label"] = 0
    frame.loc[n_rows - 2 :, "label"] = -1
    return frame
