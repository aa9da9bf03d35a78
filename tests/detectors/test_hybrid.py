"""Hybrid: two steps that equal doing them by hand, together, saved in one file."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone

import askew
from askew.base import fit_together
from askew.errors import HealthWarning, InvalidInputError
from askew.training import Training

pytestmark = pytest.mark.filterwarnings("ignore::askew.errors.HealthWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 2)) @ RNG.normal(size=(2, 5)) + 0.2 * RNG.normal(size=(70, 5))
X[:6] += 5.0
Y = np.r_[-np.ones(6), np.zeros(64)].astype(int)
NEW = RNG.normal(size=(30, 5))
SHORT = Training(epochs=4, lr=5e-3)
DETECTORS = [
    askew.OCSVM(gamma="scale", nu=0.1),
    askew.IsolationForest(n_estimators=10),
    askew.KDE(),
    askew.KernelSSAD(gamma="scale"),
]


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)
@pytest.mark.parametrize(
    "encoder", [askew.AutoEncoder(training=SHORT), askew.VAE(training=SHORT, n_members=2)]
)
def test_it_is_the_shallow_detector_on_the_code(encoder, detector):
    encoder = clone(encoder).set_params(random_state=3)
    detector = clone(detector)
    if "random_state" in detector.get_params():
        detector.set_params(random_state=4)
    hybrid = askew.Hybrid(encoder, detector).fit(X, Y)
    encoder.fit(X, Y)
    detector.fit(encoder.encode(X), Y)
    np.testing.assert_allclose(
        hybrid.score_samples(NEW), detector.score_samples(encoder.encode(NEW)), rtol=1e-9, atol=1e-12
    )


def test_parameters_stay_unfitted_and_the_seed_reaches_both():
    hybrid = askew.Hybrid(
        askew.AutoEncoder(training=SHORT), askew.IsolationForest(n_estimators=10), random_state=1
    )
    first = hybrid.fit(X, Y).score_samples(NEW)
    assert not hasattr(hybrid.encoder, "offset_") and hybrid.encoder.random_state is None
    assert hybrid.encoder_.random_state is not None and hybrid.detector_.random_state is not None
    np.testing.assert_array_equal(clone(hybrid).fit(X, Y).score_samples(NEW), first)
    assert np.abs(clone(hybrid).set_params(random_state=2).fit(X, Y).score_samples(NEW) - first).max() > 1e-6


def test_labels_reach_the_detector():
    hybrid = askew.Hybrid(askew.AutoEncoder(training=SHORT), askew.KernelSSAD(gamma="scale"), random_state=0)
    assert (hybrid.fit(X, Y).detector_.weights_ < 0).any()
    assert not (hybrid.fit(X).detector_.weights_ < 0).any()


def test_names_and_nested_parameters():
    hybrid = askew.Hybrid("vae", "kernel_ssad").set_params(
        encoder__n_members=1, encoder__training__epochs=2, detector__gamma=0.5
    )
    assert isinstance(hybrid.encoder, askew.VAE) and hybrid.encoder.training.epochs == 2
    assert isinstance(hybrid.detector, askew.KernelSSAD) and hybrid.detector.gamma == 0.5
    usual = askew.Hybrid(random_state=0).set_params(encoder__training__epochs=2).fit(X)
    assert (usual.encoder_.name, usual.detector_.name) == ("autoencoder", "oc_svm")
    swapped = askew.Hybrid(askew.VAE()).set_params(encoder="autoencoder", encoder__n_members=3)
    assert isinstance(swapped.encoder, askew.AutoEncoder) and swapped.encoder.n_members == 3


def test_together_equals_separately():
    def make(seed):
        return askew.Hybrid(askew.AutoEncoder(training=SHORT), askew.KDE(), random_state=seed)

    together = [make(seed) for seed in range(3)]
    fit_together(together, [(X, Y), (X[:60], Y[:60]), (X, None)])
    for seed, (rows, y) in enumerate([(X, Y), (X[:60], Y[:60]), (X, None)]):
        alone = make(seed).fit(rows, y)
        np.testing.assert_allclose(
            together[seed].score_samples(NEW), alone.score_samples(NEW), rtol=1e-4, atol=1e-5
        )
        assert together[seed].offset_ == pytest.approx(alone.offset_, rel=1e-4)


def test_an_encoder_that_fails_is_the_hybrids_failure_alone():
    encoder = askew.AutoEncoder(training=SHORT, scale=None)
    pair = [askew.Hybrid(encoder, askew.KDE(), random_state=seed) for seed in range(2)]
    fit_together(pair, [(X * 1e30, Y), (X, Y)])
    assert "every member of AutoEncoder failed" in pair[0].fit_error_ and not hasattr(pair[0], "offset_")
    assert pair[1].fit_error_ is None and np.isfinite(pair[1].score_samples(NEW)).all()


@pytest.mark.parametrize("detector", [*DETECTORS, "kde", None], ids=repr)
def test_saved_and_loaded_is_equal(detector, tmp_path):
    hybrid = askew.Hybrid(askew.AutoEncoder(training=SHORT), detector, random_state=0).fit(X, Y)
    hybrid.save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    np.testing.assert_array_equal(loaded.decision_function(NEW), hybrid.decision_function(NEW))
    assert loaded.encoder.training.epochs == 4 and type(loaded.detector) is type(hybrid.detector)
    loaded.save(tmp_path / "again.askew")
    np.testing.assert_array_equal(
        askew.load(tmp_path / "again.askew").score_samples(NEW), hybrid.score_samples(NEW)
    )


def networks(spec):
    from torch import nn

    return nn.Linear(spec.n_features, 2), nn.Linear(2, spec.n_features)


def test_an_encoder_of_ones_own_is_given_again(tmp_path):
    encoder = askew.AutoEncoder(network=networks, training=SHORT)
    hybrid = askew.Hybrid(encoder, askew.KDE(), random_state=0).fit(X)
    hybrid.save(tmp_path / "m.askew")
    with pytest.raises(
        askew.errors.ModelFileError, match=r"custom encoder, .* askew.load\(path, encoder=...\)"
    ):
        askew.load(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew", encoder=encoder)
    np.testing.assert_array_equal(loaded.score_samples(NEW), hybrid.score_samples(NEW))


def test_tuning_on_test_rows_is_named_and_marked():
    test, anomaly = np.tile(X, (3, 1)), np.tile(Y < 0, 3)
    hybrid = askew.Hybrid(askew.AutoEncoder(training=SHORT), askew.OCSVM(nu=0.1), random_state=0)
    assert hybrid.fit_with_test_tuning(X, Y, test, anomaly).detector_.tuned_on_test_
    assert hybrid.offset_ == pytest.approx(np.percentile(hybrid.score_samples(X[6:]), 5))
    assert not hybrid.fit(X, Y).detector_.tuned_on_test_
    with pytest.raises(InvalidInputError, match="detector of Hybrid must be an OCSVM or a KernelSSAD"):
        askew.Hybrid(detector=askew.KDE()).fit_with_test_tuning(X, Y, test, anomaly)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"encoder": "kde"}, "encoder of Hybrid must be a deep detector"),
        ({"encoder": 3}, "encoder of Hybrid must be a detector, its short name or None; got 3"),
        ({"detector": "svm"}, "detector of Hybrid must be .* got 'svm'. `askew methods` lists"),
        ({"detector": "hybrid"}, "got 'hybrid'"),
        ({"detector": askew.GEOM()}, "detector of Hybrid must be a detector of tables; got GEOM"),
        ({"detector": askew.KDE(bandwidth=-1)}, "bandwidth of KDE must be a number above 0"),
    ],
)
def test_parameters_out_of_range_are_refused(params, message):
    with pytest.raises(InvalidInputError, match=message), warnings.catch_warnings():
        warnings.simplefilter("error", HealthWarning)
        askew.Hybrid(**params).fit(X)
