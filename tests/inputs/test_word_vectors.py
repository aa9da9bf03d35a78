"""Word vectors come from GloVe's text files, from arrays, or from memory, and are checked."""

import gzip

import numpy as np
import pytest

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import word_vectors

VECTORS = {"film": [0.5, 1.0], "the": [0.0, -1.0]}
LINES = "the 0.0 -1.0\nfilm 0.5 1.0\nship 9 9\n"


def text_file(folder):
    (folder / "v.txt").write_text(LINES, encoding="utf-8")
    return folder / "v.txt"


def zipped(folder):
    (folder / "v.txt.gz").write_bytes(gzip.compress(LINES.encode(), mtime=0))
    return folder / "v.txt.gz"


def arrays(folder):
    words = np.frombuffer(b"the\nfilm", dtype=np.uint8)
    np.savez(folder / "v.npz", words=words, vectors=np.array([[0.0, -1.0], [0.5, 1.0]], dtype=np.float16))
    return str(folder / "v.npz")


@pytest.mark.parametrize("make", [text_file, zipped, arrays, lambda folder: VECTORS])
def test_every_source_gives_the_vectors_of_the_words_wanted(make, tmp_path):
    found = word_vectors(make(tmp_path), ["the", "film", "zebra"], "Reader")
    assert list(found) == ["film", "the"]
    assert found["film"].tolist() == [0.5, 1.0] and found["film"].dtype == np.float32


@pytest.mark.parametrize(
    "content", [None, "the 0.0 x\n", b"\xff\xfe\xff", "the 0.0 1.0"], ids=["none", "words", "bytes", "npz"]
)
def test_a_file_that_cannot_be_read_is_named(content, tmp_path):
    path = tmp_path / ("v.npz" if content == "the 0.0 1.0" else "v.txt")
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataFileError, match=r"vectors of .*v[.]\w+ must be a file of word vectors"):
        word_vectors(path, ["the"], "Reader")


@pytest.mark.parametrize(
    "source, message",
    [
        ({"the": [1.0], "film": [1.0, 2.0]}, "vectors of one width"),
        ({"the": [np.nan], "film": [1.0]}, "finite vectors"),
        ({"the": 1.0}, "vectors of one width"),
        ({"zebra": [1.0]}, "for some of the words"),
        (3, "a path or a mapping of words to vectors; got 'int'"),
    ],
)
def test_vectors_of_no_use_are_refused(source, message):
    with pytest.raises(InvalidInputError, match=message):
        word_vectors(source, ["the", "film"], "Reader")
