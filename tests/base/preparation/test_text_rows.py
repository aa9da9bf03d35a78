"""Sentences as token numbers."""

import numpy as np
import pytest
import torch

import askew
from askew.base.preparation.text_rows import TOKENS_PER_WORD, TextInput, TokenPreparation
from askew.errors import InvalidInputError
from askew.inputs.text import Vocabulary

TEXTS = ["a cat sat", "a dog sat down", "a cat"]


def test_sentences_are_padded_rows_of_the_words_that_occur_often_enough():
    learned, detector = TextInput((1, 10), 2), askew.SentenceVAE()
    rows = learned.learn(detector, TEXTS, None)
    assert rows.dtype == np.int64 and len(rows) == 3 and detector.n_features_in_ == 1
    assert {"a", "cat", "sat"} <= set(learned.vocabulary.tokens) and "dog" not in learned.vocabulary.tokens
    assert learned.spec.n_tokens == len(learned.vocabulary)
    again = learned.rows(detector, TEXTS[:1])
    np.testing.assert_array_equal(again[0], rows[0][: again.shape[1]])
    assert learned.rows(detector, ["! " * 500 + "a"]).shape[1] <= TOKENS_PER_WORD * 10 + 2
    with pytest.raises(InvalidInputError, match="X of SentenceVAE"):
        learned.learn(detector, TEXTS[:1], None)


def test_vectors_are_read_when_it_learns_and_forgotten():
    vocabulary = Vocabulary.of([["a", "cat"]], 1)
    preparation = TokenPreparation(vocabulary, 300, {"a": [1.0, 2.0], "cat": [3.0, 4.0]}, "SentenceVAE")
    x = np.array([[1, 2]])
    assert torch.equal(preparation.learn(x, np.zeros(1, np.int8)), torch.tensor(x))
    assert preparation.word_size == 2 and preparation.vectors["cat"].tolist() == [3.0, 4.0]
    preparation.forget()
    assert preparation.vectors is None
    again = TokenPreparation(vocabulary, 300, None, "SentenceVAE")
    again.set_state(*preparation.state())
    assert again.word_size == 2 and again.together() != preparation.together()
