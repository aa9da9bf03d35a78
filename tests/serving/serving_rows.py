"""Rows for the service's tests (not in conftest.py, whose name other folders share)."""

import os

import numpy as np
import pandas as pd


def orders(n_rows=60):
    """Rows of numbers, words, dates and truth values, with gaps."""
    rng = np.random.default_rng(0)
    number = np.arange(n_rows)
    frame = pd.DataFrame({"amount": rng.lognormal(size=n_rows).round(2), "paid": number % 2 == 0})
    frame["country"] = np.where(number % 3, "Norway", "Sweden")
    frame["seen"] = (pd.Timestamp("2024-05-01") + pd.to_timedelta(number, unit="D")).strftime("%d.%m.%Y")
    frame.loc[::17, "amount"] = np.nan
    return frame


def put(content, path):
    """Replace a file as a whole, as ``askew fit`` does."""
    path.with_name("next").write_bytes(content)
    os.replace(path.with_name("next"), path)
