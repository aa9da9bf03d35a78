"""The sentiment example runs, on made-up sentences, and the labels reach it."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from askew.datasets import Sentences
from askew.errors import HealthWarning

EXAMPLE = Path(__file__).parents[2] / "examples" / "sentiment.py"
KINDS = {True: "a lovely film about love and friends", False: "a dull film about nothing and nobody"}


def test_labels_help(monkeypatch):
    import askew.datasets.sentences

    # the example asks for the vectors by this name when it is run
    monkeypatch.setattr(askew.datasets.sentences, "glove", lambda words: {"film": np.ones(4, np.float32)})
    auroc = runpy.run_path(str(EXAMPLE))["auroc"]
    positive = np.arange(120) % 2 == 0
    texts = np.array([f"{KINDS[bool(kind)]} {row}" for row, kind in enumerate(positive)], dtype=object)
    made_up = Sentences(texts, positive, np.array(["test"] * 120), "made up")
    few = {"hidden_size": 8, "training__epochs": 8, "training__lr": 2e-2, "training__batch_size": 16}
    with pytest.warns(HealthWarning, match="42 training rows without -1 are the same"):  # but for rare words
        assert auroc(made_up, 0.1, outlier_epochs=5, **few) > 0.95
