"""Reconstructions and interpolations of images: their numbers, their pictures, and who is refused."""

import numpy as np
import pytest
import torch
from PIL import Image

import askew
from askew.calibration import Conformal
from askew.errors import InvalidInputError
from askew.explain import interpolations, reconstructions
from detector_cases import calmly, quick, scored_by

X = np.random.default_rng(0).integers(60, 110, (24, 1, 16, 16)).astype(np.uint8)
X[:, :, 4:12, 4:12] += np.arange(24, dtype=np.uint8)[:, None, None, None] * 5
DECODING = ("ama", "autoencoder", "vae")


@pytest.fixture(scope="module")
def models():
    found = {}
    for name in DECODING:
        options = {"critic_steps": 1, "training__epochs": 1} if name == "ama" else {}
        found[name] = calmly(quick(name, **options).fit, X)
    return found


def decoded(detector, rows, share):
    """Return the mean over members of what lies at a share of the way between the codes of two rows."""
    parts = []
    for member in detector.members_:
        first, last = detector._codes(member, detector._tensor(rows.reshape(2, -1)))
        parts.append(detector._decode(member, torch.lerp(first, last, share)[None]).double().numpy())
    return np.mean(parts, axis=0) * 255.0


@pytest.mark.parametrize("name", DECODING)
def test_ways_between_codes_begin_and_end_with_the_reconstructions(models, name):
    detector = models[name]
    assert len(detector.members_) == 2
    found = interpolations(detector, X[:3], X[3:6], n=5)
    assert found.between_codes.shape == found.between_pixels.shape == (3, 5, 1, 16, 16)
    made = reconstructions(detector, X[:6]).made
    np.testing.assert_allclose(found.between_codes[:, 0], made[:3], atol=1e-3)
    np.testing.assert_allclose(found.between_codes[:, -1], made[3:], atol=1e-3)
    quarter = decoded(detector, X[[1, 4]], 0.25)
    np.testing.assert_allclose(found.between_codes[1, 1].reshape(1, -1), quarter, atol=1e-3)
    assert np.abs(quarter - made[1].reshape(1, -1)).max() > 0.01


def test_mixtures_of_pixels(models):
    found = interpolations(models["vae"], X[:2], X[2:4], n=3)
    np.testing.assert_array_equal(found.between_pixels[:, 0], X[:2])
    np.testing.assert_array_equal(found.between_pixels[:, 1], 0.5 * X[:2] + 0.5 * X[2:4])
    np.testing.assert_array_equal(found.between_pixels[:, 2], X[2:4])


def test_reconstructions_are_what_explain_says_and_errors_are_off_by_the_rest(models):
    detector = models["vae"]
    found = reconstructions(detector, X[:4])
    why = detector.explain(X[:4], background=X)
    np.testing.assert_array_equal(found.made, why.reconstruction)
    np.testing.assert_array_equal(found.errors(), why.errors())
    np.testing.assert_allclose(found.errors(), (X[:4, 0] - found.made[:, 0]) / 255.0)
    wrapper = Conformal(detector, 0.5).fit(X)
    np.testing.assert_array_equal(reconstructions(wrapper, X[:4]).made, found.made)


def test_pixels_of_floats_keep_their_unit():
    unusual = X[:12] / 10.0 - 3.0
    detector = calmly(quick("autoencoder", n_members=1).fit, unusual)
    found = reconstructions(detector, unusual)
    assert found.value_range == pytest.approx((unusual.min(), unusual.max()))
    assert 0 < found.made.mean() < 9
    way = interpolations(detector, unusual[:1], unusual[1:2], n=2)
    np.testing.assert_allclose(way.between_codes[0], found.made[:2], atol=1e-4)


def test_pictures_hold_the_images_in_lines(models, tmp_path):
    detector = models["autoencoder"]
    reconstructions(detector, X[:14]).save(tmp_path / "r.png", "a title")
    interpolations(detector, X[:1], X[1:2], n=3).save(tmp_path / "i.png")
    colours = {}
    for name in ("r", "i"):
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert picture.format == "PNG"
            colours[name] = set(np.asarray(picture.convert("L")).ravel().tolist())
            size = picture.size
    assert set(X[:14].ravel().tolist()) <= colours["r"] and set(X[:2].ravel().tolist()) <= colours["i"]
    assert size[0] > 5 * 96 and 2 * 96 < size[1] < 3 * 96 + 60  # two lines of five tiles
    with Image.open(tmp_path / "r.png") as picture:
        assert 6 * 96 < picture.height < 8 * 96 and 12 * 96 < picture.width < 15 * 96  # twelve, then two


def test_the_distance_of_ama_is_what_its_score_is_the_density_of():
    detector = calmly(quick("ama", n_members=1, training__epochs=1, score_by="distance").fit, X[:12])
    np.testing.assert_allclose(detector.distances(X), -detector.score_samples(X))
    assert (detector.distances(X) > 0).all()
    scored_by(detector, "density")
    constants = detector.members_[0].constants
    mean, std = float(constants["distance_mean"]), float(constants["distance_std"])
    off = (detector.distances(X) - mean) / std
    wanted = -0.5 * off**2 - np.log(std) - 0.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(detector.score_samples(X), wanted, rtol=1e-4, atol=1e-4)


def test_who_has_no_decoder_is_refused(models, tmp_path):
    forest = askew.IsolationForest(n_estimators=5, random_state=0).fit(X)
    sphere = calmly(quick("deep_svdd", n_members=1).fit, X)
    pixel = calmly(quick("waic", n_members=1, training__epochs=1).fit, X[:4])
    table = calmly(quick("autoencoder", n_members=1).fit, X.reshape(24, -1)[:, :4].astype(float))
    rule = "reconstructions must be a detector that reconstructs images; got"
    for model in (forest, sphere):
        with pytest.raises(InvalidInputError, match=f"{rule} '?{type(model).__name__}"):
            reconstructions(model, X)
        with pytest.raises(InvalidInputError, match="must be a detector that decodes"):
            interpolations(model, X[:1], X[1:2])
    assert reconstructions(pixel, X[:1]).made.shape == (1, 1, 16, 16)
    with pytest.raises(InvalidInputError, match=r"must be a detector that decodes any point .* got '?WAIC"):
        interpolations(pixel, X[:1], X[1:2])
    with pytest.raises(InvalidInputError, match="model of interpolations must be fitted on images"):
        interpolations(table, X[:1], X[1:2])
    with pytest.raises(InvalidInputError, match="ends of interpolations must be 2 images; got 1"):
        interpolations(models["vae"], X[:2], X[2:3])
    with pytest.raises(InvalidInputError, match="n of interpolations"):
        interpolations(models["vae"], X[:2], X[2:4], n=1)
    with pytest.raises(InvalidInputError, match="path of reconstructions must end in"):
        reconstructions(models["vae"], X[:2]).save(tmp_path / "r.jpg")
