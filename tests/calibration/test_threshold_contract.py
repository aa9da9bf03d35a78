"""What every threshold keeps to: scikit-learn's conventions, files, and refusals."""

import inspect
import re

import numpy as np
import pandas as pd
import pytest
from calibration_cases import ENOUGH, KINDS, calmly, model, on_scores, rows
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import askew
from askew import calibration, index
from askew.base.fitted_parameters import remember_parameters
from askew.base.wrapper import unwrap
from askew.calibration import Conformal, Quantile, Threshold
from askew.errors import InvalidInputError, LabelError, ModelFileError
from detector_cases import NAMES, fitted, table

X, Y = rows(300, 15, seed=1)
NEW = rows(80, 20, seed=2)[0]


@pytest.mark.parametrize("kind", KINDS)
class TestEveryThreshold:
    def test_is_in_the_registry_under_its_name(self, kind):
        assert index.wrapper_class(kind.name) is kind
        assert kind.name not in index.entries()
        assert getattr(calibration, kind.__name__) is kind

    def test_constructor_only_stores(self, kind):
        names = list(inspect.signature(kind).parameters)
        assert names[0] == "model" and names == sorted(kind(None).get_params(), key=names.index)
        given = {name: object() for name in names}
        stored = kind(**given)
        assert all(getattr(stored, name) is value for name, value in given.items())

    def test_docstring_lists_every_parameter_in_order(self, kind):
        section = re.split(r"\n(?:Raises|Examples)\n", inspect.getdoc(kind).split("Parameters\n")[1])[0]
        assert re.findall(r"^(\w+) : ", section, flags=re.MULTILINE) == list(
            inspect.signature(kind).parameters
        )

    def test_clone_is_unfitted_around_the_same_fitted_model(self, kind):
        threshold = calmly(kind(model(), **ENOUGH.get(kind, {})), X, Y)
        copy = clone(threshold)
        assert type(copy) is kind and copy.model is threshold.model
        with pytest.raises(NotFittedError):
            copy.predict(NEW)
        np.testing.assert_array_equal(calmly(copy, X, Y).predict(NEW), threshold.predict(NEW))

    def test_model_is_left_alone(self, kind):
        detector = model()
        offset, scores = detector.offset_, detector.score_samples(NEW)
        calmly(kind(detector), X, Y)
        assert detector.offset_ == offset
        np.testing.assert_array_equal(detector.score_samples(NEW), scores)

    def test_flagged_is_where_the_decision_is_negative(self, kind):
        threshold = calmly(kind(model(), **ENOUGH.get(kind, {})), X, Y)
        flagged = threshold.predict(NEW) == -1
        np.testing.assert_array_equal(flagged, threshold.decision_function(NEW) < 0)
        assert flagged[80:].mean() > 0.5 and flagged[:80].mean() < 0.3
        if not kind.needs_all_rows:
            scores = threshold.score_samples(NEW)
            np.testing.assert_array_equal(threshold.decision_function(NEW), scores - threshold.offset_)

    def test_row_order_does_not_matter(self, kind):
        threshold, order = (
            calmly(kind(model(), **ENOUGH.get(kind, {})), X, Y),
            np.random.default_rng(0).permutation(len(NEW)),
        )
        np.testing.assert_array_equal(threshold.predict(NEW[order]), threshold.predict(NEW)[order])
        shuffled = np.random.default_rng(1).permutation(len(X))
        again = calmly(kind(model(), **ENOUGH.get(kind, {})), X[shuffled], Y[shuffled])
        assert again.offset_ == threshold.offset_ and again.expected_ == threshold.expected_

    def test_saved_and_loaded(self, kind, tmp_path):
        threshold = calmly(kind(model(), **ENOUGH.get(kind, {})), X, Y)
        threshold.save(tmp_path / "m.askew")
        loaded = askew.load(tmp_path / "m.askew")
        assert type(loaded) is kind and loaded.expected_ == threshold.expected_
        parameters = threshold.get_params(deep=False)
        assert {k: v for k, v in loaded.get_params(deep=False).items() if k != "model"} == {
            k: v for k, v in parameters.items() if k != "model"
        }
        for method in ("predict", "decision_function", "p_values", "severity", "score_samples"):
            np.testing.assert_array_equal(getattr(loaded, method)(NEW), getattr(threshold, method)(NEW))
        assert isinstance(unwrap(loaded), askew.IsolationForest)

    def test_unfitted_is_refused(self, kind, tmp_path):
        with pytest.raises(NotFittedError):
            kind(askew.IsolationForest()).fit(X, Y)
        for call in (
            kind(model()).predict,
            kind(model()).severity,
            lambda X: kind(model()).save(tmp_path / "m"),
        ):
            with pytest.raises(NotFittedError):
                call(NEW)

    def test_labels_are_checked(self, kind):
        for wrong, words in ((Y[:-1], "one label per row"), (np.r_[Y[:-1], 3], "got"), (-Y, "without doubt")):
            with pytest.raises(LabelError, match=f"y of {kind.__name__} must be .*{words}"):
                kind(model()).fit(X, wrong)

    def test_rate_is_checked(self, kind):
        for rate in (0, 1):
            rule = rf"anomaly_rate of {kind.__name__} must be in \(0, 1\); got {rate}"
            with pytest.raises(InvalidInputError, match=rule):
                kind(model(), anomaly_rate=rate).fit(X, Y)

    def test_columns_are_the_models(self, kind):
        frame = pd.DataFrame(X, columns=["a", "b", "c"])
        threshold = calmly(kind(askew.IsolationForest(n_estimators=20, random_state=0).fit(frame)), frame, Y)
        assert threshold.feature_names_in_.tolist() == ["a", "b", "c"] and threshold.n_features_in_ == 3
        assert not hasattr(kind(model()), "feature_names_in_")
        with pytest.raises(ValueError, match="feature names should match"):
            threshold.predict(frame[["b", "a", "c"]])


@pytest.mark.parametrize(
    ("scores", "got"),
    [
        ([[1.0, 2.0]], r"shape \(1, 2\)"),
        ([1.0, np.nan], "nan in row 1"),
        ([-np.inf, 1.0, np.inf], "-inf in row 0 and 1 more row like it"),
    ],
)
def test_scores_that_are_none_are_refused(scores, got):
    with pytest.raises(
        InvalidInputError, match=f"scores of Quantile must be a vector of finite numbers; got {got}"
    ):
        Quantile(None).fit_scores(scores)


@pytest.mark.parametrize("name", NAMES)
def test_every_detector_can_be_inside(name, tmp_path):
    data, y = table(rows=70)
    detector = fitted(name, data, y)
    held_out, labels = table(rows=120, anomalies=12, seed=1)
    threshold = calmly(Quantile(detector, 0.1), held_out, labels)
    threshold.save(tmp_path / "m.askew")
    np.testing.assert_array_equal(
        askew.load(tmp_path / "m.askew").predict(held_out), threshold.predict(held_out)
    )


def test_a_file_with_a_custom_network_needs_it_again(tmp_path):
    from torch import nn

    def network(spec):
        return nn.Linear(spec.n_features, 2 * 2), nn.Linear(2, spec.n_features)

    data = table(rows=60)[0]
    calmly(Quantile(fitted("vae", data, network=network)), data).save(tmp_path / "m.askew")
    with pytest.raises(ModelFileError, match="custom network"):
        askew.load(tmp_path / "m.askew")
    assert isinstance(askew.load(tmp_path / "m.askew", network=network), Threshold)


def test_nothing_flagged_comes_back_from_a_file(tmp_path):
    threshold = on_scores(calibration.Cost, np.arange(1.0, 100.0), [40.5, 50.5], miss=1, anomaly_rate=0.01)
    remember_parameters(threshold.set_params(model=model()))
    threshold.save(tmp_path / "m.askew")
    assert askew.load(tmp_path / "m.askew").offset_ == -np.inf


def test_known_normal_rows_are_calibration_rows():
    y = np.where(np.arange(len(Y)) < 100, 1, Y)
    one, other = (calmly(Conformal(model()), X, labels) for labels in (Y, y))
    np.testing.assert_array_equal(one.calibration_, other.calibration_)


@pytest.mark.parametrize("kind", KINDS)
def test_a_threshold_of_a_fitted_model_is_itself_to_be_fitted_first(kind):
    threshold = kind(model())
    for call in (threshold.score_samples, threshold.anomaly_score, threshold.judge):
        with pytest.raises(NotFittedError):
            call(np.zeros((2, 3)) if call != threshold.judge else np.zeros(2))


@pytest.mark.parametrize("kind", KINDS)
def test_a_parameter_changed_after_the_fit_is_refused_also_of_a_loaded_threshold(kind, tmp_path):
    threshold = calmly(kind(model(), **ENOUGH.get(kind, {})), X, Y)
    threshold.save(tmp_path / "m.askew")
    for fitted_one in (threshold, askew.load(tmp_path / "m.askew")):
        with pytest.raises(InvalidInputError, match=f"anomaly_rate of {kind.__name__} must be as in its fit"):
            fitted_one.set_params(anomaly_rate=0.3).predict(NEW)
        assert fitted_one.copies_parts is False
