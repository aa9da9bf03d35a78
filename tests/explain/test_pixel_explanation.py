"""Explanations of images: by pixels or squares, in the images' own shape and unit."""

import numpy as np
import pytest
import torch

import askew
from askew.calibration import Quantile
from askew.errors import InvalidInputError
from askew.explain import explain, integrated_gradients, shapley_values
from detector_cases import calmly, quick


def spotted(n=40, channels=1, seed=0):
    """Return uint8 images of grey noise; the first has a white spot at rows 4-7, columns 8-11."""
    X = np.random.default_rng(seed).integers(60, 110, (n, channels, 16, 16)).astype(np.uint8)
    X[0, :, 4:8, 8:12] = 255
    return X


X = spotted()
Y = np.r_[-np.ones(3, int), np.zeros(37, int)]


DEEP = ("autoencoder", "vae", "dp_vae", "deep_sad")


@pytest.fixture(scope="module")
def fitted():
    deep = {name: quick(name).set_params(n_members=1) for name in DEEP}
    return {name: calmly(detector.fit, X, Y) for name, detector in (deep | {"kde": askew.KDE()}).items()}


@pytest.mark.parametrize(
    ("name", "method", "by"),
    [
        ("autoencoder", "terms", "reconstruction"),
        ("vae", "terms", "reconstruction"),
        ("dp_vae", "terms", "neighbours"),  # its encoder throws anomalies far out
        ("deep_sad", "gradients", "neighbours"),
        ("kde", "sampling", "neighbours"),
    ],
)
def test_contributions_have_the_images_shape_and_add_up_to_the_score(fitted, name, method, by):
    why = fitted[name].explain(X[:3], background=X)
    assert why.contributions.shape == why.expected.shape == (3, 1, 16, 16)
    assert (why.method, why.expected_by) == (method, by)
    np.testing.assert_array_equal(why.scores, fitted[name].score_samples(X[:3]))
    np.testing.assert_allclose(why.base + why.contributions.sum(axis=(1, 2, 3)), why.scores, rtol=1e-6)
    np.testing.assert_array_equal(why.observed, X[:3])
    assert why.maps().shape == why.differences().shape == why.shares().shape == (3, 16, 16)


def test_an_autoencoders_contributions_are_the_squared_errors_of_its_reconstruction(fitted):
    why = fitted["autoencoder"].explain(X[:5])
    error = (why.observed / 255.0 - why.expected / 255.0) ** 2
    np.testing.assert_allclose(why.contributions, -error / 256, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(why.base, 0.0, atol=1e-5 * np.abs(why.scores).max())  # float32


def test_errors_are_those_of_the_reconstruction_and_differences_those_of_what_is_expected(fitted):
    why = fitted["dp_vae"].explain(X[:2], background=X)
    sign = np.sign(why.errors())
    np.testing.assert_allclose(why.errors(), (X[:2, 0] - why.reconstruction[:, 0]) / 255.0, atol=1e-9)
    np.testing.assert_allclose(why.differences(), (X[:2, 0] - why.expected[:, 0]) / 255.0, atol=1e-9)
    assert (sign > 0).any() and (sign < 0).any()
    alone = fitted["dp_vae"].explain(X[:1])
    assert alone.expected_by == "reconstruction"
    scale = np.abs(alone.expected).max()  # float32
    np.testing.assert_allclose(alone.expected, why.reconstruction[:1], atol=1e-4 * scale)
    assert fitted["kde"].explain(X[:1], background=X).errors() is None


def test_the_base_of_gradients_is_the_score_of_the_mean_image(fitted):
    detector = fitted["deep_sad"]
    usual = X[detector.predict(X) == 1]
    why = detector.explain(X[:4], background=X)
    with torch.no_grad():
        mean = detector._tensor(usual.reshape(len(usual), -1)).mean(0, keepdim=True)
        wanted = float(detector._mean_scores(mean)[0])
    np.testing.assert_allclose(why.base, wanted, atol=0.05 * np.ptp(why.scores))


def test_without_background_the_code_is_explained_from_a_black_image(fitted):
    detector = fitted["vae"]
    why = detector.explain(X[:1])
    black = detector.explain(np.zeros_like(X[:1]))
    member = detector.members_[0]
    code = float(detector._terms(member, torch.zeros(1, 256))[1])
    # the base is the code's part of the score of a black image: there, gradients have no way to go
    np.testing.assert_allclose(black.base, code, rtol=1e-4)
    assert abs(why.base[0] - code) < 0.05 * abs(why.scores[0])


def test_squares_are_charged_as_one_and_the_spot_is_named(fitted):
    why = fitted["kde"].explain(X[:1], background=X, patch=4)
    assert why.patch == 4 and len(np.unique(why.contributions)) <= 16
    block = why.contributions[0, 0, 4:8, 8:12]
    assert (block == block[0, 0]).all()
    background = fitted["kde"].score_samples(X)  # where sampling begins: the base is a mean of such scores
    assert background.min() <= why.base[0] <= background.max()
    first = why.top(1).iloc[0]
    assert tuple(first[["top", "left", "height", "width"]]) == (4, 8, 4, 4)
    np.testing.assert_allclose(first["contribution"], block.sum())


def test_the_usual_image_is_one_that_is_often_there(fitted):
    background = np.concatenate([np.repeat(X[9:10], 10, axis=0), X[20:]])
    why = fitted["kde"].explain(X[9:10], background=background, patch=8)
    np.testing.assert_allclose(why.expected, X[9:10], atol=1e-4)
    np.testing.assert_allclose(why.differences(), 0.0, atol=1e-6)


def test_differences_have_the_sign_of_what_is_brighter():
    usual = (
        np.full((20, 3, 16, 16), 100, np.uint8) + (np.arange(20) % 2).astype(np.uint8)[:, None, None, None]
    )
    odd = usual[:1].copy()
    odd[0, :, 0, 0], odd[0, :, 0, 1] = 202, 49
    detector = calmly(askew.IsolationForest(n_estimators=10, random_state=0).fit, usual)  # images alike tie
    apart = detector.explain(odd, background=usual, patch=16).differences()[0]
    np.testing.assert_allclose(apart[0, :2], [0.4, -0.2], atol=0.01)


def test_floating_point_images_have_the_range_of_training():
    Z = X.astype(float) * 3 - 200
    detector = calmly(quick("vae").set_params(n_members=1).fit, Z)
    why = detector.explain(Z[:2], background=Z)
    assert why.value_range == pytest.approx((Z.min(), Z.max()))
    code = detector._chunked(
        lambda rows: detector._expected(detector.members_[0], rows), Z[:2].reshape(2, -1)
    )
    np.testing.assert_allclose(why.expected, (Z.min() + code * np.ptp(Z)).reshape(2, 1, 16, 16), rtol=1e-5)


def test_a_threshold_changes_no_contribution(fitted):
    detector = fitted["vae"]
    threshold = Quantile(detector, 0.2).fit(X)
    ours, theirs = threshold.explain(X[:2], background=X), detector.explain(X[:2], background=X)
    assert ours.contributions.shape == (2, 1, 16, 16)
    np.testing.assert_allclose(ours.scores, theirs.scores)


def test_what_cannot_be_explained_is_refused(fitted):
    with pytest.raises(InvalidInputError, match="background of explain must be given where fewer than 10"):
        fitted["deep_sad"].explain(X[:2])
    with pytest.raises(InvalidInputError, match="patch of explain must be None"):
        fitted["vae"].explain(X, patch=4)
    with pytest.raises(InvalidInputError, match="patch of explain must be a number of pixels"):
        fitted["kde"].explain(X, patch=0)
    table = askew.IsolationForest(n_estimators=5, random_state=0).fit(X.reshape(40, -1))
    with pytest.raises(InvalidInputError, match="patch of explain must be None"):
        explain(table, X.reshape(40, -1), patch=4)
    with pytest.raises(InvalidInputError, match="k of ImageExplanation"):
        fitted["vae"].explain(X[:1]).top(0)


def test_few_orders_or_points_at_a_time_change_nothing(monkeypatch):
    rows = np.random.default_rng(0).normal(size=(9, 4))
    groups = [np.array([i]) for i in range(4)]
    score = lambda x: np.sin(x).prod(axis=1)  # noqa: E731
    whole = shapley_values(score, rows, rows, groups, 12, 0)
    monkeypatch.setattr("askew.explain.shapley._NUMBERS", 5 * 20)  # five orders of one row
    for found, wanted in zip(shapley_values(score, rows, rows, groups, 12, 0), whole, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)
    x = torch.from_numpy(rows)
    slopes = integrated_gradients(lambda r: r.sin().prod(-1), x, torch.zeros_like(x))
    few = integrated_gradients(lambda r: r.sin().prod(-1), x, torch.zeros_like(x), most_points=130)
    np.testing.assert_allclose(few, slopes, rtol=1e-12)
