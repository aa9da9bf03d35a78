"""One place tells tables, folders and arrays apart, and finds out what a model is."""

from pathlib import Path

import numpy as np
import pytest
from scoring_tables import kde, numbers, prepared, words

import askew
from askew.errors import InvalidInputError, ModelFileError
from askew.scoring import ReadOptions, holds_images, load_model, open_source, refuse_onnx


def test_images_are_told_by_the_kind_of_path(tmp_path):
    assert holds_images(tmp_path) and holds_images(Path("a.NPY"))
    assert not holds_images(Path("a.csv")) and not holds_images(tmp_path / "nothing")


def test_a_model_may_be_a_file(tmp_path):
    kde().save(tmp_path / "m.askew")
    numbers().to_csv(tmp_path / "t.csv", index=False)
    source = open_source(tmp_path / "m.askew", tmp_path / "t.csv", ReadOptions("id"))
    assert isinstance(source.model, askew.KDE) and (source.unit, source.id_name) == ("rows", "id")
    (batch,) = source.batches()
    assert batch.ids.to_pylist()[-1] == "p39" and batch.fraction == 1.0 and list(batch.X) == ["a", "b"]
    with pytest.raises(ModelFileError, match="does not exist"):
        load_model(tmp_path / "nothing.askew")


def test_a_missing_table_is_told_before_the_model_is_loaded(tmp_path):
    with pytest.raises(InvalidInputError, match="must be a file that exists"):
        open_source(tmp_path / "nothing.askew", tmp_path / "nothing.csv")


def test_extra_columns_are_refused_or_named(tmp_path):
    words().assign(more=1).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InvalidInputError, match="'more' is not among them"):
        open_source(prepared(), tmp_path / "t.csv")
    source = open_source(prepared(), tmp_path / "t.csv", ReadOptions(ignore_extra=True))
    assert source.extra == ("more",) and source.notes() == []


def test_data_of_the_other_kind_are_refused(tmp_path):
    images = askew.KDE(bandwidth=1.0).fit(
        np.random.default_rng(0).integers(0, 255, (4, 1, 16, 16), dtype=np.uint8)
    )
    numbers().to_csv(tmp_path / "t.csv", index=False)
    (folder := tmp_path / "images").mkdir()
    with pytest.raises(InvalidInputError, match="DATA must be a folder of images, like those of"):
        open_source(images, tmp_path / "t.csv")
    with pytest.raises(InvalidInputError, match="DATA must be a table, like what the model"):
        open_source(kde(), folder)


def test_a_file_of_scores_alone_is_refused_where_the_model_is_needed():
    refuse_onnx(Path("m.askew"), "explain")
    with pytest.raises(
        InvalidInputError, match="model file of askew explain must be one that `askew fit` wrote"
    ):
        refuse_onnx(Path("m.ONNX"), "explain")
