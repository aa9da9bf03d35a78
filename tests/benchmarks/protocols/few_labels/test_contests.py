"""Contests of plain classifiers: who takes part, and whose p-values they have."""

import pytest

from askew.benchmarks.protocols.few_labels.contests import Contest, contests
from askew.benchmarks.result_tables.paired_tests import holm, paired_test


def seeds(*values):
    return dict(enumerate(values))


HIGH = seeds(0.9, 0.91, 0.93, 0.92, 0.9, 0.94)
NEAR = seeds(0.89, 0.90, 0.91, 0.91, 0.88, 0.93)  # below with every seed
FAR = seeds(0.5, 0.52, 0.99, 0.99, 0.53, 0.56)  # above with two


@pytest.mark.parametrize("plain_wins", [True, False])
def test_the_winner_is_tested_against_all_of_the_other_kind(plain_wins):
    """The largest of the signed-rank tests, and the t-test with the best of the others."""
    one, others = {
        "plain": ("catboost", ("deep_sad", "dp_vae")),
        "semi": ("dp_vae", ("catboost", "gradient_boosting")),
    }["plain" if plain_wins else "semi"]
    scores = {one: HIGH, others[0]: FAR, others[1]: NEAR}
    (found,) = contests("seen", 5, {"cardio": scores})
    assert found.difference > 0 if plain_wins else found.difference < 0
    assert (found.plain if plain_wins else found.semi_supervised) == one
    assert (found.semi_supervised if plain_wins else found.plain) == others[1]
    near, far = paired_test(HIGH, NEAR), paired_test(HIGH, FAR)
    assert near.wilcoxon_p < found.wilcoxon_p == far.wilcoxon_p
    assert found.t_p == near.t_p


def test_p_values_are_corrected_over_data_sets_and_need_two_pairs():
    tables = {"a": {"catboost": HIGH, "deep_sad": NEAR}, "b": {"catboost": HIGH, "deep_sad": FAR}}
    found = contests("seen", 5, tables | {"c": {"catboost": HIGH}, "d": {"catboost": {}, "deep_sad": NEAR}})
    tests = [paired_test(HIGH, NEAR), paired_test(HIGH, FAR)]
    assert [(one.dataset, one.regime, one.m) for one in found] == [("a", "seen", 5), ("b", "seen", 5)]
    assert [one.t_p for one in found] == holm([test.t_p for test in tests])
    assert [one.wilcoxon_p for one in found] == holm([test.wilcoxon_p for test in tests])
    (alone,) = contests(
        "seen", 5, {"a": {"catboost": seeds(0.9), "deep_sad": seeds(0.8), "dp_vae": seeds(0.7)}}
    )
    assert (alone.wilcoxon_p, alone.t_p, alone.is_significant) == (None, None, False)


@pytest.mark.parametrize("p, t, shown", [(0.04, 0.04, True), (0.05, 0.04, False), (0.04, 0.06, False)])
def test_both_tests_must_be_below_the_level(p, t, shown):
    assert Contest("a", "seen", 5, "catboost", 0.9, "deep_sad", 0.8, p, t).is_significant == shown
