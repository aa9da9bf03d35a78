"""The negative log-likelihood of tokens, against sums made by hand."""

import pytest
import torch

from askew.objectives import token_nll

F64 = torch.float64
TOKENS = torch.tensor([[1, 2, 0], [3, 0, 0], [2, 2, 1]])


def test_each_row_is_the_sum_of_its_own_tokens():
    logits = torch.randn(6, 4, dtype=F64, generator=torch.Generator().manual_seed(0))
    each = -logits.log_softmax(1)
    by_hand = [each[0, 1] + each[1, 2], each[2, 3], each[3, 2] + each[4, 2] + each[5, 1]]
    torch.testing.assert_close(token_nll(logits, TOKENS), torch.stack(by_hand))
    means = torch.stack(by_hand) / torch.tensor([2, 1, 3])
    torch.testing.assert_close(token_nll(logits, TOKENS, reduction="mean"), means)


def test_padding_may_be_another_number():
    logits = torch.zeros(6, 4, dtype=F64)
    found = token_nll(logits, TOKENS, padding=2)
    assert (found / torch.tensor(4.0).log()).round().tolist() == [2, 3, 1]


def test_gradients_reach_the_logits_of_every_token():
    logits = torch.zeros(6, 4, requires_grad=True)
    token_nll(logits, TOKENS).sum().backward()
    assert (logits.grad.abs().sum(1) > 0).all()


def test_logits_for_other_tokens_are_refused():
    with pytest.raises(ValueError, match="one line per token, 6; got 5"):
        token_nll(torch.zeros(5, 4), TOKENS)
    with pytest.raises(ValueError, match="reduction of token_nll"):
        token_nll(torch.zeros(6, 4), TOKENS, reduction="max")
