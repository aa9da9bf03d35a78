"""First sentences of IMDB reviews with their sentiment, and GloVe's word vectors.

Both are looked for in the folder ``ASKEW_DATA``, then downloaded from their public addresses (84 and 862 MB).
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from askew.datasets.fetch import Remote, download, in_folder
from askew.datasets.ratios import n_labelled
from askew.datasets.train_test_split import Split, labels_of_last
from askew.errors import InvalidInputError, must
from askew.inputs.text import count_words
from askew.inputs.word_vectors import word_vectors

IMDB = Remote(
    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    "84 MB",
)
GLOVE = Remote(
    "https://nlp.stanford.edu/data/glove.6B.zip",
    "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
    "862 MB",
)
IMDB_FILE = "imdb/first_sentences.tsv.gz"
IMDB_SHA256 = "b53e45aff9db3eded0cc2f7af26c2f40449d1bcf79f786011b0485ca1a2c0aec"
GLOVE_FILE = "glove/glove_6B_50d_subset.npz"
GLOVE_SHA256 = "89a8343d4f5a00fdefb563b14f3a7738bf50b2338dc0bf701662777f134353a7"

NORMAL = ("positive", "negative")
TEST_SIZE = 0.3
"""Daniel, Kurutach and Tamar (2021), Appendix H."""

FEWEST_WORDS, MOST_WORDS = 5, 20
"""Daniel, Kurutach and Tamar (2021), Appendix H."""

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_END = re.compile(r"(?<!\bMr)(?<!\bDr)(?<!\bMs)(?<!\bMrs)(?<!\bSt)(?<!\bJr)(?<!\bvs)[.!?](?=\s)")
_MEMBER = re.compile(r"aclImdb/(train|test)/(pos|neg)/(\d+)_\d+\.txt")


@dataclass(frozen=True, eq=False)
class Sentences:
    """Sentences with ground truth, no two alike."""

    texts: NDArray[np.object_]
    """Strings, (n,)."""
    positive: NDArray[np.bool_]
    """Whether the review liked the film, (n,)."""
    part: NDArray[np.str_]
    """``"train"`` or ``"test"``, (n,): the half of the original data that the review is in."""
    source: str
    """Where they came from."""

    def of_part(self, part: str) -> Sentences:
        """Return the sentences of one half of the original data, ``"train"`` or ``"test"``."""
        rows = self.part == part
        return Sentences(self.texts[rows], self.positive[rows], self.part[rows], self.source)


def sentiment() -> Sentences:
    """Return the first sentences, of 5 to 20 words, of the 50,000 IMDB reviews.

    A sentence that several reviews begin with is there once, with the first one's sentiment: otherwise a test
    sentence could be in the training set.

    Reference: Maas et al. (2011), Learning Word Vectors for Sentiment Analysis; Daniel, Kurutach and Tamar
    (2021), Appendix H. Errors are those of :func:`askew.datasets.load_images`.
    """
    path = in_folder(IMDB_FILE, IMDB_SHA256)
    if path is not None:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            reviews = [(row["split"], row["label"] == "1", row["sentence"]) for row in rows]
        return _sentences(reviews, f"{IMDB_FILE} of the data folder")
    return _sentences(_reviews(download(IMDB).read_bytes()), IMDB.url)


def sentiment_split(
    sentences: Sentences, normal: str, seed: int, labelled_ratio: float = 0.01, test_size: float = TEST_SIZE
) -> Split:
    """Split sentences: train on one sentiment, with a few labelled sentences of the other; test on both.

    The share `test_size` of the sentences of each sentiment is the test set, which depends on the seed alone;
    the training set is the rest of the normal sentiment and, in front of a long queue, the first few of the
    other one. So a larger ratio has all the labelled sentences of a smaller one.

    Parameters
    ----------
    sentences : Sentences
        From :func:`sentiment`.
    normal : {"positive", "negative"}
        The sentiment that is normal.
    seed, labelled_ratio, test_size
        As in :func:`askew.datasets.splits.classic_split`; one out of range raises InvalidInputError.
    """
    if normal not in NORMAL:
        raise InvalidInputError(must("normal", "sentiment_split", f"one of {NORMAL}", normal, "Choose one."))
    rng = np.random.default_rng(seed)
    anomaly = sentences.positive != (normal == "positive")
    pool, test = [], []
    for of_kind in (~sentences.positive, sentences.positive):  # in this order whatever is normal
        rows = rng.permutation(np.flatnonzero(of_kind))
        cut = round(test_size * len(rows))
        test.append(rows[:cut])
        pool.append(rows[cut:])
    left = np.concatenate(pool)
    normals, others = left[~anomaly[left]], left[anomaly[left]]
    m = n_labelled(len(normals), labelled_ratio)
    rows = np.concatenate([normals, others[:m]])
    y = labels_of_last(len(rows), m)
    return Split.of_rows(sentences.texts, anomaly, rows, y, np.concatenate(test))


def glove(words: Iterable[str]) -> dict[str, NDArray[np.float32]]:
    """Return GloVe's vector of each of `words` that has one: 50 numbers, trained on six billion words.

    Reference: Pennington, Socher and Manning (2014), GloVe: Global Vectors for Word Representation.
    """
    path = in_folder(GLOVE_FILE, GLOVE_SHA256)
    if path is not None:
        return word_vectors(path, words, "glove")
    wanted = set(words)
    vectors = {}
    with zipfile.ZipFile(download(GLOVE)) as archive, archive.open("glove.6B.50d.txt") as file:
        for line in io.TextIOWrapper(file, encoding="utf-8"):
            word, _, numbers = line.partition(" ")
            if word in wanted:
                vectors[word] = np.array(numbers.split(), dtype=np.float32)
    return word_vectors(vectors, wanted, "glove")


def first_sentence(review: str) -> str:
    """Return what a review says up to its first ``.``, ``!`` or ``?`` before a space, or its first line break.

    >>> first_sentence("Mr. Bean is back! And how.<br />More.")
    'Mr. Bean is back!'
    """
    line = _BREAK.split(review.strip(), maxsplit=1)[0].strip()
    end = _END.search(line)
    return line if end is None else line[: end.end()]


def _reviews(archive: bytes) -> Iterator[tuple[str, bool, str]]:
    """Yield (part, positive, first sentence) of each labelled review of the original archive, by number."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        members = ((match, member) for member in tar if (match := _MEMBER.fullmatch(member.name)))
        rows = []
        for match, member in members:
            file = tar.extractfile(member)
            if file is not None:
                part, kind, number = match.groups()
                rows.append((part, kind, int(number), first_sentence(file.read().decode("utf-8"))))
    for part, kind, _, text in sorted(rows):
        yield part, kind == "pos", text


def _sentences(rows: Iterable[tuple[str, bool, str]], source: str) -> Sentences:
    first: dict[str, tuple[str, bool, str]] = {}
    for part, positive, text in rows:
        if FEWEST_WORDS <= count_words(text) <= MOST_WORDS:
            first.setdefault(text.casefold(), (part, positive, text))
    parts, positives, texts = zip(*first.values(), strict=True)
    return Sentences(np.array(texts, dtype=object), np.array(positives), np.array(parts), source)
