"""Files with labels become models, without a command line."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import askew
from askew.base.prepared import extreme_cells_of
from askew.calibration import Quantile, hold_out
from askew.errors import DataFileError, InvalidInputError, LabelError
from askew.fitting import DetectorChoice, FileFit, ThresholdChoice, TrainingOptions, preparation_lines
from askew.inputs import Meaning, parquet_table
from askew.model_card.card import collect
from askew.model_card.page import card_text
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
    np.testing.assert_allclose(fitted.model.score_samples(X), expected.score_samples(X), rtol=1e-12)
    assert fitted.y.tolist() == [-1] * 2 + [1] * 3 + [0] * 35
    assert fitted.about == {"n_rows": 40, "n_learned": 40, "features": ["a", "b"]}
    assert fitted.reasons == []
    assert notes.lines == [f"{table}: 40 rows, 2 columns; 2 known anomalies, 3 known normal, 35 unlabelled."]
    assert preparation_lines(fitted.model) == []
    assert fitted.model.other_columns_ == ("id", "state")


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_of_a_large_table_all_known_anomalies_and_some_other_rows_are_learned_from(
    tmp_path, monkeypatch, ending
):
    monkeypatch.setattr(parquet_table, "ROWS", 100)
    frame = pd.DataFrame({"a": np.arange(2000.0), "b": np.arange(2000.0) % 7})
    frame["state"] = [
        ["bad", "good", "", "new"][row % 4 if row % 4 < 2 or row % 3 else 3] for row in range(2000)
    ]
    frame.loc[50:, "state"] = frame.loc[50:, "state"].replace("bad", "")
    path = tmp_path / f"t{ending}"
    frame.to_csv(path, index=False) if ending == ".csv" else frame.to_parquet(path)
    labelled = Labelling("state", Meaning(anomaly=("bad",), normal=("good",), unlabelled=("new",)))
    notes, seen = Notes(), []
    monkeypatch.setattr(askew.KDE, "fit", lambda self, X, y: seen.append((X, y)) or self)
    FileFit(path, TrainingOptions(labelled, n_most=150, seed=4), KDE, listener=notes).run()
    ((X, y),) = seen
    rows = X["a"].astype(int).tolist()
    assert rows == sorted(set(rows)) and X["b"].tolist() == [row % 7 for row in rows]
    number = {"bad": -1, "good": 1, "": 0, "new": 0}
    assert y.tolist() == [number[frame["state"][row]] for row in rows]
    assert np.bincount(y + 1).tolist() == [13, 150, 150] and set(range(0, 50, 4)) <= set(rows)
    assert notes.lines[0].endswith(
        "2,000 rows, 2 columns; 13 known anomalies, 500 known normal, 1,487 unlabelled."
    )
    assert notes.lines[1] == (
        "Learned from 13 known anomalies, 150 known normal, 150 unlabelled, drawn evenly from the table (--sample "
        "150, --seed 4); every known anomaly is among them, so they are 6.4 times as common as in the table."
    )


def test_known_anomalies_are_all_kept_however_many_however_spelt(tmp_path):
    frame = pd.DataFrame({"a": np.arange(90.0), "state": ["bad", "Bad!", ""] * 30})
    frame.to_csv(tmp_path / "t.csv", index=False)
    labelled = Labelling("state", Meaning(anomaly=("bad",), any_spelling=True))
    fitted = FileFit(tmp_path / "t.csv", TrainingOptions(labelled, n_most=7), KDE).run()
    assert np.bincount(fitted.y + 1).tolist() == [60, 7]


def test_a_wrong_cell_among_drawn_rows_is_named_by_its_own_row(tmp_path):
    (tmp_path / "t.csv").write_text("a,state\n" + "1,\n" * 500 + "oops,bad\n" + "2,\n" * 500)
    labelled = Labelling("state", Meaning(anomaly=("bad",)))
    with pytest.raises(DataFileError, match=r"'oops' in row 501 \(line 502\)"):
        FileFit(tmp_path / "t.csv", TrainingOptions(labelled, n_most=20), KDE).run()


def test_a_column_that_holds_no_labels_is_refused_before_all_of_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_table, "ROWS", 2000)
    frame = pd.DataFrame({"a": np.arange(9000.0), "name": [f"n{row}" for row in range(9000)]})
    frame.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(LabelError, match=r"'n0' in row 1\. .* and 1980 more \(value: rows\)"):
        FileFit(tmp_path / "t.parquet", TrainingOptions(Labelling("name")), KDE).run()


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


def test_a_column_of_lists_is_refused_before_rows_are_read(tmp_path):
    pd.DataFrame({"a": [[1.0], [2.0]], "b": [1, 2]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataFileError, match=r"column 'a' of .* got list.*\(--drop a\)"):
        FileFit(tmp_path / "t.parquet", TrainingOptions(), KDE)


@pytest.mark.filterwarnings("ignore:Quantile:askew.errors.HealthWarning")
@pytest.mark.parametrize("words", [False, True])
def test_extreme_cells_are_said_by_column_and_row_of_the_file(table, words, tmp_path):
    frame = pd.read_csv(table).drop(columns="id")
    frame = pd.concat([frame, frame.assign(state="")] * 3, ignore_index=True)
    frame.loc[[30, 33], "b"] = [1e4, -1e39]
    frame.assign(**({"w": ["x", "y"] * (len(frame) // 2)} if words else {})).to_csv(table, index=False)
    for threshold in (None, ThresholdChoice(Quantile(None), 0.2)):
        notes = Notes()
        fitted = FileFit(table, TrainingOptions(LABELLED), KDE, threshold, notes).run()
        (found,) = fitted.extremes
        assert found.column == "b" and frame["b"][found.row] == found.value
        assert any(
            line.startswith("note: column 'b': ") and f" in row {found.row + 1}" in line
            for line in notes.lines
        )
        fitted.model.save(tmp_path / "m.askew")
        assert extreme_cells_of(askew.load(tmp_path / "m.askew")) == fitted.extremes
        assert collect(fitted.model, "m.askew").extremes == [found.in_words()]
        assert found.in_words() in card_text(collect(fitted.model, "m.askew")).replace(
            "Column 'b'", "column 'b'"
        )
