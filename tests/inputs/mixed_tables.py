"""A mixed table for tests: numbers, words few and many, truth values, dates, gaps."""

import numpy as np
import pandas as pd


def mixed(n_rows=300, seed=0):
    rng = np.random.default_rng(seed)
    minutes = rng.integers(0, 500 * 24 * 60, n_rows)
    frame = pd.DataFrame(
        {
            "amount": rng.lognormal(size=n_rows),
            "age": rng.integers(18, 90, n_rows).astype(float),
            "country": rng.choice(["NO", "SE", "DK"], n_rows, p=[0.6, 0.3, 0.1]),
            "shop": [f"s{int(number)}" for number in rng.pareto(1.0, n_rows) * 20],
            "online": rng.random(n_rows) < 0.3,
            "when": pd.Timestamp("2023-01-01") + pd.to_timedelta(minutes, unit="min"),
        }
    )
    frame.loc[::7, "age"] = np.nan
    frame.loc[1::9, "country"] = None
    frame.loc[2::11, "when"] = pd.NaT
    return frame
