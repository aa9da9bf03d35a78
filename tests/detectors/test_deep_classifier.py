"""DeepClassifier: cross-entropy by hand, what labels do, what moves, and that it needs known anomalies."""

import math
import warnings

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

import askew
from askew import objectives
from askew.errors import HealthWarning, InvalidInputError, LabelError, TrainingError
from askew.inputs.spec import TableSpec
from askew.training import Batch

F64 = torch.float64


def fitted(X, y, **params):
    settings = {"training__epochs": 30, "training__lr": 5e-3, "random_state": 0} | params
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HealthWarning)
        return askew.DeepClassifier().set_params(**settings).fit(X, y)


def planted(seed, anomalies=12):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, 4))
    X[:anomalies, :2] += 4.0
    return X, np.where(np.arange(200) < anomalies, -1, 0)


def test_cross_entropy_by_hand_on_three_points():
    logit = torch.tensor([0.0, 2.0, 2.0], dtype=F64)
    loss = objectives.cross_entropy(logit, torch.tensor([0, 1, -1]))
    # log 2, log(1 + e²), log(1 + e⁻²)
    assert loss.tolist() == pytest.approx(
        [math.log(2), math.log1p(math.exp(2)), math.log1p(math.exp(-2))], rel=1e-14
    )


def test_cross_entropy_is_finite_for_large_logits():
    loss = objectives.cross_entropy(torch.tensor([1e4, -1e4, 1e4]), torch.tensor([0, -1, -1]))
    assert loss.tolist() == [1e4, 1e4, 0.0]


@pytest.mark.parametrize("label, sign", [(0, 1.0), (1, 1.0), (-1, -1.0)])
def test_gradient_raises_the_logit_of_known_anomalies_alone(label, sign):
    logit = torch.tensor([-1.0, 0.0, 3.0], dtype=F64).requires_grad_()
    loss = objectives.cross_entropy(logit, torch.full((3,), label)).sum()
    (gradient,) = torch.autograd.grad(loss, logit)
    assert (gradient.sign() == sign).all()


@pytest.mark.parametrize("shape", [(3, 1), (1, 3), (1,), ()])
def test_labels_that_would_broadcast_are_refused(shape):
    with pytest.raises(ValueError, match=r"labels of cross_entropy must have the shape of logit, \(3,\)"):
        objectives.cross_entropy(torch.zeros(3), torch.zeros(shape))


def test_loss_reaches_every_parameter_and_gives_one_number_per_member():
    detector = askew.DeepClassifier()
    networks = detector._build(TableSpec(5))
    x, y = torch.randn(8, 5), torch.tensor([-1.0, 0, 0, 0, 1, 0, -1, 0])
    loss = detector._loss(networks, Batch(x, y, None, {}, 0))
    assert loss.shape == ()
    loss.backward()
    for network in networks.values():
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
    assert networks["head"].weight.grad.abs().sum() > 0
    assert networks["encoder"][0].weight.grad.abs().sum() > 0


def test_one_stage_on_all_rows_moves_both_networks():
    detector = askew.DeepClassifier()
    (stage,) = detector._stages(detector._settings())
    assert [(step.rows, step.moves) for step in stage.steps] == [("all", ("encoder", "head"))]
    assert [stage.lr_at(epoch) for epoch in (0, 49, 50)] == pytest.approx([1e-4, 1e-4, 1e-5])


def test_labelled_kind_is_found_on_new_rows():
    test, truth = planted(seed=1, anomalies=60)
    found = fitted(*planted(seed=0))
    assert roc_auc_score(truth < 0, found.anomaly_score(test)) > 0.95


def test_score_is_minus_the_logit_of_the_member():
    X, y = planted(seed=0)
    detector = fitted(X, y, scale=None, training__epochs=2)
    (member,) = detector.members_
    logit = member.networks["head"](member.networks["encoder"](torch.from_numpy(X)))
    np.testing.assert_allclose(detector.score_samples(X), -logit[:, 0].numpy(), rtol=1e-12)
    np.testing.assert_allclose(
        detector.encode(X), member.networks["encoder"](torch.from_numpy(X)).numpy(), rtol=1e-12
    )


def test_unlabelled_and_known_normal_rows_are_the_same_to_it():
    X, y = planted(seed=0)
    np.testing.assert_array_equal(
        fitted(X, y).score_samples(X), fitted(X, np.where(y < 0, -1, 1)).score_samples(X)
    )


@pytest.mark.parametrize("y", [None, np.zeros(200, dtype=int), np.ones(200, dtype=int)])
def test_without_known_anomalies_it_refuses_and_says_what_to_do(y):
    remedy = (
        r"y of DeepClassifier must be labels with at least one -1 .*; got \{[01]: 200\}.* such as Isolation"
    )
    with pytest.raises(LabelError, match=remedy):
        fitted(planted(seed=0)[0], None if y is None else askew.labels.ours(y))


def test_network_may_be_a_module_a_pair_or_a_function():
    X, y = planted(seed=0)
    encoder = nn.Sequential(nn.Linear(4, 3), nn.Tanh())
    for network in (encoder, (encoder, nn.Linear(3, 4)), lambda spec: nn.Linear(spec.n_features, 3)):
        assert fitted(X, y, network=network, n_members=2).encode(X).shape == (200, 3)


def test_network_that_keeps_no_row_axis_is_refused():
    with pytest.raises(InvalidInputError, match="network of DeepClassifier must be an encoder to"):
        fitted(*planted(seed=0), network=nn.Flatten(0))


def test_saved_and_loaded_it_scores_the_same(tmp_path):
    X, y = planted(seed=0)
    detector = fitted(X, y, n_members=2)
    detector.save(tmp_path / "model.askew")
    loaded = askew.load(tmp_path / "model.askew")
    np.testing.assert_array_equal(loaded.score_samples(X), detector.score_samples(X))


def test_numbers_that_batch_norm_cannot_hold_are_a_failure():
    # squares of 1e30 are infinite in float32, and BatchNorm divides by them: every row would get one score
    X, y = planted(seed=0)
    with pytest.raises(TrainingError, match="the BatchNorm statistics became NaN or infinite"):
        fitted(X * 1e30, y, scale=None)
