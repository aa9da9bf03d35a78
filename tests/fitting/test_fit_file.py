"""Files with labels become models, without a command line."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import askew
from askew.calibration import Quantile, hold_out
from askew.errors import InvalidInputError
from askew.fitting import DetectorChoice, FileFit, ThresholdChoice, TrainingOptions, preparation_lines
from askew.inputs import Meaning
from askew.scoring import Labelling, Silence

KDE = DetectorChoice("kde", ("bandwidth=1.0",), {"--seed": ("random_state", None)})
LABELLED = Labelling("state", Meaning(anomaly=("bad",), normal=("good",)))


class Notes(Silence):
    def __init__(self):
        self.lines = []

    def note(self, text):
        self.lines.append(text)


@pytest.fixture
def table(tmp_path):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"])
    frame = frame.assign(id=range(40), state=["bad"] * 2 + ["good"] * 3 + [""] * 35)
    frame.to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def test_the_fit_is_the_detectors_own(table):
    notes = Notes()
    fitted = FileFit(table, TrainingOptions(LABELLED, id_column="id"), KDE, listener=notes).run()
    frame = pd.read_csv(table)
    y = askew.labels.from_binary(frame["state"] == "bad", anomaly=True)
    expected = askew.KDE(bandwidth=1.0).fit(frame[["a", "b"]], y)
    X = frame[["a", "b"]]
    np.testing.assert_array_equal(fitted.model.score_samples(X), expected.score_samples(X))
    assert fitted.y.tolist() == [-1] * 2 + [1] * 3 + [0] * 35
    assert fitted.about == {"n_rows": 40, "features": ["a", "b"]} and fitted.reasons == []
    assert notes.lines == [f"{table}: 40 rows, 2 columns; 2 known anomalies, 3 known normal, 35 unlabelled."]
    assert preparation_lines(fitted.model) == []
    assert fitted.model.other_columns_ == ("id", "state")


def test_columns_of_other_kinds_are_prepared(table):
    pd.read_csv(table).assign(word=["x", "y"] * 20).to_csv(table, index=False)
    fitted = FileFit(table, TrainingOptions(LABELLED, drop=("id",)), KDE).run()
    assert isinstance(fitted.model, askew.Prepared) and fitted.model.detector_ is fitted.detector
    assert preparation_lines(fitted.model)[-1] == "3 columns become 5 numbers."


@pytest.mark.filterwarnings("ignore::askew.errors.HealthWarning")  # few known anomalies
def test_rows_are_held_out_for_a_threshold(table):
    notes = Notes()
    choice = ThresholdChoice(Quantile(None, 0.1), share=0.5, seed=3)
    options = TrainingOptions(LABELLED, id_column="id")
    fitted = FileFit(table, options, KDE, choice, notes).run()
    training, held_out = hold_out(fitted.y, 40, 0.5, 3)
    X = pd.read_csv(table)[["a", "b"]]
    expected = Quantile(askew.KDE(bandwidth=1.0).fit(X.take(training), fitted.y[training]), 0.1)
    expected.fit(X.take(held_out), fitted.y[held_out])
    assert fitted.model.offset_ == expected.offset_ and isinstance(fitted.detector, askew.KDE)
    assert notes.lines[-1] == f"{len(held_out)} of 40 rows are held out for the threshold."


def test_what_is_wrong_is_said_before_anything_is_read(table):
    for options, words in [
        (TrainingOptions(Labelling("stat")), "Did you mean 'state'?"),
        (TrainingOptions(drop=("z",)), "column to leave out must be a column"),
        (TrainingOptions(drop=("a", "b", "id", "state")), "must include one to learn from"),
        (TrainingOptions(column_kinds=("a=word",)), "must name a kind of column"),
        (TrainingOptions(Labelling(None, Meaning(anomaly=("bad",)))), "--label-column must be given with"),
        (TrainingOptions(size=16), "--size must be left out unless DATA is a folder of images"),
    ]:
        with pytest.raises(InvalidInputError, match=words.replace("?", r"\?")):
            FileFit(table, options, KDE)
    with pytest.raises(InvalidInputError, match="--detector must be a detector of tables"):
        FileFit(table, TrainingOptions(), DetectorChoice("sentence_vae"))


def test_a_column_that_looks_like_labels_is_noted(table):
    pd.read_csv(table).rename(columns={"state": "Label"}).to_csv(table, index=False)
    notes = Notes()
    FileFit(table, TrainingOptions(), KDE, listener=notes)
    assert notes.lines == [
        "note: 'Label' is learned from like any column; if it holds labels, use --label-column."
    ]


@pytest.fixture
def folder(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (12, 16, 16), dtype=np.uint8)
    for number, image in enumerate(pixels):
        path = tmp_path / "images" / ("" if number < 7 else "bad" if number < 9 else "rest") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return tmp_path / "images"


def test_folders_of_images(folder):
    notes = Notes()
    options = TrainingOptions(Labelling(None, Meaning(anomaly=("bad",))))
    fitted = FileFit(folder, options, KDE, listener=notes).run()
    assert fitted.y.tolist() == [0] * 7 + [-1] * 2
    assert fitted.about == {"n_images": 9, "image_shape": [1, 16, 16], "skipped": []}
    assert notes.lines[0].startswith(
        f"note: nothing is learned from 'rest' in {folder}; --normal, --anomaly or"
    )
    assert (
        notes.lines[1] == f"{folder}: 9 images, 16x16 grey; 2 known anomalies, 0 known normal, 7 unlabelled."
    )
    with pytest.raises(InvalidInputError, match="--drop must be left out for a folder of images"):
        FileFit(folder, TrainingOptions(drop=("a",)), KDE)
    with pytest.raises(InvalidInputError, match="must be a method that takes images; got 'sentence_vae'"):
        FileFit(folder, options, DetectorChoice("sentence_vae"))
