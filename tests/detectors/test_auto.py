"""AutoDetector: one scale for all scores, weights from what was held out, a budget that no clock decides."""

import numpy as np
import pytest
from scipy.stats import expon, genpareto

import askew
from askew.detectors import auto
from askew.detectors.auto.bag import Bag, fit_bag, make_folds
from askew.detectors.auto.candidates import CANDIDATES, FEWEST_EPOCHS, NAMES, plan, posterior, weigh
from askew.detectors.auto.surprise import Surprise
from askew.errors import TrainingError
from detector_cases import calmly, table

X, Y = table(rows=120, anomalies=10, shift=2.0)
FAST = ("isolation_forest", "kernel_ssad", "logistic_regression")


def generator():
    return np.random.default_rng(0)


def auto_fitted(x=X, y=Y, **params):
    return calmly(askew.AutoDetector(**({"candidates": FAST, "random_state": 0} | params)).fit, x, y)


class TestSurprise:
    def test_it_is_minus_the_logarithm_of_the_share_that_is_stranger(self):
        surprise = Surprise(np.arange(1001.0))
        np.testing.assert_allclose(
            surprise(np.array([0.0, 500.0, 800.0])), -np.log([1.0, 0.5, 0.2]), rtol=1e-3
        )

    @pytest.mark.parametrize("law", [expon(), genpareto(0.4, scale=2.0)])
    def test_far_beyond_the_reference_it_follows_the_law_that_drew_it(self, law):
        surprise = Surprise(law.rvs(20_000, random_state=0))
        far = law.isf([1e-2, 1e-3, 1e-5])
        np.testing.assert_allclose(surprise(far), -law.logsf(far), rtol=0.12)

    def test_it_never_falls_and_rises_beyond_the_reference_for_giants_too(self):
        surprise = Surprise(generator().normal(size=40))
        values = np.r_[-1e300, np.linspace(-5, 20, 200), 1e30, 1e60]
        steps = np.diff(surprise(values))
        assert (steps >= 0).all() and (steps[-100:] > 0).all()
        assert np.isfinite(surprise(np.array([np.inf, -np.inf]))).all()

    @pytest.mark.parametrize("reference", [np.zeros(30), np.ones(1), np.r_[np.zeros(99), 5.0]])
    def test_references_of_few_values_give_finite_surprise(self, reference):
        surprise = Surprise(reference)
        found = surprise(np.array([-1.0, 0.0, 1.0, 6.0]))
        assert np.isfinite(found).all() and (np.diff(found) >= 0).all() and found[-1] > found[0]


class TestFolds:
    @pytest.mark.parametrize("n_known", [0, 1, 2, 3, 5, 6, 11])
    def test_all_training_sets_are_of_one_shape_and_every_row_is_held_out_once(self, n_known):
        x, y = table(rows=97 + n_known, anomalies=n_known)
        folds = make_folds(x, y, 5, generator())
        assert len(folds) == 5
        shapes = {(len(fold.train), int((y[fold.train] < 0).sum())) for fold in folds}
        assert len(shapes) == 1
        held_out = np.concatenate([fold.held_out for fold in folds])
        expected = np.arange(len(y)) if n_known > 1 else np.flatnonzero(y >= 0)
        np.testing.assert_array_equal(np.sort(held_out), expected)
        for fold in folds:
            assert not np.intersect1d(fold.train, fold.held_out).size
            assert ((y[fold.train] < 0).sum() > 0) == (n_known > 0)

    def test_known_anomalies_are_held_out_with_their_neighbours(self):
        x, y = table(rows=100, anomalies=8)
        x[:8] = np.arange(8.0)[::-1, None] * [10, -10, 5, 1]
        for fold in make_folds(x, y, 4, generator()):
            held_out = np.sort(fold.held_out[y[fold.held_out] < 0])
            assert list(np.diff(held_out)) == [1]

    def test_small_tables_hold_nothing_out(self):
        (fold,) = make_folds(X[:19], Y[:19] * 0, 5, generator())
        np.testing.assert_array_equal(fold.train, fold.held_out)

    def test_the_auroc_is_of_rows_that_were_not_trained_on(self):
        rng = generator()
        x, y = rng.normal(size=(400, 9)), np.zeros(400, dtype=np.int8)
        y[:60] = -1  # labels that mean nothing
        kernel = next(each for each in CANDIDATES if each.name == "kernel_ssad")
        bag = fit_bag(lambda seed: kernel.make(0, 5, seed), x, y, make_folds(x, y, 5, rng), rng)
        assert isinstance(bag, Bag) and bag.auroc < 0.6
        assert bag(x[:60]).mean() > bag(x[60:]).mean() + 0.3  # though those it trained on are easy


class TestPlan:
    def test_what_is_planned_stays_within_the_budget(self):
        for budget in (0.5, 2, 5, 20, 60):
            for rows, columns in ((50, 4), (2400, 20), (16_000, 20), (16_000, 300)):
                planned = plan(NAMES, rows, columns, 50, 5, budget)
                fitted = [each for each in planned if each.left_out is None]
                assert sum(each.seconds for each in fitted) <= max(budget, fitted[0].seconds)

    def test_networks_get_fewer_epochs_before_they_are_left_out(self):
        def deep(budget):
            (found,) = (
                each for each in plan(NAMES, 2400, 20, 50, 5, budget) if each.candidate.name == "dp_vae"
            )
            return found

        assert deep(60).epochs == 100
        assert FEWEST_EPOCHS <= deep(15).epochs < 100
        assert "of the time budget are left" in deep(3).left_out

    def test_the_first_is_fitted_whatever_it_costs(self):
        planned = plan(NAMES, 2400, 20, 50, 5, 1e-3)
        assert [each.candidate.name for each in planned if each.left_out is None] == ["isolation_forest"]
        planned = plan(("dp_vae",), 2400, 20, 50, 5, 1e-3)
        assert [each.left_out for each in planned] == [None]

    def test_classifiers_wait_for_known_anomalies(self):
        def names(known):
            return {e.candidate.name for e in plan(NAMES, 500, 9, known, 5, 60.0) if e.left_out is None}

        assert names(0) == names(1) == {"isolation_forest", "kernel_ssad", "deep_sad", "dp_vae"}
        assert names(2) == names(1) | {"logistic_regression"}
        assert names(20) == set(NAMES)


class TestWeights:
    def test_few_anomalies_move_the_prior_a_little_and_many_a_lot(self):
        assert posterior(0.8, None, 1) == 0.8
        assert posterior(0.8, 1.0, 2) == pytest.approx(0.8 + 0.2 * 2 / 12)
        assert posterior(0.8, 1.0, 90) == pytest.approx(0.98)

    def test_they_follow_the_sixth_power_of_the_distance_between_the_kinds(self):
        # Phi(sqrt(1/2)) and Phi(sqrt(2)) are the AUROCs of distances 1 and 2
        np.testing.assert_allclose(weigh([0.760249939, 0.921350396]), [1 / 65, 64 / 65], atol=2e-2)
        np.testing.assert_allclose(weigh([0.8413447, 0.921350396]), np.array([8, 64]) / 72, atol=1e-6)

    def test_chance_has_none_and_only_chance_has_equal_ones(self):
        assert weigh([0.9, 0.5, 0.3]) == [1.0, 0.0, 0.0]
        assert weigh([0.5, 0.4]) == [0.5, 0.5]


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

    def test_every_candidate_is_a_detector_that_takes_its_settings(self):
        for candidate in CANDIDATES:
            made = candidate.make(12, 5, 3)
            assert made.name == candidate.name and made.random_state == 3
            made._check_parameters()


class _NearlyConstant(askew.IsolationForest):
    """Scores of one value, but for rounding; scikit-learn's machinery sees an isolation forest."""

    def _score_rows(self, x):
        return -0.3 + 1e-16 * (np.arange(len(x)) % 3)


def test_rounding_noise_is_not_taken_for_a_difference_between_rows():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 3)), np.zeros(100, dtype=np.int8)
    bag = fit_bag(lambda seed: _NearlyConstant(random_state=seed), x, y, make_folds(x, y, 5, rng), rng)
    assert np.all(bag.spreads == 1.0)


def test_the_last_digit_of_a_score_that_many_rows_share_does_not_matter():
    shared = np.r_[np.zeros(300), np.full(400, 0.4), np.linspace(1, 2, 300)]
    surprise = Surprise(shared)
    near = surprise(np.array([0.4 - 1e-12, 0.4, 0.4 + 1e-12]))
    assert np.ptp(near) < 1e-9
    assert np.all(np.diff(surprise.knots) > 0)
    values = np.linspace(-1, 3, 999)
    assert np.all(np.diff(surprise(values)) >= 0)
    assert Surprise(np.ones(50))(np.array([0.0, 1.0, 2.0])).shape == (3,)
