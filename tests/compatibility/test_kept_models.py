"""Model files that earlier releases, and the oldest libraries that we allow, wrote: they load, and score as then."""

import json
from functools import cache

import numpy as np
import pytest

import askew
from compatibility.kept_models import HERE, rows_of

FOLDERS = sorted(folder.name for folder in HERE.iterdir())
KEPT = [
    (folder, name)
    for folder in FOLDERS
    for name in json.loads((HERE / folder / "written_by.json").read_text())["kinds"]
]


@cache
def stored(folder):
    with np.load(HERE / folder / "rows.npz") as found:
        return dict(found)


@pytest.mark.parametrize(("folder", "name"), KEPT)
def test_a_kept_model_scores_as_it_did(folder, name):
    kind = json.loads((HERE / folder / "written_by.json").read_text())["kinds"][name]
    found = stored(folder)
    model = askew.load(HERE / folder / f"{name}.askew")
    rows = rows_of(kind, found)
    np.testing.assert_allclose(model.score_samples(rows), found[f"scores.{name}"], rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(model.predict(rows), found[f"predicted.{name}"])
