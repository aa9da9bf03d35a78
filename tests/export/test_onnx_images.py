"""Models of images as ONNX: pixels in, the conversion inside, the same scores."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

import askew
from askew.calibration import Quantile
from askew.errors import InvalidInputError
from askew.export import load_onnx, to_onnx
from askew.export.example_rows import _images, example_rows
from detector_cases import calmly, quick

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra askew[onnx] is not installed")
pytest.importorskip("onnx", reason="the extra askew[onnx] is not installed")

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (30, 3, 16, 20)).astype(np.uint8)
FLOATS = RNG.normal(size=(30, 1, 16, 16))
Y = np.r_[-np.ones(4, int), np.zeros(26, int)]


WITH_ITS_EXPORTER = pytest.mark.skipif(
    torch.__version__.startswith("2.6."), reason="torch 2.6 does not export VAEs of images; askew says so"
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A DP-VAE of bytes behind a threshold, and its file."""
    path = tmp_path_factory.mktemp("onnx") / "m.onnx"
    model = Quantile(calmly(quick("dp_vae").set_params(n_members=1).fit, BYTES, Y), 0.3).fit(BYTES)
    return model, to_onnx(model, path), path


@WITH_ITS_EXPORTER
def test_a_network_of_bytes_gives_the_same_scores(exported):
    model, parity, path = exported
    assert parity.n_rows == 64 and 0 < parity.largest < 1e-5
    loaded = load_onnx(path)
    scores = model.score_samples(BYTES)
    np.testing.assert_allclose(loaded.score_samples(BYTES), scores, rtol=1e-5, atol=1e-6)
    sure = np.abs(scores - model.offset_) > 1e-4
    np.testing.assert_array_equal(loaded.predict(BYTES)[sure], model.predict(BYTES)[sure])
    assert loaded.image_shape_ == (3, 16, 20) and loaded.image_bytes_ and loaded.n_features_in_ == 960


@WITH_ITS_EXPORTER
def test_other_programs_give_it_images_of_bytes(exported):
    model, _, path = exported
    session = onnxruntime.InferenceSession(str(path))
    (given,) = session.get_inputs()
    assert (given.name, given.type, given.shape) == ("X", "tensor(uint8)", ["rows", 3, 16, 20])
    score, _, _ = session.run(None, {"X": BYTES[:5]})
    np.testing.assert_allclose(score, model.score_samples(BYTES[:5]), rtol=1e-5, atol=1e-6)


def test_a_network_of_floats_scales_them_as_in_training(tmp_path):
    model = calmly(quick("deep_sad").set_params(n_members=1).fit, FLOATS, Y)
    assert to_onnx(model, tmp_path / "m.onnx", FLOATS).n_rows == 30
    found = load_onnx(tmp_path / "m.onnx").score_samples(FLOATS)
    np.testing.assert_allclose(found, model.score_samples(FLOATS), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("X", "name"), [(BYTES, "isolation_forest"), (FLOATS, "kde")])
def test_a_model_without_networks_too(X, name, tmp_path):
    model = calmly(quick(name).fit, X)
    to_onnx(model, tmp_path / "m.onnx")
    found = load_onnx(tmp_path / "m.onnx").score_samples(X)
    np.testing.assert_allclose(found, model.score_samples(X), rtol=1e-9)


@WITH_ITS_EXPORTER
def test_other_images_are_refused(exported, tmp_path):
    loaded = load_onnx(exported[2])
    for wrong in (BYTES.reshape(30, -1), BYTES[:, :1], BYTES / 255.0, BYTES.transpose(0, 1, 3, 2)):
        with pytest.raises(InvalidInputError, match=r"X of OnnxModel must be uint8 images \(n, 3, 16, 20\)"):
            loaded.score_samples(wrong)
    table = calmly(askew.KDE().fit, FLOATS.reshape(30, -1))  # rows of noise are equally far from each other
    to_onnx(table, tmp_path / "t.onnx")
    with pytest.raises(
        InvalidInputError, match=r"X of OnnxModel must be a table \(n, d\); got \(30, 1, 16, 16\)"
    ):
        load_onnx(tmp_path / "t.onnx").score_samples(FLOATS)


@WITH_ITS_EXPORTER
def test_example_images_are_in_the_range_of_training(exported):
    images = example_rows(exported[0])
    assert images.shape == (64, 3, 16, 20) and images.dtype == np.uint8
    assert images.min() < 10 and images.max() > 245
    floats = example_rows(calmly(quick("vae").set_params(n_members=1).fit, FLOATS))
    low, high = FLOATS.min() - 1e-9, FLOATS.max() + 1e-9
    assert low <= floats.min() < -1 and 1 < floats.max() <= high


@pytest.mark.parametrize("kind", ["bytes", "floats", "scaled floats"])
def test_example_images_are_ramps_with_noise(kind):
    level, down, across, noise = 0.2, 0.4, -0.8, -0.5

    class Chance:
        def uniform(self, low, high, size):
            assert (low, high, size) == (-1, 1, (4, 2, 3, 1, 1))
            return np.array([level, down, across, noise]).reshape(4, 1, 1, 1, 1) * np.ones(size)

        def normal(self, size):
            return np.full(size, 2.0)

    detector = SimpleNamespace(image_shape_=(3, 4, 5), image_bytes_=kind == "bytes")
    y, x = np.linspace(-1, 1, 4)[:, None], np.linspace(-1, 1, 5)
    right = np.clip(0.5 + 0.1 + 0.2 * y - 0.4 * x + 0.3, 0.0, 1.0)
    assert right.max() == 1.0 and right.min() < 0.4
    if kind == "bytes":
        right = np.round(255 * right)
    if kind == "scaled floats":
        detector.members_, detector.column_mean_, detector.column_scale_ = [], [7.0], [3.0]
        right = 7.0 + 3.0 * right
    found = _images(detector, 2, Chance())
    assert found.dtype == (np.uint8 if kind == "bytes" else np.float64)
    np.testing.assert_allclose(found, np.broadcast_to(right, (2, 3, 4, 5)))
