"""Models packed and taken apart again, one inside the other."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import askew
from askew import files
from askew.base.persistence import nested, pack, part_of, unpack
from askew.errors import ModelFileError
from detector_cases import quick, table

X, _ = table()


def test_a_part_is_an_entry_of_its_whole():
    header, arrays = nested("inner", ({"a": 1}, {"x": np.ones(2)}))
    assert (header, list(arrays)) == ({"inner": {"a": 1}}, ["inner.x"])
    again, own = part_of("inner", {"class": "outer", **header}, {"inners.x": np.zeros(1), **arrays})
    assert again == {"a": 1} and list(own) == ["x"] and own["x"].tolist() == [1.0, 1.0]


def test_what_is_packed_comes_back_and_is_named_by_its_class():
    model = quick("kde").fit(X)
    header, arrays = pack(model)
    assert header["class"] == "kde"
    again = unpack(header, arrays)
    assert isinstance(again, askew.KDE)
    np.testing.assert_array_equal(again.score_samples(X), model.score_samples(X))
    with pytest.raises(ModelFileError, match="the model is a 'kdf', which this askew does not have"):
        unpack(header | {"class": "kdf"}, arrays)
    with pytest.raises(ModelFileError, match="checkpoint of a fit that is not finished"):
        unpack({"class": "checkpoint"}, {})
    with pytest.raises(NotFittedError):
        pack(quick("kde"))


def test_a_file_that_does_not_load_names_the_versions_that_wrote_it(tmp_path):
    header, arrays = pack(quick("kde").fit(X))
    other = {**files.versions(), "numpy": "1.20.0", "skops": "0.1"}
    cases = (
        ({"written_by": other}, r"It was written by numpy 1.20.0, skops 0.1; installed here: numpy "),
        ({}, r"does not fit this version of askew \(.*\). Fit it anew."),
    )
    for more, message in cases:
        files.write(tmp_path / "m.askew", header | more, {k: a for k, a in arrays.items() if k != "rows"})
        with pytest.raises(ModelFileError, match=message):
            askew.load(tmp_path / "m.askew")


def test_numbers_that_no_model_has_are_refused(tmp_path):
    model = quick("kde").fit(X)
    header, arrays = pack(model)
    path = tmp_path / "m.askew"
    files.write(path, header | {"noted": [2**64, -(2**64), 0.5]}, arrays)
    np.testing.assert_array_equal(askew.load(path).score_samples(X), model.score_samples(X))
    for wrong in ([2**64 + 1], {"a": [[-(2**65)]]}):
        files.write(path, header | {"noted": wrong}, arrays)
        with pytest.raises(ModelFileError, match=r"its (noted|a) is a number beyond 2\*\*64"):
            askew.load(path)


def test_arrays_that_do_not_fit_together_are_refused_on_loading(tmp_path):
    header, arrays = pack(quick("kde").fit(X))
    for name in ("column_mean", "column_scale", "column_origin"):
        if name in arrays:
            arrays[name] = arrays[name][:2]
    files.write(tmp_path / "m.askew", header, arrays)
    with pytest.raises(ModelFileError, match="does not fit this version"):
        askew.load(tmp_path / "m.askew")
