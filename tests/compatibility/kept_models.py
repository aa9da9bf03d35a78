"""Model files that a release wrote, kept for ever, with rows and the scores that they had.

Run once for a release, with what it is written by (from the folder ``tests``):

    python -m compatibility.kept_models 0.1.0

A folder under ``models/`` holds one file per kind of model, ``written_by.json``, and ``rows.npz``: the rows, and
the scores of each model on them. Never change a folder that was released; a new release gets a new one.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import askew
from askew.calibration import AlertBudget, Conformal, Cost, Quantile
from askew.training import Training
from detector_cases import NAMES, fitted, quick, table

HERE = Path(__file__).parent / "models"
IMAGES = ("vae", "deep_sad", "dadgt")
"""Detectors that are kept for images too."""

FRAMES = ("vae", "isolation_forest", "gradient_boosting", "auto")
"""Detectors that are kept for frames of words, dates and gaps too."""

LARGE = {"alad": {"n_members": 1}}
"""Parameters that keep a file small."""


def images() -> tuple[np.ndarray, np.ndarray]:
    """Return (X, y): 24 striped images of 16 pixels a side, three of them known anomalies."""
    rng = np.random.default_rng(0)
    row = np.where(np.arange(16) % 4 < 2, 200.0, 40.0)
    X = np.repeat(row[:, None], 16, 1)[None, None] + rng.normal(0, 12, (24, 1, 16, 16))
    X[:3] = X[:3].transpose(0, 1, 3, 2)
    return X.clip(0, 255).astype(np.uint8), -(np.arange(24) < 3).astype(np.int8)


def texts() -> tuple[list[str], np.ndarray]:
    """Return (X, y): 30 sentences about films; three are about ships and known anomalies."""
    rng = np.random.default_rng(0)
    words = [["film", "story", "plot"], ["was", "seemed"], ["good", "great", "dull"]]
    X = ["the " + " ".join(rng.choice(choice) for choice in words) + " to me" for _ in range(30)]
    X[:3] = ["a ship sailed from the sea to the coast"] * 3
    return X, -(np.arange(30) < 3).astype(np.int8)


def frame(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return a frame of the columns, whose texts numpy has padded."""
    return pd.DataFrame({name: list(c) if c.dtype.kind == "U" else c for name, c in columns.items()})


def columns() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return (columns, y): numbers with gaps, words and dates of 60 rows."""
    X, y = table()
    rng = np.random.default_rng(0)
    height = np.where(np.arange(60) % 9 == 1, np.nan, X[:, 0])
    seen = np.datetime64("2024-01-01", "s") + 86400 * np.arange(60)
    return {"height": height, "speed": X[:, 1], "country": rng.choice(["NO", "SE"], 60), "seen": seen}, y


def models() -> dict[str, tuple[Any, str]]:
    """Return {name: (fitted model, kind of rows)}."""
    X, y = table()
    kept = {name: (fitted(name, X, y, **(LARGE.get(name, {}))), "table") for name in NAMES}
    few = {"training": Training(epochs=2, pretrain_epochs=1, lr=5e-3), "n_members": 1}
    for name in IMAGES:
        kept[f"{name}-images"] = (quick(name, **few).fit(*images()), "images")
    kept["sentence_vae-texts"] = (quick("sentence_vae", **few).fit(*texts()), "texts")
    made, labels = columns()
    for name in FRAMES:
        kept[f"{name}-frame"] = (fitted(name, frame(made), labels), "frame")
    forest = fitted("isolation_forest", X, y)
    for kind, more in (
        (Quantile, {}),
        (Conformal, {}),
        (AlertBudget, {"alerts": 2, "per_rows": 20}),
        (Cost, {}),
    ):
        kept[f"{kind.name}-threshold"] = (kind(forest, **more).fit(X, y), "table")
    front = askew.Prepared(quick("mahalanobis"))
    kept["prepared-frame"] = (front.fit(frame(made), labels), "frame")
    return kept


def rows_of(kind: str, stored: dict[str, np.ndarray]) -> Any:
    """Return the stored rows of one kind as a model takes them."""
    if kind == "frame":
        return frame({name[6:]: found for name, found in stored.items() if name.startswith("frame.")})
    return list(stored["texts"]) if kind == "texts" else stored[kind]


def versions() -> dict[str, str]:
    """Return what the files are written by."""
    import sklearn
    import torch

    return {
        "askew": askew.__version__,
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "scikit-learn": sklearn.__version__,
        "torch": torch.__version__,
    }


def keep(folder: Path) -> None:
    """Fit the models and write them, their rows and their scores to a new folder."""
    folder.mkdir(parents=True)
    stored = {
        "table": table(rows=20, seed=1)[0],
        "images": images()[0][:6],
        "texts": np.array(texts()[0][:6]),
    }
    stored |= {f"frame.{name}": found[:20] for name, found in columns()[0].items()}
    kinds = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (model, kind) in models().items():
            model.save(folder / f"{name}.askew")
            rows = rows_of(kind, stored)
            kinds[name] = kind
            stored[f"scores.{name}"] = model.score_samples(rows)
            stored[f"predicted.{name}"] = model.predict(rows)
    np.savez_compressed(folder / "rows.npz", **stored)
    (folder / "written_by.json").write_text(
        json.dumps({"versions": versions(), "kinds": kinds}, indent=1) + "\n"
    )


if __name__ == "__main__":
    keep(HERE / sys.argv[1])
