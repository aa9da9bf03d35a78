"""Candidates: a budget that no clock decides."""

from askew.detectors.auto.candidates import BY_DEFAULT, CANDIDATES, FEWEST_EPOCHS, NAMES, plan


class TestPlan:
    def test_what_is_planned_stays_within_the_budget(self):
        for budget in (0.1, 0.5, 5, 20, 60):
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

    def test_classifiers_wait_for_a_known_anomaly(self):
        def names(known, of=BY_DEFAULT):
            return {e.candidate.name for e in plan(of, 500, 9, known, 5, 60.0) if e.left_out is None}

        assert names(0) == {"isolation_forest", "nearest_neighbours", "mahalanobis"}
        assert names(1) == names(0) | {"extra_trees", "distance_ratio", "logistic_regression"}
        assert names(1, NAMES) == set(NAMES)


def test_every_candidate_is_a_detector_that_takes_its_settings():
    for candidate in CANDIDATES:
        made = candidate.make(12, 5, 3)
        assert made.name == candidate.detector and made.random_state == 3
        made._check_parameters()
