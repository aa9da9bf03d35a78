"""A parameter that is changed after the fit takes effect at the next fit, and until then is refused by name."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone

import askew
from askew.base.fitted_parameters import remember_parameters, require_fitted
from askew.compat import as_pyod
from askew.errors import InvalidInputError
from detector_cases import NAMES, quick, shared, table

X, Y = table()
OTHER = {"scale": None, "contamination": 0.2, "random_state": 7, "n_members": 3, "device": "meta"}


@pytest.mark.parametrize("name", NAMES)
def test_any_parameter_of_any_detector(name, tmp_path):
    detector = copy.deepcopy(shared(name, X, Y))
    for parameter, value in detector.get_params(deep=False).items():
        other = OTHER.get(parameter, "another" if value is None else (value, "another"))
        message = rf"^{parameter}\w* of {type(detector).__name__} must be as in its fit, .* Call fit again"
        setattr(detector, parameter, other)
        for use in (lambda: detector.predict(X), lambda: detector.save(tmp_path / "m.askew")):
            with pytest.raises(InvalidInputError, match=message):
                use()
        setattr(detector, parameter, value)
    np.testing.assert_array_equal(detector.score_samples(X), shared(name, X, Y).score_samples(X))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("vae", {"training__lr": 1e-4}),
        ("hybrid", {"detector__gamma": 0.5}),
        ("hybrid", {"encoder__training__epochs": 9}),
    ],
)
def test_parameters_of_parts(name, change):
    (parameter,) = change
    for detector in (copy.deepcopy(shared(name, X, Y)), pickle.loads(pickle.dumps(shared(name, X, Y)))):
        assert np.isfinite(detector.score_samples(X)).all()
        with pytest.raises(InvalidInputError, match=f"{parameter} of .* must be as in its fit"):
            detector.set_params(**change).score_samples(X)


def test_the_next_fit_takes_it():
    detector = askew.KDE(bandwidth=1.0).fit(X, Y).set_params(contamination=0.3)
    with pytest.raises(
        InvalidInputError, match=r"askew.Quantile\(model, contamination=0.3\).fit\(held_out_rows\)"
    ):
        detector.predict(X)
    assert (detector.fit(X, Y).predict(X[Y >= 0]) == -1).mean() == pytest.approx(0.3, abs=0.02)


def test_loaded_models_and_explanations(tmp_path):
    askew.KDE(bandwidth=1.0).fit(X, Y).save(tmp_path / "m.askew")
    detector = askew.load(tmp_path / "m.askew")
    assert detector.explain(X[:2], background=X) is not None
    with pytest.raises(InvalidInputError, match="bandwidth of KDE must be as in its fit"):
        detector.set_params(bandwidth=2.0).explain(X[:2], background=X)


def test_settings_that_scoring_reads_take_effect():
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = askew.Prepared(askew.KDE(bandwidth=1.0)).fit(frame)
    further = frame.assign(e=1.0)
    with pytest.raises(InvalidInputError, match="'e' is not among them"):
        model.predict(further)
    assert model.set_params(extra="ignore").predict(further).shape == (60,)
    with pytest.raises(InvalidInputError, match="detector__contamination of Prepared must be as in its fit"):
        model.set_params(detector__contamination=0.3).predict(frame)


def test_thresholds_and_views():
    detector = askew.KDE(bandwidth=1.0).fit(X, Y)
    threshold = askew.Quantile(detector, contamination=0.1).fit(X)
    with pytest.raises(InvalidInputError, match="contamination of Quantile must be as in its fit"):
        threshold.set_params(contamination=0.5).predict(X)
    threshold.set_params(contamination=0.1, model=clone(detector).fit(X[10:]))
    with pytest.raises(InvalidInputError, match="model of Quantile must be as in its fit"):
        threshold.predict(X)
    view = as_pyod(quick("kde")).fit(X)
    with pytest.raises(InvalidInputError, match="model__bandwidth of PyODView must be as in its fit"):
        view.set_params(model__bandwidth=3.0).decision_function(X)


def test_a_seed_that_is_a_generator_is_no_change():
    state = np.random.RandomState(0)
    detector = askew.IsolationForest(n_estimators=5, random_state=state).fit(X)
    state.rand(3)
    assert detector.predict(X).shape == (60,)


class Weighted(BaseEstimator):
    """A model with an array as parameter."""

    def __init__(self, weights=None):
        self.weights = weights

    def fit(self):
        """Note the parameters."""
        self.offset_ = 0.0
        remember_parameters(self)
        return self


def test_an_array_is_compared_by_its_numbers():
    model = Weighted(np.arange(3.0)).fit()
    require_fitted(model.set_params(weights=np.arange(3.0)))
    model.weights[1] = 7.0
    with pytest.raises(InvalidInputError, match="weights of Weighted must be as in its fit"):
        require_fitted(model)


def test_a_model_that_did_not_note_its_parameters_scores():
    detector = quick("kde").fit(X)
    del detector._parameters_of_fit
    assert np.isfinite(detector.set_params(contamination=0.2).score_samples(X)).all()
