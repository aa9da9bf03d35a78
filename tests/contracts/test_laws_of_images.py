"""Laws of models of images: every detector of rows takes (n, channels, height, width) as well."""

from functools import cache

import numpy as np
import pytest
import torch
from torch import nn

import askew
from askew.base import DeepDetector
from askew.errors import InvalidInputError
from askew.families.labelled_variational import chosen_form
from askew.inputs import ImageSpec
from detector_cases import NAMES, NEED_ANOMALIES, OF_IMAGES, brief, calmly, shared, table

ALONE = tuple(name for name in OF_IMAGES if name not in NAMES)
CONVOLUTIONAL = (
    "vae",
    "dp_vae",
    "mml_vae",
    "mml_dp_vae",
    "autoencoder",
    "deep_svdd",
    "deep_sad",
    "supervised",
    "dagmm",
    "dsebm",
    "dadgt",
    "inclusive_nrf",
    "alad",
    "anogan",
    "adgan",
    "fence_gan",
    "skip_ganomaly",
)


def stripes(n=24, anomalies=3, size=16, seed=0):
    """Return (X, y): noisy horizontal stripes, uint8, and first some vertical ones that are known anomalies."""
    rng = np.random.default_rng(seed)
    row = np.where(np.arange(size) % 4 < 2, 200.0, 40.0)
    X = np.repeat(row[:, None], size, 1)[None, None] + rng.normal(0, 12, (n, 1, size, size))
    X[:anomalies] = X[:anomalies].transpose(0, 1, 3, 2)
    y = np.zeros(n, np.int8)
    y[:anomalies] = -1
    return X.clip(0, 255).astype(np.uint8), y


X, Y = stripes()
NEW, _ = stripes(seed=1)


def quick(name, **params):
    """Return an unfitted detector that trains for two epochs, if it trains."""
    networks = issubclass(askew.index.detector_class(name), DeepDetector)
    few = {"training__epochs": 2, "training__pretrain_epochs": 1} if networks else {}
    return brief(name, **few | params)


@cache
def usual(name):
    """Return a detector fitted on X and Y, which tests share."""
    return calmly(quick(name).fit, X, Y)


@pytest.fixture(scope="module", params=OF_IMAGES)
def detector(request):
    return usual(request.param)


def test_scores_are_one_per_image_and_equal_when_asked_twice(detector):
    scores = detector.score_samples(NEW)
    assert scores.shape == (24,) and scores.dtype == np.float64 and np.isfinite(scores).all()
    np.testing.assert_array_equal(scores, detector.score_samples(NEW))
    assert detector.image_shape_ == (1, 16, 16) and detector.n_features_in_ == 256
    assert not isinstance(detector, DeepDetector) or detector._spec() == ImageSpec(1, 16, 16)


def test_an_images_score_does_not_depend_on_its_neighbours(detector):
    together = detector.score_samples(NEW)
    alone = np.concatenate([detector.score_samples(image[None]) for image in NEW[:4]])
    np.testing.assert_allclose(together[:4], alone, rtol=1e-4, atol=1e-5)


def test_contributions_of_pixels_and_the_base_add_up_to_the_score(detector):
    why = detector.explain(NEW[:2], background=X, n_orders=4)
    assert why.contributions.shape == (2, 1, 16, 16) and why.expected.shape == (2, 1, 16, 16)
    assert np.isfinite(why.contributions).all() and (why.contributions != 0).any()
    np.testing.assert_allclose(why.scores, detector.score_samples(NEW[:2]), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(why.base + why.contributions.sum(axis=(1, 2, 3)), why.scores, rtol=1e-9)
    assert why.patch == (2 if why.method == "sampling" else 1)


def test_saved_and_loaded_scores_are_equal(detector, tmp_path):
    detector.save(tmp_path / "model.askew")
    again = askew.load(tmp_path / "model.askew")
    np.testing.assert_array_equal(again.score_samples(NEW), detector.score_samples(NEW))
    assert again.image_shape_ == (1, 16, 16)


def test_what_does_not_fit_is_refused(detector):
    with pytest.raises(InvalidInputError, match=r"reshape\(-1, \*\(1, 16, 16\)\)"):
        detector.score_samples(NEW.reshape(24, -1))
    with pytest.raises(InvalidInputError, match=r"fitted on, uint8 images \(1, 16, 16\); got"):
        detector.score_samples(NEW / 255.0)
    with pytest.raises(InvalidInputError, match=r"got 'uint8 images \(1, 16, 17\)'"):
        detector.score_samples(np.zeros((2, 1, 16, 17), np.uint8))


@pytest.mark.parametrize("name", ALONE)
def test_a_method_for_images_alone_says_so_when_given_a_table(name, tmp_path):
    class_name = askew.index.entries()[name].class_name
    rule = rf"X of {class_name} must be images \(n, channels, height, width\); got \(24, 256\)[.] Flat rows"
    with pytest.raises(InvalidInputError, match=rule):
        quick(name).fit(X.reshape(24, -1), Y)
    with pytest.raises(
        InvalidInputError, match=f"a detector of tables; got {class_name}, which takes images"
    ):
        askew.Prepared(quick(name)).fit(X.reshape(24, -1), Y)


@pytest.mark.parametrize("name", ALONE)
def test_known_anomalies_change_nothing_but_by_being_left_out(name):
    without = calmly(quick(name).fit, X[3:])
    np.testing.assert_allclose(usual(name).score_samples(NEW), without.score_samples(NEW), rtol=1e-5)


@pytest.mark.parametrize("name", ALONE)
def test_the_seed_alone_decides(name):
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    same, other = (calmly(quick(name, random_state=seed).fit, X, Y).score_samples(NEW) for seed in (0, 4))
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == np.random.get_state()[1].tolist()  # noqa: NPY002
    np.testing.assert_array_equal(same, usual(name).score_samples(NEW))
    assert np.abs(same - other).max() > 1e-6


@pytest.mark.parametrize("name", ALONE)
def test_members_differ_and_images_are_left_as_they_are(name):
    before = X.copy()
    before.flags.writeable = False
    model = calmly(quick(name, n_members=2).fit, before)
    members = model.member_scores(NEW)
    assert members.shape == (2, 24) and np.abs(members[0] - members[1]).max() > 1e-6
    assert model.encode(NEW).shape[0] == 24
    np.testing.assert_array_equal(before, X)


OUT_OF_RANGE = {
    "dadgt": {"transformations": ("some", 72), "score_by": ("density",), "network": ("lenet", 3)},
    "waic": {"filters": (3, 8.0, True), "blocks": (-1, 1.5)},
    "inclusive_nrf": {
        "steps": (0, 1.5),
        "step_size": (0, np.inf, "small"),
        "momentum": (-0.1, 1, None),
        "noise": (-1, np.nan),
        "confinement": (-1, np.inf),
        "code_size": (0, True),
        "network": (3, nn.Identity()),
        "initial_noise": (-1, np.nan, "some"),
        "lr_ratio": (0, np.inf, None),
    },
    "skip_ganomaly": {
        "weight_adversarial": (-1, np.inf, "one"),
        "weight_contextual": (-1, np.nan, None),
        "weight_latent": (-1, np.inf, True),
        "residual_share": (-0.1, 1.5, "most"),
        "noise": (-1, np.inf, None),
        "filters": (0, 8.0, True),
    },
    "likelihood_ratio": {
        "mutation_rate": (0, 1.5, "some"),
        "background_weight_decay": (-1, np.inf, None),
        "filters": (3,),
        "blocks": (-1,),
    },
}


@pytest.mark.parametrize(
    "name, parameter, value",
    [(name, key, value) for name in ALONE for key, values in OUT_OF_RANGE[name].items() for value in values],
)
def test_a_parameter_of_a_method_for_images_is_refused_by_name(name, parameter, value):
    class_name = askew.index.entries()[name].class_name
    with pytest.raises(InvalidInputError, match=rf"{parameter} of {class_name} must be .*; got .*[.] \S+"):
        quick(name, **{parameter: value}).fit(X)


def test_every_parameter_of_a_method_for_images_is_tried():
    common = {"contamination", "training", "n_members", "scale", "random_state", "device"}
    for name in ALONE:
        assert set(quick(name).get_params(deep=False)) - common == set(OUT_OF_RANGE[name])


@pytest.mark.parametrize("name", sorted(set(OF_IMAGES) & set(NAMES)))
def test_a_model_of_a_table_refuses_images(name):
    model = shared(name, *table())
    assert model.image_shape_ is None
    with pytest.raises(InvalidInputError, match="a table of 4 columns"):
        model.score_samples(NEW)


@pytest.mark.parametrize("name", ["vae", "deep_sad", "isolation_forest"])
def test_images_of_floats_score_as_their_bytes_do(name):
    as_bytes = calmly(quick(name).fit, X, Y).score_samples(NEW)
    given = {} if name == "isolation_forest" else {"scale": None}
    as_floats = calmly(quick(name, **given).fit, X / 255.0, Y).score_samples(NEW / 255.0)
    np.testing.assert_allclose(as_floats, as_bytes, rtol=1e-4, atol=1e-5)


def test_bytes_stay_bytes_until_the_batch(detector):
    if detector.name not in CONVOLUTIONAL:
        return
    model = detector
    assert model._preparation.learn(X.reshape(24, -1), Y).dtype == torch.uint8
    networks = model.members_[0].networks
    seeing = networks["encoder" if "encoder" in networks else "critic"]
    assert any(isinstance(layer, nn.Conv2d) for layer in seeing.modules())
    assert model._preparation.dtype == torch.float32


# Those that need more updates have tests of their own that find what is turned.
SLOW_TO_LEARN = ("anogan", "adgan", "fence_gan", "skip_ganomaly", "inclusive_nrf")
QUICK_TO_LEARN = [name for name in CONVOLUTIONAL if name not in (*NEED_ANOMALIES, *SLOW_TO_LEARN)]


@pytest.mark.parametrize("name", QUICK_TO_LEARN)
def test_an_image_that_is_turned_stands_out(name):
    X, y = stripes(n=90, anomalies=6)
    epochs = 4 if name == "alad" else 12  # enough for it, and a third of its time
    model = quick(name, n_members=1).set_params(training__epochs=epochs, training__pretrain_epochs=6)
    calmly(model.fit, X, y)
    turned, usual = stripes(n=20, anomalies=20, seed=3)[0], stripes(n=20, anomalies=0, seed=3)[0]
    assert model.score_samples(turned).mean() < model.score_samples(usual).mean()


def test_a_users_network_sees_images():
    seen = []

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Conv2d(1, 4, 16)

        def forward(self, x):
            seen.append(tuple(x.shape[1:]))
            return self.layer(x).flatten(1)

    class Decoder(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Linear(2, 256), nn.Unflatten(1, (1, 16, 16)))

    model = calmly(quick("vae", network=(Encoder(), Decoder())).fit, X, Y)
    assert set(seen) == {(1, 16, 16)} and np.isfinite(model.score_samples(NEW)).all()


def test_an_unknown_architecture_is_refused_by_name():
    with pytest.raises(InvalidInputError, match='"lenet_cifar10"'):
        askew.VAE(network="resnet").fit(X)
    with pytest.raises(InvalidInputError, match='"lenet_cifar10"'):
        askew.SSDGM(network="resnet").fit(X, Y)


def test_bfloat16_trains_to_nearly_the_same_loss():
    def losses(precision):
        model = quick("vae", n_members=1, network="lenet_fashion")
        model.set_params(training__epochs=6, training__precision=precision)
        return calmly(model.fit, X).members_[0]

    full, half = losses("float32"), losses("bfloat16")
    assert full.losses["vae/normal"] != half.losses["vae/normal"]
    np.testing.assert_allclose(half.losses["vae/normal"], full.losses["vae/normal"], rtol=0.1)
    assert {p.dtype for p in half.networks["encoder"].parameters()} == {torch.float32}


def test_an_unknown_precision_is_refused():
    with pytest.raises(InvalidInputError, match="precision of Training"):
        askew.VAE().set_params(training__precision="half").fit(X)


def test_the_error_is_summed_over_pixels_and_averaged_over_columns():
    x, x_hat = torch.zeros(3, 256), torch.full((3, 256), 2.0)
    of_images, of_a_table = (
        calmly(quick("mml_vae").fit, X, Y),
        calmly(quick("mml_vae").fit, X.reshape(24, -1), Y),
    )
    assert of_images._reconstruction(x, x_hat).tolist() == [512.0] * 3
    assert of_a_table._reconstruction(x, x_hat).tolist() == [2.0] * 3
    images, tables = (model._reduction() for model in (of_images, of_a_table))
    assert (chosen_form("auto", images), chosen_form("auto", tables)) == ("log", "exp")
    assert quick("vae", reduction="mean").set_params(network="auto")._reduction() == "mean"
    assert chosen_form("exp", "sum") == "exp"
