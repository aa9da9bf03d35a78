"""Deep SVDD: one-class and soft-boundary losses, the centre, the radius, and the distance as the score."""

import math

import numpy as np
import pytest
import torch
from recipe import Member, auroc, batch, f64, manifold, stages_of, step_of
from torch import nn

import askew
from askew.errors import InvalidInputError
from askew.networks import mlp
from askew.training import Training
from detector_cases import calmly, fitted, quick, table

X, Y = table()
IDENTITY = {"encoder": lambda x: x}
CENTER = f64([1.0, 1.0])
ROWS = f64([1.0, 1.0], [1.0, 3.0], [4.0, 5.0])  # distances 0, 2, 5
STILL = Training(epochs=1, lr=1e-30)  # trains, but moves nothing


def keep(*weights):
    """Return a network function whose encoder is x @ weights, kept as it is given."""

    def build(spec):
        encoder = nn.Linear(spec.n_features, len(weights[0]), bias=False)
        encoder.weight.data = torch.from_numpy(np.array(weights, dtype=np.float32).T.copy())
        return encoder, nn.Linear(len(weights[0]), spec.n_features, bias=False)

    return build


def test_one_class_loss_by_hand():
    step = step_of(askew.DeepSVDD(), "distance")
    loss = step.loss(IDENTITY, batch(ROWS, center=CENTER))
    assert loss.item() == pytest.approx((0.0 + 4.0 + 25.0) / 3, rel=1e-12)


@pytest.mark.parametrize("epoch, radius", [(0, 0.0), (9, 0.0), (10, 2.0), (100, 2.0)])
def test_soft_boundary_loss_by_hand_before_and_after_the_warm_up(epoch, radius):
    # ν = ½: R is the median distance, 2
    step = step_of(askew.DeepSVDD(objective="soft-boundary", nu=0.5), "distance")
    outside = [max(0.0, d - radius**2) for d in (0.0, 4.0, 25.0)]
    expected = radius**2 + sum(outside) / (0.5 * 3)
    assert step.loss(IDENTITY, batch(ROWS, center=CENTER, epoch=epoch)).item() == pytest.approx(
        expected, rel=1e-12
    )


@pytest.mark.parametrize("nu", [0.01, 0.1, 0.37, 0.5, 1.0])
@pytest.mark.parametrize("rows", [1, 2, 7, 100])
def test_the_radius_is_the_quantile_of_the_distances(nu, rows):
    from askew.detectors.deep_svdd import radius_squared

    distance = torch.rand(3, rows, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    expected = np.quantile(np.sqrt(distance.numpy()), 1 - nu, axis=-1) ** 2
    np.testing.assert_allclose(radius_squared(distance, nu).numpy(), expected, rtol=1e-12)


def test_no_gradient_goes_through_the_radius():
    weight = f64([1.0, 0.0], [0.0, 1.0]).requires_grad_()
    step = step_of(askew.DeepSVDD(objective="soft-boundary", nu=0.25), "distance")
    loss = step.loss({"encoder": lambda x: x @ weight}, batch(ROWS, center=CENTER, epoch=10))
    (gradient,) = torch.autograd.grad(loss, weight)
    # R = 3.5: only the row outside pulls, by 2/(νn) x (φ - c)ᵀ
    by_hand = (2 / 0.75) * ROWS[2].unsqueeze(1) * (ROWS[2] - CENTER)
    torch.testing.assert_close(gradient, by_hand, rtol=1e-12, atol=1e-12)


def test_the_score_is_minus_the_distance_and_not_its_square():
    scores = askew.DeepSVDD()._row_scores(Member(IDENTITY, center=CENTER), ROWS)
    assert scores.tolist() == [0.0, -2.0, -5.0]


def test_both_stages_learn_from_the_rows_without_known_anomalies():
    pretrain, sphere = stages_of(askew.DeepSVDD())
    assert [step.rows for stage in (pretrain, sphere) for step in stage.steps] == ["normal", "normal"]
    assert pretrain.steps[0].moves == ("encoder", "decoder") and sphere.steps[0].moves == ("encoder",)


def still(center, y=Y, **options):
    """Fit a network that keeps its weights, and return the fitted centre and the codes of the rows."""
    weights = np.array([[1.0, 0.0], [0.5, 0.01], [0.0, 0.01], [2.0, 0.0]])
    detector = askew.DeepSVDD(
        network=keep(*weights),
        init="random",
        center=center,
        training=STILL,
        random_state=0,
        scale=None,
        **options,
    )
    calmly(detector.fit, X + 1.0, y)
    return detector.members_[0].constants["center"].numpy()[0], (X + 1.0) @ weights, detector


LABELLED = Y.copy()
LABELLED[-10:] = 1


@pytest.mark.parametrize(
    "center, rows",
    [("unlabelled", slice(6, None)), ("labelled", slice(-10, None)), ("all", slice(None))],
)
def test_the_centre_is_the_mean_code_of_the_rows_it_names(center, rows):
    found, codes, detector = still(center, LABELLED)
    mean = codes[rows].mean(axis=0)
    assert abs(mean[0]) > 0.1 and abs(mean[1]) < 0.1
    expected = [mean[0], math.copysign(0.1, mean[1])]  # the second lies within the margin
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    distances = np.linalg.norm(codes - expected, axis=1)
    np.testing.assert_allclose(detector.score_samples(X + 1.0), -distances, rtol=1e-4)


@pytest.mark.parametrize(
    "mean, pushed",
    [(0.05, 0.1), (-0.05, -0.1), (0.0, 0.1), (0.0999, 0.1), (0.1, 0.1), (0.2, 0.2), (-3.0, -3.0)],
)
def test_coordinates_of_the_centre_are_pushed_to_a_tenth(mean, pushed):
    detector = askew.DeepSVDD()
    found = detector._center(IDENTITY, f64([mean, 5.0], [mean, 5.0]), torch.tensor([0, 0]))["center"]
    assert found.shape == (1, 2)
    assert found[0].tolist() == pytest.approx([pushed, 5.0])


def test_a_centre_of_labelled_rows_needs_some():
    with pytest.raises(InvalidInputError, match=r"computed from rows labelled [+]1.*Label some rows"):
        still("labelled", Y)


def test_the_centre_is_computed_in_evaluation_mode():
    class Spy(nn.Linear):
        modes = []  # noqa: RUF012

        def forward(self, x):
            self.modes.append((self.training, len(x)))
            return super().forward(x)

    def build(spec):
        return Spy(4, 2, bias=False), nn.Linear(2, 4, bias=False)

    calmly(askew.DeepSVDD(network=build, init="random", training=STILL, random_state=0).fit, X, Y)
    assert (False, 54) in Spy.modes


@pytest.mark.parametrize("name", ["deep_svdd", "deep_sad"])
def test_an_autoencoder_trains_first_and_hands_its_encoder_over(name):
    """The public release never transferred these weights."""
    moved = {}
    for init in ("autoencoder", "random"):
        detector = quick(
            name,
            init=init,
            n_members=1,
            training=Training(epochs=1, pretrain_epochs=20, lr=1e-3, batch_size=100),
        )
        start = quick(name, n_members=1)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(
                askew.training.Member(0, detector._member_seeds()[0]).stream(0)
            )
            before = start._build(askew.inputs.spec.TableSpec(4))["encoder"]
        calmly(detector.fit, X, Y)
        (member,) = detector.members_
        assert ("autoencoder/reconstruction" in member.losses) == (init == "autoencoder")
        after = member.networks["encoder"]
        pairs = zip(before.parameters(), after.parameters(), strict=True)
        moved[init] = max((a - b).abs().max().item() for a, b in pairs)
    assert moved["random"] < 1.5e-3 < 5e-3 < moved["autoencoder"]  # one step against twenty


def test_pre_training_epochs_are_their_own():
    detector = fitted("deep_svdd", X, training__epochs=3, training__pretrain_epochs=5)
    losses = detector.members_[0].losses
    assert {k: len(v) for k, v in losses.items()} == {"autoencoder/reconstruction": 5, "sphere/distance": 3}


REFUSED = {
    "a bias": lambda: mlp((4, 8, 3)),
    "a BatchNorm with a shift": lambda: mlp((4, 8, 3), bias=False, batch_norm=True),
    "sigmoid": lambda: nn.Sequential(nn.Linear(4, 3, bias=False), nn.Sigmoid()),
    "tanh": lambda: nn.Sequential(nn.Linear(4, 3, bias=False), nn.Tanh(), nn.Linear(3, 3, bias=False)),
    "relu6": lambda: nn.Sequential(nn.Linear(4, 3, bias=False), nn.ReLU6()),
    "biases of another name": lambda: nn.Sequential(nn.Linear(4, 3, bias=False), Biased()),
}


class Biased(nn.Module):
    """A cell whose bias is called as in recurrent layers."""

    def __init__(self):
        super().__init__()
        self.bias_hh_l0 = nn.Parameter(torch.zeros(3))

    def forward(self, x):
        return x + self.bias_hh_l0


@pytest.mark.parametrize("name", ["deep_svdd", "deep_sad"])
@pytest.mark.parametrize("kind", REFUSED)
def test_networks_that_can_collapse_are_refused_unless_accepted(name, kind):
    network = (REFUSED[kind](), nn.Linear(3, 4))
    with pytest.raises(
        InvalidInputError, match=r"(?s)network of Deep.* must be .*hypersphere collapse.*allow_collapse=True"
    ):
        quick(name, network=network).fit(X, Y)
    detector = fitted(name, X, Y, network=network, allow_collapse=True)
    assert np.isfinite(detector.score_samples(X)).all()


def test_only_the_encoder_must_be_free_of_biases():
    assert (
        fitted("deep_svdd", X, network=(nn.Linear(4, 3, bias=False), nn.Linear(3, 4))).score_samples(X).size
    )


def test_the_default_network_has_no_bias_and_batch_norm_without_affine():
    encoder = fitted("deep_svdd", X).members_[0].networks["encoder"]
    assert all(not name.endswith("bias") for name, _ in encoder.named_parameters())
    norms = [m for m in encoder.modules() if isinstance(m, nn.BatchNorm1d)]
    assert norms and all(not m.affine and m.eps == 1e-4 for m in norms)


def test_objectives_give_different_models_and_nu_matters():
    soft = {
        nu: fitted("deep_svdd", X, objective="soft-boundary", nu=nu, training__epochs=15).score_samples(X)
        for nu in (0.05, 0.5)
    }
    one_class = fitted("deep_svdd", X, training__epochs=15).score_samples(X)
    assert np.abs(soft[0.05] - soft[0.5]).max() > 1e-4
    assert np.abs(one_class - soft[0.5]).max() > 1e-4


def test_a_code_that_collapses_is_reported():
    with pytest.warns(askew.errors.HealthWarning, match="DeepSVDD: .*(collapse|same score)"):
        askew.DeepSVDD(
            network=keep([0.0], [0.0], [0.0], [0.0]), init="random", training=STILL, random_state=0
        ).fit(X)


@pytest.mark.parametrize("objective", ["one-class", "soft-boundary"])
def test_planted_anomalies_beat_chance(objective):
    detector = fitted(
        "deep_svdd",
        manifold(200, seed=0),
        objective=objective,
        training__epochs=40,
        training__pretrain_epochs=40,
    )
    assert auroc(detector, manifold(200, seed=1), manifold(50, seed=2, shift=2.0)) > 0.7
