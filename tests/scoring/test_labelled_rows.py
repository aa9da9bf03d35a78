"""Held-out rows with labels, of tables and of images: thresholds on a model, rows for its page."""

import numpy as np
import pytest
from scoring_tables import Notes, conformal, kde, numbers, prepared, unnamed, words

import askew
from askew.calibration import Conformal, Quantile
from askew.errors import InvalidInputError, LabelError
from askew.inputs import Meaning, open_table
from askew.scoring import (
    Labelling,
    ReadOptions,
    calibrate_file,
    label_counts,
    read_labelled_table,
)

FAULTS = Labelling("state", Meaning(anomaly=("fault",)))


@pytest.fixture
def table(tmp_path):
    words(seed=5).assign(state=["fault"] + [""] * 39).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


@pytest.mark.filterwarnings("ignore::askew.errors.HealthWarning")  # few known anomalies
@pytest.mark.parametrize("make", [kde, conformal])
def test_a_threshold_is_fitted_on_the_scores_of_a_file(make, table, tmp_path):
    make().save(tmp_path / "m.askew")
    notes = Notes()
    options = ReadOptions(ignore_extra=True)
    found = calibrate_file(Quantile(None, 0.1), tmp_path / "m.askew", table, FAULTS, options, notes)
    expected = Quantile(kde(), 0.1).fit(numbers(seed=5)[["a", "b"]], askew.labels.ours([-1] + [0] * 39))
    assert isinstance(found.model, askew.KDE) and notes.titles == ["scoring"]
    assert (found.offset_, found.expected_) == (expected.offset_, expected.expected_)


def test_rows_beyond_all_numbers_are_named(table, tmp_path, monkeypatch):
    kde().save(tmp_path / "m.askew")
    score = askew.KDE.score_samples
    monkeypatch.setattr(
        askew.KDE, "score_samples", lambda self, X: np.where(np.arange(len(X)) > 37, -np.inf, score(self, X))
    )
    with pytest.raises(
        InvalidInputError,
        match=r"t\.csv must have finite scores .* -inf in row 39 \(line 40\) and 1 more row like it",
    ):
        calibrate_file(
            Quantile(None), tmp_path / "m.askew", table, Labelling(), ReadOptions(ignore_extra=True)
        )


def test_options_are_checked_before_the_model_is_read(table, tmp_path):
    for labelling, options, message in [
        (Labelling("stat"), ReadOptions(), "label column must be a column of"),
        (Labelling(None, Meaning(normal=("a",))), ReadOptions(), "--label-column must be given with"),
        (FAULTS, ReadOptions(skip_corrupt=True), "--skip-corrupt must be left out unless DATA is a folder"),
    ]:
        with pytest.raises(InvalidInputError, match=message):
            calibrate_file(Conformal(None), tmp_path / "none.askew", table, labelling, options)
    (tmp_path / "images").mkdir()
    with pytest.raises(InvalidInputError, match="--label-column must be left out for a folder of images"):
        calibrate_file(Conformal(None), tmp_path / "none.askew", tmp_path / "images", FAULTS, ReadOptions())


@pytest.mark.parametrize("make", [kde, prepared, unnamed])
def test_rows_of_a_table_with_labels(make, table):
    if make is unnamed:
        numbers(seed=5).drop(columns="id").to_csv(table, index=False)
    model, opened = make(), open_table(table)
    X, y, names = read_labelled_table(model, opened, Labelling() if make is unnamed else FAULTS)
    assert len(model.score_samples(X)) == 40 and names is None
    assert label_counts(y) == (None if make is unnamed else {"normal": 0, "unlabelled": 39, "anomaly": 1})


def test_a_column_of_lists_is_no_label_column(tmp_path):
    numbers().assign(state=[["fault"]] * 40).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(
        LabelError, match=r"label column 'state' of .* must hold a word, .* per row; got list"
    ):
        FAULTS.check(open_table(tmp_path / "t.parquet"))
