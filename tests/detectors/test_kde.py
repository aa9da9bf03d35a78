"""KDE: the density by hand, the bandwidth that scikit-learn's own grid search finds, announced sub-samples."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KernelDensity

import askew
from askew.detectors.kde import BANDWIDTHS, _best_bandwidth
from askew.errors import HealthWarning, InvalidInputError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 3)) * [1.0, 5.0, 0.2]


def test_density_by_hand():
    points, h = np.array([[0.0, 0.0], [2.0, 0.0]]), 0.5
    near, far = np.exp(-(0.5**2) / (2 * h**2)), np.exp(-(1.5**2) / (2 * h**2))
    expected = np.log((near + far) / 2 / (2 * np.pi * h**2))
    detector = askew.KDE(bandwidth=h, scale=None).fit(points)
    np.testing.assert_allclose(detector.score_samples([[0.5, 0.0]]), [expected], rtol=1e-12)


def test_density_is_that_of_scikit_learn_near_and_far():
    rows, h = RNG.normal(size=(700, 3)), 0.7
    x = np.r_[RNG.normal(size=(800, 3)), [[1e6, 0.0, -1e3]]]
    right = KernelDensity(bandwidth=h).fit(rows).score_samples(x)
    detector = askew.KDE(bandwidth=h, scale=None).fit(rows)
    np.testing.assert_allclose(detector.score_samples(x), right, rtol=1e-10)
    assert detector._score_scaled(np.full((1, 3), 1e200)).tolist() == [-np.inf]


def test_the_grid_is_the_papers():
    assert len(BANDWIDTHS) == 10
    np.testing.assert_allclose(np.log2(BANDWIDTHS), np.arange(0.5, 5.1, 0.5))


@pytest.mark.parametrize("spread", [1.0, 4.0, 12.0])
def test_bandwidth_is_that_of_scikit_learns_grid_search(spread):
    rows = RNG.normal(size=(60, 4)) * spread
    folds = KFold(5, shuffle=True, random_state=3)
    grid = GridSearchCV(KernelDensity(), {"bandwidth": BANDWIDTHS}, cv=folds).fit(rows)
    assert _best_bandwidth(rows, 3) == grid.best_params_["bandwidth"]


def test_wide_data_get_a_wide_bandwidth():
    found = [askew.KDE(scale=None, random_state=0).fit(X * factor).bandwidth_ for factor in (1.0, 10.0)]
    assert found[0] < found[1]


def test_columns_are_standardised_and_known_anomalies_left_out():
    y = np.r_[np.zeros(90), -np.ones(5)]
    labelled = askew.KDE(random_state=0).fit(np.r_[X, np.full((5, 3), 40.0)], y)
    np.testing.assert_array_equal(
        labelled.score_samples(X), askew.KDE(random_state=0).fit(X).score_samples(X)
    )
    np.testing.assert_allclose(
        labelled.score_samples(X), askew.KDE(random_state=0).fit(X * 7).score_samples(X * 7), rtol=1e-9
    )


def test_more_rows_than_max_rows_are_sampled_and_said():
    detector = askew.KDE(max_rows=40, random_state=0)
    with pytest.warns(HealthWarning, match="KDE: fitted on a sub-sample of 40 of 90 training rows"):
        detector.fit(X)
    assert detector.approximation_ == "sub-sample of 40 of 90 training rows"
    assert detector.rows_.shape == (40, 3)


def test_saved_and_loaded_is_equal(tmp_path):
    detector = askew.KDE(random_state=0).fit(X)
    detector.save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    np.testing.assert_array_equal(loaded.score_samples(X), detector.score_samples(X))
    assert (loaded.bandwidth_, loaded.approximation_) == (detector.bandwidth_, None)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"bandwidth": 0.0}, 'bandwidth of KDE must be a number above 0 or "search"; got 0.0. Use'),
        ({"bandwidth": "scott"}, "got 'scott'"),
        ({"max_rows": 0}, "max_rows of KDE must be an integer of at least 2; got 0"),
    ],
)
def test_parameters_out_of_range_are_refused(params, message):
    with pytest.raises(InvalidInputError, match=message):
        askew.KDE(**params).fit(X)
