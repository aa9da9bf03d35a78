"""Images with labels by folder: which are read, and what is said of the others."""

import numpy as np
import pytest
from PIL import Image
from scoring_tables import Notes

import askew
from askew.errors import InvalidInputError
from askew.inputs import Meaning
from askew.scoring import read_labelled_images
from askew.scoring.labelled_folder import LabelledFolder

PIXELS = np.random.default_rng(0).integers(0, 255, (9, 1, 16, 16), dtype=np.uint8)


def write(path, image):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(image[0]).save(path)


def test_folders_in_it_play_no_part_unless_they_are_named(tmp_path):
    for number, image in enumerate(PIXELS):
        write(tmp_path / ("bad" if number > 5 else "") / f"{number}.png", image)
    alone = LabelledFolder(tmp_path, Meaning(), False)
    assert alone.unused() == [
        f"note: nothing is learned from 'bad' in {tmp_path}; --normal, --anomaly or --unlabelled would name "
        "folders to learn from."
    ]
    notes = Notes()
    X, y = alone.read(None, "auto", notes)
    assert (len(X), y, notes.titles) == (6, None, ["reading images"])
    assert alone.sentences(X, y) == [
        f"{tmp_path}: 6 images, 16x16 grey; no labels (--normal and --anomaly give them)."
    ]
    known = LabelledFolder(tmp_path, Meaning(anomaly=("bad",)), False)
    assert known.unused() == []
    (tmp_path / "labels.csv").touch()
    assert known.unused() == [
        f"note: {tmp_path} is taken as a folder of images; its tables are not read: 'labels.csv'."
    ]
    X, y = known.read(None, "auto", notes)
    assert y.tolist() == [0] * 6 + [-1] * 3
    np.testing.assert_array_equal(X, PIXELS)
    with pytest.raises(
        InvalidInputError, match=r"--anomaly must name a folder in .*got 'bat'. Folders in .*: 'bad'"
    ):
        LabelledFolder(tmp_path, Meaning(anomaly=("bat",)), False)


def test_images_with_labels_by_folder(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (9, 1, 16, 16), dtype=np.uint8)
    model = askew.KDE(bandwidth=1.0).fit(pixels)
    for number, image in enumerate(pixels):
        path = tmp_path / ("bad" if number > 5 else "") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image[0]).save(path)
    X, y, names = read_labelled_images(model, "m", tmp_path, Meaning(), False)
    assert y is None and names == [*(f"{n}.png" for n in range(6)), *(f"bad/{n}.png" for n in (6, 7, 8))]
    X, y, names = read_labelled_images(model, "m", tmp_path, Meaning(anomaly=("bad",)), False)
    assert y.tolist() == [0] * 6 + [-1] * 3 and names[-1] == "bad/8.png"
    np.testing.assert_array_equal(X, pixels)
    np.save(tmp_path / "a.npy", pixels[:, 0])
    X, y, names = read_labelled_images(model, "m", tmp_path / "a.npy", Meaning(), False)
    assert X.shape == pixels.shape and y is None and names[0] == "0"
    with pytest.raises(InvalidInputError, match="must name folders in a folder of images"):
        read_labelled_images(model, "m", tmp_path / "a.npy", Meaning(anomaly=("bad",)), False)
