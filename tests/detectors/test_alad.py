"""ALAD: its losses and four scores by hand, who learns from what, and rows off the manifold."""

import math

import numpy as np
import pytest
import torch
from image_cases import bars, for_images, same_together
from image_cases import fitted as fitted_to_images
from recipe import Member, auroc, f64, manifold, stages_of, step_of
from torch import nn

import askew
from askew.errors import InvalidInputError
from askew.inputs.spec import ImageSpec, TableSpec
from askew.training import Batch
from detector_cases import calmly, quick, scored_by, table

X, Y = table()


def alad(**params):
    return askew.ALAD(**({"random_state": 0} | params))


# codes of two numbers: E(x) = x/2 and G(z) = z + 1; D_xz is the sum of x minus the first of z; D_xx and D_zz
# are 1/2 and 0, minus 1/4 and 1/2 of the summed difference; the feature of D_xx is that difference, and twice
# the second of x'
HAND = {
    "encoder": lambda x: 0.5 * x,
    "decoder": lambda z: z + 1.0,
    "joint": lambda x, z: x.sum(-1, keepdim=True) - z[..., :1],
    "critic": lambda p: torch.stack([(p[..., :2] - p[..., 2:]).sum(-1), 2.0 * p[..., 3]], dim=-1),
    "value": lambda f: 0.5 - 0.25 * f[..., :1],
    "codes": lambda p: -0.5 * (p[..., :2] - p[..., 2:]).sum(-1, keepdim=True),
}
ROWS = f64([2.0, 4.0], [-2.0, 0.0], [6.0, 0.0])
CODES = f64([0.5, 1.0], [-1.0, 0.0], [0.0, 2.0])


def hand_batch():
    return Batch(ROWS, torch.zeros(3), CODES.unsqueeze(0), {}, 0)


def own(spec):
    return nn.Linear(spec.n_features, 2), nn.Linear(2, spec.n_features)


def log_sigmoid(value):
    return -math.log(1.0 + math.exp(-value))


def mean(values):
    return sum(values) / len(values)


# E(x), G(E(x)): (1, 2) -> (2, 3); (-1, 0) -> (0, 1); (3, 0) -> (4, 1)
OF_ENCODED = [6.0 - 1.0, -2.0 + 1.0, 6.0 - 3.0]
OF_MADE = [3.5 - 0.5, 1.0 + 1.0, 4.0 - 0.0]  # G(z): (1.5, 2), (0, 1), (1, 3)
OF_ROUND_TRIPS = [0.5 - 0.25 * d for d in (1.0, -3.0, 1.0)]  # x - G(E(x)): (0, 1), (-2, -1), (2, -1)
OF_CODES = [-0.5 * -0.25, -0.5 * -1.5, -0.5 * 0.0]  # E(G(z)): (.75, 1), (0, .5), (.5, 1.5)


def test_the_discriminators_minimise_minus_v_by_hand():
    v = mean([log_sigmoid(d) for d in OF_ENCODED]) + mean([log_sigmoid(-d) for d in OF_MADE])
    for real, judged in ((0.5, OF_ROUND_TRIPS), (0.0, OF_CODES)):  # D_xx(x, x) and D_zz(z, z) come first
        v += log_sigmoid(real) + mean([log_sigmoid(-d) for d in judged])
    found = step_of(alad(network=own), "discriminators").loss(HAND, hand_batch())
    assert found.item() == pytest.approx(-v, rel=1e-12)


def test_encoder_and_generator_minimise_it_with_labels_swapped_by_hand():
    expected = -mean([log_sigmoid(-d) for d in OF_ENCODED])
    for judged in (OF_MADE, OF_ROUND_TRIPS, OF_CODES):
        expected -= mean([log_sigmoid(d) for d in judged])
    found = step_of(alad(network=own), "generator").loss(HAND, hand_batch())
    assert found.item() == pytest.approx(expected, rel=1e-12)


def test_the_four_scores_by_hand():
    def scores(score_by):
        return alad(score_by=score_by)._row_scores(Member(HAND), ROWS).tolist()

    # x - G(E(x)): what f sees the sum of first, and twice the second of G(E(x)) beside that of x
    differences = [(0.0, 1.0), (-2.0, -1.0), (2.0, -1.0)]
    assert scores("features") == pytest.approx([-(abs(a + b) + 2 * abs(b)) for a, b in differences])
    assert scores("logits") == pytest.approx([log_sigmoid(d) for d in OF_ROUND_TRIPS])
    assert scores("l1") == pytest.approx([-(abs(a) + abs(b)) for a, b in differences])
    assert scores("l2") == pytest.approx([-math.hypot(a, b) for a, b in differences])


@pytest.mark.parametrize("spec", [TableSpec(5), ImageSpec(1, 16, 16)], ids=str)
def test_each_step_moves_its_own_networks_and_reaches_all_their_parameters(spec):
    detector = alad(code_size=6)
    axes = (5,) if isinstance(spec, TableSpec) else (1, 16, 16)
    detector._learned(np.zeros((2, *axes)), None)
    (stage,) = detector._stages(detector._settings())
    torch.manual_seed(0)
    networks = detector._build(spec)
    batch = Batch(torch.rand(20, spec.n_features), torch.zeros(20), torch.randn(1, 20, 6), {}, 0)
    parameters = {name: list(network.parameters()) for name, network in networks.items()}
    everything = [p for group in parameters.values() for p in group]
    moved = []
    for step in stage.steps:
        found = torch.autograd.grad(step.loss(networks, batch), everything, allow_unused=True)
        reached = dict(zip(map(id, everything), found, strict=True))
        assert all(reached[id(p)].abs().sum() > 0 for name in step.moves for p in parameters[name])
        if step.name == "discriminators":
            assert all(reached[id(p)] is None for p in parameters["encoder"] + parameters["decoder"])
        moved += step.moves
    assert sorted(moved) == sorted(networks) and stage.steps[1].follows
    assert stage.betas == dict.fromkeys(networks, (0.5, 0.999)) and stage.averaged == 0.999


def test_rows_off_the_manifold_are_found_by_all_scores():
    settings = {"training__epochs": 40, "training__lr": 1e-3}
    detector = calmly(alad(code_size=2).set_params(**settings).fit, manifold(250, 0))
    for score_by in ("features", "logits", "l1", "l2"):
        scored_by(detector, score_by)
        assert auroc(detector, manifold(200, 1), manifold(200, 2, shift=2.0)) > 0.7, score_by


def test_known_anomalies_are_left_out():
    moved = X.copy()
    moved[Y < 0] += 100.0
    models = [calmly(quick("alad", n_members=1).fit, rows, Y) for rows in (X, moved)]
    np.testing.assert_array_equal(*(model.score_samples(X) for model in models))


@pytest.mark.parametrize(
    "params",
    [
        {"code_size": 3},
        {"spectral_norm": True},
        {"dropout": 0.0},
        {"averaging": 0.0},
        {"averaging": 0.1},
        {"score_by": "l1"},
    ],
    ids=str,
)
def test_every_option_changes_the_model(params):
    def scores(**options):
        return calmly(quick("alad", n_members=1, **options).fit, X).score_samples(X)

    assert np.abs(scores(**params) - scores()).max() > 1e-6


def test_images_have_spectral_norm_by_themselves_and_wider_codes():
    def built(spec, **params):
        networks = alad(**params)._build(spec)
        spectral = [any("parametrizations" in key for key in n.state_dict()) for n in networks.values()]
        return networks["encoder"](torch.zeros(2, spec.n_features)).shape[1], sum(spectral)

    image = ImageSpec(1, 16, 16)
    assert (built(image), built(TableSpec(5))) == ((100, 4), (32, 0))  # encoder, D_xz, D_xx and D_zz
    assert built(image, spectral_norm=False, code_size=9) == (9, 0)
    assert built(TableSpec(5), spectral_norm=True) == (32, 4)


IMAGES = bars(24, seed=0)


def test_images_of_both_kinds_are_learned_saved_and_loaded(tmp_path):
    for images in (IMAGES[:12], np.repeat(IMAGES[:6], 3, axis=1)):
        detector = fitted_to_images(askew.ALAD, images, training__epochs=2)
        scores = detector.score_samples(images)
        assert np.isfinite(scores).all() and np.unique(scores).size == len(images)
        np.testing.assert_allclose(detector.score_samples(images[3:4]), scores[3:4], rtol=1e-3)
        again = fitted_to_images(askew.ALAD, images, training__epochs=2)
        np.testing.assert_array_equal(again.score_samples(images), scores)
        detector.save(tmp_path / "m.askew")
        np.testing.assert_array_equal(askew.load(tmp_path / "m.askew").score_samples(images), scores)
        shown = detector._expected(detector.members_[0], torch.rand(2, images[0].size))
        assert (shown >= 0).all() and (shown <= 1).all()


def test_without_spectral_norm_and_dropout_members_train_together():
    detector, spec = for_images(askew.ALAD, IMAGES, spectral_norm=False, dropout=0.0, code_size=5)
    for step in detector._stages(detector._settings())[0].steps:
        torch.testing.assert_close(*same_together(detector, spec, step, 5), rtol=1e-4, atol=1e-5)


def test_networks_of_ones_own_decide_the_width_of_the_code():
    detector = calmly(quick("alad", network=own, n_members=1).fit, X)
    assert detector.encode(X).shape == (60, 2)
    assert stages_of(alad(network=own), 4)[0].steps[0].noise == (1, 2)


def test_a_generator_that_does_not_fit_is_refused():
    wrong = (nn.Linear(4, 2), nn.Linear(2, 3))
    with pytest.raises(
        InvalidInputError, match=r"network of ALAD must be a decoder from \(2,\) to \(4,\).*got .2, 3."
    ):
        quick("alad", network=wrong).fit(X)
    with pytest.raises(InvalidInputError, match="network of ALAD"):
        alad(network="infogan").fit(IMAGES)


def test_a_collapsed_discriminator_of_rows_is_reported():
    detector = calmly(quick("alad", n_members=1).fit, X)
    problems = detector._problems(X, Y, detector.score_samples(X))
    assert not any("critic collapse" in problem for problem in problems if problem)
    with torch.no_grad():
        detector.members_[0].networks["value"].weight.zero_()
    problems = detector._problems(X, Y, detector.score_samples(X))
    assert any("critic collapse" in problem for problem in problems if problem)
