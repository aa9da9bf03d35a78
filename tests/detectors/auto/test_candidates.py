"""Candidates: a budget that no clock decides, and weights."""

import numpy as np
import pytest

from askew.detectors.auto.candidates import CANDIDATES, FEWEST_EPOCHS, NAMES, plan, posterior, weigh
from detector_cases import table

X, Y = table(rows=120, anomalies=10, shift=2.0)
FAST = ("isolation_forest", "kernel_ssad", "logistic_regression")


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


def test_every_candidate_is_a_detector_that_takes_its_settings():
    for candidate in CANDIDATES:
        made = candidate.make(12, 5, 3)
        assert made.name == candidate.name and made.random_state == 3
        made._check_parameters()
