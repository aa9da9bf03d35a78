"""What a detector has learned comes back from its file, and columns that cannot be are refused."""

import numpy as np
import pandas as pd
import pytest

import askew
from askew import files
from askew.base.persistence import pack, unpack
from askew.drift import keep_columns
from askew.errors import ModelFileError
from detector_cases import calmly, fitted, table

X, _ = table()
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 1, 16, 16)).astype(np.uint8)


def again(model):
    return unpack(*pack(model))


def test_the_names_and_the_summary_of_columns_come_back():
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = fitted("kde", frame)
    keep_columns(model, frame)
    loaded = again(model)
    assert loaded.feature_names_in_.tolist() == list("abcd")
    (values, arrays), (others, other_arrays) = model.columns_summary_, loaded.columns_summary_
    assert values == others and arrays.keys() == other_arrays.keys() and len(arrays)
    for name in arrays:
        np.testing.assert_array_equal(arrays[name], other_arrays[name])
    assert np.isfinite(loaded.score_samples(frame)).all()


def test_a_model_of_images_is_one_again():
    model = calmly(askew.KDE(bandwidth=1.0).fit, IMAGES)
    loaded = again(model)
    assert loaded.image_shape_ == (1, 16, 16) and loaded.image_bytes_
    np.testing.assert_array_equal(loaded.score_samples(IMAGES), model.score_samples(IMAGES))


@pytest.mark.parametrize("number", [0, True, 4.0, 10**9])
def test_an_impossible_number_of_columns_is_refused(number, tmp_path):
    header, arrays = pack(fitted("kde", X))
    files.write(tmp_path / "m.askew", header | {"n_features_in": number}, arrays)
    with pytest.raises(ModelFileError, match=f"its columns are {number}"):
        askew.load(tmp_path / "m.askew")


def test_a_model_of_one_column_comes_back():
    model = fitted("kde", X[:, :1])
    np.testing.assert_array_equal(again(model).score_samples(X[:, :1]), model.score_samples(X[:, :1]))
