"""Skip-GANomaly: its losses and its score by hand, who moves, what it expected, and turned images."""

import math

import numpy as np
import pytest
import torch
from image_cases import bars, fitted, for_images, same_together
from recipe import F64, Member, auroc, batch, step_of
from torch import nn

from askew import SkipGANomaly
from askew.inputs import ImageSpec

X = bars(40, seed=0)
QUICK = {"filters": 4, "training__epochs": 2}

# images of two pixels: G halves them, f is their difference twice over, the log-odds are f's first number
PLAIN = {
    "generator": lambda x: 0.5 * x,
    "encoder": lambda x: (x[..., :1] - x[..., 1:]) * torch.tensor([1.0, 2.0], dtype=F64),
    "head": lambda f: f[..., :1],
}
ROWS = torch.tensor([[0.5, 1.0], [1.0, 0.0], [0.25, 0.75]], dtype=F64)
SEEN = [(0.0, 1.0), (1.0, -1.0), (-0.5, 0.5)]


def of_two_pixels(**params):
    """Return an unfitted detector of such images."""
    detector = SkipGANomaly(**params)
    detector._learned(np.zeros((2, 1, 1, 2)), None)
    return detector


def log_sigmoid(a):
    return -math.log1p(math.exp(-a))


def test_generator_loss_by_hand():
    weights = {"weight_adversarial": 2.0, "weight_contextual": 30.0, "weight_latent": 5.0}
    step = step_of(of_two_pixels(**weights), "generator")
    adversarial = -sum(log_sigmoid(0.5 * (a - b)) for a, b in SEEN) / 3
    contextual = sum(abs(0.5 * a) + abs(0.5 * b) for a, b in SEEN) / 6
    latent = sum((1 + 4) * (0.5 * (a - b)) ** 2 / 2 for a, b in SEEN) / 3
    expected = 2 * adversarial + 30 * contextual + 5 * latent
    assert step.loss(PLAIN, batch(ROWS)).item() == pytest.approx(expected)


def test_discriminator_loss_by_hand():
    step = step_of(of_two_pixels(), "discriminator")
    real = -sum(log_sigmoid(a - b) for a, b in SEEN) / 3
    made = -sum(log_sigmoid(-0.5 * (a - b)) for a, b in SEEN) / 3
    assert step.loss(PLAIN, batch(ROWS)).item() == pytest.approx(real + made)


def test_score_and_its_terms_by_hand():
    detector, member = of_two_pixels(residual_share=0.7), Member(PLAIN)
    residual = [((0.5 * a) ** 2, (0.5 * b) ** 2) for a, b in SEEN]
    latent = [2.5 * (0.5 * (a - b)) ** 2 for a, b in SEEN]
    expected = [-0.7 * sum(pixels) / 2 - 0.3 * code for pixels, code in zip(residual, latent, strict=True)]
    torch.testing.assert_close(detector._row_scores(member, ROWS), torch.tensor(expected, dtype=F64))
    pixels, code = detector._terms(member, ROWS)
    torch.testing.assert_close(pixels, -0.35 * torch.tensor(residual, dtype=F64))
    torch.testing.assert_close(code, -0.3 * torch.tensor(latent, dtype=F64))


def test_noise_is_on_what_the_generator_sees_alone():
    noise = torch.tensor([[[0.1, -0.2], [0.3, 0.0], [-0.1, 0.4]]], dtype=F64)
    seen = torch.tensor(SEEN, dtype=F64)
    given = []
    networks = PLAIN | {"generator": lambda x: given.append(x) or 0.5 * x}
    step = step_of(of_two_pixels(noise=0.5), "generator")
    assert step.noise == (1, 2)
    step.loss(networks, batch(ROWS, noise=noise))
    torch.testing.assert_close(given[0], seen + 0.5 * noise[0])
    of_two_pixels(noise=0.5)._row_scores(Member(networks), ROWS)
    torch.testing.assert_close(given[1], seen)


def test_each_step_moves_its_own_networks_and_reaches_every_parameter():
    detector, spec = for_images(SkipGANomaly, X, filters=4)
    torch.manual_seed(0)
    networks = detector._build(spec)
    for name, moves in (("generator", {"generator"}), ("discriminator", {"encoder", "head"})):
        step = step_of(detector, name, 256)
        assert set(step.moves) == moves
        moved = {f"{part}.{key}": p for part in step.moves for key, p in networks[part].named_parameters()}
        step.loss(networks, batch(torch.rand(6, 256))).backward(inputs=list(moved.values()))
        for key, p in moved.items():
            assert p.grad is not None and p.grad.abs().sum() > 0, key
            p.grad = None
    # reconstructions are constants to the discriminator
    step_of(detector, "discriminator", 256).loss(networks, batch(torch.rand(6, 256))).backward()
    assert all(p.grad is None for p in networks["generator"].parameters())


def test_both_steps_see_the_same_images_with_the_authors_optimiser():
    detector, _ = for_images(SkipGANomaly, X)
    (stage,) = detector._stages(detector._settings())
    assert [step.name for step in stage.steps] == ["generator", "discriminator"] and stage.steps[1].follows
    assert stage.betas == dict.fromkeys(("generator", "encoder", "head"), (0.5, 0.999))
    settings = detector._settings()
    assert (settings.epochs, settings.lr, settings.batch_size) == (15, 2e-4, 64)


def test_scores_are_in_evaluation_mode_with_the_training_images_statistics():
    detector = fitted(SkipGANomaly, X, **QUICK)
    member = detector.members_[0]
    norms = [m for part in member.networks.values() for m in part.modules() if isinstance(m, nn.BatchNorm2d)]
    assert norms and all(not m.training and m.running_mean.abs().sum() > 0 for m in norms)
    new = np.r_[bars(5, seed=1), bars(5, seed=2, upright=True)]
    alone = np.concatenate([detector.score_samples(image[None]) for image in new])
    np.testing.assert_allclose(detector.score_samples(new), alone, rtol=1e-4)


def test_what_it_expected_is_its_reconstruction_in_pixels_from_0_to_1():
    detector = fitted(SkipGANomaly, X, **QUICK)
    member, x = detector.members_[0], torch.from_numpy(X.reshape(40, -1) / 255.0).float()
    expected = detector._expected(member, x)
    assert expected.shape == (40, 256) and 0 <= expected.min() and expected.max() <= 1
    torch.testing.assert_close(2 * expected - 1, member.networks["generator"](2 * x - 1))
    assert detector.explain(X[:2]).method == "terms"
    assert detector.encode(X).shape == (40, 100)


def test_upright_bars_are_found_among_lying_ones():
    given = {"training__epochs": 12, "training__batch_size": 20, "training__lr": 1e-3}
    detector = fitted(SkipGANomaly, bars(60, seed=0), filters=8, **given)
    losses = detector.members_[0].losses["adversarial/generator"]
    assert losses[-1] < 0.8 * losses[0]
    assert auroc(detector, bars(30, seed=1), bars(30, seed=2, upright=True)) > 0.8


def test_initial_weights_are_the_authors():
    torch.manual_seed(0)
    for name, network in SkipGANomaly()._build(ImageSpec(1, 16, 16)).items():
        for key, weight in network.named_parameters():
            if weight.dim() > 1:
                assert weight.std().item() == pytest.approx(0.02, rel=0.15), (name, key)


def test_filters_are_those_of_the_u_net():
    detector = SkipGANomaly(filters=6)
    first = next(
        m for m in detector._build(ImageSpec(3, 32, 32))["generator"].modules() if isinstance(m, nn.Conv2d)
    )
    assert first.out_channels == 6


@pytest.mark.parametrize("name", ["generator", "discriminator"])
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_members_together_equal_one_by_one(name, noise):
    detector, spec = for_images(SkipGANomaly, X, filters=4, noise=noise)
    step = step_of(detector, name, 256)
    alone, together = same_together(detector, spec, step, noise_code=256 if noise else 0)
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)
