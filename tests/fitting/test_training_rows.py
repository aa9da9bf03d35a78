"""Rows to learn from: what is refused before they are read, and how they are given to a detector."""

import pandas as pd
import pytest

import askew
from askew.errors import DataFileError, InvalidInputError
from askew.fitting import TrainingOptions, open_training_rows
from askew.inputs import Meaning
from askew.scoring import Labelling, Silence

FRAME = pd.DataFrame({"a": [1.0, 2, 3], "b": [4.0, 5, 6], "state": ["ok", "fault", ""]})
FAULTS = Labelling("state", Meaning(anomaly=("fault",), normal=("ok",)))


def opened(tmp_path, frame=FRAME, **options):
    frame.to_csv(tmp_path / "t.csv", index=False)
    return open_training_rows(tmp_path / "t.csv", TrainingOptions(**options), Silence())


def test_numbers_are_a_frame_and_labels_ours(tmp_path):
    rows = opened(tmp_path, labelling=FAULTS)
    X, y = rows.read(Silence())
    pd.testing.assert_frame_equal(X, FRAME[["a", "b"]])
    assert y.tolist() == [1, -1, 0] and rows.default_detector == "auto"
    counts = "1 known anomaly, 1 known normal, 1 unlabelled"
    assert rows.sentences(X, y) == [f"{tmp_path / 't.csv'}: 3 rows, 2 columns; {counts}."]
    model = rows.prepared(askew.KDE(), X)
    assert isinstance(model, askew.KDE) and model.other_columns_ == ("state",)


def test_columns_of_other_kinds_go_through_a_preparation(tmp_path):
    rows = opened(tmp_path, labelling=Labelling(), column_kinds=("a=category",), drop=("b",))
    X, y = rows.read(Silence())
    model = rows.prepared(askew.KDE(), X)
    assert y is None and isinstance(model, askew.Prepared)
    assert X.column_names == ["a", "state"] and model.kinds == {"a": "category"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"column_kinds": ("a",)}, "--column-kind must be name=kind; got 'a'"),
        ({"column_kinds": ("c=number",)}, "--column-kind must be a column of"),
        ({"column_kinds": ("a=wods",)}, "--column-kind must name a kind of column; got 'wods'"),
        ({"drop": ("a", "b", "state")}, "must include one to learn from"),
        ({"size": 32}, "--size must be left out unless DATA is a folder of images"),
        ({"labelling": Labelling("stat")}, "label column must be a column of"),
    ],
)
def test_what_cannot_be_is_refused_before_a_row_is_read(options, message, tmp_path):
    with pytest.raises(InvalidInputError, match=message):
        opened(tmp_path, **options)


def test_options_of_tables_are_refused_for_images_and_one_row_is_too_few(tmp_path):
    (tmp_path / "images").mkdir()
    with pytest.raises(InvalidInputError, match="--drop must be left out for a folder of images"):
        open_training_rows(tmp_path / "images", TrainingOptions(drop=("a",)), Silence())
    with pytest.raises(DataFileError, match="must have at least 2 rows to learn from; got 1"):
        opened(tmp_path, FRAME[:1]).read(Silence())
