"""AutoDetector: evidence of two kinds is added up, and the reasons say how."""

import numpy as np
import pytest

import askew
from askew.base.preparation.column_scaling import ColumnScaling
from askew.detectors import auto
from askew.detectors.auto import LABELS
from askew.errors import TrainingError
from detector_cases import calmly, table

X, Y = table(rows=120, anomalies=10, shift=2.0)
FAST = ("nearest_neighbours", "kernel_ssad", "extra_trees", "logistic_regression")


def auto_fitted(x=X, y=Y, **params):
    return calmly(askew.AutoDetector(**({"candidates": FAST, "random_state": 0} | params)).fit, x, y)


def hidden_anomalies(seed):
    """Rows that only labels tell apart: one column is shifted by half of its range, well within it."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(360, 6)) * [9, 9, 9, 9, 9, 0.5]
    x[:60, 5] += 1.2
    return x, rng


class TestEvidence:
    def test_known_anomalies_that_look_normal_are_found_by_their_labels(self):
        x, _ = hidden_anomalies(0)
        y = np.where(np.arange(360) < 20, -1, 0)
        detector = auto_fitted(x, y, candidates=None)
        assert detector.cv_auroc_["logistic_regression"] > 0.8 > detector.cv_auroc_["isolation_forest"]
        fresh, _ = hidden_anomalies(1)
        without = auto_fitted(x, None, candidates=None)
        found, before = (
            askew.selection.roc_auc_score(np.arange(360) < 60, each.anomaly_score(fresh))
            for each in (detector, without)
        )
        assert before < 0.6 and found > 0.75

    def test_anomalies_of_another_kind_are_found_without_labels(self):
        x, rng = hidden_anomalies(0)
        y = np.where(np.arange(360) < 20, -1, 0)
        detector = auto_fitted(x, y, candidates=None)
        others = rng.normal(size=(60, 6)) * [9, 9, 9, 9, 9, 0.5] + [40, -40, 0, 0, 0, 0]
        normal = rng.normal(size=(300, 6)) * [9, 9, 9, 9, 9, 0.5]
        scores = detector.anomaly_score(np.r_[others, normal])
        assert askew.selection.roc_auc_score(np.arange(360) < 60, scores) > 0.9

    def test_the_score_is_the_surprise_at_the_sum_of_surprise_and_squared_surprise(self):
        detector = auto_fitted()
        x = ColumnScaling.learn(X[Y >= 0], "robust")(X)
        unlike = [detector.bags_[name](x) for name in FAST[:2]]
        scores = np.column_stack([detector.normal_scores_(x), *unlike])
        like = [detector.bags_[name](scores) for name in FAST[2:]]
        u = detector.evidence_["unlike"](np.mean(unlike, axis=0))
        s = detector.evidence_["like"](np.mean(like, axis=0))
        np.testing.assert_allclose(
            detector.score_samples(X), -detector.evidence_["whole"](u + LABELS * s**2), rtol=1e-12
        )
        assert detector.chosen_ == dict.fromkeys(FAST, 0.5)

    def test_the_isolation_forest_counts_for_most(self):
        names = ("isolation_forest", "nearest_neighbours", "mahalanobis", "logistic_regression")
        known, unknown = (auto_fitted(X, y, candidates=names) for y in (Y, None))
        assert list(known.chosen_.values()) == pytest.approx([4 / 6, 1 / 6, 1 / 6, 1.0])
        assert list(unknown.chosen_.values()) == pytest.approx([4 / 6, 1 / 6, 1 / 6])
        x = ColumnScaling.learn(X[Y >= 0], "robust")(X)
        mean = sum(known.chosen_[name] * known.bags_[name](x) for name in names[:3])
        scores = np.column_stack([known.normal_scores_(x), *(known.bags_[name](x) for name in names[:3])])
        s = known.evidence_["like"](known.bags_[names[3]](scores))
        whole = known.evidence_["whole"](known.evidence_["unlike"](mean) + LABELS * s**2)
        np.testing.assert_allclose(known.anomaly_score(X), whole, rtol=1e-12)

    def test_a_bag_is_the_mean_of_models_that_are_on_one_scale(self):
        bag = auto_fitted().bags_["kernel_ssad"]
        standard = [
            (-model.score_samples(X) - centre) / spread
            for model, centre, spread in zip(bag.models, bag.centres, bag.spreads, strict=True)
        ]
        np.testing.assert_allclose(bag(X), bag.surprise(np.mean(standard, axis=0)))

    def test_without_labels_it_is_surprise_alone(self):
        detector = auto_fitted(X, None)
        assert detector.chosen_ == {"kernel_ssad": 0.5, "nearest_neighbours": 0.5}
        assert detector.cv_auroc_ == {"kernel_ssad": None, "nearest_neighbours": None}
        assert detector.reasons_[0] == "No known anomalies: how unlike the other rows alone."
        assert "extra_trees left out: it needs at least 1 known anomaly." in detector.reasons_

    def test_scores_are_how_rare_a_row_is_among_ordinary_ones(self):
        x, y = table(rows=2010, anomalies=10, shift=2.0)
        scores = auto_fitted(x[:1010], y[:1010]).score_samples(x[1010:])
        for share in (0.3, 0.1, 0.01):
            assert share / 2 < (scores < np.log(share)).mean() < 2 * share

    def test_one_label_counts(self):
        y = np.where(np.arange(120) == 3, -1, 0)
        detector = auto_fitted(X, y)
        assert set(detector.cv_auroc_.values()) == {None} and set(detector.chosen_) == set(FAST)
        assert detector.reasons_[0].startswith(
            "1 known anomaly: how unlike the other rows, plus 0.35 times the square"
        )

    def test_classifiers_alone_learn_from_the_columns(self):
        detector = auto_fitted(candidates=("extra_trees",))
        assert list(detector.evidence_) == ["like", "whole"]
        scores = detector.anomaly_score(X)
        assert askew.selection.roc_auc_score(Y < 0, scores) > 0.9

    def test_networks_too_find_planted_anomalies_and_come_back_from_a_file(self, tmp_path):
        x, y = table(rows=140, anomalies=40)
        y[10:40] = 0  # hidden
        detector = auto_fitted(x, y, candidates=("kde", "deep_sad", *FAST[2:]), time_budget=1.0)
        assert list(detector.chosen_) == ["kde", "deep_sad", *FAST[2:]]
        scores = detector.score_samples(x)
        assert askew.selection.roc_auc_score(np.arange(10, 140) < 40, -scores[10:]) > 0.9
        detector.save(tmp_path / "m.askew")
        loaded = askew.load(tmp_path / "m.askew")
        np.testing.assert_array_equal(loaded.score_samples(x), scores)
        assert (loaded.chosen_, loaded.cv_auroc_) == (detector.chosen_, detector.cv_auroc_)
        assert loaded.reasons_ == detector.reasons_

    def test_a_file_of_the_time_before_there_were_kinds_scores_as_then(self):
        detector = auto_fitted(candidates=FAST[:2])
        values, arrays = detector._state()
        loaded = askew.AutoDetector()
        loaded._set_state(
            {key: value for key, value in values.items() if key not in ("evidence", "unlike", "whole")}
            | {"weights": [[FAST[1], 0.7], [FAST[0], 0.3]]},
            arrays,
        )
        total = 0.7 * detector.bags_[FAST[1]](X) + 0.3 * detector.bags_[FAST[0]](X)
        np.testing.assert_allclose(loaded._score_rows(X), -total, rtol=1e-12)

    def test_a_file_that_does_not_say_counts_labels_as_was_done_then(self):
        detector = auto_fitted()
        values, arrays = detector._state()
        loaded = askew.AutoDetector()
        loaded._set_state({key: value for key, value in values.items() if key != "label_weight"}, arrays)
        detector._label_weight = 0.5
        np.testing.assert_array_equal(loaded._score_rows(X), detector._score_rows(X))

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
