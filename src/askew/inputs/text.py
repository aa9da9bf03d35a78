"""Texts -> token numbers: a tokeniser, a vocabulary, and refusal of what is no list of sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError, must

PADDING, UNKNOWN, START, END = range(4)
"""Numbers of the marks in front of every vocabulary."""

MARKS = ("<pad>", "<unk>", "<s>", "</s>")

_WORD = r"[^\W_]+(?:'[^\W_]+)*"
_WORDS = re.compile(_WORD)
_TOKENS = re.compile(r"'[^\W_]+|[^\W_]+|[^\w\s]|_")
_SHOWN = 60  # characters of a text that an error shows


def tokenise(text: str) -> list[str]:
    """Return the tokens of `text`: lower-case runs of letters or digits, ``'x`` endings, and single signs.

    They are GloVe's tokens but for its rarer contractions.

    >>> tokenise("It's the best film I've seen!")
    ['it', "'s", 'the', 'best', 'film', 'i', "'ve", 'seen', '!']
    """
    return _TOKENS.findall(text.lower().replace("’", "'"))


def count_words(text: str) -> int:
    """Return the number of words: runs of letters or digits, with their ``'x`` endings.

    >>> count_words("It's the best film I've seen!")
    6
    """
    return len(_WORDS.findall(text.replace("’", "'")))


def check_texts(X: Any, owner: str, *, words: tuple[int, int], at_least: int = 1) -> list[str]:
    """Return X, a list, array or column of sentences, as a list, or say for `owner` what is wrong with it in which row.

    It is wrong to be one string, a table, fewer than `at_least` entries, to have an entry that is no string, or one
    of fewer or more `words` than allowed; that raises InvalidInputError.

    >>> check_texts(["a film that I liked"], "SentenceVAE", words=(5, 20))
    ['a film that I liked']
    """
    texts = _as_list(X, owner)
    if len(texts) < at_least:
        remedy = "A model needs something to learn from." if at_least > 1 else "There is nothing to score."
        raise InvalidInputError(must("X", owner, f"a list of at least {at_least} texts", len(texts), remedy))
    fewest, most = words
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            remedy = "Drop missing texts, and turn other values into text."
            raise InvalidInputError(must(f"row {row} of X", owner, "a string", _shown(text), remedy))
        n = count_words(text)
        if n == 0:
            raise InvalidInputError(
                must(f"row {row} of X", owner, "a text with words", _shown(text), "Drop empty texts.")
            )
        if not fewest <= n <= most:
            rule = f"a sentence of {fewest} to {most} words"
            remedy = "Set min_words and max_words, or give one sentence of the text."
            raise InvalidInputError(
                must(f"row {row} of X", owner, rule, f"{n} words: {_shown(text)}", remedy)
            )
    return texts


def _as_list(X: Any, owner: str) -> list[Any]:
    from narwhals.dependencies import is_into_dataframe

    rule = "a list of texts"
    if isinstance(X, str | bytes):
        raise InvalidInputError(must("X", owner, rule, "one text", "Put it into a list: [text]."))
    if is_into_dataframe(X):
        remedy = 'Give its column of texts, for example frame["text"].'
        raise InvalidInputError(must("X", owner, rule, f"a {type(X).__name__}", remedy))
    if getattr(X, "ndim", 1) != 1:
        remedy = "Use X[:, 0] for the first column, or X.ravel() if it has one."
        raise InvalidInputError(must("X", owner, rule, f"an array of shape {tuple(X.shape)}", remedy))
    if isinstance(X, dict | set | frozenset) or not isinstance(X, Iterable):
        raise InvalidInputError(must("X", owner, rule, type(X).__name__, "Give a list of strings."))
    if hasattr(X, "to_pylist"):  # Arrow
        X = X.to_pylist()
    return [str(text) if isinstance(text, np.str_) else text for text in X]


def _shown(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _SHOWN:
        return value[:_SHOWN] + "..."
    return value


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model knows, in the order of their numbers: the four of :data:`MARKS`, then words.

    Without the marks in front, or with a token twice, it raises InvalidInputError.

    >>> vocabulary = Vocabulary.of([["a", "film"], ["a", "book"]], min_count=2)
    >>> vocabulary.tokens
    ('<pad>', '<unk>', '<s>', '</s>', 'a')
    >>> vocabulary.encode([["a", "film"], ["a"]])
    array([[4, 1, 3],
           [4, 3, 0]])
    """

    tokens: tuple[str, ...]
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = {token: number for number, token in enumerate(self.tokens)}
        if self.tokens[: len(MARKS)] != MARKS or len(numbers) != len(self.tokens):
            remedy = "Make one with Vocabulary.of."
            rule = f"the marks {MARKS} and then words, each once"
            raise InvalidInputError(must("tokens", "Vocabulary", rule, self.tokens[:6], remedy))
        object.__setattr__(self, "_numbers", numbers)

    @classmethod
    def of(
        cls, sentences: Iterable[Sequence[str]], min_count: int = 1, most: int | None = None
    ) -> Vocabulary:
        """Return the vocabulary of tokenised `sentences`: tokens seen `min_count` times, `most` of them at most.

        Equally frequent tokens are in the order of the alphabet, so the order of the sentences does not matter.
        """
        counts = Counter(token for sentence in sentences for token in sentence)
        ranking = sorted((-count, token) for token, count in counts.items() if count >= min_count)
        return cls(MARKS + tuple(token for _, token in ranking[:most] if token not in MARKS))

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, sentences: Sequence[Sequence[str]]) -> NDArray[np.int64]:
        """Return (sentences, longest + 1) token numbers: unknown tokens as such, an end, then padding."""
        numbers = self._numbers
        longest = max((len(sentence) for sentence in sentences), default=0)
        encoded = np.full((len(sentences), longest + 1), PADDING, dtype=np.int64)
        for row, sentence in enumerate(sentences):
            encoded[row, : len(sentence)] = [numbers.get(token, UNKNOWN) for token in sentence]
            encoded[row, len(sentence)] = END
        return encoded
