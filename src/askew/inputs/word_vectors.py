"""Word vectors from a file: GloVe's own text format, plain or gzipped, or arrays."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.errors import DataFileError, InvalidInputError, must

Vectors = Mapping[str, NDArray[np.float32]]


def word_vectors(source: Any, words: Iterable[str], owner: str) -> dict[str, NDArray[np.float32]]:
    """Return the vector of each of the wanted `words` that `source` has one for; `owner` is who asks, for the message.

    The source is a mapping, a file as GloVe publishes them (a word and its numbers per line, ``.txt`` or
    ``.txt.gz``), or an ``.npz`` with ``words`` (UTF-8 bytes, one word per line) and ``vectors`` (words, width).
    Anything else, and vectors that are not finite or of different widths, raise InvalidInputError, a broken file
    DataFileError.

    >>> word_vectors({"film": [0.5, 1.0], "book": [0.0, 1.0]}, ["film", "ship"], "SentenceVAE")
    {'film': array([0.5, 1. ], dtype=float32)}
    """
    wanted = set(words)
    if isinstance(source, str | Path):
        vectors = _read(Path(source), wanted)
    elif isinstance(source, Mapping):
        vectors = {word: np.asarray(source[word], dtype=np.float32) for word in wanted if word in source}
    else:
        rule = "a path or a mapping of words to vectors"
        raise InvalidInputError(must("vectors", owner, rule, type(source).__name__, "Leave it out for none."))
    shapes = {vector.shape for vector in vectors.values()}
    good = (
        len(shapes) == 1
        and len(next(iter(shapes))) == 1
        and all(np.isfinite(v).all() for v in vectors.values())
    )
    if not good:
        rule = "finite vectors of one width for some of the words"
        remedy = "Use vectors of the language of the texts, with words in lower case."
        raise InvalidInputError(must("vectors", owner, rule, f"shapes {sorted(shapes)}", remedy))
    return {word: vectors[word] for word in sorted(vectors)}


def _read(path: Path, wanted: set[str]) -> dict[str, NDArray[np.float32]]:
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                words = arrays["words"].tobytes().decode("utf-8").split("\n")
                vectors = arrays["vectors"]
                return {
                    word: vectors[row].astype(np.float32) for row, word in enumerate(words) if word in wanted
                }
        return _read_lines(path, wanted)
    except (OSError, ValueError, KeyError) as error:
        rule = "a file of word vectors: GloVe's text format, or .npz with words and vectors"
        remedy = "Check the path and the format."
        raise DataFileError(must("vectors", str(path), rule, str(error), remedy)) from error


def _read_lines(path: Path, wanted: set[str]) -> dict[str, NDArray[np.float32]]:
    vectors: dict[str, NDArray[np.float32]] = {}
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            word, _, numbers = line.partition(" ")
            if word in wanted:
                vectors[word] = np.array(numbers.split(), dtype=np.float32)
    return vectors
