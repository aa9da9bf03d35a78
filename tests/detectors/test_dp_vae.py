"""DP-VAE: known anomalies get the prior N(α1, I), the encoder alone moves, and the score is the normal ELBO."""

import math

import numpy as np
import pytest
import torch
from recipe import VARIATIONAL, auroc, batch, f64, manifold, step_of

import askew
from detector_cases import fitted, table

X, Y = table()


def test_anomaly_loss_by_hand():
    x = f64([1.0, 0.0], [7.0, 7.0], [2.0, math.log(4.0)])
    noise = f64([[1.0], [5.0], [-1.0]])  # one sample
    step = step_of(askew.DPVAE(beta_kl=0.5, alpha=3.0), "anomaly")
    reconstruction = 1.25, 0.25 * (4.0 + math.log(4.0) ** 2)
    # KL to N(3, 1): ½ (1-3)² and -½ (1 + ln4 - 4 - (2-3)²); the middle row is no anomaly and not counted
    kl = 2.0, -0.5 * (1.0 + math.log(4.0) - 4.0 - 1.0)
    expected = np.mean(reconstruction) + 0.5 * np.mean(kl)
    loss = step.loss(VARIATIONAL, batch(x, y=[-1, 0, -1], noise=noise))
    assert loss.item() == pytest.approx(expected, rel=1e-12)


def test_anomaly_kl_is_annealed_too():
    x, noise = f64([1.0, 0.0]), f64([[0.0]])
    step = step_of(askew.DPVAE(beta_kl=1.0, alpha=3.0), "anomaly")
    loss = step.loss(VARIATIONAL, batch(x, y=[-1], noise=noise, epoch=5)).item()
    assert loss == pytest.approx(0.25 * (0.0 + 1.0) + 0.25 * 2.0, rel=1e-12)


def test_normal_rows_have_the_vaes_loss():
    x, noise = f64([1.0, 0.3], [2.0, -1.0]), f64([[0.2], [0.4]])
    one = step_of(askew.DPVAE(), "normal").loss(VARIATIONAL, batch(x, noise=noise))
    assert one == step_of(askew.VAE(), "normal").loss(VARIATIONAL, batch(x, noise=noise))


@pytest.mark.parametrize(
    "freeze, separate, moves",
    [
        (True, False, ("encoder",)),
        (False, False, ("encoder", "decoder")),
        (True, True, ("anomaly_encoder",)),
        (False, True, ("anomaly_encoder", "decoder")),
    ],
)
def test_the_four_combinations_of_the_ablation(freeze, separate, moves):
    detector = askew.DPVAE(freeze_decoder=freeze, separate_encoder=separate)
    step = step_of(detector, "anomaly")
    assert step.moves == moves and step.rows == "anomaly"
    networks = detector._build(askew.inputs.spec.TableSpec(2))
    assert ("anomaly_encoder" in networks) == separate
    asked = dict.fromkeys(networks, 0)

    def counted(name, function):
        def run(x):
            asked[name] += 1
            return function(x)

        return run

    plain = {
        "encoder": counted("encoder", VARIATIONAL["encoder"]),
        "anomaly_encoder": counted("anomaly_encoder", VARIATIONAL["encoder"]),
        "decoder": counted("decoder", VARIATIONAL["decoder"]),
    }
    asked.setdefault("anomaly_encoder", 0)
    step.loss(plain, batch(f64([1.0, 0.0]), y=[-1], noise=f64([[0.0]])))
    assert asked["anomaly_encoder" if separate else "encoder"] == 1
    assert asked["encoder" if separate else "anomaly_encoder"] == 0


def test_a_separate_encoder_starts_from_weights_of_its_own():
    networks = askew.DPVAE(separate_encoder=True)._build(askew.inputs.spec.TableSpec(4))
    assert not torch.equal(networks["encoder"][0].weight, networks["anomaly_encoder"][0].weight)
    digits = askew.inputs.spec.ImageSpec(1, 28, 28)
    networks = askew.DPVAE(separate_encoder=True, network="infogan")._build(digits)
    both = [networks[name][-1].weight.std().item() for name in ("encoder", "anomaly_encoder")]
    assert both[0] != both[1] == pytest.approx(both[0], rel=0.05)  # drawn as the network's own are


def test_with_a_separate_encoder_and_a_frozen_decoder_labels_change_nothing_but_their_own_encoder():
    separate = fitted("dp_vae", X, Y, separate_encoder=True, training__epochs=9)
    plain = fitted("vae", X, Y, training__epochs=9)
    np.testing.assert_allclose(separate.score_samples(X), plain.score_samples(X), rtol=1e-5, atol=1e-6)
    trained = fitted("dp_vae", X, Y, separate_encoder=True, freeze_decoder=False, training__epochs=9)
    assert np.abs(trained.score_samples(X) - plain.score_samples(X)).max() > 1e-3


def test_frozen_and_trained_decoder_differ():
    frozen = fitted("dp_vae", X, Y, training__epochs=9)
    trained = fitted("dp_vae", X, Y, freeze_decoder=False, training__epochs=9)
    assert np.abs(frozen.score_samples(X) - trained.score_samples(X)).max() > 1e-3


@pytest.mark.parametrize("epochs, warmup, expected", [(9, 50, 6), (9, 1, 8), (12, 0, 12), (3, 50, 2)])
def test_anomalies_come_in_after_the_warm_up_or_a_third_of_training(epochs, warmup, expected):
    detector = fitted("dp_vae", X, Y, warmup_epochs=warmup, training__epochs=epochs, n_members=1)
    (member,) = detector.members_
    assert len(member.losses["vae/normal"]) == epochs
    assert len(member.losses["vae/anomaly"]) == expected


def test_interval_is_the_steps_own():
    assert step_of(askew.DPVAE(interval=3), "anomaly").every == 3
    dense = fitted("dp_vae", X, Y, interval=1, training__epochs=9)
    sparse = fitted("dp_vae", X, Y, interval=4, training__epochs=9)
    assert np.abs(dense.score_samples(X) - sparse.score_samples(X)).max() > 1e-4
    assert len(sparse.members_[0].losses["vae/anomaly"]) == 1  # of six epochs with one batch each


def test_codes_of_known_anomalies_are_drawn_to_alpha():
    means = {}
    for alpha in (5.0, -5.0):
        detector = fitted("dp_vae", X, Y, alpha=alpha, beta_kl=1.0, n_members=1, training__epochs=150)
        codes = detector.encode(X)
        assert np.abs(codes[6:].mean()) < 1.0
        means[alpha] = codes[:6].mean()
    assert means[5.0] > 2.0 and means[-5.0] < -2.0


def test_without_known_anomalies_it_is_a_vae():
    np.testing.assert_array_equal(
        fitted("dp_vae", X, None).score_samples(X), fitted("vae", X, None).score_samples(X)
    )


def polluted(seed, share=0.1, labelled=10):
    """Return training rows with anomalies among them, some of them labelled."""
    n = 300
    k = int(n * share)
    x = np.r_[manifold(n, seed), manifold(k + labelled, seed + 1, shift=1.0)]
    y = np.zeros(len(x), dtype=np.int8)
    y[-labelled:] = -1
    return x, y


@pytest.mark.parametrize("name", ["dp_vae", "mml_dp_vae", "mml_vae", "deep_sad"])
def test_labels_find_more_and_shuffled_labels_do_not(name):
    """Would catch a test, or a method, that passes with shuffled labels."""
    x, y = polluted(0)
    shuffled = np.random.default_rng(0).permutation(y)
    test = manifold(200, seed=7), manifold(100, seed=8, shift=1.0)
    options = {"training__epochs": 30, "training__batch_size": 64, "n_members": 1}
    found = {k: auroc(fitted(name, x, v, **options), *test) for k, v in (("true", y), ("shuffled", shuffled))}
    assert found["true"] > 0.9
    assert found["true"] > found["shuffled"] + 0.01


def test_planted_anomalies_beat_chance():
    x, y = polluted(3, share=0.0)
    detector = fitted("dp_vae", x, y, training__epochs=60)
    assert auroc(detector, manifold(200, seed=1), manifold(50, seed=2, shift=1.0)) > 0.9
