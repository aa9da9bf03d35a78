"""Texts as rows of token numbers."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from askew.base.preparation.interface import Arrays, Preparation, RowInput, Rows, Y
from askew.inputs.spec import TextSpec
from askew.inputs.text import Vocabulary, check_texts, tokenise
from askew.inputs.word_vectors import word_vectors

TOKENS_PER_WORD = 3
"""Tokens of a sentence beyond three per word allowed are left out: they are runs of signs."""


@final
class TokenPreparation(Preparation):
    """Token numbers as they are, and the vectors that words begin as: those given, or new ones of `word_size`."""

    def __init__(self, vocabulary: Vocabulary, word_size: int, vectors: Any, owner: str) -> None:
        self.vocabulary, self.word_size = vocabulary, word_size
        self.vectors: dict[str, NDArray[np.float32]] | None = None
        self._source, self._owner = vectors, owner

    def learn(self, x: Rows, y: Y) -> Tensor:
        """Read the vectors, which networks need until they are trained, and return the tokens."""
        if self._source is not None:
            self.vectors = word_vectors(self._source, self.vocabulary.tokens, self._owner)
            self.word_size = len(next(iter(self.vectors.values())))
        return self.training_tensor(x)

    def training_tensor(self, x: Rows) -> Tensor:
        """Return the tokens."""
        return torch.from_numpy(x)

    def forget(self) -> None:
        """Let go of the vectors: the networks have them."""
        self.vectors = self._source = None

    def together(self) -> int:
        """Return a key that no other detector has: each has a vocabulary of its own."""
        return id(self)

    def tensor(self, x: Rows, device: str) -> Tensor:
        """Return tokens."""
        return torch.from_numpy(x).to(device)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Return the vocabulary, and how long its vectors are."""
        return {"vocabulary": list(self.vocabulary.tokens), "word_size": self.word_size}, {}

    def set_state(self, values: dict[str, Any], arrays: Arrays) -> None:
        """Take back how long vectors are; the vocabulary came with the input."""
        self.word_size = int(values["word_size"])


@final
class TextInput(RowInput):
    """Sentences as token numbers, int64 (n, longest), padded with 0.

    `limits` are the fewest and most words of a sentence; a word is known that occurs `min_count` times in training.
    """

    vocabulary: Vocabulary

    def __init__(self, limits: tuple[int, int], min_count: int) -> None:
        self._limits, self._min_count = limits, min_count

    def learn(self, detector: Any, X: Any, y: Any) -> Rows:
        """Learn the vocabulary, from two sentences or more."""
        sentences = self._sentences(detector, X, at_least=2)
        detector.n_features_in_ = 1
        self.know(Vocabulary.of(sentences, self._min_count))
        return self.vocabulary.encode(sentences)

    def know(self, vocabulary: Vocabulary) -> None:
        """Take a vocabulary that was learned."""
        self.vocabulary, self.spec = vocabulary, TextSpec(len(vocabulary))

    def rows(self, detector: Any, X: Any) -> Rows:
        """Return the token numbers of sentences."""
        return self.vocabulary.encode(self._sentences(detector, X, at_least=1))

    def _sentences(self, detector: Any, X: Any, at_least: int) -> list[list[str]]:
        texts = check_texts(X, type(detector).__name__, words=self._limits, at_least=at_least)
        return [tokenise(text)[: TOKENS_PER_WORD * self._limits[1]] for text in texts]
