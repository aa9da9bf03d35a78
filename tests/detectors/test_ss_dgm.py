"""SSDGM: M2's loss by hand, what labels do, what moves in which stage, and both models."""

import math
import warnings

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

import askew
from askew.base.preparation.image_rows import ImageInput
from askew.errors import HealthWarning, InvalidInputError, LabelError
from askew.inputs.spec import TableSpec
from askew.training import Batch

F64 = torch.float64
MODELS = pytest.mark.parametrize("model", ["m2", "m1+m2"])
M2 = ("encoder", "decoder", "classifier")


def fitted(X, y, **params):
    settings = {"training__epochs": 30, "training__pretrain_epochs": 20, "training__lr": 5e-3}
    settings |= {"random_state": 0} | params
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HealthWarning)
        return askew.SSDGM().set_params(**settings).fit(X, y)


def planted(seed, anomalies=12):
    """Return rows with a kind of anomaly first, half of the others known to be normal."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, 4))
    X[:anomalies, :2] += 4.0
    rows = np.arange(200)
    return X, np.where(rows < anomalies, -1, rows % 2)


def built(model="m2", columns=4, **params):
    torch.manual_seed(0)
    detector = askew.SSDGM(model=model, **params)
    return detector, {k: v.double() for k, v in detector._build(TableSpec(columns)).items()}


def batch_of(x, y, noise):
    y = torch.tensor(y, dtype=F64)
    constants = {"labelled_share": (y != 0).double().mean().reshape(1, 1)}
    return Batch(x, y, noise[None], constants, 0)


def bound_of(networks, x, label, noise):
    """Return -log p(x|y,z) + KL - log p(y) of one row, straight from the definition."""
    row = torch.cat([x, label])
    mu, log_var = networks["encoder"](row).chunk(2)
    z = mu + torch.exp(log_var / 2) * noise
    x_hat = networks["decoder"](torch.cat([z, label]))
    kl = torch.distributions.kl_divergence(
        torch.distributions.Normal(mu, torch.exp(log_var / 2)), torch.distributions.Normal(0.0, 1.0)
    ).sum()
    return 0.5 * ((x - x_hat) ** 2).sum() + kl - math.log(0.5)


def test_m2_loss_by_hand_on_three_points():
    detector, networks = built(alpha=0.7)
    generator = torch.Generator().manual_seed(1)
    x, noise = (
        torch.randn(3, 4, generator=generator, dtype=F64),
        torch.randn(3, 4, generator=generator, dtype=F64),
    )
    normal, anomaly = torch.tensor([1.0, 0.0], dtype=F64), torch.tensor([0.0, 1.0], dtype=F64)
    q = torch.sigmoid(networks["classifier"](x))[:, 0]  # of the anomaly
    rows = [bound_of(networks, x[0], anomaly, noise[0]), bound_of(networks, x[1], normal, noise[1])]
    either = [bound_of(networks, x[2], label, noise[2]) for label in (normal, anomaly)]
    rows.append((1 - q[2]) * (either[0] + torch.log(1 - q[2])) + q[2] * (either[1] + torch.log(q[2])))
    classification = -(torch.log(q[0]) + torch.log(1 - q[1])) / 2  # the mean over the labelled rows
    expected = sum(rows) / 3 + 0.7 * classification
    found = detector._m2_loss(networks, batch_of(x, [-1, 1, 0], noise))
    assert found.item() == pytest.approx(expected.item(), rel=1e-12)


def of_images(model="m2", shape=(1, 16, 16), **params):
    detector = askew.SSDGM(model=model, **params)
    detector._input = ImageInput().know(shape, True)
    return detector, {k: v.double() for k, v in detector._build(detector._spec()).items()}


def test_pixels_are_bernoulli_variables_summed_over_the_image():
    detector, networks = of_images()
    x, logits = torch.tensor([[0.25, 1.0], [0.0, 0.5]], dtype=F64), torch.tensor([[1.0, -2.0], [3.0, 0.0]])
    p = torch.sigmoid(logits.double())
    expected = -(x * p.log() + (1 - x) * (1 - p).log()).sum(-1)
    torch.testing.assert_close(detector._pixels_or_columns(x, logits.double()), expected)
    networks["decoder"][-1].weight.data.zero_()
    networks["decoder"][-1].bias.data.fill_(3.0)  # every pixel is 1 with probability sigmoid(3)
    for layer in (networks["encoder"][-1], networks["classifier"][-1]):
        layer.weight.data.zero_()
        layer.bias.data.zero_()
    white = torch.ones(2, 256, dtype=F64)
    found = detector._m2_loss(networks, batch_of(white, [1, -1], torch.zeros(2, 64, dtype=F64)))
    bit = math.log(
        2
    )  # of the label's prior; KL is 0; alpha weighs as much for the classifier that says one half
    assert found.item() == pytest.approx(256 * math.log1p(math.exp(-3)) + bit + 0.1 * bit, rel=1e-6)


@pytest.mark.parametrize(
    "network, widths",
    [("lenet_mnist", [128, 64, 64]), ("auto", [256, 128, 128]), ("lenet_cifar10", [512, 256, 256])],
)
def test_widths_of_images_are_those_of_the_reference(network, widths):
    _, networks = of_images(network=network)
    dense = [layer.out_features for layer in networks["encoder"] if isinstance(layer, nn.Linear)]
    assert dense == widths  # the last has means and log-variances
    assert any(isinstance(layer, nn.Conv2d) for layer in networks["classifier"].modules())


def test_the_classifier_of_images_knows_the_statistics_of_the_training_images():
    X = np.random.default_rng(0).integers(0, 256, (40, 1, 16, 16), dtype=np.uint8)
    detector = fitted(X, np.where(np.arange(40) < 5, -1, 0), training__epochs=1)
    norms = [
        m for m in detector.members_[0].networks["classifier"].modules() if isinstance(m, nn.BatchNorm2d)
    ]
    assert norms and all((norm.running_var != 1).any() for norm in norms)


def test_other_labels_give_another_loss():
    detector, networks = built()
    x, noise = torch.randn(3, 4, dtype=F64), torch.randn(3, 4, dtype=F64)
    losses = [detector._m2_loss(networks, batch_of(x, y, noise)).item() for y in ([-1, 1, 0], [1, 0, -1])]
    assert abs(losses[0] - losses[1]) > 1e-6


def test_gradient_step_raises_the_log_odds_of_a_known_anomaly():
    detector, networks = built(alpha=10.0)
    x, noise = torch.randn(3, 4, dtype=F64), torch.randn(3, 4, dtype=F64)
    before = networks["classifier"](x)[0].item()
    detector._m2_loss(networks, batch_of(x, [-1, 1, 0], noise)).backward()
    with torch.no_grad():
        for parameter in networks["classifier"].parameters():
            parameter -= 0.01 * parameter.grad
    assert networks["classifier"](x)[0].item() > before


@MODELS
def test_m2_step_reaches_m2_and_leaves_m1_alone(model):
    detector, networks = built(model)
    width = 4 if model == "m2" else 8
    x, noise = torch.randn(6, 4, dtype=F64), torch.randn(6, width, dtype=F64)
    detector._m2_loss(networks, batch_of(x, [-1, 1, 0, 0, 0, -1], noise)).backward()
    for name, network in networks.items():
        for key, parameter in network.named_parameters():
            reached = parameter.grad is not None and bool(parameter.grad.abs().sum() > 0)
            assert reached == (name in M2), (name, key)


def test_m1_step_reaches_m1_alone():
    detector, networks = built("m1+m2")
    x, noise = torch.randn(6, 4, dtype=F64), torch.randn(6, 4, dtype=F64)
    detector._m1_loss(networks, batch_of(x, [-1, 1, 0, 0, 0, -1], noise)).backward()
    for name, network in networks.items():
        assert all((p.grad is not None) == name.startswith("m1_") for p in network.parameters()), name


def test_stages_move_what_they_should_on_all_rows():
    detector = fitted(*planted(seed=0), model="m1+m2", training__epochs=1)
    steps = [step for stage in detector._stages(detector._settings()) for step in stage.steps]
    assert [(step.rows, step.moves) for step in steps] == [("all", ("m1_encoder", "m1_decoder")), ("all", M2)]
    detector = fitted(*planted(seed=0), training__epochs=1)
    assert [stage.name for stage in detector._stages(detector._settings())] == ["m2"]


@MODELS
def test_labelled_kind_is_found_on_new_rows(model):
    test, _ = planted(seed=1, anomalies=60)
    found = fitted(*planted(seed=0), model=model)
    assert roc_auc_score(np.arange(200) < 60, found.anomaly_score(test)) > 0.9


@MODELS
def test_score_is_the_log_odds_of_the_classifier(model):
    X, y = planted(seed=0)
    detector = fitted(X, y, scale=None, model=model, training__epochs=2)
    (member,) = detector.members_
    seen = torch.from_numpy(X if model == "m2" else detector.encode(X))
    q = torch.sigmoid(member.networks["classifier"](seen))[:, 0].numpy()
    np.testing.assert_allclose(detector.score_samples(X), np.log1p(-q) - np.log(q), rtol=1e-9, atol=1e-9)


def test_known_normal_rows_change_the_model():
    X, y = planted(seed=0)
    assert np.abs(fitted(X, y).score_samples(X) - fitted(X, np.minimum(y, 0)).score_samples(X)).max() > 1e-3


def test_a_rarer_anomaly_prior_raises_the_odds_of_being_normal():
    X, y = planted(seed=0)
    y = np.minimum(y, 0)
    rare, even = (fitted(X, y, anomaly_prior=prior).score_samples(X[12:]).mean() for prior in (0.02, 0.5))
    assert rare > even


@MODELS
def test_members_together_equal_one_by_one(model):
    X, y = planted(seed=0)
    together = fitted(X, y, n_members=3, model=model, training__epochs=10)
    alone = fitted(X, y, n_members=3, model=model, training__epochs=10, training__members_at_once=1)
    np.testing.assert_allclose(together.member_scores(X), alone.member_scores(X), rtol=1e-3, atol=1e-4)


@MODELS
def test_saved_and_loaded_it_scores_the_same(tmp_path, model):
    X, y = planted(seed=0)
    detector = fitted(X, y, n_members=2, model=model, training__epochs=2)
    detector.save(tmp_path / "model.askew")
    np.testing.assert_array_equal(
        askew.load(tmp_path / "model.askew").score_samples(X), detector.score_samples(X)
    )


@pytest.mark.parametrize("model, extra", [("m2", 2), ("m1+m2", 0)])
def test_network_of_ones_own(model, extra):
    X, y = planted(seed=0)

    def network(spec):
        return nn.Linear(spec.n_features + extra, 6), nn.Linear(3 + extra, spec.n_features)

    assert fitted(X, y, network=network, model=model, training__epochs=1).encode(X).shape == (200, 3)
    wrong = (nn.Linear(4 + extra, 6), nn.Linear(3 + extra, 5))
    with pytest.raises(InvalidInputError, match=rf"a decoder from \({3 + extra},\) to \(4,\)"):
        fitted(X, y, network=wrong, model=model)


@pytest.mark.parametrize("y", [None, np.ones(200, dtype=int)])
def test_without_known_anomalies_it_refuses(y):
    with pytest.raises(LabelError, match=r"y of SSDGM must be labels with at least one -1 \(known anomaly\)"):
        fitted(planted(seed=0)[0], None if y is None else askew.labels.ours(y))


@pytest.mark.parametrize(
    "name, value, rule",
    [
        ("model", "m3", '"m2" or "m1[+]m2"'),
        ("alpha", -0.1, "a finite number of at least 0"),
        ("anomaly_prior", 0.0, r"in \(0, 1\)"),
    ],
)
def test_parameters_out_of_range_are_refused(name, value, rule):
    with pytest.raises(InvalidInputError, match=f"{name} of SSDGM must be {rule}; got {value!r}"):
        fitted(*planted(seed=0), **{name: value})
