"""AutoDetector: what was held out decides what counts, and the reasons say so."""

import numpy as np
import pytest

import askew
from askew.detectors import auto
from askew.detectors.auto.candidates import weigh
from askew.errors import TrainingError
from detector_cases import calmly, table

X, Y = table(rows=120, anomalies=10, shift=2.0)
FAST = ("isolation_forest", "kernel_ssad", "logistic_regression")


def auto_fitted(x=X, y=Y, **params):
    return calmly(askew.AutoDetector(**({"candidates": FAST, "random_state": 0} | params)).fit, x, y)


def hidden_anomalies(seed):
    """Rows that only labels tell apart: one column is shifted by half of its range, well within it."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(360, 6)) * [9, 9, 9, 9, 9, 0.5]
    x[:60, 5] += 1.2
    return x, rng


class TestChoice:
    def test_held_out_anomalies_decide_the_weights(self):
        x, _ = hidden_anomalies(0)
        y = np.where(np.arange(360) < 40, -1, 0)
        y_test = np.arange(360) < 60
        chosen = auto_fitted(x, y)
        assert next(iter(chosen.chosen_)) == "logistic_regression"
        assert chosen.cv_auroc_["logistic_regression"] > 0.9
        assert sum(chosen.chosen_.values()) == pytest.approx(1.0)
        assert list(chosen.chosen_.values()) == sorted(chosen.chosen_.values(), reverse=True)
        fresh, _ = hidden_anomalies(1)
        assert askew.selection.roc_auc_score(y_test, chosen.anomaly_score(fresh)) > 0.85

    def test_the_score_is_the_weighted_mean_surprise(self):
        detector = auto_fitted()
        total = sum(weight * detector.bags_[name](X) for name, weight in detector.chosen_.items())
        np.testing.assert_array_equal(detector.score_samples(X), -total)
        bag = detector.bags_["kernel_ssad"]
        standard = [
            (-model.score_samples(X) - centre) / spread
            for model, centre, spread in zip(bag.models, bag.centres, bag.spreads, strict=True)
        ]
        np.testing.assert_allclose(bag(X), bag.surprise(np.mean(standard, axis=0)))

    def test_without_labels_weights_are_equal_and_the_reasons_say_so(self):
        detector = auto_fitted(X, None)
        assert detector.chosen_ == {"isolation_forest": 0.5, "kernel_ssad": 0.5}
        assert detector.cv_auroc_ == {"isolation_forest": None, "kernel_ssad": None}
        assert detector.reasons_[0].startswith("No known anomalies")
        assert "logistic_regression left out: it needs at least 2 known anomalies." in detector.reasons_

    def test_with_one_label_weights_are_those_expected(self):
        y = np.where(np.arange(120) == 3, -1, 0)
        detector = auto_fitted(X, y)
        assert set(detector.cv_auroc_.values()) == {None}
        assert list(detector.chosen_.values()) == pytest.approx(weigh([0.92, 0.86]))
        assert "One known anomaly cannot be both" in detector.reasons_[0]

    def test_all_candidates_together_find_planted_anomalies_and_come_back_from_a_file(self, tmp_path):
        x, y = table(rows=140, anomalies=40)
        y[10:40] = 0  # hidden
        detector = auto_fitted(x, y, candidates=None, time_budget=1.0)
        assert {"deep_sad", "dp_vae"} & set(detector.chosen_)
        scores = detector.score_samples(x)
        assert askew.selection.roc_auc_score(np.arange(10, 140) < 40, -scores[10:]) > 0.9
        detector.save(tmp_path / "m.askew")
        loaded = askew.load(tmp_path / "m.askew")
        np.testing.assert_array_equal(loaded.score_samples(x), scores)
        assert (loaded.chosen_, loaded.cv_auroc_) == (detector.chosen_, detector.cv_auroc_)
        assert loaded.reasons_ == detector.reasons_

    def test_what_fails_is_left_out_and_named(self, monkeypatch):
        def fail(self, x, y):
            raise TrainingError("the kernel is upside down.")

        monkeypatch.setattr(askew.KernelSSAD, "_fit_rows", fail)
        detector = auto_fitted()
        assert "kernel_ssad left out: the kernel is upside down." in detector.reasons_
        assert "kernel_ssad" not in detector.chosen_
        with pytest.raises(TrainingError, match="no candidate of AutoDetector could be fitted: kernel_ssad"):
            auto_fitted(candidates=("kernel_ssad",))

    def test_a_large_table_is_fitted_on_a_part_with_all_known_anomalies(self, monkeypatch):
        monkeypatch.setattr(auto, "MAX_ROWS", 60)
        detector = auto_fitted(candidates=("kernel_ssad",))
        assert detector.reasons_[-1].endswith("Fitted on a sub-sample of 70 of 120 rows.")
        assert "10 known anomalies" in detector.reasons_[0]
        assert (detector.predict(X[10:]) == -1).sum() == 6  # 5 % of all 110 rows that are not known anomalies
