"""The sentence networks: padding and neighbours do not matter, and the decoder sees no word before its turn."""

import numpy as np
import pytest
import torch

from askew.inputs.text import END, START, UNKNOWN
from askew.networks import SentenceDecoder, SentenceEncoder, WordDropout, word_embedding

TOKENS = torch.tensor([[5, 6, 7, END], [8, END, 0, 0], [6, 5, END, 0]])
VOCABULARY = 9


def networks(pooling="mean"):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        words = torch.nn.Embedding(VOCABULARY, 4)
        parts = words, SentenceEncoder(4, 6, 3, pooling), SentenceDecoder(VOCABULARY, 4, 6, 3)
        return tuple(part.double().eval() for part in parts)


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_a_code_does_not_depend_on_padding_or_neighbours(pooling):
    words, encoder, _ = networks(pooling)
    together = encoder(words(TOKENS), TOKENS)
    assert together.shape == (3, 6)
    padded = torch.nn.functional.pad(TOKENS, (0, 3))
    torch.testing.assert_close(encoder(words(padded), padded), together)
    for row, n in enumerate((4, 2, 3)):
        alone = TOKENS[row : row + 1, :n]
        torch.testing.assert_close(encoder(words(alone), alone), together[row : row + 1])


def test_last_and_mean_pooling_differ_for_sentences_of_several_tokens():
    words, last, _ = networks("last")
    mean = networks("mean")[1]
    difference = (last(words(TOKENS), TOKENS) - mean(words(TOKENS), TOKENS)).abs().sum(1)
    assert (difference > 1e-6).all()
    first = TOKENS[:, :1]
    torch.testing.assert_close(last(words(first), first), mean(words(first), first))


def test_logits_are_those_of_the_tokens_in_order_and_the_code_matters():
    words, _, decoder = networks()
    fed = words(WordDropout().eval()(TOKENS))
    z = torch.ones(3, 3, dtype=torch.float64)
    logits = decoder(z, fed, TOKENS)
    assert logits.shape == (9, VOCABULARY)
    alone = decoder(z[:1], fed[1:2, :2], TOKENS[1:2, :2])
    torch.testing.assert_close(logits[4:6], alone)
    assert (decoder(-z, fed, TOKENS) - logits).abs().min() > 0


def test_a_token_is_predicted_from_those_before_it_alone():
    words, _, decoder = networks()
    dropout, z = WordDropout().eval(), torch.zeros(1, 3, dtype=torch.float64)
    other = TOKENS[:1].clone()
    other[0, 2] = 8
    one, two = (decoder(z, words(dropout(tokens)), tokens) for tokens in (TOKENS[:1], other))
    torch.testing.assert_close(one[:3], two[:3])
    assert (one[3] - two[3]).abs().max() > 1e-6


def test_words_are_fed_one_place_later_and_forgotten_while_training_alone():
    dropout = WordDropout(0.5)
    shifted = torch.cat([torch.full((3, 1), START), TOKENS[:, :-1]], dim=1)
    assert torch.equal(dropout.eval()(TOKENS), shifted)
    many = torch.full((200, 50), 5)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        fed = dropout.train()(many)
    assert (fed[:, 0] == START).all()
    assert set(fed[:, 1:].unique().tolist()) == {5, UNKNOWN}
    assert 0.48 < (fed[:, 1:] == UNKNOWN).double().mean() < 0.52
    assert torch.equal(WordDropout(0.0).train()(TOKENS), shifted)


def test_word_vectors_begin_as_given_and_the_rest_at_their_spread():
    tokens = ["<pad>", *(f"w{i}" for i in range(400)), "film"]
    rng = np.random.default_rng(0)
    given = {f"w{i}": rng.normal(scale=0.3, size=20).astype(np.float32) for i in range(200)}
    layer = word_embedding(tokens, 20, given)
    np.testing.assert_array_equal(layer.weight[1].detach(), given["w0"])
    assert layer.weight.shape == (402, 20) and layer.weight.requires_grad
    assert 0.27 < layer.weight[201:].std() < 0.33
    assert 0.9 < word_embedding(tokens, 20).weight.std() < 1.1
