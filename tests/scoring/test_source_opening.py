"""One place tells tables, folders and arrays apart, and finds out what a model is."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scoring_tables import kde, numbers, prepared, words

import askew
from askew.errors import InvalidInputError, ModelFileError
from askew.inputs import Address
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


def test_a_folder_is_one_of_tables_unless_it_has_an_image(tmp_path):
    for name in ("inner/a.csv", ".b.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert not holds_images(tmp_path) and not holds_images(Address("s3://bucket/images"))
    (tmp_path / "inner" / "p.png").touch()
    assert holds_images(tmp_path) and holds_images(tmp_path / "a.npy")
    (tmp_path / "inner" / "p.png").unlink()
    (tmp_path / "inner" / "a.csv").unlink()
    assert holds_images(tmp_path)  # nothing that counts: the refusal is about images, as it was


def test_16_bit_images_that_are_all_nearly_black_are_told_of(tmp_path):
    """They may be those of a 12-bit camera, or the night that a model is to find."""
    pixels = np.random.default_rng(0).integers(0, 255, (4, 1, 16, 16), dtype=np.uint8)
    model = askew.KDE(bandwidth=1.0).fit(pixels)
    for number, image in enumerate(pixels):
        Image.fromarray(image[0].astype(np.uint16) * 16).save(tmp_path / f"{number}.png")
    source = open_source(model, tmp_path)
    assert len(list(source.batches())) == 1
    (line,) = source.notes()
    assert line.startswith(
        f"warning: 16-bit images of {tmp_path} must have white at 65535; got none brighter than 4"
    )
    Image.fromarray(pixels[0, 0].astype(np.uint16) * 257).save(tmp_path / "9.png")
    source = open_source(model, tmp_path)
    assert len(list(source.batches())) == 1 and source.notes() == []
