"""A small table and small images."""

import numpy as np
import pandas as pd


def table(n=60):
    generator = np.random.default_rng(0)
    rows = pd.DataFrame(generator.normal(size=(n, 3)), columns=["flow", "heat", "<b>load</b>"])
    rows.iloc[:3, 0] += 9.0
    rows["site"] = np.where(np.arange(n) % 2, "Oslo", "Bergen")
    rows.index = pd.Index([f"r-{place}" for place in range(n)], name="order")
    return rows


def images(n=24):
    pixels = np.random.default_rng(0).integers(90, 110, size=(n, 1, 16, 16), dtype=np.uint8)
    pixels[:2, :, 4:8, 4:8] = 255
    return pixels
