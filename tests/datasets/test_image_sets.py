"""Image sets: from the data folder, else downloaded once, always checked; every published form is read right."""

import gzip
import hashlib
import io
import os
import struct
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from askew.datasets import image_sets
from askew.datasets.image_sets import image_info, image_names, load_images
from askew.errors import DataFileError, InvalidInputError

RNG = np.random.default_rng(0)
PIXELS = {
    "train": RNG.integers(0, 256, (6, 3, 32, 32), dtype=np.uint8),
    "test": RNG.integers(0, 256, (4, 3, 32, 32), dtype=np.uint8),
}
CLASSES = {"train": np.array([3, 0, 9, 1, 1, 2]), "test": np.array([5, 0, 2, 9])}


def idx(values):
    magic = 2051 if values.ndim == 3 else 2049
    head = struct.pack(f">{1 + values.ndim}I", magic, *values.shape)
    return gzip.compress(head + values.astype(np.uint8).tobytes(), mtime=0)


def archive(members):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return content.getvalue()


def records(part, rows, *labels):
    """Binary records of CIFAR: bytes of labels, then the planes of pixels."""
    pixels = PIXELS[part][rows].reshape(len(PIXELS[part][rows]), -1)
    return np.hstack([*(np.asarray(each)[:, None] for each in labels), pixels]).astype(np.uint8).tobytes()


def mnist_files():
    return [
        content
        for part in ("train", "test")
        for content in (idx(PIXELS[part][:, 0, :28, :28]), idx(CLASSES[part]))
    ]


def cifar10_files():
    members = {"cifar-10-batches-bin/readme.html": b"nothing"}
    # the batches in another order than their names: the order of the names is what counts
    rows = {5: slice(5, 6), 1: slice(0, 2), 2: slice(2, 3), 3: slice(3, 4), 4: slice(4, 5)}
    for batch, some in rows.items():
        content = records("train", some, CLASSES["train"][some])
        members[f"cifar-10-batches-bin/data_batch_{batch}.bin"] = content
    members["cifar-10-batches-bin/test_batch.bin"] = records("test", slice(None), CLASSES["test"])
    return [archive(members)]


def cifar100_files():
    members = {
        f"cifar-100-binary/{part}.bin": records(part, slice(None), np.full(len(y), 77), y)
        for part, y in CLASSES.items()
    }
    return [archive(members)]


def svhn_files():
    import scipy.io

    contents = []
    for part, y in CLASSES.items():
        file = io.BytesIO()
        digits = np.where(y == 0, 10, y)[:, None].astype(np.uint8)
        scipy.io.savemat(file, {"X": PIXELS[part].transpose(2, 3, 1, 0), "y": digits}, do_compression=True)
        contents.append(file.getvalue())
    return contents


def pet_files(n=200, broken=("PetImages/Cat/66.jpg",)):
    """Half cats, which are red, and dogs, which are blue; the number of an image is its brightness."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        zipped.writestr("PetImages/Cat/Thumbs.db", b"no photograph")
        for place, (kind, colour) in enumerate((("Dog", 2), ("Cat", 0))):
            for number in range(n // 2):
                pixel = [0, 0, 0]
                pixel[colour] = 100 + number
                file = io.BytesIO()
                Image.new("RGB", (90 + place, 70), tuple(pixel)).save(file, "JPEG", quality=95)
                name = f"PetImages/{kind}/{number}.jpg"
                zipped.writestr(name, b"" if name in broken else file.getvalue())
    return [content.getvalue()]


FILES = {
    "mnist": mnist_files,
    "fashion_mnist": mnist_files,
    "cifar10": cifar10_files,
    "cifar100": cifar100_files,
    "svhn": svhn_files,
    "catsvsdogs": pet_files,
}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


INFOS = {info.name: info for info in image_info()}


def expect(monkeypatch, name, **changes):
    """Expect these files for an image set."""
    monkeypatch.setattr(image_sets, "_infos", lambda: {name: replace(INFOS[name], **changes)})


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Stand in for the public addresses: files of the original form, fetched by a fake pooch."""
    import pooch

    monkeypatch.delenv("ASKEW_DATA", raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / name)

    def publish(name, contents):
        served = {
            remote.url: content for remote, content in zip(INFOS[name].published, contents, strict=True)
        }
        remotes = tuple(
            replace(remote, sha256=sha256(served[remote.url])) for remote in INFOS[name].published
        )
        expect(monkeypatch, name, published=remotes)
        asked = []

        def retrieve(url, known_hash, fname, path):
            asked.append((url, known_hash, fname))
            target = Path(path, fname)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(served[url])
            return str(target)

        monkeypatch.setattr(pooch, "retrieve", retrieve)
        return remotes, asked

    return publish


def check_made_up(found, grey=False):
    for part, x, y in (("train", found.x_train, found.y_train), ("test", found.x_test, found.y_test)):
        expected = PIXELS[part][:, :1, :28, :28] if grey else PIXELS[part]
        np.testing.assert_array_equal(x, expected)
        assert y.tolist() == CLASSES[part].tolist()
        assert (x.dtype, y.dtype, x.flags.writeable) == (np.uint8, np.int64, True)


@pytest.mark.parametrize("name", [name for name in FILES if name != "catsvsdogs"])
def test_published_files_are_downloaded_with_their_checksums_and_read(published, name):
    remotes, asked = published(name, FILES[name]())
    found = load_images(name)
    check_made_up(found, grey="mnist" in name)
    assert [each[:2] for each in asked] == [(each.url, f"sha256:{each.sha256}") for each in remotes]
    assert (found.name, found.source) == (name, "published files")


def test_the_same_names_of_files_do_not_meet_in_the_cache(published, tmp_path):
    """MNIST and Fashion-MNIST call their files alike."""
    for name in ("mnist", "fashion_mnist"):
        published(name, FILES[name]())
        load_images(name)
    assert len(list((tmp_path / "askew").rglob("*.gz"))) == 8


def test_pets_are_resized_and_split_by_number_and_broken_ones_are_left_out(published):
    published("catsvsdogs", pet_files())
    found = load_images("catsvsdogs")
    assert found.x_train.shape == (159, 3, 64, 64) and found.x_test.shape == (40, 3, 64, 64)
    assert np.bincount(found.y_train).tolist() == [79, 80] and np.bincount(found.y_test).tolist() == [20, 20]
    red, blue = found.x_test[0, :, 5, 5].astype(int), found.x_test[-1, :, 5, 5].astype(int)
    np.testing.assert_allclose(red, [104, 0, 0], atol=3)  # the first test cat is number 4
    np.testing.assert_allclose(blue, [0, 0, 199], atol=3)  # the last test dog is number 99
    numbers = found.x_train[found.y_train == 0, 0, 30, 30].astype(int) - 100
    assert np.abs(np.diff(numbers)).max() < 10  # by number, not by name: 9 before 10


@pytest.mark.parametrize("n, broken", [(100, 0), (200, 3), (0, 0)])
def test_an_archive_of_too_few_pets_is_refused(published, n, broken):
    names = [f"PetImages/Dog/{number}.jpg" for number in range(broken)]
    published("catsvsdogs", pet_files(n, names))
    if n == 100:
        assert len(load_images("catsvsdogs").x_train) == 80
    else:
        with pytest.raises(DataFileError, match=r"photographs, 99% of them readable; got '\d+ readable of"):
            load_images("catsvsdogs")


def test_published_files_in_the_data_folder_come_before_all(published, monkeypatch, tmp_path):
    remotes, asked = published("svhn", svhn_files())
    folder = tmp_path / "data"
    (folder / "svhn").mkdir(parents=True)
    monkeypatch.setenv("ASKEW_DATA", str(folder))
    for remote, content in zip(remotes, svhn_files(), strict=True):
        assert not load_images("svhn").source.endswith("ASKEW_DATA")
        asked.clear()
        (folder / "svhn" / remote.name).write_bytes(content)
    found = load_images("svhn")
    check_made_up(found)
    assert asked == [] and found.source == "published files in ASKEW_DATA"


def test_another_file_in_the_data_folder_is_refused(monkeypatch, tmp_path):
    (tmp_path / "svhn").mkdir()
    (tmp_path / "svhn" / "train_32x32.mat").write_bytes(b"something else")
    monkeypatch.setenv("ASKEW_DATA", str(tmp_path))
    with pytest.raises(DataFileError, match=r"train_32x32.mat of askew.datasets must be the file of SHA"):
        load_images("svhn")


def sheet(tiles, columns):
    """A picture of (n, 3, side, side) tiles, row by row, in the bytes of a lossless file."""
    n, _, side, _ = tiles.shape
    rows = n // columns
    grid = tiles.reshape(rows, columns, 3, side, side).transpose(0, 3, 1, 4, 2)
    file = io.BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(grid.reshape(rows * side, columns * side, 3)))
    picture.save(file, "WEBP", lossless=True)
    return file.getvalue()


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """Make a data folder of sheets whose checksums are the expected ones."""

    def make(name, files):
        for path, content in files.items():
            target = tmp_path / path
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
        expect(monkeypatch, name, extract={path: sha256(content) for path, content in files.items()})
        monkeypatch.setenv("ASKEW_DATA", str(tmp_path))
        return tmp_path

    return make


def cifar_sheets():
    return {
        "cifar10/train_0_airplane.webp": sheet(PIXELS["train"][:4], columns=2),
        "cifar10/train_3_cat.webp": sheet(PIXELS["train"][4:], columns=1),
        "cifar10/test_9_truck.webp": sheet(PIXELS["test"], columns=4),
    }


def test_sheets_of_classes(data_folder):
    data_folder("cifar10", cifar_sheets())
    found = load_images("cifar10")
    np.testing.assert_array_equal(found.x_train, PIXELS["train"])
    np.testing.assert_array_equal(found.x_test, PIXELS["test"])
    assert image_info()[0].found == "data folder"
    assert found.y_train.tolist() == [0, 0, 0, 0, 3, 3] and found.y_test.tolist() == [9] * 4
    assert (found.class_names[3], found.source) == ("cat", "sheets of images in ASKEW_DATA")


def test_a_data_folder_with_some_of_the_sheets_is_refused(data_folder):
    folder = data_folder("cifar10", cifar_sheets())
    (folder / "cifar10" / "train_3_cat.webp").unlink()
    with pytest.raises(
        DataFileError, match=r"complete in ASKEW_DATA; got .*train_3_cat.webp.*Add the missing"
    ):
        load_images("cifar10")


def test_sheets_of_pets_are_split_by_the_numbers_of_the_images(data_folder):
    tiles = RNG.integers(0, 256, (12, 3, 64, 64), dtype=np.uint8)
    numbers = io.BytesIO()
    np.savez(
        numbers, cat=np.array([0, 1, 4, 5, 8, 9], np.uint16), dog=np.array([4, 5, 6, 7, 8, 10], np.uint16)
    )
    files = {
        "catsvsdogs/cat_0.jpg": sheet(tiles[:4], columns=2),  # lossless here, so that pixels can be compared
        "catsvsdogs/cat_1.jpg": sheet(tiles[4:6], columns=2),
        "catsvsdogs/dog_0.jpg": sheet(tiles[6:], columns=3),
        "catsvsdogs/ids.npz": numbers.getvalue(),
    }
    data_folder("catsvsdogs", files)
    found = load_images("catsvsdogs")
    test = [2, 5, 6]  # cats 4 and 9, dog 4
    np.testing.assert_array_equal(found.x_test, tiles[test])
    np.testing.assert_array_equal(found.x_train, np.delete(tiles, test, axis=0))
    assert found.y_test.tolist() == [0, 0, 1] and found.y_train.tolist() == [0] * 4 + [1] * 5


def test_half_of_a_test_set_has_no_training_images(data_folder):
    tiles = RNG.integers(0, 256, (200, 3, 32, 32), dtype=np.uint8)
    data_folder("cifar100", {"cifar100/test_half0.webp": sheet(tiles, columns=20)})
    assert image_info()[0].found == "data folder (0 + 5,000 of them)"
    found = load_images("cifar100")
    assert found.x_train.shape == (0, 3, 32, 32) and found.y_train.shape == (0,)
    np.testing.assert_array_equal(found.x_test, tiles)
    assert found.y_test.tolist() == np.repeat(np.arange(100), 2).tolist()


@pytest.mark.parametrize(
    "wrong, words",
    [
        (lambda: [idx(CLASSES["train"] + 5)], "images of shape"),
        (lambda: [gzip.compress(b"\0\0\0\7 nothing", mtime=0)], "idx file of bytes"),
    ],
)
def test_content_that_is_something_else_is_refused(published, wrong, words):
    files = mnist_files()
    files[1:2] = wrong()
    published("mnist", files)
    with pytest.raises(DataFileError, match=words):
        load_images("mnist")


def test_a_folder_of_images_is_a_test_set_of_one_class(tmp_path, monkeypatch):
    monkeypatch.setenv("ASKEW_DATA", str(tmp_path))
    with pytest.raises(
        DataFileError, match=r"lsun of askew.datasets must be a folder of images in ASKEW_DATA"
    ):
        load_images("lsun")
    (tmp_path / "lsun" / "part").mkdir(parents=True)
    Image.new("RGB", (64, 48), (200, 0, 0)).save(tmp_path / "lsun" / "part" / "b.png")
    Image.new("L", (32, 32), 7).save(tmp_path / "lsun" / "a.PNG")
    (tmp_path / "lsun" / "notes.txt").write_text("no image")
    found = load_images("lsun")
    assert found.x_test.shape == (2, 3, 32, 32) and found.x_train.shape == (0, 3, 32, 32)
    assert found.x_test[:, :, 5, 5].tolist() == [[7, 7, 7], [200, 0, 0]]
    assert (found.y_test.tolist(), found.class_names) == ([0, 0], ("lsun",))
    monkeypatch.delenv("ASKEW_DATA")
    with pytest.raises(DataFileError, match="they are not fetched"):
        load_images("lsun")


def test_an_unknown_name_is_refused():
    with pytest.raises(InvalidInputError, match=r"got 'cifar'. Choose one of: mnist, fashion_mnist, cifar10"):
        load_images("cifar")


def test_what_is_known_without_loading(published, monkeypatch, tmp_path):
    assert tuple(INFOS) == image_names()
    assert len(INFOS["cifar100"].class_names) == 100
    for info in INFOS.values():
        assert all(len(each.sha256) == 64 and each.url.startswith("http") for each in info.published)
    published("svhn", svhn_files())
    assert image_info()[0].found == ""
    load_images("svhn")
    assert image_info()[0].found == "cache"
    monkeypatch.setenv("ASKEW_DATA", str(tmp_path / "askew"))
    assert image_info()[0].found == "data folder"


needs_data = pytest.mark.skipif(not os.environ.get("ASKEW_DATA"), reason="ASKEW_DATA names no data folder")


@needs_data
@pytest.mark.parametrize(
    "name, n_train, n_test",
    [
        ("mnist", 60000, 10000),
        ("fashion_mnist", 60000, 10000),
        ("catsvsdogs", 8000, 2000),
        ("cifar100", 0, 5000),
    ],
)
def test_the_real_images(name, n_train, n_test):
    found = load_images(name)
    info, shape = INFOS[name], INFOS[name].shape
    if info.extract:
        assert (info.extract_train, info.extract_test) == (n_train, n_test)
    assert found.x_train.shape == (n_train, *shape) and found.x_test.shape == (n_test, *shape)
    assert set(found.y_test) == set(range(len(found.class_names)))


@needs_data
def test_the_real_cifar10_pixel_by_pixel():
    """Against the checksums of the original pixels, as class after class in (height, width, channel) order."""
    found = load_images("cifar10")
    digests = [sha256(x.transpose(0, 2, 3, 1).tobytes()) for x in (found.x_train, found.x_test)]
    assert digests == [
        "61bea91e73ac2b02dfb856e685981dce64abe13d4e780aa98a1ac1e7c056d03b",
        "52a9dc125982c0440d5eed87474b2f521e96c45a98df08e4329aa42c692b9d9d",
    ]
