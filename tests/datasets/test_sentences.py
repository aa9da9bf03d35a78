"""IMDB's first sentences and GloVe's vectors: from the data folder, else downloaded once, always checked."""

import gzip
import hashlib
import io
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from askew.datasets import fetch, sentences
from askew.datasets.sentences import (
    Sentences,
    first_sentence,
    glove,
    sentiment,
    sentiment_split,
)
from askew.errors import DataFileError, InvalidInputError

ROWS = [
    ("train", "0", "0", "3", "This film was not for me."),
    ("test", "4", "1", "9", 'I "loved" this film very much!'),
    ("train", "2", "1", "8", "THIS film was not for me."),
    ("train", "3", "1", "8", "Too short."),
]


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """Make a data folder with four sentences and two vectors whose checksums are the expected ones."""
    lines = "\n".join("\t".join(row) for row in [("split", "id", "label", "rating", "sentence"), *ROWS])
    imdb, vectors = tmp_path / sentences.IMDB_FILE, tmp_path / sentences.GLOVE_FILE
    imdb.parent.mkdir()
    vectors.parent.mkdir()
    imdb.write_bytes(gzip.compress((lines + "\n").encode(), mtime=0))
    words = np.frombuffer(b"the\nfilm", dtype=np.uint8)
    np.savez(vectors, words=words, vectors=np.array([[0.0, -1.0], [0.5, 1.0]], dtype=np.float16))
    monkeypatch.setenv("ASKEW_DATA", str(tmp_path))
    for name, path in (("IMDB_SHA256", imdb), ("GLOVE_SHA256", vectors)):
        monkeypatch.setattr(sentences, name, hashlib.sha256(path.read_bytes()).hexdigest())
    return tmp_path


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Stand in for the public addresses: archives of the original form, fetched by a fake pooch."""
    import pooch

    tar_bytes, zip_bytes = io.BytesIO(), io.BytesIO()
    reviews = {
        "aclImdb/train/pos/10_9.txt": "Mr. Bean is a very good film! Go.<br /><br />See it.",
        "aclImdb/train/pos/2_9.txt": "I liked it all the same<br />a lot. Really.",
        "aclImdb/test/neg/1_2.txt": "What is this film about? Nothing.",
        "aclImdb/train/unsup/1_0.txt": "A review that nobody has labelled yet.",
    }
    with tarfile.open(fileobj=tar_bytes, mode="w:gz") as tar:
        for name, text in reviews.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    with zipfile.ZipFile(zip_bytes, "w") as archive:
        archive.writestr("glove.6B.50d.txt", "the 0.0 -1.0\nfilm 0.5 1.0\n")
    served = {sentences.IMDB.url: tar_bytes.getvalue(), sentences.GLOVE.url: zip_bytes.getvalue()}
    asked = []

    def retrieve(url, known_hash, fname, path):
        asked.append((url, known_hash, Path(path)))
        target = tmp_path / fname
        target.write_bytes(served[url])
        return str(target)

    monkeypatch.delenv("ASKEW_DATA", raising=False)
    monkeypatch.setattr(pooch, "retrieve", retrieve)
    return asked


def test_the_data_folder_comes_first_and_repeated_or_short_sentences_are_left_out(data_folder):
    found = sentiment()
    assert found.texts.tolist() == [ROWS[0][4], ROWS[1][4]]
    assert found.positive.tolist() == [False, True] and found.part.tolist() == ["train", "test"]
    assert found.of_part("test").texts.tolist() == [ROWS[1][4]]
    assert glove(["film", "zebra"])["film"].tolist() == [0.5, 1.0]


def test_another_file_in_the_data_folder_is_refused(data_folder):
    (data_folder / sentences.IMDB_FILE).write_bytes(b"something else")
    with pytest.raises(
        DataFileError, match=r"first_sentences.tsv.gz of askew.datasets must be the file of SHA"
    ):
        sentiment()


def test_without_a_data_folder_the_published_archives_are_read(published, monkeypatch, tmp_path):
    found = sentiment()
    assert found.texts.tolist() == [
        "What is this film about?",
        "I liked it all the same",
        "Mr. Bean is a very good film!",
    ]
    assert found.positive.tolist() == [False, True, True]
    assert found.part.tolist() == ["test", "train", "train"]
    assert glove(["film"])["film"].tolist() == [0.5, 1.0]
    urls, hashes, folders = zip(*published, strict=True)
    assert urls == (sentences.IMDB.url, sentences.GLOVE.url)
    assert hashes == (f"sha256:{sentences.IMDB.sha256}", f"sha256:{sentences.GLOVE.sha256}")
    assert {folder.name for folder in folders} == {"askew"}
    monkeypatch.setenv("ASKEW_DATA", str(tmp_path / "nowhere"))
    assert len(sentiment().texts) == 3


@pytest.mark.parametrize(
    "error", [OSError("no network"), ValueError("SHA256 hash of downloaded file differs")]
)
def test_a_download_that_fails_says_what_to_do(published, monkeypatch, error):
    import pooch

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(pooch, "retrieve", fail)
    with pytest.raises(DataFileError, match=r"aclImdb_v1.tar.gz .*84 MB.*; got .*Connect, or set ASKEW_DATA"):
        sentiment()


def test_pooch_itself_checks_and_caches(tmp_path, monkeypatch):
    """The real pooch on a file that is in the cache already: nothing is downloaded, another file is not taken."""
    import pooch

    content = b"cached"
    remote = fetch.Remote("https://example.invalid/x.bin", hashlib.sha256(content).hexdigest(), "6 bytes")
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path)
    (tmp_path / "x.bin").write_bytes(content)
    assert fetch.download(remote).read_bytes() == content


@pytest.mark.parametrize(
    "review, sentence",
    [
        ("Good! Bad.", "Good!"),
        ("It cost 3.50 dollars. Yes", "It cost 3.50 dollars."),
        ("Dr. No is fine. Yes", "Dr. No is fine."),
        ("one line<br />two. x", "one line"),
        ("no end at all", "no end at all"),
    ],
)
def test_first_sentences(review, sentence):
    assert first_sentence(review) == sentence


def many(n=400):
    positive = np.arange(n) % 2 == 0
    texts = np.array([f"sentence number {row} of all of them" for row in range(n)], dtype=object)
    return Sentences(texts, positive, np.array(["train"] * n), "made up")


def test_a_split_trains_on_one_sentiment_with_few_labels_and_tests_on_both():
    data = many()
    split = sentiment_split(data, "positive", seed=0, labelled_ratio=0.05)
    assert (split.n_normal, split.n_labelled, split.n_test, split.n_test_anomalies) == (140, 7, 120, 60)
    assert not set(split.X_train) & set(split.X_test)
    assert data.positive[split.train_rows].tolist() == (split.y_train == 0).tolist()
    assert (split.anomaly_test == ~data.positive[split.test_rows]).all()
    assert split.X_train.tolist() == data.texts[split.train_rows].tolist()


def test_seeds_ratios_and_directions_share_what_they_should():
    data = many()
    none, few, more = (sentiment_split(data, "negative", 1, ratio) for ratio in (0.0, 0.05, 0.1))
    assert none.n_labelled == 0 and set(few.train_rows) < set(more.train_rows)
    assert none.test_rows.tolist() == few.test_rows.tolist()
    other_way = sentiment_split(data, "positive", 1)
    assert sorted(other_way.test_rows) == sorted(few.test_rows)
    assert sorted(sentiment_split(data, "positive", 2).test_rows) != sorted(other_way.test_rows)


@pytest.mark.parametrize("normal, ratio", [("good", 0.01), ("positive", 1.0), ("positive", -0.1)])
def test_wrong_arguments_of_a_split_are_refused(normal, ratio):
    with pytest.raises(InvalidInputError, match="must be"):
        sentiment_split(many(), normal, 0, ratio)


@pytest.mark.skipif(not os.environ.get("ASKEW_DATA"), reason="ASKEW_DATA names no data folder")
def test_the_real_sentences_and_vectors():
    found = sentiment()
    assert len(found.texts) == 27959 and int(found.positive.sum()) == 13874
    assert int((found.part == "test").sum()) == 13920
    assert glove(["film", "the", "qqqqzz"]).keys() == {"film", "the"}
