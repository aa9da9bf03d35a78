"""What a model keeps of its columns: it goes into the file and comes back, a new fit forgets it, no row is in it."""

import numpy as np
import pandas as pd
import pytest

import askew
from askew.calibration import Quantile
from askew.drift import compare, keep_columns, keeps_columns
from askew.drift.reference import Reference, reference_of

drawn = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "x": np.where(drawn.random(400) < 0.1, np.nan, drawn.normal(size=400)),
        "word": drawn.choice(["a", "b"], 400),
        "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(400), unit="h"),
    }
)


@pytest.mark.parametrize(
    "model",
    [
        askew.KDE().fit(FRAME),
        askew.Prepared(askew.KDE()).fit(FRAME),
        Quantile(askew.KDE().fit(FRAME[:300])).fit(FRAME[300:]),
    ],
    ids=["detector", "prepared", "threshold"],
)
def test_the_summary_is_in_the_file(model, tmp_path):
    keep_columns(model, FRAME)
    model.save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    kept, before = reference_of(loaded), reference_of(model)
    assert (kept.n_rows, kept.days) == (400, before.days) and set(kept.days) == {"when"}
    assert [(part.column, part.cells) for part in kept.parts] == [
        (part.column, part.cells) for part in before.parts
    ]
    assert all((a.counts == b.counts).all() for a, b in zip(kept.parts, before.parts, strict=True))
    assert compare(loaded, FRAME).columns == compare(model, FRAME).columns


def test_known_anomalies_are_left_out():
    y = np.r_[-np.ones(100), np.zeros(300)]
    assert Reference.of_rows(askew.KDE().fit(FRAME), FRAME, y).n_rows == 300


def test_a_new_fit_forgets_it_and_texts_have_none():
    model = askew.KDE().fit(FRAME)
    keep_columns(model, FRAME)
    assert keeps_columns(model) and not keeps_columns(model.fit(FRAME[:50]))
    words = askew.SentenceVAE()
    keep_columns(words, ["some words"])
    assert not keeps_columns(words)
