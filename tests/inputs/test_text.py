"""Texts become tokens, tokens become numbers, and what is no list of sentences is refused by row."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from askew.errors import InvalidInputError
from askew.inputs import TextSpec, Vocabulary, check_texts, count_words, tokenise
from askew.inputs.text import END, MARKS, PADDING, UNKNOWN

SENTENCE = "a film that I liked"


@pytest.mark.parametrize(
    "text, tokens",
    [
        ("It's GOOD.", ["it", "'s", "good", "."]),
        ("don’t", ["don", "'t"]),
        ("well-made, really", ["well", "-", "made", ",", "really"]),
        ("Amélie 10/10", ["amélie", "10", "/", "10"]),
        ("snake_case", ["snake", "_", "case"]),
        (" \n\t", []),
    ],
)
def test_tokens(text, tokens):
    assert tokenise(text) == tokens


@pytest.mark.parametrize("text, n", [("It's good!", 2), ("10/10 - a must", 4), ("...", 0), ("don’t", 1)])
def test_words_are_runs_of_letters_or_digits_with_their_endings(text, n):
    assert count_words(text) == n


def check(X, **given):
    return check_texts(X, "Reader", **({"words": (5, 20)} | given))


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        np.array,
        lambda t: np.array(t, dtype=object),
        pd.Series,
        pl.Series,
        pa.array,
        pa.chunked_array,
    ],
)
def test_any_column_of_strings_is_a_list_of_texts(make):
    texts = [SENTENCE, "another film that nobody liked"]
    given = [texts] if make is pa.chunked_array else texts
    found = check(make(given))
    assert found == texts and {type(text) for text in found} == {str}


@pytest.mark.parametrize(
    "X, message",
    [
        (SENTENCE, r"X of Reader must be a list of texts; got 'one text'. Put it into a list"),
        (b"bytes", "one text"),
        (pd.DataFrame({"t": [SENTENCE]}), r"got 'a DataFrame'. Give its column of texts"),
        (np.array([[SENTENCE]]), r"an array of shape \(1, 1\)'. Use X\[:, 0\]"),
        (np.array(SENTENCE), r"an array of shape \(\)"),
        ({SENTENCE}, "got 'set'. Give a list of strings"),
        (None, "got 'NoneType'"),
        (3, "got 'int'"),
        ([], "a list of at least 1 texts; got 0"),
        ([SENTENCE, None], "row 1 of X of Reader must be a string; got None. Drop missing"),
        ([SENTENCE, float("nan")], "row 1 of X of Reader must be a string; got nan"),
        ([SENTENCE, 3], "row 1 of X of Reader must be a string; got 3"),
        ([SENTENCE, "  "], "row 1 of X of Reader must be a text with words; got '  '. Drop empty"),
        ([SENTENCE, "?!"], "row 1 of X of Reader must be a text with words"),
        (
            [SENTENCE, "too short"],
            "row 1 of X of Reader must be a sentence of 5 to 20 words; got '2 words: too short'",
        ),
        (["word " * 21], "got '21 words: word .*[.][.][.]'. Set min_words and max_words"),
    ],
)
def test_what_is_no_list_of_sentences_is_refused_by_row(X, message):
    with pytest.raises(InvalidInputError, match=message):
        check(X)


def test_limits_count_words_and_are_inclusive():
    five, twenty = "one two three four five", "word " * 20
    assert check([five, twenty]) == [five, twenty]
    assert check(["one"], words=(1, 1)) == ["one"]


def test_a_vocabulary_knows_frequent_tokens_whatever_the_order_of_the_sentences():
    sentences = [["b", "a", "a"], ["a", "b", "c"]]
    vocabulary = Vocabulary.of(sentences, min_count=2)
    assert vocabulary.tokens == (*MARKS, "a", "b") and len(vocabulary) == 6
    assert Vocabulary.of(sentences[::-1], min_count=2) == vocabulary
    assert Vocabulary.of(sentences, most=1).tokens == (*MARKS, "a")


def test_numbers_end_with_the_end_and_then_padding():
    vocabulary = Vocabulary.of([["a", "b"]])
    encoded = vocabulary.encode([["b", "z"], [], ["a"]])
    assert encoded.tolist() == [[5, UNKNOWN, END], [END, PADDING, PADDING], [4, END, PADDING]]
    assert encoded.dtype == np.int64


def test_a_text_cannot_pass_for_a_mark():
    assert "<pad>" not in tokenise("<pad> <unk>")
    assert Vocabulary.of([["<unk>", "a"]]).tokens == (*MARKS, "a")


@pytest.mark.parametrize("tokens", [("a", "b"), (*MARKS, "a", "a"), ()])
def test_a_vocabulary_without_marks_or_with_a_token_twice_is_refused(tokens):
    with pytest.raises(InvalidInputError, match="tokens of Vocabulary must be the marks"):
        Vocabulary(tokens)


@pytest.mark.parametrize("n", [0, -1, 2.5, True])
def test_a_text_spec_needs_tokens(n):
    assert TextSpec(7).n_tokens == 7
    with pytest.raises(InvalidInputError, match="n_tokens of TextSpec must be an integer of at least 1"):
        TextSpec(n)


def test_no_sentences_are_no_rows():
    assert Vocabulary.of([["a"]]).encode([]).shape == (0, 1)
