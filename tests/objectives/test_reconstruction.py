"""Reconstruction error: which axes it reads, and what it refuses."""

import pytest
import torch

from askew import objectives
from askew.objectives import token_nll

F64 = torch.float64
X = torch.tensor([[0.0, 2.0, 4.0], [1.0, 1.0, 1.0]], dtype=F64)
X_HAT = torch.tensor([[1.0, 0.0, 4.0], [1.0, 1.0, 4.0]], dtype=F64)


def test_mean_and_sum_by_hand():
    assert objectives.reconstruction_error(X, X_HAT).tolist() == pytest.approx([5.0 / 3.0, 3.0], rel=1e-15)
    assert objectives.reconstruction_error(X, X_HAT, reduction="sum").tolist() == [5.0, 9.0]


def test_sum_is_minus_log_likelihood_of_variance_one_half_up_to_its_constant():
    likelihood = torch.distributions.Normal(X_HAT, 0.5**0.5).log_prob(X).sum(-1)
    error = objectives.reconstruction_error(X, X_HAT, reduction="sum")
    constant = -3 * 0.5 * torch.log(torch.tensor(torch.pi, dtype=F64))
    torch.testing.assert_close(-error + constant, likelihood, rtol=1e-12, atol=0)


def test_images_are_reduced_over_channels_height_and_width():
    x = torch.zeros(2, 3, 4, 5)
    x_hat = torch.ones(2, 3, 4, 5)
    assert objectives.reconstruction_error(x, x_hat, reduction="sum", event_dims=3).tolist() == [60.0, 60.0]


def test_members_in_front_equal_a_loop():
    x = torch.stack([X, X + 1.0])
    x_hat = torch.stack([X_HAT, X_HAT * 2.0])
    together = objectives.reconstruction_error(x, x_hat)
    for m in range(2):
        torch.testing.assert_close(
            together[m], objectives.reconstruction_error(x[m], x_hat[m]), rtol=0, atol=0
        )


@pytest.mark.parametrize("shape", [(1, 3), (2, 1), (3,), (2, 3, 1)])
def test_shapes_that_would_broadcast_are_refused(shape):
    with pytest.raises(
        ValueError, match="x_hat of reconstruction_error must have the rows and features of x"
    ):
        objectives.reconstruction_error(X, torch.zeros(shape, dtype=F64))


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ValueError, match='reduction of reconstruction_error must be "mean" or "sum"'):
        objectives.reconstruction_error(X, X_HAT, reduction="average")


def test_gradcheck():
    x_hat = X_HAT.clone().requires_grad_()
    for reduction in ("mean", "sum"):
        assert torch.autograd.gradcheck(
            lambda v, r=reduction: objectives.reconstruction_error(X, v, reduction=r), (x_hat,)
        )


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


@pytest.mark.parametrize("event", [(3,), (2, 3)])
def test_leading_axes_broadcast_and_rows_do_not(event):
    x = torch.rand(4, *event)
    of_members = torch.stack([x + 1.0, x + 2.0])
    found = objectives.reconstruction_error(x, of_members, event_dims=len(event))
    torch.testing.assert_close(found, torch.tensor([[1.0] * 4, [4.0] * 4]))
    with pytest.raises(
        ValueError, match="x_hat of reconstruction_error must have the rows and features of x"
    ):
        objectives.reconstruction_error(x, x[:1], event_dims=len(event))


LOGITS = torch.tensor([[0.5, -1.0, 2.0], [0.0, 3.0, -4.0]], dtype=F64)
CELLS = torch.tensor([[0.0, 0.25, 1.0], [1.0, 0.5, 0.0]], dtype=F64)


def test_cross_entropy_is_minus_the_log_likelihood_of_bernoulli_variables():
    p = LOGITS.sigmoid()
    wanted = -(CELLS * p.log() + (1 - CELLS) * (1 - p).log())
    for reduction in ("mean", "sum"):
        found = objectives.cross_entropy_error(CELLS, LOGITS, reduction=reduction)
        torch.testing.assert_close(found, getattr(wanted, reduction)(-1), rtol=1e-12, atol=0)


def test_cells_beyond_0_and_1_count_as_these():
    beyond = torch.where(CELLS == 1, 7.0, torch.where(CELLS == 0, -3.0, CELLS))
    error = objectives.cross_entropy_error(CELLS, LOGITS)
    torch.testing.assert_close(objectives.cross_entropy_error(beyond, LOGITS), error, rtol=0, atol=0)


def test_cross_entropy_refuses_what_would_broadcast_and_an_unknown_reduction():
    with pytest.raises(
        ValueError, match="logits of cross_entropy_error must have the rows and features of x"
    ):
        objectives.cross_entropy_error(CELLS, LOGITS[:1])
    with pytest.raises(ValueError, match='reduction of cross_entropy_error must be "mean" or "sum"'):
        objectives.cross_entropy_error(CELLS, LOGITS, reduction="average")
